"""The action from the checkout to the exit code: every input, every output."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from action_runner import DEFINITION, Job
from git_repository import Repository

VAR = "var a = 1;\nf(a);\n"
TWO = "if (a == b) {\n  debugger;\n}\n"  # both without a safe fix, or with one: see SETTINGS
DUPLICATE = "f({ a: 1, a: 2 });\n"


def test_a_clean_repository_passes(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", "f();\n")
    done = job.run()
    assert (done.code, done.annotations) == (0, [])
    assert {name: done.outputs[name] for name in ("exit-code", "findings", "fixable", "fixed", "sarif-file")} == {
        "exit-code": "0", "findings": "0", "fixable": "0", "fixed": "0", "sarif-file": "",
    }  # fmt: skip
    assert "No problems in 1 file" in done.summary


def test_findings_fail_the_step_and_are_shown_everywhere(job: Job, repository: Repository) -> None:
    repository.commit("src/a.mjs", VAR + DUPLICATE)
    done = job.run()
    assert (done.code, done.failed_step) == (1, "Run thea-hook")
    assert (done.outputs["exit-code"], done.outputs["findings"], done.outputs["fixable"]) == ("1", "2", "1")
    (duplicate, var, ended) = done.annotations
    assert (duplicate.kind, duplicate.file, duplicate.line, duplicate.column) == ("error", "src/a.mjs", 3, 11)
    assert duplicate.title == "thea-hook (no-dupe-keys)"
    assert (var.kind, var.file, var.line, var.end_column) == ("warning", "src/a.mjs", 1, 11)
    assert ended.message == "Process completed with exit code 1."
    assert "src/a.mjs:1:1" in done.shown
    assert [finding["rule"] for finding in done.report["findings"]] == ["no-var", "no-dupe-keys"]


def test_the_summary_has_rules_findings_diff_and_advice(job: Job, repository: Repository) -> None:
    commit = repository.commit("src/a.mjs", VAR)
    summary = job.run().summary
    assert "| <code>no-var</code> | 1 | 1 |" in summary
    assert f"(https://github.example.org/octo-org/shop/blob/{commit}/src/a.mjs#L1)" in summary
    assert "-var a = 1;\n+let a = 1;\n" in summary
    assert "--fix" in summary.splitlines()[-3]


def test_every_output_has_a_value(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(sarif_file="out.sarif")
    assert set(done.outputs) == set(DEFINITION["outputs"])
    assert [name for name, value in done.outputs.items() if not value] == []


# ------------------------------------------------------------------ inputs


def test_fix_repairs_the_work_tree(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(fix=True)
    assert (done.code, done.outputs["fixed"], done.outputs["findings"]) == (0, "1", "0")
    assert (repository.folder / "a.mjs").read_text() == "let a = 1;\nf(a);\n"
    assert "What was fixed" in done.summary
    assert "+let a = 1;" in done.summary


def test_unsafe_fixes_are_counted_and_made_on_request(job: Job, repository: Repository) -> None:
    file = repository.folder / "a.mjs"
    repository.commit("a.mjs", "if (a == b) f();\n")
    assert job.run().outputs["fixable"] == "0"
    assert job.run(unsafe_fixes=True).outputs["fixable"] == "1"
    assert job.run(unsafe_fixes=True, fix=True).outputs["fixed"] == "1"
    assert file.read_text() == "if (a === b) f();\n"


def test_src_names_files_and_folders(job: Job, repository: Repository) -> None:
    for path in ("one/a.mjs", "two words/a.mjs", "three/a.mjs"):
        repository.commit(path, VAR)
    done = job.run(src="one\n'two words'")
    assert [item["path"] for item in done.report["files"]] == ["one/a.mjs", "two words/a.mjs"]


def test_args_are_passed_on(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR + DUPLICATE)
    done = job.run(args='--ignore no-var "--extend-exclude=some folder"')
    assert [finding["rule"] for finding in done.report["findings"]] == ["no-dupe-keys"]


def test_a_project_in_a_folder_is_checked_alone_with_paths_of_the_repository(job: Job, repository: Repository) -> None:
    repository.commit("packages/web app/src/a.mjs", VAR)
    repository.commit("packages/api/a.mjs", VAR)
    done = job.run(working_directory="packages/web app", sarif_file="reports/web.sarif")
    assert [note.file for note in done.annotations if note.file] == ["packages/web app/src/a.mjs"]
    assert "packages/web app/src/a.mjs" in done.summary
    sarif = json.loads((repository.folder / "reports" / "web.sarif").read_text())
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "packages/web%20app/src/a.mjs"


def test_a_configuration_file_can_be_named(job: Job, repository: Repository) -> None:
    repository.commit("strict.toml", 'select = ["no-debugger"]\n')
    repository.commit("a.mjs", f"{VAR}debugger;\n")
    done = job.run(config="strict.toml")
    assert [finding["rule"] for finding in done.report["findings"]] == ["no-debugger"]


@pytest.mark.parametrize(
    "level, code",
    [("info", 1), ("warning", 1), ("error", 0), ("none", 0)],
)
def test_findings_below_the_level_do_not_fail_the_step(job: Job, repository: Repository, level: str, code: int) -> None:
    repository.commit("a.mjs", VAR)  # a warning
    done = job.run(fail_level=level)
    assert (done.code, done.outputs["exit-code"], done.outputs["findings"]) == (code, "1", "1")


def test_what_could_not_be_checked_fails_the_step_at_any_level(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(fail_level="none", src="missing")
    assert (done.code, done.outputs["exit-code"]) == (2, "2")
    assert "missing" in done.annotations[0].message


def test_the_format_of_the_log_can_be_chosen(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    shown = job.run(output_format="concise").shown
    assert "a.mjs:1:1: " in shown
    assert "let a" not in shown


def test_the_github_format_shows_annotations_alone(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(output_format="github")
    assert [note.file for note in done.annotations if note.file] == ["a.mjs"]
    assert "a.mjs" not in done.shown


def test_a_format_that_does_not_exist_is_an_annotation(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(output_format="sarf")
    assert (done.code, done.outputs["exit-code"]) == (2, "2")
    assert "Did you mean `sarif`?" in done.annotations[0].message


def test_reports_for_other_steps_are_written_in_the_workspace(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(sarif_file="out/thea.sarif", rdjson_file="thea.rdjson")
    assert done.outputs["sarif-file"] == str(repository.folder / "out" / "thea.sarif")
    assert json.loads(Path(done.outputs["sarif-file"]).read_text())["version"] == "2.1.0"
    assert json.loads((repository.folder / "thea.rdjson").read_text())["source"]["name"] == "thea-hook"


def test_a_report_that_cannot_be_written_is_named(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(sarif_file=".", fail_level="none")
    assert (done.code, done.outputs["exit-code"], done.outputs["sarif-file"]) == (2, "2", "")
    assert "Cannot write the sarif report" in done.annotations[0].message
    assert done.outputs["findings"] == "1"  # what was found is shown all the same


def test_the_summary_can_be_left_out(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    assert job.run(summary=False).summary == ""


def test_annotations_stop_where_github_would_drop_them_and_say_so(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", "debugger;\n" * 30 + "var a = 1;\n" * 12)
    notes = job.run().annotations
    kinds = [note.kind for note in notes if note.file]
    assert (kinds.count("error"), kinds.count("warning")) == (9, 9)
    (notice,) = [note for note in notes if note.kind == "notice"]
    assert notice.message.startswith("21 more errors and 3 more warnings not shown here")


def test_the_number_of_annotations_can_be_set(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", "debugger;\n" * 5 + "var a = 1;\n" * 5)
    some = job.run(max_annotations=7).annotations
    assert [note.kind for note in some if note.file] == ["error"] * 5 + ["warning"] * 2
    assert [note.message for note in some if note.kind == "notice"] == [
        "3 more not shown here: the log and the job summary have them."
    ]
    assert [note.message for note in job.run(max_annotations=0).annotations] == ["Process completed with exit code 1."]


def test_an_input_that_means_nothing_is_named_before_anything_is_installed(job: Job) -> None:
    done = job.run(fail_level="fatal")
    assert (done.code, done.failed_step, done.outputs["exit-code"]) == (2, "Read the inputs", "2")
    assert done.annotations[0].message == (
        "`fail-level: fatal` means nothing: write `none`, `info`, `warning` or `error`."
    )
    assert job.pip_calls == []


# ------------------------------------------------------------------ installing


def test_the_action_installs_its_own_version_with_the_hashes_of_all_packages(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", "f();\n")
    done = job.run()
    packages, ours = job.pip_calls
    assert "--require-hashes" in packages
    assert packages[-1].endswith("github-action/requirements.txt")
    assert {"--no-deps", "--no-build-isolation"} <= set(ours)
    source = Path(ours[-1])
    assert (source / "thea_hook" / "__init__.py").exists()
    assert (source / "setup.py").exists()
    assert not (source / "tests").exists()
    assert done.outputs["version"] == "0.1.0"


@pytest.mark.parametrize(
    "version, wanted", [("1.2.3", "thea-hook==1.2.3"), ("latest", "thea-hook"), ("~=1.2", "thea-hook~=1.2")]
)
def test_another_version_comes_from_the_index(job: Job, repository: Repository, version: str, wanted: str) -> None:
    repository.commit("a.mjs", "f();\n")
    job.run(version=version)
    assert [call[-1] for call in job.pip_calls] == [wanted]


def test_a_second_use_in_a_job_installs_nothing(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", "f();\n")
    job.run()
    before = len(job.pip_calls)
    job.run()
    assert len(job.pip_calls) == before


def test_the_python_of_the_job_stays_and_the_command_is_on_its_path(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", "f();\n")
    done = job.run(python_version="3.12")
    action, settings = done.used[0]
    assert action.startswith("actions/setup-python@")
    assert settings == {"python-version": "3.12", "update-environment": "False"}
    (folder,) = done.path
    assert os.listdir(folder) == ["thea-hook"]
    said = subprocess.run([f"{folder}/thea-hook", "--version"], capture_output=True, text=True, check=True).stdout
    assert said == f"thea-hook {done.outputs['version']}\n"


# ------------------------------------------------------------------ caches


def saved(used: list[tuple[str, dict[str, str]]]) -> list[str]:
    return [settings["key"] for action, settings in used if action.startswith("actions/cache/save@")]


def test_downloads_and_results_are_kept_and_used_again(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    first = job.run()
    assert [key.split("-")[2] for key in saved(first.used)] == ["pip", "results"]
    job.new_runner()
    second = job.run()
    assert saved(second.used) == []
    assert [item["cached"] for item in second.report["files"]] == [True]
    assert second.code == 1
    repository.commit("b.mjs", VAR)
    job.new_runner()
    third = job.run()
    assert [key.split("-")[2] for key in saved(third.used)] == ["results"]
    assert [item["cached"] for item in third.report["files"]] == [True, False]


def test_nothing_is_kept_where_caches_are_off(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(cache=False)
    assert [action.partition("@")[0] for action, _ in done.used] == ["actions/setup-python"]
    assert not (job.runner_temp / "thea-hook" / "results").exists()
