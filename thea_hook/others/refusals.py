"""Which candidates are not worth asking the linter about: what silences it without mending the program."""

from __future__ import annotations

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile
from thea_hook.errors import ParseTimeout
from thea_hook.fixer import syntax_errors
from thea_hook.ml.semantic import Refusal, validate
from thea_hook.others.names import our_name
from thea_hook.others.repair import Candidate

# The rules about code that should not be there, or says twice what can be said once: the way to mend it is to take it
# away.
_DELETION_MENDS = frozenset({
    "logical-assignment-operators", "no-console", "no-constructor-return", "no-debugger", "no-dupe-class-members",
    "no-dupe-else-if", "no-dupe-keys", "no-duplicate-case", "no-duplicate-imports", "no-empty", "no-empty-static-block",
    "no-extra-bind", "no-extra-boolean-cast", "no-extra-label", "no-extra-non-null-assertion", "no-extra-semi",
    "no-inferrable-types", "no-lone-blocks", "no-new-native-nonconstructor", "no-new-wrappers", "no-object-constructor",
    "no-redeclare", "no-self-assign", "no-undef-init", "no-unnecessary-type-constraint", "no-unneeded-ternary",
    "no-unreachable", "no-unused-labels", "no-unused-private-class-members", "no-unused-vars", "no-useless-assignment",
    "no-useless-call", "no-useless-catch", "no-useless-concat", "no-useless-constructor", "no-useless-empty-export",
    "no-useless-escape", "no-useless-rename", "no-useless-return", "no-var", "operator-assignment", "prefer-const",
    "prefer-regex-literals", "prefer-rest-params", "prefer-spread", "strict", "unused-suppression",
})  # fmt: skip

# What a linter's own fix may do, because it knows what it takes away, and no other candidate may.
_OF_A_FIX = frozenset({Refusal.DELETED_CODE, Refusal.NO_CHANGE, Refusal.TURNED_INTO_TEXT})
_OF_A_DELETION = frozenset({Refusal.DELETED_CODE, Refusal.REST_REMOVED})
# What is no repair elsewhere and is what the rule asks for.
_OF_A_RULE = {
    "array-callback-return": frozenset({Refusal.EARLY_EXIT}),
    "no-fallthrough": frozenset({Refusal.EARLY_EXIT}),
    "no-irregular-whitespace": frozenset({Refusal.NO_CHANGE}),
    "no-promise-executor-return": frozenset({Refusal.EARLY_EXIT}),
    "no-return-assign": frozenset({Refusal.EARLY_EXIT}),
}
# About texts that do not parse; here they do, before and after.
_OF_BROKEN_TEXTS = frozenset({Refusal.HALVED_ARROW})
_MOST_DELETED = 3
"""Lines: a statement that nobody needs is short, and what is longer somebody should look at."""


def refusal(file: SourceFile, candidate: Candidate) -> Refusal | None:
    """Why a candidate is no repair of the text; None where only the linter can say."""
    objection = validate(file.text, candidate.edits, file.language)
    if objection is not None and not _is_allowed(objection, file, candidate):
        return objection
    try:
        mended = file._replace(text=apply_edits(file.text, candidate.edits))
    except ValueError:
        return Refusal.EDITS_CLASH
    try:
        return Refusal.STILL_BROKEN if syntax_errors(mended) > syntax_errors(file) else None
    except ParseTimeout:
        return Refusal.STILL_BROKEN


def _is_allowed(objection: Refusal, file: SourceFile, candidate: Candidate) -> bool:
    if objection in _OF_BROKEN_TEXTS or (candidate.is_fix and objection in _OF_A_FIX):
        return True
    if candidate.is_declaration and objection is Refusal.NO_CHANGE:
        return True
    rule = our_name(candidate.reported.tool, candidate.reported.rule)
    if objection in _OF_A_RULE.get(rule, ()):
        return True
    if objection not in _OF_A_DELETION or rule not in _DELETION_MENDS:
        return False
    return all(file.text[slice(*edit.span)].strip().count(b"\n") < _MOST_DELETED for edit in candidate.edits)
