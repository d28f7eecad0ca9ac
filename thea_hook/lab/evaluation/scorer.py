"""``thea-lab evaluate scorer``: what the language model's word is worth beside the tagger's.

On the trials of the calibration, of repositories that no model has seen: how many of the tagger's first suggestions
that are wrong a threshold rejects which lets 95 % of the right ones pass, and how often the right one of several
candidates comes first. Where weights are fitted, each repository is judged by a fit to the others. With ``--spans``
also how many spans, cut out of texts that are right, the model fills in again.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.intervals import Share, share
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.calibration import FOLDS, fold_of, logistic
from thea_hook.lab.training.fixer import RESOURCES
from thea_hook.lab.training.hearings import chosen_trials
from thea_hook.lab.training.trials import REAL, Question, Trial
from thea_hook.languages.lexemes import lex
from thea_hook.ml.evidence import TAGGER
from thea_hook.ml.manifest import read_manifest
from thea_hook.ml.scorer import Scorer
from thea_hook.ml.second_opinion import candidates_of
from thea_hook.ml.tasks import Candidate, Request, TaskType

KEPT = 0.95
"""The share of right suggestions that must pass."""
MOST = 8
"""Candidates of a text that are judged."""

Floats = NDArray[np.float64]


class Judgement(NamedTuple):
    """The candidates for a text, the tagger's first choice first, and which of them are right."""

    set: str
    repository: str
    candidates: tuple[Candidate, ...]
    right: tuple[bool, ...]


def judgements(trials: Sequence[Trial], scorer: Scorer) -> Iterator[Judgement]:
    """What the scorer says of the candidates of each trial that has some."""
    for question, verdict, repairs in trials:
        candidates = tuple(candidates_of(repairs[:MOST]))
        if candidates:
            found = tuple(scorer.solve(Request(TaskType.CODE_REPAIR, question.file, verdict, candidates)))
            right = tuple(one.text in question.right for one in found)
            yield Judgement(question.set, question.repository, found, right)


# ------------------------------------------------------------------ ways to decide

Rule = Callable[[Candidate], tuple[float, ...]]
"""The figures of a candidate from which a way to decide makes one number: as it is, or by a fitted regression."""


def _odds(candidate: Candidate) -> float:
    score = min(candidate.evidence[TAGGER], -1e-6)  # several ways to one text may come to more than 1
    return _within(score - math.log(-math.expm1(score)), -12, 9)


RULES: dict[str, Rule] = {
    "tagger": lambda one: (_odds(one),),
    "mamba: ratio": lambda one: (one.evidence["mamba"],),
    "mamba: ratio, scaled": lambda one: (one.evidence["mamba_scaled"],),
    "mamba: ratio, tail, tokens": lambda one: tuple(
        _within(one.evidence[name], -20, 40) for name in ("mamba", "mamba_tail", "mamba_tokens")
    ),
    "tagger and mamba": lambda one: (
        _odds(one), _within(one.evidence["mamba_scaled"], -6, 8), _within(one.evidence["mamba_tail"], -20, 40)
    ),
}  # fmt: skip


