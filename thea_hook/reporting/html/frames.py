"""Code frames: the lines that findings speak of, each shown once, with the findings below them.

A frame is a run of lines that belong together. A line that no screen shows whole, as in minified code, is shown in
pieces around what was found in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile
from thea_hook.reporting.html.markup import code
from thea_hook.reporting.located import Located

LINES_AROUND = 2
MOST_SPAN_LINES = 7  # of one finding that are shown; the rest of a long function says nothing new
MOST_LINES, MOST_FINDINGS = 60, 20  # of a frame, where it can end: browsers skip the layout of frames out of sight
MOST_CHARACTERS = 240
PIECE = 160
LEAD = 40  # characters kept before the marked place where a line is cut
MOST_MARKS = 12  # findings named by one marked place

ORDER = {severity: rank for rank, severity in enumerate(Severity)}


class Place(NamedTuple):
    """The finding ``at`` that index in its file: the lines shown for it, and the last one of those that it marks."""

    at: int
    item: Located
    first: int
    anchor: int
    last: int


class Frame(NamedTuple):
    """Lines ``first`` to ``last`` and the findings in them, in the order in which they are shown."""

    first: int
    last: int
    places: tuple[Place, ...]


class Mark(NamedTuple):
    """Columns of one line, from 0 and half-open, that a finding speaks of. ``number`` is its place in the report."""

    start: int
    end: int
    number: int
    severity: Severity


def frames(source: SourceFile, items: Sequence[Located]) -> list[Frame]:
    """The frames of one file, from top to bottom; no line is in two of them."""
    lines = len(source.line_starts) - (source.line_starts[-1] == len(source.text))  # no line after the last break
    places = [_place(index, item, lines) for index, item in enumerate(items)]
    found: list[Frame] = []
    first = last = anchor = 0
    group: list[Place] = []
    for place in places:
        start = place.item.start.line
        is_full = len(group) >= MOST_FINDINGS or last - first >= MOST_LINES
        if group and start > anchor and (is_full or place.first > last + 1):
            found.append(_frame(first, min(last, start - 1), group))
            group = []
        if not group:
            first, last, anchor = max(place.first, found[-1].last + 1 if found else 1), 0, 0
        group.append(place)
        last, anchor = max(last, place.last), max(anchor, place.anchor)
    return [*found, _frame(first, last, group)] if group else found


def _frame(first: int, last: int, group: Sequence[Place]) -> Frame:
    return Frame(first, last, tuple(sorted(group, key=lambda place: place.anchor)))


def _place(index: int, item: Located, lines: int) -> Place:
    start, end = item.start.line, item.end.line
    if end > start and item.end.column == 1:  # up to the line break, which belongs to the line before
        end -= 1
    anchor = min(end, start + MOST_SPAN_LINES - 1)
    return Place(index, item, max(1, start - LINES_AROUND), anchor, max(anchor, min(lines, anchor + LINES_AROUND)))


class Row(NamedTuple):
    """A line of code as markup, or a piece of one, and the findings to show below it, by their place in the report."""

    html: str
    below: tuple[int, ...]
    is_piece: bool = False


def rows(source: SourceFile, frame: Frame, number: int) -> Iterator[Row]:
    """The rows of a frame whose first finding is the one of that number in the report."""
    below: dict[int, list[int]] = {}
    marks: dict[int, list[Mark]] = {}
    for index, place in enumerate(frame.places, number):
        below.setdefault(place.anchor, []).append(index)
        for line in range(place.item.start.line, place.anchor + 1):
            marks.setdefault(line, []).append(_mark(place.item, line, index))
    for line in range(frame.first, frame.last + 1):
        yield from _line_rows(_decoded(source, line), line, marks.get(line, []), below.get(line, []))


def _mark(item: Located, line: int, number: int) -> Mark:
    start = item.start.column - 1 if line == item.start.line else 0
    end = item.end.column - 1 if line == item.end.line else -1
    return Mark(start, end, number, item.finding.severity)


def _decoded(source: SourceFile, number: int) -> str:
    line = source.line(number).decode("utf-8", "replace")
    return line.removeprefix("\ufeff") if number == 1 else line  # which has no column of its own


def _line_rows(line: str, number: int, marks: Sequence[Mark], below: Sequence[int]) -> Iterator[Row]:
    marks = sorted((_within(mark, line) for mark in marks), key=lambda mark: (mark.start, mark.number))
    if len(line) <= MOST_CHARACTERS:
        yield Row(_row(line, number, marks), tuple(below))
        return
    if not marks:
        yield Row(_row(line, number, (), (0, PIECE)), ())
        return
    waiting, active, coming = set(below), list[Mark](), list(reversed(marks))
    for start, end in _pieces(marks):
        active = [mark for mark in active if mark.end > start]
        while coming and coming[-1].start < end:
            active.append(coming.pop())
        here = [mark.number for mark in active if mark.number in waiting]
        waiting.difference_update(here)
        inside = [mark._replace(start=max(mark.start, start), end=min(mark.end, end)) for mark in active]
        yield Row(_row(line, number, inside, (start, end)), tuple(here), is_piece=True)


def _within(mark: Mark, line: str) -> Mark:
    """At least one column of the line; the one after its end stands for an empty place there."""
    start = min(mark.start, len(line))
    end = len(line) if mark.end < 0 else min(mark.end, len(line))
    return mark._replace(start=start, end=max(end, start + 1))


def _pieces(marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """Stretches of a long line, in order and without overlap, in one of which each mark begins."""
    end = 0
    for mark in marks:
        if mark.start >= end:
            start = max(end, mark.start - LEAD)
            end = start + PIECE
            yield start, end


def _row(line: str, number: int, marks: Sequence[Mark], piece: tuple[int, int] | None = None) -> str:
    if piece is None:
        return f'<code data-n="{number}">{_marked(line, 0, marks)}\n</code>'
    start, end = piece
    before, after = "…" if start else "", "…" if end < len(line) else ""
    return f'<code data-n="{number}" class="piece">{before}{_marked(line[start:end], start, marks)}{after}\n</code>'


def _marked(line: str, offset: int, marks: Sequence[Mark]) -> str:
    """The line with its marked places; where marks overlap, each stretch names all of its findings."""
    edges = {0, len(line)}
    for mark in marks:
        edges.update((mark.start - offset, mark.end - offset))
    bounds = sorted(edges)
    parts: list[str] = []
    active: list[Mark] = []
    coming = list(reversed(marks))
    for start, end in pairwise(bounds):
        active = [mark for mark in active if mark.end - offset > start]
        while coming and coming[-1].start - offset <= start:
            active.append(coming.pop())
        piece = line[start:end] or " "
        parts.append(_mark_html(piece, active) if active else code(piece))
    return "".join(parts)


def _mark_html(piece: str, active: Sequence[Mark]) -> str:
    severity = min((mark.severity for mark in active), key=ORDER.__getitem__)
    numbers = " ".join(str(mark.number) for mark in active[-MOST_MARKS:])
    return f'<mark data-f="{numbers}" class="{severity}">{code(piece)}</mark>'
