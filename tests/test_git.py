"""What git says, asked in real repositories."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from git_repository import Repository

from thea_hook import git
from thea_hook.errors import GitError

ODD_NAMES = [
    "a b.js",
    "it's.js",
    'quote".ts',
    "tab\there.js",
    "new\nline.js",
    "naïve-日本.tsx",
    "back\\slash.js",
    "b/x.js",
]


def paths(entries: list[git.IndexEntry]) -> list[str]:
    return [entry.path for entry in entries]


def test_the_root_is_found_from_a_folder_below(repository: Repository) -> None:
    repository.write("src/deep/a.js", "")
    assert git.find_root(str(repository.folder / "src/deep")) == repository.root


def test_a_folder_in_no_repository_has_no_root(tmp_path: Path) -> None:
    assert git.find_root(str(tmp_path)) is None


def test_staged_files_of_the_first_commit(repository: Repository) -> None:
    repository.stage("b.ts", "let b\n")
    repository.stage("a.js", "let a\n")
    repository.stage("README.md", "# a\n")
    assert paths(git.staged_files(repository.root)) == ["a.js", "b.ts"]


def test_all_endings_in_any_case_are_sources(repository: Repository) -> None:
    names = ["a.cjs", "a.cts", "a.js", "a.jsx", "a.mjs", "a.mts", "a.ts", "a.tsx", "deep/er/B.JS"]
    for name in [*names, "a.json", "js", "a.js.map"]:
        repository.stage(name, "x\n")
    assert paths(git.staged_files(repository.root)) == sorted(names)


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("quote_path", ["true", "false"])
def test_odd_names_come_back_as_they_are(repository: Repository, name: str, quote_path: str) -> None:
    repository.git("config", "core.quotePath", quote_path)
    repository.stage(name, "a\nb\n")
    entries = git.staged_files(repository.root)
    assert paths(entries) == [name]
    assert git.read_index(repository.root, entries) == {name: b"a\nb\n"}
    assert git.staged_lines(repository.root) == {name: ((1, 2),)}


def test_a_name_that_is_not_utf8_survives(repository: Repository) -> None:
    name = os.fsdecode(b"caf\xe9.js")
    repository.stage(name, "a\n")
    assert git.staged_lines(repository.root) == {name: ((1, 1),)}
    assert git.read_index(repository.root, git.staged_files(repository.root)) == {name: b"a\n"}


def test_deleted_files_links_and_submodules_are_not_staged_files(repository: Repository, tmp_path: Path) -> None:
    repository.commit("gone.js", "a\n")
    other = Repository(tmp_path / "other")
    other.commit("x.js", "x\n")
    repository.git("rm", "-q", "gone.js")
    os.symlink("target.js", repository.folder / "link.js")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.root, "sub.js")
    repository.git("add", "-A")
    assert git.staged_files(repository.root) == []
    assert git.staged_lines(repository.root).keys() <= {"link.js"}


def test_the_root_of_a_submodule_is_its_own(repository: Repository, tmp_path: Path) -> None:
    other = Repository(tmp_path / "other")
    other.commit("x.js", "x\n")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.root, "sub")
    assert git.find_root(str(repository.folder / "sub")) == str(repository.folder / "sub")
    assert git.list_files(str(repository.folder / "sub")) == ["x.js"]


def test_staged_bytes_are_read_not_those_of_the_work_tree(repository: Repository) -> None:
    staged = {"a.js": b"let a\r\n", "b.js": b"", "c.js": b"\xef\xbb\xbflet c", "d.js": b"x 100 blob\n\n\n"}
    for name, text in staged.items():
        repository.stage(name, text)
        repository.write(name, "other\n")
    assert git.read_index(repository.root, git.staged_files(repository.root)) == staged


def test_two_paths_with_the_same_content_are_both_read(repository: Repository) -> None:
    repository.stage("a.js", "same\n")
    repository.stage("b.js", "same\n")
    contents = git.read_index(repository.root, git.staged_files(repository.root))
    assert contents == {"a.js": b"same\n", "b.js": b"same\n"}


def test_the_index_has_the_line_ends_that_git_made(repository: Repository) -> None:
    repository.git("config", "core.autocrlf", "true")
    repository.stage("a.js", "let a\r\nlet b\r\n")
    assert git.read_index(repository.root, git.staged_files(repository.root)) == {"a.js": b"let a\nlet b\n"}


def test_changed_lines_of_the_index(repository: Repository) -> None:
    repository.commit("a.js", "1\n2\n3\n4\n5\n")
    repository.stage("a.js", "1\nnew\n2\n4\nfive\n")
    repository.write("a.js", "unstaged\n")
    assert git.staged_lines(repository.root) == {"a.js": ((2, 2), (5, 5))}


def test_content_that_looks_like_a_header_is_content(repository: Repository) -> None:
    repository.commit("a.js", "1\n-- a/x.js\n2\n")
    repository.stage("a.js", "1\n++ b/other.js\n@@ -1 +9 @@\n2\n")
    assert git.staged_lines(repository.root) == {"a.js": ((2, 3),)}


def test_lines_around_a_missing_final_newline(repository: Repository) -> None:
    repository.commit("a.js", "1\n2")
    repository.stage("a.js", "1\n2\n3")
    repository.stage("b.js", "x")
    assert git.staged_lines(repository.root) == {"a.js": ((2, 3),), "b.js": ((1, 1),)}


@pytest.mark.parametrize(
    "setting",
    ["diff.noprefix=true", "diff.mnemonicPrefix=true", "color.ui=always", "diff.context=5", "diff.interHunkContext=9",
     "diff.external=false", "diff.relative=true", "core.quotePath=true", "diff.renames=copies"],
)  # fmt: skip
def test_no_user_setting_changes_what_is_read(repository: Repository, setting: str) -> None:
    repository.commit("a.js", "1\n2\n3\n")
    repository.stage("a.js", "1\nx\n3\ny\n")
    repository.git("config", *setting.split("=", 1))
    assert paths(git.staged_files(repository.root)) == ["a.js"]
    assert git.staged_lines(repository.root) == {"a.js": ((2, 2), (4, 4))}


def test_a_file_that_attributes_call_binary_still_has_lines(repository: Repository) -> None:
    repository.stage(".gitattributes", "*.js -diff\n")
    repository.stage("a.js", "1\n2\n")
    assert git.staged_lines(repository.root) == {"a.js": ((1, 2),)}


def test_only_the_edited_lines_of_a_moved_file_changed(repository: Repository) -> None:
    text = "".join(f"line {number}\n" for number in range(50))
    repository.commit("old.js", text)
    repository.git("mv", "old.js", "new.js")
    repository.stage("new.js", text.replace("line 7\n", "line seven\n"))
    assert git.staged_lines(repository.root) == {"new.js": ((8, 8),)}
    assert paths(git.staged_files(repository.root)) == ["new.js"]


def test_changed_since_counts_from_where_the_branches_parted(repository: Repository) -> None:
    repository.commit("a.js", "1\n")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit("topic.js", "1\n2\n")
    repository.git("checkout", "-q", "main")
    repository.commit("main.js", "main\n")
    repository.git("checkout", "-q", "topic")
    repository.write("a.js", "1\nunstaged\n")
    repository.write("new.js", "untracked\n")
    repository.write(".gitignore", "ignored.js\n")
    repository.write("ignored.js", "x\n")
    assert git.changed_since(repository.root, "main").files == ["a.js", "new.js", "topic.js"]
    assert git.changed_since(repository.root, "main").lines == {
        "a.js": ((2, 2),),
        "new.js": ((1, git.END_OF_FILE),),
        "topic.js": ((1, 2),),
    }


def test_an_unknown_reference_names_the_nearest_one(repository: Repository) -> None:
    repository.commit("a.js", "1\n")
    repository.git("branch", "release")
    with pytest.raises(GitError, match=r"no commit `relase`\. Did you mean `release`"):
        git.changed_since(repository.root, "relase")


def test_a_branch_that_only_the_remote_has_is_suggested(repository: Repository, tmp_path: Path) -> None:
    repository.commit("a.js", "1\n")
    repository.git("branch", "feature")
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", repository.root)
    clone.git("fetch", "-q", "origin")
    clone.git("checkout", "-q", "-b", "work", "origin/main")
    with pytest.raises(GitError, match="Did you mean `origin/feature`"):
        git.merge_base(clone.root, "feature")


def test_a_reference_is_never_taken_for_an_option(repository: Repository) -> None:
    repository.commit("a.js", "1\n")
    with pytest.raises(GitError, match="no commit `--all`"):
        git.merge_base(repository.root, "--all")


def test_a_shallow_clone_is_told_to_fetch_more(repository: Repository, tmp_path: Path) -> None:
    first = repository.commit("a.js", "1\n")
    repository.git("branch", "old")
    repository.commit("a.js", "2\n")
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", f"file://{repository.root}", "main")
    clone.git("checkout", "-q", "FETCH_HEAD")
    with pytest.raises(GitError, match="fetch-depth: 0"):
        git.changed_since(clone.root, first)
    clone.git("fetch", "-q", "--depth=1", f"file://{repository.root}", "old:old")
    with pytest.raises(GitError, match=r"no common ancestor .* shallow clone.*--unshallow"):
        git.changed_since(clone.root, "old")


def test_histories_without_a_common_ancestor_are_said_to_be_so(repository: Repository) -> None:
    repository.commit("a.js", "1\n")
    repository.git("checkout", "-q", "--orphan", "other")
    repository.commit("b.js", "1\n")
    with pytest.raises(GitError, match="`main` and HEAD have no common ancestor"):
        git.changed_since(repository.root, "main")


def test_a_merge_with_conflicts_lists_what_is_resolved(repository: Repository) -> None:
    repository.commit("a.js", "1\n")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit("a.js", "topic\n")
    repository.commit("fine.js", "fine\n")
    repository.git("checkout", "-q", "main")
    repository.commit("a.js", "main\n")
    with pytest.raises(AssertionError):
        repository.git("merge", "topic")
    assert paths(git.staged_files(repository.root)) == ["fine.js"]
    repository.stage("a.js", "both\n")
    assert paths(git.staged_files(repository.root)) == ["a.js", "fine.js"]


def test_a_linked_work_tree_has_an_index_of_its_own(repository: Repository, tmp_path: Path) -> None:
    repository.commit("a.js", "1\n")
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "linked/b.js").write_text("b\n")
    linked = git.find_root(str(tmp_path / "linked"))
    assert linked == str(tmp_path / "linked")
    assert git.untracked_files(linked) == ["b.js"]
    assert git.tracked_files(linked) == ["a.js"]
    assert git.untracked_files(repository.root) == []


def write_hook(repository: Repository, expression: str) -> None:
    """A pre-commit hook that writes the value of a Python expression to ``seen``, working in a folder below."""
    package = Path(git.__file__).parent.parent
    script = f"""#!/bin/sh
