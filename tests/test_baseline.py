"""Findings that a project has decided to live with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine, Done
from git_repository import Repository

RULES = ("--select", "no-var,prefer-const,no-dupe-keys")
BAD = "Map.f({ a: 1, a: 2 });\n"
BASELINE = "thea-hook-baseline.json"


def write(text: str, path: str = "a.mjs") -> None:
    Path(path).write_text(text)


def check(thea: CommandLine, *flags: str) -> Done:
    return thea.json(*RULES, "--baseline", BASELINE, *flags)


@pytest.fixture
def written(thea: CommandLine, project: Path) -> CommandLine:
    """A project with one finding that the baseline lists."""
    write(BAD)
    done = thea(*RULES, "--write-baseline")
    assert (done.code, done.err) == (0, f"{BASELINE}: 1 findings listed\n")
    return thea


def test_what_the_baseline_lists_is_not_reported(written: CommandLine) -> None:
    done = check(written)
    assert (done.code, done.rules, done.json["stats"]["baselined"]) == (0, [], 1)
    assert written(*RULES).code == 1


def test_it_holds_where_the_line_moves_or_is_indented(written: CommandLine) -> None:
    write("Map.f();\n\n{\n  " + BAD + "}\n")
    assert check(written).code == 0


def test_a_second_finding_like_it_is_new(written: CommandLine) -> None:
    write(BAD + BAD)
    assert len(check(written).rules) == 1


def test_a_finding_on_another_line_or_in_another_file_is_new(written: CommandLine) -> None:
    write("Map.g({ a: 1, a: 2 });\n")
    write(BAD, "b.mjs")
    assert len(check(written).rules) == 2


def test_a_listed_finding_is_not_fixed(thea: CommandLine, project: Path) -> None:
    write("var a = 1;\nMap.f(a);\n")
    thea(*RULES, "--write-baseline")
    write("var a = 1;\nMap.f(a);\nvar b = 1;\nMap.f(b);\n")
    assert check(thea, "--fix").code == 0
    assert Path("a.mjs").read_text() == "var a = 1;\nMap.f(a);\nconst b = 1;\nMap.f(b);\n"


def test_entries_that_stand_for_nothing_are_counted_and_pruned(written: CommandLine) -> None:
    write("Map.f();\n")
    done = check(written)
    assert (done.code, done.err) == (
        0,
        "thea-hook: 1 entries of the baseline are fixed; drop them with --prune-baseline\n",
    )
    assert check(written, "-q").err == ""
    assert check(written, "--prune-baseline").code == 0
    assert json.loads(Path(BASELINE).read_text()) == {"version": 1, "files": {}}
    assert check(written).err == ""


def test_pruning_keeps_what_is_found_and_files_that_were_not_checked(written: CommandLine) -> None:
    write(BAD, "b.mjs")
    write(BAD, "c.mjs")
    assert written(*RULES, "--write-baseline").code == 0
    write("Map.f();\n", "b.mjs")
    Path("c.mjs").unlink()
    assert written(*RULES, "--baseline", BASELINE, "--prune-baseline", "b.mjs").code == 0
    assert list(json.loads(Path(BASELINE).read_text())["files"]) == ["a.mjs"]


def test_a_file_with_an_error_keeps_its_entries(written: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thea_hook.checking.Checker.check", lambda *_: 1 // 0)
    before = Path(BASELINE).read_text()
    assert check(written, "--prune-baseline", "--no-cache").code == 2
    assert Path(BASELINE).read_text() == before
    assert "entries of the baseline are fixed" not in check(written, "--no-cache").err


def test_a_cached_result_is_compared_with_the_baseline_of_this_run(written: CommandLine) -> None:
    assert check(written).code == 0
    assert written(*RULES).code == 1
    assert check(written).code == 0


def test_changed_lines_say_nothing_about_the_rest(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.mjs", BAD)
    assert thea(*RULES, "--write-baseline").code == 0
    repository.write("a.mjs", BAD + "Map.f();\n")
    done = check(thea, "--changed-lines", "--since", "HEAD")
    assert (done.code, done.err) == (0, "")
    done = check(thea, "--changed-lines", "--since", "HEAD", "--prune-baseline")
    assert (done.code, "leave out --changed-lines" in done.err) == (2, True)


def test_a_file_that_is_no_baseline_is_never_overwritten(thea: CommandLine, project: Path) -> None:
    """``--write-baseline a.mjs`` reads like a path to check."""
    write(BAD)
    done = thea(*RULES, "--write-baseline", "a.mjs")
    assert (done.code, "not a baseline" in done.err) == (2, True)
    assert Path("a.mjs").read_text() == BAD


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "files": {}}', '{"version": 1, "files": {"a": []}}'])
def test_a_damaged_baseline_is_2(thea: CommandLine, project: Path, text: str) -> None:
    write("Map.f();\n")
    write(text, BASELINE)
    done = check(thea)
    assert (done.code, "not a baseline" in done.err) == (2, True)


def test_it_can_be_written_again(written: CommandLine) -> None:
    write(BAD + BAD)
    assert written(*RULES, "--write-baseline", BASELINE).err == f"{BASELINE}: 2 findings listed\n"
