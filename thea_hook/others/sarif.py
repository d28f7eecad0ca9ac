"""SARIF 2.1: the report that nearly every linter can write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from thea_hook.core.finding import Edit, Severity
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.findings import PARSE_ERROR, Proposal, Reported
from thea_hook.others.offsets import Offsets, Unit, offsets_of

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "note": Severity.INFO, "none": Severity.INFO}
_TOOLS = {"typescript": "tsc"}

Find = Callable[[str], "SourceFile | None"]
"""The file of a path as the report spells it, or None where it is not of this run."""


def read_sarif(log: Mapping[str, Any], find: Find) -> Iterator[Reported]:
    """The results of all runs whose first place is in a file that ``find`` knows."""
    for run in log.get("runs") or ():
        unit: Unit = "code-points" if run.get("columnKind") == "unicodeCodePoints" else "utf-16"
        named = run.get("originalUriBaseIds") or {}
        bases = {name: _base(name, named) for name in named}
        for result in run.get("results") or ():
            yield from _read(result, _tool(run), unit, bases, find)


def tools_of(log: Mapping[str, Any]) -> list[str]:
    """What the tools of the runs are called here."""
    return [_tool(run) for run in log.get("runs") or ()]


def _tool(run: Mapping[str, Any]) -> str:
    driver = str(run.get("tool", {}).get("driver", {}).get("name", "sarif")).lower()
    return _TOOLS.get(driver, driver)


def _base(name: str, bases: Mapping[str, Mapping[str, Any]], depth: int = 0) -> str:
    """The address of a folder, which may be named from another one; tools forget the slash at its end."""
    base = bases.get(name) or {}
    uri = str(base.get("uri", ""))
    if uri and not uri.endswith("/"):
        uri += "/"
    is_deep = depth > len(bases)  # one that is named from itself
    outer = "" if is_deep or "uriBaseId" not in base else _base(str(base["uriBaseId"]), bases, depth + 1)
    return outer + uri


def _read(result: Mapping[str, Any], tool: str, unit: Unit, bases: Mapping[str, str], find: Find) -> Iterator[Reported]:
    places = result.get("locations") or ()
    if not places or result.get("suppressions"):
        return
    physical = places[0].get("physicalLocation") or {}
    file = find(_path(physical.get("artifactLocation") or {}, bases))
    if file is None:
        return
    offsets = offsets_of(file, unit)
    yield Reported(
        tool,
        str(result.get("ruleId") or (result.get("rule") or {}).get("id") or PARSE_ERROR),
        str((result.get("message") or {}).get("text", "")),
        file.path,
        _span(physical.get("region") or {}, offsets),
        _SEVERITIES.get(str(result.get("level", "warning")), Severity.WARNING),
        tuple(_proposals(result, file, offsets, bases, find)),
    )


def _proposals(
    result: Mapping[str, Any], file: SourceFile, offsets: Offsets, bases: Mapping[str, str], find: Find
) -> Iterator[Proposal]:
    """The fixes that change this file and no other."""
    for fix in result.get("fixes") or ():
        edits: list[Edit] = []
        for change in fix.get("artifactChanges") or ():
            if find(_path(change.get("artifactLocation") or {}, bases)) is not file:
                break
            for one in change.get("replacements") or ():
                written = str((one.get("insertedContent") or {}).get("text", ""))
                edits.append(Edit(_span(one["deletedRegion"], offsets), written.encode("utf-8", "replace")))
        else:
            title = str((fix.get("description") or {}).get("text") or "Apply the fix of the report")
            if edits:
                yield Proposal(title, tuple(sorted(edits)), is_fix=False)


def _path(location: Mapping[str, Any], bases: Mapping[str, str]) -> str:
    uri = bases.get(str(location.get("uriBaseId")), "") + str(location.get("uri", ""))
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme in ("file", "") else ""


def _span(region: Mapping[str, Any], offsets: Offsets) -> Span:
    if "byteOffset" in region:
        start = int(region["byteOffset"])
        return offsets.bytes_between(start, start + int(region.get("byteLength", 0)))
    if "charOffset" in region and "startLine" not in region:
        start = int(region["charOffset"])
        return offsets.between(start, start + int(region.get("charLength", 0)))
    line = int(region.get("startLine", 1))
    end_line = int(region.get("endLine", line))
    # without an end column a region goes to the end of its line (SARIF 2.1.0, 3.30.8)
    return offsets.span(line, int(region.get("startColumn", 1)), end_line, int(region.get("endColumn", 1 << 30)))
