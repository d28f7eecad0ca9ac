"""Requests to a teacher's server, over httpcore2: the HTTP of httpx2 without its cookies, proxies and redirects.

Every wait ends at the deadline of the question, also where a server sends a byte a second; every answer is read up to
a limit. The connection goes to the addresses that the guard has checked, whatever the host resolves to by then.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from thea_hook.teacher.base import INSTALL, Deadline, TeacherError, plain
from thea_hook.teacher.guard import Endpoint

if TYPE_CHECKING:
    import httpcore2

MOST_BYTES = 2 << 20
"""Of an answer: a thousand tokens and their wrapping are a hundredth of it."""
JSON, JSON_LINES, EVENTS = "application/json", "application/x-ndjson", "text/event-stream"

_BUSY = frozenset({408, 425, 429, 502, 503, 504})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0


class Reply(NamedTuple):
    """The answer to one request: its status and its body, which is JSON in one of its three forms."""

    status: int
    kind: str
    body: bytes
    retry_after: float | None = None

    def error(self) -> str:
        """What the server says went wrong, fit to print."""
        try:
            value = self.value()
        except TeacherError:
            return ""
        error = value.get("error")
        if isinstance(error, dict):
            error = error.get("message")
        return plain(error) if isinstance(error, str) else ""

    def value(self) -> dict[str, Any]:
        """The JSON object of the body. Raises TeacherError."""
        return _object(self.body)

    def values(self) -> list[dict[str, Any]]:
        """The objects of a body that is a stream of them. Raises TeacherError."""
        lines = self.body.splitlines()
        if self.kind == EVENTS:
            data = [line[5:].strip() for line in lines if line.startswith(b"data:")]
            lines = [line for line in data if line != b"[DONE]"]
        return [_object(line) for line in lines if line.strip()]


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise TeacherError("the teacher's server answered with something that is no JSON", "output") from exc
    if not isinstance(value, dict):
        raise TeacherError("the teacher's server answered with JSON of an unknown form", "output")
    return value


class Transport:
    """Requests to one server."""

    def __init__(self, endpoint: Endpoint, *, headers: Mapping[str, str] | None = None, retries: int = 2) -> None:
        self._endpoint = endpoint
        self._headers = dict(headers or {})
        self._retries = retries

    def get(self, path: str, deadline: Deadline) -> Reply:
        """The answer to a question without a body. Raises TeacherError."""
        return self._ask("GET", path, b"", deadline)

    def post(self, path: str, body: Mapping[str, object], deadline: Deadline) -> Reply:
        """The answer to a JSON object. Raises TeacherError."""
        return self._ask("POST", path, json.dumps(body, separators=(",", ":")).encode("ascii"), deadline)

    def _ask(self, method: str, path: str, body: bytes, deadline: Deadline) -> Reply:
        """The answer, asked for again where the server is busy or hung up on us."""
        for attempt in range(self._retries + 1):
            is_last = attempt == self._retries
            try:
                reply = self._once(method, path, body, deadline)
            except _HungUp as exc:
                if is_last:
                    raise TeacherError("the teacher's server broke the connection", "unreachable") from exc
                self._pause(attempt, None, deadline)
                continue
            if reply.status not in _BUSY:
                return reply
            if is_last or not self._pause(attempt, reply.retry_after, deadline):
                break
        raise TeacherError(f"the teacher's server is busy (status {reply.status})", "busy")

    def _pause(self, attempt: int, wanted: float | None, deadline: Deadline) -> bool:
        """Wait before the next attempt, each time twice as long and never in step with others; False where the time
        that is left is too short for it."""
        spread = _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5)
        pause = min(_LONGEST_PAUSE, spread) if wanted is None else max(wanted, spread / 10)
        if pause >= deadline.left:
            return False
        time.sleep(pause)
        return True

    def _once(self, method: str, path: str, body: bytes, deadline: Deadline) -> Reply:
        http = _library()
        deadline.check()
        scheme, host, port = self._endpoint.scheme, self._endpoint.host, self._endpoint.port
        url = http.URL(scheme=scheme, host=host, port=port, target=f"{self._endpoint.path}{path}")
        headers = {
            "Host": self._endpoint.url.partition("://")[2].partition("/")[0],
            "Accept": f"{JSON}, {JSON_LINES}, {EVENTS}",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **({"Content-Type": JSON, "Content-Length": str(len(body))} if body else {}),
            **self._headers,
        }
        try:
            # A pool for each request: one connection is quick to make, and its deadline is that of one question.
            with (
                http.ConnectionPool(network_backend=_pinned(self._endpoint, deadline)) as pool,
                pool.stream(method, url, headers=list(headers.items()), content=body) as response,
            ):
                return _read(response, deadline)
        except http.ConnectError as exc:
            raise TeacherError(f"nobody answers at {self._endpoint.url}", "unreachable") from exc
        except http.TimeoutException as exc:
            raise TeacherError("the teacher did not answer in time", "timeout") from exc
        except (http.NetworkError, http.ProtocolError) as exc:
            raise _HungUp from exc


class _HungUp(Exception):
    """The connection broke, or what came over it is no HTTP."""


def _library() -> Any:
    try:
        import httpcore2
    except ImportError as exc:
        raise TeacherError(f"the teacher needs a package that is not installed: {INSTALL}", "package") from exc
    return httpcore2


def _read(response: httpcore2.Response, deadline: Deadline) -> Reply:
    headers = {name.lower(): value for name, value in response.headers}
    if 300 <= response.status < 400:
        raise TeacherError("the teacher's server wants to send us elsewhere, which is not followed", "refused")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise TeacherError("the teacher's server compressed its answer, which was not asked for", "output")
    body = _bounded(response.iter_stream(), deadline)
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("ascii", "replace")
    if response.status == 200 and kind not in (JSON, JSON_LINES, EVENTS):
        raise TeacherError("the teacher's server answered with something that is no JSON", "output")
    return Reply(response.status, kind, body, _seconds(headers.get(b"retry-after", b"")))


def _bounded(chunks: Iterable[bytes], deadline: Deadline) -> bytes:
    parts, size = [], 0
    for chunk in chunks:
        deadline.check()
        size += len(chunk)
        if size > MOST_BYTES:
            raise TeacherError(f"the teacher's server sent more than {MOST_BYTES >> 20} MiB", "output")
        parts.append(chunk)
    return b"".join(parts)


def _seconds(retry_after: bytes) -> float | None:
    """The meaning of a ``Retry-After`` header, seconds or a date."""
    text = retry_after.decode("ascii", "replace").strip()
    if text.isdigit():
        return float(text[:6])
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _pinned(endpoint: Endpoint, deadline: Deadline) -> httpcore2.NetworkBackend:
    """A network of one server: connections go to its checked addresses, and every wait ends at the deadline."""
    import httpcore2

    class Stream(httpcore2.NetworkStream):
        def __init__(self, inner: httpcore2.NetworkStream) -> None:
            self._inner = inner

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            return self._inner.read(max_bytes, deadline.check())

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            self._inner.write(buffer, deadline.check())

        def close(self) -> None:
            self._inner.close()

        def start_tls(
            self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore2.NetworkStream:
            return Stream(self._inner.start_tls(ssl_context, server_hostname, deadline.check()))

        def get_extra_info(self, info: str) -> Any:
            return self._inner.get_extra_info(info)

    class Network(httpcore2.NetworkBackend):
        def connect_tcp(
            self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
            socket_options: Any = None,
        ) -> httpcore2.NetworkStream:  # fmt: skip
            *others, last = endpoint.addresses
            for address in others:
                try:
                    return Stream(network.connect_tcp(address, endpoint.port, deadline.check()))
                except httpcore2.ConnectError:
                    continue
            return Stream(network.connect_tcp(last, endpoint.port, deadline.check()))

    network = httpcore2.SyncBackend()
    return Network()
