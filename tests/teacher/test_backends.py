"""The teacher against servers of both kinds, with answers of every kind."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from questions import BAD_LINE, BROKEN, GOOD_LINE, MENDED, complaint, request, solved, teacher
from servers import (
    MODEL,
    Asked,
    Behaviour,
    Double,
    Handler,
    chat,
    completion,
    edits,
    events,
    ollama,
    openai,
    running,
)

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.teacher.base import TeacherError, TeacherSettings
from thea_hook.teacher.teacher import Teacher
from thea_hook.teacher.transport import MOST_BYTES

pytest.importorskip("httpcore2", reason="the teacher's HTTP client is not installed")

GOOD = edits((7, BAD_LINE, GOOD_LINE))
KINDS = ("ollama", "openai")


def serving(kind: str, *contents: str | Behaviour) -> Behaviour:
    return ollama(*contents) if kind == "ollama" else openai(*contents)


def answered(kind: str, content: str) -> object:
    return chat(content) if kind == "ollama" else completion(content)


def failure(server: Double, kind: str, **more: object) -> TeacherError:
    with pytest.raises(TeacherError) as caught:
        solved(teacher(server, kind, **more), request())
    return caught.value


# ------------------------------------------------------------------ good answers


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_answer_becomes_a_candidate_without_evidence(kind: str) -> None:
    with running(serving(kind, GOOD)) as server:
        (candidate,) = solved(teacher(server, kind), request())
    assert candidate.text == MENDED
    assert candidate.source == f"teacher:{MODEL}"
    assert (candidate.evidence, candidate.steps) == ({}, ())


def test_ollama_is_asked_for_a_schema_without_stream_or_thoughts_and_with_a_context() -> None:
    with running(ollama(GOOD)) as server:
        solved(teacher(server, context=4_096), request())
    paths = [asked.path for asked in server.log]
    assert paths == ["/api/show", "/api/chat"]
    question = server.log[1].json
    assert question["model"] == MODEL
    assert question["stream"] is False
    assert question["think"] is False
    assert question["format"]["required"] == ["edits"]
    assert question["keep_alive"] == "5m"
    assert question["options"]["num_ctx"] == 4_096
    assert question["options"]["temperature"] == 0
    assert [message["role"] for message in question["messages"]] == ["system", "user"]


def test_ollama_is_given_no_more_context_than_its_model_has() -> None:
    with running(ollama(GOOD, context=2_048)) as server:
        solved(teacher(server, context=8_192), request())
    assert server.log[1].json["options"]["num_ctx"] == 2_048


def test_the_others_are_asked_for_the_schema_in_their_own_way() -> None:
    with running(openai(GOOD)) as server:
        solved(teacher(server, "openai"), request())
    question = server.log[0].json
    assert server.log[0].path == "/v1/chat/completions"
    assert question["stream"] is False
    assert question["response_format"]["type"] == "json_schema"
    assert question["response_format"]["json_schema"]["schema"]["required"] == ["edits"]
    assert question["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_server_that_knows_no_schema_is_asked_without_one_from_then_on() -> None:
    with running(openai(GOOD, strict=True)) as server:
        asking = teacher(server, "openai")
        assert solved(asking, request())[0].text == MENDED
        solved(asking, request())
    assert ["response_format" in asked.json for asked in server.log] == [True, False, False]


def test_a_question_that_a_server_rejects_does_not_cost_the_next_one_its_schema() -> None:
    too_long = {"error": {"message": "the request exceeds the available context size", "code": 400}}

    def rejected(handler: Handler, asked: Asked) -> None:
        handler.reply(too_long, 400)

    with running(openai(rejected, rejected, GOOD)) as server:
        asking = teacher(server, "openai")
        with pytest.raises(TeacherError, match="exceeds the available context size"):
            solved(asking, request())
        assert solved(asking, request())[0].text == MENDED
    assert ["response_format" in asked.json for asked in server.log] == [True, False, True]


def test_the_key_of_a_server_comes_from_the_environment_and_goes_into_a_header() -> None:
    with running(openai(GOOD)) as server:
        asking = Teacher(teacher(server, "openai").settings, environ={"THEA_TEACHER_KEY": "local-key"})
        solved(asking, request())
    assert server.log[0].headers["authorization"] == "Bearer local-key"
    assert not [asked for asked in server.log if b"local-key" in asked.body]


def test_no_question_has_more_than_the_lines_that_matter() -> None:
    padding = b"".join(b"export const unused%d = %d;\n" % (number, number) for number in range(2_000))
    with running(ollama(edits((2_007, BAD_LINE, GOOD_LINE)))) as server:
        (candidate,) = solved(teacher(server), request(padding + BROKEN))
    assert candidate.text == padding + MENDED
    shown = server.log[1].json["messages"][1]["content"]
    assert "const limit = 10;" in shown  # declared elsewhere, used in the lines
    assert "unused1500" not in shown
    assert len(shown) < 2_000


@pytest.mark.parametrize("kind", KINDS)
def test_streams_are_read_where_a_server_sends_nothing_else(kind: str) -> None:
    def stream(handler: Handler, asked: Asked) -> None:
        if kind == "openai":
            handler.chunked(events(GOOD), "text/event-stream")
            return
        pieces = [json.dumps(chat(GOOD[at : at + 9], done=False)).encode() + b"\n" for at in range(0, len(GOOD), 9)]
        handler.chunked([*pieces, json.dumps(chat("")).encode() + b"\n"], "application/x-ndjson")

    with running(serving(kind, stream)) as server:
        assert solved(teacher(server, kind), request())[0].text == MENDED


@pytest.mark.parametrize("kind", KINDS)
def test_a_chunked_answer_is_read(kind: str) -> None:
    def chunked(handler: Handler, asked: Asked) -> None:
        body = json.dumps(answered(kind, GOOD)).encode()
        handler.chunked([body[:10], body[10:50], body[50:]], "application/json")

    with running(serving(kind, chunked)) as server:
        assert solved(teacher(server, kind), request())[0].text == MENDED


def test_an_answer_in_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": GOOD[:20]}, {"type": "text", "text": GOOD[20:]}]
    with running(openai(lambda handler, asked: handler.reply(completion(parts)))) as server:
        assert solved(teacher(server, "openai"), request())[0].text == MENDED


def test_a_second_question_says_what_speaks_against_the_first_answer() -> None:
    wrong = edits((7, BAD_LINE, "  for (const item of items] {"))
    with running(ollama(wrong, GOOD)) as server:
        opinion = teacher(server, rounds=2).ask(request())
    assert [candidate.text for candidate in opinion.candidates] == [MENDED]
    assert opinion.refusals == ("the text does not parse with it either",)
    turns = server.log[-1].json["messages"]
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user"]
    assert "does not parse" in turns[-1]["content"]


def test_complaints_of_a_linter_are_asked_about_in_the_same_way() -> None:
    text = b"function same(a, b) {\n  return a == b;\n}\n"

    def objection(file: SourceFile, edits: tuple[Edit, ...], span: Span) -> str:
        return "" if b"===" in apply_edits(file.text, edits) else "the complaint is still there"

    answers = [edits((2, "return a == b;", new)) for new in ("return b == a;", "return a === b;")]
    with running(ollama(*answers)) as server:
        task = complaint(text, b"==", "Expected '===' (eqeqeq)", objection)
        opinion = teacher(server, rounds=2).propose(task)
    assert [candidate.text for candidate in opinion.candidates] == [text.replace(b"==", b"===")]
    assert opinion.refusals == ("the complaint is still there",)
    first, second = server.log[1].json["messages"]
    assert "a linter complains about" in first["content"]
    assert "- line 2: Expected '===' (eqeqeq)" in second["content"]


# ------------------------------------------------------------------ bad answers


BAD_ANSWERS: dict[str, tuple[str, str]] = {
    "empty": ("", "the answer is empty"),
    "prose": ("I am sorry, I cannot help with that.", "the answer is prose"),
    "half of a JSON object": ('{"edits": [{"line": 7, "old": "for', "the answer is prose"),
    "only thoughts": ("<think>The parenthesis is missing", "the answer is empty"),
    "another JSON": ('{"action": "delete", "path": "/"}', "the answer is prose"),
    "no edit": ('{"edits": []}', "the teacher does not know either"),
    "an edit without text": ('{"edits": [{"line": 7}]}', "an edit lacks its old or its new lines"),
    "lines that are not there": (
        edits((7, "nowhere();", "f();")),
        "an edit is of lines that are not among those shown",
    ),
    "nothing new": (edits((7, BAD_LINE, BAD_LINE)), "the answer changes nothing"),
    "still broken": (edits((7, BAD_LINE, "  for (const item of items {{")), "the text does not parse with it either"),
    "a comment instead": (edits((7, BAD_LINE, "  // for (const item of items) {")), "comment"),
    "too long": ("x" * 70_000, "the answer is longer than any repair"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer,reason", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_is_refused_with_the_reason(kind: str, answer: str, reason: str) -> None:
    with running(serving(kind, answer)) as server:
        opinion = teacher(server, kind).ask(request())
        assert opinion.candidates == ()
        assert reason in opinion.refusals[0]
        assert reason in str(failure(server, kind))


DEEP = b"[" * 100_000
BAD_BODIES: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"Internal wisdom", "application/json"),
    "a web page": (b"<html>Login</html>", "text/html"),
    "a list": (b"[1]", "application/json"),
    "nesting without end": (DEEP, "application/json"),
    "a number of a megabyte": (b'{"x": ' + b"9" * 1_000_000 + b"}", "application/json"),
    "nothing": (b"", "application/json"),
    "an object without an answer": (b"{}", "application/json"),
    "an answer of another type": (
        b'{"message": {"content": 1}, "done": true, "choices": [{"message": {"content": 1}}]}',
        "application/json",
    ),
    "choices of another type": (b'{"message": [], "choices": 3}', "application/json"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body,mime", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_no_answer_is_an_error_without_a_traceback(kind: str, body: bytes, mime: str) -> None:
    with running(serving(kind, lambda handler, asked: handler.reply(body, kind=mime))) as server:
        assert failure(server, kind).reason == "output"


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_was_cut_off_is_not_used(kind: str) -> None:
    cut = chat(GOOD, done_reason="length") if kind == "ollama" else completion(GOOD, "length")
    with running(serving(kind, lambda handler, asked: handler.reply(cut))) as server:
        assert "longer than it may be" in str(failure(server, kind))


def test_an_answer_of_which_a_filter_took_a_part_is_not_used() -> None:
    with running(openai(lambda handler, asked: handler.reply(completion(GOOD, "content_filter")))) as server:
        assert "held a part" in str(failure(server, "openai"))


def test_what_a_model_says_beside_its_answer_is_not_read() -> None:
    """Thoughts and refusals have fields of their own, and an answer may have nothing else."""
    beside = {"reasoning_content": GOOD, "reasoning": GOOD, "refusal": "I cannot do that.", "tool_calls": []}
    message = {"role": "assistant", "content": None, **beside}
    answer = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    with running(openai(lambda handler, asked: handler.reply(answer))) as server:
        assert teacher(server, "openai").ask(request()).refusals == ("the answer is empty",)
    thinking = {"role": "assistant", "content": "", "thinking": GOOD}
    with running(ollama(lambda handler, asked: handler.reply(chat("") | {"message": thinking}))) as server:
        assert teacher(server).ask(request()).refusals == ("the answer is empty",)


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_without_end_is_not_read_to_the_end(kind: str) -> None:
    def flood(handler: Handler, asked: Asked) -> None:
        piece = b" " * (1 << 18)
        handler.chunked([piece] * 64, "application/json")

    with running(serving(kind, flood)) as server:
        error = failure(server, kind)
    assert (error.reason, MOST_BYTES) == ("output", 2 << 20)
    assert server.hung_up == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_compressed_answer_is_not_unpacked(kind: str) -> None:
    import gzip

    bomb = gzip.compress(b" " * (64 << 20))

    def compressed(handler: Handler, asked: Asked) -> None:
        assert asked.headers["accept-encoding"] == "identity"
        handler.reply(bomb, Content_Encoding="gzip")

    with running(serving(kind, compressed)) as server:
        assert "compressed" in str(failure(server, kind))


# ------------------------------------------------------------------ bad servers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_is_not_followed(kind: str, status: int) -> None:
    with running(lambda handler, asked: handler.reply({})) as other:

        def away(handler: Handler, asked: Asked) -> None:
            handler.reply(b"", status, Location=f"{other.url}{asked.path}")

        with running(serving(kind, away)) as server:
            assert failure(server, kind).reason == "refused"
    assert other.log == []


def test_a_model_that_is_not_installed_is_named_with_the_command_that_gets_it() -> None:
    with running(ollama(GOOD, models=("llama3.2:latest",))) as server:
        error = failure(server, "ollama")
    assert error.reason == "model"
    assert f"ollama pull {MODEL}" in str(error)
    assert [asked.path for asked in server.log] == ["/api/show"]  # no code was sent


def test_a_model_that_writes_no_text_is_not_asked() -> None:
    with running(ollama(GOOD, show={"capabilities": ["embedding"]})) as server:
        error = failure(server, "ollama")
    assert (error.reason, str(error)) == ("model", f"{MODEL} is no model that writes text")
    assert [asked.path for asked in server.log] == ["/api/show"]


def test_an_address_without_the_version_is_named() -> None:
    with running(openai(GOOD)) as server:
        asking = Teacher(TeacherSettings("openai", server.url), environ={})
        with pytest.raises(TeacherError, match=f"its API is not at {server.url}"):
            solved(asking, request())


def test_a_model_that_another_server_does_not_have_is_an_error() -> None:
    missing = {"error": {"message": "The model does not exist.", "code": 404}}
    with running(openai(lambda handler, asked: handler.reply(missing, 404))) as server:
        assert failure(server, "openai").reason == "model"


@pytest.mark.parametrize("kind", KINDS)
def test_a_busy_server_is_asked_again(kind: str) -> None:
    busy = {"error": "server busy, please try again.  maximum pending requests exceeded"}
    with running(serving(kind, lambda handler, asked: handler.reply(busy, 503, Retry_After="0"), GOOD)) as server:
        assert solved(teacher(server, kind), request())[0].text == MENDED


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_stays_busy_is_given_up(kind: str, status: int) -> None:
    def busy(handler: Handler, asked: Asked) -> None:
        handler.reply({"error": "busy"}, status, Retry_After="0")

    with running(serving(kind, busy)) as server:
        error = failure(server, kind, retries=2)
        chats = [asked for asked in server.log if "chat" in asked.path]
    assert error.reason == "busy"
    assert len(chats) == 3


@pytest.mark.parametrize("wanted", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_nobody_waits_longer_than_there_is_time(wanted: str) -> None:
    with running(ollama(lambda handler, asked: handler.reply({"error": "busy"}, 503, Retry_After=wanted))) as server:
        began = time.monotonic()
        assert failure(server, "ollama", timeout=3.0).reason == "busy"
        assert time.monotonic() - began < 3.0


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_the_server_is_quoted_without_what_could_drive_a_terminal_or_a_runner(kind: str) -> None:
    evil = (
        "\x1b]0;owned\x07\x1b[2J\r\n::error file=x::pwned\n##[add-mask]x\n##vso[task.complete]\n\u202egnp.exe"
        + "A" * 999
    )
    error = {"error": evil} if kind == "ollama" else {"error": {"message": evil}}
    with running(serving(kind, lambda handler, asked: handler.reply(error, 500))) as server:
        text = str(failure(server, kind))
    assert "status 500" in text
    assert text.isascii()
    assert text.isprintable()
    assert "::" not in text
    assert "##" not in text
    assert "[" not in text
    assert len(text) < 250


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_connection_is_made_once_more(kind: str) -> None:
    with running(serving(kind, lambda handler, asked: handler.hang_up(), GOOD)) as server:
        assert solved(teacher(server, kind), request())[0].text == MENDED


@pytest.mark.parametrize(
    "after", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00\xff"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_breaks_every_connection_is_given_up(kind: str, after: bytes) -> None:
    with running(serving(kind, lambda handler, asked: handler.hang_up(after))) as server:
        assert failure(server, kind, retries=1).reason in ("unreachable", "output")


@pytest.mark.parametrize("kind", KINDS)
def test_a_port_where_nobody_listens_is_an_error_at_once_and_for_good(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asking = Teacher(TeacherSettings(kind, f"http://127.0.0.1:{port}/v1", timeout=5.0), environ={})  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(TeacherError, match="nobody answers") as caught:
            solved(asking, request())
        assert caught.value.reason == "unreachable"
    with pytest.raises(TeacherError, match="not asked any more"):
        solved(asking, request())


# ------------------------------------------------------------------ time


@pytest.fixture
def silence() -> Iterator[threading.Event]:
    """Set at the end of the test, so that no double sleeps on."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_server_costs_no_more_than_the_time_limit(kind: str, silence: threading.Event) -> None:
    with running(serving(kind, lambda handler, asked: silence.wait(30))) as server:
        began = time.monotonic()
        assert failure(server, kind, timeout=0.4).reason == "timeout"
        assert time.monotonic() - began < 3.0
        silence.set()


