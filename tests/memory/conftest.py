"""A memory of each test's own, and records to put in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.fixture
def memory_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the memory of this test will be; there is none yet."""
    data = tmp_path / "data"
    monkeypatch.setenv("HOME", str(data))
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    monkeypatch.setenv("LOCALAPPDATA", str(data))
    folder = data / "Library" / "Application Support" if sys.platform == "darwin" else data
    return folder / "thea-hook" / "memory.sqlite3"
