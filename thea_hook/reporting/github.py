"""``github``: workflow commands, which GitHub Actions shows as annotations on the diff.

A step shows ten annotations of each kind and drops the rest without a word. So the most useful come first (lines of the
diff, then errors), nine of a kind at most, and one notice says how many more there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from thea_hook.core.finding import Severity
from thea_hook.core.report import Report
from thea_hook.reporting.located import Located, located, repository_path, urgency
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import encode

MOST_OF_A_KIND = 9

KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    written: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    for kind, line in _annotations(report, options):
        if written[kind] < MOST_OF_A_KIND:
            written[kind] += 1
            out.write(encode(line))
        else:
            hidden[kind] += 1
    if hidden:
        parts = " and ".join(f"{number} more {kind}{'s' if number > 1 else ''}" for kind, number in hidden.items())
        message = f"{parts} not shown here: GitHub shows ten annotations of a kind. The log or another format has all."
        out.write(encode(command("notice", {"title": "thea-hook"}, message)))


def command(kind: str, properties: Mapping[str, str | int], message: str) -> str:
    """One workflow command, escaped so that no property and no message can end it or start another."""
    pairs = ",".join(f"{key}={_escape_property(str(value))}" for key, value in properties.items())
    return f"::{kind} {pairs}::{_escape(message)}\n"


def _annotations(report: Report, options: FormatOptions) -> Iterator[tuple[str, str]]:
    for error in report.errors:
        properties = {"file": repository_path(error.path, options.prefix), "title": f"thea-hook ({error.stage} failed)"}
        yield "error", command("error", properties, error.message)
    changed = report.changed_lines
    for item in sorted(located(report), key=lambda item: urgency(item, changed)):
        finding = item.finding
        kind = KINDS[finding.severity]
        yield kind, command(kind, _properties(item, options), f"{finding.rule_id}: {finding.message}")


def _properties(item: Located, options: FormatOptions) -> dict[str, str | int]:
    properties: dict[str, str | int] = {
        "file": repository_path(item.path, options.prefix),
        "line": item.start.line,
        "endLine": item.end.line,
    }
    if item.start.line == item.end.line:  # the runner drops the columns of anything longer
        properties |= {"col": item.start.column, "endColumn": item.end.column}
    return properties | {"title": f"thea-hook ({item.finding.rule_id})"}


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
