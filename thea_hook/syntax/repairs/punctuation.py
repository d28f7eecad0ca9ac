"""Punctuation that was typed twice."""

from __future__ import annotations

from collections.abc import Iterator

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.ruleset.rule import Problem
from thea_hook.syntax.broken import Broken

_SEPARATORS = frozenset(b", ; : .".split())
_BRACKETS = frozenset(b"( ) [ ] { }".split())


def doubled(broken: Broken) -> Iterator[Problem]:
    """The second of two equal marks. Brackets count only side by side: on lines of their own they are a block's."""
    for index in broken.near(3, 2):
        if index == 0:
            continue
        first, second = broken.tokens[index - 1], broken.tokens[index]
        gap = broken.gap(index)
        if first.text != second.text or gap.strip():
            continue
        if second.text in _SEPARATORS or (second.text in _BRACKETS and b"\n" not in gap):
            mark = second.text.decode()
            edits = (Edit(Span(first.end, second.end), b""),)
            yield Problem(
                Span(second.start, second.end), data={"mark": mark}, edits=edits, title=f"Remove one `{mark}`"
            )
