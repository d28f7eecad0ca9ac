"""``diff``: what was changed, or under ``--diff`` would be, as one patch for ``git apply``."""

from __future__ import annotations

from typing import BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.located import repository_path
from thea_hook.reporting.options import FormatOptions


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    patches = [result.patch for result in report.results if result.patch is not None]
    # git applies no patch that leads out of a folder: one that has to is for the root of the repository.
    prefix = options.prefix if any(patch.path.startswith("../") for patch in patches) else ""
    for patch in patches:
        out.write(patch._replace(path=repository_path(patch.path, prefix)).unified_diff())