@pytest.mark.parametrize("part", ["head", "body"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_sends_a_byte_now_and_then_gains_no_time(kind: str, part: str, silence: threading.Event) -> None:
    def drip(handler: Handler, asked: Asked) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        handler.wfile.write(head[:5] if part == "head" else head)
        for _ in range(300):
            handler.wfile.write(b"X" if part == "head" else b" ")
            handler.wfile.flush()
            if silence.wait(0.05):
                return

    with running(serving(kind, drip)) as server:
        began = time.monotonic()
        assert failure(server, kind, timeout=0.5).reason == "timeout"
        assert time.monotonic() - began < 3.0
        silence.set()


def test_the_deadline_of_the_request_outranks_the_time_limit(silence: threading.Event) -> None:
    with running(ollama(lambda handler, asked: silence.wait(30))) as server:
        began = time.monotonic()
        with pytest.raises(TeacherError) as caught:
            solved(teacher(server, timeout=60.0), request(deadline=time.monotonic() + 0.3))
        assert caught.value.reason == "timeout"
        assert time.monotonic() - began < 3.0
        silence.set()


def test_nothing_is_sent_after_the_deadline() -> None:
    with running(ollama(GOOD)) as server:
        with pytest.raises(TeacherError):
            solved(teacher(server), request(deadline=time.monotonic() - 1))
        assert server.log == []


def test_only_so_many_questions_are_on_their_way_at_a_time() -> None:
    def slow(handler: Handler, asked: Asked) -> None:
        time.sleep(0.05)
        handler.reply(chat(GOOD))

    with running(ollama(slow)) as server:
        asking = teacher(server, concurrency=2)
        solved(asking, request())
        threads = [threading.Thread(target=solved, args=(asking, request())) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.most_active <= 2
    assert sum(asked.path == "/api/chat" for asked in server.log) == 7


# ------------------------------------------------------------------ whether it could be asked


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_sends_no_code(kind: str) -> None:
    with running(serving(kind, GOOD)) as server:
        assert MODEL in teacher(server, kind).check()
    assert all("chat" not in asked.path for asked in server.log)


def test_a_check_names_the_models_that_there_are() -> None:
    with running(openai(GOOD, models=("other-model",))) as server:
        assert "other-model" in teacher(server, "openai").check()


def test_a_teacher_that_is_off_is_not_asked() -> None:
    with pytest.raises(TeacherError) as caught:
        solved(Teacher(TeacherSettings(), environ={}), request())
    assert caught.value.reason == "off"


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    with running(ollama(GOOD)) as server:
        monkeypatch.setitem(sys.modules, "httpcore2", None)
        error = failure(server, "ollama")
    assert error.reason == "package"
    assert "pip install 'thea-hook[teacher]'" in str(error)
    assert server.log == []


def test_a_text_that_is_no_utf_8_is_not_sent() -> None:
    with running(ollama(GOOD)) as server:
        with pytest.raises(TeacherError, match="UTF-8"):
            solved(teacher(server), request(BROKEN.replace(b"const found", b"const fo\xffnd")))
        assert server.log == []
