"""``thea-lab train self``: rounds of learning from its own repairs of text that is really broken.

After Yasunaga and Liang, "Break-It-Fix-It: Unsupervised Learning for Program Repair" (2021). A round lets the fixer
repair broken versions of histories, whose references it never sees, and files cut off where somebody might be typing.
What parser and validator accept and the fixer is sure of becomes training data: the mistakes are real, not drawn from
a table. The model then goes on training on as much of that as of ordinary data, and is tried on held-out texts again.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.lab.architectures.device import choose_device
from thea_hook.lab.architectures.tagger import Tagger
from thea_hook.lab.checkpoint import load_checkpoint
from thea_hook.lab.corpus.breakages import read_breakages
from thea_hook.lab.corpus.store import Document
from thea_hook.lab.corpus.store import read as read_corpus
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training import windows
from thea_hook.lab.training.calibration import fit, sample_of
from thea_hook.lab.training.fixer import Fixer, from_checkpoint
from thea_hook.lab.training.tagger import TaggerTrainer
from thea_hook.lab.training.trainer import Recipe, batches, pick_shard, without_features
from thea_hook.lab.training.trials import REAL, Question, Trial, in_processes, one_by_one, questions, try_all
from thea_hook.languages.difference import repairs_between
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, judge
from thea_hook.ml.calibration import Calibration
from thea_hook.ml.subtokens import SubTokens

BROKEN = "broken"
MAX_BYTES = 12_000
MOST_OPEN = 4
"""Brackets that a half-typed text leaves open at most: the search makes six edits."""
WINDOWS_PER_TEXT = 6
LEARNING_RATE = 3e-4


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the rounds are. ``texts`` of either source are repaired; ``confidence`` is what a repair needs to be
    learned from; ``counts`` are the held-out texts of each set that the gain is measured on."""

    texts: int
    confidence: float
    minutes: float
    counts: dict[str, int]
    seed: int = 1
    batch_lexemes: int = 16_384
    workers: int = 1
    learning_rate: float = LEARNING_RATE


class Gain(NamedTuple):
    """What the fixer does with the held-out texts of one set."""

    texts: int
    restored: int
    exact: int
    exact_of_five: int


# ------------------------------------------------------------------ broken texts


def broken_texts(count: int, seed: int) -> list[Question]:
    """Up to so many broken versions of histories, and as many half-typed files, all of the training split."""
    chance = random.Random(f"self-{seed}")
    versions = [pair for pair in read_breakages("train") if len(pair.before) <= MAX_BYTES]
    chance.shuffle(versions)
    found = [Question(BROKEN, pair.repository, pair.source, ()) for pair in versions[:count]]
    documents = [document for document in read_corpus("train") if len(document.text) <= MAX_BYTES]
    chance.shuffle(documents)
    found += half_typed(documents[:count], chance)
    chance.shuffle(found)
    verdicts = judge([question.file for question in found])
    return [question for question, verdict in zip(found, verdicts, strict=True) if verdict.answer is Answer.BROKEN]


def half_typed(documents: Iterable[Document], chance: random.Random) -> Iterator[Question]:
    """Each document up to a lexeme of its latter part, at which a few brackets are open."""
    for document in documents:
        lexemes = lex(document.text, document.language)
        depth, places = 0, []
        for index, text in enumerate(lexemes.texts):
            depth += (text in _OPENING) - (text in _CLOSING)
            if 0 < depth <= MOST_OPEN and 4 * index > len(lexemes):
                places.append(index)
        if places:
            cut = document.text[: lexemes.ends[chance.choice(places)]] + b"\n"
            yield Question(BROKEN, document.repository, SourceFile(document.path, cut, document.language), ())


_OPENING, _CLOSING = frozenset(b"( [ { ${".split()), frozenset(b") ] }".split())


# ------------------------------------------------------------------ one round


def certain(trials: Sequence[Trial], calibration: Calibration, confidence: float) -> list[Trial]:
    """The trials whose first repair is sure enough to be learned from."""
    return [
        trial
        for trial in trials
        if trial.repairs and calibration.confidence(trial.question.file.text, trial.repairs) >= confidence
    ]


def windows_from(trials: Sequence[Trial], subtokens: SubTokens, chance: random.Random) -> Iterator[windows.Window]:
    """Windows of the repaired texts, without end; the first repair of each is taken for right."""
    while True:
        for trial in chance.sample(trials, len(trials)):
            file = trial.question.file
            repairs = repairs_between(file.text, trial.repairs[0].text, file.language)
            yield from windows.windows_of(file, repairs, trial.verdict, subtokens, chance)


