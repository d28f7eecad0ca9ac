"""``diff``: what was changed, or under ``--diff`` would be, as one patch for ``git apply``."""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.options import FormatOptions


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    for result in report.results:
        if result.patch is not None:
            out.write(result.patch.unified_diff())
