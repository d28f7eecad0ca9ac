"""What a merge left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.ruleset.rule import Problem
from thea_hook.syntax.broken import Broken

_LINE_END = rb"(?:\r?\n|\Z)"
_MARKER = re.compile(rb"^(?P<mark><{7}|\|{7}|={7}|>{7})(?:[ \t][^\r\n]*)?" + _LINE_END, re.MULTILINE)


def markers(broken: Broken) -> Iterator[Problem]:
    """Every conflict of the text, mended where both sides are equal; and a marker left alone where the parser stops."""
    in_conflicts: list[Span] = []
    for problem, where in conflicts(broken.text):
        in_conflicts.append(where)
        yield problem
    for place in broken.places:
        line = broken.line_of(place)
        match = _MARKER.match(broken.text, line.start)
        if match and not any(where.start <= line.start < where.end for where in in_conflicts):
            where = Span(*match.span())
            yield Problem(
                Span(where.start, where.start + 7),
                message="leftover",
                edits=(Edit(where, b""),),
                title="Remove the line",
                applicability=Applicability.UNSAFE,
            )


class Conflict(NamedTuple):
    """The spans of a conflict, of its sides, which are without markers, and of its markers."""

    span: Span
    ours: Span
    theirs: Span
    markers: tuple[Span, ...]


def find_conflicts(text: bytes) -> Iterator[Conflict]:
    """Each conflict whose markers are all there."""
    seen: list[re.Match[bytes]] = []
    for match in _MARKER.finditer(text):
        mark = match["mark"][:1]
        if mark == b"<":
            seen = [match]
        elif seen:
            seen.append(match)
        if mark == b">" and b"".join(m["mark"][:1] for m in seen) in (b"<=>", b"<|=>"):
            opening, after_ours, middle, closing = seen[0], seen[1], seen[-2], seen[-1]
            yield Conflict(
                Span(opening.start(), closing.end()),
                Span(opening.end(), after_ours.start()),
                Span(middle.end(), closing.start()),
                tuple(Span(*m.span()) for m in (opening, middle, closing)),
            )
            seen = []


def conflicts(text: bytes) -> Iterator[tuple[Problem, Span]]:
    """Each conflict whose markers are all there, with the span of all of it."""
    for conflict in find_conflicts(text):
        yield _problem(text, conflict), conflict.span


def _problem(text: bytes, conflict: Conflict) -> Problem:
    where, *related = (Span(marker.start, marker.start + 7) for marker in conflict.markers)
    (_, ours, theirs, (opening, _, closing)) = conflict
    if text[ours.start : ours.end] != text[theirs.start : theirs.end]:
        return Problem(where, related=tuple(related))
    edits = (Edit(opening, b""), Edit(Span(ours.end, closing.end), b""))
    title = "Keep one of the two equal sides"
    return Problem(where, message="equal", edits=edits, title=title, related=tuple(related))
