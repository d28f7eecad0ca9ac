"""Shares with the interval that the choice of repositories leaves open."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

ROUNDS = 2_000
LEVEL = 0.95


class Share(NamedTuple):
    """``hits`` of ``total``, and the 95 % bootstrap interval over repositories; all 0 where nothing counts."""

    hits: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.total if self.total else 0.0

    def __str__(self) -> str:
        """``83.1 % (80.2 to 85.9)``; a dash where there is nothing to divide by."""
        if not self.total:
            return "-"
        return f"{100 * self.value:.1f} % ({100 * self.low:.1f} to {100 * self.high:.1f})"


def share(outcomes: Iterable[tuple[str, bool]], *, seed: int = 0) -> Share:
    """The share of outcomes that are true, each given with its repository.

    Cases of one repository resemble each other, so whole repositories are drawn again, not cases: an interval over
    cases would be too narrow.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for repository, hit in outcomes:
        counts[repository][0] += hit
        counts[repository][1] += 1
    rows = [counts[name] for name in sorted(counts)]
    hits, total = sum(row[0] for row in rows), sum(row[1] for row in rows)
    if not total:
        return Share(0, 0, 0.0, 0.0)
    chance = random.Random(seed)
    values = sorted(_ratio(chance.choices(rows, k=len(rows))) for _ in range(ROUNDS))
    tail = round(ROUNDS * (1 - LEVEL) / 2)
    return Share(hits, total, values[tail], values[-1 - tail])


def _ratio(rows: list[list[int]]) -> float:
    return sum(row[0] for row in rows) / sum(row[1] for row in rows)
