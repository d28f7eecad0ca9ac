"""``--with eslint`` from the command line, with a double in the place of ESLint."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from linter_double import install

from thea_hook.others import programs
from thea_hook.reporting import FORMATS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the double is a script with a #! line")


@pytest.fixture
def eslint(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the double as its ESLint."""
    install(project, tmp_path / "programs")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    return project


def test_the_findings_of_the_linter_are_findings_of_the_run(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_bytes("f('😀', a == b);\n".encode())
    done = thea.json("--with", "eslint", "--select", "no-var", "a.js")
    assert done.code == 1
    (finding,) = done.json["findings"]
    assert (finding["rule"], finding["category"], finding["source"]) == ("eslint/eqeqeq", "linter", "with:eslint")
    assert (finding["line"], finding["column"]) == (1, 10)
    assert (eslint / "a.js").read_bytes()[finding["start_byte"] : finding["end_byte"]] == b"=="
    assert finding["fix"]["applicability"] == "unsafe"


def test_a_fix_of_the_linter_is_safe_and_a_suggestion_is_not(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(a == b, foo);\n")
    assert thea("--with", "eslint", "--select", "no-var", "--fix", "a.js").code == 1
    assert (eslint / "a.js").read_text() == "f(a == b, bar);\n"
    assert thea("--with", "eslint", "--select", "no-var", "--fix", "--unsafe-fixes", "a.js").code == 0
    assert (eslint / "a.js").read_text() == "f(a === b, bar);\n"


def test_a_diff_changes_no_file(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(a == b);\n")
    done = thea("--with", "eslint", "--diff", "--unsafe-fixes", "a.js")
    assert done.code == 1
    assert b"+f(a === b);" in done.stdout
    assert (eslint / "a.js").read_text() == "f(a == b);\n"


def test_standard_input_comes_back_mended(eslint: Path, thea: CommandLine) -> None:
    done = thea("--with", "eslint", "--select", "no-var", "--fix", "--stdin-filename", "a.js", stdin=b"f(foo);\n")
    assert (done.code, done.stdout) == (0, b"f(bar);\n")


def test_a_fix_that_leads_to_another_finding_is_not_made(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(foo, foo2, foo3);\n")
    done = thea.json("--with", "eslint", "--select", "no-var", "--fix", "a.js")
    assert (eslint / "a.js").read_text() == "f(bar, foo2, bar3);\n"
    assert [(finding["rule"], finding["fix"]) for finding in done.json["findings"]] == [("eslint/no-foo", None)]


def test_a_suggestion_that_silences_the_linter_is_not_offered(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(eval(a));\n")
    done = thea.json("--with", "eslint", "--fix", "--unsafe-fixes", "--select", "no-var", "a.js")
    assert [finding["fix"] for finding in done.json["findings"]] == [None]
    assert (eslint / "a.js").read_text() == "f(eval(a));\n"


def test_our_own_fixes_and_those_of_the_linter_come_in_one_patch(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("debugger;\nf(foo);\n")
    done = thea("--with", "eslint", "--select", "no-debugger", "--fix", "a.js")
    assert done.code == 0
    assert (eslint / "a.js").read_text() == "f(bar);\n"


def test_what_both_say_of_a_place_is_said_once(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(a == b);\n")
    assert thea.json("--select", "eqeqeq", "a.js").rules == ["eqeqeq"]
    assert thea.json("--with", "eslint", "--select", "eqeqeq", "a.js").rules == ["eslint/eqeqeq"]


def test_what_does_not_parse_is_said_and_mended_by_us(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("function f() {\n  return 1;\n\n")
    done = thea.json("--with", "eslint", "--select", "no-var", "a.js")
    assert done.rules == ["syntax-error"]
    (eslint / "a.js").write_text("f(foo;\n")
    assert thea("--with", "eslint", "--select", "no-var", "--fix", "--unsafe-fixes", "a.js").code == 0
    assert (eslint / "a.js").read_text() == "f(bar);\n"


def test_all_files_are_asked_about_at_once(eslint: Path, thea: CommandLine) -> None:
    for number in range(9):
        (eslint / f"{number}.js").write_text(f"f({number} == b, foo, foo2);\n")
    thea("--with", "eslint", "--select", "no-var", ".")
    assert (eslint / "asked.log").read_text().split()[0] == "9"
    assert len((eslint / "asked.log").read_text().split()) <= 6


def test_a_file_that_the_linter_ignores_has_no_findings_of_it(eslint: Path, thea: CommandLine) -> None:
    (eslint / "ignored.js").write_text("f(a == b);\n")
    assert thea("--with", "eslint", "--select", "no-var", "ignored.js").code == 0


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_show_them(eslint: Path, thea: CommandLine, name: str) -> None:
    (eslint / "a.js").write_text("f(a == b, foo);\n")
    done = thea("--with", "eslint", "--select", "no-var", "--output-format", name, "a.js")
    assert done.code == 1
    assert "internal error" not in done.err
    assert bool(done.stdout) == (name != "diff")  # which shows what is being changed: nothing


def test_a_baseline_hides_them(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(a == b);\n")
    flags = ("--with", "eslint", "--select", "no-var")
    assert thea(*flags, "--write-baseline", "known.json", "a.js").code == 0
    assert thea(*flags, "--baseline", "known.json", "a.js").code == 0
    (eslint / "a.js").write_text("f(a == b);\nf(b == c);\n")
    assert len(thea.json(*flags, "--baseline", "known.json", "a.js").rules) == 1


def test_of_a_partially_staged_file_nothing_of_the_linter_is_fixed(
    eslint: Path, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shutil import which

    git = which("git", path=os.defpath + ":/usr/local/bin")
    if git is None:
        pytest.skip("needs git")
    (eslint.parent / "programs" / "git").symlink_to(git)
    from subprocess import run

    run([git, "init", "-q"], check=True)
    (eslint / "a.js").write_text("f(foo);\n")
    run([git, "add", "a.js"], check=True)
    (eslint / "a.js").write_text("f(foo);\ng();\n")
    assert thea("--with", "eslint", "--select", "no-var", "--staged", "--fix").code == 1
    assert (eslint / "a.js").read_text() == "f(foo);\ng();\n"


# ------------------------------------------------------------------ linters that are no help


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("crash", "--with: ESLint failed: Could not find config file."),
        ("garbage", "--with: ESLint failed"),
        ("short", "ESLint's answer is not what its API promises"),
        ("hang", "--with: node took more than 0.5 s"),
        ("exit", "--with: ESLint failed: it ended with exit code 3 and no answer"),
        ("odd", "--with: a.js: what ESLint finds cannot be understood: KeyError"),
    ],
)
def test_a_linter_that_fails_is_one_sentence_and_changes_nothing(
    eslint: Path, thea: CommandLine, monkeypatch: pytest.MonkeyPatch, mode: str, message: str
) -> None:
    monkeypatch.setenv("DOUBLE", mode)
    if mode == "hang":
        monkeypatch.setattr(programs, "TIMEOUT_SECONDS", 0.5)
    (eslint / "a.js").write_text("debugger;\nf(foo);\n")
    done = thea("--with", "eslint", "--fix", "a.js")
    assert (done.code, done.stdout) == (2, b"")
    assert message in done.err
    assert "Traceback" not in done.err
    assert (eslint / "a.js").read_text() == "debugger;\nf(foo);\n"


def test_a_candidate_that_the_linter_stumbles_over_is_not_made(
    eslint: Path, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOUBLE", "stumble")
    (eslint / "a.js").write_text("f(a == b, foo);\n")
    done = thea.json("--with", "eslint", "--select", "no-var", "--fix", "--unsafe-fixes", "a.js")
    assert (done.code, done.rules) == (1, ["eslint/eqeqeq"])
    assert (eslint / "a.js").read_text() == "f(a == b, bar);\n"


def test_a_text_that_the_linter_stumbles_over_is_one_sentence(
    eslint: Path, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOUBLE", "stumble")
    (eslint / "a.js").write_text("f(a === b, foo);\n")
    done = thea("--with", "eslint", "--fix", "a.js")
    assert (done.code, done.err) == (2, "thea-hook: --with: a.js: ESLint failed: TypeError: a rule of yours\n")
    assert (eslint / "a.js").read_text() == "f(a === b, foo);\n"


def test_the_linter_is_started_once(eslint: Path, thea: CommandLine) -> None:
    for number in range(3):
        (eslint / f"{number}.js").write_text(f"f({number} == b, foo, foo2);\n")
    thea("--with", "eslint", "--select", "no-var", "--fix", "--unsafe-fixes", ".")
    assert (eslint / "started.log").read_text().split() == ["started"]


@pytest.mark.parametrize("name", ["eslint", "oxlint", "biome", "tsc"])
def test_a_linter_that_is_not_there_is_one_sentence(
    project: Path, thea: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (project / "a.js").write_text("f();\n")
    done = thea("--with", name, "a.js")
    assert done.code == 2
    assert "install it first" in done.err


def test_a_linter_of_a_folder_above_the_repository_is_not_run(
    project: Path, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(project.parent, project.parent / "programs")
    monkeypatch.setenv("PATH", str(project.parent / "programs"))
    (project / "a.js").write_text("f();\n")
    assert thea("--with", "eslint", "a.js").code == 2


@pytest.mark.parametrize("key", ["with", "linters", "findings"])
def test_no_configuration_file_can_ask_for_a_linter(project: Path, thea: CommandLine, key: str) -> None:
    (project / "thea-hook.toml").write_text(f'{key} = ["eslint"]\n')
    (project / "a.js").write_text("f();\n")
    done = thea("a.js")
    assert done.code == 2
    assert "unknown key" in done.err


# ------------------------------------------------------------------ reports


def _report(project: Path, *messages: dict[str, object]) -> None:
    result = {"filePath": str(project / "a.js"), "messages": list(messages)}
    (project / "report.json").write_text(json.dumps([result]))


def test_what_a_report_proposes_is_shown_and_never_made(project: Path, thea: CommandLine) -> None:
    (project / "a.js").write_text("f(foo);\n")
    fix = {"range": [2, 5], "text": "bar"}
    _report(project, {"ruleId": "no-foo", "message": "no", "severity": 1, "line": 1, "column": 3, "fix": fix})
    done = thea.json("--findings", "report.json", "--select", "no-var", "--fix", "--unsafe-fixes", "a.js")
    (finding,) = done.json["findings"]
    assert (finding["rule"], finding["severity"], finding["fix"]["applicability"]) == (
        "eslint/no-foo", "warning", "display",
    )  # fmt: skip
    assert (project / "a.js").read_text() == "f(foo);\n"


def test_a_report_with_its_linter_says_which_findings_to_mend(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(foo);\ng(foo3);\nh(a == b);\n")
    _report(
        eslint,
        {"ruleId": "no-foo", "message": "no-foo here", "severity": 2, "line": 2, "column": 3},
        {"ruleId": "no-foo", "message": "of an older text", "severity": 2, "line": 3, "column": 1},
    )
    done = thea("--with", "eslint", "--findings", "report.json", "--select", "no-var", "--fix", "a.js")
    assert done.code == 0
    assert (eslint / "a.js").read_text() == "f(foo);\ng(bar3);\nh(a == b);\n"


@pytest.mark.parametrize("report", ["[]", '{"runs": [{"tool": {"driver": {"name": "ESLint"}}, "results": []}]}'])
def test_a_report_without_findings_leaves_nothing_to_mend(eslint: Path, thea: CommandLine, report: str) -> None:
    (eslint / "a.js").write_text("f(foo);\n")
    (eslint / "report").write_text(report)
    assert thea("--with", "eslint", "--findings", "report", "--select", "no-var", "--fix", "a.js").code == 0
    assert (eslint / "a.js").read_text() == "f(foo);\n"


def test_a_report_of_another_tool_does_not_say_what_to_mend(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(foo);\n")
    (eslint / "report").write_text("a.js(1,1): error TS2304: Cannot find name 'f'.\n")
    thea("--with", "eslint", "--findings", "report", "--select", "no-var", "--fix", "a.js")
    assert (eslint / "a.js").read_text() == "f(bar);\n"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_show_what_makes_no_sense(project: Path, thea: CommandLine, name: str) -> None:
    (project / "a.js").write_text("f();\n")
    location = {"uri": "a.js"}
    regions = [{"startLine": 1, "startColumn": 1, "endColumn": 4}, {"startLine": 1, "startColumn": 2, "endColumn": 9}]
    replacements = [{"deletedRegion": region, "insertedContent": {"text": "q"}} for region in regions]
    result = {
        "ruleId": "x\u001b[31m\n::error::", "message": {"text": "\ud83d \u0007"},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": {"byteOffset": 1 << 40}}}],
        "fixes": [{"artifactChanges": [{"artifactLocation": location, "replacements": replacements}]}],
    }  # fmt: skip
    (project / "report").write_text(json.dumps({"runs": [{"results": [result]}]}))
    done = thea("--findings", "report", "--select", "no-var", "--output-format", name, "a.js")
    assert done.code == 1
    assert "internal error" not in done.err
    assert b"\n::error::" not in done.stdout  # a command of GitHub


@pytest.mark.parametrize("text", ["[" * 200_000, "", "{}", "[1]", '{"runs": [1]}', "hello", '[{"filePath": "a.js"}]'])
def test_a_report_that_is_none_is_one_sentence(project: Path, thea: CommandLine, text: str) -> None:
    (project / "a.js").write_text("f();\n")
    (project / "report").write_text(text)
    done = thea("--findings", "report", "a.js")
    assert done.code == 2
    assert "--findings report" in done.err
    assert "internal error" not in done.err
