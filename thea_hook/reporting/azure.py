"""``azure``: logging commands of Azure Pipelines."""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.finding import Severity
from thea_hook.core.report import Report
from thea_hook.reporting.located import located, repository_path
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import encode

TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "warning"}  # there are only these two


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    for item in located(report):
        finding = item.finding
        properties = {
            "type": TYPES[finding.severity],
            "sourcepath": repository_path(item.path, options.prefix),
            "linenumber": str(item.start.line),
            "columnnumber": str(item.start.column),
            "code": finding.rule_id,
        }
        out.write(encode(_command(properties, finding.message)))
    for error in report.errors:
        properties = {"type": "error", "sourcepath": repository_path(error.path, options.prefix), "code": error.stage}
        out.write(encode(_command(properties, error.message)))


def _command(properties: dict[str, str], message: str) -> str:
    pairs = "".join(f"{key}={_escape_property(value)};" for key, value in properties.items())
    return f"##vso[task.logissue {pairs}]{_escape(message)}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace("]", "%5D").replace(";", "%3B")
