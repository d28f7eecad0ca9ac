from __future__ import annotations

import json
import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import (
    ALL_FORMATS,
    empty_reports,
    finding_at,
    fixed_report,
    hostile_report,
    render,
    result_of,
    small_report,
)

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import Span

FULL = """\
error[no-var] [*]: Unexpected `var`.
  --> src/a.js:2:1
   |
 1 | // first
 2 | var x = 1;
   | ^^^
 3 | if (x) {
 4 |     debugger;
   |
   = help: Replace with `let`.
 2 - var x = 1;
 2 + let x = 1;

warning[no-debugger]: A `debugger` statement. (90% confident)
  --> src/a.js:4:2
   |
 2 | var x = 1;
 3 | if (x) {
 4 |     debugger;
   |     ^^^^^^^^^
 5 | }
 6 | x == y;
   |
   = help: Replace with ``. (unsafe: it may change what the code does)
 4 -     debugger;
 4 +

error: broken.js: read failed: permission denied
"""
CLOSING = """\
Found 2 problems (1 error, 1 warning) in 1 file.
[*] 1 fixable with `--fix` (1 more with `--unsafe-fixes`).
1 file could not be checked.
"""
CONCISE = """\
src/a.js:2:1: no-var Unexpected `var`. [*]
src/a.js:4:2: no-debugger A `debugger` statement.
broken.js: read failed: permission denied
"""
GROUPED = """\
src/a.js
  2:1  error    Unexpected `var`. [*]  no-var
  4:2  warning  A `debugger` statement.  no-debugger

broken.js: read failed: permission denied
"""
GOLDEN = {"full": FULL + CLOSING, "concise": CONCISE + CLOSING, "grouped": GROUPED + CLOSING}


@pytest.mark.parametrize("format_name", GOLDEN)
def test_a_small_report_reads_like_this(format_name: str) -> None:
    assert render(format_name, small_report()) == GOLDEN[format_name]


