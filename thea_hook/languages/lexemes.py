"""Lexical tokens of any text, broken or not, with the layout around them.

``lex`` never fails and loses nothing: the lexemes in order, and the white space between them, are the whole text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from thea_hook.core.source import Language
from thea_hook.languages.lexer import PUNCTUATORS, Kind, scan

__all__ = ["PUNCTUATORS", "Kind", "Lexemes", "Token", "lex", "token_at"]

TAB_WIDTH = 4
_OPENING = frozenset(b"([{")
_CLOSING = frozenset(b")]}")


class Token(NamedTuple):
    """One lexeme on its own."""

    kind: Kind
    start: int
    end: int
    text: bytes


class Lexemes:
    """The lexemes of one text, comments included, as a structure of arrays; lines and columns count from 0."""

    def __init__(self, text: bytes, kinds: bytes, starts: list[int], ends: list[int]) -> None:
        self.text = text
        self.kinds = kinds
        """A ``Kind`` for each lexeme."""
        self.starts = starts
        self.ends = ends

    def __len__(self) -> int:
        return len(self.kinds)

    @cached_property
    def texts(self) -> list[bytes]:
        text = self.text
        return [text[start:end] for start, end in zip(self.starts, self.ends, strict=True)]

    @cached_property
    def tokens(self) -> list[Token]:
        """Each lexeme as a value of its own, for those who look at few of them."""
        return [
            Token(Kind(kind), start, end, text)
            for kind, start, end, text in zip(self.kinds, self.starts, self.ends, self.texts, strict=True)
        ]

    @cached_property
    def newlines_before(self) -> list[int]:
        """How many line feeds lie between a lexeme and the one before it, or the start of the text."""
        count = self.text.count
        return [count(b"\n", end, start) for end, start in zip([0, *self.ends], self.starts)]  # noqa: B905

    @cached_property
    def _line_starts(self) -> list[int]:
        """The offset of each line; only a line feed ends one."""
        lengths = map(len, self.text.split(b"\n"))
        return [0, *accumulate(length + 1 for length in lengths)][:-1]

    @cached_property
    def lines(self) -> list[int]:
        """The line on which each lexeme begins."""
        lines: list[int] = []
        line, line_starts = 0, [*self._line_starts[1:], len(self.text) + 1]
        for start in self.starts:
            while line_starts[line] <= start:
                line += 1
            lines.append(line)
        return lines

    @cached_property
    def columns(self) -> list[int]:
        """How many bytes of its line lie before each lexeme."""
        line_starts = self._line_starts
        return [start - line_starts[line] for start, line in zip(self.starts, self.lines, strict=True)]

    @cached_property
    def indents(self) -> list[int]:
        """How far the line on which each lexeme begins is indented; a tab counts as four blanks."""
        widths: dict[int, int] = {}
        indents: list[int] = []
        for line in self.lines:
            width = widths.get(line)
            if width is None:
                width = widths[line] = self._indent_of(line)
            indents.append(width)
        return indents

    def _indent_of(self, line: int) -> int:
        start = self._line_starts[line]
        end = self.text.find(b"\n", start)
        blank = self.text[start : end if end >= 0 else len(self.text)]
        blank = blank[: len(blank) - len(blank.lstrip(b" \t"))]
        return len(blank) + (TAB_WIDTH - 1) * blank.count(b"\t")

    @cached_property
    def depths(self) -> list[int]:
        """How many brackets are open around each lexeme. A bracket is as deep as what is around its pair."""
        depths: list[int] = []
        depth = 0
        for kind, text in zip(self.kinds, self.texts, strict=True):
            is_bracket = (kind == Kind.PUNCTUATION and len(text) == 1) or kind == Kind.TEMPLATE
            if is_bracket and depth and text[0] in _CLOSING:
                depth -= 1
            depths.append(depth)
            if is_bracket and (text[-1] in _OPENING):
                depth += 1
        return depths


def lex(text: bytes, language: Language = "tsx") -> Lexemes:
    """The lexemes of the text; ``<`` opens an element of JSX only in a language that has JSX."""
    return Lexemes(text, *scan(text, jsx=language != "typescript"))


def token_at(tokens: Sequence[Token], offset: int) -> int:
    """The index of the first token that ends behind this offset."""
    return bisect_right(tokens, offset, key=lambda token: token.end)
