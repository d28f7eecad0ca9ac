"""Mistakes at the beginning of what is declared, assigned or returned: words too many, and words for one another."""

from __future__ import annotations

import random
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.lab.chaos.places import Places, insertion, replacement
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]

_LONGEST_TYPE = 12


def bare_lets(places: Places) -> Sequence[int]:
    """The `let` of a declaration that gives no value."""
    return [index for index in places.by_text.get(b"let", ()) if _is_bare(places, index)]


def _is_bare(places: Places, index: int) -> bool:
    if places.kind_at(index + 1) != Kind.WORD or places.text_at(index - 1) in (b".", b"?.", b"("):
        return False
    for place in range(index + 2, min(index + _LONGEST_TYPE, len(places) + 1)):
        text = places.text_at(place)
        if text == b"=" or (place == index + 2 and text not in (b":", b";", b",") and not _begins_line(places, place)):
            return False
        if text in (b";", b",", b"") or _begins_line(places, place):
            return True
    return False


def _begins_line(places: Places, index: int) -> bool:
    return b"\n" in places.gap_before(min(index, len(places)))


def const_without_value(places: Places, index: int, rng: random.Random) -> Edits:
    """`const x;` for `let x;`."""
    return [replacement(places, index, b"const")]


_BEFORE_VALUES = (b"=", b"=>", b"return", b"default", b"await", b"throw")
_BEGINNINGS = tuple(b"return return const const var let new function export = await async =>".split())


def values(places: Places) -> Sequence[int]:
    """Words that begin a value, or a statement."""
    return [
        index
        for index in places.by_kind.get(Kind.WORD, ())
        if index in places.rows or places.texts[index - 1] in _BEFORE_VALUES
    ]


def second_beginning(places: Places, index: int, rng: random.Random) -> Edits:
    """`x = return f()`, `export default = f`: a word that begins something else."""
    return [insertion(places.starts[index], rng.choice(_BEGINNINGS) + b" ")]


def words(places: Places) -> Sequence[int]:
    return places.by_kind.get(Kind.WORD, ())


def doubled_word(places: Places, index: int, rng: random.Random) -> Edits:
    """`return return x`, `scan: scan: []`: a word, and now and then the mark behind it, stands there twice."""
    start, end = places.starts[index], places.ends[index]
    if places.text_at(index + 1) in (b":", b".", b",", b"=") and rng.random() < 0.4:
        end = places.ends[index + 1]
    return [insertion(start, places.text[start:end] + b" ")]


def arrow_parameters(places: Places) -> Sequence[int]:
    """The `(` before the parameters of an arrow function."""
    return sorted(
        places.partners[index - 1]
        for index in places.by_text.get(b"=>", ())
        if places.text_at(index - 1) == b")" and index - 1 in places.partners
    )


def function_with_arrow(places: Places, index: int, rng: random.Random) -> Edits:
    """`function (a) => {`."""
    return [insertion(places.starts[index], b"function " if rng.random() < 0.5 else b"function")]
