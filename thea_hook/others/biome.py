"""Biome: its command line over a shadow of the project, and its JSON report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile
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

    def arguments(self, path: str, flags: Sequence[str]) -> list[str]:
        options = ["--reporter=json", "--max-diagnostics=none", "--no-errors-on-unmatched", "--colors=off"]
        return ["lint", *flags, *options, path]

    def has_read(self, report: Report) -> bool:
        summary = report.get("summary") or {}
        return bool(summary.get("changed", 0) + summary.get("unchanged", 1))

    @staticmethod
    def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
        return read_report(report, find)


def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    """The diagnostics in the files that ``find`` knows."""
    for one in report["diagnostics"]:
        place = one.get("location") or {}
        file = find(str(place.get("path", "")))
        if file is None or not place.get("start"):
            continue
        start, end = place["start"], place.get("end") or place["start"]
        span = offsets_of(file, "code-points").span(start["line"], start["column"], end["line"], end["column"])
        category = str(one.get("category") or PARSE_ERROR)
        rule = PARSE_ERROR if category == "parse" else category.removeprefix("lint/")
        severity = _SEVERITIES.get(str(one.get("severity")), Severity.INFO)
        yield Reported(NAME, rule, str(one["message"]), file.path, span, severity)
