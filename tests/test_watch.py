"""``--watch``, in a real process: write a file, wait for what is said about it."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository

from thea_hook import watch
from thea_hook.watch import Survey

DEADLINE = 120.0
BAD, GOOD = "var x = 1; f(x);\n", "f();\n"


class Watcher:
    """A running ``thea-hook --watch``."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "THEA_CACHE_DIR": str(folder / "../cache"),
        }
        command = [sys.executable, "-m", "thea_hook", "--watch", "--output-format", "concise", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def report(self) -> list[str]:
        """The lines until it waits for the next change, without the time."""
        lines: list[str] = []
        while not (lines and lines[-1].startswith("watching ")):
            lines.append(re.sub(r"^\[[\d:]{8}\] ", "", self._lines.get(timeout=DEADLINE).rstrip()))
        return lines

    def interrupt(self) -> tuple[int, list[str]]:
        """What Ctrl-C leads to: the exit code and what is said after it."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(DEADLINE)
        rest = []
        while not self._lines.empty():
            rest.append(self._lines.get())
        return code, rest


@pytest.fixture
def watching(repository: Repository) -> Iterator[list[Watcher]]:
    started: list[Watcher] = []
    yield started
    for watcher in started:
        watcher.process.kill()
        watcher.process.wait()
        assert watcher.process.stdout is not None
        watcher.process.stdout.close()


def files_in(report: list[str]) -> list[str]:
    """The files that a report has a ``no-var`` in."""
    return [line.partition(":")[0] for line in report if " no-var " in line]


def test_what_changes_comes_goes_or_is_renamed_is_checked_again(
    repository: Repository, watching: list[Watcher]
) -> None:
    folder = repository.folder
    (folder / "a.mjs").write_text(BAD)
    (folder / "empty").mkdir()
    watching.append(watcher := Watcher(folder))
    report = watcher.report()
    assert (files_in(report), report[-1]) == (["a.mjs"], "watching 1 file; Ctrl-C ends")

    (folder / "a.mjs").write_text(GOOD)
    report = watcher.report()
    assert (report[0], files_in(report)) == ("a.mjs changed", [])

    (folder / "empty" / "b.mjs").write_text(BAD)
    report = watcher.report()
    assert (report[0], files_in(report)) == ("empty/b.mjs changed", ["empty/b.mjs"])
    assert report[-1] == "watching 2 files; Ctrl-C ends"

    (folder / "new" / "deep").mkdir(parents=True)
    (folder / "new" / "deep" / "c.mjs").write_text(BAD)
    assert files_in(watcher.report()) == ["empty/b.mjs", "new/deep/c.mjs"]

    (folder / "empty" / "b.mjs").rename(folder / "d.mjs")
    report = watcher.report()
    assert (report[0], files_in(report)) == ("d.mjs and 1 more changed", ["d.mjs", "new/deep/c.mjs"])

    shutil.rmtree(folder / "new")
    assert files_in(watcher.report()) == ["d.mjs"]

    (folder / "swap").write_text(GOOD)  # as editors save: a new file takes the name
    (folder / "swap").replace(folder / "d.mjs")
    assert files_in(watcher.report()) == []

    code, rest = watcher.interrupt()
    assert (code, rest) == (130, [])


def test_what_the_configuration_leaves_out_is_not_followed(repository: Repository, watching: list[Watcher]) -> None:
    folder = repository.folder
    (folder / "a.mjs").write_text(BAD)
    (folder / "old").mkdir()
    (folder / "ignored").mkdir()
    (folder / ".gitignore").write_text("ignored/\n")
    (folder / "thea-hook.toml").write_text('extend-exclude = ["old"]\n')
    watching.append(watcher := Watcher(folder))
    assert files_in(watcher.report()) == ["a.mjs"]
    for name in ("old/b.mjs", "ignored/c.mjs", "node_modules/d.mjs", "notes.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(BAD)

    (folder / "thea-hook.toml").write_text('ignore = ["no-var"\n')
    report = watcher.report()
    assert report[0] == "thea-hook.toml changed"
    assert "thea-hook.toml" in report[1]
    (folder / "thea-hook.toml").write_text('extend-select = ["eqeqeq"]\n')
    assert files_in(watcher.report()) == ["a.mjs", "old/b.mjs"]

    (folder / ".gitignore").write_text("")
    report = watcher.report()
    assert report[0] == ".gitignore and 1 more changed"
    assert files_in(report) == ["a.mjs", "ignored/c.mjs", "old/b.mjs"]


def test_a_fix_of_our_own_is_no_reason_to_check_again(repository: Repository, watching: list[Watcher]) -> None:
    folder = repository.folder
    (folder / "a.mjs").write_text(BAD)
    watching.append(watcher := Watcher(folder, "--fix"))
    assert files_in(watcher.report()) == []
    assert (folder / "a.mjs").read_text() == "const x = 1; f(x);\n"
    (folder / "b.mjs").write_text(BAD)
    assert watcher.report()[0] == "b.mjs changed"
    assert (folder / "b.mjs").read_text() == "const x = 1; f(x);\n"
    (folder / "a.mjs").write_text(BAD)
    assert watcher.report()[0] == "a.mjs changed"
    assert (folder / "a.mjs").read_text() == "const x = 1; f(x);\n"


def test_a_file_that_was_named_may_go_and_come_back(repository: Repository, watching: list[Watcher]) -> None:
    file = repository.folder / "a.mjs"
    file.write_text(BAD)
    watching.append(watcher := Watcher(repository.folder, "a.mjs"))
    assert files_in(watcher.report()) == ["a.mjs"]
    file.unlink()
    report = watcher.report()
    assert "no such file" in report[1]
    file.write_text(BAD)
    assert files_in(watcher.report()) == ["a.mjs"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_a_terminal_each_report_has_the_screen_for_itself(repository: Repository) -> None:
    import pty

    file = repository.folder / "a.mjs"
    file.write_text(BAD)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "thea_hook", "--watch", "--no-cache"], env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        first = read_until(ours, b"Ctrl-C ends")
        assert b"no-var" in first
        assert b"\x1b[2J" not in first
        file.write_text(GOOD)
        second = read_until(ours, b"Ctrl-C ends")
        assert second.partition(b"\x1b[2J\x1b[3J\x1b[H")[2].split(b"] ", 1)[1].startswith(b"a.mjs changed")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_until(descriptor: int, end: bytes) -> bytes:
    """What a terminal shows, up to some text."""
    import select

    shown, deadline = b"", time.monotonic() + DEADLINE
    while end not in shown:
        ready, _, _ = select.select([descriptor], [], [], deadline - time.monotonic())
        assert ready, shown
        shown += os.read(descriptor, 65_536)
    return shown


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--staged",), "leave out --staged"),
        (("--since", "HEAD"), "leave out --since"),
        (("--stdin-filename", "a.mjs"), "leave out --stdin-filename"),
        (("--write-baseline",), "leave out --write-baseline"),
        (("--output-format", "sarif:out.sarif"), "leave out out.sarif"),
        (("missing.mjs",), "no such file"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    thea: CommandLine, project: Path, arguments: tuple[str, ...], hint: str
) -> None:
    done = thea("--watch", *arguments)
    assert done.code == 2
    assert hint in done.err
    assert not (project / "out.sarif").exists()


def test_the_longer_a_look_takes_the_rarer_it_is(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "a.mjs").write_text(BAD)
    slept: list[float] = []
    clock = iter(range(0, 1_000, 2))  # two seconds a look

    def sleep(seconds: float) -> None:
        if not slept:
            (project / "a.mjs").write_text(GOOD)
        slept.append(seconds)

    monkeypatch.setattr(watch.time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(watch.time, "sleep", sleep)
    survey = Survey(("a.mjs",), (), {})
    _, changed = watch._wait_for_change(watch._look(survey), lambda: survey)
    assert changed == ["a.mjs"]
    assert slept == [2 / watch.MOST_OF_THE_TIME, watch.SETTLING_SECONDS]


def test_what_is_as_it_was_after_a_moment_has_not_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "a.mjs"
    file.write_text(BAD)
    before = file.stat()
    survey = Survey(("a.mjs",), (), {})
    look = watch._look(survey)
    file.write_text("")
    texts = iter([BAD, GOOD, GOOD])

    def sleep(_: float) -> None:
        text = next(texts)
        file.write_text(text)
        if text == BAD:
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    monkeypatch.setattr(watch.time, "sleep", sleep)
    monkeypatch.setattr(watch, "MOST_SETTLING", 1)
    _, changed = watch._wait_for_change(look, lambda: survey)
    assert changed == ["a.mjs"]
    assert file.read_text() == GOOD
