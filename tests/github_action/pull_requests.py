"""Pull requests as GitHub keeps them, and checkouts as actions/checkout makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from git_repository import Repository


class PullRequest:
    """A pull request from a fork: GitHub has its head and its merge with the base branch as refs of the repository.

    The event names the base branch as it was when the request was last pushed to; the merge may be younger.
    """

    def __init__(self, server: Repository, fork: Repository, branch: str, base: str) -> None:
        self._server = server
        server.git("fetch", "-q", str(fork.folder), f"{branch}:refs/pull/1/head")
        self.head = server.git("rev-parse", "refs/pull/1/head")
        self.base = base
        server.git("checkout", "-q", "--detach", "main")
        server.git("merge", "-q", "--no-ff", "-m", "Merge the pull request", self.head)
        self.merge = server.git("rev-parse", "HEAD")
        server.git("update-ref", "refs/pull/1/merge", self.merge)
        server.git("checkout", "-q", "main")

    @property
    def event(self) -> dict[str, Any]:
        """The part of the event's data that matters."""
        return {
            "action": "synchronize",
            "number": 1,
            "pull_request": {
                "head": {"sha": self.head, "repo": {"fork": True}},
                "base": {"sha": self.base, "ref": "main"},
            },
        }


def fork_of(server: Repository, folder: Path) -> Repository:
    """A repository with the same history."""
    fork = Repository(folder)
    fork.git("fetch", "-q", str(server.folder), "main")
    fork.git("reset", "-q", "--hard", "FETCH_HEAD")
    return fork


def checkout(server: Repository, commit: str, folder: Path, depth: int = 1) -> Path:
    """What actions/checkout makes: one commit (or with depth 0 all of them), no branch, the server as ``origin``."""
    made = Repository(folder)
    made.git("remote", "add", "origin", f"file://{server.folder}")
    wanted = (
        [f"--depth={depth}", "origin", commit] if depth else ["origin", "+refs/heads/*:refs/remotes/origin/*", commit]
    )
    made.git("fetch", "-q", "--no-tags", "--no-recurse-submodules", *wanted)
    made.git("checkout", "-q", "--force", "--detach", commit)
    return folder
