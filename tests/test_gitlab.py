"""The GitLab component and the plain include, executed as a runner does, over real clones."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_repository import Repository
from gitlab_runner import COMPONENT, INCLUDE, ROOT, Runner, inputs_of, with_inputs
from jsonschema import Draft7Validator

from thea_hook import __version__

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="GitLab runs these scripts in a POSIX shell")

CODE_QUALITY = Draft7Validator(
    json.loads((ROOT / "tests" / "reporting" / "schemas" / "gitlab.json").read_text("utf-8"))
)
TEXT = COMPONENT.read_text("utf-8")
OLD = "var old = 1;\nexport default old;\n"
BROKEN = "const a = 1;\nif (a == = 1) {\n  use(a);\n}\n"
SHELLS = [shell for shell in ("bash", "dash", "busybox") if shutil.which(shell)]


# ------------------------------------------------------------------ the files


def schema_errors(text: str, path: Path) -> str:
    """What GitLab's own schema, as check-jsonschema carries it, says about a configuration."""
    path.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci",
         "--data-transform", "gitlab-ci", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr


def recipes() -> list[str]:
    """The configurations for GitLab that the documentation shows."""
    found = []
    for page in ("README.md", "docs/ci.md"):
        for block in (ROOT / page).read_text("utf-8").split("```yaml\n")[1:]:
            code = block.partition("```")[0]
            if "artifacts:" in code or "component:" in code or "remote:" in code:
                found.append(code)
    return found


@pytest.mark.parametrize("part", ["header", "jobs", "include"])
def test_the_files_fit_the_schema_of_gitlab(part: str, tmp_path: Path) -> None:
    text = {
        "header": TEXT.partition("\n---\n")[0],
        "jobs": yaml.safe_dump(with_inputs(TEXT, allow_failure=True, git_depth=0)),
        "include": INCLUDE.read_text("utf-8"),
    }[part]
    assert schema_errors(text, tmp_path / "ci.yml") == ""


def test_the_schema_refuses_a_wrong_key(tmp_path: Path) -> None:
    assert "scripts" in schema_errors(INCLUDE.read_text("utf-8").replace("script:", "scripts:"), tmp_path / "ci.yml")


@pytest.mark.parametrize("recipe", recipes(), ids=range(len(recipes())))
def test_the_recipes_fit_the_schema_of_gitlab(recipe: str, tmp_path: Path) -> None:
    assert schema_errors(recipe, tmp_path / "ci.yml") == ""


def test_there_are_recipes_for_the_component_and_for_the_include() -> None:
    text = "\n".join(recipes())
    assert f"/thea-hook@{__version__}" in text
    assert f"/v{__version__}/gitlab/{INCLUDE.name}" in text


def test_the_component_with_its_defaults_is_the_include() -> None:
    assert with_inputs(TEXT) == yaml.safe_load(INCLUDE.read_text("utf-8"))


def test_the_installed_version_is_that_of_the_package() -> None:
    assert inputs_of(TEXT)["version"]["default"] == __version__


def test_every_input_is_described_has_a_default_and_is_used() -> None:
    for name, spec in inputs_of(TEXT).items():
        assert spec["description"].endswith((".", "`."))
        assert "default" in spec
        assert f"$[[ inputs.{name} ]]" in TEXT


def test_every_input_is_documented() -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    assert [name for name in inputs_of(TEXT) if f"| `{name}` |" not in page] == []


def test_inputs_reach_the_script_as_variables_only() -> None:
    body = TEXT.partition("\n---\n")[2]
    script = body[body.index("  script:") : body.index("  artifacts:")]
    assert "$[[" not in script


@pytest.mark.parametrize("words", ['--select "x"', "it's", "back\\slash", "a: b # c", "$(touch x) `touch y`"])
def test_any_text_of_an_input_stays_one_variable(words: str) -> None:
    jobs = with_inputs(TEXT, args=words, src=words, config=words, working_directory=words)
    variables = jobs["thea-hook"]["variables"]
    assert {variables[f"THEA_HOOK_{name}"] for name in ("ARGS", "SRC", "CONFIG", "DIRECTORY")} == {words}


# ------------------------------------------------------------------ the job


