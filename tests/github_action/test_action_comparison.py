"""What a run compares with: pull requests from forks, pushes, merge queues, with and without history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from action_runner import Done, Job
from git_repository import Repository
from pull_requests import PullRequest, checkout, fork_of

VAR = "var a = 1;\nf(a);\n"


@pytest.fixture
def request_1(repository: Repository, tmp_path: Path) -> PullRequest:
    """Changes one file and adds another; meanwhile the base branch got bad files of its own."""
    for number in range(5):
        repository.commit(f"old{number}.mjs", VAR)
    base = repository.commit("shared.mjs", f"{VAR}g();\nh();\ni();\n")
    fork = fork_of(repository, tmp_path / "server" / "fork")
    fork.commit("new.mjs", VAR)
    fork.commit("shared.mjs", f"{VAR}g();\nh();\nvar i;\n")
    repository.commit("meanwhile.mjs", VAR)
    return PullRequest(repository, fork, "main", base)


@pytest.fixture
def pull(repository: Repository, request_1: PullRequest, tmp_path: Path) -> Callable[..., Job]:
    """Makes jobs for the pull request, with a checkout of its merge commit unless another is named."""

    def make(commit: str = "", depth: int = 1, event_name: str = "pull_request") -> Job:
        folder = checkout(repository, commit or request_1.merge, tmp_path / "checkout", depth)
        return Job(folder, tmp_path / "runner", event_name, request_1.event)

    return make


def places(done: Done) -> list[str]:
    return [f"{finding['path']}:{finding['line']}" for finding in done.report["findings"]]


OF_THE_REQUEST = ["new.mjs:1", "shared.mjs:1", "shared.mjs:5"]


@pytest.mark.parametrize("depth", [1, 2, 0])
def test_a_pull_request_from_a_fork_is_checked_for_what_it_changes(pull: Callable[..., Job], depth: int) -> None:
    done = pull(depth=depth).run()
    assert places(done) == OF_THE_REQUEST
    assert done.code == 1


@pytest.mark.parametrize("depth", [1, 0])
def test_a_checkout_of_the_head_itself_is_compared_with_the_merge_base(
    pull: Callable[..., Job], request_1: PullRequest, depth: int
) -> None:
    assert places(pull(request_1.head, depth).run()) == OF_THE_REQUEST


def test_changed_lines_leave_out_what_was_there_before(pull: Callable[..., Job]) -> None:
    assert places(pull().run(changed_lines=True)) == ["new.mjs:1", "shared.mjs:5"]


def test_everything_is_checked_on_request(pull: Callable[..., Job]) -> None:
    found = places(pull().run(changed_only=False))
    assert {"old0.mjs:1", "meanwhile.mjs:1", *OF_THE_REQUEST} <= set(found)


def test_lines_of_the_diff_are_annotated_first(pull: Callable[..., Job]) -> None:
    done = pull().run()
    shown = [(note.file, note.line) for note in done.annotations if note.file]
    assert shown == [("new.mjs", 1), ("shared.mjs", 5), ("shared.mjs", 1)]


def test_without_history_and_server_the_message_says_what_to_change(pull: Callable[..., Job], tmp_path: Path) -> None:
    job = pull()
    (tmp_path / "server").rename(tmp_path / "moved")
    done = job.run()
    assert (done.code, done.failed_step, done.outputs["exit-code"]) == (2, "Run thea-hook", "2")
    message = done.annotations[0].message
    assert "fetch-depth: 0" in message
    assert "changed-only: false" in message
    assert done.outputs["report-file"] == ""  # and nothing was checked in place of the changes


def test_no_server_is_asked_when_the_history_is_there(pull: Callable[..., Job], tmp_path: Path) -> None:
    job = pull(depth=2)
    (tmp_path / "server").rename(tmp_path / "moved")
    assert places(job.run()) == OF_THE_REQUEST


def test_a_checkout_that_belongs_to_another_user_is_trusted(pull: Callable[..., Job]) -> None:
    job = pull(depth=2)
    job.variables = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}  # as in a container
    assert places(job.run()) == OF_THE_REQUEST


def test_a_request_that_changes_no_source_passes(repository: Repository, tmp_path: Path) -> None:
    base = repository.commit("old.mjs", VAR)
    fork = fork_of(repository, tmp_path / "server" / "fork")
    fork.commit("README.md", "Hello\n")
    request = PullRequest(repository, fork, "main", base)
    folder = checkout(repository, request.merge, tmp_path / "checkout")
    done = Job(folder, tmp_path / "runner", "pull_request", request.event).run()
    assert (done.code, done.outputs["findings"]) == (0, "0")


def test_a_merge_queue_is_compared_with_its_base(repository: Repository, tmp_path: Path) -> None:
    base = repository.commit("old.mjs", VAR)
    head = repository.commit("new.mjs", VAR)
    job = Job(checkout(repository, head, tmp_path / "checkout"), tmp_path / "runner", "merge_group")
    job.event = {"merge_group": {"base_sha": base, "head_sha": head}}
    assert places(job.run()) == ["new.mjs:1"]


@pytest.fixture
def pushed(repository: Repository, tmp_path: Path) -> Job:
    """A push of two commits to a branch."""
    before = repository.commit("old.mjs", VAR)
    repository.git("tag", "v1")
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit("one.mjs", VAR)
    after = repository.commit("two.mjs", VAR)
    job = Job(checkout(repository, after, tmp_path / "checkout"), tmp_path / "runner", "push")
    job.event = {"before": before, "after": after, "repository": {"default_branch": "main"}}
    return job


def test_a_push_is_checked_whole(pushed: Job) -> None:
    assert places(pushed.run()) == ["old.mjs:1", "one.mjs:1", "two.mjs:1"]


def test_a_push_is_compared_with_what_was_there_before(pushed: Job) -> None:
    assert places(pushed.run(changed_only=True)) == ["one.mjs:1", "two.mjs:1"]


def test_a_push_of_a_new_branch_is_compared_with_the_default_branch(pushed: Job) -> None:
    pushed.event = {**pushed.event, "before": "0" * 40}
    assert places(pushed.run(changed_only=True)) == ["one.mjs:1", "two.mjs:1"]


@pytest.mark.parametrize("name", ["main", "v1", "SHA"])
def test_a_named_base_is_fetched_and_compared_with(pushed: Job, name: str) -> None:
    base = pushed.event["before"] if name == "SHA" else name
    assert places(pushed.run(base_ref=base)) == ["one.mjs:1", "two.mjs:1"]


@pytest.mark.parametrize("name", ["nowhere", "--upload-pack=touch pwned", "$(touch pwned)", "a b"])
def test_a_base_that_is_nowhere_is_named(pushed: Job, name: str) -> None:
    done = pushed.run(base_ref=name)
    assert done.code == 2
    assert name in done.annotations[0].message
    assert not (pushed.workspace / "pwned").exists()


def test_an_event_without_a_base_says_so(pushed: Job) -> None:
    pushed.event_name = "schedule"
    done = pushed.run(changed_only=True)
    assert done.code == 2
    assert "`schedule` has nothing to compare with: give `base-ref`" in done.annotations[0].message
