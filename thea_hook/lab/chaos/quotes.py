"""Mistakes with strings and templates."""

from __future__ import annotations

import random
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.lab.chaos.places import CLOSERS, Places, insertion, removal
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]


def _first(offset: int, text: bytes) -> Edit:
    return Edit(Span(offset, offset + 1), text)


def strings(places: Places) -> Sequence[int]:
    return [
        index
        for index in places.by_kind.get(Kind.STRING, ())
        if places.ends[index] - places.starts[index] >= 2 and places.texts[index][0] == places.texts[index][-1]
    ]


def unclosed_string(places: Places, index: int, rng: random.Random) -> Edits:
    """A string that lost one of its quotes: mostly the last, and now and then with what ends the line behind it."""
    start, end = places.starts[index], places.ends[index]
    last = _line_ending(places, index)
    if last > index and rng.random() < 0.3:
        return [Edit(Span(end - 1, places.ends[last]), b"")]
    return [_first(end - 1 if rng.random() < 0.65 else start, b"")]


def _line_ending(places: Places, index: int) -> int:
    """The last lexeme of the line where only closing marks follow a string, else the string itself."""
    last = index
    while places.text_at(last + 1) in (*CLOSERS, b";", b",") and b"\n" not in places.gap_before(last + 1):
        last += 1
    return last if b"\n" in places.gap_before(last + 1) else index


def mismatched(places: Places, index: int, rng: random.Random) -> Edits:
    """`'abc"`."""
    start, end = places.starts[index], places.ends[index]
    other = rng.choice([mark for mark in (b"'", b'"', b'"', b"'", b"`") if mark[0] != places.text[start]])
    return [_first(end - 1 if rng.random() < 0.5 else start, other)]


def doubled_quote(places: Places, index: int, rng: random.Random) -> Edits:
    """One quote too many."""
    start, end, mark = places.starts[index], places.ends[index], places.texts[index][:1]
    return [insertion(end if rng.random() < 0.6 else start, mark)]


def with_apostrophe(places: Places) -> Sequence[int]:
    """Strings that have an apostrophe or an escaped quote in them."""
    return [index for index in strings(places) if b"'" in places.texts[index][1:-1] or b'\\"' in places.texts[index]]


def unescaped(places: Places, index: int, rng: random.Random) -> Edits:
    """`'don't'`: a quote inside of a string that was not escaped, or that other quotes would have let pass."""
    start, end, text = places.starts[index], places.ends[index], places.texts[index]
    escaped = text.find(b"\\" + text[:1], 1)
    if escaped > 0:
        return [_first(start + escaped, b"")]
    if text[:1] == b'"':
        return [_first(start, b"'"), _first(end - 1, b"'")]
    return []


_TYPOGRAPHIC = {b"'": ("‘".encode(), "’".encode()), b'"': ("“".encode(), "”".encode())}


def typographic(places: Places, index: int, rng: random.Random) -> Edits:
    """Quotes as word processors and web pages write them."""
    start, end = places.starts[index], places.ends[index]
    opening, closing = _TYPOGRAPHIC.get(places.text[start : start + 1], (b"`", b"\xc2\xb4"))
    if rng.random() < 0.2:
        opening = closing
    return [_first(start, opening), _first(end - 1, closing)]


def bare_strings(places: Places) -> Sequence[int]:
    """Strings long enough to lose both quotes."""
    return [index for index in strings(places) if places.ends[index] - places.starts[index] > 3]


def quoted_keys(places: Places) -> Sequence[int]:
    """Keys of an object that need their quotes."""
    return [
        index
        for index in strings(places)
        if places.text_at(index + 1) == b":"
        and places.inside(index) == b"{"
        and not places.texts[index][1:-1].replace(b"$", b"_").decode("utf-8", "replace").isidentifier()
        and len(places.texts[index]) > 2
    ]


def unquoted(places: Places, index: int, rng: random.Random) -> Edits:
    """A string without its quotes."""
    start, end = places.starts[index], places.ends[index]
    return [_first(start, b""), _first(end - 1, b"")]


def broken_line(places: Places, index: int, rng: random.Random) -> Edits:
    """A string that goes on in the next line."""
    text = places.texts[index]
    blanks = [place for place in range(1, len(text) - 1) if text[place] == 0x20]
    if not blanks:
        return []
    return [insertion(places.starts[index] + rng.choice(blanks) + 1, places.line_end)]


# ------------------------------------------------------------------ templates


def templates(places: Places) -> Sequence[int]:
    return places.by_kind.get(Kind.TEMPLATE, ())


def unclosed_template(places: Places, index: int, rng: random.Random) -> Edits:
    """A template without one of its backticks or of the braces in it, or with a quote at one end."""
    start, end, text = places.starts[index], places.ends[index], places.texts[index]
    marks = [place for place in (start, end - 1) if places.text[place] in b"`{}"]
    if not marks or (len(text) < 2 and text != b"}"):
        return []
    mark = rng.choice(marks)
    if places.text[mark] == 0x60 and rng.random() < 0.25:
        return [_first(mark, rng.choice((b"'", b'"')))]
    return [_first(mark, b"")]


def regexes(places: Places) -> Sequence[int]:
    return places.by_kind.get(Kind.REGEX, ())


def damaged_regex(places: Places, index: int, rng: random.Random) -> Edits:
    """A regular expression without its last slash, or without the backslash before one in it."""
    text, start = places.texts[index], places.starts[index]
    escaped = text.find(b"\\/", 1)
    if escaped > 0 and rng.random() < 0.5:
        return [_first(start + escaped, b"")]
    last = text.rfind(b"/")
    return [_first(start + last, b"")] if last > 0 else [removal(places, index, index, rng)]
