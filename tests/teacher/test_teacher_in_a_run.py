"""Whole runs with a teacher: it is asked last, and a run with one who lies, sleeps or is gone is a run without one."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository
from questions import BAD_LINE, BROKEN, GOOD_LINE, MENDED
from servers import Asked, Behaviour, Double, Handler, chat, edits, ollama, openai, running

from thea_hook.api import check_paths
from thea_hook.budget import current
from thea_hook.core.source import SourceFile
from thea_hook.languages.oracle import Verdict
from thea_hook.teacher import guard

pytest.importorskip("httpcore2", reason="the teacher's HTTP client is not installed")

GOOD = edits((7, BAD_LINE, GOOD_LINE))


@pytest.fixture
def broken(project: Path) -> Path:
    (project / "a.mjs").write_bytes(BROKEN)
    return project


ARGUMENTS = ("--select", "syntax", "--models", "none", "--no-cache")


def asked(thea: CommandLine, url: str, *more: str, kind: str = "ollama") -> tuple[int, str, str]:
    done = thea(*ARGUMENTS, "--teacher", kind, "--teacher-url", url, *more, "a.mjs")
    return done.code, done.out, done.err


def test_a_fix_of_the_teacher_is_applied_only_with_unsafe_fixes(thea: CommandLine, broken: Path) -> None:
    with running(ollama(GOOD)) as server:
        code, _, _ = asked(thea, server.url, "--fix")
        assert (broken / "a.mjs").read_bytes() == BROKEN, "nothing of a teacher is SAFE"
        assert code == 1
        code, _, _ = asked(thea, server.url, "--fix", "--unsafe-fixes")
    assert (broken / "a.mjs").read_bytes() == MENDED
    assert code == 0


def test_what_is_sent_where_is_said_once(thea: CommandLine, broken: Path) -> None:
    (broken / "b.mjs").write_bytes(BROKEN)
    with running(ollama(GOOD)) as server:
        _, _, err = asked(thea, server.url, "b.mjs")
    assert err.count("the teacher is on") == 1
    assert f"qwen3-coder:30b at {server.url}" in err


def test_a_run_without_a_teacher_says_nothing_of_one(thea: CommandLine, broken: Path) -> None:
    assert "teacher" not in thea(*ARGUMENTS, "a.mjs").err


def test_a_program_that_checks_files_asks_a_teacher_only_if_it_says_so(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(ollama(GOOD)) as server:
        monkeypatch.setenv("THEA_TEACHER", "ollama")
        monkeypatch.setenv("THEA_TEACHER_URL", server.url)
        settings = {"select": ["syntax"], "models": ["none"]}
        check_paths(["a.mjs"], **settings)
        assert server.log == []
        check_paths(["a.mjs"], teacher="ollama", fix=True, **settings)
        assert (broken / "a.mjs").read_bytes() == BROKEN
        check_paths(["a.mjs"], teacher="ollama", unsafe_fixes=True, **settings)
    assert (broken / "a.mjs").read_bytes() == MENDED


# ------------------------------------------------------------------ a run with a useless teacher is a run without one

LIES = [
    "I deleted the file for you.\x1b[2J\n::error file=a.mjs::owned\n##[add-mask]x",
    edits((7, BAD_LINE, f"{GOOD_LINE} eval('1')")),
    edits((7, BAD_LINE, f"{GOOD_LINE} // ::set-env name=x::owned")),
    edits((7, BAD_LINE, "")),
    '{"edits": [], "exit_code": 0, "applicability": "safe"}',
    '{"edits": NaN, "edits": [{"line": 7, "line": 1e999, "old": -Infinity}]}',
    "[" * 60_000,
    "`" * 60_000,
    "\0" * 100,
]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def sleepy(handler: Handler, asked: Asked) -> None:
    handler.server.closing.wait(30)


def trickle(handler: Handler, asked: Asked) -> None:
    handler.wfile.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    while not handler.server.closing.wait(0.2):
        handler.wfile.write(b" ")


def flood_of(piece: bytes, head: bytes = HEAD) -> Behaviour:
    """An answer that goes on and on."""

    def flood(handler: Handler, asked: Asked) -> None:
        handler.wfile.write(head + b"Content-Length: 200000000\r\n\r\n" if head is HEAD else head)
        while not handler.server.closing.is_set():
            handler.wfile.write(piece)

    return flood


def raw(answer: bytes) -> Behaviour:
    return lambda handler, asked: handler.hang_up(answer)


def body(content: bytes, **headers: str) -> Behaviour:
    return lambda handler, asked: handler.reply(content, **headers)


USELESS: dict[str, Behaviour] = {
    **{f"lie {number}": ollama(lie) for number, lie in enumerate(LIES)},
    "no model": ollama(GOOD, models=()),
    "busy": lambda handler, asked: handler.reply({"error": "\x1b[31mbusy"}, 503, Retry_After="0"),
    "busy for an hour": lambda handler, asked: handler.reply({"error": "busy"}, 503, Retry_After="3600"),
    "silent": sleepy,
    "silent when asked": ollama(sleepy),
    "a byte now and then": ollama(trickle),
    "broken": raw(b"HTTP/1.1 200 OK\r\n"),
    "broken within the body": raw(HEAD + b'Content-Length: 100\r\n\r\n{"message":'),
    "a body without end": ollama(flood_of(b" " * 65_536)),
    "headers without end": ollama(flood_of(b"X-Y: z\r\n" * 1_000, b"HTTP/1.1 200 OK\r\n")),
    "preliminary answers without end": ollama(flood_of(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000, b"")),
    "chunks that are none": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\x00\xff"),
    "a chunk of a size that is none": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n"),
    "no text": body(b"\xff\xfe{\x00}\x00"),
    "deep": body(b'{"a":' * 50_000),
    "no number": body(b'{"message": {"content": NaN}, "done": NaN}'),
    "everything twice": body(b'{"message": 1, "message": [], "done": false, "done": true}'),
    "a bomb": body(gzip.compress(b" " * (64 << 20)), Content_Encoding="gzip"),
    "a hidden bomb": body(gzip.compress(b" " * (64 << 20))),
    "elsewhere": lambda handler, asked: handler.reply(b"", 307, Location="http://192.0.2.1/api/chat"),
    "a web site": lambda handler, asked: handler.reply(b"<html>", kind="text/html"),
    "another kind": openai(GOOD),
}

MODES: dict[str, tuple[str, ...]] = {
    "check": (),
    "fix": ("--fix",),
    "unsafe fixes": ("--fix", "--unsafe-fixes"),
    "diff": ("--diff", "--unsafe-fixes"),
    "fix only": ("--fix-only", "--unsafe-fixes", "--exit-non-zero-on-fix"),
}


def outcome(thea: CommandLine, file: Path, *arguments: str, stdin: bytes = b"") -> tuple[int, object, bytes, list[str]]:
    """How a run ends, what it reports, what it leaves in the file, and what else it says."""
    done = thea.json(*ARGUMENTS, *arguments, stdin=stdin)
    said = [line for line in done.err.splitlines() if "the teacher is on" not in line]
    left = file.read_bytes()
    file.write_bytes(BROKEN)
    assert "owned" not in done.out + done.err
    assert "\x1b" not in done.out + done.err
    return done.code, done.json, left, said


def at(server: Double, *more: str) -> tuple[str, ...]:
    return ("--teacher", "ollama", "--teacher-url", server.url, "--teacher-timeout", "1", *more)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
@pytest.mark.parametrize("serve", USELESS.values(), ids=USELESS)
def test_a_useless_teacher_changes_nothing(
    serve: Behaviour, mode: tuple[str, ...], thea: CommandLine, broken: Path
) -> None:
    file = broken / "a.mjs"
    without = outcome(thea, file, *mode, "a.mjs")
    with running(serve) as server:
        began = time.monotonic()
        assert outcome(thea, file, *mode, "a.mjs", *at(server)) == without
        assert time.monotonic() - began < 5
    assert without[0] == (0 if "--fix-only" in mode else 1)


@pytest.mark.parametrize("serve", [sleepy, ollama(LIES[1]), ollama(GOOD, models=())])
def test_it_changes_nothing_for_standard_input_and_the_index(
    serve: Behaviour, thea: CommandLine, repository: Repository
) -> None:
    file = repository.folder / "a.mjs"
    file.write_bytes(BROKEN)
    repository.git("add", "a.mjs")
    for mode in (
        ("--staged", "--fix", "--unsafe-fixes"),
        ("--staged", "--changed-lines"),
        ("--stdin-filename", "a.mjs"),
    ):
        without = outcome(thea, file, *mode, stdin=BROKEN)
        with running(serve) as server:
            assert outcome(thea, file, *mode, *at(server), stdin=BROKEN) == without


def test_a_teacher_that_is_not_there_changes_nothing(thea: CommandLine, broken: Path) -> None:
    file = broken / "a.mjs"
    with running(ollama(GOOD)) as server:
        pass
    assert outcome(thea, file, "a.mjs", *at(server)) == outcome(thea, file, "a.mjs")


def test_a_connection_that_is_never_made_changes_nothing(thea: CommandLine, broken: Path) -> None:
    """A socket that listens, and whose queue is full: the system drops what comes."""
    file = broken / "a.mjs"
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        flags = ("--teacher", "ollama", "--teacher-url", f"http://127.0.0.1:{port}", "--teacher-timeout", "1")
        began = time.monotonic()
        assert outcome(thea, file, "a.mjs", *flags) == outcome(thea, file, "a.mjs")
        assert time.monotonic() - began < 5
        for one in waiting:
            one.close()


def test_a_host_that_is_looked_up_for_ever_changes_nothing(
    thea: CommandLine, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    monkeypatch.setattr(guard, "_look_up", lambda host, port: [] if ended.wait(30) else ["127.0.0.1"])
    file = broken / "a.mjs"
    flags = ("--teacher", "ollama", "--teacher-url", "http://teacher.test", "--teacher-timeout", "1")
    began = time.monotonic()
    assert outcome(thea, file, "a.mjs", *flags) == outcome(thea, file, "a.mjs")
    assert time.monotonic() - began < 5
    ended.set()


def test_many_broken_files_wait_for_a_silent_teacher_twice(thea: CommandLine, broken: Path) -> None:
    for name in "bcdefgh":
        (broken / f"{name}.mjs").write_bytes(BROKEN)
    with running(sleepy) as server:
        began = time.monotonic()
        thea(*ARGUMENTS, *at(server), ".")
        assert time.monotonic() - began < 5


def test_a_budget_holds_for_the_whole_run(thea: CommandLine, broken: Path) -> None:
    file = broken / "a.mjs"
    (broken / "b.mjs").write_bytes(BROKEN)
    with running(sleepy) as server:
        began = time.monotonic()
        slow = outcome(thea, file, ".", *at(server), "--teacher-timeout", "60", "--budget", "1")
        assert time.monotonic() - began < 4
    assert slow == outcome(thea, file, ".", "--budget", "1")


class Models:
    """A mender that notes how much time it has."""

    version = "models"
    failure = ""

    def __init__(self, left: list[float]) -> None:
        self.left = left

    def mend(self, file: SourceFile, verdict: Verdict) -> None:
        self.left.append(current().left)


def test_a_slow_teacher_takes_no_time_from_the_models(
    thea: CommandLine, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[float] = []
    monkeypatch.setattr("thea_hook.ml.load.mender_for", lambda settings, note: Models(left))
    monkeypatch.setattr("thea_hook.checking._CHECKERS", {})
    for name in "bc":
        (broken / f"{name}.mjs").write_bytes(BROKEN)
    with running(sleepy) as server:
        thea("--select", "syntax", "--no-cache", "--budget", "3", *at(server), ".")
    assert len(left) == 3
    assert min(left) > 2.5


# ------------------------------------------------------------------ how often it is asked


def asked_of(server: Double) -> int:
    return sum(asked.path == "/api/chat" for asked in server.log)


def test_a_run_asks_so_many_questions_and_says_when_it_could_ask_more(thea: CommandLine, broken: Path) -> None:
    for name in "bcdefgh":
        (broken / f"{name}.mjs").write_bytes(BROKEN)
    with running(ollama("no idea")) as server:
        done = thea(*ARGUMENTS, *at(server), "--teacher-questions", "3", "--show-routing", ".")
        assert asked_of(server) == 3
    assert "3 questions, as many as a run may ask" in done.err


def test_what_was_not_asked_about_is_asked_about_in_the_next_run(thea: CommandLine, broken: Path) -> None:
    for name in "bc":
        (broken / f"{name}.mjs").write_bytes(BROKEN.replace(b"limit", name.encode()))
    flags = ("--select", "syntax", "--models", "none", ".")
    with running(ollama("no idea")) as server:
        for number in (4, 6, 6):  # two each; the last run finds everything in the cache
            thea(*flags, *at(server), "--teacher-questions", "4")
            assert asked_of(server) == number


def test_one_question_at_a_time_whichever_processes_work(thea: CommandLine, broken: Path) -> None:
    padding = b"".join(b"export const unused%d = %d;\n" % (number, number) for number in range(10_000))
    for name in "bcd":
        (broken / f"{name}.mjs").write_bytes(padding + BROKEN)

    def slowly(handler: Handler, asked: Asked) -> None:
        time.sleep(0.1)
        handler.reply(chat("no idea"))

    with running(ollama(slowly)) as server:
        more = ("--workers", "3", "--teacher-questions", "5", "--teacher-timeout", "60")
        thea(*ARGUMENTS, *at(server), *more, ".")
        assert (server.most_active, asked_of(server)) == (1, 5)


def test_the_cache_of_a_run_with_a_teacher_is_no_cache_of_a_run_without(thea: CommandLine, broken: Path) -> None:
    flags = ("--select", "syntax", "--models", "none", "a.mjs")
    without = thea.json(*flags).json["findings"]
    with running(ollama(GOOD)) as server:
        taught = thea.json(*flags, *at(server)).json["findings"]
        assert thea.json(*flags, *at(server)).json["findings"] == taught != without
        assert asked_of(server) == 1
    assert thea.json(*flags).json["findings"] == without


# ------------------------------------------------------------------ what may not be asked


@pytest.mark.parametrize("more", [("--teacher-model", "glm-4.6:cloud"), ("--teacher-url", "http://192.0.2.1:11434")])
def test_what_may_not_be_asked_ends_the_run(more: tuple[str, str], thea: CommandLine, broken: Path) -> None:
    done = thea(*ARGUMENTS, "--teacher", "ollama", *more, "a.mjs")
    assert done.code == 2
    assert done.err.count("\n") == 1


def test_a_health_check_asks_the_server_and_sends_no_code(
    thea: CommandLine, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(ollama(GOOD)) as server:
        monkeypatch.setenv("THEA_TEACHER", "ollama")
        monkeypatch.setenv("THEA_TEACHER_URL", server.url)
        done = thea("--health-check")
    assert re.search(r"(?m)^ok +teacher +qwen3-coder:30b with 8192 tokens", done.out)
    assert [asked.path for asked in server.log] == ["/api/tags", "/api/show"]
