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
    return list(read_reports([str(folder / "report")], {"src/a.js": FILE}, str(folder)).findings)


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


@pytest.mark.parametrize(
    ("location", "bases"),
    [
        ({"uri": "src/a.js"}, {}),
        ({"uri": "src/%61.js"}, {}),
        ({"uri": "src/a.js", "uriBaseId": "%SRCROOT%"}, {}),
        ({"uri": "FOLDER/src/a.js"}, {}),
        ({"uri": "FOLDER/other/../src/a.js"}, {}),
        ({"uri": "a.js", "uriBaseId": "SRC"}, {"SRC": {"uri": "FOLDER/src"}}),
        ({"uri": "a.js", "uriBaseId": "SRC"}, {"SRC": {"uri": "src/", "uriBaseId": "TOP"}, "TOP": {"uri": "FOLDER/"}}),
    ],
)
def test_a_file_of_sarif_is_found_however_it_is_named(
    tmp_path: Path, location: dict[str, str], bases: dict[str, dict[str, str]]
) -> None:
    text = json.dumps(_sarif(location, bases)).replace("FOLDER", tmp_path.as_uri())
    assert [one.rule for one in read(tmp_path, text)] == ["x"]


@pytest.mark.parametrize(
    ("uri", "bases"),
    [
        ("https://example.org/src/a.js", {}),
        ("../src/a.js", {}),
        ("a.js", {"SRC": {"uri": "src/", "uriBaseId": "SRC"}}),  # a base that is named from itself
    ],
)
def test_a_file_of_sarif_that_is_none_of_the_run_is_left_out(
    tmp_path: Path, uri: str, bases: dict[str, dict[str, str]]
) -> None:
    assert read(tmp_path, _sarif({"uri": uri, "uriBaseId": "SRC"}, bases)) == []


def _sarif(location: dict[str, str], bases: dict[str, dict[str, str]]) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": location, "region": {"startLine": 1}}}
    result = {"ruleId": "x", "message": {"text": ""}, "locations": [place]}
    return {"runs": [{"tool": {"driver": {"name": "x"}}, "originalUriBaseIds": bases, "results": [result]}]}


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


def test_biome_before_its_second_version(tmp_path: Path) -> None:
    start = TEXT.index(b"==")
    one = {
        "severity": "error", "category": "lint/suspicious/noDoubleEquals", "description": "m",
        "message": [{"elements": [], "content": "m"}],
        "location": {"path": {"file": "src/a.js"}, "span": [start, start + 2], "sourceCode": ""},
    }  # fmt: skip
    (found,) = read(tmp_path, {"summary": {"unchanged": 1}, "diagnostics": [one], "command": "lint"})
    assert (found.rule, found.message, marked(found)) == ("suspicious/noDoubleEquals", "m", b"==")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_of_tsc_as_any_shell_keeps_them(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "report").write_bytes("src/a.js(1,12): error TS2367: é\r\n".encode(encoding))
    (found,) = read_reports([str(tmp_path / "report")], {"src/a.js": FILE}, str(tmp_path)).findings
    assert (found.rule, found.message) == ("TS2367", "é")


@pytest.mark.parametrize(
    ("line", "column", "start"),
    [(-5, -9, 0), (0, 0, 0), (10**12, 10**12, len(TEXT)), (1, 10**12, len(TEXT) - 1), (1.5, 2.5, 1), (None, None, 0)],
)
def test_places_that_are_none_are_the_nearest(tmp_path: Path, line: float, column: float, start: int) -> None:
    message = {"ruleId": "x", "message": "", "line": line, "column": column, "endLine": line, "endColumn": column}
    (found,) = read(tmp_path, [{"filePath": str(tmp_path / "src/a.js"), "messages": [message]}])
    assert found.span == (start, start)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ([5, 2], "q"),
        ([1.5, 2], "q"),
        ([1], "q"),
        (None, "q"),
        ([5, 9], "q"),  # which begins within a face
        ([3, 3], "\ud83d"),  # half of one
    ],
)
def test_an_edit_that_is_none_is_not_proposed(tmp_path: Path, span: Any, text: str) -> None:
    message = {"ruleId": "x", "message": "", "line": 1, "column": 1, "fix": {"range": span, "text": text}}
    (found,) = read(tmp_path, [{"filePath": str(tmp_path / "src/a.js"), "messages": [message]}])
    assert found.proposals == ()


def test_tsc(tmp_path: Path) -> None:
    lines = "src/a.js(1,12): error TS2367: This comparison appears to be unintentional.\n  More.\nFound 1 error.\n"
    (found,) = read(tmp_path, lines)
    assert (found.tool, found.rule, found.span.start) == ("tsc", "TS2367", TEXT.index(b"=="))
