"""Diffs read back: what `unified_diff` writes, what git writes, and what somebody has torn."""

from __future__ import annotations

import subprocess

import pytest
from git_repository import Repository
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.core.diff import unified_diff
from thea_hook.core.diff_reader import FileDiff, Hunk, patched, read_diff

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"-- c\n", b"++ d\n", b"e\r\n", b"\x0c\n", b"\xe2\x80\xa8\n"]))
TEXTS = st.builds(lambda lines, end: b"".join(lines) + end, LINES, st.sampled_from([b"", b"x"]))


@given(TEXTS, TEXTS)
def test_a_diff_is_read_as_what_it_was_made_of(before: bytes, after: bytes) -> None:
    diff = unified_diff("a.js", before, after)
    files = read_diff(diff + diff)
    if before == after:
        assert files == []
        return
    assert [(file.old, file.new) for file in files] == [("a.js", "a.js")] * 2
    for file in files:
        assert patched(before, file.hunks) == after
        assert patched(after, [hunk.reverse for hunk in file.hunks]) == before


@pytest.mark.parametrize("path", ["a b.js", "caf\u00e9.js", 'q"uote\\.js', "line\nbreak.js", "tab\t.js", "b/a/b.js"])
def test_a_path_is_the_one_that_was_written(path: str) -> None:
    (file,) = read_diff(unified_diff(path, b"a\n", b"b\n"))
    assert (file.old, file.new) == (path, path)


def test_what_git_says_of_files_that_come_go_and_move(repository: Repository) -> None:
    folder = repository.folder
    for name, text in (("gone.js", b"a;\n"), ("old.js", b"a;\nb;\nc;\nd;\n"), ("moved.js", b"m;\n"), ("x.bin", b"\0")):
        (folder / name).write_bytes(text)
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "all")
    (folder / "gone.js").unlink()
    (folder / "old.js").unlink()
    (folder / "new.js").write_bytes(b"a;\nb;\nc;\ne;\n")
    (folder / "moved.js").rename(folder / "away.js")
    (folder / "x.bin").write_bytes(b"\0\1")
    (folder / "come.js").write_bytes(b"f;\n")
    repository.git("add", "-A")
    diff = subprocess.run(["git", "diff", "--cached", "-M"], cwd=folder, capture_output=True, check=True).stdout
    assert b"rename from" in diff
    assert b"Binary files" in diff
    came, gone, moved = read_diff(diff)
    assert came == FileDiff(None, "come.js", (Hunk(0, (), 0, (b"f;\n",)),))
    assert gone == FileDiff("gone.js", None, (Hunk(0, (b"a;\n",), 0, ()),))
    assert (moved.old, moved.new) == ("old.js", "new.js")
    assert patched(b"a;\nb;\nc;\nd;\n", moved.hunks) == b"a;\nb;\nc;\ne;\n"


@pytest.mark.parametrize(
    "hunk",
    [b"@@ -1,2 +1 @@\n-a\n", b"@@ -1 +1 @@\n-a\n-b\n+c\n", b"@@ -1 +1 @@\nfoo\n", b"@@ -1 +1 @@\n", b"@@ -1 +1 @@"],
)
def test_a_hunk_of_another_length_than_it_says_is_refused(hunk: bytes) -> None:
    with pytest.raises(ValueError, match=r"line \d+: the hunk"):
        read_diff(b"--- a/a.js\n+++ b/a.js\n" + hunk)


@pytest.mark.parametrize("hunk", [b"@@ -1,999999999 +1 @@\n", b"@@ -" + b"9" * 5_000 + b" +1 @@\n-a\n+b\n"])
def test_absurd_numbers_are_no_trouble(hunk: bytes) -> None:
    try:
        files = read_diff(b"--- a/a.js\n+++ b/a.js\n" + hunk)
    except ValueError:
        return
    assert files[0].hunks == ()


def test_what_does_not_fit_is_not_forced() -> None:
    (file,) = read_diff(unified_diff("a.js", b"a\nb\nc\n", b"a\nB\nc\n"))
    for text in (b"", b"a\n", b"x\na\nb\nc\n", b"a\r\nb\r\nc\r\n", b"a\nb\nc"):
        assert patched(text, file.hunks) is None
    assert patched(b"b\n", (Hunk(-1, (b"b\n",), 0, ()),)) is None


def test_an_empty_line_without_its_blank_is_read_as_one() -> None:
    (file,) = read_diff(b"--- a/a.js\n+++ b/a.js\n@@ -1,3 +1,3 @@\n-a\n+b\n\n c\n")
    assert patched(b"a\n\nc\n", file.hunks) == b"b\n\nc\n"
