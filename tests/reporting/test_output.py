from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from report_samples import ALL_FORMATS, finding_at, options, render, result_of, small_report

from thea_hook.core.report import Report
from thea_hook.errors import UsageError
from thea_hook.reporting import writer
from thea_hook.reporting.output import OutputSpec, parse_format, parse_formats, write_reports
from thea_hook.reporting.statistics import write_json, write_text


@pytest.mark.parametrize(
    "text,spec",
    [
        ("sarif", OutputSpec("sarif")),
        ("sarif:-", OutputSpec("sarif")),
        ("sarif:out.sarif", OutputSpec("sarif", "out.sarif")),
        ("json:C:\\reports\\a.json", OutputSpec("json", "C:\\reports\\a.json")),
        ("json:a:b,c.json", OutputSpec("json", "a:b,c.json")),
        ("json-lines:./x", OutputSpec("json-lines", "./x")),
    ],
)
def test_a_format_may_name_a_file(text: str, spec: OutputSpec) -> None:
    assert parse_format(text) == spec


@pytest.mark.parametrize(
    "text,message",
    [
        ("sarfi", "Unknown output format `sarfi`. Did you mean `sarif`? Known formats: full, "),
        ("C:\\out.json", "Unknown output format `C`. Known formats: full, "),
        ("", "Unknown output format ``. Known formats"),
        ("json:", "`json:` names no file: write `json:FILE`, or `json` for standard output."),
    ],
)
def test_a_wrong_format_is_explained(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_format(text)
    assert str(caught.value).startswith(message)


def test_two_formats_cannot_share_a_place() -> None:
    assert len(parse_formats(["full", "json:a", "sarif:b"])) == 3
    with pytest.raises(UsageError, match="`full` and `json` would both go to standard output"):
        parse_formats(["full", "json:-"])
    with pytest.raises(UsageError, match="would both go to `a`"):
        parse_formats(["json:a", "sarif:a"])


def test_every_format_has_a_writer() -> None:
    assert all(callable(writer(name)) for name in ALL_FORMATS)


def test_several_reports_are_written_at_once_and_files_have_no_colour(tmp_path: Path) -> None:
    stdout = BytesIO()
    log = tmp_path / "new folder" / "log.txt"
    value = tmp_path / "report.json"
    specs = parse_formats(["concise", f"concise:{log}", f"json:{value}"])
    write_reports(small_report(), specs, options(colour=True), stdout)
    assert b"\x1b[" in stdout.getvalue()
    assert log.read_text("utf-8") == render("concise", small_report())
    assert json.loads(value.read_bytes())["version"] == "1.2.3"


def test_a_file_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Cannot write the json report to"):
        write_reports(small_report(), [OutputSpec("json", str(tmp_path))], options(), BytesIO())


def test_naming_a_format_imports_no_other() -> None:
    code = (
        "import sys, thea_hook.reporting.output as output; output.parse_format('sarif');"
        "print([name for name in sys.modules if name in ('json', 'difflib', 'pathlib', 'urllib.parse')"
        " or name.startswith('thea_hook.reporting.') and not name.endswith(('options', 'output'))])"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]", done.stderr


def test_statistics_are_a_table_most_frequent_first() -> None:
    out = BytesIO()
    write_text(small_report(), out, options())
    assert out.getvalue().decode() == (
        "1      no-debugger\n"
        "1  [*] no-var\n"
        "broken.js: read failed: permission denied\n"
        "Found 2 problems (1 error, 1 warning) in 1 file.\n"
        "[*] 1 fixable with `--fix` (1 more with `--unsafe-fixes`).\n"
        "1 file could not be checked.\n"
    )


def test_statistics_mark_rules_of_which_some_can_be_fixed() -> None:
    text = "var a; var b;"
    findings = (finding_at(text, "var a", fix="let a"), finding_at(text, "var b"))
    out = BytesIO()
    write_text(Report((result_of("a.js", text, *findings),)), out, options())
    assert out.getvalue().decode().startswith("2  [-] no-var\n[-] some of them fixable with `--fix`\nFound 2 problems")


def test_statistics_as_json_count_each_grade() -> None:
    out = BytesIO()
    write_json(small_report(), out, options())
    assert json.loads(out.getvalue())[1] == {
        "rule": "no-var",
        "category": "style",
        "severity": "error",
        "count": 1,
        "fixable": {"safe": 1, "unsafe": 0, "display": 0},
    }
