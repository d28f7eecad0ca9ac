"""Fixtures for tests that need a git repository or a working folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_repository import Repository


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the git settings nor the variables of whoever runs the tests have a say in them."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "THEA_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An empty repository, which is the working folder."""
    made = Repository(tmp_path / "repository")
    monkeypatch.chdir(made.folder)
    return made
