"""Mistakes with punctuation: missing, extra, wrong, split and misplaced tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.lab.chaos.places import (
    CLOSERS,
    OPENERS,
    PARTNER,
    Places,
    Row,
    Where,
    insertion,
    new_line,
    removal,
    replacement,
)
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]

_BINARY = tuple(
    b"+ - * / % ** < > <= >= == === != !== && || ?? & | ^ << >> >>> += -= *= /= ? in instanceof of as extends".split()
)
_SPLITTABLE = tuple(b"=> === !== == != >= <= && || ?? ?. ... += -= *= /= ** ++ --".split())
_MARKS = (*OPENERS, *CLOSERS, b",", b";", b":", b".", b"=", b"=>", b"?", b"?.", b"...", b"<", b">", b"!", *_BINARY)
_MOST_ALIKE = 5


def of_texts(*texts: bytes) -> Where:
    """The places of these lexemes."""

    def where(places: Places) -> Sequence[int]:
        return places.of_texts(texts)

    return where


openers, closers, brackets = of_texts(*OPENERS), of_texts(*CLOSERS), of_texts(*OPENERS, *CLOSERS)
commas, semicolons, colons = of_texts(b","), of_texts(b";"), of_texts(b":")
arrows, equals, dots = of_texts(b"=>"), of_texts(b"="), of_texts(b".", b"?.", b"...")
splittable, marks = of_texts(*_SPLITTABLE), of_texts(*_MARKS)


# ------------------------------------------------------------------ missing


def missing(places: Places, index: int, rng: random.Random) -> Edits:
    """The lexeme is gone."""
    return [removal(places, index, index, rng)]


def missing_dot(places: Places, index: int, rng: random.Random) -> Edits:
    """`a b`; only the dots of a spread are gone without a trace, for `ab` is a name."""
    if places.texts[index] == b"..." or rng.random() < 0.15:
        return missing(places, index, rng)
    return [replacement(places, index, b" ")]


def separating_commas(places: Places) -> Sequence[int]:
    """Commas that something follows but those at line ends: one before a closing bracket is not missed."""
    return [index for index in _needed_commas(places) if not _ends_item(places, index)]


def line_ending_commas(places: Places) -> Sequence[int]:
    """Commas that a line ends with, where another item of an object or a list follows."""
    return [index for index in _needed_commas(places) if _ends_item(places, index)]


def _ends_item(places: Places, index: int) -> bool:
    return b"\n" in places.gap_before(index + 1) and places.inside(index) in (b"{", b"[")


def _needed_commas(places: Places) -> Iterator[int]:
    return (index for index in commas(places) if places.text_at(index + 1) not in CLOSERS)


def missing_in_column(places: Places, index: int, rng: random.Random) -> Edits:
    """The comma at the end of a line is gone; now and then those of its neighbours, too."""
    gone = _alike(places, index, rng, line_ending_commas(places), 0.12)
    return [Edit(Span(places.starts[place], places.ends[place]), b"") for place in gone]


def needed_semicolons(places: Places) -> Sequence[int]:
    """Semicolons that no line break stands in for."""
    return [
        index
        for index in semicolons(places)
        if places.text_at(index + 1) not in (b"", b"}") and b"\n" not in places.gap_before(index + 1)
    ]


def binary_operators(places: Places) -> Sequence[int]:
    return [index for index in places.of_texts(_BINARY) if places.is_operand_end(index - 1)]


def concatenations(places: Places) -> Sequence[int]:
    """Every `+` beside a string."""
    return [
        index
        for index in places.by_text.get(b"+", ())
        if Kind.STRING in (places.kind_at(index - 1), places.kind_at(index + 1))
    ]


def dot_for_plus(places: Places, index: int, rng: random.Random) -> Edits:
    """`path . "/index"`, as PHP and Perl write it."""
    return [replacement(places, place, b".") for place in _alike(places, index, rng, concatenations(places))]


_ENDINGS = (*CLOSERS, b";", b",")


def closing_groups(places: Places) -> Sequence[int]:
    """The lexeme that ends a line with at least two closing marks before it, itself included."""
    return [
        row.last
        for row in places.rows.values()
        if places.texts[row.last] in _ENDINGS and row.first < row.last and places.texts[row.last - 1] in CLOSERS
    ]


def missing_group(places: Places, index: int, rng: random.Random) -> Edits:
    """`})` or `});` at the end of a line is gone, or a part of it."""
    first = index - 1
    while first > 0 and index - first < 3 and places.texts[first - 1] in CLOSERS and rng.random() < 0.6:
        if b"\n" in places.gap_before(first):
            break
        first -= 1
    return [removal(places, first, index, rng)]


# ------------------------------------------------------------------ extra


def doubled(places: Places, index: int, rng: random.Random) -> Edits:
    """The lexeme stands there twice."""
    text = places.texts[index]
    is_spaced = text not in (*OPENERS, *CLOSERS, b",", b";", b".") and rng.random() < 0.7
    return [insertion(places.ends[index], b" " + text if is_spaced else text)]


def extra_bracket(places: Places, index: int, rng: random.Random) -> Edits:
    """A bracket that belongs to nothing, at the start or the end of a lexeme."""
    row = places.rows.get(index)
    mark = rng.choice((*CLOSERS, *CLOSERS, *OPENERS))
    if row is not None and rng.random() < 0.6:  # people lose count at the end of a line
        index = row.last
    gap = b" " if mark in (b"{", b"}") and rng.random() < 0.5 else b""
    if rng.random() < 0.75:
        return [insertion(places.ends[index], gap + mark)]
    return [insertion(places.starts[index], mark + gap)]


_CLOSING_LINES = (
    b"}",
    b"}",
    b"}",
    b"}",
    b"}",
    b"});",
    b"});",
    b"})",
    b")",
    b"};",
    b"]",
    b");",
    b"},",
    b"],",
    b"}}",
    b"} }",
)


def extra_closing_line(places: Places, index: int, rng: random.Random) -> Edits:
    """A line of closing brackets too many."""
    row = places.rows[index]
    indent = places.indentation(row)
    if rng.random() < 0.5:
        indent = indent[: -2 if indent.endswith(b"  ") else -1]
    mark = places.texts[index] if places.texts[index] in CLOSERS and rng.random() < 0.5 else rng.choice(_CLOSING_LINES)
    return [new_line(places, row, mark, indent=indent)]


def extra_semicolon(places: Places, index: int, rng: random.Random) -> Edits:
    """A semicolon in the middle of a statement, mostly at the end of a line."""
    row = places.rows.get(index)
    if row is not None and rng.random() < 0.8:
        index = row.last
    if places.texts[index] == b";" or places.kinds[index] == Kind.COMMENT:
        return []
    return [insertion(places.ends[index], b";")]


def extra_comma(places: Places, index: int, rng: random.Random) -> Edits:
    """A comma too many: a second one, one behind an opening bracket, or one before something."""
    if rng.random() < 0.2:
        return [insertion(places.starts[index], b", ")]
    return [insertion(places.ends[index], b",")]


def item_ends(places: Places) -> Sequence[int]:
    """The lexeme that ends an item of a list or an object, where the line ends with it or with its comma."""
    return [index for row in places.rows.values() if (index := _item_end(places, row)) is not None]


def _item_end(places: Places, row: Row) -> int | None:
    index = row.last - (places.texts[row.last] == b",")
    opener = places.opener_of[row.last]
    if index < row.first or opener < 0 or places.texts[index] in (*OPENERS, b";", b"=>"):
        return None
    if index == row.last and places.text_at(index + 1) not in CLOSERS:
        return None
    is_block = places.texts[opener] == b"{" and places.text_at(opener - 1) in (b")", b"=>", b"else", b"try", b"")
    return None if is_block else index


def semicolon_in_list(places: Places, index: int, rng: random.Random) -> Edits:
    """`{ a: 1; }`: an item that ends as a statement does."""
    return [insertion(places.ends[index], b";")]


def line_ending_closers(places: Places) -> Sequence[int]:
    """The last closing bracket of a line, a semicolon or a comma may follow it."""
    lasts = (row.last - (places.texts[row.last] in (b";", b",")) for row in places.rows.values())
    return sorted({index for index in lasts if index >= 0 and places.texts[index] in CLOSERS})


_EXTRA = tuple(b"= => . : ? + - && || ! ... * / < > & | == ?. @ % ^".split())


def extra_operator(places: Places, index: int, rng: random.Random) -> Edits:
    """An operator that nothing needs."""
    mark = rng.choice(_EXTRA)
    gap = b" " if rng.random() < 0.5 else b""
    if rng.random() < 0.5:
        return [insertion(places.ends[index], gap + mark)]
    return [insertion(places.starts[index], mark + gap)]


# ------------------------------------------------------------------ wrong


def wrong_bracket(places: Places, index: int, rng: random.Random) -> Edits:
    """A bracket of another kind, or turned round."""
    mark = places.texts[index]
    same_side = [other for other in (OPENERS if mark in OPENERS else CLOSERS) if other != mark]
    return [replacement(places, index, PARTNER[mark] if rng.random() < 0.2 else rng.choice(same_side))]


_WRONG = {
    b"=>": (b"=", b"->", b">", b"==>", b"=>>", b"<=", b"=.", b"=<", b">=", b":"),
    b"===": (b"====", b"= =", b"=!="),
    b"!==": (b"!===", b"=!=", b"!= =", b"<>"),
    b"==": (b"=!", b"= ="),
    b"!=": (b"=!=", b"<>", b"! ="),
    b"&&": (b"and", b"&&&", b"&& &"),
    b"||": (b"or", b"|||", b"|| |"),
    b"??": (b"???", b"?:"),
    b">=": (b"=>",),
    b"<=": (b"=<",),
    b"=": (b":=", b"=>", b"-", b":", b"<-", b"=:", b"=.", b"=-=", b"= ="),
    b":": (b"=", b";", b"::", b"=>", b" =", b"->"),
    b".": (b"..", b",", b"->", b"::", b" . .", b";"),
    b"?.": (b"?..", b"?->", b".?"),
    b"...": (b"..", b"....", b".", b"\xe2\x80\xa6"),
    b"?": (b":", b"?:", b"then", b"??"),
    b"!": (b"not ", b"!="),
    b"+": (b" .", b"=+", b"++ +", b".."),
    b"+=": (b"=+=", b"+ ="),
}

replaceable = of_texts(*_WRONG)


def wrong_operator(places: Places, index: int, rng: random.Random) -> Edits:
    """An operator of another language, or one with a character too many or too few."""
    return [replacement(places, index, rng.choice(_WRONG[places.texts[index]]))]


def split_operator(places: Places, index: int, rng: random.Random) -> Edits:
    """`= >`, `= = =`."""
    text = places.texts[index]
    cut = rng.randrange(1, len(text))
    if len(text) > 2 and rng.random() < 0.3:
        return [insertion(places.starts[index] + place, b" ") for place in range(1, len(text))]
    return [insertion(places.starts[index] + cut, b" ")]


def semicolon_for_comma(places: Places, index: int, rng: random.Random) -> Edits:
    """`{ a: 1; b: 2 }`; now and then for every comma of the list."""
    return [replacement(places, place, b";") for place in _alike(places, index, rng, commas(places))]


def _alike(places: Places, index: int, rng: random.Random, found: Sequence[int], chance: float = 0.25) -> Sequence[int]:
    """A lexeme, or all of these in the same brackets: who writes one as another language does writes all so."""
    if rng.random() >= chance:
        return [index]
    opener = places.opener_of[index]
    last = places.partners.get(opener, index)
    return [place for place in found if opener < place < last and places.opener_of[place] == opener][:_MOST_ALIKE] or [
        index
    ]


_STATEMENTS = tuple(b"var const let function class return if for while switch try this export import throw".split())


def semicolons_between_statements(places: Places) -> Sequence[int]:
    """Semicolons before a word that cannot go on a declaration."""
    return [index for index in semicolons(places) if places.text_at(index + 1) in _STATEMENTS]


def comma_for_semicolon(places: Places, index: int, rng: random.Random) -> Edits:
    return [replacement(places, index, b"," if rng.random() < 0.8 else b":")]


def dot_for_comma(places: Places, index: int, rng: random.Random) -> Edits:
    return [replacement(places, index, b"." if rng.random() < 0.7 else rng.choice((b":", b";,", b"'")))]


def keyed_colons(places: Places) -> Sequence[int]:
    """The colon behind a key of an object."""
    return [
        index
        for index in colons(places)
        if places.inside(index) == b"{"
        and places.text_at(index - 2) in (b"{", b",")
        and places.is_operand_end(index - 1)
    ]


def equals_for_colon(places: Places, index: int, rng: random.Random) -> Edits:
    """`{ a = 1 }`."""
    blank = b" " if places.gap_before(index) == b"" and rng.random() < 0.7 else b""
    return [replacement(places, place, blank + b"=") for place in _alike(places, index, rng, keyed_colons(places))]


def assigning_equals(places: Places) -> Sequence[int]:
    """Those of a declaration or of a statement, not those of parameters and attributes."""
    return [index for index in equals(places) if places.inside(index) in (b"", b"{") and places.gap_before(index)]


def colon_for_equals(places: Places, index: int, rng: random.Random) -> Edits:
    """`const a: 1`, `ship.due: now`."""
    if places.gap_before(index) == b" " and rng.random() < 0.7:
        return [Edit(Span(places.starts[index] - 1, places.ends[index]), b":")]
    return [replacement(places, index, b":")]


# ------------------------------------------------------------------ misplaced


def swapped(places: Places, index: int, rng: random.Random) -> Edits:
    """Two neighbours in the wrong order."""
    other = index + 1
    if other >= len(places) or b"\n" in places.gap_before(other) or Kind.COMMENT in places.kinds[index : other + 1]:
        return []
    swap = places.texts[other] + places.gap_before(other) + places.texts[index]
    return [Edit(Span(places.starts[index], places.ends[other]), swap)]


def _moved_line(places: Places, row: Row, rng: random.Random) -> Edits:
    target: Row | None = row
    for _ in range(rng.randint(1, 5)):
        target = places.rows.get(target.last + 1) if target is not None else None
    line = places.text[row.start : row.end]
    if target is None or not line.endswith(b"\n") or not places.text[: target.end].endswith(b"\n"):
        return []
    return [Edit(Span(row.start, row.end), b""), insertion(target.end, line)]


def moved(places: Places, index: int, rng: random.Random) -> Edits:
    """A token a few lexemes from its place, or a line of brackets a few lines from its own."""
    row = places.rows.get(index)
    if row is not None and places.texts[index] in CLOSERS and places.texts[row.last] in _ENDINGS:
        return _moved_line(places, row, rng)
    distance = rng.randint(2, 5)
    target = index + distance if rng.random() < 0.5 else index - distance
    if not 0 <= target < len(places) or Kind.COMMENT in places.kinds[min(index, target) : max(index, target) + 1]:
        return []
    offset = places.ends[target] if target > index else places.starts[target]
    if Kind.JSX_TEXT in places.kinds[min(index, target) : max(index, target) + 1]:
        return []
    return [Edit(Span(places.starts[index], places.ends[index]), b""), insertion(offset, places.texts[index])]
