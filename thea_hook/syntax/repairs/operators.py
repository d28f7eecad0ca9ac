"""Operators that were torn apart."""

from __future__ import annotations

from collections.abc import Iterator

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import PUNCTUATORS, Kind
from thea_hook.ruleset.rule import Problem
from thea_hook.syntax.broken import Broken

_JOINED = frozenset(mark for mark in PUNCTUATORS if len(mark) > 1)
_LONGEST = max(map(len, _JOINED))


def spaced(broken: Broken) -> Iterator[Problem]:
    """Neighbours with blanks between them that are one operator without: ``= =``, ``= >``, ``. . .``."""
    for first in broken.near(4, 2):
        joined = b""
        gaps: list[Span] = []
        for index in range(first, min(first + _LONGEST, len(broken.tokens))):
            token = broken.tokens[index]
            if token.kind is not Kind.PUNCTUATION or (joined and broken.gap(index).strip(b" \t")):
                break
            if joined and broken.gap(index):
                gaps.append(Span(broken.tokens[index - 1].end, token.start))
            joined += token.text
            if gaps and joined in _JOINED:
                where = Span(broken.tokens[first].start, token.end)
                data = {"written": broken.text[slice(*where)].decode(), "operator": joined.decode()}
                edits = tuple(Edit(gap, b"") for gap in gaps)
                yield Problem(where, data=data, edits=edits, title=f"Write `{joined.decode()}`")
