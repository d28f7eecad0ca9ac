"""``rdjsonl``: the diagnostics of ``rdjson``, one a line."""

from __future__ import annotations

from json import dumps
from typing import Any, BinaryIO

from thea_hook.core.report import Report
from thea_hook.reporting.options import FormatOptions
from thea_hook.reporting.rdjson import diagnostics

# Reviewdog reads lines with Go's bufio.Scanner: a longer one ends the report there, without a word.
MOST_LINE_BYTES = 64 * 1024 - 1
MOST_MESSAGE = 4_000  # characters, of which each takes twelve bytes at most: room for a path is left


def write(report: Report, out: BinaryIO, options: FormatOptions) -> None:
    for item in diagnostics(report, options):
        out.write(_line(item))


def _line(item: dict[str, Any]) -> bytes:
    line = (dumps(item) + "\n").encode()
    if len(line) <= MOST_LINE_BYTES:
        return line
    if "suggestions" in item:
        return _line({key: value for key, value in item.items() if key != "suggestions"})
    return (dumps({**item, "message": f"{item['message'][:MOST_MESSAGE]}…"}) + "\n").encode()
