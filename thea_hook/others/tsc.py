"""TypeScript: its language service for texts that are not on disk, and the lines that ``tsc`` prints."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from thea_hook.core.finding import Edit, Severity
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import PARSE_ERROR, Answer, Proposal, Reported
from thea_hook.others.offsets import Offsets
from thea_hook.others.programs import LinterError, ask_node, find_package

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
        self._cwd = cwd
        self._package = find_package("typescript", "tsc", cwd)

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        texts = [[os.path.abspath(file.path), file.text.decode("utf-8-sig", "replace")] for file in files]
        answers = ask_node("tsc.cjs", self._package, {"texts": texts}, cwd=self._cwd, linter="TypeScript")
        if not isinstance(answers, list) or len(answers) != len(files):
            raise LinterError("--with: TypeScript's answer is not what its language service promises")
        return [
            None if found is None else tuple(_read(one, file, Offsets(file, "utf-16")) for one in found)
            for found, file in zip(answers, files, strict=True)
        ]

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return ()


def _read(one: Mapping[str, Any], file: SourceFile, offsets: Offsets) -> Reported:
    start = int(one["start"])
    return Reported(
        NAME,
        PARSE_ERROR if 1000 <= int(one["code"]) < 2000 and one["syntactic"] else f"TS{one['code']}",
        str(one["message"]),
        file.path,
        Span(offsets.at(start), offsets.at(start + int(one["length"]))),
        proposals=tuple(_proposal(fix, offsets) for fix in one["fixes"]),
    )


def _proposal(fix: Mapping[str, Any], offsets: Offsets) -> Proposal:
    edits = (
        Edit(
            Span(offsets.at(change["start"]), offsets.at(change["start"] + change["length"])),
            str(change["text"]).encode("utf-8", "surrogatepass"),
        )
        for change in fix["changes"]
    )
    return Proposal(str(fix["title"]), tuple(sorted(edits)), is_fix=False)


def read_lines(text: str, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    """The findings in what ``tsc --pretty false`` prints."""
    for match in LINE.finditer(text):
        file = find(match["path"])
        if file is not None:
            place = Offsets(file, "utf-16").span(int(match["line"]), int(match["column"]))
            severity = _SEVERITIES.get(match["level"], Severity.INFO)
            yield Reported(NAME, match["code"], match["text"], file.path, place, severity)
