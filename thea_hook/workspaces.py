"""The packages of a monorepo, as its package manager lists them: npm, yarn, pnpm, bun, lerna."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from thea_hook.config_file import parse, read_text
from thea_hook.errors import ConfigError, UsageError, did_you_mean
from thea_hook.globs import Globs
from thea_hook.paths import below, upwards

MOST_SHOWN = 5
MOST_ALTERNATIVES = 1_000
"""What braces in one pattern may stand for: thirty pairs would be a thousand million."""


class Workspace(NamedTuple):
    """A package: the name in its package.json (empty where it has none), and its folder."""

    name: str
    folder: str


def select(wanted: Sequence[str], cwd: str) -> tuple[str, ...]:
    """The folders of the packages that are wanted by name, or by path from ``cwd`` or from the top of the monorepo.

    Raises UsageError where there is no such package, ConfigError where a file that lists them cannot be read.
    """
    top, patterns = _find_patterns(cwd)
    packages = list(_packages(top, patterns))
    return tuple(_select_one(name, packages, cwd, top) for name in wanted)


def _select_one(wanted: str, packages: Sequence[Workspace], cwd: str, top: str) -> str:
    places = {os.path.normpath(os.path.join(folder, wanted)) for folder in (cwd, top)}
    for package in packages:
        if package.name == wanted or package.folder in places:
            return package.folder
    known = [word for name, folder in packages for word in (name, below(folder, top)) if word]
    hint = did_you_mean(wanted, known) or _some_of([name or below(folder, top) or "" for name, folder in packages])
    raise UsageError(f"--workspace: {top} has no package `{wanted}`.{hint}")


def _some_of(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > MOST_SHOWN else ""
    return f" Its packages: {', '.join(names[:MOST_SHOWN])}{more}" if names else ""


def _find_patterns(cwd: str) -> tuple[str, list[str]]:
    """The nearest folder, from ``cwd`` up to the top of its repository, that lists packages, and the list."""
    for folder in upwards(cwd):
        for name, read in _LISTS.items():
            path = os.path.join(folder, name)
            text = read_text(path)
            patterns = None if text is None else read(path, text)
            if patterns is not None:
                return folder, patterns
        if os.path.exists(os.path.join(folder, ".git")):
            break
    lists = f"{', '.join(list(_LISTS)[:-1])} or {list(_LISTS)[-1]}"
    raise UsageError(f"--workspace: no {lists} from here upwards lists packages; name the folder instead")


# ------------------------------------------------------------------ the lists


def _of_package_json(path: str, text: str) -> list[str] | None:
    """``workspaces``: a list, or as yarn 1 has it, a table with the list under ``packages``."""
    given = parse(path, text).get("workspaces")
    if isinstance(given, dict):
        given = given.get("packages")
    return None if given is None else _strings(path, "workspaces", given)


def _of_lerna_json(path: str, text: str) -> list[str] | None:
    given = parse(path, text).get("packages")
    return None if given is None else _strings(path, "packages", given)


def _of_pnpm(path: str, text: str) -> list[str] | None:
    """``packages`` of pnpm-workspace.yaml; None where the file has no such key.

    The part of YAML that this list is written in: one string a line, or all in brackets. Whatever goes beyond is an
    error with its line, never a guess: reading all of YAML takes a library that the hook does without.
    """
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if re.match(r"packages\s*:", line)), None)
    if start is None:
        return None
    rest = _without_comment(lines[start].partition(":")[2])
    if rest:
        return _bracketed(path, start, rest, lines[start + 1 :])
    found = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        line = _without_comment(line)
        item = re.match(r"\s*-(?:\s+(.*))?$", line)
        if item:
            found.append(_scalar(path, number, item[1] or ""))
        elif line and not line[0].isspace():
            break  # the next key
        elif line:
            raise _beyond(path, number)
    return found


def _bracketed(path: str, start: int, text: str, more: Sequence[str]) -> list[str]:
    """A list in brackets, over as many lines as it takes."""
    for line in more:
        if "]" in text:
            break
        text += f" {_without_comment(line).strip()}"
    found = re.fullmatch(r"\[(.*)\]", text.strip())
    if found is None:
        raise _beyond(path, start + 1)
    items = re.findall(r"\s*((?:'[^']*'|\"[^\"]*\"|[^,'\"])+?)\s*(?:,|$)", found[1])
    return [_scalar(path, start + 1, item) for item in items if item.strip()]


def _without_comment(line: str) -> str:
    return re.sub(r"(?:^|\s+)#.*$", "", line.rstrip("\r")).rstrip()


def _scalar(path: str, number: int, text: str) -> str:
    """A string, quoted or plain."""
    quoted = re.fullmatch(r"'([^']*)'|\"([^\"\\]*)\"", text)
    if quoted:
        return quoted[1] or quoted[2] or ""
    if not text or text[0] in "!&*|>'\"%@`{}[],?" or ": " in text or text.endswith(":"):
        raise _beyond(path, number)
    return text


def _beyond(path: str, number: int) -> ConfigError:
    return ConfigError(
        f"{path}:{number}: `packages` must be a list of strings, those that begin with `!` or `*` in quotes"
    )


_LISTS = {"pnpm-workspace.yaml": _of_pnpm, "package.json": _of_package_json, "lerna.json": _of_lerna_json}


def _strings(path: str, key: str, value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise ConfigError(f"{path}: `{key}` must be a list of strings")


# ------------------------------------------------------------------ the folders


def _packages(top: str, patterns: Iterable[str]) -> Iterator[Workspace]:
    """The packages that the patterns stand for, in order of path; a later pattern outranks an earlier one."""
    folders: dict[str, None] = {}
    for pattern in patterns:
        if pattern.startswith("!"):
            refused = Globs([f"/{body}" for body in _alternatives(_tidy(pattern[1:]))])
            folders = {folder: None for folder in folders if not _is_refused(refused, folder)}
        else:
            for body in _alternatives(_tidy(pattern)):
                folders.update(dict.fromkeys(_expand(top, body)))
    for folder in sorted(folders):
        path = os.path.normpath(os.path.join(top, folder))
        manifest = os.path.join(path, "package.json")
        text = read_text(manifest)
        if text is not None:
            name = parse(manifest, text).get("name")
            yield Workspace(name if isinstance(name, str) else "", path)


def _is_refused(globs: Globs, folder: str) -> bool:
    return any(globs.verdict(path, folder=True) for path in (folder, f"{folder}/package.json"))


def _tidy(pattern: str) -> str:
    return re.sub(r"/+", "/", pattern.replace("\\", "/")).removeprefix("./").rstrip("/")


def _alternatives(pattern: str) -> list[str]:
    """``{a,b}/c`` as ``a/c`` and ``b/c``."""
    found, pending = [], [pattern]
    while pending:
        one = pending.pop()
        braces = re.search(r"\{([^{}]*)\}", one)
        if braces is None:
            found.append(one)
        else:
            before, after = one[: braces.start()], one[braces.end() :]
            pending += [f"{before}{part}{after}" for part in braces[1].split(",")]
        if len(found) + len(pending) > MOST_ALTERNATIVES:
            raise ConfigError(f"the braces of `{pattern[:80]}` stand for more than {MOST_ALTERNATIVES} folders")
    return found


def _expand(top: str, pattern: str) -> list[str]:
    """The folders below ``top`` that a pattern matches, relative to it. Dependencies and hidden folders are none."""
    found = [""]
    for part in pattern.split("/"):
        if part == "..":
            return []  # what lies outside of the monorepo is not checked by way of its list
        if part == "**":
            found = list(dict.fromkeys(inside for folder in found for inside in _walk(top, folder)))
        elif part not in ("", "."):
            matches = Globs([f"/{part}"])
            found = [f"{folder}{name}/" for folder in found for name in _folders(top, folder) if matches.matches(name)]
    return [folder.rstrip("/") or "." for folder in found if folder or pattern == "."]


def _walk(top: str, folder: str) -> Iterator[str]:
    pending = [folder]
    while pending:
        folder = pending.pop()
        yield folder
        pending += (f"{folder}{name}/" for name in _folders(top, folder))


def _folders(top: str, folder: str) -> tuple[str, ...]:
    try:
        with os.scandir(os.path.join(top, folder)) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return ()
    return tuple(sorted(name for name in names if name != "node_modules" and not name.startswith(".")))
