"""``json-lines``: one JSON object a line, findings first, then the errors (which have a ``stage`` and no ``rule``)."""

from __future__ import annotations

from json import dumps
from typing import BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.contract import error_object, finding_objects
from thea_hook.reporting.options import FormatOptions


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    for result in report.results:
        for item in finding_objects(result):
            out.write((dumps(item) + "\n").encode())
    for error in report.errors:
        out.write((dumps(error_object(error)) + "\n").encode())
