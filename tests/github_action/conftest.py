"""A repository on a server, its checkout on a runner, and a job in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from action_runner import Job
from git_repository import Repository

SETTINGS = 'select = ["no-var", "no-debugger", "no-dupe-keys", "eqeqeq"]\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with a configuration that knows few rules."""
    made = Repository(tmp_path / "server" / "shop")
    made.commit("thea-hook.toml", SETTINGS)
    return made


@pytest.fixture
def job(repository: Repository, tmp_path: Path) -> Job:
    """A job that works in the repository itself, started by a push."""
    return Job(repository.folder, tmp_path / "runner")
