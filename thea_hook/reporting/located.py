"""Findings with their positions: what all formats start from."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from thea_hook.core.finding import Finding, Severity
from thea_hook.core.report import FileResult, Report
from thea_hook.core.source import BOM, Position, SourceFile, Span

_ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]|\\\\")


class Located(NamedTuple):
    """A finding, the file it lies in, and the position of every offset it mentions."""

    finding: Finding
    source: SourceFile
    positions: Mapping[int, Position]

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def start(self) -> Position:
        return self.positions[self.finding.span.start]

    @property
    def end(self) -> Position:
        """The position after the last character."""
        return self.positions[self.finding.span.end]


def located_in(result: FileResult) -> list[Located]:
    """The findings of one file in the order of the text."""
    source = source_of(result)
    findings = sorted(result.findings, key=lambda finding: finding.sort_key)
    found = positions(source, (offset for finding in findings for offset in _offsets(finding)))
    return [Located(finding, source, found) for finding in findings]


def located(report: Report) -> Iterator[Located]:
    """All findings: files in the order of the report, each in the order of its text."""
    for result in report.results:
        yield from located_in(result)


def source_of(result: FileResult) -> SourceFile:
    """The text that the findings lie in, empty for a file that could not be read."""
    return result.source or SourceFile(result.path, b"", "javascript")


def positions(source: SourceFile, offsets: Iterable[int]) -> dict[int, Position]:
    """The position of each offset.

    Each stretch between two offsets of a line is decoded once; ``SourceFile.position`` starts from the beginning of
    the line each time, which on a line of a million characters with thousands of findings takes minutes.
    """
    found: dict[int, Position] = {}
    end_of_line = -1
    previous, column = 0, 1
    starts = source.line_starts
    line = 0
    for offset in sorted(set(offsets)):
        if offset >= end_of_line:
            line = bisect_right(starts, offset)
            end_of_line = starts[line] if line < len(starts) else len(source.text) + 1
            previous, column = starts[line - 1], 1
            if line == 1 and source.text.startswith(BOM):
                previous = len(BOM)
        if offset > previous:
            column += len(source.text[previous:offset].decode("utf-8", "replace"))
            previous = offset
        found[offset] = Position(line, column)
    return found


def touches(item: Located, ranges: Iterable[tuple[int, int]]) -> bool:
    """Whether the finding lies, at least in part, on these lines (from 1, inclusive)."""
    return any(first <= item.end.line and item.start.line <= last for first, last in ranges)


def urgency(item: Located, changed: Mapping[str, tuple[tuple[int, int], ...]] | None) -> tuple[bool, int]:
    """A sort key that puts lines of the diff first, then errors before warnings."""
    outside = not touches(item, changed.get(item.path, ()) if changed is not None else ())
    return outside, list(Severity).index(item.finding.severity)


def repository_path(path: str, prefix: str) -> str:
    """The path as a server knows it: from the root of the repository, without ``./``; absolute ones stay."""
    if is_absolute(path):
        return path
    return posixpath.normpath(posixpath.join(prefix, path))


def is_absolute(path: str) -> bool:
    """Whether the path starts at a root or a drive, on any system."""
    return _ABSOLUTE.match(path) is not None


def _offsets(finding: Finding) -> Iterator[int]:
    spans: list[Span] = [finding.span, *finding.related]
    if finding.fix is not None:
        spans += [edit.span for edit in finding.fix.edits]
    for span in spans:
        yield from span
