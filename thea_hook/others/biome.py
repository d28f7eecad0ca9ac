"""Biome: its command line over a shadow of the project, and its JSON report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import PARSE_ERROR, Answer, Reported
from thea_hook.others.offsets import Offsets
from thea_hook.others.programs import LinterError, find_program, run
from thea_hook.others.shadow import Shadow, shadow_of

NAME = "biome"
_SEVERITIES = {"fatal": Severity.ERROR, "error": Severity.ERROR, "warning": Severity.WARNING}
_FIXES = (("Apply Biome's fix", ("--write",), True), ("Apply Biome's unsafe fix", ("--write", "--unsafe"), False))


class Biome:
    """The project's own Biome, under the project's configuration."""

    name = NAME

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self._program = find_program("biome", cwd)

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        return [self._lint(file) for file in files]

    def _lint(self, file: SourceFile) -> Answer | None:
        with shadow_of(file, self._cwd) as shadow:
            report = self._run(shadow)
        summary = report.get("summary") or {}
        if not summary.get("changed", 0) + summary.get("unchanged", 1):
            return None
        return tuple(read_report(report, lambda _: file))

    def rewrites(self, file: SourceFile) -> list[Rewrite]:
        made = []
        for title, flags, is_fix in _FIXES:
            with shadow_of(file, self._cwd) as shadow:
                self._run(shadow, *flags)
                made.append(Rewrite(title, shadow.text(), is_fix))
        return made

    def _run(self, shadow: Shadow, *flags: str) -> Mapping[str, Any]:
        options = ["--reporter=json", "--max-diagnostics=none", "--no-errors-on-unmatched", "--colors=off"]
        done = run([self._program, "lint", *flags, *options, shadow.path], cwd=shadow.cwd)
        try:
            report: Mapping[str, Any] = json.loads(done.stdout)
        except ValueError as exc:
            raise LinterError(f"--with: Biome failed: {done.complaint or 'it said nothing'}") from exc
        return report


def read_report(report: Mapping[str, Any], find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    """The diagnostics in the files that ``find`` knows."""
    for one in report["diagnostics"]:
        place = one.get("location") or {}
        file = find(str(place.get("path", "")))
        if file is None or not place.get("start"):
            continue
        start, end = place["start"], place.get("end") or place["start"]
        span = Offsets(file, "code-points").span(start["line"], start["column"], end["line"], end["column"])
        category = str(one.get("category") or PARSE_ERROR)
        rule = PARSE_ERROR if category == "parse" else category.removeprefix("lint/")
        severity = _SEVERITIES.get(str(one.get("severity")), Severity.INFO)
        yield Reported(NAME, rule, str(one["message"]), file.path, span, severity)