class Project:
    """A repository on the server, with a merge request, and the clone in which a runner runs the job."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Repository(folder / "server")
        self.server.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.server.commit("package.json", "{}\n")
        self.base = self.server.commit("src/old.mjs", OLD)
        self.server.git("checkout", "-q", "-b", "feature")
        self.clone = folder / "builds" / "project"
        self.runner = Runner(folder / "runner", self.clone)

    def check_out(self, reference: str, depth: int | None = None) -> None:
        shutil.rmtree(self.clone, ignore_errors=True)
        self.clone.mkdir(parents=True)
        options = [f"--depth={depth}"] if depth else []
        for command in (
            ["init", "-q"],
            ["remote", "add", "origin", f"file://{self.server.folder}"],
            ["fetch", "-q", *options, "origin", self.server.git("rev-parse", reference)],
            ["checkout", "-q", "FETCH_HEAD"],
        ):
            subprocess.run(["git", *command], cwd=self.clone, check=True)

    def report(self) -> list[tuple[str, str]]:
        """Path and rule of what Code Quality is told, once the report has passed GitLab's schema."""
        text = (self.clone / "gl-code-quality-report.json").read_text("utf-8")
        CODE_QUALITY.validate(json.loads(text))
        return [(issue["location"]["path"], issue["check_name"]) for issue in json.loads(text)]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.server.commit("web/new.mjs", BROKEN)
    made.check_out("feature")
    return made


def job(**inputs: object) -> Any:
    (made,) = with_inputs(TEXT, **inputs).values()
    return made


EVERYTHING = [("src/old.mjs", "no-var"), ("web/new.mjs", "syntax-error")]


def rules_by_file(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted({(path, "syntax-error" if path == "web/new.mjs" else rule) for path, rule in found})


@pytest.mark.parametrize("shell", SHELLS)
def test_a_merge_request_fails_for_what_it_changes_and_reports_everything(project: Project, shell: str) -> None:
    run = project.runner(job(), shell=shell, CI_MERGE_REQUEST_DIFF_BASE_SHA=project.base)
    assert run.code == 1, run.log
    assert "web/new.mjs" in run.log
    assert "src/old.mjs" not in run.log
    assert rules_by_file(project.report()) == EVERYTHING
    assert project.runner.installed.read_text().split()[-1] == f"thea-hook=={__version__}"


def test_the_default_branch_fails_for_everything(project: Project) -> None:
    run = project.runner(job())
    assert run.code == 1
    assert "src/old.mjs" in run.log
    assert "web/new.mjs" in run.log
    assert rules_by_file(project.report()) == EVERYTHING


def test_a_merge_request_that_adds_nothing_wrong_passes(project: Project) -> None:
    project.server.git("checkout", "-q", "-b", "harmless", project.base)
    project.server.commit("src/fine.mjs", "export const a = 1;\n")
    project.check_out("harmless")
    run = project.runner(job(), CI_MERGE_REQUEST_DIFF_BASE_SHA=project.base)
    assert run.code == 0, run.log
    assert project.report() == [("src/old.mjs", "no-var")]


def test_a_merged_result_is_compared_with_the_target_branch(project: Project) -> None:
    project.server.git("checkout", "-q", "main")
    target = project.server.commit("src/later.mjs", OLD)
    project.server.git("merge", "-q", "--no-edit", "feature")
    project.check_out("main", depth=20)
    variables = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": project.base, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": target}
    run = project.runner(job(), **variables)
    assert "web/new.mjs" in run.log
    assert "src/later.mjs" not in run.log


def test_a_shallow_clone_fetches_what_it_needs(project: Project) -> None:
    for number in range(5):
        project.server.commit("notes.md", f"{number}\n")
    project.check_out("feature", depth=2)
    run = project.runner(job(), CI_MERGE_REQUEST_DIFF_BASE_SHA=project.base)
    assert "fetching the rest of the history" in run.log
    assert "web/new.mjs" in run.log
    assert "src/old.mjs" not in run.log
    assert run.code == 1


def test_a_base_that_cannot_be_had_is_an_error_and_not_a_pass(project: Project) -> None:
    project.check_out("feature", depth=1)
    subprocess.run(["git", "remote", "set-url", "origin", "file:///nowhere"], cwd=project.clone, check=True)
    run = project.runner(job(), CI_MERGE_REQUEST_DIFF_BASE_SHA=project.base)
    assert run.code == 2, run.log
    assert "shallow" in run.log


