"""What a merge left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def conflicts(text: bytes) -> Iterator[tuple[Problem, Span]]:
    """Each conflict whose markers are all there, with the span of all of it."""
    seen: list[re.Match[bytes]] = []
    for match in _MARKER.finditer(text):
        mark = match["mark"][:1]
        if mark == b"<":
            seen = [match]
        elif seen:
            seen.append(match)
        if mark == b">" and b"".join(m["mark"][:1] for m in seen) in (b"<=>", b"<|=>"):
            yield _conflict(text, seen), Span(seen[0].start(), match.end())
            seen = []


def _conflict(text: bytes, seen: list[re.Match[bytes]]) -> Problem:
    opening, after_ours, middle, closing = seen[0], seen[1], seen[-2], seen[-1]
    ours = text[opening.end() : after_ours.start()]
    theirs = text[middle.end() : closing.start()]
    where = Span(opening.start(), opening.start() + 7)
    related = (Span(middle.start(), middle.start() + 7), Span(closing.start(), closing.start() + 7))
    if ours != theirs:
        return Problem(where, related=related)
    edits = (Edit(Span(*opening.span()), b""), Edit(Span(after_ours.start(), closing.end()), b""))
    return Problem(where, message="equal", edits=edits, title="Keep one of the two equal sides", related=related)
