"""oxlint: its command line over a shadow of the project, and its JSON report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import PARSE_ERROR, Answer, Reported
from thea_hook.others.offsets import Offsets
from thea_hook.others.programs import LinterError, find_program, run
from thea_hook.others.shadow import Shadow, shadow_of

NAME = "oxlint"
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "advice": Severity.INFO}
_CODE = re.compile(r"([\w@/-]+)\(([\w/-]+)\)")
_FIXES = (
    ("Apply oxlint's fix", ("--fix",), True),
    ("Apply oxlint's suggestion", ("--fix", "--fix-suggestions"), False),
)


class Oxlint:
    """The project's own oxlint, under the project's configuration."""

    name = NAME

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self._program = find_program("oxlint", cwd)

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        return [self._lint(file) for file in files]

    def _lint(self, file: SourceFile) -> Answer | None:
        with shadow_of(file, self._cwd) as shadow:
            report = self._run(shadow)
        if not report.get("number_of_files", 1):
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
        done = run([self._program, *flags, "--format=json", "--threads=1", shadow.path], cwd=shadow.cwd)
        try:
            report: Mapping[str, Any] = json.loads(done.stdout)
        except ValueError as exc:
            raise LinterError(f"--with: oxlint failed: {done.complaint or 'it said nothing'}") from exc
        return report


def read_report(report: Mapping[str, Any], find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    """The diagnostics in the files that ``find`` knows."""
    for one in report["diagnostics"]:
        file = find(str(one.get("filename", "")))
        if file is None:
            continue
        code = _CODE.fullmatch(str(one.get("code", "")))
        rule = PARSE_ERROR if code is None else code[2] if code[1] == "eslint" else f"{code[1]}/{code[2]}"
        labels = one.get("labels") or ()
        place = labels[0]["span"] if labels else {"offset": 0, "length": 0}
        offsets, start = Offsets(file, "bytes"), int(place["offset"])
        span = Span(offsets.at(start), offsets.at(start + int(place["length"])))
        severity = _SEVERITIES.get(str(one.get("severity")), Severity.ERROR)
        yield Reported(NAME, rule, str(one["message"]), file.path, span, severity)
