"""``thea-lab evaluate mad``: how well each sequence mixer recalls, copies, compresses and memorises.

Trains a small network of every mixer, and of every mixer with attention, on the six synthetic tasks of MAD, and prints
the share of answers that each gets right. Runs that are done are not repeated: an evaluation that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

from thea_hook.errors import UsageError
from thea_hook.lab.architectures.device import choose_device
from thea_hook.lab.evaluation.mad.budgets import BUDGETS, Budget
from thea_hook.lab.evaluation.mad.networks import Architecture, architectures
from thea_hook.lab.evaluation.mad.report import Run, markdown, plot, scores
from thea_hook.lab.evaluation.mad.tasks import TASKS, Setting, training_examples, unseen_examples
from thea_hook.lab.evaluation.mad.training import Outcome, Recipe, train
from thea_hook.lab.evaluation.syntax import insert
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.trials import drop_unfinished_line

MARKS = ("<!-- figures of thea-lab evaluate mad -->", "<!-- end of figures -->")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is not trained yet, and print the table; 0 when it is done."""
    options = _parser().parse_args(arguments)
    budget = BUDGETS[options.budget]
    chosen = [entry for entry in architectures() if not options.layers or entry.name in options.layers]
    path: Path = options.runs or data_folder() / "evaluation" / f"mad-{options.budget}.jsonl"
    settings = [setting for setting in budget.settings if setting.task in options.tasks]
    done = _read(path)
    if not options.only_done:
        for key, outcome in _missing_runs(budget, settings, chosen, options, done):
            _write(path, {**json.loads(key), **outcome._asdict()})
            done[key] = outcome.accuracy
    runs = list(_comparable(budget, settings, chosen, options.seed, done))
    if not runs:
        raise UsageError(f"{path}: no setting of the {options.budget} budget is done by all layers")
    found = scores(runs)
    whole = len(chosen) * len(settings) * len(budget.recipes(options.seed))
    text = f"{len(runs)} of {whole} runs{_extent(runs, budget, settings)}\n\n{markdown(found)}"
    print(text)
    if options.plot:
        plot(found, options.plot)
    if options.insert:
        insert(options.insert, text, MARKS)
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab evaluate mad", description=summary, epilog=rest)
    parser.add_argument("--budget", choices=BUDGETS, default="small", help="minutes, or as much as published")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS), metavar="TASK", help=", ".join(TASKS))
    names = [entry.name for entry in architectures()]
    parser.add_argument("--layers", nargs="+", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--runs", type=Path, metavar="FILE", help="what every run reached (default: in the data folder)"
    )
    parser.add_argument("--only-done", action="store_true", help="train nothing: the table of the runs that are done")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="the scores as a picture")
    parser.add_argument("--insert", type=Path, metavar="FILE", help="put the table between the marks in this document")
    return parser


def _missing_runs(
    budget: Budget,
    settings: Sequence[Setting],
    chosen: Sequence[Architecture],
    options: argparse.Namespace,
    done: Mapping[str, float],
) -> Iterator[tuple[str, Outcome]]:
    """The key and the outcome of every run that is not done, trained now."""
    device = choose_device(options.device)
    for recipe, setting in product(budget.recipes(options.seed), settings):  # a whole table first, then better ones
        entries = [
            (key, architecture) for architecture in chosen if (key := _key(architecture, setting, recipe)) not in done
        ]
        if not entries:
            continue
        data, test = training_examples(setting, options.seed), unseen_examples(setting, budget.tested, options.seed)
        for key, architecture in entries:
            outcome = train(architecture, setting, recipe, data, test, device)
            print(f"{setting.task}, {architecture.name}: {outcome.accuracy:.3f}", file=sys.stderr, flush=True)
            yield key, outcome


def _comparable(
    budget: Budget, settings: Sequence[Setting], chosen: Sequence[Architecture], seed: int, done: Mapping[str, float]
) -> Iterator[Run]:
    """The runs of each setting and recipe that every architecture has done: a harder setting counts for all or none."""
    for setting, recipe in product(settings, budget.recipes(seed)):
        keys = [_key(architecture, setting, recipe) for architecture in chosen]
        if all(key in done for key in keys):
            for architecture, key in zip(chosen, keys, strict=True):
                yield Run(architecture.name, setting, done[key])


def _extent(runs: Sequence[Run], budget: Budget, settings: Sequence[Setting]) -> str:
    """What of the settings and of the grid is in the runs."""
    done = {run.setting for run in runs}
    recipes = len(budget.learning_rates) * len(budget.decays)
    tries = len(runs) / len({(run.architecture, run.setting) for run in runs})
    return f": {len(done)} of {len(settings)} settings, {tries:.3g} of {recipes} recipes at each in the mean."


def _key(architecture: Architecture, setting: Setting, recipe: Recipe) -> str:
    """All that decides what comes of a run."""
    return json.dumps({"layers": architecture.mixers, "setting": asdict(setting), "recipe": asdict(recipe)})


def _read(path: Path) -> dict[str, float]:
    """The accuracies of the runs of a file, by their keys."""
    if not path.exists():
        return {}
    drop_unfinished_line(path)
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {json.dumps({name: row[name] for name in ("layers", "setting", "recipe")}): row["accuracy"] for row in rows}


def _write(path: Path, row: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
