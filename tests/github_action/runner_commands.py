"""What the runner makes of the log of a step: a port of the command rules of actions/runner.

Ported from, in the state of August 2026: ``src/Runner.Common/ActionCommand.cs`` (both notations and their escapes),
``src/Runner.Worker/ActionCommandManager.cs`` (stopping, the commands, which lines and columns count),
``src/Runner.Worker/ExecutionContext.cs`` (``AddIssue``: ten of a kind for a step, 4,096 characters) and
``src/Runner.Sdk/Util/IOUtil.cs`` (``MakeRelative``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

ISSUES = ("error", "warning", "notice")
COMMANDS = {
    *ISSUES, "stop-commands", "set-env", "set-output", "save-state", "add-path", "add-mask", "add-matcher",
    "remove-matcher", "debug", "group", "endgroup", "echo",
}  # fmt: skip
MOST_OF_A_KIND = 10
MOST_CHARACTERS = 4096


class Command(NamedTuple):
    """A command as the runner read it."""

    name: str
    properties: dict[str, str]
    data: str


class Annotation(NamedTuple):
    """An annotation as GitHub gets it; None where the runner dropped or never had a property."""

    kind: str
    message: str
    title: str | None = None
    file: str | None = None
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


class Log:
    """The log of a step of the workflow, with all steps of its composite action."""

    def __init__(self, workspace: str, windows: bool = False) -> None:
        self.lines: list[str] = []
        """What is shown."""
        self.commands: list[Command] = []
        """What was carried out besides annotations."""
        self._issues: list[Annotation] = []
        self._workspace = workspace
        self._windows = windows
        self._registered = set(COMMANDS)

    def read(self, output: str) -> None:
        """Take what one process printed."""
        stop_token: str | None = None
        lines = re.split("\r\n|\r|\n", output)
        if not lines[-1]:
            lines.pop()
        for line in lines:
            found = parse(line, self._registered)
            if found is None:
                self.lines.append(line)
            elif stop_token is not None:
                if found.name.lower() == stop_token.lower():
                    self._registered.discard(stop_token)
                    stop_token = None
                self.lines.append(line)
            elif found.name.lower() == "stop-commands":
                if not found.data or found.data.lower() in {*self._registered, "pause-logging"}:
                    raise AssertionError(f"the runner refuses the token {found.data!r}")
                stop_token = found.data
                self._registered.add(stop_token)
                self.lines.append(line)
            elif found.name.lower() in ISSUES:
                self.add_issue(found)
            else:
                self.commands.append(found)
        assert stop_token is None, "commands are still stopped at the end of the step"

    def add_issue(self, found: Command) -> None:
        """Note an annotation."""
        checked = check_range(found.properties)
        self._issues.append(
            Annotation(
                found.name.lower(),
                found.data[:MOST_CHARACTERS],
                checked.get("title"),
                make_relative(checked["file"], self._workspace, self._windows) if checked.get("file") else None,
                *(int(checked[key]) if key in checked else None for key in ("line", "endLine", "col", "endColumn")),
            )
        )

    @property
    def annotations(self) -> list[Annotation]:
        """Those that GitHub shows: the first ten of each kind."""
        seen: Counter[str] = Counter()
        shown = []
        for issue in self._issues:
            seen[issue.kind] += 1
            if seen[issue.kind] <= MOST_OF_A_KIND:
                shown.append(issue)
        return shown


def parse(line: str, registered: Iterable[str]) -> Command | None:
    """The command in a line, in the notation ``::name k=v::data`` or the older ``##[name k=v]data``."""
    names = {name.lower() for name in registered}
    return _parse_v2(line, names) or _parse_v1(line, names)


def _parse_v2(line: str, names: set[str]) -> Command | None:
    text = line.lstrip()
    if not text.startswith("::") or (end := text.find("::", 2)) < 0:
        return None
    name, space, pairs = text[2:end].partition(" ")
    if name.lower() not in names:
        return None
    escapes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    properties = _properties(pairs.strip(), ",", escapes) if space else {}
    return Command(name, properties, _unescape(text[end + 2 :], {"%0D": "\r", "%0A": "\n", "%25": "%"}))


def _parse_v1(line: str, names: set[str]) -> Command | None:
    start = line.find("##[")  # anywhere in the line
    if start < 0 or (end := line.find("]", start)) < 0:
        return None
    name, space, pairs = line[start + 3 : end].partition(" ")
    if name.lower() not in names:
        return None
    escapes = {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%25": "%"}
    return Command(name, _properties(pairs, ";", escapes) if space else {}, _unescape(line[end + 1 :], escapes))


def _properties(text: str, separator: str, escapes: Mapping[str, str]) -> dict[str, str]:
    pairs = (pair.split("=", 1) for pair in text.split(separator) if "=" in pair)
    return {key: _unescape(value, escapes) for key, value in pairs if key and value}


def _unescape(text: str, escapes: Mapping[str, str]) -> str:
    for escape, character in escapes.items():  # the percent sign last
        text = text.replace(escape, character)
    return text


def check_range(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties without the lines and columns that the runner ignores (``ValidateLinesAndColumns``)."""
    kept = dict(properties)
    whole = {key: int(value) for key, value in kept.items() if re.fullmatch("-?[0-9]+", value)}
    if "endLine" in whole and "line" not in whole:
        kept["line"] = kept["endLine"]
        whole["line"] = whole["endLine"]
    if "endColumn" in whole and "col" not in whole:
        kept["col"] = kept["endColumn"]
        whole["col"] = whole["endColumn"]
    has_column = "col" in whole
    if has_column and ("line" not in whole or kept.get("endLine", kept["line"]) != kept["line"]):
        kept.pop("col", None)
        kept.pop("endColumn", None)
    if whole.get("endLine", whole.get("line", 0)) < whole.get("line", 0):
        kept.pop("line")
        kept.pop("endLine")
    if whole.get("endColumn", whole.get("col", 0)) < whole.get("col", 0):
        kept.pop("col", None)
        kept.pop("endColumn", None)
    return kept


def make_relative(path: str, folder: str, windows: bool = False) -> str:
    """The path below the folder with forward slashes; any other path as it is."""
    separator = "\\" if windows else "/"
    path = path.replace("/", separator)
    folder = folder.replace("/", separator).rstrip(separator)
    inside = path.startswith(f"{folder}{separator}")
    return path[len(folder) + 1 :].replace(separator, "/") if inside else path
