"""Repairs by the models, and by the teacher where they are not sure."""

from __future__ import annotations

import time
from typing import NamedTuple

from thea_hook.budget import current
from thea_hook.core.finding import Applicability, Fix
from thea_hook.core.routing import Attempt, Note, Outcome, Routing
from thea_hook.core.source import SourceFile
from thea_hook.languages.difference import edits_between
from thea_hook.languages.oracle import Verdict
from thea_hook.ml.tasks import Request, TaskType
from thea_hook.syntax.mender import Mended, Mender
from thea_hook.teacher.base import TeacherError
from thea_hook.teacher.teacher import Teacher

CONFIDENCE = 0.5
"""Of every answer: nobody has measured how often those of a model that the user chose are right."""

TITLE = "Write what the teacher proposes"
"""In our words: the model has none that are shown."""


class _Answer(NamedTuple):
    mended: Mended | None
    attempt: Attempt


class TaughtMender:
    """A mender, and a teacher who is asked about what it cannot mend or is not sure of.

    Whatever the teacher does, the outcome is never worse than without: no answer leaves things as they are, none is
    SAFE, and its time comes out of the budget of the run.
    """

    def __init__(self, mender: Mender | None, teacher: Teacher, sure_from: float, note: Note | None = None) -> None:
        self._mender = mender
        self._teacher = teacher
        self._sure_from = max(sure_from, CONFIDENCE)
        self._note = note

    @property
    def version(self) -> str:
        return f"{self._mender.version if self._mender else ''}+{self._teacher.source}"

    @property
    def failure(self) -> str:
        """What keeps the models from running, if anything does."""
        return str(getattr(self._mender, "failure", ""))

    def mend(self, file: SourceFile, verdict: Verdict) -> Mended | None:
        """The repair of the models where they are sure of it; else that of the teacher, if it has one."""
        first = self._mender.mend(file, verdict) if self._mender else None
        if first is not None and self._is_sure(first):
            return first
        budget = current()
        if not budget.left:
            return first
        began = time.monotonic()
        answer = self._asked(file, verdict, budget.deadline(), began)
        budget.spend(time.monotonic() - began)
        chosen = answer.mended if answer.mended is not None else first
        if self._note is not None:
            source = "" if chosen is None else chosen.source
            self._note(Routing("the teacher is asked about what is left", (answer.attempt,), source))
        return chosen

    def _is_sure(self, mended: Mended) -> bool:
        return mended.fix.applicability is Applicability.SAFE or mended.fix.confidence >= self._sure_from

    def _asked(self, file: SourceFile, verdict: Verdict, deadline: float, began: float) -> _Answer:
        request = Request(TaskType.CODE_REPAIR, file, verdict, deadline=deadline)
        try:
            opinion = self._teacher.ask(request)
        except TeacherError as exc:
            return _Answer(None, Attempt("teacher", Outcome.FAILED, str(exc), time.monotonic() - began))
        seconds = time.monotonic() - began
        hidden = f"; {opinion.hidden} secrets were hidden from it" if opinion.hidden else ""
        if not opinion.candidates:
            reason = f"its answer cannot be used: {opinion.refusals[-1]}{hidden}"
            return _Answer(None, Attempt("teacher", Outcome.ABSTAINED, reason, seconds))
        candidate = opinion.candidates[0]
        edits = tuple(edits_between(file.text, candidate.text, file.language))
        mended = Mended(Fix(TITLE, edits, Applicability.UNSAFE, CONFIDENCE), candidate.source)
        return _Answer(mended, Attempt("teacher", Outcome.ANSWERED, f"proposed a repair{hidden}", seconds))