def test_only_changed_lines_count_where_asked(project: Project) -> None:
    base = project.server.git("rev-parse", "HEAD")
    project.server.commit("src/old.mjs", OLD + "export const b = 2;\n")
    project.check_out("feature")
    lines = project.runner(job(changed_lines=True), CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert lines.code == 0, lines.log
    files = project.runner(job(), CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert files.code == 1
    assert "no-var" in files.log


@pytest.mark.parametrize("level,code", [("error", 0), ("warning", 1), ("info", 1), ("none", 0)])
def test_the_level_says_what_fails(project: Project, level: str, code: int) -> None:
    project.check_out("main")
    run = project.runner(job(fail_level=level))
    assert run.code == code, run.log
    assert "warning" in run.log
    assert "no-var" in run.log


@pytest.mark.parametrize("folder", [".", "src"])
def test_the_safe_fixes_are_a_patch(project: Project, folder: str) -> None:
    project.check_out("main")
    run = project.runner(job(fix=True, working_directory=folder))
    assert (project.clone / "src" / "old.mjs").read_text() == OLD
    (command,) = re.findall("`(git apply .*)`", run.log)
    subprocess.run(shlex.split(command), cwd=project.clone, check=True)
    assert (project.clone / "src" / "old.mjs").read_text().startswith(("let old", "const old"))


def test_no_link_of_a_merge_request_leads_a_report_elsewhere(project: Project) -> None:
    mine = project.folder / "mine"
    mine.write_text("mine")
    for name in ("gl-code-quality-report.json", "thea-hook.patch"):
        (project.server.folder / name).symlink_to(mine)
    project.server.git("add", "-A")
    project.server.git("commit", "-q", "-m", "Link")
    project.check_out("feature")
    project.runner(job(fix=True))
    assert mine.read_text() == "mine"
    assert project.report()


def test_paths_words_and_configuration_are_taken_as_given(project: Project) -> None:
    project.server.write("tools/lint.toml", 'ignore = ["no-var"]\n')
    project.server.commit("src/a b*.mjs", OLD)
    project.server.git("add", "-A")
    project.server.git("commit", "-q", "-m", "Configure")
    project.check_out("feature")
    ignoring = project.runner(job(src="src", config="tools/lint.toml", args="--no-cache --extend-select style"))
    assert ignoring.code == 0, ignoring.log
    pattern = project.runner(job(src="src/*.mjs"))  # a pattern is a name like any other
    assert pattern.code == 2
    assert "src/*.mjs" in pattern.log


def test_a_folder_of_the_repository_reports_paths_from_its_root(project: Project) -> None:
    run = project.runner(job(working_directory="web"), CI_MERGE_REQUEST_DIFF_BASE_SHA=project.base)
    assert run.code == 1, run.log
    assert {path for path, _ in project.report()} == {"web/new.mjs"}


def test_an_image_that_has_thea_hook_installs_nothing(project: Project) -> None:
    has = project.folder / "image"
    subprocess.run([project.folder / "runner" / "bin" / "python3", "-m", "venv", has], check=True)
    for name in ("thea-hook", "pip"):
        shutil.copy(has / "bin" / name, project.folder / "runner" / "bin" / name)
    run = project.runner(job(version=""))
    assert run.code == 1, run.log
    assert not project.runner.installed.exists()


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_cannot_be_read_fails_the_job_and_is_in_the_report(project: Project) -> None:
    (project.clone / "src" / "old.mjs").chmod(0)
    run = project.runner(job())
    assert run.code == 2, run.log
    assert ("src/old.mjs", "read-failed") in project.report()


def test_a_wrong_configuration_fails_the_job(project: Project) -> None:
    (project.clone / "thea-hook.toml").write_text("no-such-key = 1\n")
    run = project.runner(job(), CI_MERGE_REQUEST_DIFF_BASE_SHA=project.base)
    assert run.code == 2
    assert "no-such-key" in run.log


# ------------------------------------------------------------------ fingerprints


def fingerprints(project: Project) -> dict[str, str]:
    assert project.runner(job(fail_level="none")).code == 0
    issues = json.loads((project.clone / "gl-code-quality-report.json").read_text("utf-8"))
    return {issue["fingerprint"]: issue["location"]["path"] for issue in issues}


def test_fingerprints_survive_moved_lines_and_change_only_with_the_folder(project: Project) -> None:
    same = "export function f() {\n  debugger;\n}\nexport function g() {\n  debugger;\n}\n"
    project.server.commit("web/new.mjs", same)
    project.check_out("feature")
    before = fingerprints(project)
    assert len(before) == 3  # two identical lines among them
    moved = "// a line above\n" + same.replace("  debugger", "      debugger")
    project.server.commit("web/new.mjs", moved)
    project.check_out("feature")
    assert fingerprints(project) == before
    project.server.commit("web/new.mjs", moved.replace("      debugger;\n", "", 1))  # the last of the equal ones goes
    project.check_out("feature")
    after = fingerprints(project)
    assert after.keys() < before.keys()
    assert len(after) == 2
    project.server.git("mv", "web", "site")
    project.server.git("commit", "-q", "-m", "Rename")
    project.check_out("feature")
    renamed = fingerprints(project)
    assert sorted(renamed.values()) == ["site/new.mjs", "src/old.mjs"]
    assert len(renamed.keys() & after.keys()) == 1
