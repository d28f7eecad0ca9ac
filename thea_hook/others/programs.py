"""Other people's programs: where they are, and what they say. Never downloaded, never found by a configuration file."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from thea_hook.errors import TheaError
from thea_hook.git import find_root
from thea_hook.paths import upwards

if TYPE_CHECKING:
    from subprocess import Popen

TIMEOUT_SECONDS = 300.0
"""How long one run of a linter may take: a type-checked project of some size takes a minute."""

_SHOWN = 600
"""How many characters of what a failed program said are shown."""


class LinterError(TheaError):
    """Another linter is missing, failed, took too long or cannot be understood."""


class Output(NamedTuple):
    """What a program left behind."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def complaint(self) -> str:
        """What it said went wrong, in a few lines."""
        text = (self.stderr.strip() or self.stdout.strip()).decode("utf-8", "replace")
        return (text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ...") or "it said nothing"


def _module_folders(cwd: str) -> Iterator[str]:
    """``node_modules`` of the working folder and of those above it, up to the top of the repository and no further: in
    a folder that everybody may write to, anybody may have put a program there."""
    top = find_root(cwd) or cwd
    for folder in upwards(cwd):
        yield os.path.join(folder, "node_modules")
        if folder == top:
            return


def on_path(name: str) -> str | None:
    from shutil import which

    folders = [folder for folder in os.get_exec_path() if os.path.isabs(folder)]  # `.` would be the linted project
    return which(name, path=os.pathsep.join(folders))


def find_program(name: str, cwd: str) -> str:
    """The program in the project's ``node_modules/.bin`` or on the PATH. Raises LinterError where there is none."""
    from shutil import which

    for folder in _module_folders(cwd):
        found = which(name, path=os.path.join(folder, ".bin"))
        if found:
            return found
    found = on_path(name)
    if found is None:
        raise LinterError(f"--with: there is no `{name}` in node_modules/.bin or on the PATH; install it first")
    return found


def find_package(name: str, program: str, cwd: str) -> str:
    """The folder of a Node package: the project's own, or that of the program on the PATH. Raises LinterError."""
    for modules in _module_folders(cwd):
        folder = os.path.join(modules, name)
        if os.path.isfile(os.path.join(folder, "package.json")):
            return os.path.realpath(folder)
    found = on_path(program)
    for folder in upwards(os.path.dirname(os.path.realpath(found))) if found else ():
        if os.path.basename(folder) == name and os.path.isfile(os.path.join(folder, "package.json")):
            return folder
    raise LinterError(f"--with: there is no package `{name}` in node_modules or on the PATH; install it first")


def run(command: Sequence[str], *, cwd: str) -> Output:
    """What a program answers. Raises LinterError where it does not start or does not come to an end.

    Its output goes to files: a grandchild that outlives a killed program would keep a pipe open.
    """
    import subprocess
    from tempfile import TemporaryFile

    with TemporaryFile() as out, TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=os.name == "posix",
            )
        except OSError as exc:
            raise LinterError(f"--with: {command[0]} does not start: {exc.strerror or exc}") from exc
        try:
            code = process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            raise LinterError(f"--with: {os.path.basename(command[0])} took more than {TIMEOUT_SECONDS:g} s") from None
        finally:
            kill(process)
        return Output(code, read(out), read(err))


def kill(process: Popen[bytes]) -> None:
    """End a program that leads a session of its own, with all that it has started, unless it has ended."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def read(stream: IO[bytes]) -> bytes:
    """All that was written to a file."""
    stream.seek(0)
    return stream.read()
