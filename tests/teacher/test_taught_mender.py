"""The models first, the teacher last; and a run with a teacher who lies is a run without one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import CommandLine
from questions import BAD_LINE, BROKEN, GOOD_LINE, MENDED, request, teacher
from servers import Asked, Behaviour, Handler, edits, ollama, openai, running

from thea_hook.budget import Allowance, spending
from thea_hook.core.finding import Applicability, Edit, Fix
from thea_hook.core.routing import Outcome, Routing
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Verdict
from thea_hook.syntax.mender import Mended
from thea_hook.teacher.mender import CONFIDENCE, TITLE, TaughtMender

pytest.importorskip("httpcore2", reason="the teacher's HTTP client is not installed")

GOOD = edits((7, BAD_LINE, GOOD_LINE))


class Models:
    """A mender that knows one repair."""

    version = "models"
    failure = ""

    def __init__(self, mended: Mended | None) -> None:
        self.mended = mended

    def mend(self, file: SourceFile, verdict: Verdict) -> Mended | None:
        return self.mended


def repair(confidence: float, grade: Applicability = Applicability.UNSAFE) -> Mended:
    return Mended(Fix("Insert `)`", (Edit(Span(0, 0), b")"),), grade, confidence), "ml:tagger")


def mend(
    serve: Behaviour, first: Mended | None = None, sure_from: float = 0.5
) -> tuple[Mended | None, list[Routing], list[Asked]]:
    notes: list[Routing] = []
    with running(serve) as server:
        mender = TaughtMender(Models(first), teacher(server), sure_from, notes.append)
        question = request()
        return mender.mend(question.file, question.verdict), notes, server.log


def test_the_teacher_mends_what_no_model_can() -> None:
    mended, (routing,), _ = mend(ollama(GOOD))
    assert mended is not None
    assert (mended.fix.title, mended.fix.applicability, mended.fix.confidence) == (
        TITLE,
        Applicability.UNSAFE,
        CONFIDENCE,
    )
    assert mended.source == routing.answer == "teacher:qwen3-coder:30b"
    assert routing.attempts[0].outcome is Outcome.ANSWERED


@pytest.mark.parametrize("first", [repair(0.9), repair(0.5), repair(0.1, Applicability.SAFE)])
def test_it_is_not_asked_where_the_models_are_sure(first: Mended) -> None:
    mended, notes, log = mend(ollama(GOOD), first)
    assert (mended, notes, log) == (first, [], [])


def test_it_is_asked_where_they_are_less_sure_than_the_user_wants() -> None:
    mended, _, _ = mend(ollama(GOOD), repair(0.8), sure_from=0.9)
    assert mended is not None
    assert mended.source.startswith("teacher:")


def test_without_an_answer_the_repair_of_the_models_stays() -> None:
    first = repair(0.2)
    mended, (routing,), _ = mend(ollama("no idea"), first)
    assert mended == first
    assert routing.answer == "ml:tagger"
    assert (routing.attempts[0].outcome, routing.is_final) == (Outcome.ABSTAINED, True)


def test_a_server_that_fails_is_taken_down_and_its_result_not_kept() -> None:
    first = repair(0.2)
    mended, (routing,), _ = mend(ollama(lambda handler, asked: handler.reply({"error": "x"}, 500)), first)
    assert mended == first
    assert (routing.attempts[0].outcome, routing.is_final) == (Outcome.FAILED, False)


def test_nobody_is_asked_when_the_time_of_the_run_is_over() -> None:
    with spending(Allowance(0.0, 0.0)):
        mended, notes, log = mend(ollama(GOOD), None)
    assert (mended, notes, log) == (None, [], [])


# ------------------------------------------------------------------ a whole run


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


LIES = [
    "I deleted the file for you.\x1b[2J\n::error file=a.mjs::owned\n##[add-mask]x",
    edits((7, BAD_LINE, f"{GOOD_LINE} eval('1')")),
    edits((7, BAD_LINE, f"{GOOD_LINE} // ::set-env name=x::owned")),
    edits((7, BAD_LINE, "")),
    '{"edits": [], "exit_code": 0, "applicability": "safe"}',
    "\0" * 100,
]


def slow(handler: Handler, asked: Asked) -> None:
    import time

    time.sleep(1.5)
    handler.reply({})


SERVERS: dict[str, Behaviour] = {
    **{f"lie {number}": ollama(lie) for number, lie in enumerate(LIES)},
    "no model": ollama(GOOD, models=()),
    "busy": lambda handler, asked: handler.reply({"error": "\x1b[31mbusy"}, 503, Retry_After="0"),
    "slow": slow,
    "broken": lambda handler, asked: handler.hang_up(b"HTTP/1.1 200 OK\r\n"),
    "a web site": lambda handler, asked: handler.reply(b"<html>", kind="text/html"),
    "another kind": openai(GOOD),
}


@pytest.mark.parametrize("serve", SERVERS.values(), ids=SERVERS)
def test_a_run_with_a_useless_teacher_is_a_run_without_one(serve: Behaviour, thea: CommandLine, broken: Path) -> None:
    fix = ("--fix", "--unsafe-fixes", "--output-format", "json")
    without = thea(*ARGUMENTS, *fix, "a.mjs")
    with running(serve) as server:
        code, out, err = asked(thea, server.url, *fix, "--teacher-timeout", "1", "--show-routing")
    assert code == without.code == 1
    assert json.loads(out)["findings"] == without.json["findings"]
    assert (broken / "a.mjs").read_bytes() == BROKEN
    assert "owned" not in out + err
    assert "\x1b" not in out + err
    assert "Traceback" not in err


def test_a_teacher_that_is_not_there_changes_nothing(thea: CommandLine, broken: Path) -> None:
    with running(ollama(GOOD)) as server:
        url = server.url
    code, _, err = asked(thea, url)
    assert code == 1
    assert "Traceback" not in err


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
