"""A teacher behind the API that OpenAI's became for everybody: llama.cpp's server, vLLM, LM Studio and others."""

from __future__ import annotations

from typing import Any

from thea_hook.teacher.base import Deadline, Message, TeacherError, TeacherSettings, plain
from thea_hook.teacher.guard import refuse_cloud
from thea_hook.teacher.prompts import SCHEMA
from thea_hook.teacher.transport import EVENTS, Reply, Transport

_REJECTED = frozenset({400, 422, 501})
"""How servers answer to a field that they do not know."""


class OpenAI:
    """One model of an OpenAI-compatible server."""

    def __init__(self, settings: TeacherSettings, transport: Transport) -> None:
        refuse_cloud(settings.model)
        self._settings = settings
        self._transport = transport
        self._is_plain = False

    def complete(self, messages: tuple[Message, ...], deadline: Deadline) -> str:
        """The text with which the model answers. Raises TeacherError.

        A server that rejects what not all of them know, the schema and the switch for thoughts, is asked again without,
        and from then on: the answer is read and checked the same way.
        """
        reply = self._asked(messages, deadline)
        if reply.status in _REJECTED and not self._is_plain:
            self._is_plain = True
            reply = self._asked(messages, deadline)
            self._is_plain = reply.status == 200  # else it was something in the question, which is of this text alone
        self._check(reply)
        if reply.kind == EVENTS:
            choices = [choice for value in reply.values() for choice in _choices(value)]
            pieces = [_text(choice.get("delta")) for choice in choices]
        else:
            choices = _choices(reply.value())[:1]
            pieces = [_text(choice.get("message")) for choice in choices]
        reasons = [choice.get("finish_reason") for choice in choices]
        if not choices or (reply.kind == EVENTS and not any(reasons)):
            raise TeacherError("the teacher's answer was cut off", "output")
        if "length" in reasons:
            raise TeacherError("the teacher's answer was longer than it may be", "output")
        if "content_filter" in reasons:
            raise TeacherError("the server held a part of the teacher's answer back", "output")
        return "".join(pieces)

    def _asked(self, messages: tuple[Message, ...], deadline: Deadline) -> Reply:
        return self._transport.post("/chat/completions", self._question(messages), deadline)

    def check(self, deadline: Deadline) -> str:
        """Whether the server has the model. Raises TeacherError."""
        reply = self._transport.get("/models", deadline)
        self._check(reply)
        models = reply.value().get("data")
        names = [model.get("id") for model in models if isinstance(model, dict)] if isinstance(models, list) else []
        if self._settings.model in names:
            return f"{self._settings.model}, one of {len(names)} models of the server"
        known = plain(", ".join(name for name in names if isinstance(name, str)))
        return f"{self._settings.model} is not one of its models: {known or 'it names none'}"

    def _question(self, messages: tuple[Message, ...]) -> dict[str, object]:
        question: dict[str, object] = {
            "model": self._settings.model,
            "messages": [message._asdict() for message in messages],
            "stream": False,
            "temperature": 0,
            "max_tokens": self._settings.answer,
        }
        if not self._is_plain:
            schema = {"name": "repair", "strict": True, "schema": SCHEMA}
            question["response_format"] = {"type": "json_schema", "json_schema": schema}
            question["chat_template_kwargs"] = {"enable_thinking": False}
        return question

    def _check(self, reply: Reply) -> None:
        if reply.status == 200:
            return
        if reply.status == 404:
            model, url = plain(self._settings.model), plain(self._settings.address)
            raise TeacherError(f"the server does not have the model {model}, or its API is not at {url}", "model")
        if reply.status in (401, 403):
            raise TeacherError("the server wants a key: put it into THEA_TEACHER_KEY", "refused")
        raise TeacherError(f"the server answered with status {reply.status}: {reply.error()}".rstrip(": "), "output")


def _choices(value: dict[str, Any]) -> list[dict[str, Any]]:
    choices = value.get("choices")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise TeacherError("the teacher's server answered with JSON of an unknown form", "output")
    return choices


def _text(message: object) -> str:
    """What the model wrote; its thoughts, where the server tells them apart, have a field of their own."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):  # in parts
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str))
    if content is not None and not isinstance(content, str):
        raise TeacherError("the teacher's server answered with JSON of an unknown form", "output")
    return content or ""
