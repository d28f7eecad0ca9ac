"""Unified diffs between bytes, as ``git apply`` reads them.

Lines end at ``\\n`` and nowhere else: git, patch and unidiff all count that way, so a carriage return, a form feed or
U+2028 is part of its line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Span, utf8

# difflib is cubic at worst. A block without any unique line and with more line pairs than this is replaced whole.
MOST_PAIRS = 10_000

NO_FINAL_NEWLINE = b"\\ No newline at end of file\n"

_ESCAPES = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
_NEEDS_QUOTES = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')


class Change(NamedTuple):
    """Lines ``[old_start, old_end)`` become lines ``[new_start, new_end)``; one of the two may be empty."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def unified_diff(path: str, before: bytes, after: bytes, context: int = 3) -> bytes:
    """The diff that turns ``before`` into ``after``; empty where they are equal.

    The header is the plain pair of names, quoted as git does: without a ``diff --git`` line a patch never creates or
    deletes the file, whether or not one side is empty, and every path has one reading.
    """
    if before == after:
        return b""
    old, new = split_lines(before), split_lines(after)
    return b"".join((*_header(path), *_hunks(old, new, changes(old, new), context)))


class Window(NamedTuple):
    """The bytes ``[start, end)`` of a text: whole lines, with ``lines_above`` lines before them."""

    start: int
    end: int
    lines_above: int


def edits_window(text: bytes, edits: Sequence[Edit], breaks: Sequence[int], context: int = 3) -> Window:
    """The lines that ``edits_diff`` looks at; those who fear a line of a megabyte ask for its size first."""
    first = min(edit.span.start for edit in edits)
    last = max(edit.span.end for edit in edits)
    first_line = max(0, bisect_left(breaks, first) - context)
    last_line = min(len(breaks), bisect_left(breaks, last) + context)
    start = breaks[first_line - 1] + 1 if first_line else 0
    end = breaks[last_line] + 1 if last_line < len(breaks) else len(text)
    return Window(start, end, first_line)


