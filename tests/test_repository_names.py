"""Words of a repository: which files count, what the limits are, and that nothing goes wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from git_repository import Repository

from thea_hook import git
from thea_hook.core.source import SourceFile
from thea_hook.errors import GitError
from thea_hook.repository_names import LIMITS, names_elsewhere, texts_of


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Without what an earlier test has read."""
    yield
    texts_of.cache_clear()


def elsewhere(path: str, word: bytes) -> int | None:
    count = names_elsewhere(SourceFile(path, b"", "javascript"))
    return None if count is None else count(word)


def test_the_other_tracked_sources_count(repository: Repository) -> None:
    repository.commit("a.js", "name, name")
    repository.commit("src/b.ts", "name(names)")
    repository.commit("notes.txt", "name")
    repository.write("untracked.js", "name")
    assert elsewhere("a.js", b"name") == 1
    assert elsewhere("src/b.ts", b"name") == 2
    assert elsewhere("new.js", b"name") == 3
    assert elsewhere("a.js", b"never") == 0


def test_the_working_folder_may_be_below(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit("a.js", "name")
    repository.commit("src/b.js", "name")
    monkeypatch.chdir(repository.folder / "src")
    assert elsewhere("b.js", b"name") == elsewhere("../a.js", b"name") == 1


def test_what_is_no_source_written_by_hand_does_not_count(repository: Repository) -> None:
    outside = repository.folder.parent / "outside.js"
    outside.write_text("name")
    (repository.folder / "link.js").symlink_to(outside)
    repository.git("add", "link.js")
    repository.stage("binary.js", b"name \0")
    repository.stage("bundle.js", "name;" * 5_000)
    repository.stage("gone.js", "name").unlink()
    repository.stage("a.js", "other")
    assert elsewhere("b.js", b"name") == 0


def test_without_a_repository_nobody_knows(project: Path) -> None:
    (project / "b.js").write_text("name")
    assert names_elsewhere(SourceFile("a.js", b"", "javascript")) is None


def test_without_git_nobody_knows(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_git(root: str) -> list[str]:
        raise GitError("git is not installed")

    repository.commit("b.js", "name")
    monkeypatch.setattr(git, "tracked_files", no_git)
    assert elsewhere("a.js", b"name") is None


def test_the_only_file_of_a_repository_has_no_others(repository: Repository) -> None:
    repository.commit("a.js", "name")
    assert elsewhere("a.js", b"name") is None


@pytest.mark.parametrize("limits", [LIMITS._replace(files=1), LIMITS._replace(bytes=6), LIMITS._replace(bytes=4)])
def test_beyond_a_limit_a_word_may_stand_in_what_is_left_out(repository: Repository, limits: object) -> None:
    repository.commit("a.js", "name")
    repository.commit("b.js", "never")
    texts = texts_of(repository.root, limits)  # type: ignore[arg-type]
    assert [os.path.basename(path) for path in texts.texts] == ["a.js"]
    assert not texts.is_whole
    assert (texts.count_of(b"name", ""), texts.count_of(b"never", "")) == (1, None)


def test_no_more_time_is_taken_than_there_is(repository: Repository) -> None:
    repository.commit("a.js", "name")
    assert texts_of(repository.root, LIMITS._replace(seconds=-1.0)) == ({}, False)


def test_a_repository_is_read_when_a_word_is_asked_for_and_once(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("b.js", "name")
    listed: list[str] = []
    list_files = git.tracked_files

    def listing(root: str) -> list[str]:
        listed.append(root)
        return list_files(root)

    monkeypatch.setattr(git, "tracked_files", listing)
    count = names_elsewhere(SourceFile("a.js", b"", "javascript"))
    assert count is not None
    assert listed == []
    assert (count(b"name"), count(b"other"), elsewhere("c.js", b"name")) == (1, 0, 1)
    assert listed == [repository.root]
