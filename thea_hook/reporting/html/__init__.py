"""``html``: one file for people, which needs no network, no server and, but for its filters, no script.

What the report holds is hostile: names, messages and source are text and nothing else. The page has no inline handler
and no style attribute, and a Content-Security-Policy that admits its own style and script by their hashes. Nothing in
it depends on when or where it was written.
"""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.html.files import file_section
from thea_hook.reporting.html.page import page
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.text import encode


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    before, after = page(report, options)
    out.write(encode(before))
    number = 0
    for result in report.results:
        if result.findings:
            out.write(encode(file_section(result, number, report.changed_lines, options)))
            number += len(result.findings)
    out.write(encode(after))
