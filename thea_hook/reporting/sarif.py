"""``sarif``: SARIF 2.1.0, with rules, fixes and fingerprints.

``primaryLocationLineHash`` is left out on purpose: GitHub's upload computes it from the source and warns about every
result that brings another one. The bounds are GitHub's too: it refuses a report that exceeds one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from json import dumps
from typing import Any, BinaryIO

from thea_hook.core.finding import Finding, Fix, Severity
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import Span, utf8
from thea_hook.reporting.located import Located, is_absolute, located_in, repository_path, source_of
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.storable import storable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ORDER = list(Severity)
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
LINE_BREAKS = ["\r\n", "\n", "\r", "\u2028", "\u2029"]
INFORMATION = "https://github.com/thea-hook/thea-hook"
MOST_DESCRIPTION = 1024  # characters
MOST_RESULTS = 25_000
MOST_LOCATIONS = 1_000  # of one result


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    shown, left_out = _within_bounds(report.results)
    findings = {finding.rule_id: finding for result in shown for finding in result.findings}
    indices = {rule_id: index for index, rule_id in enumerate(sorted(findings))}
    driver = {
        "name": "thea-hook",
        "version": options.version,
        "informationUri": INFORMATION,
        "rules": [_rule(findings[rule_id], options) for rule_id in indices],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": LINE_BREAKS,
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": [
                    *(_notification(error, options) for error in report.errors),
                    *([_left_out(left_out)] if left_out else ()),
                ],
            }
        ],
        "results": [item for result in shown for item in _results(result, indices, options)],
    }
    out.write((dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n").encode())


def _within_bounds(results: Sequence[FileResult]) -> tuple[Sequence[FileResult], int]:
    """The results with as many findings as a reader takes, the most severe ones, and how many that leaves out."""
    placed = [(index, finding) for index, result in enumerate(results) for finding in result.findings]
    if len(placed) <= MOST_RESULTS:
        return results, 0
    kept: list[list[Finding]] = [[] for _ in results]
    for index, finding in sorted(placed, key=lambda item: ORDER.index(item[1].severity))[:MOST_RESULTS]:
        kept[index].append(finding)
    shown = [result._replace(findings=tuple(some)) for result, some in zip(results, kept, strict=True)]
    return shown, len(placed) - MOST_RESULTS


def _rule(finding: Finding, options: FormatOptions) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": finding.rule_id, "properties": {"tags": [finding.category]}}
    if info := options.rule(finding.rule_id):
        rule["shortDescription"] = {"text": info.summary[:MOST_DESCRIPTION]}
        rule["fullDescription"] = {"text": (info.why or info.summary)[:MOST_DESCRIPTION]}
        rule["help"] = {"text": info.why or info.summary}
        if info.url:
            rule["helpUri"] = info.url
    return rule


def _results(result: FileResult, indices: dict[str, int], options: FormatOptions) -> Iterator[dict[str, Any]]:
    items = located_in(result)
    path = repository_path(result.path, options.prefix)
    names = fingerprints(source_of(result), [item.finding for item in items], path)
    for item, name in zip(items, names, strict=True):
        finding = item.finding
        entry: dict[str, Any] = {
            "ruleId": finding.rule_id,
            "ruleIndex": indices[finding.rule_id],
            "level": LEVELS[finding.severity],
            "message": {"text": storable(finding.message)},
            "locations": [_location(item, finding.span, options)],
            "partialFingerprints": {"theaHookLineText/v1": name},
            "rank": round(finding.confidence * 100, 1),
            "properties": {"confidence": finding.confidence, "source": finding.source},
        }
        if finding.related:
            # each place once, as the standard asks
            places = list(dict.fromkeys(finding.related))[:MOST_LOCATIONS]
            entry["relatedLocations"] = [_location(item, span, options) for span in places]
        if finding.fix is not None and finding.fix.edits:
            entry["fixes"] = [_fix(item, finding.fix, options)]
        yield entry


def _location(item: Located, span: Span, options: FormatOptions) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(item.path, options), "region": _region(item, span)}}


def _region(item: Located, span: Span) -> dict[str, int]:
    start, end = item.positions[span.start], item.positions[span.end]
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _fix(item: Located, fix: Fix, options: FormatOptions) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(item, edit.span), "insertedContent": _content(edit.text)} for edit in fix.edits
    ]
    return {
        "description": {"text": storable(fix.title)},
        "artifactChanges": [{"artifactLocation": _artifact(item.path, options), "replacements": replacements}],
        "properties": {"applicability": str(fix.applicability), "confidence": fix.confidence},
    }


def _content(text: bytes) -> dict[str, str]:
    """The text, or what is not UTF-8 as base64: the standard has a place for either."""
    try:
        return {"text": text.decode()}
    except UnicodeDecodeError:
        from base64 import b64encode

        return {"binary": b64encode(text).decode()}


def _notification(error: FileError, options: FormatOptions) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": storable(f"{error.stage} failed: {error.message}")},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(error.path, options)}}],
    }


def _left_out(number: int) -> dict[str, Any]:
    text = f"{number:,} findings are left out: a report may have {MOST_RESULTS:,} results. The most severe are here."
    return {"level": "warning", "message": {"text": text}}


def _artifact(path: str, options: FormatOptions) -> dict[str, str]:
    from urllib.parse import quote_from_bytes

    path = repository_path(path, options.prefix)
    if is_absolute(path):
        path = path.replace("\\", "/").lstrip("/")
        return {"uri": "file:///" + quote_from_bytes(utf8(path), safe="/:")}
    # A colon in the first part of a relative reference would make it a scheme, so here it is quoted too.
    return {"uri": quote_from_bytes(utf8(path), safe="/"), "uriBaseId": "%SRCROOT%"}
