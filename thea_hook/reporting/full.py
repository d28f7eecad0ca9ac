"""``full``: each finding with the code it speaks of and the fix it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import BinaryIO

from thea_hook.core.diff import edits_diff, edits_window, line_breaks, split_lines
from thea_hook.core.finding import Applicability, Fix
from thea_hook.core.report import Report
from thea_hook.core.source import SourceFile
from thea_hook.reporting.located import Located, located_in
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import (
    BLUE,
    BOLD,
    CYAN,
    GREEN,
    RED,
    SEVERITY_COLOURS,
    Style,
    encode,
    error_line,
    mark,
    summary,
    sureness,
    visible,
)

LINES_AROUND = 2
MOST_DIFF_LINES = 20
MOST_DIFF_BYTES = 64 * 1024  # the diff of a fix in a minified file says nothing to a reader
MOST_CHARACTERS = 160  # of a line of code; more than a terminal shows, less than a minified bundle has
LEAD = 40  # characters kept before the marked place when a line is cut
TAB = "    "
DIGITS = 16  # of a fingerprint: two findings of a project that share them would be a wonder

GRADES = {
    Applicability.SAFE: "",
    Applicability.UNSAFE: " (unsafe: it may change what the code does)",
    Applicability.DISPLAY: " (one possible way, never applied)",
}

_HUNK = re.compile(rb"@@ -(\d+)(?:,\d+)? \+(\d+)")


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    style = Style(options.colour)
    for result in report.results:
        if items := located_in(result):
            frames = _Frames(items[0].source, style)
            names = _names(items) if options.fingerprints else ()
            for item, name in zip_longest(items, names):
                votes = frames.vote(item, name) if name else ()
                out.write(encode("\n".join([*_heading(item, options, style), *frames.of(item), *votes, "", ""])))
    for error in report.errors:
        out.write(encode(f"{style('error', BOLD, RED)}: {error_line(error)}\n"))
    for line in summary(report, options):
        out.write(encode(f"{line}\n"))


def _names(items: Sequence[Located]) -> list[str]:
    from thea_hook.core.fingerprint import fingerprints  # which loads OpenSSL

    return fingerprints(items[0].source, [item.finding for item in items])


def _heading(item: Located, options: FormatOptions, style: Style) -> Iterator[str]:
    finding = item.finding
    colour = SEVERITY_COLOURS[finding.severity]
    label = style(f"{finding.severity}[{visible(finding.rule_id)}]", BOLD, colour)
    confidence = "" if finding.confidence >= 1 else f" ({finding.confidence:.0%} confident)"
    fixable = style(mark(finding, options), CYAN)
    yield f"{label}{fixable}: {style(visible(finding.message), BOLD)}{confidence}"


class _Frames:
    """Code frames of one file. Keeps the decoded lines and the line breaks, which many findings ask for again."""

    def __init__(self, source: SourceFile, style: Style) -> None:
        self._source = source
        self._style = style
        self._lines: dict[int, str] = {}
        self._breaks = line_breaks(source.text)

    def of(self, item: Located) -> Iterator[str]:
        """The place, the lines around it with the place underlined, and the fix."""
        start, end = item.start, item.end
        first = max(1, start.line - LINES_AROUND)
        last = min(len(self._source.line_starts), start.line + LINES_AROUND)
        width = len(str(last))
        bar = self._style(f" {'':{width}} |", BLUE)
        yield f" {'':{width}}{self._style('-->', BLUE)} {visible(item.path)}:{start.line}:{start.column}"
        yield bar
        for number in range(first, last + 1):
            line = self._line(number)
            number_bar = self._style(f" {number:>{width}} |", BLUE)
            if number != start.line:
                yield f"{number_bar} {_code(line[:MOST_CHARACTERS])}{_ellipsis(line, MOST_CHARACTERS)}".rstrip(" ")
                continue
            stop = end.column - 1 if end.line == start.line else len(line)
            shown, before, marked = _cut(line, start.column - 1, stop)
            yield f"{number_bar} {shown}".rstrip(" ")
            colour = SEVERITY_COLOURS[item.finding.severity]
            yield f"{bar} {' ' * before}{self._style('^' * marked, BOLD, colour)}"
        if item.finding.fix is not None:
            yield bar
            yield from self._fix(item.finding.fix, width, bar)

    def vote(self, item: Located, fingerprint: str) -> Iterator[str]:
        """How to say what one thinks of the fix."""
        if item.finding.fix is not None:
            last = min(len(self._source.line_starts), item.start.line + LINES_AROUND)
            label = self._style(" " * len(str(last)) + "  = vote:", BLUE)
            tool = item.finding.source.partition("with:")[2]  # whose finding is found again only if it is asked
            yield f"{label} thea-hook feedback up|down {fingerprint[:DIGITS]}{f' --with {tool}' if tool else ''}"

    def _line(self, number: int) -> str:
        line = self._lines.get(number)
        if line is None:
            line = self._source.line(number).decode("utf-8", "replace")
            if number == 1:
                line = line.removeprefix("\ufeff")  # no column of its own
            self._lines[number] = line
        return line

    def _fix(self, fix: Fix, width: int, bar: str) -> Iterator[str]:
        label = self._style(" " * width + "  = help:", BLUE)
        yield f"{label} {visible(fix.title)}{sureness(fix)}{GRADES[fix.applicability]}"
        if not fix.edits or self._is_too_long(fix):
            return
        diff = edits_diff(self._source.path, self._source.text, fix.edits, breaks=self._breaks, context=0)
        lines = list(self._diff_lines(diff, width))
        yield from lines[:MOST_DIFF_LINES]
        if len(lines) > MOST_DIFF_LINES:
            yield f"{bar} … {len(lines) - MOST_DIFF_LINES} more lines"

    def _is_too_long(self, fix: Fix) -> bool:
        start, end, _ = edits_window(self._source.text, fix.edits, self._breaks, context=0)
        return end - start > MOST_DIFF_BYTES

    def _diff_lines(self, diff: bytes, width: int) -> Iterator[str]:
        numbers = {b"-": 0, b"+": 0}
        for line in split_lines(diff)[2:]:
            if hunk := _HUNK.match(line):
                numbers = {b"-": int(hunk[1]), b"+": int(hunk[2])}
            elif (sign := line[:1]) in numbers:
                text = line[1:].rstrip(b"\r\n").decode("utf-8", "replace")
                shown = _code(text[:MOST_CHARACTERS]) + _ellipsis(text, MOST_CHARACTERS)
                row = f" {numbers[sign]:>{width}} {sign.decode()} {shown}".rstrip(" ")
                yield self._style(row, RED if sign == b"-" else GREEN)
                numbers[sign] += 1


def _cut(line: str, start: int, stop: int) -> tuple[str, int, int]:
    """The line as shown, the columns before the marked part, and the columns of the part (at least one)."""
    begin = start - LEAD if len(line) > MOST_CHARACTERS and start > LEAD else 0
    head = "…" if begin else ""
    end = begin + MOST_CHARACTERS
    before = head + _code(line[begin:start])
    marked = _code(line[start : min(stop, end)])
    after = _code(line[max(start, min(stop, end)) : end])
    return before + marked + after + _ellipsis(line, end), _width(before), max(1, _width(marked))


def _ellipsis(line: str, end: int) -> str:
    return "…" if len(line) > end else ""


def _code(text: str) -> str:
    return visible(text.replace("\t", TAB))


def _width(text: str) -> int:
    """Terminal columns: East Asian wide characters take two, combining marks and joiners none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(character) in ("Mn", "Me", "Cf") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )
