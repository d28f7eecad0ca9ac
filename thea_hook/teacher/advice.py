"""What the teacher adds to the findings of a run, when everybody else is done.

Up to then the run is one without a teacher, its time included: no server, however slow, takes anything away from what
the models would have found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from thea_hook.budget import current
from thea_hook.core.finding import Applicability, Finding, Fix
from thea_hook.core.patch import apply_edits, select_edits
from thea_hook.core.routing import Attempt, Outcome, Routing
from thea_hook.core.source import SourceFile
from thea_hook.languages.difference import edits_between
from thea_hook.languages.oracle import Answer, judge
from thea_hook.ml.tasks import Request, TaskType
from thea_hook.ruleset.rule import SYNTAX_ERROR
from thea_hook.syntax.diagnosis import TYPED
from thea_hook.teacher.base import TeacherError
from thea_hook.teacher.teacher import Opinion, Teacher

CONFIDENCE = 0.5
"""Of every answer: nobody has measured how often those of a model that the user chose are right."""

TITLE = "Write what the teacher proposes"
"""In our words: the model has none that are shown."""


class Advice(NamedTuple):
    """The findings of a text, the repair of the teacher among them if it has one, and what became of asking."""

    findings: tuple[Finding, ...]
    routing: Routing


def heard(ask: Callable[[float], Opinion]) -> tuple[Opinion | None, Attempt]:
    """What came of a question, which is given the time until which the run can wait; no opinion where there is no
    candidate in it."""
    budget = current()
    if not budget.left:
        return None, _NO_TIME
    began = time.monotonic()
    opinion, attempt = _answered(ask, budget.deadline())
    seconds = time.monotonic() - began
    budget.spend(seconds)
    return opinion, attempt._replace(seconds=seconds)


def _answered(ask: Callable[[float], Opinion], deadline: float) -> tuple[Opinion | None, Attempt]:
    try:
        opinion = ask(deadline)
    except TeacherError as exc:
        return None, Attempt("teacher", Outcome.FAILED, str(exc))
    hidden = f"; {opinion.hidden} secrets were hidden from it" if opinion.hidden else ""
    if not opinion.candidates:
        reason = f"its answer cannot be used: {opinion.refusals[-1]}{hidden}"
        return None, Attempt("teacher", Outcome.ABSTAINED, reason)
    return opinion, Attempt("teacher", Outcome.ANSWERED, f"proposed a repair{hidden}")


# FAILED, not SKIPPED: a run that has the time would ask, so this is not what the cache shall remember
_NO_TIME = Attempt("teacher", Outcome.FAILED, "the time that models may take was over")


class Adviser:
    """Asks the teacher about the texts of one run that do not parse. None of its repairs is SAFE."""

    def __init__(self, teacher: Teacher) -> None:
        self.teacher = teacher

    @property
    def source(self) -> str:
        """How findings name it."""
        return self.teacher.source

    @property
    def version(self) -> str:
        """Changes whenever its advice can change."""
        settings = self.teacher.settings
        return f"{settings.backend} {settings.address} {settings.model} {settings.context}"

    def is_wanted(self, file: SourceFile, findings: Sequence[Finding]) -> bool:
        """Whether these findings of the text lack a repair that is as likely as one of the teacher's."""
        return _open_error(findings) is not None and not _is_mended(file, _alternatives(findings))

    def advise(self, file: SourceFile, findings: Sequence[Finding], least_confidence: float) -> Advice:
        """The findings after the teacher was asked; as they are where it has no answer, or the run has no time."""
        opinion, attempt = heard(lambda deadline: self.teacher.ask(_request(file, deadline)))
        routing = Routing("the teacher is asked about what is left", (attempt,))
        error = _open_error(findings)
        if opinion is None or error is None:
            return Advice(tuple(findings), routing)
        edits = tuple(edits_between(file.text, opinion.candidates[0].text, file.language))
        taught = error._replace(fix=Fix(TITLE, edits, grade(least_confidence), CONFIDENCE), source=self.source)
        others = _alternatives(findings)
        kept = (taught if finding == error else finding for finding in findings if finding not in others)
        return Advice(tuple(kept), routing._replace(answer=self.source))


def grade(least_confidence: float) -> Applicability:
    """Of every repair of a teacher: shown, and applied to those who do not ask for surer ones."""
    return Applicability.UNSAFE if least_confidence <= CONFIDENCE else Applicability.DISPLAY


def _request(file: SourceFile, deadline: float) -> Request:
    return Request(TaskType.CODE_REPAIR, file, judge([file])[0], deadline=deadline)


def _open_error(findings: Sequence[Finding]) -> Finding | None:
    """The error of a text that does not parse, unless the models mend it; types in JavaScript are not to be mended."""
    for finding in findings:
        if finding.rule_id == SYNTAX_ERROR and finding.confidence > TYPED:
            return None if finding.fix is not None and _is_sure(finding.fix) else finding
    return None


def _is_sure(fix: Fix) -> bool:
    return fix.applicability is Applicability.SAFE or fix.confidence >= CONFIDENCE


def _alternatives(findings: Sequence[Finding]) -> list[Finding]:
    """What the rules would do about the places that do not parse."""
    return [
        finding
        for finding in findings
        if finding.category == "syntax" and finding.rule_id != SYNTAX_ERROR and finding.fix is not None
    ]


def _is_mended(file: SourceFile, findings: Sequence[Finding]) -> bool:
    """Whether the text parses with the fixes of these findings that can be applied: those are no worse a guess."""
    chosen, _ = select_edits([one for one in findings if one.fix and one.fix.applicability > Applicability.DISPLAY])
    edits = [edit for finding in chosen if finding.fix for edit in finding.fix.edits]
    return bool(edits) and judge([file._replace(text=apply_edits(file.text, edits))])[0].answer is Answer.PARSES
