"""Which candidates are not worth asking the linter about: what silences it without mending the program."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.errors import ParseTimeout
from thea_hook.fixer import syntax_errors
from thea_hook.languages.consoles import is_command_line_program
from thea_hook.ml.change import Change
from thea_hook.ml.semantic import Refusal, objection
from thea_hook.others.case import Case, root_of
from thea_hook.others.losses import deletes, is_elsewhere, loses_effect, takes_arguments
from thea_hook.others.names import UNUSED, our_name
from thea_hook.others.repair import Candidate
from thea_hook.others.silences import only_comments, silence_of_any, silence_of_suggestion

# The rules about code that should not be there, or says twice what can be said once: the way to mend it is to take it
# away.
_DELETION_MENDS = frozenset({
    "TS7027", "TS7028", "logical-assignment-operators", "no-console", "no-constructor-return", "no-debugger",
    "no-dupe-class-members", "no-dupe-else-if", "no-dupe-keys", "no-duplicate-case", "no-duplicate-imports", "no-empty",
    "no-empty-static-block", "no-extra-bind", "no-extra-boolean-cast", "no-extra-label", "no-extra-non-null-assertion",
    "no-extra-semi", "no-implicit-coercion", "no-inferrable-types", "no-lone-blocks", "no-new-native-nonconstructor",
    "no-new-wrappers", "no-object-constructor", "no-redeclare", "no-self-assign", "no-setter-return", "no-this-alias",
    "no-undef-init", "no-unnecessary-type-constraint", "no-unneeded-ternary", "no-unreachable", "no-unused-labels",
    "no-unused-private-class-members", "no-unused-vars", "no-useless-assignment", "no-useless-call", "no-useless-catch",
    "no-useless-concat", "no-useless-constructor", "no-useless-empty-export", "no-useless-escape", "no-useless-rename",
    "no-useless-return", "no-var", "operator-assignment", "prefer-const", "prefer-regex-literals", "prefer-rest-params",
    "prefer-spread", "strict", "unused-suppression",
}) | UNUSED  # fmt: skip

# Where what goes would have been run.
_EFFECT_COUNTS = UNUSED | {"no-console", "no-useless-assignment", "no-unused-expressions"}

# What a linter's own fix may do, because it knows what it takes away, and no other candidate may.
_OF_A_FIX = frozenset({Refusal.DELETED_CODE, Refusal.NO_CHANGE, Refusal.TURNED_INTO_TEXT})
_OF_A_DELETION = frozenset({Refusal.DELETED_CODE, Refusal.REST_REMOVED})
# What is no repair elsewhere and is what the rule asks for.
_OF_A_RULE = {
    "array-callback-return": frozenset({Refusal.EARLY_EXIT}),
    "no-fallthrough": frozenset({Refusal.EARLY_EXIT}),
    "no-irregular-whitespace": frozenset({Refusal.NO_CHANGE}),
    "no-multi-str": frozenset({Refusal.TURNED_INTO_TEXT}),
    "no-promise-executor-return": frozenset({Refusal.EARLY_EXIT}),
    "no-return-assign": frozenset({Refusal.EARLY_EXIT}),
}
# About texts that do not parse; here they do, before and after.
_OF_BROKEN_TEXTS = frozenset({Refusal.HALVED_ARROW})
_MOST_DELETED = 3
"""Lines: a statement that nobody needs is short, and what is longer somebody should look at."""
_LONGER = {"no-console": 10}
"""The same where the lines are mostly a message."""
_OURS_ALONE = frozenset({"no-console"})
"""The rules whose suggestions delete whatever it is: ours knows a warning from what was written to find a mistake."""


class Judgement(NamedTuple):
    """Why a candidate is no repair, and if nothing says so, whether our validation has no objection at all."""

    refusal: Refusal | None
    is_flawless: bool = False


def refusal(file: SourceFile, candidate: Candidate) -> Refusal | None:
    """Why a candidate is no repair of the text; None where only the linter can say."""
    return judged(file, candidate).refusal


@lru_cache(maxsize=4096)
def judged(file: SourceFile, candidate: Candidate) -> Judgement:
    """What there is to say about a candidate without asking the linter. Remembered, since a pass looks at the
    candidates that it may make first, then at all of them, and in the end at how far each can be trusted."""
    try:
        change = Change(file.text, candidate.edits, file.language)
    except ValueError:
        return Judgement(Refusal.EDITS_CLASH)
    against = objection(change)
    if against is not None and not _is_allowed(against, file, candidate):
        return Judgement(against)
    try:
        if _syntax_errors(file._replace(text=change.after)) > _syntax_errors(file):
            return Judgement(Refusal.STILL_BROKEN)
        return Judgement(_silence(change, candidate), is_flawless=against is None)
    except ParseTimeout:
        return Judgement(Refusal.STILL_BROKEN)


def _syntax_errors(file: SourceFile) -> int:
    return syntax_errors(file) if root_of(file.text, file.language).has_error else 0


def _silence(change: Change, candidate: Candidate) -> Refusal | None:
    """Why a change that the validation has nothing against silences the linter all the same.

    Our own rules have cases that say what each may take away; but not what a value does that nobody uses.
    """
    rule = our_name(candidate.reported.tool, candidate.reported.rule)
    case = Case(change, candidate.reported.span, rule)
    against = silence_of_any(case)
    if against is not None or candidate.is_fix:
        return against
    if rule in _EFFECT_COUNTS and loses_effect(case):
        return Refusal.LOST_EFFECT
    if candidate.is_declaration:
        return None
    if only_comments(change) and Refusal.NO_CHANGE not in _OF_A_RULE.get(rule, ()):
        return Refusal.NO_CHANGE
    if candidate.is_ours:
        return None
    if rule in _OURS_ALONE:
        return Refusal.DELETED_CODE
    may_delete = rule in _DELETION_MENDS
    if (is_elsewhere(case) or takes_arguments(case)) if may_delete else deletes(case):
        return Refusal.DELETED_CODE
    return silence_of_suggestion(case)


def _is_allowed(against: Refusal, file: SourceFile, candidate: Candidate) -> bool:
    if against in _OF_BROKEN_TEXTS or (candidate.is_fix and against in _OF_A_FIX):
        return True
    if candidate.is_declaration and against is Refusal.NO_CHANGE:
        return True
    rule = our_name(candidate.reported.tool, candidate.reported.rule)
    if against in _OF_A_RULE.get(rule, ()):
        return True
    if against not in _OF_A_DELETION or rule not in _DELETION_MENDS:
        return False
    if rule == "no-console" and is_command_line_program(file.text):
        return False
    most = _LONGER.get(rule, _MOST_DELETED)
    return all(file.text[slice(*edit.span)].strip().count(b"\n") < most for edit in candidate.edits)
