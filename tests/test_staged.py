"""``--staged``: the index is what is checked, the work tree is what is fixed, and nothing unstaged is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository

RULES = ("--select", "no-var,prefer-const,no-dupe-keys", "--staged")
BAD = "Map.f({ a: 1, a: 2 });\n"
LINES = [f"Map.f({number});\n" for number in range(30)]


def text(**changed: str) -> str:
    """Thirty lines, where ``l7="x"`` replaces the seventh."""
    return "".join(changed.get(f"l{number}", line) for number, line in enumerate(LINES, 1))


def read(path: str = "a.mjs") -> str:
    return Path(path).read_bytes().decode()


def test_a_finding_that_is_staged_is_found_though_the_work_tree_has_it_no_more(
    thea: CommandLine, repository: Repository
) -> None:
    repository.stage("a.mjs", BAD)
    repository.write("a.mjs", "Map.f();\n")
    assert thea.json(*RULES).rules == ["no-dupe-keys"]


def test_a_finding_that_is_not_staged_is_not_found(thea: CommandLine, repository: Repository) -> None:
    repository.stage("a.mjs", "Map.f();\n")
    repository.write("a.mjs", BAD)
    repository.write("untracked.mjs", BAD)
    assert thea.json(*RULES).rules == []


def test_a_staged_file_that_is_gone_from_the_work_tree_is_checked_and_not_fixed(
    thea: CommandLine, repository: Repository
) -> None:
    repository.stage("a.mjs", "var a = 1;\nMap.f(a);\n")
    os.unlink("a.mjs")
    assert thea(*RULES, "--fix").code == 1
    assert not Path("a.mjs").exists()


def test_a_staged_deletion_is_no_file(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.mjs", BAD)
    repository.git("rm", "-q", "a.mjs")
    assert thea(*RULES).code == 0


def test_paths_limit_what_is_staged_from_any_folder(
    thea: CommandLine, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.stage("a.mjs", BAD)
    repository.stage("sub/b.mjs", BAD)
    repository.stage("subway/c.mjs", BAD)
    assert len(thea.json(*RULES).rules) == 3
    for folder in ("sub", "./sub/", os.path.abspath("sub"), "sub/b.mjs"):
        assert [file["path"] for file in thea.json(*RULES, folder).json["files"]] == ["sub/b.mjs"]
    monkeypatch.chdir("sub")
    assert len(thea.json(*RULES).rules) == 3
    assert [file["path"] for file in thea.json(*RULES, ".").json["files"]] == ["b.mjs"]
    assert len(thea.json(*RULES, "..").rules) == 3


def test_staged_files_that_are_excluded_or_binary_are_skipped(thea: CommandLine, repository: Repository) -> None:
    repository.stage("dist/a.mjs", BAD)
    repository.stage("b.mjs", b"\0")
    repository.write("b.mjs", BAD)
    done = thea.json(*RULES)
    assert (done.code, done.json["stats"]["skipped"]) == (0, {"binary": 1, "excluded": 1})


# ------------------------------------------------------------------ fixes


def test_a_fix_goes_to_the_work_tree_and_leaves_the_index(thea: CommandLine, repository: Repository) -> None:
    repository.stage("a.mjs", "var a = 1;\nMap.f(a);\n")
    assert thea(*RULES, "--fix").code == 0
    assert read() == "const a = 1;\nMap.f(a);\n"
    assert repository.git("show", ":a.mjs") == "var a = 1;\nMap.f(a);"


@pytest.mark.parametrize("distance", [1, 3, 4, 10])
@pytest.mark.parametrize("side", [-1, 1])
def test_an_unstaged_edit_near_a_fix_survives(
    thea: CommandLine, repository: Repository, distance: int, side: int
) -> None:
    var, const = "var v = 1; Map.f(v);\n", "const v = 1; Map.f(v);\n"
    unstaged = {f"l{15 + side * distance}": "Map.unstaged();\n"}
    repository.stage("a.mjs", text(l15=var))
    repository.write("a.mjs", text(l15=var, **unstaged))
    assert thea(*RULES, "--fix").code == 0
    assert read() == text(l15=const, **unstaged)
    assert repository.git("show", ":a.mjs") == text(l15=var).strip()


def test_a_fix_on_a_line_with_an_unstaged_edit_is_reported_and_the_line_stays(
    thea: CommandLine, repository: Repository
) -> None:
    repository.stage("a.mjs", text(l3="var u = 1; Map.f(u);\n", l15="var v = 1; Map.f(v);\n"))
    edited = text(l3="var u = 1; Map.f(u);\n", l15="var v = 2; Map.f(v);\n")
    repository.write("a.mjs", edited)
    done = thea.json(*RULES, "--fix")
    assert done.code == 1
    assert [(finding["rule"], finding["line"]) for finding in done.json["findings"]] == [("no-var", 15)]
    assert read() == edited.replace("var u", "const u")


def test_a_fix_that_an_unstaged_line_makes_wrong_is_not_made(thea: CommandLine, repository: Repository) -> None:
    repository.stage("a.mjs", "let a = 1;\nMap.f(a);\n")
    repository.write("a.mjs", "let a = 1;\nMap.f(a);\na = 2;\n")
    done = thea.json(*RULES, "--fix")
    assert (done.code, done.rules) == (1, ["prefer-const"])
    assert read() == "let a = 1;\nMap.f(a);\na = 2;\n"


def test_a_file_that_is_staged_whole_is_fixed_under_autocrlf(thea: CommandLine, repository: Repository) -> None:
    repository.git("config", "core.autocrlf", "true")
    repository.stage("a.mjs", "var a = 1;\r\nMap.f(a);\r\n")
    assert thea(*RULES, "--fix").code == 0
    assert read() == "const a = 1;\r\nMap.f(a);\r\n"


def test_crlf_in_index_and_work_tree_stays(thea: CommandLine, repository: Repository) -> None:
    repository.stage("a.mjs", "var a = 1;\r\nMap.f(a);\r\n")
    assert thea(*RULES, "--fix").code == 0
    assert read() == "const a = 1;\r\nMap.f(a);\r\n"


def test_the_diff_of_staged_files_is_one_for_the_work_tree(thea: CommandLine, repository: Repository) -> None:
    repository.stage("a.mjs", text(l15="var v = 1; Map.f(v);\n"))
    repository.write("a.mjs", text(l1="Map.unstaged();\n", l15="var v = 1; Map.f(v);\n"))
    done = thea(*RULES, "--diff")
    assert done.code == 1
    Path("fixes.patch").write_bytes(done.stdout)
    repository.git("apply", "fixes.patch")
    assert read() == text(l1="Map.unstaged();\n", l15="const v = 1; Map.f(v);\n")


def test_changed_lines_are_those_of_the_index(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.mjs", BAD + "Map.f();\n")
    repository.stage("a.mjs", BAD + "Map.f();\n" + BAD)
    repository.write("a.mjs", "\n\n" + BAD + "Map.f();\n" + BAD)
    done = thea.json(*RULES, "--changed-lines")
    assert [finding["line"] for finding in done.json["findings"]] == [3]


def test_changed_lines_hold_for_the_fixes_of_a_partially_staged_file(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.mjs", text(l5="var a = 1; Map.f(a);\n"))
    staged = text(l5="var a = 1; Map.f(a);\n", l20="var b = 1; Map.f(b);\n")
    repository.stage("a.mjs", staged)
    repository.write("a.mjs", staged + "Map.unstaged();\n")
    assert thea(*RULES, "--changed-lines", "--fix").code == 0
    assert read() == staged.replace("var b", "const b") + "Map.unstaged();\n"


def test_unmerged_files_are_left_out(thea: CommandLine, repository: Repository) -> None:
    repository.commit("a.mjs", "Map.f(1);\n")
    repository.git("checkout", "-q", "-b", "other")
    repository.commit("a.mjs", "Map.f(2);\n")
    repository.git("checkout", "-q", "main")
    repository.commit("a.mjs", "Map.f(3);\n")
    repository.stage("b.mjs", BAD)
    repository.git("commit", "-q", "-m", "b")
    with pytest.raises(AssertionError):
        repository.git("merge", "-q", "other")
    assert thea(*RULES).code == 0
