"""Biome: its command line over a shadow of the project, and its JSON report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.findings import PARSE_ERROR, Reported
from thea_hook.others.offsets import offsets_of
from thea_hook.others.over_shadow import OverShadow, Report

NAME = "biome"
_SEVERITIES = {"fatal": Severity.ERROR, "error": Severity.ERROR, "warning": Severity.WARNING}
_FIXES = (("Apply Biome's fix", ("--write",), True), ("Apply Biome's unsafe fix", ("--write", "--unsafe"), False))


class Biome(OverShadow):
    """The project's own Biome, under the project's configuration."""

    name = NAME
    title = "Biome"
    fixes = _FIXES

    def arguments(self, paths: Sequence[str], flags: Sequence[str]) -> list[str]:
        options = ["--reporter=json", "--max-diagnostics=none", "--no-errors-on-unmatched", "--colors=off"]
        return ["lint", *flags, *options, *paths]

    def count_read(self, report: Report) -> int:
        summary = report.get("summary") or {}
        return int(summary.get("changed", 0)) + int(summary.get("unchanged", 1))

    @staticmethod
    def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
        return read_report(report, find)


def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    """The diagnostics in the files that ``find`` knows."""
    for one in report["diagnostics"]:
        place = one.get("location") or {}
        file = find(_path(place.get("path")))
        span = None if file is None else _span(place, file)
        if file is None or span is None:
            continue
        category = str(one.get("category") or PARSE_ERROR)
        rule = PARSE_ERROR if category == "parse" else category.removeprefix("lint/")
        severity = _SEVERITIES.get(str(one.get("severity")), Severity.INFO)
        yield Reported(NAME, rule, _message(one), file.path, span, severity)


def _path(path: object) -> str:
    return str(path.get("file", "") if isinstance(path, dict) else path or "")


def _span(place: Mapping[str, Any], file: SourceFile) -> Span | None:
    """The place of a diagnostic, or None where it has none: lines and columns in Biome 2, bytes in Biome 1."""
    if place.get("start"):
        start, end = place["start"], place.get("end") or place["start"]
        return offsets_of(file, "code-points").span(start["line"], start["column"], end["line"], end["column"])
    if place.get("span"):
        return offsets_of(file, "bytes").between(*place["span"])
    return None


def _message(one: Mapping[str, Any]) -> str:
    """What it says: Biome 1 marks parts of it up, and has it in plain words beside."""
    message = one["message"]
    return str(one.get("description") if isinstance(message, list) else message)
