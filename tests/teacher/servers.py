"""Doubles of the servers that a teacher may be behind: real HTTP on loopback, and a log of all that was sent."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

MODEL = "qwen3-coder:30b"


class Asked(NamedTuple):
    """One request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


class Handler(BaseHTTPRequestHandler):
    """One request. ``reply`` and what it calls are for the behaviours of a double."""

    protocol_version = "HTTP/1.1"
    server: Double

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path, {key.lower(): value for key, value in self.headers.items()}, body)
        with self.server.lock:
            self.server.log.append(asked)
            self.server.active += 1
            self.server.most_active = max(self.server.most_active, self.server.active)
        try:
            self.server.serve(self, asked)
        except (BrokenPipeError, ConnectionResetError):  # the client had enough
            self.server.hung_up += 1
        finally:
            with self.server.lock:
                self.server.active -= 1

    def reply(
        self, value: object, status: int = 200, kind: str = "application/json; charset=utf-8", **headers: str
    ) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def chunked(self, pieces: list[bytes], kind: str, pause: float = 0.0) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(pause)
        self.wfile.write(b"0\r\n\r\n")

    def hang_up(self, after: bytes = b"") -> None:
        """Break the connection, perhaps in the middle of an answer."""
        if after:
            self.wfile.write(after)
            self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


Behaviour = Callable[[Handler, Asked], object]


class Double(ThreadingHTTPServer):
    """A server that keeps what it was asked."""

    daemon_threads = True

    def __init__(self, serve: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.serve = serve
        self.log: list[Asked] = []
        self.lock = threading.Lock()
        self.active = self.most_active = self.hung_up = 0
        self.closing = threading.Event()
        """Set when nobody asks any more: what sleeps shall wake."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def sent(self) -> bytes:
        """Every byte of every question, its address and headers included."""
        heads = (f"{asked.method} {asked.path}\n{asked.headers}\n".encode() for asked in self.log)
        return b"\n".join(head + asked.body for head, asked in zip(heads, self.log, strict=True))

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that ended early."""


@contextmanager
def running(serve: Behaviour) -> Iterator[Double]:
    double = Double(serve)
    thread = threading.Thread(target=double.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.closing.set()
        double.shutdown()
        double.server_close()
        thread.join()


# ------------------------------------------------------------------ Ollama


def ollama(
    *contents: str | Behaviour,
    models: tuple[str, ...] = (MODEL,),
    context: int = 262_144,
    show: dict[str, Any] | None = None,
) -> Behaviour:
    """An Ollama that gives these answers in turn, the last one for ever; a function answers in its own way."""
    turns = _turns(contents)

    def serve(handler: Handler, asked: Asked) -> None:
        if (asked.method, asked.path) == ("GET", "/api/tags"):
            handler.reply({"models": [{"name": name, "model": name, "size": 1, "digest": "0"} for name in models]})
        elif (asked.method, asked.path) == ("POST", "/api/show"):
            if asked.json["model"] not in models:
                handler.reply({"error": f"model '{asked.json['model']}' not found"}, 404)
            else:
                facts = {"general.architecture": "qwen3moe", "qwen3moe.context_length": context}
                handler.reply({"model_info": facts, "capabilities": ["completion"], **(show or {})})
        elif (asked.method, asked.path) == ("POST", "/api/chat"):
            content = next(turns)
            if callable(content):
                content(handler, asked)
            else:
                handler.reply(chat(content))
        else:
            handler.reply(b"404 page not found", 404, "text/plain")

    return serve


def chat(content: str, **more: object) -> dict[str, object]:
    """An answer of ``/api/chat``."""
    return {
        "model": MODEL,
        "created_at": "2025-11-21T10:00:00.0Z",
        "message": {"role": "assistant", "content": content},
        "done_reason": "stop",
        "done": True,
        "total_duration": 5_191_566_416,
        "eval_count": 298,
        **more,
    }


# ------------------------------------------------------------------ OpenAI-compatible


def openai(*contents: str | Behaviour, models: tuple[str, ...] = (MODEL,), strict: bool = False) -> Behaviour:
    """A server of that kind; a ``strict`` one rejects what it does not know."""
    turns = _turns(contents)

    def serve(handler: Handler, asked: Asked) -> None:
        if (asked.method, asked.path) == ("GET", "/v1/models"):
            handler.reply({"object": "list", "data": [{"id": name, "object": "model"} for name in models]})
        elif (asked.method, asked.path) == ("POST", "/v1/chat/completions"):
            if strict and "response_format" in asked.json:
                handler.reply({"error": {"message": "Unexpected keys: response_format", "code": 422}}, 422)
                return
            content = next(turns)
            if callable(content):
                content(handler, asked)
            else:
                handler.reply(completion(content))
        else:
            handler.reply({"error": {"message": "Not Found", "type": "invalid_request_error"}}, 404)

    return serve


def completion(content: object, finish: str | None = "stop") -> dict[str, object]:
    """An answer of ``/v1/chat/completions``."""
    message = {"role": "assistant", "content": content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20},
    }


def events(content: str, size: int = 7, finish: str = "stop") -> list[bytes]:
    """The same as a stream of events, as a server sends it that always streams."""
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    deltas: list[dict[str, object]] = [{"index": 0, "delta": {"content": piece}} for piece in pieces]
    deltas.append({"index": 0, "delta": {}, "finish_reason": finish})
    data = [json.dumps({"object": "chat.completion.chunk", "choices": [delta]}).encode() for delta in deltas]
    return [b"data: " + one + b"\n\n" for one in (*data, b"[DONE]")]


def _turns(contents: tuple[str | Behaviour, ...]) -> Iterator[str | Behaviour]:
    yield from contents
    while True:
        yield contents[-1]


# ------------------------------------------------------------------ what models answer


def edits(*changes: tuple[int, str, str]) -> str:
    """An answer of the form that was asked for."""
    return json.dumps({"edits": [{"line": line, "old": old, "new": new} for line, old, new in changes]})
