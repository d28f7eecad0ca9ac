"""``--since`` over repositories as people and CI systems have them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository

from thea_hook import git
from thea_hook.errors import GitError

BAD = "debugger;\n"
RULES = ("--select", "no-debugger")


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said about a shallow clone depends on the CI system."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "BITBUCKET_BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def two(repository: Repository) -> Repository:
    """Two commits: ``old.js`` and the tag v1; then ``packages/a/new.js`` and ``packages/b/new.js``."""
    repository.commit("old.js", BAD)
    repository.git("tag", "v1")
    repository.stage("packages/a/new.js", BAD)
    repository.commit("packages/b/new.js", BAD)
    return repository


def paths(thea: CommandLine, *arguments: str) -> list[str]:
    done = thea.json(*RULES, *arguments)
    assert done.err == ""
    return [finding["path"] for finding in done.json["findings"]]


def clone(source: Repository, folder: Path, *options: str) -> Repository:
    subprocess.run(["git", "clone", "-q", *options, f"file://{source.root}", folder], check=True)
    return Repository(folder)


BOTH = ["packages/a/new.js", "packages/b/new.js"]


# ------------------------------------------------------------------ what a reference may be


@pytest.mark.parametrize("reference", ["v1", "HEAD~1", "HEAD^", "main~1", "@~", "refs/tags/v1", "v1^{commit}"])
def test_any_name_of_a_commit_will_do(thea: CommandLine, two: Repository, reference: str) -> None:
    assert paths(thea, "--since", reference) == BOTH


def test_an_id_long_or_short_will_do(thea: CommandLine, two: Repository) -> None:
    for option in ("--verify", "--short"):
        assert paths(thea, "--since", two.git("rev-parse", option, "HEAD~1")) == BOTH


def test_a_remote_branch_that_moved_on_counts_from_where_we_left_it(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = clone(two, tmp_path / "clone")
    two.commit("theirs.js", BAD)
    ours.git("fetch", "-q")
    ours.commit("ours.js", BAD)
    monkeypatch.chdir(ours.folder)
    assert paths(thea, "--since", "origin/main") == ["ours.js"]


def test_a_merge_of_the_base_adds_nothing_of_the_base(thea: CommandLine, two: Repository) -> None:
    """As on a pull request, where CI checks out the merge of the branch into its base."""
    two.git("checkout", "-q", "-b", "topic", "v1")
    two.commit("topic.js", BAD)
    two.git("merge", "-q", "--no-edit", "main")
    assert paths(thea, "--since", "main") == ["topic.js"]
    assert paths(thea, "--since", "HEAD^1") == BOTH


def test_a_detached_head_is_a_head(thea: CommandLine, two: Repository) -> None:
    two.git("checkout", "-q", "--detach")
    assert paths(thea, "--since", "v1") == BOTH


# ------------------------------------------------------------------ what has changed


def test_everything_in_the_work_tree_counts_staged_or_not(thea: CommandLine, two: Repository) -> None:
    two.stage("staged.js", BAD)
    two.write("untracked.js", BAD)
    two.write("old.js", "f();\n" + BAD)
    two.stage("gone.js", BAD).unlink()
    assert paths(thea, "--since", "HEAD") == ["old.js", "staged.js", "untracked.js"]
    assert paths(thea, "--since", "HEAD", "--changed-lines") == ["staged.js", "untracked.js"]


def test_a_file_that_was_moved_has_changed_but_its_lines_have_not(thea: CommandLine, two: Repository) -> None:
    two.git("mv", "old.js", "moved.js")
    two.commit("other.js", "f();\n")
    assert paths(thea, "--since", "HEAD~1") == ["moved.js"]
    assert paths(thea, "--since", "HEAD~1", "--changed-lines") == []


def test_a_copy_is_new(thea: CommandLine, two: Repository) -> None:
    two.git("config", "diff.renames", "copies")
    two.commit("copy.js", BAD)
    assert paths(thea, "--since", "HEAD~1", "--changed-lines") == ["copy.js"]


def test_a_deleted_file_is_not_asked_for(thea: CommandLine, two: Repository) -> None:
    two.git("rm", "-q", "old.js")
    two.git("commit", "-q", "-m", "x")
    assert paths(thea, "--since", "HEAD~1") == []


def test_a_file_that_only_lost_lines_is_checked_whole_but_has_no_changed_line(
    thea: CommandLine, two: Repository
) -> None:
    two.commit("old.js", BAD + "f();\n")
    two.commit("old.js", BAD)
    assert paths(thea, "--since", "HEAD~1") == ["old.js"]
    assert paths(thea, "--since", "HEAD~1", "--changed-lines") == []


@pytest.mark.parametrize(
    "name", ["a b.js", "new\nline.js", "tab\t.js", 'q".js', "-x.js", "[a].js", ":(top)x.js", "ü.js"]
)
def test_odd_names_come_through(thea: CommandLine, two: Repository, name: str) -> None:
    two.commit(f"./{name}", BAD)
    two.write(f"untracked/{name}", BAD)
    assert paths(thea, "--since", "HEAD~1", "--changed-lines") == sorted([name, f"untracked/{name}"])


def test_a_name_that_is_no_utf8_comes_through(two: Repository) -> None:
    name = os.fsdecode(b"\xff.js")
    two.commit(name, BAD)
    assert git.changed_since(two.root, "HEAD~1") == ([name], {name: ((1, 1),)})


def test_what_is_outside_of_a_sparse_checkout_is_skipped(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparse = clone(two, tmp_path / "sparse")
    sparse.git("sparse-checkout", "set", "--cone", "packages/a")
    monkeypatch.chdir(sparse.folder)
    done = thea.json(*RULES, "--since", "v1")
    assert (done.code, [finding["path"] for finding in done.json["findings"]]) == (1, ["packages/a/new.js"])
    assert "1 not checked out" in thea(*RULES, "--since", "v1").out


# ------------------------------------------------------------------ where it is run


def test_paths_are_relative_to_the_folder_and_a_folder_limits_them(
    thea: CommandLine, two: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("packages/a")
    assert paths(thea, "--since", "v1", ".") == ["new.js"]
    assert paths(thea, "--since", "v1") == ["../b/new.js", "new.js"]


def test_a_linked_work_tree_has_its_own_changes(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "v1")
    (tmp_path / "linked/here.js").write_text(BAD)
    two.write("there.js", BAD)
    monkeypatch.chdir(tmp_path / "linked")
    assert paths(thea, "--since", "HEAD") == ["here.js"]


def test_a_submodule_is_a_repository_of_its_own(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = Repository(tmp_path / "outer")
    outer.commit("x.js", "f();\n")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", two.root, "inner")
    (outer.folder / "inner/old.js").write_text(BAD + BAD)
    monkeypatch.chdir(outer.folder)
    assert paths(thea, "--since", "HEAD") == []
    monkeypatch.chdir("inner")
    assert paths(thea, "--since", "HEAD", "--changed-lines") == ["old.js"]


# ------------------------------------------------------------------ what cannot be done


def refused(thea: CommandLine, reference: str) -> str:
    done = thea("--since", reference)
    assert (done.code, done.out) == (2, "")
    return done.err


def test_a_repository_without_commits_is_told_so(thea: CommandLine, repository: Repository) -> None:
    repository.stage("a.js", BAD)
    assert "this branch has no commit yet" in refused(thea, "HEAD")
    assert "git knows no commit `main`" in refused(thea, "main")


def test_a_branch_without_commits_is_told_so(thea: CommandLine, two: Repository) -> None:
    two.git("checkout", "-q", "--orphan", "fresh")
    assert "this branch has no commit yet" in refused(thea, "main")


def test_unrelated_histories_are_said_to_be_so(thea: CommandLine, two: Repository) -> None:
    two.git("checkout", "-q", "--orphan", "other")
    two.commit("x.js", BAD)
    assert "`main` and HEAD have no common ancestor: name a commit" in refused(thea, "main")


@pytest.mark.parametrize("folder", ["bare", "bare/refs"])
def test_a_bare_repository_has_no_files(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    subprocess.run(["git", "clone", "-q", "--bare", two.root, tmp_path / "bare"], check=True)
    monkeypatch.chdir(tmp_path / folder)
    assert "--since needs files, and a bare repository has none" in refused(thea, "v1")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("", "--since was given an empty reference"),
        ("0" * 40, "CI systems send zeros for a branch that is new"),
        ("v1..HEAD", "`v1..HEAD` is a range: give the one commit to compare with, `v1`"),
        ("main...topic", "is a range: give the one commit to compare with, `main`"),
        ("HEAD:old.js", "git knows no commit `HEAD:old.js`"),
        ("--output=x", "git knows no commit `--output=x`"),
        ("mian", "Did you mean `main`?"),
        ("elsewhere/nothing-of-the-kind", "git knows no commit `elsewhere/nothing-of-the-kind`.\n"),
    ],
)
def test_a_reference_that_is_none_is_answered_with_what_is_wrong(
    thea: CommandLine, two: Repository, reference: str, message: str
) -> None:
    done = thea(f"--since={reference}")
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_branch_that_was_not_fetched_is_to_be_fetched(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.git("branch", "release-candidate")
    monkeypatch.chdir(clone(two, tmp_path / "clone", "--single-branch").folder)
    message = "git knows no commit `origin/release-candidate`. Fetch it: `git fetch origin release-candidate`"
    assert message in refused(thea, "origin/release-candidate")


@pytest.mark.parametrize(
    ("variable", "remedy"),
    [
        ("", "`git fetch --unshallow`, or `git fetch --deepen=100`"),
        ("GITHUB_ACTIONS", "give actions/checkout `fetch-depth: 0`"),
        ("GITLAB_CI", "give the job the variable `GIT_DEPTH: 0`"),
        ("TF_BUILD", "give the checkout step `fetchDepth: 0`"),
        ("BITBUCKET_BUILD_NUMBER", "set `clone: {depth: full}`"),
    ],
)
def test_a_shallow_clone_is_told_what_its_ci_system_calls_the_depth(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, remedy: str
) -> None:
    shallow = clone(two, tmp_path / "shallow", "--depth=1")
    monkeypatch.chdir(shallow.folder)
    if variable:
        monkeypatch.setenv(variable, "true")
    message = refused(thea, "HEAD~1")
    assert "This is a shallow clone." in message
    assert remedy in message


def test_the_remedy_for_a_shallow_clone_works(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shallow = clone(two, tmp_path / "shallow", "--depth=1")
    monkeypatch.chdir(shallow.folder)
    shallow.git("fetch", "-q", "--depth=1", "origin", "tag", "v1")
    assert "no common ancestor of `v1` and HEAD in this shallow clone" in refused(thea, "v1")
    shallow.git("fetch", "-q", "--deepen=100")
    assert paths(thea, "--since", "v1") == BOTH


def test_a_repository_of_somebody_else_is_answered_in_the_words_of_git(
    thea: CommandLine, two: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert "git config --global --add safe.directory" in refused(thea, "v1")
    assert paths(thea) == ["old.js", *BOTH]  # a folder can be listed without git


# ------------------------------------------------------------------ a hostile environment

SETTINGS = [
    "color.ui=always", "core.quotePath=true", "core.pager=false", "diff.algorithm=patience", "diff.context=5",
    "diff.external=false", "diff.ignoreSubmodules=none", "diff.indentHeuristic=false", "diff.interHunkContext=9",
    "diff.mnemonicPrefix=true", "diff.noprefix=true", "diff.orderFile=nowhere", "diff.relative=true",
    "diff.renameLimit=1", "diff.renames=false", "diff.submodule=diff", "diff.js.textconv=false",
    "diff.js.command=false", "diff.js.binary=true", "diff.js.algorithm=patience", "diff.suppressBlankEmpty=true",
    "diff.wsErrorHighlight=all",
    "log.showSignature=true", "pager.diff=true", "status.showUntrackedFiles=no", "core.untrackedCache=true",
]  # fmt: skip
VARIABLES = [
    "GIT_EXTERNAL_DIFF=false", "GIT_DIFF_OPTS=-u9", "GIT_LITERAL_PATHSPECS=1", "GIT_ICASE_PATHSPECS=1",
    "GIT_PAGER=false", "GIT_PAGER_IN_USE=1", "GIT_DIR={root}/.git", "GIT_WORK_TREE={root}",
    "GIT_INDEX_FILE={root}/.git/index",
    "GIT_TRACE=1", "GIT_OPTIONAL_LOCKS=1", "LC_ALL=de_DE.UTF-8", "GIT_CEILING_DIRECTORIES={root}",
]  # fmt: skip


@pytest.fixture
def busy(two: Repository) -> Repository:
    """A work tree in which every kind of change has happened, after the tag v1."""
    text = "".join(f"line({number});\n\n" for number in range(30))
    two.commit("src/moved-from.js", text)
    two.commit("src/edited.js", text)
    two.git("tag", "--force", "v1")
    two.write(".gitattributes", "*.js diff=js\n")
    two.git("mv", "src/moved-from.js", "src/moved-to.js")
    two.write("src/moved-to.js", text.replace("line(3);", "edited(3);"))
    two.write("src/edited.js", text.replace("line(5);\n\n", "").replace("line(9);\n", "line(9);\n\nline(9);\n"))
    two.stage("naïve file.js", "x();\n")
    two.write("un\ttracked.js", "x();\n")
    return two


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_of_the_user_changes_what_has_changed(busy: Repository, setting: str) -> None:
    expected = git.changed_since(busy.root, "v1"), git.staged_lines(busy.root)
    assert len(expected[0].files) == 4
    busy.git("config", *setting.split("=", 1))
    assert (git.changed_since(busy.root, "v1"), git.staged_lines(busy.root)) == expected


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("folder", [".", "src"])
def test_no_variable_of_the_user_changes_what_has_changed(
    busy: Repository, monkeypatch: pytest.MonkeyPatch, variable: str, folder: str
) -> None:
    monkeypatch.chdir(folder)
    expected = git.changed_since(busy.root, "v1"), git.staged_lines(busy.root)
    name, _, value = variable.partition("=")
    monkeypatch.setenv(name, value.format(root=busy.root))
    assert git.find_root(os.getcwd()) == busy.root
    assert (git.changed_since(busy.root, "v1"), git.staged_lines(busy.root)) == expected


def test_a_repository_may_be_named_by_variables_alone(
    thea: CommandLine, two: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "old.js").write_text("f();\n" + BAD)
    monkeypatch.chdir(files)
    monkeypatch.setenv("GIT_DIR", f"{two.root}/.git")
    monkeypatch.setenv("GIT_WORK_TREE", str(files))
    assert paths(thea, "--since", "v1") == ["old.js"]


def test_a_reference_that_git_complains_about_is_an_error_of_git(two: Repository) -> None:
    two.write(".git/config", "[core\n")
    with pytest.raises(GitError, match="bad config"):
        git.changed_since(two.root, "v1")
