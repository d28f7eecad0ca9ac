"""The baseline that a model has to beat: every single edit near the error, accepted by the second parser.

Delete a lexeme, insert one of the closed vocabulary, or replace one by another, within a few lines of where the parsers
stumble; keep what parses, and take the one that is nearest to the error.
"""

from __future__ import annotations

import statistics
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.lab.evaluation.systems import Outcome
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.languages.oracle import Answer, judge, tree_sitter_problems
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.vocabulary import CLOSED, Action, Tag

LINES_AROUND = 2
MAX_CANDIDATES = 20_000
BATCH = 500
# Of the orders tried on the validation split, that which puts the exact text first most often: of 40 cases that have it
# among their candidates, 70 % with deletions before insertions, 50 % the other way round.
_COSTS = {Action.DELETE: 0, Action.INSERT: 1, Action.REPLACE: 2}


class Candidate(NamedTuple):
    """One edit. The order of candidates is the ranking: near before far, then taking away before adding."""

    distance: int
    """In lexemes, from the nearest place of error."""
    cost: int
    rank: int
    """Of the lexeme it writes, in the closed vocabulary."""
    lexeme: int
    edit: Edit


class ExhaustiveSearch:
    """Single edits, ranked by distance. ``limit`` is how many candidates of a case are tried, the nearest first."""

    rewrites = False

    def __init__(self, limit: int = MAX_CANDIDATES, lines: int = LINES_AROUND) -> None:
        self.name = f"exhaustive search of one edit, at most {limit:,} candidates"
        self._limit = limit
        self._lines = lines

    def repair(self, files: Sequence[SourceFile]) -> Iterator[Outcome]:
        return map(self._repair, files)

    def _repair(self, file: SourceFile) -> Outcome:
        started = time.perf_counter()
        places = error_places(file)
        accepted: list[bytes] = []
        if places:
            candidates = sorted(candidates_of(file, places, self._lines))
            accepted = _parsing(file, [candidate.edit for candidate in candidates[: self._limit]])
        best = accepted[0] if accepted else file.text
        return Outcome(bool(places), best, file.text, time.perf_counter() - started, accepted=tuple(accepted))


def error_places(file: SourceFile) -> list[int]:
    """Where the second parser stumbles first, and where tree-sitter does; nothing where the first reads the text."""
    verdict = judge([file])[0]
    if verdict.answer is not Answer.BROKEN:
        return []
    spans = [problem.span for problem in verdict.problems[:1]]
    spans += [problem.span for problem in tree_sitter_problems(file)[:1]]
    return sorted({place for span in spans for place in span})


def candidates_of(file: SourceFile, places: Sequence[int], lines: int) -> Iterator[Candidate]:
    """Every single edit near these places."""
    lexemes = lex(file.text, file.language)
    errors = [bisect_left(lexemes.starts, place) for place in places]
    for index in _near(lexemes, places, lines):
        distance = min(abs(index - error) for error in errors)
        for rank, tag in enumerate(_TAGS):
            if index == len(lexemes) and tag.action is not Action.INSERT:
                continue
            edit = edit_of(lexemes, Step(index, tag))
            if edit is not None:
                yield Candidate(distance, _COSTS[tag.action], rank, index, edit)


_TAGS: tuple[Tag, ...] = (
    Tag(Action.DELETE),
    *(Tag(action, text) for action in (Action.INSERT, Action.REPLACE) for text in CLOSED),
)


def _near(lexemes: Lexemes, places: Sequence[int], lines: int) -> list[int]:
    """The lexemes that begin at most so many lines from a place, the end of the text included."""
    text = lexemes.text
    spans = [_lines_around(text, place, lines) for place in places]
    near = [
        index for index, start in enumerate(lexemes.starts) if any(span.start <= start < span.end for span in spans)
    ]
    if any(span.end == len(text) for span in spans):
        near.append(len(lexemes))
    return near


def _lines_around(text: bytes, place: int, lines: int) -> Span:
    """The line that holds a place, with so many above and below."""
    start = end = min(place, len(text))
    for _ in range(lines + 1):
        start = text.rfind(b"\n", 0, max(0, start))
        end = text.find(b"\n", end) + 1 or len(text)
    return Span(max(0, start), end)


def _parsing(file: SourceFile, edits: Sequence[Edit]) -> list[bytes]:
    """The texts that parse, each once, in the order of the edits."""
    found: dict[bytes, None] = {}
    for first in range(0, len(edits), BATCH):
        texts = [apply_edits(file.text, [edit]) for edit in edits[first : first + BATCH]]
        for text, verdict in zip(texts, judge([file._replace(text=text) for text in texts]), strict=True):
            if verdict.answer is Answer.PARSES:
                found[text] = None
    return list(found)


def search_summary(counts: Sequence[int], ranks: Sequence[int]) -> dict[str, float]:
    """How good the ranking is, from the number of candidates of each case that parse and the rank of the exact one."""
    among = [rank for rank in ranks if rank >= 0]
    return {
        "with a candidate that parses": sum(count > 0 for count in counts) / len(counts),
        "exact text among them": len(among) / len(ranks),
        "exact text first, of those": sum(rank == 0 for rank in among) / len(among) if among else 0.0,
        "exact text among the first five, of those": sum(rank < 5 for rank in among) / len(among) if among else 0.0,
        "median candidates that parse": statistics.median([count for count in counts if count] or [0]),
    }
