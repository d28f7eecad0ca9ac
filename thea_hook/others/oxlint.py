"""oxlint: its command line over a shadow of the project, and its JSON report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile
from thea_hook.others.findings import PARSE_ERROR, Reported
from thea_hook.others.offsets import offsets_of
from thea_hook.others.over_shadow import OverShadow, Report

NAME = "oxlint"
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "advice": Severity.INFO}
_CODE = re.compile(r"([\w@/-]+)\(([\w/-]+)\)")
_FIXES = (
    ("Apply oxlint's fix", ("--fix",), True),
    ("Apply oxlint's suggestion", ("--fix", "--fix-suggestions"), False),
)


class Oxlint(OverShadow):
    """The project's own oxlint, under the project's configuration."""

    name = NAME
    title = "oxlint"
    fixes = _FIXES

    def arguments(self, paths: Sequence[str], flags: Sequence[str]) -> list[str]:
        return [*flags, "--format=json", "--threads=1", *paths]

    def count_read(self, report: Report) -> int:
        return int(report.get("number_of_files", 1))

    @staticmethod
    def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
        return read_report(report, find)


def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    """The diagnostics in the files that ``find`` knows."""
    for one in report["diagnostics"]:
        file = find(str(one.get("filename", "")))
        if file is None:
            continue
        code = _CODE.fullmatch(str(one.get("code", "")))
        rule = PARSE_ERROR if code is None else code[2] if code[1] == "eslint" else f"{code[1]}/{code[2]}"
        labels = one.get("labels") or ()
        place = labels[0]["span"] if labels else {"offset": 0, "length": 0}
        start = int(place["offset"])
        span = offsets_of(file, "bytes").between(start, start + int(place["length"]))
        severity = _SEVERITIES.get(str(one.get("severity")), Severity.ERROR)
        yield Reported(NAME, rule, str(one["message"]), file.path, span, severity)
