"""Positions as editors count them: lines from 0, and in a line the units of an encoding that both sides agreed on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Span

# The protocol knows no other line ends; ECMAScript has U+2028 and U+2029 as well, `str.splitlines` even form feeds.
_LINE_END = re.compile(rb"\r\n?|\n")


class Place(NamedTuple):
    """A position: line and character from 0. A byte order mark, where the editor sent one, is a character."""

    line: int
    character: int


class _Text(NamedTuple):
    content: bytes
    encoding: str


class Text(_Text):
    """The content of a document in UTF-8. ``encoding`` is what its characters count: utf-8, utf-16 or utf-32."""

    @classmethod
    def of(cls, content: str, encoding: str) -> Text:
        """The text as the editor sent it; a lone surrogate becomes bytes that are no UTF-8."""
        return cls(content.encode("utf-8", "surrogatepass"), encoding)

    @cached_property
    def line_starts(self) -> list[int]:
        """Byte offset at which each line begins; the first is 0."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.content))]

    def places(self, offsets: Iterable[int]) -> dict[int, Place]:
        """The position of each byte offset. Each stretch between two of them is counted once."""
        found: dict[int, Place] = {}
        line, previous, character = -1, 0, 0
        for offset in sorted(set(offsets)):
            if line < 0 or bisect_right(self.line_starts, offset) - 1 > line:
                line = bisect_right(self.line_starts, offset) - 1
                previous, character = self.line_starts[line], 0
            character += self._units(self.content[previous:offset])
            previous = offset
            found[offset] = Place(line, character)
        return found

    def offset(self, line: int, character: int) -> int:
        """The byte offset of a position; what lies behind the end of a line or of the text means that end."""
        if line >= len(self.line_starts):
            return len(self.content)
        start = self.line_starts[line]
        end = self.line_starts[line + 1] if line + 1 < len(self.line_starts) else len(self.content)
        return start + self._bytes(self.content[start:end].rstrip(b"\r\n"), character)

    def replaced(self, span: Span, new: str) -> Text:
        """The text after a change."""
        edit = Edit(span, new.encode("utf-8", "surrogatepass"))
        return Text(apply_edits(self.content, [edit]), self.encoding)

    def _units(self, part: bytes) -> int:
        """How many units a part of a line has."""
        if self.encoding == "utf-8" or part.isascii():
            return len(part)
        text = part.decode("utf-8", "replace")
        return len(text) if self.encoding == "utf-32" else len(text.encode("utf-16-le", "surrogatepass")) // 2

    def _bytes(self, line: bytes, units: int) -> int:
        """How many bytes so many units of a line take; a position inside of a character means its beginning."""
        if line.isascii():
            return min(units, len(line))
        if self.encoding == "utf-8":
            units = min(units, len(line))
            while 0 < units < len(line) and line[units] & 0xC0 == 0x80:
                units -= 1
            return units
        text = line.decode("utf-8", "surrogatepass")
        if self.encoding == "utf-32":
            before = text[:units]
        else:
            before = text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "surrogatepass")
            if not text.startswith(before):  # half of a pair
                before = before[:-1]
        return len(before.encode("utf-8", "surrogatepass"))
