from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import ALL_FORMATS, finding_at, render, result_of

from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.report import Report
from thea_hook.core.source import SourceFile, Span
from thea_hook.reporting.located import is_absolute, positions, repository_path

# text, marked part -> line, column, end line, end column in code points; for reviewdog, in bytes and lines of git
CASES = {
    "ascii": ("a;\nvar b;", "var", (2, 1, 2, 4), (2, 1, 2, 4)),
    "emoji": ("/* 🎉 */ var b;", "var", (1, 9, 1, 12), (1, 12, 1, 15)),
    "combining": ("'e\u0301' + var;", "var", (1, 8, 1, 11), (1, 9, 1, 12)),
    "tabs": ("\t\tvar b;", "var", (1, 3, 1, 6), (1, 3, 1, 6)),
    "crlf": ("a;\r\nb;\r\nvar c;\r\n", "var", (3, 1, 3, 4), (3, 1, 3, 4)),
    "lone cr": ("a;\rvar c;", "var", (2, 1, 2, 4), (1, 4, 1, 7)),
    "line separator": ("'a\u2028b'; var c;", "var", (2, 5, 2, 8), (1, 10, 1, 13)),
    "two lines": ("f(`\n🎉`);", "`\n🎉`", (1, 3, 2, 3), (1, 3, 2, 6)),
}


@pytest.mark.parametrize("case", CASES)
def test_positions_are_code_points_and_rdjson_has_bytes(case: str) -> None:
    text, marked, expected, in_bytes = CASES[case]
    report = Report((result_of("a.js", text, finding_at(text, marked)),))
    (finding,) = json.loads(render("json", report))["findings"]
    assert tuple(finding[key] for key in ("line", "column", "end_line", "end_column")) == expected
    assert text.encode()[finding["start_byte"] : finding["end_byte"]].decode() == marked
    (result,) = json.loads(render("sarif", report))["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert tuple(region[key] for key in ("startLine", "startColumn", "endLine", "endColumn")) == expected
    (diagnostic,) = json.loads(render("rdjson", report))["diagnostics"]
    span = diagnostic["location"]["range"]
    assert tuple(span[edge][key] for edge in ("start", "end") for key in ("line", "column")) == in_bytes


def test_a_byte_order_mark_is_no_column() -> None:
    text = "\ufeffvar a; var b;"
    findings = (Finding("bom", "style", Span(0, 3), "m"), finding_at(text, "var"), finding_at(text, "b;"))
    report = Report((result_of("a.js", text, *findings),))
    found = json.loads(render("json", report))["findings"]
    assert [(item["column"], item["end_column"]) for item in found] == [(1, 1), (1, 4), (12, 14)]
    assert "\n 1 | var a; var b;\n   | ^^^\n" in render("full", report)


@given(st.lists(st.sampled_from(["a", "é", "🎉", "\n", "\r\n", "\r", "\u2028", "\t"])).map("".join), st.booleans())
def test_positions_agree_with_the_source_for_every_character(text: str, bom: bool) -> None:
    text = "\ufeff" * bom + text
    source = SourceFile("a.js", text.encode(), "javascript")
    offsets = [len(text[:index].encode()) for index in range(len(text) + 1)]
    assert positions(source, offsets) == {offset: source.position(offset) for offset in offsets}


@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_many_findings_on_one_long_line_are_quick(format_name: str) -> None:
    number = 3_000
    findings = tuple(
        Finding("no-var", "style", Span(i * 6, i * 6 + 3), "m", fix=Fix("t", (edit,), Applicability.SAFE))
        for i in range(number)
        for edit in [Edit(Span(i * 6, i * 6 + 3), b"let")]
    )
    report = Report((result_of("a.js", "var x;" * 150_000, *findings),))
    began = time.process_time()
    assert len(render(format_name, report)) < number * 1_000
    assert time.process_time() - began < 5


def test_paths_for_servers_start_at_the_root_of_the_repository() -> None:
    assert repository_path("./src/a.js", "") == "src/a.js"
    assert repository_path("src/a.js", "packages/web") == "packages/web/src/a.js"
    assert repository_path("../a.js", "packages/web") == "packages/a.js"
    assert repository_path("/srv/a.js", "packages") == "/srv/a.js"
    assert is_absolute("C:\\a.js")
    assert is_absolute("C:/a.js")
    assert not is_absolute("c:a.js")
