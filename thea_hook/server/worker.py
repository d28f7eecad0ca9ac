"""A process that checks, and the thread that talks to it.

A process, because the parser holds the interpreter's lock while it works, because an answer that has come too late must
be stoppable whatever the process is doing, and because what kills it must not kill the server.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

from thea_hook.errors import TheaError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
Job = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]
Answer = tuple[Any, "Exception | None"]

MOST_SECONDS = 60.0
"""No check takes longer: the parsers and the models have limits of their own far below."""
GRACE_SECONDS = 1.0
"""How long a job goes on that nobody waits for any more: a new process would need half of this to start."""
_GLANCE_SECONDS = 0.1


class WorkerError(TheaError):
    """A job has no answer: its process died, or took too long."""


class Worker:
    """Runs functions of this package in a process of its own, one at a time, the youngest first.

    Cancel a future, and its job is dropped: at once if it has not begun, else as soon as the process can be spared.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.LifoQueue[Job | None] = queue.LifoQueue()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._is_closed = False
        self._lock = threading.Lock()  # for these three: the server may end while a process starts
        self._thread = threading.Thread(target=self._run, name=f"thea-hook-{name}", daemon=True)
        self._thread.start()

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """The answer to come. A function that raises hands its exception on; a lost process gives WorkerError."""
        future: Future[T] = Future()
        self._jobs.put((future, function, arguments))
        return future

    def close(self) -> None:
        """End the process, whatever it is doing."""
        with self._lock:
            self._is_closed = True
        self._jobs.put(None)
        self._stop()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, function, arguments = job
            if future.cancelled():
                continue
            try:
                answer, error = self._ask(future, function, arguments)
            except Exception as exc:
                answer, error = None, exc
            if not future.set_running_or_notify_cancel():
                continue
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)

    def _ask(self, future: Future[Any], function: Callable[..., Any], arguments: tuple[Any, ...]) -> Answer:
        pipe = self._pipe or self._start()
        try:
            pipe.send((function, arguments))
            self._wait(pipe, future)
            answer: Answer = pipe.recv()
        except (EOFError, OSError) as exc:
            self._stop()
            raise WorkerError("the process working on it was killed") from exc
        return answer

    def _wait(self, pipe: Connection, future: Future[Any]) -> None:
        """Return when there is an answer. Raises WorkerError where it takes too long, sooner for a cancelled job."""
        began, cancelled_at = time.monotonic(), 0.0
        while not pipe.poll(_GLANCE_SECONDS):
            now = time.monotonic()
            if future.cancelled():
                cancelled_at = cancelled_at or now
                if now - cancelled_at > GRACE_SECONDS:
                    self._stop()
                    raise WorkerError("nobody waited for it any more")
            if now - began > MOST_SECONDS:
                self._stop()
                raise WorkerError(f"it took more than {MOST_SECONDS:.0f} seconds")

    def _start(self) -> Connection:
        # spawned: a fork of a process with threads can wait for ever on a lock that one of them held
        context = get_context("spawn")
        with self._lock:
            if self._is_closed:
                raise WorkerError("the server has ended")
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs,), name=f"thea-hook-{self._name}", daemon=True)
            process.start()
            theirs.close()
            self._process, self._pipe = process, ours
        return ours

    def _stop(self) -> None:
        with self._lock:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if process is not None:
            process.kill()
            process.join()
        if pipe is not None:
            pipe.close()


def serve(pipe: Connection) -> None:
    """What the process does: answer one job after the other, until the server is gone."""
    from thea_hook.workers import set_up_process

    set_up_process()
    while True:
        try:
            function, arguments = pipe.recv()
        except EOFError:
            return
        answer: Answer
        try:
            answer = function(*arguments), None
        except Exception as exc:
            answer = None, exc
        try:
            pipe.send(answer)
        except OSError:  # the server is gone
            return
