"""ESLint: its API for texts that are not on disk, and its JSON report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import PARSE_ERROR, Answer, Proposal, Reported
from thea_hook.others.node import Driver
from thea_hook.others.offsets import Offsets, offsets_of
from thea_hook.others.programs import find_package

NAME = "eslint"
_SEVERITIES = {1: Severity.WARNING, 2: Severity.ERROR}


class ESLint:
    """The project's own ESLint, with the project's configuration and plugins."""

    name = NAME

    def __init__(self, cwd: str) -> None:
        package = find_package("eslint", "eslint", cwd)
        self._driver = Driver("eslint.cjs", package, cwd=cwd, tool=NAME, linter="ESLint")

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        return self._driver.lint(files, read_messages)

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return ()


def read_messages(messages: Iterable[Mapping[str, Any]], file: SourceFile) -> Answer:
    """The messages of one file. Raises UnicodeDecodeError where it is no UTF-8."""
    offsets = offsets_of(file, "utf-16")
    return tuple(_read(message, file, offsets) for message in messages)


def _read(message: Mapping[str, Any], file: SourceFile, offsets: Offsets) -> Reported:
    fix = message.get("fix")
    proposals = [] if fix is None else [_proposal("Apply ESLint's fix", fix, offsets, is_fix=True)]
    for suggestion in message.get("suggestions") or ():
        proposals.append(_proposal(str(suggestion["desc"]), suggestion["fix"], offsets, is_fix=False))
    return Reported(
        NAME,
        str(message.get("ruleId") or (PARSE_ERROR if message.get("fatal") else "unused-directive")),
        str(message["message"]),
        file.path,
        offsets.span(*(message.get(key) for key in ("line", "column", "endLine", "endColumn"))),
        _SEVERITIES.get(message.get("severity", 2), Severity.ERROR),
        tuple(one for one in proposals if one is not None),
    )


def _proposal(title: str, fix: Mapping[str, Any], offsets: Offsets, *, is_fix: bool) -> Proposal | None:
    """What a rule proposes, or None where its range is none: ESLint itself lets fractions and NaN through."""
    try:
        start, end = fix["range"]
        edit = offsets.edit(start, end, str(fix["text"]))
    except (TypeError, ValueError):
        return None
    return Proposal(title, (edit,), is_fix)
