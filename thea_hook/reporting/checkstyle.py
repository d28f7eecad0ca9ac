"""``checkstyle``: the XML of Checkstyle, which many code-review servers read."""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.report import FileResult, Report
from thea_hook.reporting.located import located_in, repository_path
from thea_hook.reporting.markup import HEAD, element
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import encode


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    files = "".join(_file(result, options) for result in report.results if result.findings or result.error)
    out.write(encode(HEAD + element("checkstyle", {"version": "4.3"}, files)))


def _file(result: FileResult, options: FormatOptions) -> str:
    errors = [
        element(
            "error",
            {
                "line": item.start.line,
                "column": item.start.column,
                "severity": str(item.finding.severity),
                "message": item.finding.message,
                "source": f"thea-hook.{item.finding.rule_id}",
            },
            indent="    ",
        )
        for item in located_in(result)
    ]
    if result.error is not None:
        attributes: dict[str, str | int] = {
            "line": 1,  # Checkstyle's readers take a line for granted
            "severity": "error",
            "message": f"{result.error.stage} failed: {result.error.message}",
            "source": f"thea-hook.{result.error.stage}-failed",
        }
        errors.append(element("error", attributes, indent="    "))
    return element("file", {"name": repository_path(result.path, options.prefix)}, "".join(errors), indent="  ")
