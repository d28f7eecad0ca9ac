"""How a step talks to the runner: outputs, the path, the job summary, and commands in its log."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable
from typing import NoReturn

_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}


class StepError(Exception):
    """Something that only who wrote the workflow can put right; the text says how."""


def run(step: Callable[[], int]) -> NoReturn:
    """Run a step and leave with its exit code, 2 where it raised :class:`StepError`."""
    for stream in (sys.stdout, sys.stderr):
        # Windows would write the code page of the machine, and a file name may hold anything
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    try:
        code = step()
    except StepError as exc:
        print(command("error", str(exc)))
        code = 2
    sys.stdout.flush()
    sys.exit(code)


def command(kind: str, message: str) -> str:
    """A workflow command that shows the message as an annotation; no text can end it or start another."""
    escaped = re.sub("[%\r\n]", lambda match: _ESCAPES[match[0]], message)
    return f"::{kind} title=thea-hook::{escaped}"


def print_guarded(text: str) -> None:
    """Print what may hold any line of the checked code, and let the runner take none of it for a command.

    The runner reads a command wherever a line begins with ``::``, even indented, and wherever ``##[`` stands in it.
    """
    if not text:
        return
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}")
    print(text, end="" if text.endswith("\n") else "\n")
    print(f"::{token}::", flush=True)


def set_output(name: str, value: str) -> None:
    """Set an output of the step; a random delimiter keeps the value from setting others."""
    delimiter = secrets.token_hex(16)
    _append("GITHUB_OUTPUT", f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def add_to_path(folder: str) -> None:
    """Put a folder on the PATH of the steps that follow."""
    _append("GITHUB_PATH", f"{folder}\n")


def append_summary(markdown: str) -> None:
    """Add to the summary of the job."""
    _append("GITHUB_STEP_SUMMARY", markdown)


def _append(variable: str, text: str) -> None:
    with open(os.environ[variable], "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.write(text)
