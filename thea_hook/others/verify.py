"""Which candidates mend what they are meant to mend: the linter is asked about the changed text.

A set of candidates is right where every finding that it is for is gone and no finding of any rule is new. Sets are
tried whole and halved where they fail, so most of a file's candidates cost one run of the linter; and the runs of many
files are made together, since a linter takes longer to start than to look at a file. So a search is a generator: it
yields texts and is sent what the linter says about them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.difference import edits_between
from thea_hook.ml.semantic import Refusal
from thea_hook.others.base import Linter
from thea_hook.others.findings import STUMBLE, Answer, Reported
from thea_hook.others.followed import followed
from thea_hook.others.programs import LinterError
from thea_hook.others.refusals import refusal
from thea_hook.others.repair import Candidate

Result = TypeVar("Result")
Search = Generator[Sequence[SourceFile], Sequence["Answer | None"], Result]
"""Yields texts, is sent the linter's word about each, and returns what it found out."""

MAX_ROUNDS = 6
"""How many candidates of one finding are tried, and how often one waits for another that overlaps it."""

BATCH = 256
"""How many texts one run of the linter is asked about."""

_PLACE = re.compile(r"\b(lines?|columns?) \d+(:\d+)?")

_EMPTY_BLOCK = re.compile(rb"\{\s*\}")


class Key(NamedTuple):
    """What makes two findings the same although the text around them changed: no line number has a part in it."""

    rule: str
    message: str
    line: bytes


def ask(linter: Linter, searches: Mapping[str, Search[Result]]) -> dict[str, Result]:
    """Run searches side by side: in each round the texts that all of them ask about go to the linter at once."""
    results: dict[str, Result] = {}
    waiting: dict[str, Sequence[SourceFile]] = {}

    def advance(name: str, answers: Sequence[Answer | None] | None) -> None:
        try:
            waiting[name] = searches[name].send(answers)  # type: ignore[arg-type]  # None starts a generator
        except StopIteration as done:
            results[name] = done.value

    for name in searches:
        advance(name, None)
    while waiting:
        asked = dict(waiting)
        waiting.clear()
        texts = [text for some in asked.values() for text in some]
        batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
        answers = iter([answer for batch in batches for answer in linter.lint(batch)])
        for name, some in asked.items():
            advance(name, [next(answers) for _ in some])
    return results


def look(file: SourceFile) -> Search[Answer]:
    """What the linter says about a text as it is, nothing where it ignores it. Raises LinterError where it stumbles:
    over a text that nobody changed is its own failure, over one with a candidate in it is a reason against that."""
    answers = yield [file]
    for reported in answers[0] or ():
        if reported.rule == STUMBLE:
            raise LinterError(f"--with: {file.path}: {reported.message}")
    return answers[0] or ()


def mend(file: SourceFile, answer: Answer, offered: Sequence[Sequence[Candidate]]) -> Search[list[Candidate | None]]:
    """For each finding the first of its candidates that mends it, as the linter says; None where none does."""
    base = Baseline(file, answer)
    against = _Refusals(file)
    left = {index: [one for one in some if against(one) is None] for index, some in enumerate(offered)}
    found: dict[int, Candidate] = {}
    for _ in range(MAX_ROUNDS):
        group = apart((index, left[index][0]) for index in left if left[index])
        if not group:
            break
        for index, longer in (yield from _foreseen(base, group)):
            if against(longer) is None:
                left[index].insert(0, longer)
        group = [(index, left[index][0]) for index, _ in group]
        good = yield from right_ones(base, [candidate for _, candidate in group])
        failed = [(index, candidate) for index, candidate in group if candidate not in good]
        found.update((index, candidate) for index, candidate in group if candidate in good)
        for index, _ in group:
            left[index] = [] if index in found else left[index][1:]
        for index, longer in (yield from _followed(base, failed)):
            if against(longer) is None:
                left[index].insert(0, longer)
    return [found.get(index) for index in range(len(offered))]


