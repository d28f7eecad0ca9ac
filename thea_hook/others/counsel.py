"""The teacher, asked about what other linters find and nothing else mends. Nothing here is believed yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from thea_hook.budget import current
from thea_hook.core.finding import Edit
from thea_hook.core.routing import Attempt, Outcome
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.difference import edits_between
from thea_hook.languages.oracle import SyntaxProblem
from thea_hook.others.findings import Answer, Reported
from thea_hook.others.refusals import refusal
from thea_hook.others.repair import Candidate
from thea_hook.teacher.advice import TITLE, heard
from thea_hook.teacher.prompts import LINTING
from thea_hook.teacher.teacher import Opinion, Task, Teacher


def proposals(
    teacher: Teacher, file: SourceFile, findings: Sequence[Reported]
) -> tuple[list[tuple[Candidate, ...]], list[Attempt]]:
    """For each finding what the teacher would do about it, and what became of asking. Where asking again is of no use
    it is not asked about the rest."""
    offered: list[tuple[Candidate, ...]] = [()] * len(findings)
    attempts: list[Attempt] = []
    for index, reported in enumerate(findings):
        opinion, attempt = heard(partial(opinion_about, teacher, file, (reported,)))
        attempts.append(attempt)
        if opinion is not None:
            offered[index] = tuple(
                Candidate(reported, TITLE, tuple(edits_between(file.text, one.text, file.language)))
                for one in opinion.candidates
            )
        if attempt.outcome is Outcome.FAILED and (teacher.has_given_up or not current().left):
            break
    return offered, attempts


def opinion_about(teacher: Teacher, file: SourceFile, complaints: Answer, deadline: float = math.inf) -> Opinion:
    """What the teacher would do about findings of a linter. Raises TeacherError where there was no answer."""

    def objection(_: SourceFile, edits: tuple[Edit, ...], region: Span) -> str:
        against = [refusal(file, Candidate(one, TITLE, edits)) for one in complaints]
        # what one of the complaints allows, such as to delete what nobody uses, may be done
        return min(("" if one is None else one.value) for one in against)

    problems = tuple(SyntaxProblem(one.span, one.message) for one in complaints)
    return teacher.propose(Task(file, problems, LINTING, objection, deadline))
