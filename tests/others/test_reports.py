"""Reports of other linters, as they write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from thea_hook.core.finding import Severity
from thea_hook.core.source import SourceFile
from thea_hook.others.findings import Reported
from thea_hook.others.reports import read_reports

TEXT = "f('é😀', a == b);\n".encode()
FILE = SourceFile("src/a.js", TEXT, "javascript")


def read(folder: Path, report: Any) -> list[Reported]:
    (folder / "report").write_text(report if isinstance(report, str) else json.dumps(report), "utf-8")
    return read_reports([str(folder / "report")], {"src/a.js": FILE}, str(folder))


def marked(reported: Reported) -> bytes:
    return TEXT[slice(*reported.span)]


def test_eslint(tmp_path: Path) -> None:
    fix = {"range": [11, 13], "text": "==="}
    message = {
        "ruleId": "eqeqeq", "message": "m", "severity": 1, "line": 1, "column": 12, "endLine": 1, "endColumn": 14,
        "suggestions": [{"desc": "Use", "fix": fix}],
    }  # fmt: skip
    results = [{"filePath": str(tmp_path / name), "messages": [message]} for name in ("src/a.js", "src/other.js")]
    (found,) = read(tmp_path, results)
    assert (found.tool, found.rule, found.severity, marked(found)) == ("eslint", "eqeqeq", Severity.WARNING, b"==")
    (proposal,) = found.proposals
    assert (proposal.title, proposal.is_fix) == ("Use", False)
    assert (TEXT[slice(*proposal.edits[0].span)], proposal.edits[0].text) == (b"==", b"===")


@pytest.mark.parametrize(
    ("kind", "region"),
    [
        ("utf16CodeUnits", {"startLine": 1, "startColumn": 12, "endColumn": 14}),
        ("unicodeCodePoints", {"startLine": 1, "startColumn": 11, "endColumn": 13}),
        ("utf16CodeUnits", {"charOffset": 11, "charLength": 2}),
        ("utf16CodeUnits", {"byteOffset": 14, "byteLength": 2}),
    ],
)
def test_sarif_in_either_unit(tmp_path: Path, kind: str, region: dict[str, int]) -> None:
    place = {"artifactLocation": {"uri": "a.js", "uriBaseId": "SRC"}, "region": region}
    change = {"artifactLocation": place["artifactLocation"], "replacements": [
        {"deletedRegion": region, "insertedContent": {"text": "==="}}]}  # fmt: skip
    result = {
        "ruleId": "eqeqeq", "level": "error", "message": {"text": "Expected"},
        "locations": [{"physicalLocation": place}], "fixes": [{"artifactChanges": [change]}],
    }  # fmt: skip
    run = {
        "tool": {"driver": {"name": "ESLint"}}, "columnKind": kind, "results": [result],
        "originalUriBaseIds": {"SRC": {"uri": (tmp_path / "src").as_uri() + "/"}},
    }  # fmt: skip
    (found,) = read(tmp_path, {"version": "2.1.0", "runs": [run]})
    assert (found.tool, found.rule, marked(found)) == ("eslint", "eqeqeq", b"==")
    assert found.proposals[0].edits[0].text == b"==="


def test_a_suppressed_result_of_sarif_is_none(tmp_path: Path) -> None:
    place = {"physicalLocation": {"artifactLocation": {"uri": "src/a.js"}, "region": {"startLine": 1}}}
    result = {"ruleId": "x", "message": {"text": ""}, "locations": [place]}
    runs = [
        {"tool": {"driver": {"name": "x"}}, "results": [result, {**result, "suppressions": [{"kind": "inSource"}]}]}
    ]
    (found,) = read(tmp_path, {"runs": runs})
    assert marked(found) == TEXT.rstrip()


def test_oxlint(tmp_path: Path) -> None:
    label = {"span": {"offset": 14, "length": 2, "line": 1, "column": 15}}
    one = {"message": "m", "code": "eslint(eqeqeq)", "severity": "warning", "filename": "src/a.js", "labels": [label]}
    plugin = {**one, "code": "typescript-eslint(no-x)"}
    broken = {"message": "Unexpected token", "severity": "error", "filename": "src/a.js", "labels": []}
    found = read(tmp_path, {"diagnostics": [one, plugin, broken], "number_of_files": 1})
    assert [one.rule for one in found] == ["eqeqeq", "typescript-eslint/no-x", "parse-error"]
    assert marked(found[0]) == b"=="


def test_biome(tmp_path: Path) -> None:
    place = {"path": "src/a.js", "start": {"line": 1, "column": 11}, "end": {"line": 1, "column": 13}}
    one = {"severity": "error", "message": "m", "category": "lint/suspicious/noDoubleEquals", "location": place}
    (found,) = read(tmp_path, {"summary": {"unchanged": 1}, "diagnostics": [one], "command": "lint"})
    assert (found.rule, marked(found)) == ("suspicious/noDoubleEquals", b"==")


def test_tsc(tmp_path: Path) -> None:
    lines = "src/a.js(1,12): error TS2367: This comparison appears to be unintentional.\n  More.\nFound 1 error.\n"
    (found,) = read(tmp_path, lines)
    assert (found.tool, found.rule, found.span.start) == ("tsc", "TS2367", TEXT.index(b"=="))
