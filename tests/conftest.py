"""Fixtures for tests that need a git repository or a working folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the git settings nor the variables of whoever runs the tests, or of their CI, have a say in them."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "THEA_", "GITHUB_", "CI_", "GITLAB_")):
            monkeypatch.delenv(name)
    for name in ("CI", "GITEA_ACTIONS", "PRE_COMMIT", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An empty repository, which is the working folder."""
    made = Repository(tmp_path / "repository")
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def thea(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with a cache of its own."""
    monkeypatch.setenv("THEA_CACHE_DIR", str(tmp_path / "cache"))
    return CommandLine(capfdbinary, monkeypatch)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without git, which is the working folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
