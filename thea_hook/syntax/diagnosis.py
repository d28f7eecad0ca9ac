"""What is wrong with a text that does not parse, and how it could be mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from thea_hook.core.finding import Applicability, Finding, Severity
from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.errors import ParseTimeout
from thea_hook.languages.grammars import Module, parse
from thea_hook.languages.oracle import Answer, Verdict, judge
from thea_hook.ruleset.engine import ActiveRule, finding_of
from thea_hook.ruleset.query import resolve_repair
from thea_hook.ruleset.rule import SYNTAX_ERROR
from thea_hook.syntax.broken import Broken
from thea_hook.syntax.mender import Mender
from thea_hook.syntax.repairs.conflicts import conflicts
from thea_hook.syntax.search import Proposal, Repaired, places_of, search

CONFLICTS = "no-merge-conflict-markers"

# What a finding is worth where tree-sitter alone saw the error; where the text is JavaScript but for its types, which
# some build step may remove; and where a repair leaves other errors in the text.
UNCERTAIN, TYPED, PARTIAL = 0.6, 0.5, 0.8
# A repair that a model is surer of than this goes before one that the rules guess.
GUESSED = 0.5


def diagnose(file: SourceFile, rules: Sequence[ActiveRule], mender: Mender | None = None) -> Iterator[Finding] | None:
    """One ``syntax-error`` and a finding for each known kind of mistake; None where the second parser sees none."""
    verdict = judge([file])[0]
    return _diagnosed(file, verdict, rules, mender) if verdict.answer is Answer.BROKEN else None


def _diagnosed(
    file: SourceFile, verdict: Verdict, rules: Sequence[ActiveRule], mender: Mender | None
) -> Iterator[Finding]:
    repaired = search(file, verdict, rules, judge)
    is_typed = file.language == "javascript" and not repaired.parses and not _has_error(file.text, "tsx")
    error = _syntax_error(file, verdict, is_typed=is_typed)
    if is_typed:
        yield error
        return
    findings = list(_findings(repaired, is_certain=verdict.is_certain))
    if mender is not None and not all(_is_safe(finding) for finding in findings or [error]):
        mended = mender.mend(file, verdict)
        if mended is not None and (not repaired.parses or mended.fix.confidence > GUESSED):
            error = error._replace(fix=mended.fix, source=mended.source)
            findings = []  # other ways to mend the same places
    yield error
    yield from _without_fix(file, verdict, rules)
    yield from findings


def _is_safe(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.applicability is Applicability.SAFE


def conflicts_in_comments(module: Module, rules: Sequence[ActiveRule]) -> Iterator[Finding]:
    """Merge conflicts that do not keep a file from parsing. One in a template may be the subject of a test."""
    for rule in rules:
        if rule.rule.id == CONFLICTS:
            for problem, where in conflicts(module.text):
                if any(node.start_byte <= where.start and where.end <= node.end_byte for node in module.comments):
                    yield finding_of(rule, problem)


def _has_error(text: bytes, language: Language) -> bool:
    try:
        return parse(text, language).root_node.has_error
    except ParseTimeout:
        return True


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


def _without_fix(file: SourceFile, verdict: Verdict, rules: Sequence[ActiveRule]) -> Iterator[Finding]:
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
