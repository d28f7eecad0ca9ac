"""What is asked of the second opinion, what it answers, and how it came to the answer: values, no behaviour.

An architecture at run time is a ``Solver``: a model with what turns its output into candidates. Nothing here needs
numpy, so that whoever asks, reports or tests needs no model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from thea_hook.core.routing import Attempt, Outcome

if TYPE_CHECKING:
    from thea_hook.core.source import SourceFile
    from thea_hook.languages.oracle import Verdict
    from thea_hook.ml.edits import Step


__all__ = ["Attempt", "Candidate", "Outcome", "Request", "Response", "RoutingDecision", "Solver", "TaskType"]


class TaskType(str, Enum):
    """What there is to do. Architectures have an affinity to some of these, and the router prefers those that do."""

    CODE_REPAIR = "code_repair"
    ITERATIVE_REFINEMENT = "iterative_refinement"
    CODE_GENERATION = "code_generation"
    CODE_ANALYSIS = "code_analysis"
    LONG_CONTEXT = "long_context"
    STREAMING = "streaming"
    REASONING = "reasoning"
    TEXT_GENERATION = "text_generation"


class Candidate(NamedTuple):
    """A text that may be the repair of another: not verified yet, and with what the models say about it.

    ``source`` is who proposed it first (``ml:tagger``); ``steps`` the edits in a row that lead to it, where tags can
    express it; ``evidence`` natural-log figures by name, such as ``tagger``, ``trm`` and ``mamba``.
    """

    text: bytes
    source: str
    steps: tuple[Step, ...] = ()
    evidence: Mapping[str, float] = {}

    def with_evidence(self, **figures: float) -> Candidate:
        """This candidate with more evidence: a figure of a name that it has already is replaced."""
        return self._replace(evidence={**self.evidence, **figures})


class Request(NamedTuple):
    """A text that does not parse, with what was found so far, the likeliest first.

    ``deadline`` is a time of ``time.monotonic()``: nothing begins after it, and who takes long looks at it in between.
    """

    task: TaskType
    file: SourceFile
    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()
    deadline: float = math.inf


class RoutingDecision(NamedTuple):
    """Who is asked, and why.

    ``path`` is who proposes candidates, one after the other: ``primary``, which suits the task best, and who helps it.
    Where none of them has an answer, ``fallbacks`` are asked, until one has. Then ``scorers`` judge what was proposed.
    ``primary`` is empty where nobody proposes anything. ``scores`` are those of all that were considered;
    ``confidence`` is how far the choice of the primary is from its runner-up.
    """

    primary: str
    fallbacks: tuple[str, ...]
    confidence: float
    scores: Mapping[str, float]
    reason: str
    path: tuple[str, ...] = ()
    scorers: tuple[str, ...] = ()


class Response(NamedTuple):
    """The candidates of the request with new evidence, and new ones; who was asked for them, and how long it took."""

    candidates: tuple[Candidate, ...]
    decision: RoutingDecision
    attempts: tuple[Attempt, ...]
    seconds: float


class Solver(Protocol):
    """An architecture that is ready to run."""

    def solve(self, request: Request) -> Sequence[Candidate]:
        """The candidates of the request, with its evidence, and those that it adds. Raises ModelError."""
        ...
