"""The files of the report: each with its frames, and in these the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from thea_hook.core.diff import line_breaks
from thea_hook.core.finding import Applicability, Finding, Fix, Severity
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.report import FileResult
from thea_hook.reporting.html.fixes import fix_diff
from thea_hook.reporting.html.frames import MOST_FINDINGS, Frame, Place, frames, rows
from thea_hook.reporting.html.markup import anchor, attribute, path, sentence, text
from thea_hook.reporting.located import Located, located_in, repository_path, source_of, touches
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import count

LineRanges = Sequence[tuple[int, int]]

MOST_RELATED = 10  # further places that a finding names

GRADES = {Applicability.SAFE: "safe fix", Applicability.UNSAFE: "unsafe fix", Applicability.DISPLAY: "suggestion"}


def file_section(
    result: FileResult, number: int, changed: Mapping[str, LineRanges] | None, options: FormatOptions
) -> str:
    """A file with its findings, the first of which is the one of that number in the report."""
    writer = _FileWriter(result, changed, options)
    return "".join(writer.section(number))


class _FileWriter:
    """Markup of one file. Keeps what all of its findings ask for: their names and the line breaks."""

    def __init__(self, result: FileResult, changed: Mapping[str, LineRanges] | None, options: FormatOptions) -> None:
        self._source = source_of(result)
        self._items = located_in(result)
        self._path = repository_path(result.path, options.prefix)
        self._names = fingerprints(self._source, [item.finding for item in self._items], self._path)
        self._breaks = line_breaks(self._source.text)
        self._changed = None if changed is None else changed.get(result.path, ())

    def section(self, number: int) -> Iterator[str]:
        yield f'<details class="file" open data-path="{attribute(self._path)}">\n<summary>'
        yield f'<h2 class="path">{path(self._path)}</h2>{_counts(self._items)}</summary>\n'
        for frame in frames(self._source, self._items):
            yield from self._frame(frame, number)
            number += len(frame.places)
        yield "</details>\n"

    def _frame(self, frame: Frame, number: int) -> Iterator[str]:
        yield '<div class="frame">\n'
        code: list[str] = []
        shown = 0
        for row in rows(self._source, frame, number):
            if row.is_piece and shown >= MOST_FINDINGS:  # thousands of findings on one line are no one frame
                yield f'{_code(code)}</div>\n<div class="frame">\n'
                shown = 0
            code.append(row.html)
            if row.below:
                yield _code(code)
                yield from (self._finding(frame.places[index - number]) for index in row.below)
                shown += len(row.below)
        yield f"{_code(code)}</div>\n"

    def _finding(self, place: Place) -> str:
        item, finding = place.item, place.item.finding
        name = self._names[place.at]
        grade = "none" if finding.fix is None else str(finding.fix.applicability)
        changed = " data-changed" if self._changed and touches(item, self._changed) else ""
        return (
            f'<article class="finding" id="{name}" tabindex="-1" data-severity="{finding.severity}" '
            f'data-rule="{attribute(finding.rule_id)}" data-category="{attribute(finding.category)}" '
            f'data-fix="{grade}" data-lines="{place.first}-{place.last}"{changed}>\n'
            f"{_heading(item, name)}{self._fix(finding.fix)}</article>\n"
        )

    def _fix(self, fix: Fix | None) -> str:
        if fix is None:
            return ""
        sureness = "" if fix.confidence >= 1 else f", {fix.confidence:.0%} sure"
        grade = f'<span class="grade {fix.applicability}">{GRADES[fix.applicability]}{sureness}</span>'
        return f'<p class="fix">{grade} {sentence(fix.title)}</p>\n{fix_diff(fix, self._source, self._breaks)}\n'


def _code(lines: list[str]) -> str:
    """The lines as one block, if there are any; they are taken out of the list."""
    block = f"<pre>{''.join(lines)}</pre>\n" if lines else ""
    lines.clear()
    return block


def _counts(items: Sequence[Located]) -> str:
    severities = Counter(item.finding.severity for item in items)
    return "".join(
        f' <span class="count {severity}">{count(severities[severity], str(severity))}</span>'
        for severity in Severity
        if severities[severity]
    )


def _heading(item: Located, name: str) -> str:
    finding = item.finding
    rule = f'<a class="rule" href="#{anchor(finding.rule_id)}">{text(finding.rule_id)}</a>'
    message = f'<span class="message">{sentence(finding.message)}</span>'
    return (
        f'<div class="head"><h3><span class="severity">{finding.severity}</span> {message}</h3>\n'
        f'<p class="where"><a href="#{name}">{_where(item)}</a> {rule}'
        f"{_sureness(finding)}{_related(item)}</p></div>\n"
    )


def _where(item: Located) -> str:
    start, end = item.start, item.end
    return f"{start.line}:{start.column}" + (f" to line {end.line}" if end.line > start.line else "")


def _sureness(finding: Finding) -> str:
    sure = f" · {finding.confidence:.0%} confident" if finding.confidence < 1 else ""
    return sure if finding.source == "rules" else f"{sure} · found by {text(finding.source)}"


def _related(item: Located) -> str:
    places = [item.positions[span.start] for span in item.finding.related]
    if not places:
        return ""
    named = ", ".join(f"{place.line}:{place.column}" for place in places[:MOST_RELATED])
    more = f" and {len(places) - MOST_RELATED:,} more" if len(places) > MOST_RELATED else ""
    return f" · see also {named}{more}"
