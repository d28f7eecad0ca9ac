"""A teacher behind Ollama's own API."""

from __future__ import annotations

from typing import Any

from thea_hook.teacher.base import Deadline, Message, TeacherError, TeacherSettings, plain
from thea_hook.teacher.guard import refuse_cloud
from thea_hook.teacher.prompts import SCHEMA
from thea_hook.teacher.transport import JSON_LINES, Reply, Transport


class Ollama:
    """One model of an Ollama server."""

    def __init__(self, settings: TeacherSettings, transport: Transport) -> None:
        refuse_cloud(settings.model)
        self._settings = settings
        self._transport = transport
        self._context = 0

    def complete(self, messages: tuple[Message, ...], deadline: Deadline) -> str:
        """The text with which the model answers. Raises TeacherError."""
        if not self._context:  # before any code is sent: a name may stand for a model elsewhere
            self._context = self._look_at_model(deadline)
        reply = self._transport.post("/api/chat", self._question(messages), deadline)
        self._check(reply)
        values = reply.values() if reply.kind == JSON_LINES else [reply.value()]
        if not values or not values[-1].get("done"):
            raise TeacherError("the teacher's answer was cut off", "output")
        for value in values:
            _refuse_remote(value, self._settings.model)
        if values[-1].get("done_reason") == "length":
            raise TeacherError("the teacher's answer was longer than it may be", "output")
        return "".join(map(_content, values))

    def check(self, deadline: Deadline) -> str:
        """Whether the server has the model, and its context. Raises TeacherError."""
        reply = self._transport.get("/api/tags", deadline)
        self._check(reply)
        models = reply.value().get("models")
        count = len(models) if isinstance(models, list) else 0
        context = self._look_at_model(deadline)
        return f"{self._settings.model} with {context} tokens of context, one of {count} models of Ollama"

    def _question(self, messages: tuple[Message, ...]) -> dict[str, object]:
        settings = self._settings
        return {
            "model": settings.model,
            "messages": [message._asdict() for message in messages],
            "stream": False,
            "think": False,
            "format": SCHEMA,
            "keep_alive": settings.keep_alive,
            "options": {"num_ctx": self._context, "num_predict": settings.answer, "temperature": 0, "seed": 0},
        }

    def _look_at_model(self, deadline: Deadline) -> int:
        """How many tokens of context the model gets; asking loads nothing."""
        reply = self._transport.post("/api/show", {"model": self._settings.model}, deadline)
        self._check(reply)
        value = reply.value()
        _refuse_remote(value, self._settings.model)
        abilities = value.get("capabilities")
        if isinstance(abilities, list) and "completion" not in abilities:
            raise TeacherError(f"{plain(self._settings.model)} is no model that writes text", "model")
        facts = value.get("model_info")
        sizes = [
            size
            for name, size in (facts.items() if isinstance(facts, dict) else ())
            if name.endswith(".context_length") and isinstance(size, int) and size > 0
        ]
        return min([self._settings.context, *sizes])

    def _check(self, reply: Reply) -> None:
        if reply.status == 200:
            return
        model = self._settings.model
        if reply.status == 404:
            raise TeacherError(f"Ollama does not have the model {plain(model)}: ollama pull {plain(model)}", "model")
        raise TeacherError(f"Ollama answered with status {reply.status}: {reply.error()}".rstrip(": "), "output")


def _refuse_remote(value: dict[str, Any], model: str) -> None:
    """Refuse a model that Ollama passes on: it says so, whatever the name is."""
    if value.get("remote_host") or value.get("remote_model"):
        raise TeacherError(f"{plain(model)} runs on another server, not here: cloud models are refused", "refused")


def _content(value: dict[str, Any]) -> str:
    """What the model wrote, without its thoughts, which have a field of their own."""
    message = value.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if content is not None and not isinstance(content, str):
        raise TeacherError("the teacher's server answered with JSON of an unknown form", "output")
    return content or ""
