"""A name for the code that is running, for the cache: a result is only as good as the code that made it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from thea_hook import __version__

SECOND_PARSER = "oxlint.exe" if os.name == "nt" else "oxlint"
"""The file name of the second parser's binary."""


def second_parser_version() -> str:
    """Something that changes when the second parser does, cheap enough for every run."""
    try:
        status = os.stat(os.path.join(os.path.dirname(sys.executable), SECOND_PARSER))
    except OSError:
        return ""
    return f"{status.st_size:x}-{status.st_mtime_ns:x}"


def code_version() -> str:
    """The release; in a checkout also when its code or rules last changed (under 2 ms)."""
    package = os.path.dirname(os.path.abspath(__file__))
    rules = os.path.join(os.path.dirname(package), "rules")
    if not os.path.isdir(rules):
        return __version__
    return f"{__version__}+{max((*_times(package), *_times(rules)))}"


def _times(folder: str) -> Iterator[int]:
    """When each file below changed, and each folder: a folder's time moves when a file in it goes."""
    for entry in os.scandir(folder):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield entry.stat().st_mtime_ns
                yield from _times(entry.path)
        elif entry.name.endswith((".py", ".yaml", ".json")):
            yield entry.stat().st_mtime_ns