class _Refusals:
    """Says why a candidate is no repair; of those with the same edits for findings of one rule only the first is
    looked at."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._known: dict[tuple[tuple[Edit, ...], str, bool], Refusal | None] = {}

    def __call__(self, candidate: Candidate) -> Refusal | None:
        key = (candidate.edits, candidate.reported.rule, candidate.is_fix)
        if key not in self._known:
            self._known[key] = refusal(self._file, candidate)
        return self._known[key]


def _foreseen(base: Baseline, group: Sequence[tuple[int, Candidate]]) -> Search[list[tuple[int, Candidate]]]:
    """Those of a group that lead to what the linter can fix itself, with those fixes made too, as far as one look at
    all of them together shows it: many that fail for the same reason need not be told apart first."""
    together = [candidate for _, candidate in group]
    if len(together) < 2:
        return []
    changed = base.changed(together)
    news = base.news(together, (yield [changed])[0] or ())
    longer = followed(together, sorted(edits_of(together), key=lambda edit: edit.span), changed, news)
    return [(index, longer[candidate]) for index, candidate in group if candidate in longer]


def _followed(base: Baseline, failed: Sequence[tuple[int, Candidate]]) -> Search[list[tuple[int, Candidate]]]:
    """Candidates that fail for nothing but findings which the linter can fix itself, with those fixes made too,
    wherever they are."""
    once = [(index, candidate) for index, candidate in failed if not candidate.is_followed]
    answers = yield [base.changed([candidate]) for _, candidate in once]
    longer = []
    for (index, candidate), answer in zip(once, answers, strict=True):
        news = () if answer is None else base.news([candidate], answer)
        fixes = [next((one.edits for one in reported.proposals if one.is_fix), ()) for reported in news]
        if fixes and all(fixes):
            changed = base.changed([candidate])
            with suppress(ValueError):  # two that overlap
                text = apply_edits(changed.text, [edit for edits in dict.fromkeys(fixes) for edit in edits])
                edits = tuple(edits_between(base.file.text, text, base.file.language))
                longer.append((index, candidate._replace(edits=edits, is_followed=True)))
    return longer


def apart(candidates: Iterable[tuple[int, Candidate]]) -> list[tuple[int, Candidate]]:
    """As many as can be made in one pass: none overlaps or touches another, but for entries that are added at one place
    and for several findings with the same way out. One may stand between the edits of another."""
    chosen: list[tuple[int, Candidate]] = []
    made: set[tuple[Edit, ...]] = set()
    taken: list[Span] = []
    entries_at = -1
    for index, candidate in sorted(candidates, key=lambda item: (item[1].end, item[1].start)):
        is_entry = candidate.is_entry and candidate.start == entries_at
        spans = _wanted_alone(candidate)
        if is_entry or candidate.edits in made or not any(_touches(span, taken) for span in spans):
            chosen.append((index, candidate))
            if candidate.edits not in made:
                taken = sorted({*taken, *spans})
            made.add(candidate.edits)
            entries_at = candidate.start if candidate.is_entry else entries_at
    return chosen


def _wanted_alone(candidate: Candidate) -> Sequence[Span]:
    """Where no other may write: at its edits, and between them where it has edits that do nothing to say so."""
    if any(not edit.text and edit.span.start == edit.span.end for edit in candidate.edits):
        return (Span(candidate.start, candidate.end),)
    return [edit.span for edit in candidate.edits]


def _touches(span: Span, taken: Sequence[Span]) -> bool:
    """Whether a stretch overlaps or touches one of those, which are in order and do not overlap."""
    following = bisect_left(taken, span)
    return any(one.start <= span.end and span.start <= one.end for one in taken[max(0, following - 1) : following + 1])


def edits_of(candidates: Iterable[Candidate]) -> list[Edit]:
    """The edits of candidates that are made together; what several of them have in common is made once."""
    return [edit for edits in dict.fromkeys(one.edits for one in candidates) for edit in edits]


class Baseline:
    """A text, what the linter says about it, and what may therefore be said about a changed version of it."""

    def __init__(self, file: SourceFile, answer: Answer) -> None:
        self.file = file
        self.known = Counter(self.key(reported, reported.span.start) for reported in answer)

    def changed(self, candidates: Sequence[Candidate]) -> SourceFile:
        return SourceFile(self.file.path, apply_edits(self.file.text, edits_of(candidates)), self.file.language)

    def accepts(self, candidates: Sequence[Candidate], answer: Answer | None) -> bool:
        """Whether every finding that the candidates are for is gone and none is new."""
        return answer is not None and not self.news(candidates, answer) and not self._empty_a_block(candidates)

    def _empty_a_block(self, candidates: Sequence[Candidate]) -> bool:
        """Whether they do so together, each taking a part of what is in it."""
        if len(candidates) < 2:
            return False
        before = len(_EMPTY_BLOCK.findall(self.file.text))
        alone = sum(len(_EMPTY_BLOCK.findall(self.changed([one]).text)) - before for one in candidates)
        return len(_EMPTY_BLOCK.findall(self.changed(candidates).text)) - before > max(0, alone)

    def news(self, candidates: Sequence[Candidate], answer: Answer) -> list[Reported]:
        """What should not be said about the text with the candidates in it: that is new, or what they are for."""
        edits = sorted(edits_of(candidates), key=lambda edit: edit.span)
        allowed = self.known - Counter(self.key(one.reported, one.reported.span.start) for one in candidates)
        news = []
        for reported in answer:
            key = self.key(reported, origin(reported.span.start, edits))
            if allowed[key] > 0:
                allowed[key] -= 1
            else:
                news.append(reported)
        return news

    def key(self, reported: Reported, start: int) -> Key:
        """A finding by the line of the old text that it is on: the new one may be on it too and read otherwise."""
        line = self.file.line(self.file.position(min(start, len(self.file.text))).line)
        return Key(reported.rule, _PLACE.sub(r"\1", reported.message), line.strip())


def right_ones(base: Baseline, candidates: Sequence[Candidate]) -> Search[list[Candidate]]:
    """Candidates that together are right, as many as halving finds. They must not overlap."""
    groups, good = [list(candidates)] if candidates else [], []
    while groups:
        answers = yield [base.changed(group) for group in groups]
        halves = []
        for group, answer in zip(groups, answers, strict=True):
            if base.accepts(group, answer):
                good.append(group)
            elif len(group) > 1:
                middle = len(group) // 2
                halves += [group[:middle], group[middle:]]
        groups = halves
    return (yield from _together(base, good))


def _together(base: Baseline, groups: Sequence[list[Candidate]]) -> Search[list[Candidate]]:
    """As many of the groups, each right by itself, as are right together."""
    if len(groups) < 2:
        return [candidate for group in groups for candidate in group]
    everything = [candidate for group in groups for candidate in group]
    answers = yield [base.changed(everything)]
    if base.accepts(everything, answers[0]):
        return everything
    kept = groups[0]
    for group in groups[1:]:
        answers = yield [base.changed([*kept, *group])]
        if base.accepts([*kept, *group], answers[0]):
            kept = [*kept, *group]
    return kept


def origin(offset: int, edits: Sequence[Edit]) -> int:
    """Where a byte of the changed text was before the edits, which are in order; in written text, where that begins."""
    shift = 0
    for span, text in edits:
        start = span.start + shift
        if offset < start:
            break
        if offset < start + len(text) or (offset == start and span == Span(span.start, span.start)):
            return span.start
        shift += len(text) - (span.end - span.start)
    return offset - shift
