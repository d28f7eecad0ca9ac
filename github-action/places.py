"""Where the action keeps things: one folder of the runner's temporary folder, never the checkout."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

ACTION = Path(__file__).resolve().parent
SOURCE = ACTION.parent
LOCK = ACTION / "requirements.txt"


def home() -> Path:
    """The folder of all the others; jobs that use the action twice share it."""
    return Path(os.environ["RUNNER_TEMP"]) / "thea-hook"


def downloads() -> Path:
    """pip's cache, apart from the one that the job itself may keep."""
    return home() / "pip"


def results(working_directory: str) -> Path:
    """The results of one project, so that two of a repository do not overwrite each other's."""
    name = sha256(os.path.normpath(working_directory).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return home() / "results" / name


def environment() -> Path:
    """The virtual environment of thea-hook: the job's own Python gets no packages."""
    return home() / "venv"


def interpreter(windows: bool = os.name == "nt") -> Path:
    """The Python of that environment."""
    return environment() / ("Scripts/python.exe" if windows else "bin/python")
