"""Edits found in one version of a file, carried to another version of it.

A partially staged file has two texts: the one in the index, in which the fixes were found, and the one in the work
tree, where they have to be written. A fix can be carried where the lines it touches are the same in both; line ends
may differ, since git stores LF where the work tree holds CRLF.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from thea_hook.core.diff import Change, changes, split_lines
from thea_hook.core.finding import Edit, Finding
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Span


def keep_common_fixes(
    findings: Iterable[Finding], staged: bytes, work_tree: bytes, found_there: Iterable[Finding]
) -> list[Finding]:
    """The findings of the staged text, without those fixes that the work tree does not ask for as well.

    That the lines are the same is not enough: ``let`` may become ``const`` in the index while an unstaged line further
    down writes to the variable. So a fix stays if the same rule makes the same edits in the work tree.
    """
    there = {(finding.rule_id, finding.fix.edits) for finding in found_there if finding.fix is not None}
    alignment = _Alignment(staged, work_tree)
    return [
        finding
        if finding.fix is None or (finding.rule_id, alignment.carry_all(finding.fix.edits)) in there
        else finding._replace(fix=None)
        for finding in findings
    ]


def carry_changes(staged: bytes, fixed: bytes, work_tree: bytes) -> tuple[bytes, list[Edit]]:
    """The work tree's text with the changes made that lead from ``staged`` to ``fixed``; and those left out.

    A change is left out where a line that it touches is not the same in the work tree.
    """
    alignment = _Alignment(staged, work_tree)
    carried: list[Edit] = []
    left: list[Edit] = []
    for edit in _line_edits(staged, fixed):
        made = alignment.carry(edit)
        if made is None:
            left.append(edit)
        else:
            carried.append(made)
    return apply_edits(work_tree, carried), left


def _line_edits(before: bytes, after: bytes) -> list[Edit]:
    """Edits of whole lines that turn one text into the other."""
    old, new = split_lines(before), split_lines(after)
    starts = list(accumulate(map(len, old), initial=0))
    return [
        Edit(Span(starts[change.old_start], starts[change.old_end]), b"".join(new[change.new_start : change.new_end]))
        for change in changes(old, new)
    ]


class _Alignment:
    """Which line of the target each line of the source became."""

    def __init__(self, source: bytes, target: bytes) -> None:
        self._source = source.split(b"\n")
        self._target = target.split(b"\n")
        self._source_starts = _starts(self._source)
        self._target_starts = _starts(self._target)
        self._line_of = _match_lines(self._source, self._target)

    def carry(self, edit: Edit) -> Edit | None:
        """The edit in the target, or None."""
        start, end = edit.span
        first = self._touched_line(start, empty=start == end)
        last = max(first, self._touched_line(end - 1, empty=False)) if end > start else first
        target_lines = [self._line_of.get(line) for line in range(first, last + 1)]
        first_target = target_lines[0]
        if first_target is None or target_lines != list(range(first_target, first_target + len(target_lines))):
            return None
        new_start = self._carry_offset(start, first, first_target)
        new_end = self._carry_offset(end, last, first_target + last - first)
        if new_start is None or new_end is None:
            return None
        return Edit(Span(new_start, new_end), self._carry_line_ends(edit.text, first, first_target))

    def carry_all(self, edits: Sequence[Edit]) -> tuple[Edit, ...] | None:
        """Edits that belong together in the target: all of them, or None."""
        carried = tuple(edit for edit in map(self.carry, edits) if edit is not None)
        return carried if len(carried) == len(edits) else None

    def _touched_line(self, offset: int, *, empty: bool) -> int:
        """The line that holds the offset. Text put in after the last line feed belongs to the line before it."""
        line = bisect_right(self._source_starts, offset) - 1
        if empty and line and line == len(self._source) - 1 and not self._source[line]:
            return line - 1
        return line

    def _carry_offset(self, offset: int, line: int, target_line: int) -> int | None:
        """The offset in the target line; None within or behind a line end that is not the same there."""
        column = offset - self._source_starts[line]
        content = len(_content(self._source[line]))
        start = self._target_starts[target_line]
        if column <= content:
            return start + column
        if column > len(self._source[line]) and target_line < len(self._target) - 1:  # behind the line feed
            return start + len(self._target[target_line]) + 1
        return None

    def _carry_line_ends(self, text: bytes, line: int, target_line: int) -> bytes:
        """The text with the line ends of the target, where these lines show that they differ."""
        has = _ends_in_crlf(self._target, target_line)
        if has == _ends_in_crlf(self._source, line):
            return text
        text = text.replace(b"\r\n", b"\n")
        return text.replace(b"\n", b"\r\n") if has else text


def _starts(lines: list[bytes]) -> list[int]:
    return list(accumulate((len(line) + 1 for line in lines[:-1]), initial=0))


def _content(line: bytes) -> bytes:
    return line.removesuffix(b"\r")


def _ends_in_crlf(lines: list[bytes], number: int) -> bool:
    """Whether the line, or the one before where it is the last and has no end, ends in CRLF."""
    return lines[max(0, number - (number == len(lines) - 1))].endswith(b"\r")


def _match_lines(source: list[bytes], target: list[bytes]) -> dict[int, int]:
    """Source line -> target line, in increasing order, for lines whose content is equal."""
    matched: dict[int, int] = {}
    old = new = 0
    whole = Change(len(source), len(source), len(target), len(target))
    for change in (*changes(list(map(_content, source)), list(map(_content, target))), whole):
        matched.update(zip(range(old, change.old_start), range(new, change.new_start), strict=True))
        old, new = change.old_end, change.new_end
    return matched
