"""A server knows files from the root of the repository, wherever the command ran and however a file was named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository

PATHS = {
    "github": r"file=([^,]*),",
    "gitlab": r'"path": "([^"]*)"',
    "sarif": r'"uri": "([^"]*)"',
    "rdjson": r'"path": "([^"]*)"',
    "azure": r"sourcepath=([^;]*);",
    "junit": r'<testsuite id="\d+" name="([^"]*)"',
    "checkstyle": r'<file name="([^"]*)"',
}
"""Format -> where it has its paths."""


@pytest.fixture
def package(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in a repository, which is the working folder; the file next to it is in another one."""
    folder = repository.write("packages/web/a.mjs", "var a = 1;\nexport default a;\n").parent
    repository.write("packages/api/b.mjs", "var b = 1;\nexport default b;\n")
    repository.git("add", "-A")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("format_name", PATHS)
@pytest.mark.parametrize("selection", ["--staged", "--all-files", "absolute", "relative"])
def test_every_path_starts_at_the_root(format_name: str, selection: str, package: Path, thea: CommandLine) -> None:
    named = {"absolute": [str(package), str(package.parent / "api")], "relative": [".", "../api"]}
    done = thea(*named.get(selection, [selection]), "--output-format", format_name)
    assert done.code == 1
    assert set(re.findall(PATHS[format_name], done.out)) == {"packages/web/a.mjs", "packages/api/b.mjs"}


def test_a_file_outside_of_the_repository_keeps_its_whole_path(
    package: Path, thea: CommandLine, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere" / "c.mjs"
    outside.parent.mkdir()
    outside.write_text("var c = 1;\nexport default c;\n")
    done = thea(str(outside), "--output-format", "gitlab")
    assert set(re.findall(PATHS["gitlab"], done.out)) == {outside.as_posix()}


@pytest.mark.parametrize("selection, folder", [("--all-files", "."), (".", "packages/web")])
def test_git_applies_the_diff(
    selection: str, folder: str, package: Path, repository: Repository, thea: CommandLine
) -> None:
    patch = repository.write(".git/fixes.patch", thea(selection, "--diff").out)
    repository.git("-C", folder, "apply", str(patch))
    changed = {"--all-files": ["packages/api/b.mjs", "packages/web/a.mjs"], ".": ["packages/web/a.mjs"]}
    assert repository.git("diff", "--name-only").split() == changed[selection]


def test_text_for_people_starts_at_the_working_folder(package: Path, thea: CommandLine) -> None:
    done = thea("--all-files", "--output-format", "concise", "-q")
    assert {line.split(":")[0] for line in done.out.splitlines()} == {"a.mjs", "../api/b.mjs"}
