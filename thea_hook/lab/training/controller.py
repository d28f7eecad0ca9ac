"""``thea-lab train controller``: a liquid network that says how sure repairs are, given those before them in a run.

It starts from the log-odds of the calibration, corrects them, and is fitted to the trials of the calibration, cut into
runs of a repository. A run-time sees no outcome before a run ends, so no outcome is among what it reads.
``thea-lab evaluate controller`` says whether it is worth anything.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from thea_hook.errors import UsageError
from thea_hook.lab.architectures.liquid import CfCCell, Liquid, LiquidConfig
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.calibration import FOLDS, Sample, fit, fold_of, sample_of
from thea_hook.lab.training.trials import Trial, read
from thea_hook.ml.controller import REPAIR_FIGURES, Observation, Run, log_odds, observe
from thea_hook.ml.manifest import read_manifest

LONGEST_RUN = 8
"""Runs are cut to lengths from 1 to this by chance, whatever they come from: made-up mistakes fill long runs and real
ones short runs, and a network that sees which is which learns something about the data, not about runs."""
STEPS, RUNS_A_STEP = 150, 64
LEARNING_RATE, WEIGHT_DECAY = 0.02, 0.01
FIRST_GAIN = 0.3
"""How much a network may correct before it has learned anything."""

Floats = NDArray[np.float64]


class Case(NamedTuple):
    """A repair in question: whether it is right, and what a run-time sees of it."""

    sample: Sample
    seen: Observation


def cases_of(trials: Iterable[Trial]) -> list[Case]:
    """The first repairs of the trials that have one. Their confidence is still to be filled in."""
    cases = []
    for trial in trials:
        sample = sample_of(trial)
        if sample is not None:
            cases.append(Case(sample, observe(trial.question.file, trial.verdict, trial.repairs, 0.5)))
    return cases


def with_confidence(cases: Sequence[Case], held_out: int | None = None) -> list[Case]:
    """The cases with the log-odds of fits that have not seen their repositories, nor those of the fold ``held_out``."""
    folds = [fold_of(case.sample.repository) for case in cases]
    confident = list(cases)
    for fold in range(FOLDS):
        rest = [case.sample for case, other in zip(cases, folds, strict=True) if other not in (fold, held_out)]
        fitted = fit(rest or [case.sample for case in cases])
        for index, (case, other) in enumerate(zip(cases, folds, strict=True)):
            if other == fold:
                odds = log_odds(fitted.probability(case.sample.figures, case.sample.kind))
                confident[index] = case._replace(seen=case.seen._replace(confidence=odds))
    return confident


# ------------------------------------------------------------------ runs


def runs_of(cases: Sequence[Case], seed: int) -> list[list[Case]]:
    """The cases in runs: each has some of one repository, all real or all made up, in an order of chance."""
    chance = random.Random(seed)
    groups: dict[tuple[str, bool], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.sample.repository, case.sample.is_real), []).append(case)
    runs = []
    for _, group in sorted(groups.items()):
        left = chance.sample(group, len(group))
        while left:
            length = chance.randint(1, LONGEST_RUN)
            runs.append(left[:length])
            left = left[length:]
    return runs


def rows_of(run: Sequence[Case]) -> list[tuple[float, ...]]:
    """REPAIR_FIGURES of every repair of a run."""
    memory = Run()
    return [memory.figures(case.seen) for case in run]


Rows = Callable[[Sequence[Case]], list[tuple[float, ...]]]


class Batch(NamedTuple):
    """Runs of one length, filled up: ``figures`` [b, l, f], ``right`` and ``real`` [b, l], 1 or 0."""

    figures: Tensor
    right: Tensor
    real: Tensor


def batch_of(runs: Sequence[Sequence[Case]], scaling: Scaling) -> Batch:
    """Runs as tensors; ``real`` is 1 where there is a repair."""
    longest = max(map(len, runs))
    figures = torch.zeros(len(runs), longest, len(scaling.middle))
    right, real = torch.zeros(len(runs), longest), torch.zeros(len(runs), longest)
    for number, run in enumerate(runs):
        figures[number, : len(run)] = torch.from_numpy(scaling.apply(rows_of(run)))
        right[number, : len(run)] = torch.tensor([float(case.sample.is_exact) for case in run])
        real[number, : len(run)] = 1
    return Batch(figures, right, real)


class Scaling(NamedTuple):
    """Brings figures to a mean of 0 and a deviation of 1."""

    middle: Floats
    scale: Floats

    @classmethod
    def of(cls, runs: Iterable[Sequence[Case]], rows_of: Rows = rows_of) -> Scaling:
        rows = np.array([row for run in runs for row in rows_of(run)])
        return cls(rows.mean(0), rows.std(0) + 1e-6)

    def apply(self, rows: Sequence[Sequence[float]]) -> Floats:
        return (np.array(rows, float) - self.middle) / self.scale


# ------------------------------------------------------------------ network


class Trained(NamedTuple):
    """A network with the scaling of what it reads."""

    network: Liquid
    scaling: Scaling

    def log_odds(self, batch: Batch) -> Tensor:
        """That repairs are right [b, l]: those of the calibration, corrected by the network."""
        against, for_it = self.network(batch.figures).unbind(-1)
        middle, scale = float(self.scaling.middle[0]), float(self.scaling.scale[0])
        corrected: Tensor = batch.figures[:, :, 0] * scale + middle + for_it - against
        return corrected

    @torch.no_grad()
    def judge(self, runs: Sequence[Sequence[Case]]) -> list[list[float]]:
        """The log-odds of every repair of every run."""
        batch = batch_of(runs, self.scaling)
        return [odds[: len(run)] for odds, run in zip(self.log_odds(batch).tolist(), runs, strict=True)]


def train(cases: Sequence[Case], cell: str, seed: int = 1, *, memory: bool = True) -> Trained:
    """A network fitted to runs of these cases; real and made-up ones count half each.

    Without ``memory`` every repair is a run of its own.
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    runs = [part for run in runs_of(cases, seed) for part in ([run] if memory else [[case] for case in run])]
    scaling = Scaling.of(runs)
    everything = batch_of(runs, scaling)
    numbers = range(len(runs))
    groups = [group for flag in (True, False) if (group := [n for n in numbers if runs[n][0].sample.is_real == flag])]
    network = Liquid(LiquidConfig(len(REPAIR_FIGURES), cell))
    network.gain.data.fill_(FIRST_GAIN)
    trained = Trained(network, scaling)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=STEPS)
    for _ in range(STEPS):
        drawn = torch.tensor([n for group in groups for n in chance.choices(group, k=RUNS_A_STEP // len(groups))])
        batch = Batch(*(column[drawn] for column in everything))
        losses = functional.binary_cross_entropy_with_logits(trained.log_odds(batch), batch.right, reduction="none")
        optimiser.zero_grad()
        ((losses * batch.real).sum() / batch.real.sum()).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        network.constrain()
    return trained


def as_weights(trained: Trained) -> dict[str, Any]:
    """What the run-time reads, as JSON has it; six digits are more than a decision needs. The cell is CfC."""
    network, scaling = trained
    cell = network.cell
    if not isinstance(cell, CfCCell):
        raise ValueError("the run-time has CfC neurons alone: the others need a solver")
    return {
        "figures": list(REPAIR_FIGURES),
        "middle": _rounded(scaling.middle),
        "scale": _rounded(scaling.scale),
        "layers": [
            {"weight": _rounded(layer.weight.detach().numpy()), "bias": _rounded(layer.maps.bias.detach().numpy())}
            for layer in cell.layers
        ],
        "gain": _rounded(network.gain.detach().numpy()),
        "offset": _rounded(network.offset.detach().numpy()),
    }


def _rounded(values: NDArray[Any]) -> Any:
    return np.vectorize(lambda value: float(f"{value:.6g}"))(values).tolist()


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit a controller to the trials of a calibration, and write it for the exporter."""
    options = _parser().parse_args(arguments)
    cases = with_confidence(read_cases(options.trials or trials_of(options.weights)))
    torch.set_num_threads(1)
    weights = as_weights(train(cases, "cfc", options.seed))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(weights) + "\n", "utf-8")
    print(f"{len(cases)} repairs of {len({case.sample.repository for case in cases})} repositories; {options.out}")
    return 0


def trials_of(folder: Path | None) -> Path:
    """Where the calibration of exported weights keeps its trials."""
    return data_folder() / "calibration" / f"{read_manifest(folder).model('tagger').network.sha256[:12]}.jsonl"


def read_cases(path: Path) -> list[Case]:
    """The repairs of a file of trials. Raises UsageError where there are too few to fit anything to."""
    if not path.exists():
        raise UsageError(f"{path}: there are no trials of these weights: run `thea-lab train calibration` first")
    cases = cases_of(read(path))
    if len({case.sample.is_exact for case in cases}) < 2:
        raise UsageError(f"{path}: {len(cases)} repairs are too few: give `thea-lab train calibration` more texts")
    return cases


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab train controller", description=summary, epilog=rest)
    add_sources(parser)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=data_folder() / "controller.json", metavar="FILE")
    return parser


def add_sources(parser: argparse.ArgumentParser) -> None:
    """The options that say which trials are meant."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--weights", type=Path, metavar="FOLDER", help="whose trials (default: the shipped weights)")
    source.add_argument("--trials", type=Path, metavar="FILE", help="that `thea-lab train calibration` has kept")


if __name__ == "__main__":
    raise SystemExit(main())
