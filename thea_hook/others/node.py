"""Node, with one of our drivers in it: started once, asked as often as a run needs to."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from io import BufferedReader
from queue import Empty, Queue
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from weakref import finalize

from thea_hook.core.source import SourceFile
from thea_hook.others import programs
from thea_hook.others.findings import Answer, stumble
from thea_hook.others.programs import LinterError, Output, kill, on_path, read

if TYPE_CHECKING:
    from subprocess import Popen

_DRIVERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "drivers")

_CHUNK = 1 << 16

_LAST_SECONDS = 2.0
"""How long a program that says no more may take to end."""


class _Running(NamedTuple):
    """A Node: where questions and answers are kept, what it says on standard error, what is to be cleared away, and who
    says that there is an answer."""

    process: Popen[bytes]
    folder: str
    said: IO[bytes]
    files: ExitStack
    answered: Queue[bool]


class Driver:
    """A driver of ours over a linter's own package, which a Node runs until this goes.

    Questions and answers are files, and a token on standard output says that there is an answer: a plugin may print
    what it likes. Standard error is a file, too: nobody reads it while the plugin fills it.
    """

    def __init__(self, script: str, package: str, *, cwd: str, tool: str, linter: str) -> None:
        self._script = script
        self._tool = tool
        self._package = package
        self._cwd = cwd
        self._linter = linter
        self._running: _Running | None = None

    def lint(
        self, files: Sequence[SourceFile], understand: Callable[[Any, SourceFile], Answer], *, encoding: str = "utf-8"
    ) -> list[Answer | None]:
        """What it finds in each text, as ``understand`` reads it; None about a path that the linter ignores.

        Raises LinterError where there is no answer, in time or at all.
        """
        running = self._running = self._running or self._start()
        texts = [(os.path.abspath(file.path), file.text.decode(encoding, "replace")) for file in files]
        try:
            answers = self._ask(running, texts)
        except LinterError:
            self._running = None
            _stop(running)
            raise
        return [self._understood(found, file, understand) for found, file in zip(answers, files, strict=True)]

    def _understood(
        self, found: Any, file: SourceFile, understand: Callable[[Any, SourceFile], Answer]
    ) -> Answer | None:
        if found is None:
            return None
        if isinstance(found, dict):
            return stumble(self._tool, file.path, f"{self._linter} failed: {found.get('failure')}")
        try:
            return understand(found, file)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as exc:
            reason = f"{type(exc).__name__}: {exc}"
            return stumble(self._tool, file.path, f"what {self._linter} finds cannot be understood: {reason}")

    def _start(self) -> _Running:
        import subprocess
        from threading import Thread

        program, token = node(), secrets.token_hex()
        with ExitStack() as files:
            folder = files.enter_context(TemporaryDirectory(prefix="thea-hook-"))
            said = files.enter_context(TemporaryFile())
            try:
                process = subprocess.Popen(
                    [program, os.path.join(_DRIVERS, self._script), self._package, folder, token],
                    cwd=self._cwd,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    start_new_session=os.name == "posix",
                )
            except OSError as exc:
                raise LinterError(f"--with: {program} does not start: {exc.strerror or exc}") from exc
            running = _Running(process, folder, said, files.pop_all(), Queue())
        finalize(self, _stop, running)
        assert isinstance(process.stdout, BufferedReader)
        Thread(target=_listen, args=(process.stdout, token.encode(), running.answered), daemon=True).start()
        return running

    def _ask(self, running: _Running, texts: Sequence[tuple[str, str]]) -> list[Any]:
        stdin = running.process.stdin
        assert stdin is not None
        with open(os.path.join(running.folder, "question.json"), "wb") as stream:
            stream.write(json.dumps({"texts": texts}).encode("ascii"))
        try:
            stdin.write(b"\n")
            stdin.flush()
            has_answer = running.answered.get(timeout=programs.TIMEOUT_SECONDS)
        except OSError:  # it ended before it was asked
            has_answer = False
        except Empty:
            raise LinterError(f"--with: node took more than {programs.TIMEOUT_SECONDS:g} s") from None
        if not has_answer:
            raise LinterError(f"--with: {self._linter} failed: {_last_words(running)}")
        return self._answer(running, len(texts))

    def _answer(self, running: _Running, count: int) -> list[Any]:
        try:
            with open(os.path.join(running.folder, "answer.json"), "rb") as stream:
                answers = json.loads(stream.read())
        except (OSError, ValueError) as exc:
            raise LinterError(f"--with: {self._linter} failed: its answer cannot be read: {exc}") from exc
        if not isinstance(answers, list) or len(answers) != count:
            raise LinterError(f"--with: {self._linter}'s answer is not what its API promises")
        return answers


def node() -> str:
    """Node itself. Raises LinterError where it is not installed."""
    found = on_path("node")
    if found is None:
        raise LinterError("--with: this linter runs in Node, and there is no `node` on the PATH")
    return found


def _listen(output: BufferedReader, token: bytes, answered: Queue[bool]) -> None:
    """Say True for each answer, and False when no more will come."""
    heard = b""
    with output:
        while chunk := output.read1(_CHUNK):
            heard += chunk
            if token in heard:
                heard = b""  # after an answer nothing is said before the next question
                answered.put(True)
            heard = heard[-len(token) :]
    answered.put(False)


def _last_words(running: _Running) -> str:
    """What a program said that has just ended."""
    from subprocess import TimeoutExpired

    process = running.process
    with suppress(TimeoutExpired):  # its output comes to an end before it does
        process.wait(_LAST_SECONDS)
    said = read(running.said)
    return Output(0, b"", said).complaint if said.strip() else f"it ended with exit code {process.poll()} and no answer"


def _stop(running: _Running) -> None:
    kill(running.process)
    if running.process.stdin is not None:
        with suppress(OSError):
            running.process.stdin.close()
    running.files.close()