mkdir -p sub && cd sub && PYTHONPATH='{package}' '{sys.executable}' - <<'end'
import os
from thea_hook import git
root = git.find_root(os.getcwd())
with open(os.path.join(root, "seen"), "w") as file:
    file.write(repr({expression}))
end
"""
    repository.write(".git/hooks/pre-commit", script).chmod(0o755)


@pytest.mark.parametrize("arguments", [("-a",), ("--only", "a.js")])
def test_a_hook_sees_the_index_of_its_commit(repository: Repository, arguments: tuple[str, ...]) -> None:
    """``git commit -a`` commits a temporary index and says so in GIT_INDEX_FILE."""
    repository.commit("a.js", "1\n")
    repository.write("a.js", "2\n")
    write_hook(repository, "git.read_index(root, git.staged_files(root))")
    repository.git("commit", "-q", "-m", "x", *arguments)
    assert (repository.folder / "seen").read_text() == "{'a.js': b'2\\n'}"


def test_a_hook_in_a_linked_work_tree_sees_its_index(repository: Repository, tmp_path: Path) -> None:
    """There git sets GIT_DIR, which alone would make the working folder the top of the work tree."""
    repository.commit("a.js", "1\n")
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"))
    write_hook(repository, "([entry.path for entry in git.staged_files(root)], git.list_files('.'))")
    linked = tmp_path / "linked"
    (linked / "sub").mkdir()
    (linked / "sub/b.js").write_text("b\n")
    repository.git("-C", str(linked), "add", "sub/b.js")
    repository.git("-C", str(linked), "commit", "-q", "-m", "x")
    assert (linked / "seen").read_text() == "(['sub/b.js'], ['b.js'])"


def test_variables_of_a_hook_do_not_reach_into_another_repository(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("a.js", "1\n")
    other = Repository(tmp_path / "other")
    other.stage("b.js", "b\n")
    monkeypatch.setenv("GIT_DIR", str(repository.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository.folder / ".git/index"))
    assert paths(git.staged_files(other.root)) == ["b.js"]


def test_listing_leaves_out_ignored_files_and_names_each_file_once(repository: Repository) -> None:
    repository.commit("src/a.js", "1\n")
    repository.write("src/new.js", "2\n")
    repository.write("src/.gitignore", "out\n")
    repository.write("src/out/b.js", "3\n")
    repository.write("elsewhere.js", "4\n")
    assert git.list_files(str(repository.folder / "src")) == [".gitignore", "a.js", "new.js"]


def test_nothing_is_locked_or_written(repository: Repository) -> None:
    repository.commit("a.js", "1\n")
    lock = repository.write(".git/index.lock", "")  # as while a hook runs
    before = (repository.folder / ".git/index").read_bytes()
    repository.write("a.js", "2\n")
    assert git.changed_since(repository.root, "HEAD").files == ["a.js"]
    assert lock.exists()
    assert (repository.folder / ".git/index").read_bytes() == before


def test_a_folder_that_poses_as_a_bare_repository_starts_no_program(repository: Repository) -> None:
    started = repository.pose_as_bare("web")
    with pytest.raises(GitError, match="bare repository"):
        git.list_files(f"{repository.root}/web")
    assert git.committed(f"{repository.root}/web/config") is None
    assert not started.exists()


def test_a_machine_without_git_is_told_so(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="git is not installed"):
        git.staged_files(repository.root)


def test_what_git_complains_about_is_passed_on(repository: Repository) -> None:
    repository.write(".git/config", "[core\n")
    with pytest.raises(GitError, match="bad config"):
        git.staged_files(repository.root)
