"""``rdjsonl``: the diagnostics of ``rdjson``, one a line."""

from __future__ import annotations

from json import dumps
from typing import BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.rdjson import diagnostics


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    for item in diagnostics(report, options):
        out.write((dumps(item) + "\n").encode())