def fine_tune(start: Path, own: Path, ordinary: Path, folder: Path, plan: Plan, device: torch.device) -> Path:
    """The checkpoint of the model after the minutes of the plan, on shards of both folders in turn."""
    recipe = Recipe(
        minutes=plan.minutes, learning_rate=plan.learning_rate, seed=plan.seed, batch_lexemes=plan.batch_lexemes
    )
    trainer = _trainer(start, recipe, folder, device)
    chance = torch.Generator().manual_seed(plan.seed + trainer.step)
    while True:
        trainer.save()
        if trainer.seconds >= 60 * plan.minutes:
            return trainer.path
        turn = trainer.shards_seen
        shard = windows.load_shard(pick_shard((own, ordinary)[turn % 2], turn // 2, plan.seed))
        for batch in batches(shard, recipe.batch_lexemes, random.Random(turn)):
            batch.rows = without_features(batch.rows, layout=recipe.layout, chance=chance)
            trainer.train_on(batch)
            if trainer.seconds >= 60 * plan.minutes:
                break
        trainer.shards_seen += 1


def _trainer(start: Path, recipe: Recipe, folder: Path, device: torch.device) -> TaggerTrainer:
    """The trainer of this folder where it was, or one that begins with the weights of ``start``."""
    checkpoint = load_checkpoint(start)
    network = checkpoint.network
    if not isinstance(network, Tagger):
        raise UsageError(f"{start} is a checkpoint of `{checkpoint.architecture}`, not of a tagger")
    trainer = TaggerTrainer(network.config, recipe, folder, device)
    if not trainer.resume():
        trainer.model.load_state_dict(network.state_dict())
        trainer.begin_anew()
    return trainer


def gains(trials: Sequence[Trial]) -> dict[str, Gain]:
    """How the trials of every set went."""
    found: dict[str, Gain] = {}
    for trial in trials:
        right = trial.question.right
        of_five = any(repair.text in right for repair in trial.repairs[:5])
        before = found.get(trial.question.set, Gain(0, 0, 0, 0))
        row = (1, bool(trial.repairs), trial.is_exact, of_five)
        found[trial.question.set] = Gain(*(old + new for old, new in zip(before, row, strict=True)))
    return found


def play(start: Path, number: int, folder: Path, plan: Plan, device: torch.device) -> Path:
    """A whole round, or what is left of it, from one checkpoint to the next; the figures are beside it."""
    root = data_folder()
    subtokens = SubTokens.load(root / "subtokens.json")
    held_out = questions(plan.counts, seed=plan.seed)
    make_fixer = partial(from_checkpoint, start, subtokens, device)
    before = _try(held_out, make_fixer, "calibration", plan)
    samples = [sample for sample in map(sample_of, before) if sample is not None]
    if not samples:
        raise UsageError(f"{start} repairs none of {len(before)} held-out texts: train it longer first")
    tried = _try(broken_texts(plan.texts, plan.seed + number), make_fixer, "self", plan)
    kept = certain(tried, fit(samples), plan.confidence)
    print(f"round {number}: {len(kept)} of {len(tried)} broken texts repaired with confidence", flush=True)
    if not kept:
        raise UsageError(f"no repair reaches a confidence of {plan.confidence}: lower it, or train longer first")
    own = root / "windows" / f"self-{number}" / make_fixer().key
    shards = math.ceil(len(kept) * WINDOWS_PER_TEXT / windows.SHARD)
    stream = windows_from(kept, subtokens, random.Random(plan.seed + number))
    windows.write_shards(stream, own, "self", shards)
    path = fine_tune(start, own, root / "windows" / "train", folder, plan, device)
    after = _try(held_out, partial(from_checkpoint, path, subtokens, device), "calibration", plan)
    _report(folder / "round.json", number, len(tried), len(kept), gains(before), gains(after))
    return path


def _try(asked: Sequence[Question], make_fixer: Callable[[], Fixer], kind: str, plan: Plan) -> list[Trial]:
    fixer = make_fixer()
    attempts = in_processes(make_fixer, plan.workers) if plan.workers > 1 else one_by_one(fixer)
    return try_all(asked, attempts, data_folder() / kind / f"{fixer.key}.jsonl", seconds=math.inf)


def _report(path: Path, number: int, tried: int, kept: int, before: dict[str, Gain], after: dict[str, Gain]) -> None:
    print(f"{'round ' + str(number):14}{'texts':>7}{'restored':>22}{'exact':>22}{'exact of five':>22}")
    for name, old in before.items():
        new = after[name]
        cells = [
            f"{_percent(was, old.texts)} -> {_percent(now, new.texts)}"
            for was, now in zip(old[1:], new[1:], strict=True)
        ]
        print(f"{name:14}{old.texts:7}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
    figures = {
        "round": number,
        "texts": tried,
        "learned from": kept,
        "before": {name: row._asdict() for name, row in before.items()},
        "after": {name: row._asdict() for name, row in after.items()},
    }
    path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def main(arguments: Sequence[str] | None = None) -> int:
    """Play rounds of self-training; one that was cut off goes on, one that is complete is not played again."""
    options = _parser().parse_args(arguments)
    counts = {"synthetic-1": options.single, "synthetic-n": options.multiple, REAL: options.real}
    plan = Plan(options.texts, options.confidence, options.minutes, counts, seed=options.seed, workers=options.workers)
    root = data_folder() / "models"
    path = options.checkpoint or root / "tagger" / "checkpoint.pt"
    device = choose_device(options.device)
    for number in range(1, options.rounds + 1):
        folder = root / options.name / f"round-{number}"
        if (folder / "round.json").exists():
            print(f"round {number} is complete: {folder}", flush=True)
            path = folder / "checkpoint.pt"
        else:
            path = play(path, number, folder, plan, device)
    print(path)
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab train self", description=summary, epilog=rest)
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="where to begin (default: models/tagger)")
    parser.add_argument("--name", default="tagger-self", help="folder of the rounds below models/")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="rounds in all (default: 1)")
    parser.add_argument("--minutes", type=float, default=10.0, help="of training in each round (default: 10)")
    parser.add_argument("--texts", type=int, default=400, metavar="N", help="broken texts of either source")
    parser.add_argument("--confidence", type=float, default=0.7, help="that a repair needs to be learned from")
    add_trial_options(parser)
    return parser


def add_trial_options(parser: argparse.ArgumentParser) -> None:
    """The options of a training that is judged by what it does with held-out texts."""
    parser.add_argument("--single", type=int, default=200, metavar="N", help="held-out texts with one mistake")
    parser.add_argument("--multiple", type=int, default=100, metavar="N", help="held-out texts with two to five")
    parser.add_argument("--real", type=int, default=200, metavar="N", help="held-out real texts, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that try (default: 1)")
    parser.add_argument("--device", default="auto")


if __name__ == "__main__":
    raise SystemExit(main())
