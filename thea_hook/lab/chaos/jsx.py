"""Mistakes with the tags of JSX."""

from __future__ import annotations

import random
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.lab.chaos.places import Places, insertion, removal
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]


def closing_tags(places: Places) -> Sequence[int]:
    """The `<` of every `</name>`, and of `</>`."""
    found = []
    for index in places.by_text.get(b"<", ()):
        if places.text_at(index + 1) == b"/" and places.ends[index] == places.starts[index + 1]:
            end = _tag_end(places, index + 2)
            if end is not None:
                found.append(index)
    return found


def _tag_end(places: Places, index: int) -> int | None:
    """The `>` of a closing tag."""
    for end in range(index, min(index + 8, len(places))):
        if places.texts[end] == b">":
            return end
        if places.kinds[end] != Kind.WORD and places.texts[end] not in (b".", b"-", b":"):
            return None
    return None


def _closing(places: Places, index: int) -> tuple[int, int]:
    end = _tag_end(places, index + 2)
    return places.starts[index], places.ends[end if end is not None else index]


def unclosed_element(places: Places, index: int, rng: random.Random) -> Edits:
    """The closing tag is gone, with its line where it is alone on it."""
    start, end = _closing(places, index)
    row = places.rows.get(index)
    if row is not None and places.ends[row.last] == end and rng.random() < 0.7:
        return [Edit(Span(row.start, row.end), b"")]
    return [Edit(Span(start, end), b"")]


def misspelt_tag(places: Places, index: int, rng: random.Random) -> Edits:
    """A closing tag with another name: a slip of the fingers, or another element's."""
    start, end = _closing(places, index)
    name = places.text[start + 2 : end - 1]
    if not name or not name.isalnum():
        return []
    slip = rng.random()
    if slip < 0.4:
        other = rng.choice((b"div", b"span", b"p", b"li", b"ul", b"View", b"Text", b"a", b"section"))
    elif slip < 0.6:
        other = name[:1].swapcase() + name[1:]
    else:
        place = rng.randrange(len(name))
        other = (
            name[:place] + name[place + 1 :]
            if rng.random() < 0.5
            else name[:place] + name[place : place + 1] + name[place:]
        )
    return [Edit(Span(start + 2, end - 1), other)]


def damaged_closing_tag(places: Places, index: int, rng: random.Random) -> Edits:
    """A closing tag without its `<`, `/` or `>`."""
    start, end = _closing(places, index)
    place = rng.choice((start, start + 1, start + 1, end - 1, end - 1))
    return [Edit(Span(place, place + 1), b"")]


def extra_closing_tag(places: Places, index: int, rng: random.Random) -> Edits:
    """A closing tag too many, behind one that is right."""
    start, end = _closing(places, index)
    name = places.text[start + 2 : end - 1] if rng.random() < 0.6 else rng.choice((b"div", b"p", b"span", b""))
    tag = b"</" + name + b">"
    row = places.rows.get(index)
    if row is not None and places.ends[row.last] == end:
        return [insertion(end, places.line_end + places.indentation(row) + tag)]
    return [insertion(end, tag)]


def self_closing_tags(places: Places) -> Sequence[int]:
    """The `/` of every `/>`."""
    return [
        index
        for index in places.by_text.get(b"/", ())
        if places.text_at(index + 1) == b">" and places.ends[index] == places.starts[index + 1]
    ]


def unclosed_tag(places: Places, index: int, rng: random.Random) -> Edits:
    """`<img ...>` for `<img ... />`, or neither of the two marks."""
    start, end = places.starts[index], places.ends[index]
    gap = len(places.gap_before(index)) if places.gap_before(index) == b" " else 0
    way = rng.random()
    if way < 0.6:
        return [Edit(Span(start - (gap if rng.random() < 0.6 else 0), end), b"")]
    if way < 0.85:
        return [Edit(Span(end, end + 1), b"")]
    return [Edit(Span(start - gap, end + 1), b"")]


def plain_opening_tags(places: Places) -> Sequence[int]:
    """The `>` of every opening tag that text or another tag follows."""
    return [
        index
        for index in places.by_text.get(b">", ())
        if (
            places.kind_at(index + 1) == Kind.JSX_TEXT
            or (places.text_at(index + 1), places.text_at(index - 1)) == (b"<", b"}")
        )
        and places.text_at(index - 1) not in (b"/", b"=")
    ]


def unfinished_tag(places: Places, index: int, rng: random.Random) -> Edits:
    """An opening tag without its `>`, or with a `/` before it."""
    start = places.starts[index]
    if rng.random() < 0.75:
        return [Edit(Span(start, start + 1), b"")]
    return [insertion(start, b" /" if rng.random() < 0.5 else b"/")]


def tag_ends(places: Places) -> Sequence[int]:
    """The `>` of every tag that text or another tag follows, and of those that close themselves."""
    return [
        index
        for index in places.by_text.get(b">", ())
        if places.text_at(index - 1) == b"/"
        or places.kind_at(index + 1) == Kind.JSX_TEXT
        or (places.text_at(index + 1), places.text_at(index + 2)) == (b"<", b"/")
    ]


def extra_mark(places: Places, index: int, rng: random.Random) -> Edits:
    """`<br />>`, `<b>}`: a mark behind a tag that text cannot have in it."""
    return [insertion(places.ends[index], rng.choice((b">", b"}", b"}", b"/>", b" >", b")}")))]


def braced_attributes(places: Places) -> Sequence[int]:
    """The `{` of every attribute with an expression, and of every spread."""
    return [
        index
        for index in places.by_text.get(b"{", ())
        if index in places.partners
        and _can_follow_attribute(places, places.partners[index] + 1)
        and (
            (places.text_at(index - 1) == b"=" and not places.gap_before(index))
            or (places.text_at(index + 1) == b"..." and places.kind_at(index - 1) in (Kind.WORD, Kind.STRING))
        )
    ]


def _can_follow_attribute(places: Places, index: int) -> bool:
    return places.text_at(index) in (b">", b"/", b"{") or places.kind_at(index) == Kind.WORD


def unbraced(places: Places, index: int, rng: random.Random) -> Edits:
    """`onClick=go`, `...props`: an expression without its braces, or without one of them."""
    closer = places.partners[index]
    both = [Edit(Span(places.starts[place], places.ends[place]), b"") for place in (index, closer)]
    return both if rng.random() < 0.6 else [rng.choice(both)]


def fragments(places: Places) -> Sequence[int]:
    """The `<` of every `<>` that is closed again."""
    return [
        index
        for index in places.by_text.get(b"<", ())
        if places.text_at(index + 1) == b">" and _end_of_fragment(places, index) is not None
    ]


def _end_of_fragment(places: Places, index: int) -> int | None:
    """The `<` of the `</>` that closes a fragment."""
    depth = 0
    for other in places.by_text[b"<"]:
        if other > index:
            depth += places.text_at(other + 1) == b">"
            if places.texts[other + 1 : other + 3] == [b"/", b">"]:
                if not depth:
                    return other
                depth -= 1
    return None


def missing_fragment(places: Places, index: int, rng: random.Random) -> Edits:
    """Elements side by side that nothing holds together."""
    end = _end_of_fragment(places, index)
    if end is None:
        return []
    return [removal(places, index, index + 1, rng), removal(places, end, end + 2, rng)]
