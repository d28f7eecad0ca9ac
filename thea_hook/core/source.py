"""A source file as bytes, and the positions in it.

Everything inside the program counts bytes; people and report formats count lines and columns. ``SourceFile.position``
is the one place where the first becomes the second.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Literal, NamedTuple

Language = Literal["javascript", "typescript", "tsx"]
"""A grammar: ``javascript`` reads .js .mjs .cjs .jsx, ``typescript`` .ts .mts .cts, ``tsx`` .tsx."""

LANGUAGES: dict[str, Language] = {
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
}
"""File name ending -> grammar."""

BOM = b"\xef\xbb\xbf"

# ECMAScript's LineTerminatorSequence (ECMA-262, 12.3): LF, CR, CRLF, U+2028, U+2029.
LINE_BREAK = re.compile(rb"\r\n?|\n|\xe2\x80[\xa8\xa9]")


class Span(NamedTuple):
    """Byte offsets, half-open; an insertion point is an empty span."""

    start: int
    end: int


class Position(NamedTuple):
    """A place as people count it: line and column start at 1, a column is a code point."""

    line: int
    column: int


class _File(NamedTuple):
    path: str
    text: bytes
    language: Language


class SourceFile(_File):
    """The bytes of one file. ``path`` is how reports name it: relative where possible, with forward slashes."""

    @cached_property
    def line_starts(self) -> list[int]:
        """Byte offset at which each line begins; the first is 0."""
        return [0, *(match.end() for match in LINE_BREAK.finditer(self.text))]

    def position(self, offset: int) -> Position:
        """Line and column of a byte offset. A byte order mark does not count as a column."""
        line = bisect_right(self.line_starts, offset)
        start = self.line_starts[line - 1]
        if line == 1 and self.text.startswith(BOM):
            start = min(len(BOM), offset)
        return Position(line, len(self.text[start:offset].decode("utf-8", "replace")) + 1)

    def line(self, number: int) -> bytes:
        """The text of a line (from 1), without its line break."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        line = self.text[start:end]
        for line_break in (b"\r\n", b"\n", b"\r", b"\xe2\x80\xa8", b"\xe2\x80\xa9"):
            if line.endswith(line_break):
                return line[: -len(line_break)]
        return line


def language_of(path: str) -> Language | None:
    """The grammar that the file name asks for, or None where it is not JavaScript or TypeScript."""
    name = path.replace("\\", "/").rpartition("/")[2]
    dot = name.rfind(".")
    return LANGUAGES.get(name[dot:].lower()) if dot > 0 else None


def utf8(text: str) -> bytes:
    """A name or message as bytes: what was no UTF-8 comes out as it went in; a lone surrogate, which Windows allows in
    names, becomes the three bytes that it would be."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
