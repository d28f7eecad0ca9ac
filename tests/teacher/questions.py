"""Broken texts to ask about, and a teacher that asks."""

from __future__ import annotations

import math

from servers import Double

from thea_hook.core.source import SourceFile, Span, language_of
from thea_hook.languages.oracle import SyntaxProblem, judge
from thea_hook.ml.tasks import Candidate, Request, TaskType
from thea_hook.teacher.base import TeacherError, TeacherSettings
from thea_hook.teacher.prompts import LINTING
from thea_hook.teacher.teacher import Objection, Task, Teacher

BROKEN = b"""\
import { load } from "./store.js";

const limit = 10;

export function first(items) {
  const found = [];
  for (const item of items {
    if (found.length < limit) {
      found.push(load(item));
    }
  }
  return found;
}
"""
MENDED = BROKEN.replace(b"of items {", b"of items) {")
BAD_LINE = "  for (const item of items {"
GOOD_LINE = "  for (const item of items) {"


def request(text: bytes = BROKEN, path: str = "a.mjs", deadline: float = math.inf) -> Request:
    language = language_of(path)
    assert language is not None
    file = SourceFile(path, text, language)
    return Request(TaskType.CODE_REPAIR, file, judge([file])[0], deadline=deadline)


def solved(teacher: Teacher, request: Request) -> tuple[Candidate, ...]:
    """What the teacher proposes. Raises TeacherError where that is nothing."""
    opinion = teacher.ask(request)
    if not opinion.candidates:
        raise TeacherError(opinion.refusals[-1], "output")
    return opinion.candidates


def complaint(text: bytes, place: bytes, words: str, objection: Objection) -> Task:
    """The question about what a linter says of a place in a text that parses; whoever asks judges the answers."""
    start = text.index(place)
    problem = SyntaxProblem(Span(start, start + len(place)), words)
    return Task(SourceFile("a.mjs", text, "javascript"), (problem,), LINTING, objection)


def settings(server: Double, backend: str = "ollama", **more: object) -> TeacherSettings:
    url = server.url + ("/v1" if backend == "openai" else "")
    return TeacherSettings(**{"backend": backend, "url": url, "timeout": 10.0, "rounds": 1, **more})  # type: ignore[arg-type]


def teacher(server: Double, backend: str = "ollama", **more: object) -> Teacher:
    return Teacher(settings(server, backend, **more), environ={})
