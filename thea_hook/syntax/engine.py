"""Says what does not parse, and how it could be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from thea_hook.core.finding import Applicability, Finding, Severity
from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.languages.grammars import Module, module_of, parse
from thea_hook.languages.oracle import UNKNOWN, Answer, Verdict, judge
from thea_hook.ruleset.engine import ActiveRule, finding_of
from thea_hook.ruleset.query import resolve_repair
from thea_hook.ruleset.rule import SYNTAX_ERROR
from thea_hook.syntax.broken import Broken
from thea_hook.syntax.lexer import TYPOGRAPHIC
from thea_hook.syntax.repairs.conflicts import conflicts
from thea_hook.syntax.search import Proposal, Repaired, places_of, search
from thea_hook.version import second_parser_version

CONFLICTS = "no-merge-conflict-markers"

# What a finding is worth where tree-sitter alone saw the error; where the text is JavaScript but for its types, which
# some build step may remove; and where a repair leaves other errors in the text.
UNCERTAIN, TYPED, PARTIAL = 0.6, 0.5, 0.8


class SyntaxEngine:
    """The engine of the ``syntax`` category: silent about whatever parses."""

    name = "syntax"

    def __init__(self, rules: Iterable[ActiveRule]) -> None:
        self._rules = tuple(rule for rule in rules if rule.rule.repair is not None)
        self.version = second_parser_version()

    def check(self, file: SourceFile) -> Iterator[Finding]:
        """One ``syntax-error`` where the file is broken, and a finding for each known kind of mistake in it."""
        module = module_of(file)
        verdict = judge([file])[0] if is_suspicious(module) else UNKNOWN
        if verdict.answer is not Answer.BROKEN:
            yield from self._conflicts_in_comments(module)
            return
        rules = [rule for rule in self._rules if file.language in rule.languages]
        repaired = search(file, verdict, rules, judge)
        is_typed = file.language == "javascript" and not repaired.parses and not _has_error(file.text, "tsx")
        yield _syntax_error(file, verdict, is_typed=is_typed)
        if not is_typed:
            yield from _without_fix(file, verdict, rules)
            yield from _findings(repaired, is_certain=verdict.is_certain)

    def _conflicts_in_comments(self, module: Module) -> Iterator[Finding]:
        """Merge conflicts that do not keep a file from parsing. One in a template may be the subject of a test."""
        if b"<<<<<<<" not in module.text:
            return
        for rule in self._rules:
            if rule.rule.id == CONFLICTS and module.language in rule.languages:
                for problem, where in conflicts(module.text):
                    if any(node.start_byte <= where.start and where.end <= node.end_byte for node in module.comments):
                        yield finding_of(rule, problem)


# Tree-sitter takes any character beyond ASCII for a letter or a blank, and a comma more in arguments and objects. Where
# the text has one of these outside of strings, comments and holes of an array, its silence says nothing.
_LENIENT = re.compile(TYPOGRAPHIC + rb"|,(?=\s*,)")
_TEXT_KINDS = frozenset(
    "comment html_comment hash_bang_line string string_fragment template_string jsx_text regex regex_pattern "
    "array array_pattern escape_sequence".split()
)


def is_suspicious(module: Module) -> bool:
    """Whether the second parser should be asked about this file."""
    root = module.root
    if root.has_error:
        return True
    for match in _LENIENT.finditer(module.text):
        node = root.descendant_for_byte_range(match.start(), match.end())
        if node is not None and node.type == "," and node.parent is not None:
            node = node.parent
        if node is not None and node.type not in _TEXT_KINDS:
            return True
    return False


def _has_error(text: bytes, language: Language) -> bool:
    return parse(text, language).root_node.has_error


def _syntax_error(file: SourceFile, verdict: Verdict, *, is_typed: bool) -> Finding:
    problem = verdict.problems[0]
    where = problem.span
    if where.start == where.end == len(file.text):  # "expected `}`" at the end: the last thing there is to point at
        where = Span(len(file.text.rstrip()), len(file.text.rstrip()))
    return Finding(
        rule_id=SYNTAX_ERROR,
        category="syntax",
        span=where,
        message=f"{problem.message} (type annotations in a JavaScript file)" if is_typed else problem.message,
        severity=Severity.ERROR,
        confidence=UNCERTAIN if not verdict.is_certain else TYPED if is_typed else 1.0,
        related=problem.related,
    )


def _without_fix(file: SourceFile, verdict: Verdict, rules: Iterable[ActiveRule]) -> Iterator[Finding]:
    """Merge conflicts that only a person can resolve."""
    for rule in rules:
        if rule.rule.id == CONFLICTS:
            broken = Broken(file.text, file.language, places_of(verdict))
            for problem in resolve_repair(rule.rule.repair or "")(broken):
                if not problem.edits:
                    yield finding_of(rule, problem)


def _findings(repaired: Repaired, *, is_certain: bool) -> Iterator[Finding]:
    """The steps with the trust they deserve.

    All are SAFE only if a full parser said that they mend the file, and each by itself is: they are what one another
    rests on. Of a repair that leaves the file broken only the mechanical beginning counts, as UNSAFE.
    """
    steps = repaired.steps
    if not repaired.parses:
        steps = tuple(takewhile(lambda step: step.grade is Applicability.SAFE, steps))
    is_safe = (
        is_certain and repaired.parses and all(step.grade is Applicability.SAFE and step.rule.fixable for step in steps)
    )
    ceiling = Applicability.SAFE if is_safe else Applicability.UNSAFE
    limit = UNCERTAIN if not is_certain else 1.0 if repaired.parses else PARTIAL
    for step in steps:
        yield _graded(step, ceiling, limit)
    for alternative in repaired.alternatives:
        yield _graded(alternative, Applicability.DISPLAY, UNCERTAIN)


def _graded(proposal: Proposal, ceiling: Applicability, limit: float) -> Finding:
    finding = finding_of(proposal.rule, proposal.problem)
    fix = finding.fix and finding.fix._replace(applicability=min(finding.fix.applicability, ceiling))
    return finding._replace(fix=fix, confidence=min(finding.confidence, limit))
