"""The process beside the server: answers, cancelled jobs, and processes that are lost."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from thea_hook.server import worker
from thea_hook.server.worker import Worker, WorkerError

SECONDS = 120.0


def wait_for(path: str, then: str) -> None:
    """Say that the job has begun, and go on when the file is there."""
    Path(then).touch()
    while not os.path.exists(path):
        time.sleep(0.01)


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    # a job that is given as the function of a module of the tests must be found by the process
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    made = Worker("test")
    yield made
    made.close()


def test_an_answer_and_an_exception_come_back(rules: Worker) -> None:
    assert rules.submit(divmod, 7, 2).result(SECONDS) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        rules.submit(divmod, 7, 0).result(SECONDS)
    assert rules.submit(abs, -1).result(SECONDS) == 1


def test_a_job_that_kills_its_process_is_lost_alone(rules: Worker) -> None:
    with pytest.raises(WorkerError, match="was killed"):
        rules.submit(os._exit, 1).result(SECONDS)
    assert rules.submit(abs, -1).result(SECONDS) == 1


def test_the_youngest_job_goes_first_and_cancelled_ones_not_at_all(rules: Worker, tmp_path: Path) -> None:
    go, begun = str(tmp_path / "go"), str(tmp_path / "begun")
    first = rules.submit(wait_for, go, begun)
    while not os.path.exists(begun):
        time.sleep(0.01)
    made = [tmp_path / name for name in ("old", "dropped", "young")]
    jobs = [rules.submit(os.mkdir, str(path)) for path in made]
    assert jobs[1].cancel()
    Path(go).touch()
    first.result(SECONDS)
    wait([jobs[0], jobs[2]], SECONDS)
    assert [path.exists() for path in made] == [True, False, True]
    assert made[2].stat().st_mtime_ns <= made[0].stat().st_mtime_ns


def test_a_job_that_nobody_waits_for_is_given_up(
    rules: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.0)
    begun = tmp_path / "begun"
    endless = rules.submit(wait_for, str(tmp_path / "never"), str(begun))
    while not begun.exists():
        time.sleep(0.01)
    assert endless.cancel()
    assert rules.submit(abs, -1).result(SECONDS) == 1


def test_a_job_that_takes_too_long_is_ended(rules: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_SECONDS", 0.5)
    with pytest.raises(WorkerError, match="took more than"):
        rules.submit(wait_for, str(tmp_path / "never"), str(tmp_path / "begun")).result(SECONDS)


def test_a_process_that_is_starting_ends_with_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    process = multiprocessing.get_context("spawn").Process
    start, starting = process.start, threading.Event()
    started: list[multiprocessing.process.BaseProcess] = []

    def start_slowly(self: multiprocessing.process.BaseProcess) -> None:
        starting.set()
        time.sleep(0.2)
        start(self)
        started.append(self)

    monkeypatch.setattr(process, "start", start_slowly)
    made = Worker("test")
    job = made.submit(abs, -1)
    assert starting.wait(SECONDS)
    made.close()
    wait([job], SECONDS)
    assert [one.is_alive() for one in started] == [False]


def test_no_process_is_started_after_the_end() -> None:
    made = Worker("test")
    made.close()
    with pytest.raises(WorkerError, match="has ended"):
        made._start()
