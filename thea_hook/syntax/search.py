"""The search for repairs: propose at the place of error, let the parsers judge, go on to the next place.

A text can be broken in several places, and a parser speaks of the first. So each step mends one place: every repair
that is possible there is tried, and one is taken if the text then parses, or if the parser at least comes further. A
step with several equally good ways out ends the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Answer, Judge, Verdict, tree_sitter_verdict
from thea_hook.ruleset.engine import ActiveRule
from thea_hook.ruleset.query import resolve_repair
from thea_hook.ruleset.rule import Problem
from thea_hook.syntax.broken import Broken

MAX_STEPS = 60
MAX_PROPOSALS = 24
MAX_PLACES = 5
# What the parsers may be given to read in one search; limits in bytes and tokens, unlike
# one in seconds, give the same answer anywhere.
MAX_BYTES = 24 << 20
MAX_TOKENS = 250_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to mend one place: what the rule reports, with places in the original text, and the text it leads to."""

    rule: ActiveRule
    problem: Problem
    text: bytes

    @property
    def grade(self) -> Applicability:
        grade = self.problem.applicability
        grade = self.rule.rule.applicability if grade is None else grade
        return Applicability.DISPLAY if grade is None else grade


@dataclass(frozen=True, slots=True)
class Repaired:
    """The steps that were taken; the ways out of a place that has several; whether all of it parses in the end."""

    steps: tuple[Proposal, ...] = ()
    alternatives: tuple[Proposal, ...] = ()
    parses: bool = False


def search(file: SourceFile, verdict: Verdict, rules: Sequence[ActiveRule], judge: Judge) -> Repaired:
    """Mend what can be mended, place by place. ``verdict`` is the one on ``file``, which is broken."""
    draft = _Draft(file, (), file.text)
    steps: list[Proposal] = []
    bytes_left, tokens_left = MAX_BYTES, MAX_TOKENS
    for _ in range(MAX_STEPS):
        broken = Broken(draft.text, file.language, places_of(verdict))
        proposals = list(_proposals(draft, broken, rules))
        bytes_left -= sum(len(proposal.text) for proposal in proposals)
        tokens_left -= len(broken.tokens)
        if not proposals or bytes_left < 0 or tokens_left < 0:
            break
        verdicts = judge([file._replace(text=proposal.text) for proposal in proposals])
        best = _best(proposals, verdicts, verdict, len(draft.text))
        if len(best) != 1:
            return Repaired(tuple(steps), tuple(proposal for proposal, _ in best))
        step, verdict = best[0]
        steps.append(step)
        if verdict.answer is Answer.PARSES:
            mended = file._replace(text=step.text)
            return Repaired(tuple(steps), parses=tree_sitter_verdict(mended).answer is not Answer.BROKEN)
        draft = draft.with_edits(step.problem.edits, step.text)
    return Repaired(tuple(steps))


def places_of(verdict: Verdict) -> list[int]:
    """Where the parser stumbled first, and the end of what it stumbled over."""
    return [place for problem in verdict.problems[:MAX_PLACES] for place in problem.span]


def _proposals(draft: _Draft, broken: Broken, rules: Sequence[ActiveRule]) -> Iterator[Proposal]:
    """What the rules propose near the errors, each text once: the rule that comes first has it."""
    seen: set[bytes] = set()
    for rule in rules:
        repair = resolve_repair(rule.rule.repair or "")
        fixable = (problem for problem in repair(broken) if problem.edits)
        for problem in islice(fixable, MAX_PROPOSALS):
            original = draft.to_original(problem)
            text = apply_edits(draft.text, problem.edits)
            if original is not None and text not in seen:
                seen.add(text)
                yield Proposal(rule, original, text)


def _best(
    proposals: Sequence[Proposal], verdicts: Sequence[Verdict], before: Verdict, size_before: int
) -> list[tuple[Proposal, Verdict]]:
    """Those that mend most; several where none is better than the others, none where nothing helps.

    What parses goes before what only helps, and what is mechanical before what is a guess.
    """
    ranked = []
    limit = _badness(before, size_before)
    for proposal, verdict in zip(proposals, verdicts, strict=True):
        parses = verdict.answer is Answer.PARSES
        badness = (0, 0) if parses else _badness(verdict, len(proposal.text))
        if parses or (verdict.answer is Answer.BROKEN and verdict.parser == before.parser and badness < limit):
            ranked.append(((not parses, proposal.grade is not Applicability.SAFE, badness), proposal, verdict))
    if not ranked:
        return []
    best = min(rank for rank, _, _ in ranked)
    return [(proposal, verdict) for rank, proposal, verdict in ranked if rank == best]


def _badness(verdict: Verdict, size: int) -> tuple[int, int]:
    """How far a text is from being read, to compare versions of one text.

    A full parser stops at the first error it cannot step over, so what counts is how much lies behind it; tree-sitter
    reads on, so what counts is how many errors it met.
    """
    unread = size - verdict.reach
    count = len(verdict.problems)
    return (unread, count) if verdict.parser == "oxlint" else (count, unread)


@dataclass(frozen=True, slots=True)
class _Draft:
    """The text after some steps, and the edits in it, as edits of the original."""

    file: SourceFile
    edits: tuple[Edit, ...]
    text: bytes

    def with_edits(self, edits: Sequence[Edit], text: bytes) -> _Draft:
        return _Draft(self.file, tuple(sorted((*self.edits, *edits), key=lambda edit: edit.span)), text)

    def to_original(self, problem: Problem) -> Problem | None:
        """The problem with its places in the original text; None where it touches an earlier step."""
        edits = tuple(Edit(self._span(edit.span), edit.text) for edit in problem.edits)
        moved = problem._replace(
            span=self._span(problem.span),
            edits=edits,
            related=tuple(map(self._span, problem.related)),
        )
        try:
            reached = apply_edits(self.file.text, (*self.edits, *edits))
        except ValueError:
            return None
        return moved if reached == apply_edits(self.text, problem.edits) else None

    def _span(self, span: Span) -> Span:
        start = self._offset(span.start, after_deletion=True)
        return Span(start, max(start, self._offset(span.end, after_deletion=False)))

    def _offset(self, offset: int, *, after_deletion: bool) -> int:
        shift = 0
        for edit in self.edits:
            start = edit.span.start + shift
            if offset < start or (offset == start and not after_deletion):
                break
            if offset < start + len(edit.text):
                return edit.span.start
            shift += len(edit.text) - (edit.span.end - edit.span.start)
        return offset - shift
