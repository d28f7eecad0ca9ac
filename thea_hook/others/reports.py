"""Report files: whose they are is seen from their shape, never asked of a configuration."""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.others import biome, eslint, oxlint, sarif, tsc
from thea_hook.others.findings import Reported


class Heard(NamedTuple):
    """What reports say about the files of a run, and which tools they are of, those without findings included."""

    findings: tuple[Reported, ...]
    tools: frozenset[str]


def read_reports(paths: Sequence[str], files: Mapping[str, SourceFile], cwd: str) -> Heard:
    """What the reports say about these files. Raises UsageError for a report that cannot be read or understood."""
    known = {os.path.realpath(os.path.join(cwd, path)): file for path, file in files.items()}

    def find(path: str) -> SourceFile | None:
        return known.get(os.path.realpath(os.path.join(cwd, path)))

    heard = [_read_report(path, find) for path in paths]
    return Heard(
        tuple(reported for one in heard for reported in one.findings),
        frozenset(tool for one in heard for tool in one.tools),
    )


def _read_report(path: str, find: Callable[[str], SourceFile | None]) -> Heard:
    try:
        with open(path, "rb") as stream:
            text = stream.read()
    except OSError as exc:
        raise UsageError(f"--findings {path}: cannot be read: {exc.strerror or exc}") from exc
    try:
        report = json.loads(text)
    except RecursionError as exc:
        raise UsageError(f"--findings {path}: is nested too deeply") from exc
    except ValueError:
        report = _decoded(text)
    try:
        tools, read = _reader(report)
        return Heard(tuple(read(find)), frozenset(tools))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as exc:
        wanted = "SARIF 2.1, or the JSON of ESLint, oxlint or Biome, or the lines of tsc"
        raise UsageError(f"--findings {path}: is not {wanted} ({type(exc).__name__}: {exc})") from exc


def _decoded(text: bytes) -> str:
    """The lines of a program, as a shell wrote them into a file: that of Windows writes UTF-16."""
    is_wide = text.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return text.decode("utf-16" if is_wide else "utf-8-sig", "replace")


_Reader = Callable[[Callable[[str], "SourceFile | None"]], Iterator[Reported]]


def _reader(report: Any) -> tuple[Iterable[str], _Reader]:
    """The tools that a report is of, and the reader of its format. Raises ValueError where it is none that we know."""
    if isinstance(report, str) and tsc.LINE.search(report):
        return [tsc.NAME], lambda find: tsc.read_lines(report, find)
    if isinstance(report, list) and all(isinstance(one, dict) and "filePath" in one for one in report):
        return [eslint.NAME], lambda find: _eslint(report, find)
    if isinstance(report, dict) and "runs" in report:
        return sarif.tools_of(report), lambda find: sarif.read_sarif(report, find)
    if isinstance(report, dict) and isinstance(report.get("diagnostics"), list):
        module = biome if "summary" in report else oxlint
        return [module.NAME], lambda find: module.read_report(report, find)
    raise ValueError("unknown format")


def _eslint(report: Sequence[Mapping[str, Any]], find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
    for result in report:
        file = find(str(result["filePath"]))
        if file is not None:
            yield from eslint.read_messages(result["messages"], file)
