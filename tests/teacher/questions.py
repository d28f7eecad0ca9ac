"""Broken texts to ask about, and a teacher that asks."""

from __future__ import annotations

import math

from servers import Double

from thea_hook.core.source import SourceFile, language_of
from thea_hook.languages.oracle import judge
from thea_hook.ml.tasks import Request, TaskType
from thea_hook.teacher.base import TeacherSettings
from thea_hook.teacher.teacher import Teacher

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


def settings(server: Double, backend: str = "ollama", **more: object) -> TeacherSettings:
    url = server.url + ("/v1" if backend == "openai" else "")
    return TeacherSettings(**{"backend": backend, "url": url, "timeout": 10.0, "rounds": 1, **more})  # type: ignore[arg-type]


def teacher(server: Double, backend: str = "ollama", **more: object) -> Teacher:
    return Teacher(settings(server, backend, **more), environ={})
