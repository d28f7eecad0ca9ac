"""What a fix changes, as a small diff in which the characters that differ stand out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from thea_hook.core.diff import Change, changes, edits_window, split_lines
from thea_hook.core.finding import Edit, Fix
from thea_hook.core.patch import Patch, apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.reporting.html.markup import code

MOST_LINES = 20  # of one fix
MOST_PATCH_LINES = 400  # of what was changed in one file
MOST_BYTES = 64 * 1024
LONG_LINES = 2048  # bytes; those of minified code would be repeated in each of its findings
MOST_CHARACTERS = 240
LEAD = 40  # characters kept before the change where a line is cut

_WORD = re.compile(r"[\w$]")


class Line(NamedTuple):
    """A line that goes (``-``) or comes (``+``); the characters ``[start, end)`` are what is different."""

    sign: str
    number: int
    text: str
    start: int
    end: int


def fix_diff(fix: Fix, source: SourceFile, breaks: Sequence[int]) -> str:
    """The markup of the diff; empty where there is nothing that a reader could take in."""
    if not fix.edits:
        return ""
    start, end, above = edits_window(source.text, fix.edits, breaks, context=0)
    if end - start > LONG_LINES:  # the fix and its neighbourhood will do
        start, end = max(start, fix.span.start - LEAD), min(end, fix.span.end + LEAD)
    if end - start > MOST_BYTES:
        return ""
    moved = [Edit(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in fix.edits]
    window = source.text[start:end]
    return _diff(window, apply_edits(window, moved), above, MOST_LINES)


def patch_diff(patch: Patch) -> str:
    """The same for everything that was changed in a file."""
    return _diff(patch.before, patch.after, 0, MOST_PATCH_LINES)


def _diff(before: bytes, after: bytes, above: int, most: int) -> str:
    old, new = split_lines(before), split_lines(after)
    lines: list[str] = []
    total = 0
    for change in changes(old, new):
        for line in _lines(old, new, change, above):
            total += 1
            if total <= most:
                lines.append(_html(line))
    if total > most:
        lines.append(f"<code>… {total - most:,} more lines\n</code>")
    return f'<pre class="diff">{"".join(lines)}</pre>' if lines else ""


def _lines(old: Sequence[bytes], new: Sequence[bytes], change: Change, above: int) -> Iterator[Line]:
    going = [_text(line) for line in old[change.old_start : change.old_end]]
    coming = [_text(line) for line in new[change.new_start : change.new_end]]
    paired = len(going) == len(coming)
    for sign, lines, others, first in (("-", going, coming, change.old_start), ("+", coming, going, change.new_start)):
        for index, line in enumerate(lines):
            start, end = _difference(line, others[index]) if paired else (0, 0)
            yield Line(sign, first + above + index + 1, line, start, end)


def _text(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "replace")


def _difference(line: str, other: str) -> tuple[int, int]:
    """The part of the line that the other one has not, as whole words: between their common beginning and end."""
    most = min(len(line), len(other))
    start = next((index for index in range(most) if line[index] != other[index]), most)
    rest = most - start
    tail = next((index for index in range(rest) if line[-1 - index] != other[-1 - index]), rest)
    if any(_WORD.match(text, start, len(text) - tail) for text in (line, other)):
        while start and _WORD.match(line, start - 1):
            start -= 1
    if any(_WORD.match(text[start : len(text) - tail][-1:]) for text in (line, other)):
        while tail and _WORD.match(line, len(line) - tail):
            tail -= 1
    return start, len(line) - tail


def _html(line: Line) -> str:
    name = "del" if line.sign == "-" else "ins"
    begin = max(0, line.start - LEAD) if len(line.text) > MOST_CHARACTERS else 0
    stop = begin + MOST_CHARACTERS
    before, changed, after = (
        line.text[begin : line.start],
        line.text[line.start : min(line.end, stop)],
        line.text[max(line.start, min(line.end, stop)) : stop],
    )
    strong = f"<b>{code(changed)}</b>" if changed else ""
    head, tail = "…" if begin else "", "…" if stop < len(line.text) else ""
    body = f"{head}{code(before)}{strong}{code(after)}{tail}"
    return f'<{name} data-n="{line.number} {line.sign}">{body}\n</{name}>'
