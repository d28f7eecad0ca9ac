"""The architectures that a second opinion can be had from: what each is good at, how it is made, and how it has done.

A new one is a capability, a factory, and one call of ``register``. The factory runs when the architecture is first
asked, so that a run in which nobody needs it loads none of its weights.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, Flag, auto
from statistics import median
from typing import Any, NamedTuple

from thea_hook.errors import ModelError
from thea_hook.ml.tasks import Attempt, Outcome, Solver, TaskType

AFFINITY: Mapping[TaskType, tuple[str, ...]] = {
    TaskType.CODE_REPAIR: ("trm", "rlm"),
    TaskType.ITERATIVE_REFINEMENT: ("trm",),
    TaskType.CODE_GENERATION: ("rlm", "mamba"),
    TaskType.CODE_ANALYSIS: ("mamba", "trm"),
    TaskType.LONG_CONTEXT: ("mamba",),
    TaskType.STREAMING: ("mamba",),
    TaskType.REASONING: ("trm",),
    TaskType.TEXT_GENERATION: ("mamba", "rlm"),
}
"""Task -> the architectures made for it, the best suited first."""

REMEMBERED = 100
"""How many attempts an architecture's history goes back."""


class Role(Flag):
    """What an architecture does with a request: propose candidates, score those of others, or both."""

    PROPOSER = auto()
    SCORER = auto()


class Strength(str, Enum):
    """Something that a request can need, and that not every architecture can do."""

    ITERATION = "iteration"
    LONG_INPUT = "long input"
    MANY_MISTAKES = "many mistakes"
    STREAMING = "streaming"
    SYNTHESIS = "synthesis"


class Capability(NamedTuple):
    """What is known of an architecture before any of it is loaded.

    ``seconds`` is what a request typically takes; ``context`` how many bytes of text it sees at once. ``techniques``
    and ``config`` are what it is made of, for the index.
    """

    role: Role
    tasks: Mapping[TaskType, float]
    strengths: frozenset[Strength] = frozenset()
    seconds: float = 0.0
    context: float = math.inf
    techniques: tuple[str, ...] = ()
    config: Mapping[str, Any] = {}


class Performance(NamedTuple):
    """How an architecture did in its last attempts. ``seconds`` is the median of those that came to an answer."""

    asked: int = 0
    answered: int = 0
    failed: int = 0
    seconds: float = 0.0


class ArchitectureRegistry:
    """The architectures by name, in the order of their registration."""

    def __init__(self) -> None:
        self._capabilities: dict[str, Capability] = {}
        self._factories: dict[str, Callable[[], Solver]] = {}
        self._instances: dict[str, Solver] = {}
        self._history: dict[str, deque[Attempt]] = {}

    def register(self, name: str, capability: Capability, factory: Callable[[], Solver]) -> None:
        """Add an architecture. Raises ValueError where there is one of this name."""
        if name in self._capabilities:
            raise ValueError(f"there is an architecture `{name}` already")
        self._capabilities[name] = capability
        self._factories[name] = factory
        self._history[name] = deque(maxlen=REMEMBERED)

    def __iter__(self) -> Iterator[str]:
        return iter(self._capabilities)

    def __contains__(self, name: object) -> bool:
        return name in self._capabilities

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """What is known of all of them."""
        return self._capabilities

    def capability(self, name: str) -> Capability:
        return self._capabilities[name]

    def solver(self, name: str) -> Solver:
        """The architecture, ready to run; made when it is first asked for. What keeps it from being made is raised,
        most often a ModelError, and the next call tries again."""
        if name not in self._factories:
            raise ModelError(f"there is no architecture `{name}`", "absent")
        if name not in self._instances:
            self._instances[name] = self._factories[name]()
        return self._instances[name]

    def is_loaded(self, name: str) -> bool:
        return name in self._instances

    def record(self, attempt: Attempt) -> None:
        """Remember how an attempt went. One that was skipped says nothing about the architecture."""
        if attempt.architecture in self._history and attempt.outcome is not Outcome.SKIPPED:
            self._history[attempt.architecture].append(attempt)

    def performance(self, name: str) -> Performance:
        """How the last attempts went.

        For people, and for tests: the choice does not depend on it, since the same text is to be mended in the same
        way on a slow machine, and after other files.
        """
        history = self._history[name]
        answers = [attempt for attempt in history if attempt.outcome is Outcome.ANSWERED]
        return Performance(
            asked=len(history),
            answered=len(answers),
            failed=sum(attempt.outcome is Outcome.FAILED for attempt in history),
            seconds=median(attempt.seconds for attempt in answers) if answers else 0.0,
        )


def affinity_of(name: str) -> dict[TaskType, float]:
    """How well each task suits an architecture by the table: 1 where it is the first choice, then 1/2, 1/3, ..."""
    return {task: 1 / (names.index(name) + 1) for task, names in AFFINITY.items() if name in names}
