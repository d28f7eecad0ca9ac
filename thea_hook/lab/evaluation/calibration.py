"""Whether a repair that claims to be right with a certain probability is right that often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

BINS = 10


class Bin(NamedTuple):
    """The repairs whose confidence lies between two tenths: what they claim on average, and how many are exact."""

    low: float
    high: float
    repairs: int
    claimed: float
    right: float


class Calibration(NamedTuple):
    """The reliability table, and the expected calibration error: the mean distance between claim and truth."""

    bins: tuple[Bin, ...]
    error: float


def calibration(claims: Sequence[tuple[float, bool]]) -> Calibration:
    """The calibration of claims, each with whether it held; empty bins are left out."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for claim in claims:
        groups.setdefault(min(int(claim[0] * BINS), BINS - 1), []).append(claim)
    bins = tuple(_bin(number, groups[number]) for number in sorted(groups))
    error = sum(row.repairs * abs(row.claimed - row.right) for row in bins) / len(claims) if claims else 0.0
    return Calibration(bins, error)


def _bin(number: int, claims: Sequence[tuple[float, bool]]) -> Bin:
    count = len(claims)
    claimed = sum(confidence for confidence, _ in claims) / count
    right = sum(held for _, held in claims) / count
    return Bin(number / BINS, (number + 1) / BINS, count, claimed, right)
