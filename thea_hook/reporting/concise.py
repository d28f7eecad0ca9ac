"""``concise``: one line a finding, ``path:line:column: rule message [*]``, as compilers write it."""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.located import located
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import (
    BOLD,
    CYAN,
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
    for item in located(report):
        finding = item.finding
        place = f"{style(shown_path(item.path), BOLD)}:{item.start.line}:{item.start.column}"
        rule = style(visible(finding.rule_id), BOLD, SEVERITY_COLOURS[finding.severity])
        out.write(encode(f"{place}: {rule} {visible(finding.message)}{style(mark(finding, options), CYAN)}\n"))
    write_closing(report, out, options)
