"""What is written where, when nobody says: by the CI system's variables, and as ever outside of one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository
from hostile_reports import big_report
from report_samples import render
from test_github_format import parse_commands

from thea_hook.reporting.output import OutputSpec, default_outputs

GITHUB = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKFLOW": "lint"}
AZURE = {"TF_BUILD": "True", "AGENT_NAME": "Hosted Agent"}
TEXT_ALONE = {
    "no CI": {},
    "GitLab": {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": "/builds/group/project"},
    "Bitbucket": {"CI": "true", "BITBUCKET_BUILD_NUMBER": "7"},
    "TeamCity": {"TEAMCITY_VERSION": "2026.1"},
    "Jenkins": {"JENKINS_URL": "https://ci.example.org/", "BUILD_NUMBER": "7"},
    "CircleCI": {"CI": "true", "CIRCLECI": "true"},
    "Woodpecker": {"CI": "woodpecker", "CI_COMMIT_SHA": "0" * 40},
    "Gitea": {**GITHUB, "GITEA_ACTIONS": "true"},
    "pre-commit on GitHub": {**GITHUB, "PRE_COMMIT": "1"},
    "pre-commit on Azure": {**AZURE, "PRE_COMMIT": "1"},
    "GitHub's variable with another value": {"GITHUB_ACTIONS": "false", "TF_BUILD": ""},
}
SOURCE = "var x = 1;\nif (x == = 1) { f(x); }\n"


@pytest.mark.parametrize("environ", TEXT_ALONE.values(), ids=TEXT_ALONE)
def test_text_is_the_default(environ: dict[str, str]) -> None:
    assert default_outputs(environ, terminal=False) == (OutputSpec("full"),)


@pytest.mark.parametrize("environ,format_name", [(GITHUB, "github"), (AZURE, "azure")])
def test_logs_that_read_commands_get_annotations_behind_the_text(environ: dict[str, str], format_name: str) -> None:
    assert default_outputs(environ, terminal=False) == (OutputSpec("full"), OutputSpec(format_name))
    assert default_outputs(environ, terminal=True) == (OutputSpec("full"),)


@pytest.fixture
def in_package(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose one broken file lies in a package, which is the working folder."""
    repository.write("packages/web/a.mjs", SOURCE)
    monkeypatch.chdir(repository.folder / "packages" / "web")
    return repository


def run_in(environ: dict[str, str], thea: CommandLine, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    with monkeypatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        done = thea(*arguments)
    assert done.code == 1
    return done.out


def test_github_gets_text_and_annotations_from_the_root_of_the_repository(
    in_package: Repository, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = thea().out
    output = run_in(GITHUB, thea, monkeypatch)
    assert output.startswith(plain)
    annotations = parse_commands(output.removeprefix(plain))
    assert annotations
    assert {properties["file"] for _, properties, _ in annotations} == {"packages/web/a.mjs"}


def test_azure_gets_text_and_logging_commands(
    in_package: Repository, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = thea().out
    added = run_in(AZURE, thea, monkeypatch).removeprefix(plain)
    assert added.startswith("##vso[task.logissue type=error;sourcepath=packages/web/a.mjs;linenumber=2;")


@pytest.mark.parametrize("environ", TEXT_ALONE.values(), ids=TEXT_ALONE)
def test_elsewhere_a_run_is_what_it_is_without_ci(
    environ: dict[str, str], in_package: Repository, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_in(environ, thea, monkeypatch) == thea().out


@pytest.mark.parametrize("environ", [GITHUB, AZURE], ids=["GitHub", "Azure"])
def test_whoever_names_a_format_gets_that_one(
    environ: dict[str, str], in_package: Repository, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    concise = thea("--output-format", "concise").out
    assert run_in(environ, thea, monkeypatch, "--output-format", "concise") == concise
    assert run_in({**environ, "THEA_OUTPUT_FORMAT": "concise"}, thea, monkeypatch) == concise
    assert run_in(environ, thea, monkeypatch, "--diff").startswith("--- a/")
    Path("thea-hook.toml").write_text('output-format = ["concise", "json:report.json"]\n')
    assert run_in(environ, thea, monkeypatch) == concise
    assert json.loads(Path("report.json").read_text())["findings"]


def test_statistics_take_the_place_of_text_and_annotations(
    in_package: Repository, thea: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_in(GITHUB, thea, monkeypatch, "--statistics") == thea("--statistics").out


# ------------------------------------------------------------------ text that shares a log with commands


def commands_in(log: str) -> list[str]:
    """The lines of a log in which GitHub's or Azure's runner would find a command: ``::`` where a line begins, or one
    of the older forms, which both look for anywhere in it."""
    return [line for line in log.split("\n") if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line]


@pytest.mark.parametrize("format_name", ["full", "grouped", "concise"])
def test_no_text_for_people_holds_a_command(format_name: str) -> None:
    assert commands_in(render(format_name, big_report())) == []


def test_a_code_frame_with_a_command_is_readable_and_its_mark_stands_right(thea: CommandLine, project: Path) -> None:
    (project / "a.mjs").write_text("f('##[add-mask]x', '##vso[task.complete]', '##[', 1 == = 1);\n")
    output = thea().out
    assert commands_in(output) == []
    lines = output.split("\n")
    marked = next(index for index, line in enumerate(lines) if line.strip(" |^") == "" and "^" in line)
    assert "##\\x5badd-mask]x" in lines[marked - 1]
    assert lines[marked - 1][lines[marked].index("^") :].startswith("== = 1")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_no_name_makes_a_command_of_what_goes_to_standard_error(thea: CommandLine, project: Path) -> None:
    name = "a\n::add-mask::x\r##[error]y.js"
    (project / name).mkdir()
    (project / name / "thea-hook.toml").write_text("no-such-key = 1\n")
    (project / name / "a.mjs").write_text("f();\n")
    for done in (thea("no\n::error::such.js"), thea(name), thea("--config", f"{name}/thea-hook.toml")):
        assert done.code == 2
        assert "::" in done.out + done.err
        assert commands_in(done.out) == commands_in(done.err) == []
