"""TypeScript: its language service for texts that are not on disk, and the lines that ``tsc`` prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import PARSE_ERROR, Answer, Proposal, Reported
from thea_hook.others.node import Driver
from thea_hook.others.offsets import Offsets, offsets_of
from thea_hook.others.programs import find_package

NAME = "tsc"
LINE = re.compile(
    r"^(?P<path>[^\n(]+)\((?P<line>\d+),(?P<column>\d+)\): (?P<level>\w+) (?P<code>TS\d+): (?P<text>.*)$", re.M
)
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING}


class TypeScript:
    """The project's own TypeScript, under the tsconfig.json that is nearest to each file.

    Its quick fixes are suggestions: an editor offers them, ``tsc`` makes none.
    """

    name = NAME

    def __init__(self, cwd: str) -> None:
        package = find_package("typescript", "tsc", cwd)
        self._driver = Driver("tsc.cjs", package, cwd=cwd, tool=NAME, linter="TypeScript")

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        return self._driver.lint(files, _read_diagnostics, encoding="utf-8-sig")

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return ()


def _read_diagnostics(found: Iterable[Mapping[str, Any]], file: SourceFile) -> Answer:
    offsets = offsets_of(file, "utf-16")
    return tuple(_read(one, file, offsets) for one in found)


def _read(one: Mapping[str, Any], file: SourceFile, offsets: Offsets) -> Reported:
    return Reported(
        NAME,
        PARSE_ERROR if 1000 <= int(one["code"]) < 2000 and one["syntactic"] else f"TS{one['code']}",
        str(one["message"]),
        file.path,
        offsets.between(one["start"], one["start"] + one["length"]),
        proposals=tuple(_proposal(fix, offsets) for fix in one["fixes"]),
    )


def _proposal(fix: Mapping[str, Any], offsets: Offsets) -> Proposal:
    edits = (
        offsets.edit(change["start"], change["start"] + change["length"], str(change["text"]))
        for change in fix["changes"]
    )
    return Proposal(str(fix["title"]), tuple(sorted(edits)), is_fix=False)


def read_lines(text: str, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    """The findings in what ``tsc --pretty false`` prints."""
    for match in LINE.finditer(text):
        file = find(match["path"])
        if file is not None:
            place = offsets_of(file, "utf-16").span(int(match["line"]), int(match["column"]))
            severity = _SEVERITIES.get(match["level"], Severity.INFO)
            yield Reported(NAME, match["code"], match["text"].rstrip(), file.path, place, severity)
