"""``gitlab``: a Code Quality report.

GitLab compares the report of a merge request with that of its target branch by fingerprint, so these must not change
when other lines or other findings come and go.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from json import dumps
from typing import Any, BinaryIO

from thea_hook.core.finding import Severity
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.report import FileError, Report
from thea_hook.core.source import utf8
from thea_hook.reporting.located import located_in, repository_path, source_of
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.storable import storable

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    out.write(b"[")
    separator = "\n"
    for issue in _issues(report, options):
        out.write((separator + dumps(issue)).encode())
        separator = ",\n"
    out.write(b"]\n" if separator == "\n" else b"\n]\n")


def _issues(report: Report, options: FormatOptions) -> Iterator[dict[str, Any]]:
    for result in report.results:
        items = located_in(result)
        path = repository_path(result.path, options.prefix)
        names = fingerprints(source_of(result), [item.finding for item in items], path)
        for item, name in zip(items, names, strict=True):
            yield {
                "description": storable(item.finding.message),
                "check_name": item.finding.rule_id,
                "fingerprint": name,
                "severity": SEVERITIES[item.finding.severity],
                "location": {
                    "path": storable(path),
                    "lines": {"begin": item.start.line, "end": item.end.line},
                },
            }
    for error in report.errors:
        yield _failed(error, options)


def _failed(error: FileError, options: FormatOptions) -> dict[str, Any]:
    key = utf8("\0".join(("thea-hook", error.stage, error.path)))
    return {
        "description": storable(f"{error.stage} failed: {error.message}"),
        "check_name": f"{error.stage}-failed",
        "fingerprint": sha256(key).hexdigest(),
        "severity": "critical",
        "location": {"path": storable(repository_path(error.path, options.prefix)), "lines": {"begin": 1, "end": 1}},
    }
