"""Which models were asked about a text, why, and what came of it: the part of a result that explains the others."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple


class Outcome(str, Enum):
    """How an architecture fared with a request. One that failed before and is not asked any more has FAILED; SKIPPED is
    what could not have answered at all: it is not installed, there was no time, there was nothing to do.
    """

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    FAILED = "failed"
    SKIPPED = "skipped"


class Attempt(NamedTuple):
    """What became of asking an architecture: why it failed or was not asked at all is in ``reason``.

    ``in_time`` is False where its share of the time was over before it ended: with more it might have come to another
    answer.
    """

    architecture: str
    outcome: Outcome
    reason: str
    seconds: float = 0.0
    in_time: bool = True


class Routing(NamedTuple):
    """Who was asked to mend a text, and why these.

    ``answer`` is who proposed the repair that was chosen, as findings name it (``ml:trm``), and empty where there is
    none. ``in_time`` is False where the models would have gone on if their time had not been over, ``by_itself`` where
    other files had a say.
    """

    reason: str
    attempts: tuple[Attempt, ...] = ()
    answer: str = ""
    in_time: bool = True
    by_itself: bool = True

    @property
    def is_final(self) -> bool:
        """Whether another run would come to the same: nobody failed or lacked time, and no other file mattered."""
        failed = any(attempt.outcome is Outcome.FAILED for attempt in self.attempts)
        return self.in_time and self.by_itself and not failed


Note = Callable[[Routing], None]
"""Takes the routing of a text down for the report."""
