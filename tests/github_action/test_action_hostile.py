"""Nothing that a pull request holds becomes a command: names, messages, source text, modules, inputs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from action_runner import Done, Job
from git_repository import Repository

VAR = "var a = 1;\n"

NAMES = {
    "percent": "100%25 %0A%3A.mjs",
    "command": "::error title=x::y.mjs",
    "old command": "##[add-mask]y.mjs",
    "line feed": "a\n::add-mask::b\n.mjs",
    "carriage return": "a\r::add-mask::b.mjs",
    "comma": "a,line=7,title=b.mjs",
    "quotes": "\"a\" 'b' `c`.mjs",
    "shell": "$(touch pwned);`touch pwned`.mjs",
    "emoji": "🎉 e\u0301.mjs",
    "right to left": "a\u202egnp.\u202c.mjs",
    "control": "a\x1b[31m\x07.mjs",
    "markup": "<img src=x>|[a](b) **c** <!--.mjs",
    "dashes": "--fix.mjs",
    "separator": "a\u2028::add-mask::b.mjs",
}


def only_ours(done: Done) -> bool:
    """Whether the log had no command but our annotations and the guard."""
    ours = all(note.title is None or note.title.startswith("thea-hook") for note in done.annotations)
    return ours and done.log.commands == []


@pytest.mark.parametrize("names", [list(NAMES.values())[:7], list(NAMES.values())[7:]])  # nine of a kind are shown
def test_names_of_files_are_names(job: Job, repository: Repository, names: list[str]) -> None:
    for name in names:
        repository.write(name, VAR)
    done = job.run()
    assert only_ours(done)
    assert sorted(note.file or "" for note in done.annotations if note.title) == sorted(names)
    assert sorted(item["path"] for item in done.report["files"]) == sorted(names)
    assert done.outputs["findings"] == str(len(names))
    assert not (repository.folder / "pwned").exists()
    assert "<img" not in re.sub(r"(?ms)^(```+)diff$.*?^\1$", "", done.summary)  # text in the block of the diff


def test_a_name_that_is_not_unicode_is_shown_escaped(job: Job, repository: Repository) -> None:
    repository.write(os.fsdecode(b"a\xff.mjs"), VAR)
    done = job.run()
    assert only_ours(done)
    assert [note.file for note in done.annotations if note.title] == ["a\\udcff.mjs"]


COMMANDS = [
    "::add-mask::a", "::stop-commands::a", "::set-output name=findings::7", "  ::error file=b.js::c", "::endgroup::",
    "##[add-mask]a", "x ##[set-env name=PATH]/tmp", "##[error]a", "::debug::a", "::add-matcher::a.json",
]  # fmt: skip


@pytest.mark.parametrize("output_format", ["full", "grouped", "concise", "diff", "json", "json-lines", "github"])
def test_source_text_in_the_log_is_no_command(job: Job, repository: Repository, output_format: str) -> None:
    lines = "".join(f"// {c}\n/*\n{c}\n*/ var v{i} = '\\\n{c}';\n" for i, c in enumerate(COMMANDS))
    odd = "".join(f"/* \u2028{c} \r{c}\x85{c}\x0c{c}\n */ var w{i} = 1;\n" for i, c in enumerate(COMMANDS))
    keys = "".join(f"f({{'{c}': 1, '{c}': 2}});\n" for c in COMMANDS)
    repository.commit("a.mjs", lines + odd + keys)
    done = job.run(output_format=output_format)
    assert only_ours(done)
    assert done.outputs["findings"] == "30"
    assert done.code == 1


@pytest.mark.parametrize("on_path", [False, True])
def test_modules_of_the_checkout_are_not_imported(job: Job, repository: Repository, on_path: bool) -> None:
    for name in ("json", "pip", "thea_hook", "inputs", "sitecustomize", "venv", "encodings"):
        repository.write(f"{name}.py", "open('pwned', 'w')\nraise SystemExit(9)\n")
    repository.commit("a.mjs", VAR)
    if on_path:
        job.variables = {"PYTHONPATH": "."}
    done = job.run()
    assert (done.code, done.outputs["findings"]) == (1, "1")
    assert not (repository.folder / "pwned").exists()


@pytest.mark.parametrize("link, target", [("thea.sarif", "../mine.txt"), ("out", "..")])
def test_no_link_leads_a_report_elsewhere(job: Job, repository: Repository, link: str, target: str) -> None:
    mine = repository.folder.parent / "mine.txt"
    mine.write_text("mine")
    (repository.folder / link).symlink_to(target)
    repository.commit("a.mjs", VAR)
    done = job.run(sarif_file=link if "." in link else f"{link}/mine.txt")
    assert (done.code, done.outputs["exit-code"]) == (2, "2")
    assert "symbolic link" in done.annotations[0].message
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("settings", [{}, {"base_ref": "main"}], ids=["whole", "compared"])
def test_a_folder_that_poses_as_a_repository_starts_no_program(
    job: Job, repository: Repository, settings: dict[str, str]
) -> None:
    started = repository.pose_as_bare("web")
    repository.commit("web/a.mjs", VAR)
    done = job.run(working_directory="web", **settings)
    assert done.code == (2 if settings else 1)  # nothing can be compared where git refuses the folder
    assert not started.exists()


@pytest.mark.parametrize(
    "inputs",
    [
        {"src": "'$(touch pwned)'"},
        {"args": "--select no-var; touch pwned"},
        {"args": "`touch pwned`"},
        {"args": "'##[add-mask]a' ::add-mask::b"},
        {"config": "$(touch pwned)"},
        {"output_format": "full; touch pwned"},
        {"sarif_file": "$(touch pwned).sarif"},
        {"version": "1 --index-url https://example.org"},
        {"working_directory": "$(touch pwned)"},
        {"fail_level": "info\n::add-mask::a"},
        {"max_annotations": "3\nfindings=7"},
        {"changed_only": "true' || touch pwned"},
        {"cache": "true && true"},
    ],
    ids=lambda inputs: next(iter(inputs)),
)
def test_inputs_are_never_run(job: Job, repository: Repository, inputs: dict[str, str]) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(**inputs)
    assert done.code in (1, 2)
    assert only_ours(done)
    assert not (repository.folder / "pwned").exists()


def test_a_file_that_is_named_like_an_option_is_a_file(job: Job, repository: Repository) -> None:
    repository.commit("--fix.mjs", VAR)
    assert [item["path"] for item in job.run(src="--fix.mjs").report["files"]] == ["--fix.mjs"]


def test_inputs_set_no_outputs_of_others(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    done = job.run(sarif_file="a\nfindings=7\nfixed<<x\n1\nx")
    assert (done.outputs["findings"], done.outputs["fixed"]) == ("1", "0")


def test_the_job_has_no_access_to_what_it_does_not_need(job: Job, repository: Repository) -> None:
    repository.commit("a.mjs", VAR)
    job.run()
    left = {path.name for path in repository.folder.iterdir()} - {".git", "a.mjs", "thea-hook.toml"}
    assert left == set()  # the checkout is as it was
    assert {path.name for path in (job.runner_temp / "thea-hook").iterdir()} >= {"venv", "bin", "results"}


def test_a_thousand_findings_stay_within_the_limits_of_github(job: Job, repository: Repository) -> None:
    hostile = "`|<b>\u202e🎉%0A::error::" * 40
    for number in range(25):
        text = "".join(f'f({{ "{hostile}{i}": 1, "{hostile}{i}": 2 }}); var v{i} = 1;\n' for i in range(20))
        repository.write(f"{hostile[:60]}/{number}/a.mjs".replace("//", "/"), text)
    done = job.run()
    assert done.outputs["findings"] == "1000"
    assert only_ours(done)
    assert len(done.annotations) == 9 + 1 + 9 + 1  # errors, warnings, a notice, and the end of the step
    assert "1,000 problems, the first 50 of them" in done.summary
    assert len(done.summary.encode()) < 1024 * 1024


def test_the_guard_holds_when_the_output_has_no_last_line_end(tmp_path: Path) -> None:
    from runner_commands import Log
    from workflow import command

    log = Log(str(tmp_path))
    log.read(command("error", "one\r\n::add-mask::two %0A three") + "\n")
    assert [note.message for note in log.annotations] == ["one\r\n::add-mask::two %0A three"]
    assert log.commands == []


def test_the_folder_to_run_in_is_a_name_too(job: Job, repository: Repository) -> None:
    folder = "a\n::add-mask::b\n##[add-mask]c"
    repository.commit(f"{folder}/a.mjs", VAR)
    done = job.run(working_directory=folder)
    assert only_ours(done)
    assert [note.file for note in done.annotations if note.title] == [f"{folder}/a.mjs"]
