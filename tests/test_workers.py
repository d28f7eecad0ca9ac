"""Files over several processes: the same results, and no process left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from thea_hook import processors, workers

FILES = 8


@pytest.fixture
def project_of_many(project: Path) -> Path:
    """Files with findings and fixes, of several sizes; one does not parse."""
    for number in range(FILES):
        (project / f"f{number}.mjs").write_text(f"var x{number} = 1;\n" + "let y = { a: 1, a: 2 };\n" * (number + 1))
    (project / "broken.mjs").write_text("let z = (1;\n")
    return project


def start(*arguments: str, method: str = "", setup: str = "", **options: Any) -> subprocess.Popen[bytes]:
    """A run that thinks every file is worth a process."""
    chosen = f"import multiprocessing; multiprocessing.set_start_method({method!r})\n" if method else ""
    code = f"import os, sys, time\n{chosen}{setup}\nfrom thea_hook import cli, workers\n"
    code += "workers.WORTH_A_PROCESS = 1\nsys.exit(cli.main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, "--no-cache", "--models", "none", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def report(*arguments: str, method: str = "") -> Any:
    process = start("--output-format", "json", *arguments, method=method)
    out, err = process.communicate(timeout=120)
    assert err == b""
    return json.loads(out)


START_METHODS = ("spawn",) if sys.platform == "win32" else ("fork", "spawn", "forkserver")


def test_any_number_of_workers_finds_the_same(project_of_many: Path) -> None:
    alone = report("--workers", "1")
    assert len(alone["files"]) == FILES + 1
    assert len(alone["findings"]) > 2 * FILES
    assert report("--workers", "2") == report("--workers", "4") == report("--workers", "0") == alone


@pytest.mark.parametrize("method", START_METHODS)
def test_every_way_to_start_a_process_gives_the_same(project_of_many: Path, method: str) -> None:
    """macOS and Windows spawn, Linux forks, and from Python 3.14 asks a fork server."""
    assert report("--workers", "3", method=method) == report("--workers", "1")


@pytest.mark.parametrize("method", START_METHODS)
def test_fixes_are_the_same_too(project_of_many: Path, method: str) -> None:
    files = {path: path.read_bytes() for path in project_of_many.glob("f*.mjs")}
    one, several = ({}, {})
    for found, arguments in ((one, ("--workers", "1")), (several, ("--workers", "3"))):
        for path, text in files.items():
            path.write_bytes(text)
        report("--fix", *arguments, method=method)
        found.update({path: path.read_bytes() for path in files})
    assert one == several != files


SLOW = """
from thea_hook import checking
checking.Checker.check = lambda *_: (os.write(1, f"{os.getpid()}\\n".encode()), time.sleep(60))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers must inherit the patched check")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_no_worker_outlives_a_run_that_is_ended(project_of_many: Path, number: signal.Signals, code: int) -> None:
    """A CI system that cancels a job signals the process that it started, not those that this one started."""
    process = start("--workers", "2", method="fork", setup=SLOW, start_new_session=True)
    assert process.stdout is not None
    working = [int(process.stdout.readline()) for _ in range(2)]
    process.send_signal(number)
    process.communicate(timeout=20)  # returns when nobody holds the other end of standard output any more
    assert process.returncode == code
    deadline = time.monotonic() + 20
    while any(is_alive(worker) for worker in working) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_alive(worker) for worker in working)


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_processors_are_counted_only_where_they_are_needed(
    project_of_many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise AssertionError("counted")

    monkeypatch.setattr(processors, "available", refuse)
    assert list(workers.map_files(lambda task: (None, None), [], 0)) == []  # type: ignore[arg-type, return-value]
