"""Which commit to compare with, and enough history to do so.

On a pull request actions/checkout checks out the merge commit that GitHub made: its first parent is the base branch, so
two commits of history show what the pull request changes, whatever else was merged meanwhile. By default the checkout
has one commit; what is missing is fetched, and where that fails the message says what to change in the workflow. A file
list is never replaced by "everything": a pull request must not fail for what it did not touch.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inputs import Inputs
from workflow import StepError

_AUTOMATIC = ("pull_request", "pull_request_target", "merge_group")
_NOTHING = re.compile("0+")  # `before` of a push that made the branch

# Each asks the server again, so few steps: the parents of a merge commit, a usual branch, everything.
_DEEPEN = (("--deepen=1",), ("--deepen=100",), ("--unshallow",))


def commit_to_compare_with(given: Inputs, event_name: str, event: Mapping[str, Any]) -> str | None:
    """The commit for ``--since``, with the history that finds the merge base; None to check everything.

    Raises StepError where the commit is unknown or its history cannot be had.
    """
    is_wanted = given.changed_only
    if is_wanted is None:
        is_wanted = bool(given.base_ref) or event_name in _AUTOMATIC
    if not is_wanted:
        return None
    git = Git(given.working_directory)
    base = git.named_commit(given.base_ref) if given.base_ref else _base_of_event(git, event_name, event)
    git.deepen_to(base)
    return base


def _base_of_event(git: Git, event_name: str, event: Mapping[str, Any]) -> str:
    if "pull_request" in event:
        request = event["pull_request"]
        parents = git.parents()
        is_merge = len(parents) == 2 and parents[1] == request["head"]["sha"]
        return parents[0] if is_merge else str(request["base"]["sha"])
    if event_name == "merge_group":
        return str(event["merge_group"]["base_sha"])
    if event_name == "push":
        if not _NOTHING.fullmatch(event["before"]):
            return str(event["before"])
        return git.named_commit(event["repository"]["default_branch"])
    raise StepError(f"A run for `{event_name}` has nothing to compare with: give `base-ref`, or `changed-only: false`.")


class Git:
    """The commands that the comparison needs, in the repository of a folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def named_commit(self, name: str) -> str:
        """The id of the commit that a branch of the server, a tag or an id names; fetched where it is missing."""
        if name.startswith("-"):
            raise StepError(f"`base-ref: {name}` is no name of a commit.")
        for candidate in (f"refs/remotes/origin/{name}", name):
            if found := self._try("rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}"):
                return found
        if self._fetch(["--depth=1"], name) and (found := self._try("rev-parse", "--verify", "FETCH_HEAD^{commit}")):
            return found
        raise StepError(
            f"`{name}`, which changes are to be compared with, is neither here nor on the server. {_ADVICE}"
        )

    def parents(self) -> list[str]:
        """The parents of HEAD, also those that a shallow clone lacks."""
        header = self._try("cat-file", "commit", "HEAD").split("\n\n")[0]
        return re.findall("(?m)^parent ([0-9a-f]+)$", header)

    def deepen_to(self, base: str) -> None:
        """Fetch until HEAD and the commit have a common ancestor here."""
        if self._have_common_ancestor(base):
            return
        head = self._try("rev-parse", "HEAD")
        for depth in _DEEPEN if self._try("rev-parse", "--is-shallow-repository") == "true" else ((),):
            self._fetch(depth, base, head)
            if self._have_common_ancestor(base):
                return
        raise StepError(
            f"The changes cannot be told: commit {base[:12]}, which they are to be compared with, or the history in "
            f"between is missing in this clone and could not be fetched. {_ADVICE}"
        )

    def _have_common_ancestor(self, base: str) -> bool:
        return bool(self._try("merge-base", base, "HEAD"))

    def _fetch(self, depth: Sequence[str], *names: str) -> bool:
        done = self._run("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *depth, "origin", *names)
        return done.returncode == 0

    def _try(self, *arguments: str) -> str:
        """What a command prints, empty where it fails."""
        done = self._run(*arguments)
        return done.stdout.decode("utf-8", "surrogateescape").strip() if done.returncode == 0 else ""

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, **trust(self._folder, os.environ), "GIT_TERMINAL_PROMPT": "0"}
        return subprocess.run(
            ("git", *arguments),
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )


_ADVICE = "Set `fetch-depth: 0` on actions/checkout, or check everything with `changed-only: false`."


def trust(folder: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that let git work in the checkout of the job although, in a container, another user made it.

    A folder of the checkout that looks like a bare repository is none: its settings could name programs to run.
    """
    path = Path(folder).resolve()
    root = next((parent for parent in (path, *path.parents) if (parent / ".git").exists()), path)
    settings = {"safe.directory": root.as_posix(), "safe.bareRepository": "explicit"}
    number = int(environ.get("GIT_CONFIG_COUNT") or 0)
    variables = {"GIT_CONFIG_COUNT": str(number + len(settings))}
    for index, (name, value) in enumerate(settings.items(), number):
        variables |= {f"GIT_CONFIG_KEY_{index}": name, f"GIT_CONFIG_VALUE_{index}": value}
    return variables
