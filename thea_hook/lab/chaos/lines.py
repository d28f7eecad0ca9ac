"""Mistakes with whole lines: lost, doubled, joined, and what a merge leaves."""

from __future__ import annotations

import random
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.lab.chaos.places import CLOSERS, OPENERS, Places, Row, insertion
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]


def structural_rows(places: Places) -> Sequence[int]:
    """Lines that open or close a block: losing or doubling one breaks the text."""
    ends = (*OPENERS, b"=>", b"(", b",")
    return [
        row.first
        for row in places.rows.values()
        if places.texts[row.first] in CLOSERS or places.texts[row.last] in ends
    ]


def lost_line(places: Places, index: int, rng: random.Random) -> Edits:
    row = places.rows[index]
    return [Edit(Span(row.start, row.end), b"")]


def doubled_line(places: Places, index: int, rng: random.Random) -> Edits:
    """A line or a few that stand there twice, as a bad merge leaves them."""
    rows = _rows_from(places, index, rng.choice((1, 1, 1, 2, 3, 5)))
    lines = places.text[rows[0].start : rows[-1].end]
    return [insertion(rows[-1].end, lines)] if lines.endswith(b"\n") else []


_JOINS = frozenset(b"; , ( [ { } => + - && || ? : = . < >".split())


def joinable_rows(places: Places) -> Sequence[int]:
    """Lines whose end ends a statement that has no semicolon."""
    return [
        row.first
        for row in places.rows.values()
        if places.texts[row.last] not in _JOINS
        and places.kinds[row.last] not in (Kind.COMMENT, Kind.JSX_TEXT)
        and row.last + 1 < len(places)
        and places.kinds[row.last + 1] == Kind.WORD
        and places.gap_before(row.last + 1).count(b"\n") == 1
    ]


def joined_lines(places: Places, index: int, rng: random.Random) -> Edits:
    """A lost line break."""
    last = places.rows[index].last
    return [Edit(Span(places.ends[last], places.starts[last + 1]), b" " if rng.random() < 0.7 else b"")]


def split_line(places: Places, index: int, rng: random.Random) -> Edits:
    """A line break in the middle of a line comment, so that its end is code."""
    text = places.texts[index]
    blanks = [place for place in range(4, len(text)) if text[place] == 0x20]
    if not blanks:
        return []
    place = places.starts[index] + rng.choice(blanks)
    return [Edit(Span(place, place + 1), places.line_end)]


# ------------------------------------------------------------------ merge conflicts

_OURS = (b"HEAD", b"HEAD", b"HEAD", b"Updated upstream", b"ours", b"main")
_BRANCHES = (
    b"main",
    b"master",
    b"develop",
    b"feature/login",
    b"Stashed changes",
    b"origin/master",
    b"fix-tests",
    b"3f2c1ab (Fix the layout)",
    b"9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d",
    b"theirs",
)
_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>")


def conflict(places: Places, index: int, rng: random.Random) -> Edits:
    """A whole conflict block: the right side is the text as it was, the other one differs from it."""
    rows = _rows_from(places, index, rng.choice((1, 1, 1, 2, 2, 3, 4, 6)))
    start, end = rows[0].start, rows[-1].end
    right = places.text[start:end]
    if not right.endswith(b"\n"):
        return []
    other = _other_side(places, right, rng)
    if other == right:
        return []
    newline = places.line_end
    opening = b"<<<<<<< " + rng.choice(_OURS) + newline
    middle = b"=======" + newline
    if rng.random() < 0.06:
        middle = b"||||||| " + rng.choice(_BRANCHES) + newline + right + middle
    closing = b">>>>>>> " + rng.choice(_BRANCHES) + newline
    if rng.random() < 0.5:
        return [insertion(start, opening), insertion(end, middle + other + closing)]
    return [insertion(start, opening + other + middle), insertion(end, closing)]


def _rows_from(places: Places, index: int, count: int) -> list[Row]:
    rows = [places.rows[index]]
    while len(rows) < count:
        row = places.rows.get(rows[-1].last + 1)
        if row is None or row.start != rows[-1].end:
            break
        rows.append(row)
    return rows


def _other_side(places: Places, right: bytes, rng: random.Random) -> bytes:
    """What the other branch has there: nothing, fewer or more lines, or other names."""
    lines = right.splitlines(keepends=True)
    way = rng.random()
    if way < 0.2:
        return b""
    if way < 0.4 and len(lines) > 1:
        del lines[rng.randrange(len(lines))]
        return b"".join(lines)
    if way < 0.6:
        row = places.rows[rng.choice(list(places.rows))]
        lines.insert(rng.randint(0, len(lines)), places.text[row.start : row.end].rstrip(b"\r\n") + places.line_end)
        return b"".join(lines)
    if not places.names:
        return b""
    old = [name for name in set(places.names) if name in right]
    return right.replace(rng.choice(sorted(old)), rng.choice(places.names)) if old else b""


def conflict_marker(places: Places, index: int, rng: random.Random) -> Edits:
    """One line that was left when the rest of a conflict was resolved."""
    row, marker = places.rows[index], rng.choice(_MARKERS)
    if marker != b"=======":
        marker += b" " + rng.choice(_OURS if marker == b"<<<<<<<" else _BRANCHES)
    if rng.random() < 0.12:
        marker = marker[rng.randint(1, 3) :]
    return [insertion(row.start, marker + places.line_end)]
