"""``thea-lab evaluate controller``: whether a liquid network holds repairs back better than a plain threshold does.

Every system ranks the repairs of repositories that it has not seen. A ranking is as good as the share of repairs that
it lets through at a precision (coverage), and as the share of wrong ones among the surest, averaged over how many are
let through (area under the risk-coverage curve: less is better). Real mistakes and made-up ones are ranked apart:
together, whatever tells them apart would look like knowledge about repairs.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from thea_hook.lab.evaluation.intervals import LEVEL
from thea_hook.lab.training.calibration import FOLDS, fold_of, logistic
from thea_hook.lab.training.controller import (
    Case,
    Rows,
    Scaling,
    add_sources,
    read_cases,
    rows_of,
    runs_of,
    train,
    trials_of,
    with_confidence,
)

PRECISIONS = (0.90, 0.95, 0.98, 0.99)
ROUNDS = 1_000
Floats = NDArray[np.float64]
Runs = Sequence[Sequence[Case]]

System = Callable[[Sequence[Case], Runs], list[list[float]]]
"""Fitted to cases, it gives the log-odds of every repair of some runs."""


# ------------------------------------------------------------------ systems


def _threshold(_: Sequence[Case], runs: Runs) -> list[list[float]]:
    return [[case.seen.confidence for case in run] for run in runs]


def _regression(rows: Rows) -> System:
    """Logistic regression over rows of figures, real and made-up repairs half each."""

    def system(cases: Sequence[Case], runs: Runs) -> list[list[float]]:
        known = runs_of(cases, seed=1)
        flat = [case for run in known for case in run]
        scaling = Scaling.of(known, rows)
        inputs = scaling.apply([row for run in known for row in rows(run)])
        is_real = np.array([case.sample.is_real for case in flat])
        weights = np.where(is_real, 1 / max(is_real.sum(), 1), 1 / max((~is_real).sum(), 1)) * len(flat) / 2
        right = np.array([case.sample.is_exact for case in flat], float)
        stiffness = np.array([1e-6] + [1.0] * inputs.shape[1])
        found = logistic(np.hstack([np.ones((len(flat), 1)), inputs]), right, weights, stiffness)
        return [(found[0] + scaling.apply(rows(run)) @ found[1:]).tolist() for run in runs]

    return system


def _told(run: Sequence[Case]) -> list[tuple[float, ...]]:
    """The confidence, and by how much the earlier repairs of the run were right more often than claimed."""
    surprise = 0.0
    rows: list[tuple[float, ...]] = []
    for earlier, case in enumerate(run):
        rows.append((case.seen.confidence, surprise / (earlier + 2)))
        surprise += case.sample.is_exact - 1 / (1 + np.exp(-case.seen.confidence))
    return rows


def _liquid(cell: str, *, memory: bool = True) -> System:
    def system(cases: Sequence[Case], runs: Runs) -> list[list[float]]:
        trained = train(cases, cell, memory=memory)
        if memory:
            return trained.judge(runs)
        return [[odds for (odds,) in trained.judge([[case] for case in run])] for run in runs]

    return system


THRESHOLD = "threshold on the confidence"
SYSTEMS: Mapping[str, System] = {
    THRESHOLD: _threshold,
    "logistic regression": _regression(rows_of),
    "CfC without a memory": _liquid("cfc", memory=False),
    "CfC": _liquid("cfc"),
    "LTC": _liquid("ltc"),
    "confidence and earlier outcomes": _regression(_told),
}
"""The last one knows more than any run-time can: it says how much there would be to gain from a memory."""


class Claim(NamedTuple):
    """The log-odds that a system gives a repair of a repository that it has not seen."""

    odds: float
    case: Case


def claims_of(systems: Mapping[str, System], cases: Sequence[Case]) -> dict[str, list[Claim]]:
    """Of every system and all cases, fold by fold."""
    claims: dict[str, list[Claim]] = {name: [] for name in systems}
    for fold in range(FOLDS):
        confident = with_confidence(cases, fold)
        seen = [case for case in confident if fold_of(case.sample.repository) != fold]
        runs = runs_of([case for case in confident if fold_of(case.sample.repository) == fold], seed=2)
        asked = [case for run in runs for case in run]
        for name, system in systems.items():
            odds = [one for of_run in system(seen, runs) for one in of_run]
            claims[name] += map(Claim, odds, asked)
    return claims


# ------------------------------------------------------------------ figures


class Ranking(NamedTuple):
    """Repairs, the surest first: which are right, and the number of the repository of each."""

    right: Floats
    repository: NDArray[np.int_]

    @classmethod
    def of(cls, claims: Sequence[Claim]) -> Ranking:
        ranked = sorted(claims, key=lambda claim: -claim.odds)
        numbers = {name: number for number, name in enumerate(sorted({one.case.sample.repository for one in claims}))}
        return cls(
            np.array([claim.case.sample.is_exact for claim in ranked], float),
            np.array([numbers[claim.case.sample.repository] for claim in ranked]),
        )

    def area(self, weights: Floats) -> float:
        """Under the risk-coverage curve, with every repair so many times."""
        count = weights.cumsum()
        risk = (weights * (1 - self.right)).cumsum() / np.maximum(count, 1)
        return float((weights * risk).sum() / count[-1])

    def coverage(self, weights: Floats, precision: float) -> float:
        """The largest share of repairs of which, the surest first, so many are right."""
        count = weights.cumsum()
        enough = np.flatnonzero((weights * self.right).cumsum() >= precision * np.maximum(count, 1))
        return float(count[enough[-1]] / count[-1]) if len(enough) else 0.0


class Figure(NamedTuple):
    """A number with its 95 % bootstrap interval over repositories."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} ({100 * self.low:.1f} to {100 * self.high:.1f})"


