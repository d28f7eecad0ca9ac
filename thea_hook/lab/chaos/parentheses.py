"""Mistakes with the parentheses of conditions, parameters and calls, and with pairs of the wrong kind."""

from __future__ import annotations

import random
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.lab.chaos.places import PARTNER, Places, insertion, replacement

Edits = Sequence[Edit]

_CONDITIONS = (b"if", b"while", b"for", b"switch", b"catch")
_PARTS = tuple(b"&& || ?? === !== == != < > <= >=".split())


def conditions(places: Places) -> Sequence[int]:
    """The opening parenthesis of everything that needs parentheses."""
    return [
        index + 1
        for index in places.of_texts(_CONDITIONS)
        if places.text_at(index + 1) == b"(" and index + 1 in places.partners
    ]


def _gone(places: Places, index: int) -> Edit:
    return Edit(Span(places.starts[index], places.ends[index]), b"")


def missing_parentheses(places: Places, index: int, rng: random.Random) -> Edits:
    """`if a {`, as other languages write it."""
    return [_gone(places, index), _gone(places, places.partners[index])]


def compound_conditions(places: Places) -> Sequence[int]:
    """Those of an `if` or a `while` that have several parts."""
    return [
        index
        for index in conditions(places)
        if places.texts[index - 1] in (b"if", b"while") and _operators(places, index)
    ]


def _operators(places: Places, index: int) -> list[int]:
    """The operators between the parts of a condition."""
    inside = range(index + 1, places.partners[index])
    return [place for place in inside if places.texts[place] in _PARTS and places.opener_of[place] == index]


def early_closed(places: Places, index: int, rng: random.Random) -> Edits:
    """`if (a) === 0 {`, and `if (a) || (b) {` where the parts have parentheses of their own."""
    closer = places.partners[index]
    if places.texts[index + 1] == b"(":
        has_both = places.texts[closer - 1] == b")" and rng.random() < 0.7
        return [_gone(places, index), _gone(places, closer)] if has_both else [_gone(places, index)]
    operator = rng.choice(_operators(places, index))
    return [insertion(places.ends[operator - 1], b")"), _gone(places, closer)]


def empty_parameters(places: Places) -> Sequence[int]:
    """The `(` of `()` that a body follows."""
    return [
        index
        for index in places.by_text.get(b"(", ())
        if places.text_at(index + 1) == b")" and places.text_at(index + 2) in (b"{", b"=>", b":")
    ]


def missing_parameters(places: Places, index: int, rng: random.Random) -> Edits:
    """`function f {`, or one of the two parentheses."""
    chance = rng.random()
    if chance < 0.6:
        return [Edit(Span(places.starts[index], places.ends[index + 1]), b"")]
    return [_gone(places, index if chance < 0.75 else index + 1)]


# ------------------------------------------------------------------ pairs


def pairs_in_line(places: Places) -> Sequence[int]:
    """Opening brackets that are closed in the same line."""
    return sorted(
        index
        for index, partner in places.partners.items()
        if index < partner and b"\n" not in places.text[places.starts[index] : places.starts[partner]]
    )


def wrong_pair(places: Places, index: int, rng: random.Random) -> Edits:
    """`a{i}` for `a[i]`, `f[x]` for `f(x)`."""
    other = rng.choice([mark for mark in (b"(", b"[", b"[", b"{") if mark != places.texts[index]])
    return [replacement(places, index, other), replacement(places, places.partners[index], PARTNER[other])]
