"""``thea-lab train evidence``: how much each model's word weighs, fitted to what they say about unseen code.

Every trial of the calibration goes to all models of a folder of weights; what they propose is verified as in the
product, and what they say of each candidate is kept in a file. A conditional logit is fitted for every set of models,
and what it is worth is told by fits that have not seen the repository.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.calibration import calibration as reliability
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.calibration import FOLDS, fold_of, logistic
from thea_hook.lab.training.fixer import CONTEXT_LENGTH, RESOURCES, from_weights
from thea_hook.lab.training.names import Corpus
from thea_hook.lab.training.trials import (
    REAL,
    Question,
    Trial,
    change_of,
    changed,
    drop_unfinished_line,
    question_as_json,
    question_from_json,
    read,
    steps_as_json,
    steps_from_json,
)
from thea_hook.ml.calibration import Calibration, class_of
from thea_hook.ml.evidence import FIGURES, REFINER, SCORER, TAGGER, Weighing, figures_of, judged, name_of
from thea_hook.ml.manifest import read_manifest, sha256
from thea_hook.ml.names import NAMES, NAMES_ELSEWHERE, WRITES_NAME, with_names
from thea_hook.ml.router import request_of
from thea_hook.ml.second_opinion import candidates_of, solvers, verified_only
from thea_hook.ml.tasks import Candidate

DECOMPOSER = "rlm"
MODELS = (SCORER, REFINER, DECOMPOSER)
_CONSTANT = 1e-6
"""A figure that varies less than this is the same everywhere."""
STIFFNESS, STIFFNESS_OF_CLASSES = 0.5, 50.0
"""How strongly weights, and offsets of classes, are held near zero."""


class Hearing(NamedTuple):
    """A question, and every candidate for it with what all models say, verified, the tagger's first choice first."""

    question: Question
    confidence: float
    """That of the tagger alone in its first choice; 0 where it has none."""
    candidates: tuple[Candidate, ...]
    is_safe: bool = False
    """Whether the product applies the tagger's first choice unasked, and asks nobody else."""

    def is_settled(self, sure_from: float) -> bool:
        """Whether the tagger's first choice stays."""
        return self.is_safe or self.confidence >= sure_from

    @property
    def is_real(self) -> bool:
        return self.question.set == REAL

    def right(self, candidates: Sequence[Candidate]) -> NDArray[np.bool_]:
        return np.array([one.text in self.question.right for one in candidates], bool)


def heard(hearing: Hearing, models: Iterable[str]) -> list[Candidate]:
    """The candidates as if only the tagger and these models had been asked."""
    known = {TAGGER, *models}
    sources = {f"ml:{name}" for name in known}
    evidence = {name: model for model, names in _EVIDENCE_OF.items() for name in names}
    return [
        one._replace(evidence={name: value for name, value in one.evidence.items() if evidence.get(name) in known})
        for one in hearing.candidates
        if one.source in sources
    ]


_EVIDENCE_OF: Mapping[str, tuple[str, ...]] = {
    TAGGER: ("tagger", "regions", WRITES_NAME, NAMES, NAMES_ELSEWHERE),
    REFINER: ("trm", "trm_halt"),
    SCORER: ("mamba", "mamba_tail", "mamba_scaled", "mamba_tokens"),
}


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


def expected_error(found: Sequence[Choice]) -> float:
    """The expected calibration error, real and synthetic half each."""
    real = sum(choice.hearing.is_real for choice in found)
    times = max(1, round((len(found) - real) / real)) if real else 1
    claims = [
        (choice.probability, choice.is_exact)
        for choice in found
        if choice.probability > 0
        for _ in range(times if choice.hearing.is_real else 1)
    ]
    return reliability(claims).error


def sets_of_models() -> list[tuple[str, ...]]:
    """Every set of models that can be asked besides the tagger."""
    return [some for count in range(len(MODELS) + 1) for some in combinations(MODELS, count)]


# ------------------------------------------------------------------ hearings


