"""A progress line for long runs at a terminal."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TextIO

QUIET_SECONDS = 1.0
INTERVAL_SECONDS = 0.1


class Progress:
    """Overwrites one line of a terminal; says nothing in the first second, so a short run stays silent."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._next = time.monotonic() + QUIET_SECONDS
        self._shown = False

    def show(self, done: int, total: int, path: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + INTERVAL_SECONDS
            self._shown = True
            name = "".join(character if character.isprintable() else "?" for character in path[-60:])
            self._out.write(f"\r\x1b[K{done}/{total} {name}")
            self._out.flush()

    def clear(self) -> None:
        if self._shown:
            self._out.write("\r\x1b[K")
            self._out.flush()


def is_wanted(out: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a person is watching: a terminal, and not one that pre-commit or a CI service made up."""
    return (
        out.isatty() and not any(environ.get(name) for name in ("PRE_COMMIT", "CI")) and environ.get("TERM") != "dumb"
    )
