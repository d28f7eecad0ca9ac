"""A broken text as the tagger sees it: one row of small integers for each lexeme, and one for the end of the text."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thea_hook.languages.lexemes import Kind, Lexemes
from thea_hook.languages.oracle import SyntaxProblem
from thea_hook.ml.subtokens import PIECES_PER_WORD, SubTokens
from thea_hook.ml.vocabulary import CLASSES, END, class_of

Rows = NDArray[np.int16]

_MAX_INDENT, _MAX_DELTA, _MAX_DEPTH = 32, 8, 15
_NO_DELTA = 2 * _MAX_DELTA + 1
MESSAGES = 128


class Feature(NamedTuple):
    """A column of the input: its name and how many values it can have."""

    name: str
    values: int


LAYOUT: tuple[Feature, ...] = (
    Feature("gap", 5),
    Feature("indent", _MAX_INDENT + 1),
    Feature("indent_change", _NO_DELTA + 1),
    Feature("indent_in_bracket", _NO_DELTA + 1),
    Feature("depth", _MAX_DEPTH + 1),
    Feature("inside", 5),
    Feature("match", 13),
)
"""White space, indentation and brackets. ``match`` says whether a bracket has a partner, and how that one is indented:
where a brace is missing, its neighbours are paired with braces of other lines."""

PARSER: tuple[Feature, ...] = (Feature("distance", 27), Feature("mark", 4), Feature("message", MESSAGES))
"""What the parser says: how far it is to the place where it gave up, and why it did."""

FIRST_FEATURE = 1 + PIECES_PER_WORD
"""Column 0 is the class of the lexeme; its sub-tokens follow."""
FEATURES = (*LAYOUT, *PARSER)
COLUMNS = FIRST_FEATURE + len(FEATURES)

_OPEN = {b"(": 1, b"[": 2, b"{": 3, b"${": 4}
_CLOSES = {b")": 1, b"]": 2, b"}": 3}
_QUOTED = re.compile(r"`[^`]*`$")


def encode(lexemes: Lexemes, problems: Sequence[SyntaxProblem], subtokens: SubTokens) -> Rows:
    """The rows of a whole text: [lexemes + 1, COLUMNS], int16; the last row is the end of the text.

    ``problems`` are the parser's, in its order. Nothing here fails, whatever the text.
    """
    texts, kinds, count = lexemes.texts, lexemes.kinds, len(lexemes)
    rows = np.zeros((count + 1, COLUMNS), np.int16)
    rows[:count, 0] = [class_of(kind, text) for kind, text in zip(kinds, texts, strict=True)]
    rows[count, 0] = END
    words = [index for index, kind in enumerate(kinds) if kind == Kind.WORD]
    if words:
        rows[words, 1:FIRST_FEATURE] = [_padded(subtokens(texts[index])) for index in words]
    rows[:, FIRST_FEATURE : FIRST_FEATURE + len(LAYOUT)] = np.column_stack([_spacing(lexemes), _brackets(lexemes)])
    rows[:, FIRST_FEATURE + len(LAYOUT) :] = _of_parser(lexemes, problems)
    return rows


def _padded(ids: tuple[int, ...]) -> tuple[int, ...]:
    return ids + (0,) * (PIECES_PER_WORD - len(ids))


def _spacing(lexemes: Lexemes) -> Rows:
    """Gap before the lexeme, indentation of its line, and its change where the lexeme begins the line."""
    count = len(lexemes)
    starts = np.array([*lexemes.starts, len(lexemes.text)])
    ends = np.array([0, *lexemes.ends])
    lines = np.array([*lexemes.newlines_before, lexemes.text.count(b"\n", lexemes.ends[-1] if count else 0)])
    blank = starts - ends
    gap = np.where(lines > 1, 4, np.where(lines == 1, 3, np.clip(blank, 0, 2)))
    indents = np.array([*lexemes.indents, 0])
    before = np.concatenate([[0], indents[:-1]])
    is_first = (lines > 0) | (np.arange(count + 1) == 0)
    change = np.where(is_first, _clipped(indents - before), _NO_DELTA)
    return np.column_stack([gap, np.clip(indents, 0, _MAX_INDENT), change]).astype(np.int16)


def _clipped(delta: NDArray[np.int64]) -> NDArray[np.int64]:
    clipped: NDArray[np.int64] = np.clip(delta, -_MAX_DELTA, _MAX_DELTA) + _MAX_DELTA
    return clipped


def _brackets(lexemes: Lexemes) -> Rows:
    """Indentation against the line of the innermost open bracket, depth, kind of that bracket, partner."""
    texts, indents, lines = lexemes.texts, lexemes.indents, lexemes.newlines_before
    count = len(lexemes)
    relative = [_NO_DELTA] * (count + 1)
    depths, inside, partner = [0] * (count + 1), [0] * (count + 1), [0] * (count + 1)
    stack: list[tuple[int, int]] = []  # index of the lexeme, kind of bracket
    for index, text in enumerate(texts):
        closes = _CLOSES.get(text, 4 if text[:1] == b"}" else 0)
        if closes:
            _close(stack, closes, index, indents, partner)
        if stack:
            opener, kind = stack[-1]
            inside[index] = kind
            depths[index] = min(len(stack), _MAX_DEPTH)
            if lines[index] or not index:
                delta = indents[index] - indents[opener]
                relative[index] = max(-_MAX_DELTA, min(_MAX_DELTA, delta)) + _MAX_DELTA
        opens = _OPEN.get(text, 4 if text[-2:] == b"${" and text[:1] in b"`}" else 0)
        if opens:
            stack.append((index, opens))
    for opener, _ in stack:
        partner[opener] = _UNMATCHED
    if stack:
        inside[count], depths[count] = stack[-1][1], min(len(stack), _MAX_DEPTH)
    return np.column_stack([relative, depths, inside, partner]).astype(np.int16)


_UNMATCHED, _CLOSER = 5, 6


def _close(stack: list[tuple[int, int]], closes: int, index: int, indents: Sequence[int], partner: list[int]) -> None:
    """Pair a closing bracket; those inside of its partner stay alone, and so does it if none of its kind is near."""
    for depth in range(len(stack) - 1, max(-1, len(stack) - 4), -1):
        if stack[depth][1] == closes:
            for opener, _ in stack[depth + 1 :]:
                partner[opener] = _UNMATCHED
            opener = stack[depth][0]
            delta = indents[index] - indents[opener]
            state = 1 + (delta > 0) + 2 * (delta < 0)
            partner[opener], partner[index] = state, _CLOSER + state
            del stack[depth:]
            return
    partner[index] = _CLOSER + _UNMATCHED


def _of_parser(lexemes: Lexemes, problems: Sequence[SyntaxProblem]) -> Rows:
    """Signed distance to the first problem, marks at the places that problems speak of, and the first one's message."""
    count = len(lexemes)
    found = np.zeros((count + 1, len(PARSER)), np.int16)
    if not problems:
        return found
    at = bisect_left(lexemes.ends, problems[0].span.start + 1)
    distance = np.arange(count + 1) - at
    size = np.minimum(12, np.ceil(2 * np.log2(1 + np.abs(distance)) * 0.75)).astype(np.int64)
    found[:, 0] = 14 + np.sign(distance) * size
    for problem in problems[1:]:
        found[bisect_left(lexemes.ends, problem.span.start + 1), 1] = 3
    for span in problems[0].related:
        found[bisect_left(lexemes.ends, span.start + 1), 1] = 2
    found[at, 1:] = 1, message_class(problems[0].message)
    return found


def message_class(message: str) -> int:
    """A number for a parser's message, whatever it found in place of what it expected."""
    expected = message.partition(" but found ")[0]
    return 1 + zlib.crc32(expected.encode()) % (MESSAGES - 1)


INPUT_SIZES: tuple[int, ...] = tuple(feature.values for feature in FEATURES)
"""How many values each column behind the sub-tokens has."""

__all__ = ["CLASSES", "COLUMNS", "FEATURES", "FIRST_FEATURE", "INPUT_SIZES", "LAYOUT", "PARSER", "Rows", "encode"]
