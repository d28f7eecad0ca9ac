"""``thea-lab train continuous``: learning from what became of the tagger's suggestions, without forgetting the rest.

Reads a memory that ``thea-hook feedback export`` wrote. Repairs that were applied, voted up or validated become
windows, mixed with windows of the base corpus (replay), and the model that is in use goes on training on them for some
minutes. The result is adopted only if it does no worse on held-out texts: the share that it mends exactly does not fall
in any set, and it objects to no more files in which nothing is wrong. There is a report either way; the exit code is 1
where the model was refused.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from thea_hook.core.source import SourceFile, language_of
from thea_hook.errors import UsageError
from thea_hook.lab.architectures.device import choose_device
from thea_hook.lab.checkpoint import load_checkpoint
from thea_hook.lab.corpus.store import read as read_corpus
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training import windows
from thea_hook.lab.training.fixer import from_checkpoint
from thea_hook.lab.training.self_training import Plan, add_trial_options, fine_tune, gains, windows_from
from thea_hook.lab.training.trials import (
    REAL,
    Question,
    Trial,
    in_processes,
    one_by_one,
    questions,
    try_all,
)
from thea_hook.languages.difference import repairs_between
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, judge
from thea_hook.memory.records import MOST_BYTES, Record, from_dict, mended_context
from thea_hook.ml.features import encode
from thea_hook.ml.manifest import sha256
from thea_hook.ml.repair import Repair
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tagger import Broken, batch_of, window_starts

MEMORY = "memory"
REPLAY = 0.75
WINDOWS_PER_RECORD = 6
LEARNING_RATE = 3e-5
"""A tenth of what other training goes on with: a few records must not move what was learned of thousands of texts."""
LESSONS_TRIED = 100
"""Of the repairs to learn from, for the report: whether the model has learned them. It has no part in the verdict."""
LONGEST_CONTEXT = 2 * MOST_BYTES
"""Of a record that is learned from; the hook keeps none that is longer, whatever placeholders add."""
LONGEST = 40_000
"""Bytes of a held-out file that is looked at for objections; a longer one takes as long as all the others."""


class Lessons(NamedTuple):
    """What can be learned of a memory, and why the rest cannot: reason -> number of records."""

    trials: list[Trial]
    left_out: Counter[str]


class Figures(NamedTuple):
    """How a model does on held-out texts, and on what it is to learn (the set ``memory``): set -> how many are mended
    exactly; files without a mistake, and to how many of them it objects."""

    exact: dict[str, int]
    texts: dict[str, int]
    unbroken: int
    objections: int

    def falls_behind(self, before: Figures) -> list[str]:
        """What is worse than before on held-out texts, in words; nothing where the model may be adopted."""
        worse = [
            f"{name}: exact {before.exact[name]} -> {self.exact[name]} of {self.texts[name]}"
            for name in before.exact
            if name != MEMORY and self.exact[name] < before.exact[name]
        ]
        if self.objections > before.objections:
            worse.append(f"files without a mistake objected to: {before.objections} -> {self.objections}")
        return worse


# ------------------------------------------------------------------ what there is to learn


def read_memory(path: Path) -> list[Record]:
    """The records of an exported memory. Raises UsageError where it is none."""
    try:
        rows = json.loads(path.read_bytes())
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise UsageError(f"{path} is not JSON: {exc}") from exc
    except RecursionError as exc:
        raise UsageError(f"{path} is no list of records: it is nested too deeply") from exc
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"{path} is no list of records: write one with `thea-hook feedback export`")
    records = []
    for number, row in enumerate(rows, 1):
        try:
            records.append(from_dict(row))
        except ValueError as exc:
            raise UsageError(f"{path}: record {number}: {exc}") from exc
    return records


def lessons_of(records: Sequence[Record], held_out: Sequence[Question]) -> Lessons:
    """The repairs among the records, each as a trial that went well. What is held out is nothing to learn from."""
    left_out: Counter[str] = Counter()
    exams = b"\0".join(text for question in held_out for text in (question.file.text, *question.right))
    latest = {record.key: record for record in sorted(records, key=lambda record: record.timestamp)}
    found: list[tuple[SourceFile, SourceFile]] = []
    for record in latest.values():
        language, mended = language_of(record.file), mended_context(record)
        context = record.context.encode()
        if not record.is_accepted:
            left_out["voted down"] += 1
        elif language is None or mended is None or mended == context:
            left_out["the diff does not fit"] += 1
        elif len(context) > LONGEST_CONTEXT:
            left_out["too long"] += 1
        elif context in exams or mended in exams:
            left_out["held out"] += 1
        else:
            found.append((SourceFile(record.file, context, language), SourceFile(record.file, mended, language)))
    verdicts = judge([file for pair in found for file in pair])
    trials = []
    for (file, mended_file), verdict, after in zip(found, verdicts[::2], verdicts[1::2], strict=True):
        if verdict.answer is not Answer.BROKEN:
            left_out["parses as it is"] += 1
        elif after.answer is not Answer.PARSES:
            left_out["does not parse alone when mended"] += 1
        elif not repairs_between(file.text, mended_file.text, file.language):
            left_out["only white space differs"] += 1  # no window says anything about that
        else:
            question = Question(MEMORY, MEMORY, file, (mended_file.text,))
            trials.append(Trial(question, verdict, (Repair(mended_file.text, (), 0.0),)))
    return Lessons(trials, left_out)


def replayed(folder: Path, chance: random.Random) -> Iterator[windows.Window]:
    """Windows of the shards of a folder in random order, without end. Raises FileNotFoundError where there are none."""
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise FileNotFoundError(f"{folder}: no windows to replay; make them with `thea-lab train windows`")
    while True:
        shard = windows.load_shard(chance.choice(paths))
        for index in chance.sample(range(len(shard.lengths)), len(shard.lengths)):
            targets = shard.targets[index]
            yield windows.Window(shard.rows[index, : shard.lengths[index]], targets[targets[:, 0] >= 0])


def mixed(
    new: Iterator[windows.Window], old: Iterator[windows.Window], replay: float, chance: random.Random
) -> Iterator[windows.Window]:
    """Windows of both, each with the probability ``replay`` an old one, so that no batch is without either for long."""
    while True:
        yield next(old if chance.random() < replay else new)


# ------------------------------------------------------------------ how well a model does


def measure(path: Path, asked: Sequence[Question], files: Sequence[SourceFile], plan: Plan) -> Figures:
    """The figures of a checkpoint. Trials are kept by its weights, so a model is tried once."""
    root, device = data_folder(), torch.device("cpu")
    subtokens = SubTokens.load(root / "subtokens.json")
    make_fixer = partial(from_checkpoint, path, subtokens, device)
    fixer = make_fixer()
    attempts = in_processes(make_fixer, plan.workers) if plan.workers > 1 else one_by_one(fixer)
    trials = try_all(asked, attempts, root / "calibration" / f"{fixer.key}.jsonl", seconds=math.inf)
    found = gains(trials)
    network = load_checkpoint(path).network
    return Figures(
        {name: gain.exact for name, gain in found.items()},
        {name: gain.texts for name, gain in found.items()},
        len(files),
        sum(objects_to(network, file, subtokens) for file in files),
    )


def unbroken_files(count: int, seed: int) -> list[SourceFile]:
    """Held-out files that parse, always the same ones."""
    documents = [document for document in read_corpus("valid") if len(document.text) <= LONGEST]
    random.Random(f"unbroken-{seed}").shuffle(documents)
    files = [SourceFile(document.path, document.text, document.language) for document in documents[:count]]
    return [file for file, verdict in zip(files, judge(files), strict=True) if verdict.answer is Answer.PARSES]


def objects_to(network: nn.Module, file: SourceFile, subtokens: SubTokens) -> bool:
    """Whether the model would rather edit some part of a file than say that nothing is wrong with it.

    In the product the parser is asked first, and nobody asks the model about such a file; but a model that has lost
    this has lost its sense of how code looks.
    """
    lexemes = lex(file.text, file.language)
    rows = encode(lexemes, (), subtokens)
    starts = window_starts(Broken(lexemes, ()), len(rows), len(rows))
    features = torch.from_numpy(batch_of([rows[start : start + windows.LENGTH] for start in starts]))
    with torch.inference_mode():
        position, _ = network(features)
    likeliest = position.float().numpy().argmax(-1)
    return bool(np.any(likeliest != position.shape[-1] - 1))


# ------------------------------------------------------------------ one run


def learn(memory: Path, folder: Path, plan: Plan, *, replay: float, files: int, device: torch.device) -> bool:
    """Train on a memory, and adopt the model if it does no worse; whether it was. ``folder`` holds what is adopted."""
    root = data_folder()
    adopted = folder / "checkpoint.pt"
    start = adopted if adopted.exists() else root / "models" / "tagger" / "checkpoint.pt"
    held_out = questions(plan.counts, seed=plan.seed)
    lessons = lessons_of(read_memory(memory), held_out)
    _say_what_is_learned(lessons)
    if not lessons.trials:
        raise UsageError(
            f"{memory}: nothing in it is a repair of text that does not parse; the tagger learns only that"
        )
    key = _key(start, lessons, plan, replay)
    shards = root / "windows" / "continuous" / key
    chance = random.Random(plan.seed)
    new = windows_from(lessons.trials, SubTokens.load(root / "subtokens.json"), chance)
    old = replayed(root / "windows" / "train", chance)
    count = math.ceil(len(lessons.trials) * WINDOWS_PER_RECORD / (1 - replay) / windows.SHARD)
    windows.write_shards(mixed(new, old, replay, chance), shards, MEMORY, count)
    candidate = fine_tune(start, shards, shards, folder / "candidates" / key, plan, device)
    asked = [*held_out, *(trial.question for trial in lessons.trials[:LESSONS_TRIED])]
    unbroken = unbroken_files(files, plan.seed)
    before, after = (measure(path, asked, unbroken, plan) for path in (start, candidate))
    worse = after.falls_behind(before)
    _report(folder / "candidates" / key / "report.json", lessons, before, after, worse)
    if not worse:
        partial_copy = adopted.with_suffix(".part")
        partial_copy.write_bytes(candidate.read_bytes())
        partial_copy.replace(adopted)
    return not worse


def _key(start: Path, lessons: Lessons, plan: Plan, replay: float) -> str:
    """A name for the run: cut off, it goes on; with another memory or model it is another one."""
    parts = [sha256(start.read_bytes()), repr((plan.minutes, plan.seed, plan.learning_rate, replay))]
    parts += sorted(trial.question.key for trial in lessons.trials)
    return sha256("\n".join(parts).encode())[:12]


def _say_what_is_learned(lessons: Lessons) -> None:
    print(f"{len(lessons.trials)} repairs to learn from", flush=True)
    for reason, number in sorted(lessons.left_out.items()):
        print(f"  {number} left out: {reason}", flush=True)


def _report(path: Path, lessons: Lessons, before: Figures, after: Figures, worse: Sequence[str]) -> None:
    for name, texts in before.texts.items():
        print(f"{name:14}{texts:6} texts, exact {before.exact[name]} -> {after.exact[name]}")
    objections = f"objected to {before.objections} -> {after.objections}"
    print(f"{'unbroken':14}{before.unbroken:6} files, {objections}")
    print("adopted" if not worse else f"refused: {'; '.join(worse)}", flush=True)
    figures = {
        "adopted": not worse,
        "worse": list(worse),
        "learned from": len(lessons.trials),
        "left out": dict(lessons.left_out),
        "before": before._asdict(),
        "after": after._asdict(),
    }
    path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn from a memory; 0 where the model was adopted, 1 where it was refused."""
    options = _parser().parse_args(arguments)
    if not 0 <= options.replay < 1:
        raise UsageError("--replay is a share: from 0 to less than 1")
    counts = {"synthetic-1": options.single, "synthetic-n": options.multiple, REAL: options.real}
    plan = Plan(
        0, 0.0, options.minutes, counts,
        seed=options.seed, workers=options.workers, learning_rate=options.learning_rate,
    )  # fmt: skip
    folder = data_folder() / "models" / options.name
    device = choose_device(options.device)
    is_adopted = learn(options.memory, folder, plan, replay=options.replay, files=options.unbroken, device=device)
    return 0 if is_adopted else 1


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab train continuous", description=summary, epilog=rest)
    parser.add_argument("memory", type=Path, metavar="FILE", help="what `thea-hook feedback export FILE` wrote")
    parser.add_argument("--name", default="tagger-continuous", help="folder of the adopted model below models/")
    parser.add_argument("--minutes", type=float, default=5.0, help="of training (default: 5)")
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE, help=f"default: {LEARNING_RATE}")
    parser.add_argument("--replay", type=float, default=REPLAY, help=f"share of base windows (default: {REPLAY})")
    parser.add_argument("--unbroken", type=int, default=200, metavar="N", help="held-out files without a mistake")
    add_trial_options(parser)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
