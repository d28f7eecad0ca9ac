"""The teacher against a real server with a real network, whose weights are random: nothing that it says may be used.

Needs ``pip install 'transformers[serving]'`` and torch, and takes a minute or two, most of it the start of the server.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from questions import BROKEN, request, solved

from thea_hook.teacher.base import TeacherError, TeacherSettings
from thea_hook.teacher.teacher import Teacher
from thea_hook.teacher.transport import EVENTS, Reply

_MISSING = [name for name in ("torch", "transformers", "fastapi", "uvicorn", "httpcore2") if find_spec(name) is None]

pytestmark = [
    pytest.mark.modelserver,
    pytest.mark.skipif(bool(_MISSING), reason=f"not installed: {', '.join(_MISSING)}"),
]
START_SECONDS = 240


class Raw(NamedTuple):
    """An answer as it came."""

    status: int
    kind: str
    body: bytes


class Served:
    """A server with one model."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, model: str) -> None:
        self.process = process
        self.port = port
        self.model = model

    def settings(self, **more: object) -> TeacherSettings:
        url = f"http://127.0.0.1:{self.port}/v1"
        chosen = {"timeout": 120.0, "answer": 24, "rounds": 1, **more}
        return TeacherSettings("openai", url, self.model, **chosen)  # type: ignore[arg-type]

    def teacher(self, **more: object) -> Teacher:
        return Teacher(self.settings(**more), environ={})

    def ask_raw(self, **more: object) -> Raw:
        """The answer to a question of our own, sent by the standard library."""
        messages = [{"role": "user", "content": "f(;"}]
        return self._exchange("POST", "/v1/chat/completions", {"model": self.model, "messages": messages, **more}, 120)

    def is_healthy(self) -> bool:
        try:
            return self._exchange("GET", "/health", {}, 2).status == 200
        except OSError:
            return False

    def _exchange(self, method: str, path: str, body: dict[str, object], seconds: float) -> Raw:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)) as connection:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
            with connection.getresponse() as response:
                return Raw(response.status, response.headers.get_content_type(), response.read())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("models") / "tiny-qwen3"
    (folder.parent / "hub").mkdir()  # the server lists the models in here, and fails where there is no such folder
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder.parent), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, Path(__file__).with_name("tiny_model.py"), folder], check=True, env=environment)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    serve = Path(sys.executable).with_name("transformers")
    command = [str(serve), "serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with (folder.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        server = Served(process, port, str(folder))
        ends = time.monotonic() + START_SECONDS
        while not server.is_healthy():
            if process.poll() is not None or time.monotonic() > ends:
                pytest.fail(f"the server did not start: {(folder.parent / 'log').read_text()[-2000:]}")
            time.sleep(0.5)
        yield server
    finally:
        process.kill()
        process.wait()


def test_the_server_knows_its_model(served: Served) -> None:
    assert served.teacher().check()


def test_its_answers_are_nonsense_and_all_are_refused(served: Served) -> None:
    asking = served.teacher(rounds=2)
    for text in (BROKEN, b"f(a, b;\n", b"const x = [1, 2;\n", b"if (a {\n  b();\n}\n"):
        with pytest.raises(TeacherError) as caught:
            solved(asking, request(text))
        assert caught.value.reason == "output"


def test_it_does_say_something(served: Served) -> None:
    """Otherwise the test above would prove nothing."""
    answer = served.ask_raw(max_tokens=64, temperature=1.0)
    assert answer.status == 200
    content = json.loads(answer.body)["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    assert len(content) > 8


def test_it_streams_to_those_who_want_it_and_our_reader_reads_that(served: Served) -> None:
    answer = served.ask_raw(max_tokens=32, temperature=1.0, stream=True)
    assert (answer.status, answer.kind) == (200, EVENTS)
    choices = [choice for chunk in Reply(200, EVENTS, answer.body).values() for choice in chunk["choices"]]
    assert len(choices) > 2
    assert any(choice.get("finish_reason") for choice in choices)


def test_a_time_limit_ends_a_question_that_takes_long(served: Served) -> None:
    began = time.monotonic()
    with pytest.raises(TeacherError) as caught:
        solved(served.teacher(answer=6_000, context=8_000, timeout=1.0), request())
    assert caught.value.reason in ("timeout", "output")
    assert time.monotonic() - began < 10
    assert served.process.poll() is None


def test_a_server_that_is_gone_in_the_middle_of_a_question_is_an_error(served: Served) -> None:
    """The last test: it ends the server."""
    killer = threading.Timer(1.0, served.process.kill)
    killer.start()
    began = time.monotonic()
    with pytest.raises(TeacherError) as caught:
        solved(served.teacher(answer=6_000, context=8_000, timeout=60.0), request())
    killer.join()
    assert caught.value.reason in ("unreachable", "output")
    assert time.monotonic() - began < 30
    asking = served.teacher()
    for _ in range(3):
        with pytest.raises(TeacherError) as gone:
            solved(asking, request())
        assert gone.value.reason == "unreachable"
