"""A text as the chaos engine sees it: lexemes found by what they are, lines, pairs of brackets. Indexed once a text."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import Kind, Lexemes

OPENERS = (b"(", b"[", b"{")
CLOSERS = (b")", b"]", b"}")
PARTNER = {b"(": b")", b"[": b"]", b"{": b"}", b")": b"(", b"]": b"[", b"}": b"{"}

_WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$#\\") | frozenset(
    range(128, 256)
)
_OPERATOR_BYTES = frozenset(b"=<>!&|+-*/%^?.:~")


class Row(NamedTuple):
    """A line that lexemes begin and end on: its bytes with the line feed, and its first and last lexeme."""

    start: int
    end: int
    first: int
    last: int


class Places:
    """Lexemes and what the kinds of mistakes ask about them."""

    def __init__(self, lexemes: Lexemes) -> None:
        self.lexemes = lexemes
        self.text: bytes = lexemes.text
        self.texts: Sequence[bytes] = lexemes.texts
        self.kinds: Sequence[int] = lexemes.kinds
        self.starts: Sequence[int] = lexemes.starts
        self.ends: Sequence[int] = lexemes.ends
        self._found: dict[Where, Sequence[int]] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def found(self, where: Where) -> Sequence[int]:
        """The lexemes, in order, at which one kind of mistake can be made."""
        places = self._found.get(where)
        if places is None:
            places = self._found[where] = where(self)
        return places

    # -------------------------------------------------------------- lexemes

    @cached_property
    def by_text(self) -> dict[bytes, list[int]]:
        found: dict[bytes, list[int]] = {}
        for index, text in enumerate(self.texts):
            found.setdefault(text, []).append(index)
        return found

    @cached_property
    def by_kind(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for index, kind in enumerate(self.kinds):
            found.setdefault(kind, []).append(index)
        return found

    def of_texts(self, texts: Iterable[bytes]) -> list[int]:
        return sorted(index for text in set(texts) for index in self.by_text.get(text, ()))

    def text_at(self, index: int) -> bytes:
        """The lexeme, or nothing beyond either end."""
        return self.texts[index] if 0 <= index < len(self.texts) else b""

    def kind_at(self, index: int) -> int | None:
        return self.kinds[index] if 0 <= index < len(self.kinds) else None

    def gap_before(self, index: int) -> bytes:
        start = self.ends[index - 1] if index else 0
        return self.text[start : self.starts[index] if index < len(self.starts) else len(self.text)]

    def is_operand_end(self, index: int) -> bool:
        """Whether an operand can end here: a name, a literal, a closing bracket."""
        return self.kind_at(index) in _OPERANDS or self.text_at(index) in (b")", b"]")

    @cached_property
    def partners(self) -> dict[int, int]:
        """Opening bracket -> its closing one, and back."""
        pairs: dict[int, int] = {}
        stack: list[int] = []
        for index in self.of_texts((*OPENERS, *CLOSERS)):
            if self.texts[index] in OPENERS:
                stack.append(index)
            elif stack and PARTNER[self.texts[stack[-1]]] == self.texts[index]:
                opener = stack.pop()
                pairs[opener], pairs[index] = index, opener
        return pairs

    @cached_property
    def opener_of(self) -> list[int]:
        """The innermost bracket that is open before each lexeme, or -1."""
        inner: list[int] = []
        stack = [-1]
        for index, text in enumerate(self.texts):
            inner.append(stack[-1])
            if text in OPENERS:
                stack.append(index)
            elif text in CLOSERS and len(stack) > 1:
                stack.pop()
        return inner

    def inside(self, index: int) -> bytes:
        """The innermost bracket that is open before a lexeme, or nothing."""
        return self.text_at(self.opener_of[index])

    # -------------------------------------------------------------- lines

    @cached_property
    def line_starts(self) -> list[int]:
        starts, place = [0], self.text.find(b"\n")
        while place >= 0:
            starts.append(place + 1)
            place = self.text.find(b"\n", place + 1)
        return starts

    @cached_property
    def rows(self) -> dict[int, Row]:
        """First lexeme of a line -> the line; without those that begin or end inside of a lexeme."""
        rows: dict[int, Row] = {}
        bounds = [*self.line_starts, len(self.text)]
        for start, end in pairwise(bounds):
            first = bisect_left(self.starts, start)
            last = bisect_left(self.starts, end) - 1
            if first <= last and self.ends[last] <= end and (not first or self.ends[first - 1] <= start):
                rows[first] = Row(start, end, first, last)
        return rows

    def line_of(self, index: int) -> int:
        return bisect_right(self.line_starts, self.starts[index]) - 1

    def within(self, first_line: int, last_line: int) -> tuple[int, int]:
        """The lexemes that begin on these lines, half-open."""
        starts = self.line_starts
        end = starts[last_line + 1] if last_line + 1 < len(starts) else len(self.text) + 1
        return bisect_left(self.starts, starts[max(0, first_line)]), bisect_left(self.starts, end)

    def indentation(self, row: Row) -> bytes:
        return self.text[row.start : self.starts[row.first]]

    @cached_property
    def line_end(self) -> bytes:
        return b"\r\n" if b"\r\n" in self.text else b"\n"

    @cached_property
    def names(self) -> list[bytes]:
        """Words of the text, as often as they are in it."""
        return [self.texts[index] for index in self.by_kind.get(Kind.WORD, ())]


Where = Callable[[Places], Sequence[int]]
"""The lexemes at which a kind of mistake can be made, in order and each once."""

Mistake = Callable[[Places, int, random.Random], "Sequence[Edit] | None"]
"""The edits that make a mistake at a lexeme, or None where it cannot be made after all."""

_OPERANDS = (Kind.WORD, Kind.NUMBER, Kind.STRING)


# ------------------------------------------------------------------ edits, with the white space that people leave


def insertion(offset: int, text: bytes) -> Edit:
    return Edit(Span(offset, offset), text)


def replacement(places: Places, index: int, text: bytes) -> Edit:
    return Edit(Span(places.starts[index], places.ends[index]), text)


def removal(places: Places, first: int, last: int, rng: random.Random) -> Edit:
    """Lexemes taken away: only their characters, with a blank beside them, or with the line that they are alone on."""
    start, end = places.starts[first], places.ends[last]
    row = places.rows.get(first)
    if row is not None and row.last == last and rng.random() < 0.7:
        return Edit(Span(row.start, row.end), b"")
    if rng.random() < 0.5:
        return Edit(Span(start, end), b"")
    before, behind = places.gap_before(first), places.gap_before(last + 1)
    # A blank goes only where another remains, or where what would meet does not run together.
    if before in (b" ", b"\t") and (behind or not _glues(places, first - 1, last + 1)):
        return Edit(Span(start - 1, end), b"")
    if behind == b" " and (before or not _glues(places, first - 1, last + 1)):
        return Edit(Span(start, end + 1), b"")
    return Edit(Span(start, end), b"")


def _glues(places: Places, left: int, right: int) -> bool:
    if left < 0 or right >= len(places):
        return False
    a, b = places.text[places.ends[left] - 1], places.text[places.starts[right]]
    return (a in _WORD_BYTES and b in _WORD_BYTES) or (a in _OPERATOR_BYTES and b in _OPERATOR_BYTES)


def every(places: Places) -> Sequence[int]:
    """All lexemes."""
    return range(len(places))


def row_starts(places: Places) -> Sequence[int]:
    """The first lexeme of every line."""
    return list(places.rows)


def new_line(places: Places, row: Row, content: bytes, *, indent: bytes | None = None) -> Edit:
    """A line put behind this one."""
    indent = places.indentation(row) if indent is None else indent
    if places.text[row.end - 1 : row.end] == b"\n":
        return insertion(row.end, indent + content + places.line_end)
    return insertion(row.end, places.line_end + indent + content)
