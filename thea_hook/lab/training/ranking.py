"""Fits the order of repairs: a conditional logit model over the repairs of each held-out text.

The likelihood is that of the right repair among all that were found; texts for which it was not found say nothing.
Real and synthetic texts weigh half each. Weights are drawn towards those of the tagger alone: 1 for its score.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thea_hook.lab.training.trials import Trial, read
from thea_hook.ml.ranking import FIGURES, figures_of

Floats = NDArray[np.float64]

PRIOR = np.array([1.0 if name == "score" else 0.0 for name in FIGURES])
STEPS, RATE, RIDGE = 1_500, 0.03, 0.02


class Choice(NamedTuple):
    """The figures of the repairs of one text [n, FIGURES], the index of the right one, its weight and repository."""

    figures: Floats
    right: int
    is_real: bool
    repository: str


def choices_of(trials: Sequence[Trial]) -> list[Choice]:
    """The texts whose right repair is among those that were found."""
    choices = []
    for trial in trials:
        question = trial.question
        right = [index for index, repair in enumerate(trial.repairs) if repair.text in question.right]
        if right:
            figures = np.array(figures_of(question.file, trial.verdict, trial.repairs))
            choices.append(Choice(figures, right[0], trial.is_real, question.repository))
    return choices


def fit(choices: Sequence[Choice]) -> Floats:
    """The weights of greatest penalised likelihood, by Adam: the problem is convex and small."""
    weights, mean, square = PRIOR.copy(), np.zeros(len(PRIOR)), np.zeros(len(PRIOR))
    share = {real: 0.5 / max(1, sum(choice.is_real == real for choice in choices)) for real in (True, False)}
    for step in range(1, STEPS + 1):
        gradient = RIDGE * (weights - PRIOR)
        for choice in choices:
            gradient += share[choice.is_real] * _gradient(choice, weights)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-9)
    return weights


def _gradient(choice: Choice, weights: Floats) -> Floats:
    values = choice.figures @ weights
    shares = np.exp(values - values.max())
    shares /= shares.sum()
    gradient: Floats = shares @ choice.figures - choice.figures[choice.right]
    return gradient


def first_right(choices: Sequence[Choice], weights: Floats) -> float:
    """The share of texts whose right repair comes first."""
    hits = [int(np.argmax(choice.figures @ weights)) == choice.right for choice in choices]
    return float(np.mean(hits)) if hits else float("nan")


def cross_fitted(choices: Sequence[Choice]) -> list[tuple[str, float, float]]:
    """For real and synthetic texts: the share with the right repair first, by the tagger alone and by weights that were
    fitted to other repositories."""
    repositories = sorted({choice.repository for choice in choices})
    halves = [set(repositories[::2]), set(repositories[1::2])]
    before: dict[bool, list[float]] = {True: [], False: []}
    after: dict[bool, list[float]] = {True: [], False: []}
    for held_out in halves:
        weights = fit([choice for choice in choices if choice.repository not in held_out])
        for choice in choices:
            if choice.repository in held_out:
                before[choice.is_real].append(first_right([choice], PRIOR))
                after[choice.is_real].append(first_right([choice], weights))
    return [
        (name, float(np.mean(before[real])), float(np.mean(after[real])))
        for name, real in (("real", True), ("synthetic", False))
        if before[real]
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab train ranking``: weigh the tagger's repairs by what they do to the text."""
    parser = argparse.ArgumentParser(prog="thea-lab train ranking", description=main.__doc__)
    parser.add_argument("--trials", type=Path, required=True, help="what `thea-lab train calibration` tried")
    parser.add_argument("--out", type=Path, required=True, help="where to write the weights, as JSON")
    options = parser.parse_args(arguments)
    choices = choices_of(list(read(options.trials)))
    print(
        f"{len(choices)} texts whose right repair was found, {sum(choice.is_real for choice in choices)} of them real"
    )
    for name, before, after in cross_fitted(choices):
        print(f"{name}: right one first {before:.1%} by the tagger alone, {after:.1%} ranked (fitted elsewhere)")
    weights = fit(choices)
    found = {name: round(float(weight), 4) for name, weight in zip(FIGURES, weights, strict=True)}
    for name, weight in found.items():
        print(f"{weight:8.3f}  {name}")
    options.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0