def edits_diff(
    path: str, text: bytes, edits: Sequence[Edit], *, breaks: Sequence[int] | None = None, context: int = 3
) -> bytes:
    """The diff that the edits make, found by looking only at the lines near them.

    ``breaks`` is ``line_breaks(text)``, for those who ask about many fixes of one file.
    """
    if not edits:
        return b""
    start, end, lines_above = edits_window(text, edits, line_breaks(text) if breaks is None else breaks, context)
    window = text[start:end]
    moved = [Edit(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in edits]
    changed = apply_edits(window, moved)
    if changed == window:
        return b""
    before, after = split_lines(window), split_lines(changed)
    found = changes(before, after)
    if end < len(text) and found[-1].old_end + context > len(before):
        # Among equal lines a change slides down, here out of the window; git would take the cut for the end of file.
        return unified_diff(path, text, apply_edits(text, edits), context)
    return b"".join((*_header(path), *_hunks(before, after, found, context, lines_above)))


def line_breaks(text: bytes) -> list[int]:
    """Offset of every ``\\n``."""
    return [match.start() for match in re.finditer(b"\n", text)]


def split_lines(text: bytes) -> list[bytes]:
    """The lines with their ``\\n``; only the last one can lack it."""
    return re.findall(rb"[^\n]*\n|[^\n]+", text)


def changes(before: Sequence[bytes], after: Sequence[bytes]) -> list[Change]:
    """Where two lists of lines differ, in order, neighbours joined."""
    found: list[Change] = []
    for change in _changes(before, after, Change(0, len(before), 0, len(after))):
        if found and found[-1].old_end == change.old_start and found[-1].new_end == change.new_start:
            change = Change(found[-1].old_start, change.old_end, found[-1].new_start, change.new_end)
            found.pop()
        found.append(change)
    return found


def _changes(before: Sequence[bytes], after: Sequence[bytes], block: Change) -> Iterator[Change]:
    """Patience diff: equal ends are cut off, lines unique on both sides split the rest, difflib does small blocks."""
    stack = [block]
    while stack:
        old_start, old_end, new_start, new_end = _trim(before, after, stack.pop())
        if old_start == old_end or new_start == new_end:
            if (old_start, new_start) != (old_end, new_end):
                yield Change(old_start, old_end, new_start, new_end)
            continue
        anchors = _unique_matches(before, after, Change(old_start, old_end, new_start, new_end))
        if anchors:
            starts = [(old_start, new_start), *((old + 1, new + 1) for old, new in anchors)]
            ends = [*anchors, (old_end, new_end)]
            gaps = [Change(a, c, b, d) for (a, b), (c, d) in zip(starts, ends, strict=True)]
            stack += reversed(gaps)
        elif (old_end - old_start) * (new_end - new_start) > MOST_PAIRS:
            yield Change(old_start, old_end, new_start, new_end)
        else:
            yield from _small_changes(before, after, Change(old_start, old_end, new_start, new_end))


def _trim(before: Sequence[bytes], after: Sequence[bytes], block: Change) -> Change:
    old_start, old_end, new_start, new_end = block
    while old_start < old_end and new_start < new_end and before[old_start] == after[new_start]:
        old_start += 1
        new_start += 1
    while old_start < old_end and new_start < new_end and before[old_end - 1] == after[new_end - 1]:
        old_end -= 1
        new_end -= 1
    return Change(old_start, old_end, new_start, new_end)


def _unique_matches(before: Sequence[bytes], after: Sequence[bytes], block: Change) -> list[tuple[int, int]]:
    """Pairs of equal lines, each unique on its side, in the longest order that both sides share."""
    old_lines = before[block.old_start : block.old_end]
    new_lines = after[block.new_start : block.new_end]
    old_counts, new_counts = Counter(old_lines), Counter(new_lines)
    place = {line: number for number, line in enumerate(new_lines, block.new_start) if new_counts[line] == 1}
    pairs = [
        (number, place[line])
        for number, line in enumerate(old_lines, block.old_start)
        if old_counts[line] == 1 and line in place
    ]
    return _longest_increasing(pairs)


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members rise (patience sorting)."""
    tops: list[int] = []
    top_pairs: list[int] = []
    previous: list[int] = []
    for index, (_, new) in enumerate(pairs):
        pile = bisect_left(tops, new)
        previous.append(top_pairs[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [new]
        top_pairs[pile : pile + 1] = [index]
    chosen: list[tuple[int, int]] = []
    index = top_pairs[-1] if top_pairs else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = previous[index]
    return chosen[::-1]


def _small_changes(before: Sequence[bytes], after: Sequence[bytes], block: Change) -> Iterator[Change]:
    from difflib import SequenceMatcher

    old_lines = before[block.old_start : block.old_end]
    new_lines = after[block.new_start : block.new_end]
    for tag, i, j, k, m in SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Change(i + block.old_start, j + block.old_start, k + block.new_start, m + block.new_start)


def _hunks(
    before: Sequence[bytes], after: Sequence[bytes], found: Iterable[Change], context: int, lines_above: int = 0
) -> Iterator[bytes]:
    for group in _grouped(found, context):
        old_start = max(0, group[0].old_start - context)
        old_end = min(len(before), group[-1].old_end + context)
        new_start = group[0].new_start - (group[0].old_start - old_start)
        new_end = group[-1].new_end + (old_end - group[-1].old_end)
        old_range = _range(old_start + lines_above, old_end - old_start)
        new_range = _range(new_start + lines_above, new_end - new_start)
        yield b"@@ -%s +%s @@\n" % (old_range, new_range)
        position = old_start
        for change in group:
            yield from _marked(b" ", before[position : change.old_start])
            yield from _marked(b"-", before[change.old_start : change.old_end])
            yield from _marked(b"+", after[change.new_start : change.new_end])
            position = change.old_end
        yield from _marked(b" ", before[position:old_end])


def _grouped(found: Iterable[Change], context: int) -> Iterator[list[Change]]:
    """Changes whose context lines would meet, together."""
    group: list[Change] = []
    for change in found:
        if group and change.old_start - group[-1].old_end > 2 * context:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _range(start: int, length: int) -> bytes:
    """A side of a hunk header: lines count from 1, an empty range names the line before it."""
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _marked(mark: bytes, lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line
        if not line.endswith(b"\n"):
            yield b"\n" + NO_FINAL_NEWLINE


def _header(path: str) -> tuple[bytes, bytes]:
    return b"--- %s\n" % _name("a/", path), b"+++ %s\n" % _name("b/", path)


def _name(prefix: str, path: str) -> bytes:
    """The path as git writes it in a patch: quoted where it must be, closed by a tab where it holds a space."""
    raw = utf8(prefix + path.lstrip("/"))
    if _NEEDS_QUOTES.search(raw):
        return b'"%s"' % _NEEDS_QUOTES.sub(lambda match: _escape(match[0][0]), raw)
    return raw + b"\t" if b" " in raw else raw


def _escape(byte: int) -> bytes:
    return _ESCAPES.get(byte) or b"\\%03o" % byte