def _within(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def values_of(rule: Rule, found: Sequence[Judgement]) -> list[Floats]:
    """One number for each candidate of each judgement, by a fit to the first candidates of other repositories."""
    figures = [np.array([rule(one) for one in each.candidates]) for each in found]
    if figures[0].shape[1] == 1:
        return [rows[:, 0] for rows in figures]
    first = np.array([rows[0] for rows in figures])
    middle, scale = first.mean(0), first.std(0) + 1e-6
    inputs = np.hstack([np.ones((len(first), 1)), (first - middle) / scale])
    right = np.array([each.right[0] for each in found], float)
    folds = np.array([fold_of(each.repository) for each in found])
    stiffness = np.array([1e-6] + [1.0] * (inputs.shape[1] - 1))
    weights = [
        logistic(inputs[folds != fold], right[folds != fold], np.ones((folds != fold).sum()), stiffness)
        for fold in range(FOLDS)
    ]
    return [
        weights[fold][0] + ((rows - middle) / scale) @ weights[fold][1:]
        for rows, fold in zip(figures, folds, strict=True)
    ]


class Figures(NamedTuple):
    """``rejected`` of the wrong first suggestions, and the right candidate ``first`` where there are several."""

    rule: str
    set: str
    rejected: Share
    first: Share


def figures(found: Sequence[Judgement]) -> list[Figures]:
    """Those of every rule, for all texts and for each set."""
    rows = []
    for rule, figures_of in RULES.items():
        values = values_of(figures_of, found)
        for name in ("all", *dict.fromkeys(each.set for each in found)):
            chosen = [(one, own) for one, own in zip(found, values, strict=True) if name in ("all", one.set)]
            rows.append(Figures(rule, name, _rejected(chosen), _first(chosen)))
    return rows


def _rejected(chosen: Sequence[tuple[Judgement, Floats]]) -> Share:
    right = [own[0] for one, own in chosen if one.right[0]]
    threshold = float(np.quantile(right, 1 - KEPT)) if right else -math.inf
    return share((one.repository, bool(own[0] < threshold)) for one, own in chosen if not one.right[0])


def _first(chosen: Sequence[tuple[Judgement, Floats]]) -> Share:
    return share(
        (one.repository, one.right[int(own.argmax())]) for one, own in chosen if len(one.right) > 1 and any(one.right)
    )


# ------------------------------------------------------------------ spans


class Filled(NamedTuple):
    """Of spans of so many lexemes, those that were the first proposal, and those among all, but for white space."""

    lexemes: str
    first: Share
    among: Share


SPANS = {"1 or 2": range(1, 3), "3 to 5": range(3, 6)}
_SURROUNDED = 100, 30
"""Lexemes that there are at least before a span and behind it."""


def filled(texts: Sequence[Question], scorer: Scorer, chance: random.Random) -> list[Filled]:
    """How many spans come back, one of a text."""
    found: dict[str, list[tuple[str, bool, bool]]] = {name: [] for name in SPANS}
    for question in texts:
        text, language = question.right[0], question.file.language
        lexemes = lex(text, language)
        name = chance.choice(list(SPANS))
        places = range(_SURROUNDED[0], len(lexemes) - _SURROUNDED[1])
        if not places:
            continue
        first = chance.choice(places)
        start, end = lexemes.starts[first], lexemes.ends[first + chance.choice(SPANS[name]) - 1]
        proposed = [_unspaced(each) for each, _ in scorer.complete(text[:start], text[end:], language)]
        missing = _unspaced(text[start:end])
        found[name].append((question.repository, proposed[:1] == [missing], missing in proposed))
    return [
        Filled(
            name,
            share((repository, first) for repository, first, _ in outcomes),
            share((repository, among) for repository, _, among in outcomes),
        )
        for name, outcomes in found.items()
    ]


def _unspaced(text: bytes) -> bytes:
    return b"".join(text.split())


# ------------------------------------------------------------------ the command


def table(rows: Sequence[Figures]) -> str:
    """Markdown."""
    lines = [
        f"| decided by | set | wrong first suggestions rejected, keeping {KEPT:.0%} of the right ones "
        "| right one of several first |",
        "|---|---|---:|---:|",
    ]
    lines += [
        f"| {row.rule} | {row.set} | {row.rejected} of {row.rejected.total} | {row.first} of {row.first.total} |"
        for row in rows
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Let the scorer judge the candidates of the calibration's trials, and print what that is worth."""
    options = _parser().parse_args(arguments)
    manifest = read_manifest(options.weights)
    key = options.tagger or manifest.model(TAGGER).network.sha256[:12]
    counts = {"synthetic-1": options.single, "synthetic-n": options.multiple, REAL: options.real}
    trials = chosen_trials(data_folder() / "calibration" / f"{key}.jsonl", counts)
    began = time.monotonic()
    scorer = Scorer.of(manifest, "onnxruntime", RESOURCES)
    found = list(judgements(trials, scorer))
    if not found:
        raise UsageError("there are no candidates to judge: ask for more texts")
    rows = figures(found)
    print(table(rows))
    print(f"\n{len(found)} texts, {(time.monotonic() - began) / len(found):.3f} s each")
    if options.spans:
        chosen = [trial.question for trial in trials][: options.spans]
        for lexemes, first, among in filled(chosen, scorer, random.Random("spans")):
            print(f"spans of {lexemes} lexemes: first {first} of {first.total}, among all proposed {among}")
    if options.json:
        content = [{**row._asdict(), "rejected": row.rejected._asdict(), "first": row.first._asdict()} for row in rows]
        options.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab evaluate scorer", description=summary, epilog=rest)
    parser.add_argument("--weights", type=Path, metavar="FOLDER", help="exported weights (default: the shipped ones)")
    parser.add_argument("--tagger", metavar="KEY", help="whose trials; by default those of the tagger in the folder")
    parser.add_argument("--single", type=int, default=400, help="texts with one mistake")
    parser.add_argument("--multiple", type=int, default=400, help="texts with two to five")
    parser.add_argument("--real", type=int, default=400, help="texts from histories")
    parser.add_argument("--spans", type=int, default=0, metavar="N", help="also fill in a span of so many texts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures, for other programs")
    return parser
