"""Hearings: what all models say of each candidate for a text, kept in a file so that a fit can be repeated at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thea_hook.errors import UsageError
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
from thea_hook.ml.calibration import Calibration
from thea_hook.ml.evidence import REFINER, SCORER, TAGGER
from thea_hook.ml.manifest import read_manifest, sha256
from thea_hook.ml.names import NAMES, NAMES_ELSEWHERE, WRITES_NAME, with_names
from thea_hook.ml.router import request_of
from thea_hook.ml.second_opinion import candidates_of, solvers, verified_only
from thea_hook.ml.tasks import Candidate

DECOMPOSER = "rlm"


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


# ------------------------------------------------------------------ the panel


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
    known = {hearing.question.key: hearing for hearing in map(hearing_from_json, _lines(path))}
    missing = [trial for trial in trials if trial.question.key not in known]
    began = time.monotonic()
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (folder,))
    try:
        with path.open("a", encoding="utf-8") as lines:
            for number, hearing in enumerate(pool.map(_hear, missing), 1):
                known[hearing.question.key] = hearing
                lines.write(json.dumps(hearing_as_json(hearing)) + "\n")
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


def hearing_as_json(hearing: Hearing) -> dict[str, Any]:
    """A hearing as JSON has it."""
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


def hearing_from_json(row: dict[str, Any]) -> Hearing:
    """The hearing that ``hearing_as_json`` wrote."""
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


# ------------------------------------------------------------------ what to hear


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
