"""How long models may take: in a run, over all of its processes, and for one file."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol


class Allowance(NamedTuple):
    """Seconds that the models may take."""

    run: float = math.inf
    file: float = math.inf


UNLIMITED = Allowance()


def allowance(text: str) -> Allowance:
    """The meaning of ``10`` (seconds of a run) or ``10/2`` (and at most two of them for one file); of an empty text, no
    limit. Raises ValueError."""
    if not text:
        return UNLIMITED
    run, slash, file = text.partition("/")
    seconds = Allowance(float(run), float(file) if slash else float(run))
    if not (0 <= seconds.file <= seconds.run < math.inf):
        raise ValueError("a file cannot have more than the run, and neither less than nothing")
    return seconds


class Counter(Protocol):
    """A number, of this process or shared with others."""

    value: float


class _Own:
    """The number of a process that works alone."""

    value = 0.0


class Budget:
    """The time that models may take, and what is left of it; ``sharers`` is how many processes spend it at once."""

    def __init__(self, allowed: Allowance = UNLIMITED, spent: Counter | None = None, sharers: int = 1) -> None:
        self.allowed = allowed
        self._spent = spent or _Own()
        self._sharers = sharers

    @property
    def left(self) -> float:
        return max(0.0, self.allowed.run - self._spent.value)

    def deadline(self) -> float:
        """When a file that is begun now must be done, as a time of ``time.monotonic()``."""
        # what a file takes is counted when it is done: without parts, everybody would spend all that is left
        return time.monotonic() + min(self.left / self._sharers, self.allowed.file)

    def spend(self, seconds: float) -> None:
        self._spent.value += seconds

    def shared(self, processes: int) -> Budget:
        """The same for so many processes that work together.

        Without a lock: one of them may be killed while it holds it. Two that finish a file in the same microsecond
        count as one, which is a file too much at worst.
        """
        if self.allowed == UNLIMITED:
            return self
        from multiprocessing.sharedctypes import RawValue

        return Budget(self.allowed, RawValue("d", self._spent.value), processes)

    def alone(self) -> Budget:
        """The same when the others are done: all that is left is for one."""
        return Budget(self.allowed, self._spent)


_current = Budget()


def current() -> Budget:
    """The budget of the run that this process works for."""
    return _current


def join(budget: Budget) -> None:
    """Work for a run from now on: what a process does that others have begun."""
    global _current
    _current = budget


@contextmanager
def spending(allowed: Allowance) -> Iterator[None]:
    """A run with this much time for its models."""
    before = current()
    join(Budget(allowed))
    try:
        yield
    finally:
        join(before)
