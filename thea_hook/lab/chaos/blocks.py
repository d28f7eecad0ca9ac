"""Mistakes with the braces of blocks and the lines that close them: the parser stops far away from most of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.lab.chaos.places import CLOSERS, Places, Row, insertion, removal
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]

_CLOSING = (*CLOSERS, b";", b",")
_MOST_LOST = 3


def block_openers(places: Places) -> Sequence[int]:
    """The braces at the end of a line."""
    return [row.last for row in places.rows.values() if places.texts[row.last] == b"{"]


def whole_blocks(places: Places) -> Sequence[int]:
    """The braces at the end of a line whose partner begins one."""
    return [index for index in block_openers(places) if places.partners.get(index) in places.rows]


def missing_braces(places: Places, index: int, rng: random.Random) -> Edits:
    """A block of several lines, or an object to return, without its braces."""
    closer = places.partners[index]
    return [removal(places, index, index, rng), removal(places, closer, closer, rng)]


def statement_ends(places: Places) -> Sequence[int]:
    """What ends a line and can stand before a block."""
    return [
        row.last
        for row in places.rows.values()
        if places.texts[row.last] in (b")", b";", b"=>") or places.kinds[row.last] == Kind.WORD
    ]


def extra_brace(places: Places, index: int, rng: random.Random) -> Edits:
    """A block that is opened at the end of a line, and never closed."""
    return [insertion(places.ends[index], b" {" if rng.random() < 0.7 else b"{")]


# ------------------------------------------------------------------ lines of nothing but closing brackets


def closing_rows(places: Places) -> Sequence[int]:
    """The first lexeme of every such line."""
    return [row.first for row in places.rows.values() if _is_closing(places, row)]


def _is_closing(places: Places, row: Row) -> bool:
    return places.texts[row.first] in CLOSERS and all(
        text in _CLOSING for text in places.texts[row.first : row.last + 1]
    )


def missing_closing_line(places: Places, index: int, rng: random.Random) -> Edits:
    """Such a line is gone, or one end of it."""
    row = places.rows[index]
    is_whole = row.first == row.last or rng.random() < 0.65
    if is_whole and rng.random() < 0.8:
        return [Edit(Span(row.start, row.end), b"")]
    if is_whole:
        return [Edit(Span(places.starts[row.first], places.ends[row.last]), b"")]
    cut = rng.randint(row.first + 1, row.last)
    if rng.random() < 0.4:
        return [Edit(Span(places.starts[row.first], places.starts[cut]), b"")]
    return [Edit(Span(places.starts[cut], places.ends[row.last]), b"")]


def last_rows(places: Places) -> Sequence[int]:
    """The first lexemes of the closing lines that a text ends with, those a text of many lines may lose."""
    return sorted(row.first for row in _closing_from_the_end(places))


def _closing_from_the_end(places: Places) -> Iterator[Row]:
    rows = list(places.rows.values())[-_MOST_LOST:]
    for row in reversed(rows):
        if not _is_closing(places, row):
            break
        yield row


def lost_end(places: Places, index: int, rng: random.Random) -> Edits:
    """A text without its last lines; the line feed before them is left, or goes as well."""
    start = places.rows[index].start
    if rng.random() < 0.3 and start and places.text[start - 1 : start] == b"\n":
        start -= 2 if places.text[start - 2 : start] == b"\r\n" else 1
    return [Edit(Span(start, len(places.text)), b"")]
