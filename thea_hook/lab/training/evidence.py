"""``thea-lab train evidence``: how much each model's word weighs, fitted to what they say about unseen code.

Every trial of the calibration goes to all models of a folder of weights; what they propose is verified as in the
product, and what they say of each candidate is kept in a file. A conditional logit is fitted for every set of models,
and what it is worth is told by fits that have not seen the repository.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.calibration import Calibration as Reliability
from thea_hook.lab.evaluation.calibration import calibration as reliability
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.calibration import FOLDS, fold_of, logistic
from thea_hook.lab.training.hearings import (
    DECOMPOSER,
    Hearing,
    chosen_trials,
    hear_all,
    heard,
    named,
    weights_key,
)
from thea_hook.lab.training.names import Corpus
from thea_hook.lab.training.trials import REAL
from thea_hook.ml.calibration import class_of
from thea_hook.ml.evidence import FIGURES, REFINER, SCORER, TAGGER, Weighing, figures_of, judged, name_of
from thea_hook.ml.manifest import read_manifest
from thea_hook.ml.tasks import Candidate

MODELS = (SCORER, REFINER, DECOMPOSER)
_CONSTANT = 1e-6
"""A figure that varies less than this is the same everywhere."""
STIFFNESS, STIFFNESS_OF_CLASSES = 0.5, 50.0
"""How strongly weights, and offsets of classes, are held near zero."""


# ------------------------------------------------------------------ fit


class _Row(NamedTuple):
    """The candidates of a hearing as numbers: figures [n, FIGURES], classes [n], which are right [n], and a weight."""

    figures: NDArray[np.float64]
    kinds: NDArray[np.int64]
    right: NDArray[np.bool_]
    weight: float


def fit(hearings: Sequence[Hearing], models: Iterable[str]) -> Weighing:
    """The weighing for these models. Real and synthetic hearings weigh the same in total."""
    chosen = [(hearing, heard(hearing, models)) for hearing in hearings]
    kinds = sorted({class_of(hearing.question.file.text, one) for hearing, some in chosen for one in some})
    number = {is_real: sum(hearing.is_real == is_real for hearing in hearings) for is_real in (True, False)}
    rows = [_row(hearing, some, kinds, len(hearings) / 2 / number[hearing.is_real]) for hearing, some in chosen if some]
    scale = np.concatenate([row.figures for row in rows]).std(0)
    scale[scale < _CONSTANT] = 1.0
    found = _maximised(rows, scale, len(kinds))
    weights = found[: len(FIGURES)] / scale
    weighing = Weighing(
        {name: round(float(value), 5) for name, value in zip(FIGURES, weights, strict=True)},
        {kind: round(float(value), 5) for kind, value in zip(kinds, found[len(FIGURES) :], strict=True)},
    )
    return _calibrated(weighing, chosen, np.array([row.weight for row in rows]))


def _calibrated(
    weighing: Weighing, chosen: Sequence[tuple[Hearing, Sequence[Candidate]]], weights: NDArray[np.float64]
) -> Weighing:
    """The weighing with the scale and offset under which its choices are right as often as they claim."""
    choices = [(hearing, judged(hearing.question.file.text, some, weighing)[0]) for hearing, some in chosen if some]
    shares = np.clip([choice.probability for _, choice in choices], 1e-9, 1 - 1e-9)
    right = np.array([choice.candidate.text in hearing.question.right for hearing, choice in choices], float)
    inputs = np.column_stack([np.log(shares / (1 - shares)), np.ones(len(shares))])
    scale, offset = logistic(inputs, right, weights, np.full(2, 1e-6))
    return weighing._replace(scale=round(float(scale), 5), offset=round(float(offset), 5))


def _row(hearing: Hearing, candidates: Sequence[Candidate], kinds: Sequence[str], weight: float) -> _Row:
    text = hearing.question.file.text
    figures = np.array([[figures_of(text, one)[name] for name in FIGURES] for one in candidates])
    classes = np.array([kinds.index(class_of(text, one)) for one in candidates])
    return _Row(figures, classes, hearing.right(candidates), weight)


def _maximised(rows: Sequence[_Row], scale: NDArray[np.float64], kinds: int) -> NDArray[np.float64]:
    """The likeliest coefficients of a conditional logit, held near zero, by L-BFGS."""
    most = max(len(row.right) for row in rows)
    figures = torch.zeros(len(rows), most, len(scale), dtype=torch.float64)
    classes = torch.zeros(len(rows), most, dtype=torch.int64)
    absent = torch.full((len(rows), most), -torch.inf, dtype=torch.float64)
    right = torch.zeros(len(rows), most + 1, dtype=torch.bool)
    for index, row in enumerate(rows):
        count = len(row.right)
        figures[index, :count] = torch.from_numpy(row.figures / scale)
        classes[index, :count] = torch.from_numpy(row.kinds)
        absent[index, :count] = 0.0
        right[index, 1 : count + 1] = torch.from_numpy(row.right)
        right[index, 0] = not row.right.any()
    weight = torch.tensor([row.weight for row in rows], dtype=torch.float64)
    found = torch.zeros(len(scale) + kinds, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([found], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        utility = figures @ found[: len(scale)] + found[len(scale) :][classes] + absent
        every = torch.cat([utility.new_zeros(len(rows), 1), utility], 1)
        likelihood = every.masked_fill(~right, -torch.inf).logsumexp(1) - every.logsumexp(1)
        held = STIFFNESS * (found[: len(scale)] ** 2).sum() + STIFFNESS_OF_CLASSES * (found[len(scale) :] ** 2).sum()
        total: torch.Tensor = held / 2 - (weight * likelihood).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return found.detach().numpy()


# ------------------------------------------------------------------ what it is worth


class Choice(NamedTuple):
    """What was chosen in a hearing by weights that had not seen its repository."""

    hearing: Hearing
    probability: float
    is_exact: bool


def choices(hearings: Sequence[Hearing], models: Iterable[str], sure_from: float) -> list[Choice]:
    """The choice in every hearing; of which the tagger is surer than ``sure_from``, its own."""
    models = tuple(models)
    found: list[Choice] = []
    for fold in range(FOLDS):
        rest = [one for one in hearings if fold_of(one.question.repository) != fold]
        weighing = fit([one for one in rest if not one.is_settled(sure_from)], models)
        found += [
            _choice(hearing, weighing, models, sure_from)
            for hearing in hearings
            if fold_of(hearing.question.repository) == fold
        ]
    return found


def _choice(hearing: Hearing, weighing: Weighing, models: Iterable[str], sure_from: float) -> Choice:
    candidates = heard(hearing, models)
    if not candidates:
        return Choice(hearing, 0.0, False)
    if hearing.is_settled(sure_from):
        return Choice(hearing, hearing.confidence, candidates[0].text in hearing.question.right)
    best = judged(hearing.question.file.text, candidates, weighing)[0]
    return Choice(hearing, best.probability, best.candidate.text in hearing.question.right)


def alone(hearings: Sequence[Hearing]) -> list[Choice]:
    """The first choice of the tagger in every hearing."""
    found = []
    for hearing in hearings:
        candidates = heard(hearing, ())
        is_exact = bool(candidates) and candidates[0].text in hearing.question.right
        found.append(Choice(hearing, hearing.confidence, is_exact))
    return found


def reliability_of(found: Sequence[Choice]) -> Reliability:
    """How often choices are right that claim to be as often, real and synthetic half each."""
    real = sum(choice.hearing.is_real for choice in found)
    times = max(1, round((len(found) - real) / real)) if real else 1
    claims = [
        (choice.probability, choice.is_exact)
        for choice in found
        if choice.probability > 0
        for _ in range(times if choice.hearing.is_real else 1)
    ]
    return reliability(claims)


def sets_of_models() -> list[tuple[str, ...]]:
    """Every set of models that can be asked besides the tagger."""
    return [some for count in range(len(MODELS) + 1) for some in combinations(MODELS, count)]


# ------------------------------------------------------------------ report


def report(hearings: Sequence[Hearing], sure_from: float) -> dict[str, Any]:
    """Print what every set of models is worth, in repositories that the weights have not seen; the same as values."""
    rows = {"tagger": alone(hearings)}
    rows |= {name_of(models) or "weighed alone": choices(hearings, models, sure_from) for models in sets_of_models()}
    names = sorted({hearing.question.set for hearing in hearings})
    print(f"{len(hearings)} texts; exact, and the expected calibration error; below {sure_from} others are asked")
    print(f"{'models':20}" + "".join(f"{name:>14}" for name in names) + f"{'error':>8}")
    found: dict[str, Any] = {}
    for name, chosen in rows.items():
        shares = {one: _share([choice for choice in chosen if choice.hearing.question.set == one]) for one in names}
        curve = reliability_of(chosen)
        found[name] = {
            "exact": shares,
            "expected calibration error": curve.error,
            "reliability": [row._asdict() for row in curve.bins],
        }
        print(f"{name:20}" + "".join(f"{100 * shares[one]:13.1f}%" for one in names) + f"{curve.error:8.3f}")
    for name in names:
        missed = [
            choice.hearing for choice in rows["tagger"] if choice.hearing.question.set == name and not choice.is_exact
        ]
        known = sum(bool(hearing.right(hearing.candidates).any()) for hearing in missed)
        print(f"{name}: of {len(missed)} texts that the tagger gets wrong, {known} have a right candidate of anybody")
    return found


def _share(chosen: Sequence[Choice]) -> float:
    return sum(choice.is_exact for choice in chosen) / len(chosen)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask all models about the trials of the calibration, fit the weights of what they say, and write them."""
    options = _parser().parse_args(arguments)
    folder = data_folder() / "calibration"
    key = read_manifest(options.weights).model(TAGGER).network.sha256[:12]
    counts = {"synthetic-1": options.single, "synthetic-n": options.multiple, REAL: options.real}
    trials = chosen_trials(folder / f"{key}.jsonl", counts)
    path = folder / f"hearings-{weights_key(options.weights)}.jsonl"
    kept = hear_all(trials, options.weights, path, workers=options.workers, seconds=60 * options.minutes)
    hearings = named(kept, Corpus("valid"))
    if len({bool(one.right(one.candidates).any()) for one in hearings}) < 2:
        raise UsageError(f"{len(hearings)} hearings are too few to fit weights to: give it more texts, or minutes")
    figures = report(hearings, options.sure_from)
    asked = [one for one in hearings if not one.is_settled(options.sure_from)]
    weighings = {name_of(models): fit(asked, models)._asdict() for models in sets_of_models()}
    content = {"weighings": weighings, "sure_from": options.sure_from, "held_out": figures}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"\n{options.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab train evidence", description=summary, epilog=rest)
    parser.add_argument("--weights", type=Path, required=True, metavar="FOLDER", help="exported weights of all models")
    parser.add_argument("--single", type=int, default=1500, help="texts with one mistake")
    parser.add_argument("--multiple", type=int, default=1500, help="texts with several")
    parser.add_argument("--real", type=int, default=1000, help="real ones")
    parser.add_argument("--sure-from", type=float, default=0.9, help="confidence of the tagger that needs no other")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60.0, help="after which to fit with what there is")
    parser.add_argument("--out", type=Path, default=data_folder() / "evidence.json")
    return parser
