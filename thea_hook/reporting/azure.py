"""``azure``: logging commands of Azure Pipelines.

A task's summary lists the first ten errors and the first ten warnings, so the most useful come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from thea_hook.core.finding import Severity
from thea_hook.core.report import Report
from thea_hook.reporting.located import located, repository_path, urgency
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import encode

TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "warning"}  # there are only these two


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    for error in report.errors:
        properties = {"type": "error", "sourcepath": repository_path(error.path, options.prefix), "code": error.stage}
        out.write(encode(_command(properties, error.message)))
    for item in sorted(located(report), key=lambda item: urgency(item, report.changed_lines)):
        finding = item.finding
        properties = {
            "type": TYPES[finding.severity],
            "sourcepath": repository_path(item.path, options.prefix),
            "linenumber": str(item.start.line),
            "columnnumber": str(item.start.column),
            "code": finding.rule_id,
        }
        out.write(encode(_command(properties, finding.message)))


def _command(properties: Mapping[str, str], message: str) -> str:
    pairs = "".join(f"{key}={_escape_property(value)};" for key, value in properties.items())
    return f"##vso[task.logissue {pairs}]{_escape(message)}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace("]", "%5D").replace(";", "%3B")
