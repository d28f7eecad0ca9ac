"""The tagger: which edit mends a text that does not parse, and how likely each one is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from thea_hook.languages.lexemes import Lexemes
from thea_hook.languages.oracle import SyntaxProblem
from thea_hook.ml.edits import Step
from thea_hook.ml.features import COLUMNS, Rows, encode
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import TAGS

WINDOW = 384
MARGIN = 48
"""Lexemes at either end of a window that another window sees with more of their surroundings."""
MOST_LEXEMES = 40_000
"""Some 6,000 lines. Longer texts are made by programs, and whoever reads windows would first make rows of all of it."""

Floats = NDArray[np.float32]


class Model(Protocol):
    """A trained network. Raises ``ModelError`` where it cannot answer."""

    def run(self, inputs: dict[str, NDArray[np.int64]]) -> dict[str, Floats]: ...


class Broken(NamedTuple):
    """A text and what a parser says about it; ``focus`` are the lexemes around which to look, empty for everywhere."""

    lexemes: Lexemes
    problems: Sequence[SyntaxProblem]
    focus: tuple[int, ...] = ()


class Suggestion(NamedTuple):
    """An edit, and the probability that it is the next one of a repair."""

    step: Step
    probability: float


class Tagger:
    """Suggestions for broken texts. One call of the model reads the windows of all of them."""

    def __init__(self, model: Model, subtokens: SubTokens, *, context_length: int) -> None:
        self._model = model
        self._subtokens = subtokens
        self._context_length = context_length

    def suggest(self, texts: Sequence[Broken], count: int) -> list[list[Suggestion]]:
        """For each text the ``count`` likeliest edits, the likeliest first."""
        encoded = [encode(text.lexemes, text.problems, self._subtokens) for text in texts]
        windows = [
            (number, start)
            for number, (text, rows) in enumerate(zip(texts, encoded, strict=True))
            for start in window_starts(text, len(rows), self._context_length)
        ]
        positions, tags = self._run([encoded[number][start : start + WINDOW] for number, start in windows])
        found: list[list[tuple[float, int, int]]] = [[] for _ in texts]
        for row, (number, start) in enumerate(windows):
            last = len(encoded[number]) - start
            found[number] += _likeliest(positions[row], tags[row], start, last, count)
        return [_best(suggestions, count) for suggestions in found]

    def _run(self, windows: Sequence[Rows]) -> tuple[Floats, Floats]:
        outputs = self._model.run({"features": batch_of(windows)})
        return outputs["position"], outputs["tag"]


def batch_of(windows: Sequence[Rows]) -> NDArray[np.int64]:
    """Windows as one array [windows, length, COLUMNS], filled up with padding."""
    batch = np.zeros((len(windows), max(map(len, windows)), COLUMNS), np.int64)
    for index, rows in enumerate(windows):
        batch[index, : len(rows)] = rows
    return batch


def window_starts(text: Broken, count: int, context_length: int) -> list[int]:
    """Where the windows of a text begin: all over it, or only around the places to look at."""
    last = max(0, count - WINDOW)
    stride = WINDOW - 2 * MARGIN
    if text.focus:
        starts = {max(0, min(last, place - WINDOW // 2)) for place in text.focus}
        return sorted(_thinned(starts))
    starts = {min(last, start) for start in range(0, last + stride, stride)}
    if count <= context_length or not text.problems:
        return sorted(starts)[: max(1, context_length // stride)]
    from bisect import bisect_left

    middle = bisect_left(text.lexemes.ends, text.problems[0].span.start)
    near = sorted(starts, key=lambda start: abs(start + WINDOW // 2 - middle))
    return sorted(near[: max(1, context_length // stride)])


def _thinned(starts: Iterable[int]) -> list[int]:
    """Without those that see almost the same as another one."""
    kept: list[int] = []
    for start in sorted(starts):
        if not kept or start - kept[-1] > MARGIN:
            kept.append(start)
    return kept


def _likeliest(position: Floats, tag: Floats, start: int, last: int, count: int) -> list[tuple[float, int, int]]:
    """(log-probability, lexeme, tag) of the best edits of a window, where no other window sees more."""
    length = len(position) - 1
    places = log_softmax(position)
    first = 0 if start == 0 else MARGIN
    end = min(length, last) if last <= length else length - MARGIN
    inside = np.arange(first, end)
    inside = inside[np.argsort(-places[inside])[: min(24, count)]]
    joint = places[inside, None] + log_softmax(tag[inside])
    flat = np.argsort(-joint, axis=None)[:count]
    rows, columns = np.unravel_index(flat, joint.shape)
    return [
        (float(joint[row, column]), start + int(inside[row]), int(column))
        for row, column in zip(rows, columns, strict=True)
    ]


def log_softmax(values: Floats) -> Floats:
    """The log-probabilities that logits stand for, along the last axis."""
    shifted = values - values.max(-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result


def _best(found: list[tuple[float, int, int]], count: int) -> list[Suggestion]:
    best: dict[tuple[int, int], float] = {}
    for value, index, tag in found:
        key = (index, tag)
        best[key] = max(value, best.get(key, -np.inf))
    ranked = sorted(best.items(), key=lambda item: -item[1])[:count]
    return [Suggestion(Step(index, TAGS[tag]), float(np.exp(value))) for (index, tag), value in ranked]
