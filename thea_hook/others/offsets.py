"""Places as other tools count them, as bytes.

ESLint and TypeScript count UTF-16 units, Biome code points, oxlint bytes; none of them counts a byte order mark.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Literal

from thea_hook.core.finding import Edit
from thea_hook.core.source import BOM, SourceFile, Span

Unit = Literal["utf-16", "code-points", "bytes"]

_WIDTHS: dict[str, Callable[[str], int]] = {
    "utf-16": lambda character: 2 if character > "\uffff" else 1,
    "code-points": lambda character: 1,
    "bytes": lambda character: len(character.encode("utf-8", "surrogatepass")),
}


class Offsets:
    """Byte offsets of a text in which another tool counts its own ``unit``. Raises UnicodeDecodeError where the text is
    no UTF-8: such a tool reads something else than its bytes."""

    def __init__(self, file: SourceFile, unit: Unit) -> None:
        self._file = file
        self._unit = unit
        self._first = len(BOM) if file.text.startswith(BOM) else 0
        self._text = file.text[self._first :].decode("utf-8")

    @cached_property
    def _table(self) -> tuple[list[int], list[int]]:
        """Where each character begins: in units, and in bytes."""
        width = _WIDTHS[self._unit]
        units = list(accumulate(map(width, self._text), initial=0))
        size = list(accumulate(map(_WIDTHS["bytes"], self._text), initial=self._first))
        return units, size

    def at(self, offset: int) -> int:
        """The byte at which so many units of the text end. ESLint's -1, in front of a byte order mark, is 0."""
        if offset < 0:
            return 0
        if self._text.isascii() or self._unit == "bytes":
            return min(self._first + offset, len(self._file.text))
        units, size = self._table
        return size[min(bisect_left(units, offset), len(size) - 1)]

    def between(self, start: int, end: int) -> Span:
        """The bytes between two places. Raises TypeError and ValueError where they are none, in this order."""
        if not isinstance(start, int) or not isinstance(end, int):
            raise TypeError(f"{start!r} to {end!r} is no range")
        if start > end:
            raise ValueError(f"{start} to {end} ends before it begins")
        return Span(self.at(start), self.at(end))

    def edit(self, start: int, end: int, text: str) -> Edit:
        """What another tool writes between two places. Raises TypeError and ValueError where that is no edit of a text:
        half of a character goes or comes, or the places are none."""
        span = self.between(start, end)
        if (self._cuts(start) or self._cuts(end)) and start >= 0:
            raise ValueError(f"{start} to {end} cuts a character")
        return Edit(span, text.encode("utf-8"))

    def _cuts(self, offset: int) -> bool:
        if self._text.isascii() or self._unit == "bytes":
            return False
        units, _ = self._table
        index = bisect_left(units, offset)
        return index < len(units) and units[index] != offset

    def bytes_between(self, start: int, end: int) -> Span:
        """The same for a tool that counts bytes, a byte order mark among them. Raises ValueError."""
        if start > end:
            raise ValueError(f"{start} to {end} ends before it begins")
        size = len(self._file.text)
        return Span(min(max(0, start), size), min(max(0, end), size))

    def of(self, line: int, column: int) -> int:
        """The byte at a line and column, both counted from 1. Beyond the end of a line or the text: that end."""
        starts = self._file.line_starts
        if line < 1:
            return self._first
        if line > len(starts):
            return len(self._file.text)
        start = max(starts[line - 1], self._first)
        if self._text.isascii():
            return min(start + max(0, column - 1), starts[line - 1] + len(self._file.line(line)))
        content = self._file.line(line)[max(0, self._first - starts[line - 1]) :].decode("utf-8", "replace")
        width, left, size = _WIDTHS[self._unit], max(0, column - 1), 0
        for character in content:
            if left <= 0:
                break
            left -= width(character)
            size += _WIDTHS["bytes"](character)
        return start + size

    def span(
        self,
        line: float | None,
        column: float | None,
        end_line: float | None = None,
        end_column: float | None = None,
    ) -> Span:
        """The bytes from one place to another; without the other, an empty span. A place that is missing is the first:
        rules report what they like."""
        start = self.of(int(line or 1), int(column or 1))
        if end_line is None or end_column is None:
            return Span(start, start)
        return Span(start, max(start, self.of(int(end_line), int(end_column))))


@lru_cache(maxsize=64)
def offsets_of(file: SourceFile, unit: Unit) -> Offsets:
    """The offsets of a text; those of the last files are kept, since a report names a file once for each finding."""
    return Offsets(file, unit)