def _drawn(repositories: int, seed: int = 0) -> Iterator[Floats]:
    """How often each repository is in every draw of the bootstrap, after one with all of them once."""
    yield np.ones(repositories)
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        yield np.bincount(chance.choices(range(repositories), k=repositories), minlength=repositories).astype(float)


def figures(rankings: Mapping[str, Ranking]) -> dict[str, dict[str, Figure]]:
    """Coverage and area of every system, and how its area differs from that of the threshold in the same draws."""
    repositories = 1 + max(int(ranking.repository.max()) for ranking in rankings.values())
    values: dict[str, dict[str, list[float]]] = {name: {} for name in rankings}
    for times in _drawn(repositories):
        areas = {name: ranking.area(times[ranking.repository]) for name, ranking in rankings.items()}
        for name, ranking in rankings.items():
            row = values[name]
            row.setdefault("area", []).append(areas[name])
            row.setdefault("area, less the threshold's", []).append(areas[name] - areas[THRESHOLD])
            for precision in PRECISIONS:
                share = ranking.coverage(times[ranking.repository], precision)
                row.setdefault(f"coverage at {precision:.0%}", []).append(share)
    return {name: {key: _figure(found) for key, found in row.items()} for name, row in values.items()}


def _figure(values: Sequence[float]) -> Figure:
    """The first value is that of all repositories, the others are those of the bootstrap."""
    draws = sorted(values[1:])
    tail = round(len(draws) * (1 - LEVEL) / 2)
    return Figure(values[0], draws[tail], draws[-1 - tail])


def compared(cases: Sequence[Case], systems: Mapping[str, System] = SYSTEMS) -> dict[str, dict[str, dict[str, Figure]]]:
    """The figures of every system, for real repairs and for made-up ones."""
    claims = claims_of(systems, cases)
    found = {}
    for title, is_real in (("real", True), ("synthetic", False)):
        chosen = {
            name: [claim for claim in all_of_it if claim.case.sample.is_real == is_real]
            for name, all_of_it in claims.items()
        }
        if chosen[THRESHOLD]:
            found[title] = figures({name: Ranking.of(some) for name, some in chosen.items()})
    return found


# ------------------------------------------------------------------ report


def markdown(found: Mapping[str, Mapping[str, Mapping[str, Figure]]], cases: Sequence[Case]) -> str:
    """A table for real repairs and one for made-up ones; all numbers are percentages."""
    lines = []
    for title, rows in found.items():
        group = [case for case in cases if case.sample.is_real == (title == "real")]
        right, repositories = sum(case.sample.is_exact for case in group), {case.sample.repository for case in group}
        lines += [f"{title}: {len(group)} repairs of {len(repositories)} repositories, {right} of them exact", ""]
        names = list(next(iter(rows.values())))
        lines += [f"| {title} | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
        lines += [f"| {name} | {' | '.join(str(row[key]) for key in names)} |" for name, row in rows.items()]
        lines += [""]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the systems on the trials of a calibration, and print what they are worth."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)
    cases = read_cases(options.trials or trials_of(options.weights))
    found = compared(cases)
    print(markdown(found, cases))
    if options.json:
        options.json.write_text(json.dumps(_plain(found), indent=1) + "\n", "utf-8")
    return 0


def _plain(found: Mapping[str, Mapping[str, Mapping[str, Figure]]]) -> dict[str, Any]:
    return {
        title: {name: {key: figure._asdict() for key, figure in row.items()} for name, row in rows.items()}
        for title, rows in found.items()
    }


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab evaluate controller", description=summary, epilog=rest)
    add_sources(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures as JSON as well")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
