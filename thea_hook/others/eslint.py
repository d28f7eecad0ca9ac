"""ESLint: its API for texts that are not on disk, and its JSON report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from thea_hook.core.finding import Edit, Severity
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import PARSE_ERROR, Answer, Proposal, Reported
from thea_hook.others.offsets import Offsets
from thea_hook.others.programs import LinterError, ask_node, find_package

NAME = "eslint"
_SEVERITIES = {1: Severity.WARNING, 2: Severity.ERROR}


class ESLint:
    """The project's own ESLint, with the project's configuration and plugins."""

    name = NAME

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self._package = find_package("eslint", "eslint", cwd)

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        texts = [[os.path.abspath(file.path), file.text.decode("utf-8", "replace")] for file in files]
        answers = ask_node("eslint.cjs", self._package, {"texts": texts}, cwd=self._cwd, linter="ESLint")
        if not isinstance(answers, list) or len(answers) != len(files):
            raise LinterError("--with: ESLint's answer is not what its API promises")
        return [
            None if messages is None else read_messages(messages, file)
            for messages, file in zip(answers, files, strict=True)
        ]

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return ()


def read_messages(messages: Iterable[Mapping[str, Any]], file: SourceFile) -> Answer:
    """The messages of one file. Raises UnicodeDecodeError where it is no UTF-8."""
    offsets = Offsets(file, "utf-16")
    return tuple(_read(message, file, offsets) for message in messages)


def _read(message: Mapping[str, Any], file: SourceFile, offsets: Offsets) -> Reported:
    text = str(message["message"])
    proposals = [Proposal("Apply ESLint's fix", (_edit(message["fix"], offsets),), True)] if message.get("fix") else []
    for suggestion in message.get("suggestions") or ():
        proposals.append(Proposal(str(suggestion["desc"]), (_edit(suggestion["fix"], offsets),), False))
    line, column = message.get("line") or 1, message.get("column") or 1
    return Reported(
        NAME,
        message.get("ruleId") or (PARSE_ERROR if message.get("fatal") else "unused-directive"),
        text,
        file.path,
        offsets.span(line, column, message.get("endLine"), message.get("endColumn")),
        _SEVERITIES.get(message.get("severity", 2), Severity.ERROR),
        tuple(proposals),
    )


def _edit(fix: Mapping[str, Any], offsets: Offsets) -> Edit:
    start, end = map(offsets.at, fix["range"])
    return Edit(Span(start, end), str(fix["text"]).encode("utf-8", "surrogatepass"))
