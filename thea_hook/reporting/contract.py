"""The JSON contract: plain objects for findings, files, errors and counts. Documented in docs/output-formats.md.

Keys may be added, never renamed or removed without a new ``schema`` number. Text is written as ASCII: a raw U+2028
would split a line for half of the readers of ``json-lines``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from thea_hook.core.diff import edits_diff, edits_window, line_breaks
from thea_hook.core.finding import Applicability, Finding, Fix
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import Position, SourceFile
from thea_hook.reporting.located import Located, located_in

SCHEMA = 1

# The lines around a fix are part of its diff; those of a minified file would be repeated in each of its findings.
MOST_DIFF_BYTES = 64 * 1024


def finding_objects(result: FileResult) -> Iterator[dict[str, Any]]:
    """The findings of one file, in the order of the text."""
    items = located_in(result)
    breaks = line_breaks(items[0].source.text) if any(item.finding.fix for item in items) else []
    names = fingerprints(items[0].source, [item.finding for item in items]) if items else []
    for item, name in zip(items, names, strict=True):
        yield finding_object(item, breaks, name)


def finding_object(item: Located, breaks: list[int], fingerprint: str) -> dict[str, Any]:
    """One finding; ``breaks`` are the line breaks of its file."""
    finding = item.finding
    return {
        "path": item.path,
        "rule": finding.rule_id,
        "category": finding.category,
        "severity": str(finding.severity),
        "message": finding.message,
        **_range(item.start, item.end),
        "start_byte": finding.span.start,
        "end_byte": finding.span.end,
        "confidence": finding.confidence,
        "source": finding.source,
        "fingerprint": fingerprint,
        "fix": None if finding.fix is None else _fix_object(finding.fix, item.source, breaks),
        "related": [
            {
                **_range(item.positions[span.start], item.positions[span.end]),
                "start_byte": span.start,
                "end_byte": span.end,
            }
            for span in finding.related
        ],
    }


def _range(start: Position, end: Position) -> dict[str, int]:
    return {"line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column}


def _fix_object(fix: Fix, source: SourceFile, breaks: list[int]) -> dict[str, Any]:
    return {
        "title": fix.title,
        "applicability": str(fix.applicability),
        "confidence": fix.confidence,
        "edits": [
            {"start_byte": edit.span.start, "end_byte": edit.span.end, "text": edit.text.decode("utf-8", "replace")}
            for edit in fix.edits
        ],
        "diff": _diff(fix, source, breaks),
    }


def _diff(fix: Fix, source: SourceFile, breaks: list[int]) -> str | None:
    if not fix.edits:
        return ""
    start, end, _ = edits_window(source.text, fix.edits, breaks)
    if end - start > MOST_DIFF_BYTES:
        return None
    return edits_diff(source.path, source.text, fix.edits, breaks=breaks).decode("utf-8", "replace")


def file_object(result: FileResult, *, routing: bool = False) -> dict[str, Any]:
    """One file with its counts and, where that is asked for, with who was asked to mend it.

    Not otherwise: it has times in it, and without them two runs over the same files write the same report.
    """
    return {
        "path": result.path,
        "findings": len(result.findings),
        "fixed": len(result.fixed),
        "changed": result.patch is not None,
        "suppressed": result.suppressed,
        "baselined": result.baselined,
        "cached": result.cached,
        **({"routing": _routing_objects(result)} if routing else {}),
    }


def _routing_objects(result: FileResult) -> list[dict[str, Any]] | None:
    """One for each text that models were to mend; null where the result comes from the cache, which keeps none."""
    if result.cached:
        return None
    return [
        {
            "reason": routing.reason,
            "answer": routing.answer or None,
            "in_time": routing.in_time,
            "attempts": [
                {
                    "architecture": attempt.architecture,
                    "outcome": attempt.outcome.value,
                    "reason": attempt.reason,
                    "seconds": round(attempt.seconds, 4),
                }
                for attempt in routing.attempts
            ],
        }
        for routing in result.routing
    ]


def error_object(error: FileError) -> dict[str, str]:
    """A file that could not be handled."""
    return {"path": error.path, "stage": error.stage, "message": error.message}


def stats_object(report: Report) -> dict[str, Any]:
    """The counts of the run."""
    findings = [finding for result in report.results for finding in result.findings]
    fixed = [finding for result in report.results for finding in result.fixed]
    grades = Counter(finding.fix.applicability for finding in findings if finding.fix is not None)
    return {
        "files": len(report.results),
        "cached": sum(result.cached for result in report.results),
        "errors": len(report.errors),
        "findings": _by_rule(findings),
        "fixable": {str(grade): grades[grade] for grade in sorted(Applicability, reverse=True)},
        "fixed": len(fixed),
        "fixed_by_rule": _by_rule(fixed),
        "skipped": dict(report.skipped),
        "suppressed": sum(result.suppressed for result in report.results),
        "baselined": sum(result.baselined for result in report.results),
    }


def _by_rule(findings: list[Finding]) -> dict[str, int]:
    return dict(sorted(Counter(finding.rule_id for finding in findings).items()))
