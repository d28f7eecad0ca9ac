"""``rdjson``: the Reviewdog Diagnostic Format.

Reviewdog puts diagnostics beside git's diff, so lines end at LF alone, and a column is a byte of UTF-8, from 1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from json import dumps
from typing import Any, BinaryIO

from thea_hook.core.diff import line_breaks
from thea_hook.core.finding import Edit, Fix, Severity
from thea_hook.core.patch import apply_edits
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import Span
from thea_hook.reporting.located import Located, located_in, repository_path, source_of
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.storable import storable

SOURCE = {"name": "thea-hook"}
SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    out.write(f'{{"source": {dumps(SOURCE)}, "diagnostics": ['.encode())
    separator = "\n"
    for item in diagnostics(report, options):
        out.write((separator + dumps(item)).encode())
        separator = ",\n"
    out.write(b"]}\n" if separator == "\n" else b"\n]}\n")


def diagnostics(report: Report, options: FormatOptions) -> Iterator[dict[str, Any]]:
    """One object for each finding and each file that could not be handled."""
    for result in report.results:
        yield from _of_file(result, options)
    for error in report.errors:
        yield _failed(error, options)


def _of_file(result: FileResult, options: FormatOptions) -> Iterator[dict[str, Any]]:
    path = storable(repository_path(result.path, options.prefix))
    breaks = line_breaks(source_of(result).text) if result.findings else []
    for item in located_in(result):
        yield _diagnostic(item, path, breaks, options)


def _diagnostic(item: Located, path: str, breaks: Sequence[int], options: FormatOptions) -> dict[str, Any]:
    finding = item.finding
    info = options.rule(finding.rule_id)
    code = {"value": finding.rule_id}
    if info is not None and info.url:
        code["url"] = info.url
    diagnostic: dict[str, Any] = {
        "message": storable(finding.message),
        "location": {"path": path, "range": _range(breaks, finding.span)},
        "severity": SEVERITIES[finding.severity],
        "source": SOURCE,
        "code": code,
    }
    if finding.fix is not None and finding.fix.edits:
        diagnostic["suggestions"] = _suggestions(item.source.text, finding.fix, breaks)
    return diagnostic


def _suggestions(text: bytes, fix: Fix, breaks: Sequence[int]) -> list[dict[str, Any]]:
    """The fix as one replacement: reviewdog takes several for alternatives. None where JSON cannot hold the text."""
    start, end = fix.span
    edits = [Edit(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in fix.edits]
    try:
        replacement = apply_edits(text[start:end], edits).decode()
    except UnicodeDecodeError:
        return []
    return [{"range": _range(breaks, fix.span), "text": replacement}]


def _range(breaks: Sequence[int], span: Span) -> dict[str, dict[str, int]]:
    return {"start": _place(breaks, span.start), "end": _place(breaks, span.end)}


def _place(breaks: Sequence[int], offset: int) -> dict[str, int]:
    lines_above = bisect_left(breaks, offset)
    start = breaks[lines_above - 1] + 1 if lines_above else 0
    return {"line": lines_above + 1, "column": offset - start + 1}


def _failed(error: FileError, options: FormatOptions) -> dict[str, Any]:
    return {
        "message": storable(f"{error.stage} failed: {error.message}"),
        "location": {"path": storable(repository_path(error.path, options.prefix))},
        "severity": "ERROR",
        "source": SOURCE,
        "code": {"value": f"{error.stage}-failed"},
    }
