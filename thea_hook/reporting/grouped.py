"""``grouped``: findings under the name of their file, in columns."""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.located import Located, located_in
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import (
    BOLD,
    CYAN,
    DIM,
    SEVERITY_COLOURS,
    Style,
    encode,
    mark,
    shown_path,
    visible,
    write_closing,
)


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    style = Style(options.colour)
    for result in report.results:
        if items := located_in(result):
            out.write(encode(style(shown_path(result.path), BOLD) + "\n"))
            out.write(encode("".join(_rows(items, options, style)) + "\n"))
    write_closing(report, out, options)


def _rows(items: list[Located], options: FormatOptions, style: Style) -> list[str]:
    places = [f"{item.start.line}:{item.start.column}" for item in items]
    width = max(map(len, places))
    severity_width = max(len(str(item.finding.severity)) for item in items)
    rows = []
    for item, place in zip(items, places, strict=True):
        finding = item.finding
        severity = style(f"{finding.severity!s:<{severity_width}}", SEVERITY_COLOURS[finding.severity])
        message = visible(finding.message) + style(mark(finding, options), CYAN)
        rows.append(f"  {place:>{width}}  {severity}  {message}  {style(visible(finding.rule_id), DIM)}\n")
    return rows
