"""The search for a repair: the tagger proposes, the parser judges, and what parses is ranked by its probability.

A beam search over texts: each round takes the likeliest unfinished texts, tries the likeliest next edits of each, and
lets the second parser read all of them in one call. A text that parses is a repair; its probability is the product of
those of its steps, and of several ways to one text the sum. The search ends when nothing unfinished is likelier than
the best repair.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.languages.oracle import Answer, Judge, Verdict
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.tagger import Broken, Suggestion, Tagger


@dataclass(frozen=True, slots=True)
class Effort:
    """How far a search goes: edits in a row, texts followed at once, edits tried in the first round and later.

    No round begins after the ``deadline``, a time of ``time.monotonic()``.
    """

    edits: int = 6
    beam: int = 4
    first: int = 160
    later: int = 40
    bytes: int = 12 << 20
    deadline: float = math.inf


EFFORT = Effort()


@dataclass(frozen=True, slots=True)
class Repair:
    """A text that parses, the steps that led to it, each at a lexeme of the text before it, and its log-probability."""

    text: bytes
    steps: tuple[Step, ...]
    score: float


class Seed(NamedTuple):
    """A text to begin with, with the steps that led to it and their log-probability.

    The broken text is only begun with where it is a seed, too.
    """

    text: bytes
    steps: tuple[Step, ...] = ()
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class _Draft:
    file: SourceFile
    verdict: Verdict
    """Of this text, or, before the parser was asked about it, of the one that it came from."""
    unread: int
    """How much of that text the parser left."""
    steps: tuple[Step, ...] = ()
    score: float = 0.0
    changed: int | None = None
    """Offset of the last edit; None before the first."""


def find_repairs(
    file: SourceFile,
    verdict: Verdict,
    tagger: Tagger,
    judge: Judge,
    effort: Effort = EFFORT,
    seeds: Sequence[Seed] = (),
) -> list[Repair]:
    """The repairs found, the likeliest first. ``verdict`` is the one on ``file``, which is broken."""
    search = _Search(judge, effort.bytes)
    start = _Draft(file, verdict, _unread(file, verdict))
    drafts = [start]
    search.seen.add(file.text)
    if seeds:
        begun = [_Draft(file._replace(text=seed.text), verdict, start.unread, *seed[1:]) for seed in seeds]
        drafts = [*(draft for draft in begun if draft.file.text == file.text), *search.judged(begun)]
    for turn in range(effort.edits):
        if time.monotonic() >= effort.deadline:
            break
        proposed = _proposals(drafts, tagger, effort.later if turn else effort.first) if drafts else {}
        unfinished = search.judged(list(proposed.values()))
        drafts = sorted(unfinished, key=lambda draft: -draft.score)[: effort.beam]
        drafts = [draft for draft in drafts if draft.score > search.best]
        if not drafts:
            break
    return sorted(search.repairs.values(), key=lambda repair: -repair.score)


class _Search:
    """The texts that the parser was asked about, and those of them that parse."""

    def __init__(self, judge: Judge, size: int) -> None:
        self._judge = judge
        self._left = size
        self.seen: set[bytes] = set()
        self.repairs: dict[bytes, Repair] = {}

    @property
    def best(self) -> float:
        return max((repair.score for repair in self.repairs.values()), default=-math.inf)

    def judged(self, drafts: Sequence[_Draft]) -> list[_Draft]:
        """Those that do not parse yet, with what the parser says. Texts that were judged before are left out, and what
        there is no budget for."""
        fresh = _affordable([draft for draft in drafts if draft.file.text not in self.seen], self._left)
        self._left -= sum(len(draft.file.text) for draft in fresh)
        self.seen.update(draft.file.text for draft in fresh)
        unfinished = []
        for draft, verdict in zip(fresh, self._judge([draft.file for draft in fresh]) if fresh else (), strict=True):
            if verdict.answer is Answer.PARSES:
                self.repairs[draft.file.text] = Repair(draft.file.text, draft.steps, draft.score)
            elif verdict.answer is Answer.BROKEN:
                unread = _unread(draft.file, verdict)
                score = draft.score + (GETS_ON if unread < draft.unread else STANDS_STILL)
                unfinished.append(replace(draft, verdict=verdict, unread=unread, score=score))
        return unfinished


# What it costs, as a log-probability, that a text still does not parse after an edit: less where the parser gets on.
GETS_ON, STANDS_STILL = -0.5, -1.5


def _unread(file: SourceFile, verdict: Verdict) -> int:
    return len(file.text) - verdict.reach


def _affordable(drafts: Sequence[_Draft], size: int) -> list[_Draft]:
    kept = []
    for draft in drafts:
        size -= len(draft.file.text)
        if size < 0:
            break
        kept.append(draft)
    return kept


def _proposals(drafts: Sequence[_Draft], tagger: Tagger, count: int) -> dict[bytes, _Draft]:
    """The texts one edit on from the drafts, likeliest first, each with the sum of the ways that lead to it."""
    lexed = [lex(draft.file.text, draft.file.language) for draft in drafts]
    broken = [
        Broken(lexemes, draft.verdict.problems, _focus(lexemes, draft))
        for lexemes, draft in zip(lexed, drafts, strict=True)
    ]
    found: dict[bytes, _Draft] = {}
    for draft, lexemes, suggestions in zip(drafts, lexed, tagger.suggest(broken, count), strict=True):
        for suggestion in suggestions:
            edit = edit_of(lexemes, suggestion.step)
            if edit is not None:
                _add(found, draft, suggestion, edit)
    return dict(sorted(found.items(), key=lambda item: -item[1].score))


def _add(found: dict[bytes, _Draft], draft: _Draft, suggestion: Suggestion, edit: Edit) -> None:
    text = apply_edits(draft.file.text, [edit])
    score = draft.score + math.log(max(suggestion.probability, 1e-30))
    other = found.get(text)
    if other is not None:
        best, least = max(score, other.score), min(score, other.score)
        score = best + math.log1p(math.exp(least - best))
    steps = other.steps if other is not None else (*draft.steps, suggestion.step)
    file = draft.file._replace(text=text)
    found[text] = _Draft(file, draft.verdict, draft.unread, steps, score, edit.span.start)


def _focus(lexemes: Lexemes, draft: _Draft) -> tuple[int, ...]:
    """After the first edit: where it was, and where the parser stumbles now."""
    if draft.changed is None:
        return ()
    places = [draft.changed, *(problem.span.start for problem in draft.verdict.problems[:1])]
    return tuple(bisect_left(lexemes.ends, place + 1) for place in places)
