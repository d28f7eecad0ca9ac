"""Which architecture a request goes to: an analysis of the request, and a score for each architecture that could."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.ml.registry import ArchitectureRegistry, Capability, Role, Strength
from thea_hook.ml.tasks import Candidate, Request, RoutingDecision, TaskType

if TYPE_CHECKING:
    from thea_hook.core.source import SourceFile
    from thea_hook.languages.oracle import Verdict

LONG_TEXT = 1 << 17
"""Bytes from which a text is taken apart before it is read: some 28,000 lexemes."""
AROUND = 1 << 10
"""Bytes on either side of the places in question that have to be read with them."""
MANY = 5
"""As many mistakes as this, and more, are as complex as can be."""
COMPLEX = 0.25
"""From two mistakes on, it is worth while to take them apart."""

TASK_WEIGHT, STRENGTH_WEIGHT, RESOURCE_WEIGHT, CONTEXT_WEIGHT = 0.4, 0.2, 0.2, 0.2
PATIENCE_SECONDS = 2.0
"""An architecture that takes this long, or longer, is as inefficient as can be."""


class Analysis(NamedTuple):
    """What a request needs. ``reasons`` are the facts behind it, each a part of a sentence."""

    task: TaskType
    complexity: float
    context_length: int
    is_iterative: bool
    is_streaming: bool
    reasons: tuple[str, ...]

    @property
    def needs(self) -> frozenset[Strength]:
        """What an architecture should be able to do."""
        wanted = {
            Strength.ITERATION: self.is_iterative,
            Strength.LONG_INPUT: self.task is TaskType.LONG_CONTEXT,
            Strength.MANY_MISTAKES: self.complexity >= COMPLEX,
            Strength.STREAMING: self.is_streaming,
            Strength.SYNTHESIS: self.task in (TaskType.CODE_GENERATION, TaskType.TEXT_GENERATION),
        }
        return frozenset(strength for strength, is_needed in wanted.items() if is_needed)


class Score(NamedTuple):
    """How well an architecture suits a request, and the four figures from 0 to 1 that this comes from."""

    task: float
    strengths: float
    resources: float
    context: float

    @property
    def total(self) -> float:
        return (
            TASK_WEIGHT * self.task
            + STRENGTH_WEIGHT * self.strengths
            + RESOURCE_WEIGHT * self.resources
            + CONTEXT_WEIGHT * self.context
        )


def request_of(
    file: SourceFile, verdict: Verdict, candidates: Sequence[Candidate] = (), deadline: float = math.inf
) -> Request:
    """The request to make of a broken text, as the task that it is."""
    return Request(_task_of(file, verdict, candidates), file, verdict, tuple(candidates), deadline)


def _task_of(file: SourceFile, verdict: Verdict, candidates: Sequence[Candidate]) -> TaskType:
    if len(file.text) > LONG_TEXT:
        return TaskType.LONG_CONTEXT
    if not candidates:
        return TaskType.CODE_GENERATION
    if _mistakes(verdict, candidates) > 1:
        return TaskType.ITERATIVE_REFINEMENT
    return TaskType.CODE_REPAIR


def _mistakes(verdict: Verdict, candidates: Sequence[Candidate]) -> int:
    """How many mistakes there are at least. A parser stops at the first that it cannot pass, so the edits of the
    likeliest candidate count as well as its complaints."""
    edits = len(candidates[0].steps) if candidates else 0
    return max(1, len(verdict.problems), edits)


def analyse(request: Request) -> Analysis:
    """What the request needs, from what can be counted: no model is asked, and the text is not read."""
    length, candidates = len(request.file.text), request.candidates
    mistakes = _mistakes(request.verdict, candidates)
    context_length = length if length > LONG_TEXT else min(length, _extent(request.verdict) + 2 * AROUND)
    return Analysis(
        task=request.task,
        complexity=min(1.0, (mistakes - 1) / (MANY - 1)),
        context_length=context_length,
        is_iterative=mistakes > 1 or request.task is TaskType.ITERATIVE_REFINEMENT,
        is_streaming=request.task is TaskType.STREAMING,
        reasons=(
            f"a {'long text' if length > LONG_TEXT else 'text'} of {length:,} bytes",
            _counted(len(request.verdict.problems), "complaint of the parser", "complaints of the parser"),
            _counted(len(candidates), "candidate", "candidates"),
            *([f"the likeliest with {mistakes} edits"] if candidates and len(candidates[0].steps) > 1 else []),
        ),
    )


def _extent(verdict: Verdict) -> int:
    """Bytes from the first place that the parser complains about to the last."""
    spans = [span for problem in verdict.problems for span in (problem.span, *problem.related)]
    return max(span.end for span in spans) - min(span.start for span in spans) if spans else 0


def _counted(count: int, one: str, many: str) -> str:
    return f"{count or 'no'} {one if count == 1 else many}"


def score(analysis: Analysis, capability: Capability) -> Score:
    """How well an architecture suits a request, from 0 to 1.

    0.4 task match + 0.2 strength match + 0.2 resource efficiency + 0.2 context headroom.
    """
    needs = analysis.needs
    return Score(
        task=capability.tasks.get(analysis.task, 0.0),
        strengths=len(needs & capability.strengths) / len(needs) if needs else 1.0,
        resources=max(0.0, 1.0 - capability.seconds / PATIENCE_SECONDS),
        context=max(0.0, 1.0 - analysis.context_length / capability.context),
    )


class TaskRouter:
    """Chooses among the architectures of a registry."""

    def __init__(self, registry: ArchitectureRegistry) -> None:
        self._registry = registry

    def route(self, request: Request) -> RoutingDecision:
        """Who is asked to propose candidates, who instead where that fails, and who scores what they propose.

        Others help the primary that have a strength which the request needs. Nothing but the request and the
        capabilities decides: the same text goes the same way every time.
        """
        analysis = analyse(request)
        proposers = self._scored(analysis, Role.PROPOSER)
        scores = proposers | self._scored(analysis, Role.SCORER)
        primary = next(iter(proposers), "")
        path = [name for name, it in proposers.items() if name == primary or (analysis.needs and it.strengths)]
        return RoutingDecision(
            primary=primary,
            fallbacks=tuple(name for name in proposers if name not in path),
            confidence=_confidence([found.total for found in proposers.values()]),
            scores={name: found.total for name, found in scores.items()},
            reason=_reason(analysis, primary, proposers),
            path=self._judging_last(path),
            scorers=self._judging_last(name for name in scores if self._is(name, Role.SCORER) and name not in path),
        )

    def _scored(self, analysis: Analysis, role: Role) -> dict[str, Score]:
        """Those of a role, the best first; of equals the one that was registered first."""
        scores = {name: score(analysis, self._registry.capability(name)) for name in self._registry}
        of_role = {name: found for name, found in scores.items() if self._is(name, role)}
        return dict(sorted(of_role.items(), key=lambda item: -item[1].total))

    def _judging_last(self, names: Iterable[str]) -> tuple[str, ...]:
        """Who only proposes goes first, and who only scores last, so that every candidate is judged by all who do."""
        roles = (Role.PROPOSER, Role.PROPOSER | Role.SCORER, Role.SCORER)
        return tuple(sorted(names, key=lambda name: roles.index(self._registry.capability(name).role)))

    def _is(self, name: str, role: Role) -> bool:
        return role in self._registry.capability(name).role


def _confidence(totals: Sequence[float]) -> float:
    """How sure the choice is: 1 for one without an alternative, 1/2 for a tie, 0 where there is nobody to choose."""
    if not totals or not totals[0]:
        return 0.0
    return totals[0] / sum(totals[:2])


def _reason(analysis: Analysis, primary: str, proposers: Mapping[str, Score]) -> str:
    facts = f"{analysis.task.value}: {', '.join(analysis.reasons)}"
    if not primary:
        return f"{facts}; no architecture proposes candidates"
    best = proposers[primary]
    figures = f"task {best.task:.2f}, strengths {best.strengths:.2f}, resources {best.resources:.2f}, " + (
        f"context {best.context:.2f}"
    )
    others = "".join(f", {name} {found.total:.2f}" for name, found in proposers.items() if name != primary)
    return f"{facts}; {primary} {best.total:.2f} ({figures}){others}"
