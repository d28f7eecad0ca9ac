"""``json``: the whole report as one object, a finding a line."""

from __future__ import annotations

from collections.abc import Iterable
from json import dumps
from typing import Any, BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.contract import SCHEMA, error_object, file_object, finding_objects, stats_object
from thea_hook.reporting.options import FormatOptions


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    out.write(f'{{\n"version": {dumps(options.version)},\n"schema": {SCHEMA},\n'.encode())
    _write_array(out, "files", (file_object(result, routing=options.routing) for result in report.results))
    _write_array(out, "findings", (item for result in report.results for item in finding_objects(result)))
    _write_array(out, "errors", (error_object(error) for error in report.errors))
    out.write(f'"stats": {dumps(stats_object(report))}\n}}\n'.encode())


def _write_array(out: BinaryIO, key: str, items: Iterable[dict[str, Any]]) -> None:
    """One item a line: people can read it, line tools can cut it, and it never lies in memory as a whole."""
    out.write(f"{dumps(key)}: [".encode())
    separator = "\n"
    for item in items:
        out.write((separator + dumps(item)).encode())
        separator = ",\n"
    out.write(b"],\n" if separator == "\n" else b"\n],\n")
