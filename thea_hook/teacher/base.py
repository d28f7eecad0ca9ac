"""What the parts of the teacher share: its settings, the question and the answer, and how it fails."""

from __future__ import annotations

import math
import re
import time
from typing import Literal, NamedTuple, Protocol

from thea_hook.errors import ModelError

BackendName = Literal["off", "ollama", "openai"]
BACKENDS: tuple[BackendName, ...] = ("off", "ollama", "openai")

DEFAULT_MODEL = "qwen3-coder:30b"
DEFAULT_URLS: dict[str, str] = {
    "ollama": "http://127.0.0.1:11434",
    "openai": "http://127.0.0.1:8080/v1",  # where llama.cpp's server listens
}

INSTALL = "python -m pip install 'thea-hook[teacher]'"


class TeacherError(ModelError):
    """The teacher cannot be asked or gave no usable answer; whoever asked it goes on without it.

    ``reason`` is one word: ``off``, ``package`` (a library is missing), ``refused`` (a safety rule forbids it),
    ``input``, ``unreachable``, ``busy``, ``timeout``, ``model`` (the server does not have it), ``output`` or ``enough``
    (it was asked as often as it may be).
    """


class TeacherSettings(NamedTuple):
    """Whom to ask and how. The teacher is off unless ``backend`` says otherwise.

    Nothing but the loopback interface is talked to, unless ``allow_remote`` is set *and* ``remote_host`` names the very
    host of ``url``: two switches, neither of which a file of a checked project can set.
    """

    backend: BackendName = "off"
    url: str = ""
    model: str = DEFAULT_MODEL
    timeout: float = 60.0
    """Seconds for one question, retries and waiting included."""
    context: int = 8_192
    """Tokens of question and answer. Ollama loads the model anew where it changes, so every question has the same."""
    answer: int = 1_024
    """The most tokens of an answer."""
    rounds: int = 2
    """How often it is asked about one text: the second time with what spoke against its first answer."""
    questions: int = 0
    """How often it is asked in all, 0 for as often as anybody wants."""
    retries: int = 2
    concurrency: int = 1
    """Questions at a time, of all threads of a process."""
    keep_alive: str = "5m"
    """How long Ollama keeps the model in memory after a question."""
    allow_remote: bool = False
    remote_host: str = ""

    @property
    def address(self) -> str:
        """The URL in use."""
        return self.url or DEFAULT_URLS.get(self.backend, "")


class Message(NamedTuple):
    """One turn of a conversation; ``role`` is ``system``, ``user`` or ``assistant``."""

    role: str
    content: str


class Deadline(NamedTuple):
    """A time of ``time.monotonic()`` after which nobody waits for the answer."""

    at: float = math.inf

    @classmethod
    def within(cls, seconds: float, latest: float = math.inf) -> Deadline:
        return cls(min(time.monotonic() + seconds, latest))

    @property
    def left(self) -> float:
        """Seconds, at least 0."""
        return max(0.0, self.at - time.monotonic())

    def check(self) -> float:
        """Seconds that are left. Raises TeacherError where there are none."""
        left = self.left
        if left <= 0:
            raise TeacherError("the teacher did not answer in time", "timeout")
        return left


NO_DEADLINE = Deadline()


class Backend(Protocol):
    """One way to talk to a server."""

    def complete(self, messages: tuple[Message, ...], deadline: Deadline) -> str:
        """The text with which the model answers; nothing about it is known to be right. Raises TeacherError."""
        ...

    def check(self, deadline: Deadline) -> str:
        """What the server says about the model, in a few words. Raises TeacherError where it cannot be asked."""
        ...


_PLAIN = re.compile(r"[^A-Za-z0-9 _.,;:'\"/()<>=+*?!@%&|-]+")
MOST_QUOTED = 160


def plain(text: str) -> str:
    """What a server wrote, fit for a terminal and for the log of a CI runner: short, on one line, ASCII without
    escapes, brackets and number signs, and with no ``::`` that could begin a runner's command."""
    short = _PLAIN.sub(" ", text[: 4 * MOST_QUOTED])
    short = re.sub(r":(?=:)", ": ", short)
    short = " ".join(short.split())
    return short if len(short) <= MOST_QUOTED else short[: MOST_QUOTED - 3] + "..."