class Panel:
    """The models of a folder of weights, each asked in its turn: those that propose first, then those that judge."""

    def __init__(self, folder: Path) -> None:
        manifest = read_manifest(folder)
        fixer = from_weights(folder)
        self._calibration = Calibration.from_dict(json.loads(manifest.model(TAGGER).file("calibration").read()))
        made = solvers(manifest, "onnxruntime", RESOURCES, context_length=CONTEXT_LENGTH, tagger=fixer.tagger)
        self._solvers = {name: made[name]() for name in (DECOMPOSER, REFINER, SCORER)}

    def hear(self, trial: Trial) -> Hearing:
        """Everything that is said of a trial."""
        file, repairs = trial.question.file, trial.repairs
        confidence = self._calibration.confidence(file.text, repairs) if repairs else 0.0
        is_certain = bool(repairs) and trial.verdict.is_certain
        if is_certain and self._calibration.is_safe(file.text, repairs, confidence):
            return Hearing(trial.question, confidence, tuple(candidates_of(repairs)), is_safe=True)
        candidates = self._asked(DECOMPOSER, trial, candidates_of(repairs))
        candidates = verified_only(file, self._asked(REFINER, trial, candidates))
        return Hearing(trial.question, confidence, tuple(self._asked(SCORER, trial, candidates)))

    def _asked(self, name: str, trial: Trial, candidates: Sequence[Candidate]) -> list[Candidate]:
        return list(self._solvers[name].solve(request_of(trial.question.file, trial.verdict, candidates)))


_panels: list[Panel] = []
"""The panel of a process that only hears trials."""


def _begin(folder: Path) -> None:
    _panels.append(Panel(folder))


def _hear(trial: Trial) -> Hearing:
    return _panels[0].hear(trial)


def hear_all(trials: Sequence[Trial], folder: Path, path: Path, *, workers: int, seconds: float) -> list[Hearing]:
    """The hearings of these trials: those in the file, and new ones until the time is over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    known = {hearing.question.key: hearing for hearing in map(_from_json, _lines(path))}
    missing = [trial for trial in trials if trial.question.key not in known]
    began = time.monotonic()
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (folder,))
    try:
        with path.open("a", encoding="utf-8") as lines:
            for number, hearing in enumerate(pool.map(_hear, missing), 1):
                known[hearing.question.key] = hearing
                lines.write(json.dumps(_as_json(hearing)) + "\n")
                lines.flush()
                if number % 100 == 0:
                    print(f"{number} of {len(missing)} new hearings, {time.monotonic() - began:.0f} s", flush=True)
                if time.monotonic() - began > seconds:
                    break
    finally:
        pool.shutdown(cancel_futures=True)
    return [known[trial.question.key] for trial in trials if trial.question.key in known]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    drop_unfinished_line(path)
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _as_json(hearing: Hearing) -> dict[str, Any]:
    text = hearing.question.file.text
    return {
        **question_as_json(hearing.question),
        "confidence": hearing.confidence,
        "is_safe": hearing.is_safe,
        "candidates": [
            {
                "source": one.source,
                "change": change_of(text, one.text),
                "steps": steps_as_json(one.steps),
                "evidence": dict(one.evidence),
            }
            for one in hearing.candidates
        ],
    }


def _from_json(row: dict[str, Any]) -> Hearing:
    question = question_from_json(row)
    text = question.file.text
    candidates = tuple(
        Candidate(changed(text, one["change"]), one["source"], steps_from_json(one["steps"]), one["evidence"])
        for one in row["candidates"]
    )
    return Hearing(question, row["confidence"], candidates, row["is_safe"])


def named(hearings: Iterable[Hearing], corpus: Corpus) -> list[Hearing]:
    """The hearings with the evidence of names. It needs no model, so it is not kept with what models say."""
    return [
        one._replace(candidates=tuple(with_names(one.question.file, one.candidates, corpus.elsewhere(one.question))))
        for one in hearings
    ]


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
        error = expected_error(chosen)
        found[name] = {"exact": shares, "expected calibration error": error}
        print(f"{name:20}" + "".join(f"{100 * shares[one]:13.1f}%" for one in names) + f"{error:8.3f}")
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


def chosen_trials(path: Path, counts: Mapping[str, int]) -> list[Trial]:
    """The first so many trials of each set that a calibration has made."""
    if not path.exists():
        raise UsageError(f"{path}: there are no trials of these weights: run `thea-lab train calibration` first")
    left = dict(counts)
    found = []
    for trial in read(path):
        name = trial.question.set
        if left.get(name, 0) > 0:
            left[name] -= 1
            found.append(trial)
    return found


def weights_key(folder: Path) -> str:
    """A name that changes with any of the networks of a folder."""
    networks = sorted(model.network.sha256 for model in read_manifest(folder).models.values())
    return sha256("".join(networks).encode())[:12]


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
