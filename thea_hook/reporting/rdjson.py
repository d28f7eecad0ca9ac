"""``rdjson``: the Reviewdog Diagnostic Format. Its columns are bytes of UTF-8, from 1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from json import dumps
from typing import Any, BinaryIO

from thea_hook.core.finding import Edit, Fix, Severity
from thea_hook.core.patch import apply_edits
from thea_hook.core.report import Report
from thea_hook.core.source import SourceFile, Span
from thea_hook.reporting.located import Located, located, repository_path
from thea_hook.reporting.options import FormatOptions

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
    for item in located(report):
        yield _diagnostic(item, options)
    for error in report.errors:
        yield {
            "message": f"{error.stage} failed: {error.message}",
            "location": {"path": repository_path(error.path, options.prefix)},
            "severity": "ERROR",
            "source": SOURCE,
            "code": {"value": f"{error.stage}-failed"},
        }


def _diagnostic(item: Located, options: FormatOptions) -> dict[str, Any]:
    finding = item.finding
    info = options.rule(finding.rule_id)
    code = {"value": finding.rule_id}
    if info is not None and info.url:
        code["url"] = info.url
    diagnostic: dict[str, Any] = {
        "message": finding.message,
        "location": {
            "path": repository_path(item.path, options.prefix),
            "range": _range(item.source, finding.span),
        },
        "severity": SEVERITIES[finding.severity],
        "source": SOURCE,
        "code": code,
    }
    if finding.fix is not None and finding.fix.edits:
        diagnostic["suggestions"] = [_suggestion(item.source, finding.fix)]
    return diagnostic


def _suggestion(source: SourceFile, fix: Fix) -> dict[str, Any]:
    """The fix as one replacement: reviewdog takes several suggestions for alternatives."""
    start, end = fix.span
    edits = [Edit(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in fix.edits]
    text = apply_edits(source.text[start:end], edits).decode("utf-8", "replace")
    return {"range": _range(source, fix.span), "text": text}


def _range(source: SourceFile, span: Span) -> dict[str, dict[str, int]]:
    return {"start": _place(source, span.start), "end": _place(source, span.end)}


def _place(source: SourceFile, offset: int) -> dict[str, int]:
    line = bisect_right(source.line_starts, offset)
    return {"line": line, "column": offset - source.line_starts[line - 1] + 1}