@pytest.mark.parametrize("format_name", GOLDEN)
def test_colour_only_adds_escapes_and_only_if_asked(format_name: str) -> None:
    coloured = render(format_name, small_report(), colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == GOLDEN[format_name]


@pytest.mark.parametrize("format_name", GOLDEN)
@pytest.mark.parametrize("colour", [False, True])
def test_hostile_text_cannot_drive_the_terminal_or_start_a_line(format_name: str, colour: bool) -> None:
    output = re.sub(r"\x1b\[[0-9;]*m", "", render(format_name, hostile_report(), colour=colour))
    unsafe = {c for c in output if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert unsafe == {"\n"}
    assert not [line for line in output.splitlines() if line.lstrip().startswith(("::", "##"))]


def test_a_path_that_looks_like_a_command_does_not_start_a_line() -> None:
    text = "var a;"
    report = Report((result_of("::error::x.js", text, finding_at(text, "var")),))
    assert render("concise", report).startswith("./::error::x.js:1:1: no-var")


def test_fixes_that_were_made_are_counted_and_listed_on_request() -> None:
    assert render("concise", fixed_report()) == (
        "Fixed 1 problem in 1 file.\nNo problems left in 1 file.\nSkipped 3 files: 2 ignored, 1 too large.\n"
    )
    assert render("concise", fixed_report(wrote=False)).startswith("Would fix 1 problem in 1 file.\n")
    assert render("full", fixed_report(), show_fixes=True).startswith("src/a b.js:\n  1 × no-var\nFixed 1 problem")


def test_a_clean_run_says_so() -> None:
    nothing, clean = empty_reports()
    assert render("concise", nothing) == "No files to check.\n"
    assert render("full", clean) == "No problems in 1 file.\n"


def test_hidden_findings_are_mentioned() -> None:
    report = Report((FileResult("a.js", suppressed=2), FileResult("b.js", baselined=3)))
    assert "Not shown: 2 suppressed, 3 in the baseline.\n" in render("concise", report)


def test_marks_and_hints_follow_the_grade_of_the_fix_and_the_options() -> None:
    text = "var a;"
    unsafe = Report((result_of("a.js", text, finding_at(text, "var", fix="let", applicability=Applicability.UNSAFE)),))
    assert "[*]" not in render("concise", unsafe)
    assert "No safe fixes (1 available with `--fix --unsafe-fixes`).\n" in render("concise", unsafe)
    assert "`var`. [*]\n" in render("concise", unsafe, unsafe_fixes=True)
    assert "[*] 1 fixable with `--fix`.\n" in render("concise", unsafe, unsafe_fixes=True)
    shown = Report((result_of("a.js", text, finding_at(text, "var", fix="let", applicability=Applicability.DISPLAY)),))
    assert "[*]" not in render("full", shown, unsafe_fixes=True)
    assert "(one possible way, never applied)" in render("full", shown)


def frame(text: str, marked: str, **keywords: str) -> list[str]:
    report = Report((result_of("a.js", text, finding_at(text, marked, **keywords)),))  # type: ignore[arg-type]
    return render("full", report).splitlines()


def test_carets_stand_under_wide_and_combining_characters_and_tabs() -> None:
    assert frame("\t日本🎉 + e\u0301 + bad;", "bad")[3:5] == [
        " 1 |     日本🎉 + e\u0301 + bad;",
        "   | " + " " * (4 + 6 + 3 + 1 + 3) + "^^^",
    ]


def test_an_empty_span_has_one_caret_and_a_long_one_ends_with_its_line() -> None:
    assert frame("a b", "")[4] == "   | ^"
    assert frame("f(\n  1,\n);", "(\n  1,\n)")[3:6] == [" 1 | f(", "   |  ^", " 2 |   1,"]


def test_long_lines_are_cut_around_the_place() -> None:
    lines = frame("a" * 5_000 + " var " + "b" * 5_000, "var", fix="let")
    assert max(map(len, lines)) < 220
    code, carets = lines[3:5]
    assert code.startswith(" 1 | …aaa")
    assert code.endswith("b…")
    assert code[carets.index("^") : carets.rindex("^") + 1] == "var"


def test_a_long_fix_is_cut() -> None:
    text = "a;\n" * 200
    lines = frame(text, text, fix="b;\n" * 200)
    assert "   | … 380 more lines" in lines


def test_the_frame_of_a_crlf_file_has_no_escapes() -> None:
    assert "\\r" not in "\n".join(frame("a;\r\nvar b;\r\nc;\r\n", "var", fix="let"))


def test_the_diff_format_is_the_patches_and_nothing_else() -> None:
    assert render("diff", fixed_report()) == (
        "--- a/src/a b.js\t\n+++ b/src/a b.js\t\n@@ -1 +1 @@\n-var x;\r\n+let x;\r\n"
    )
    assert render("diff", small_report()) == ""


@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_every_format_takes_every_report(format_name: str) -> None:
    for report in [*empty_reports(), hostile_report(), fixed_report(), Report((FileResult("gone.js"),))]:
        output = render(format_name, report)
        assert output == "" or output.endswith("\n")


def test_severities_have_their_order_in_the_summary() -> None:
    text = "var a; let b; const c;"
    severities = [("var", Severity.INFO), ("let", Severity.ERROR), ("const", Severity.WARNING)]
    findings = [finding_at(text, marked, severity=severity) for marked, severity in severities]
    report = Report((result_of("a.js", text, *findings),))
    assert "Found 3 problems (1 error, 1 warning, 1 info) in 1 file.\n" in render("concise", report)


characters = st.characters(exclude_categories=[]) | st.sampled_from(
    '\n\r\t\x00\x1b:,%#]|&<>"\u2028\u202e\ud800\udcff🎉'
)
strings = st.text(characters, max_size=30)


@given(strings, strings, st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.data())
@settings(deadline=None)
def test_no_text_breaks_any_format(path: str, message: str, text: str, data: st.DataObject) -> None:
    offsets = [len(text[:index].encode()) for index in range(len(text) + 1)]
    start, end = sorted(data.draw(st.tuples(st.sampled_from(offsets), st.sampled_from(offsets))))
    fix = Fix(message, (Edit(Span(start, end), message.encode("utf-8", "replace")),), Applicability.SAFE)
    finding = Finding(message, "style", Span(start, end), message, fix=fix, related=(Span(end, end),))
    report = Report((result_of(path, text, finding), FileResult(path, error=FileError(path, "read", message))))
    for format_name in ALL_FORMATS:
        output = render(format_name, report)
        if format_name in ("json", "gitlab", "sarif", "rdjson"):
            json.loads(output)
        elif format_name in ("junit", "checkstyle"):
            ElementTree.fromstring(output.encode())
        elif format_name in ("json-lines", "rdjsonl", "github", "azure"):
            assert output.count("\n") == 2
