"""Training data of tagger and refiner: windows of broken texts as arrays, with every edit that is right there.

A window is what the tagger sees at run time: rows of ``ml.features`` around one place. Windows are made ahead of
training and kept in shards, because lexing, breaking and judging a file costs about as much as a training step.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile
from thea_hook.lab.chaos.engine import broken
from thea_hook.lab.corpus.breakages import Breakage, read_breakages
from thea_hook.lab.corpus.repairs import difference, size
from thea_hook.lab.corpus.store import Document, Split, read
from thea_hook.lab.paths import data_folder
from thea_hook.languages.difference import repairs_between
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.languages.oracle import Answer, Verdict, judge
from thea_hook.ml.edits import Step
from thea_hook.ml.features import COLUMNS, Rows, encode
from thea_hook.ml.steps import set_of, steps_of
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import TAG_INDEX

LENGTH = 384
MAX_TARGETS = 16
SHARD = 2_048
MAX_LEXEMES = 4_000
# How many mistakes a text has: one is the most common, but what the tagger has to learn are the others.
EDITS = {1: 0.52, 2: 0.18, 3: 0.12, 4: 0.09, 5: 0.09}
MANY_EDITS = {1: 0.20, 2: 0.28, 3: 0.22, 4: 0.16, 5: 0.14}
UNBROKEN_SHARE, ELSEWHERE_SHARE = 0.04, 0.10
LARGEST_REPAIR = 12
"""Lexemes inserted, deleted or replaced: larger real repairs write new code, which no tag can say."""


class Purpose(NamedTuple):
    """Where the windows for a model go, how many mistakes their texts have, and which steps are the targets."""

    folder: str
    edits: Mapping[int, float]
    real_share: float
    targets: Callable[[Lexemes, Sequence[Edit]], list[Step]]


PURPOSES = {
    "tagger": Purpose("windows", EDITS, 0.20, steps_of),
    "refiner": Purpose("windows-refiner", MANY_EDITS, 0.12, set_of),
}
"""The tagger says any next step, and most texts want one; the refiner says all of them at once, for those with many."""


class Window(NamedTuple):
    """Rows [length, COLUMNS] and the targets in them [n, 2]: lexeme and tag; no target where nothing is wrong."""

    rows: Rows
    targets: NDArray[np.int16]


class Shard(NamedTuple):
    """``rows`` [n, LENGTH, COLUMNS], ``lengths`` [n], ``targets`` [n, MAX_TARGETS, 2], filled up with -1."""

    rows: Rows
    lengths: NDArray[np.int16]
    targets: NDArray[np.int16]


def windows_of(
    file: SourceFile,
    repairs: Sequence[Edit],
    verdict: Verdict,
    subtokens: SubTokens,
    chance: random.Random,
    targets: Callable[[Lexemes, Sequence[Edit]], list[Step]] = steps_of,
) -> Iterator[Window]:
    """One window with an edit in it, and now and then another one of the same text without."""
    lexemes = lex(file.text, file.language)
    rows = encode(lexemes, verdict.problems, subtokens)
    steps = [(step.place, TAG_INDEX[step.tag]) for step in targets(lexemes, repairs)]
    if not steps:
        return
    anchor = chance.choice(steps)[0]
    start = _start(anchor, len(rows), chance)
    yield _cut(rows, steps, start)
    if len(rows) > LENGTH and chance.random() < ELSEWHERE_SHARE:
        away = [place for place in range(0, len(rows) - 64, 64) if not _touches(place, steps)]
        if away:
            yield _cut(rows, steps, chance.choice(away))


def _touches(start: int, steps: Sequence[tuple[int, int]]) -> bool:
    return any(start <= index < start + LENGTH for index, _ in steps)


def _start(anchor: int, count: int, chance: random.Random) -> int:
    return max(0, min(anchor - chance.randrange(16, LENGTH - 16), count - LENGTH))


def _cut(rows: Rows, steps: Sequence[tuple[int, int]], start: int) -> Window:
    inside = [(index - start, tag) for index, tag in steps if start <= index < start + LENGTH]
    return Window(rows[start : start + LENGTH], np.array(inside[:MAX_TARGETS], np.int16).reshape(-1, 2))


# ------------------------------------------------------------------ sources


def synthetic(
    documents: Sequence[Document], subtokens: SubTokens, chance: random.Random, purpose: Purpose = PURPOSES["tagger"]
) -> Iterator[Window]:
    """Windows of documents that the chaos engine broke, without end."""
    counts, weights = list(purpose.edits), list(purpose.edits.values())
    while True:
        some = chance.sample(documents, min(len(documents), 120))
        edits = chance.choices(counts, weights)[0]
        for document, corruption, verdict in broken(some, chance, judge, per_document=2, edits=edits):
            file = SourceFile(document.path, corruption.text, document.language)
            yield from windows_of(file, corruption.repairs, verdict, subtokens, chance, purpose.targets)
        for document in chance.sample(some, max(1, int(len(some) * 2 * UNBROKEN_SHARE))):
            lexemes = lex(document.text, document.language)
            rows = encode(lexemes, (), subtokens)
            yield _cut(rows, (), chance.randrange(max(1, len(rows) - LENGTH)))


class RealBreakage(NamedTuple):
    """A file version that does not parse, and those edits of the next one without which it would not parse either."""

    file: SourceFile
    repairs: list[Edit]
    verdict: Verdict


def real(split: Split) -> list[RealBreakage]:
    """The breakages of a split that were mined from histories, those of small repairs; none where nobody mined."""
    try:
        pairs = [pair for pair in read_breakages(split) if _lexemes_changed(pair) <= LARGEST_REPAIR]
    except FileNotFoundError:
        return []
    verdicts = judge([pair.source for pair in pairs])
    return [
        RealBreakage(pair.source, repairs_between(pair.before, pair.mended, pair.language), verdict)
        for pair, verdict in zip(pairs, verdicts, strict=True)
        if verdict.answer is Answer.BROKEN
    ]


def _lexemes_changed(pair: Breakage) -> int:
    return size(difference(pair.before, pair.mended, pair.language).hunks)


# ------------------------------------------------------------------ shards


def write_shards(windows: Iterable[Window], folder: Path, prefix: str, count: int) -> None:
    """``count`` shards of windows, each of them written whole or not at all; those that are there are left."""
    folder.mkdir(parents=True, exist_ok=True)
    stream = iter(windows)
    for number in range(count):
        path = folder / f"{prefix}-{number:04d}.npz"
        if path.exists():
            continue
        began = time.monotonic()
        shard = _pack(stream, SHARD)
        partial = path.with_suffix(".part")
        with partial.open("wb") as file:
            np.savez(file, rows=shard.rows, lengths=shard.lengths, targets=shard.targets)
        partial.rename(path)
        print(f"{path.name}: {SHARD / (time.monotonic() - began):.0f} windows/s", flush=True)


def _pack(stream: Iterator[Window], size: int) -> Shard:
    rows = np.zeros((size, LENGTH, COLUMNS), np.int16)
    lengths = np.zeros(size, np.int16)
    targets = np.full((size, MAX_TARGETS, 2), -1, np.int16)
    for index in range(size):
        window = next(stream)
        rows[index, : len(window.rows)] = window.rows
        lengths[index] = len(window.rows)
        targets[index, : len(window.targets)] = window.targets
    return Shard(rows, lengths, targets)


def load_shard(path: Path) -> Shard:
    with np.load(path) as arrays:
        return Shard(arrays["rows"], arrays["lengths"], arrays["targets"])


def make_windows(
    split: Split, folder: Path, *, seed: int, shards: int, vocabulary: Path, purpose: Purpose = PURPOSES["tagger"]
) -> None:
    """Write the shards of one worker; workers with other seeds write beside it."""
    chance = random.Random(f"{split}-{seed}")
    subtokens = SubTokens.load(vocabulary)
    documents = [document for document in read(split) if len(document.text) < MAX_LEXEMES * 6]
    write_shards(_mixed(split, documents, subtokens, chance, purpose), folder / split, f"{seed:02d}", shards)


def _mixed(
    split: Split, documents: Sequence[Document], subtokens: SubTokens, chance: random.Random, purpose: Purpose
) -> Iterator[Window]:
    stream = synthetic(documents, subtokens, chance, purpose)
    breakages = real(split) if split == "train" else []
    while True:
        if breakages and chance.random() < purpose.real_share:
            yield from windows_of(*chance.choice(breakages), subtokens, chance, purpose.targets)
        else:
            yield next(stream)


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab train windows``: make training windows from the corpus."""
    parser = argparse.ArgumentParser(prog="thea-lab train windows", description=main.__doc__)
    parser.add_argument("--for", dest="purpose", default="tagger", choices=tuple(PURPOSES), help="(default: tagger)")
    parser.add_argument("--split", default="train", choices=("train", "valid"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shards", type=int, default=8)
    options = parser.parse_args(arguments)
    root, purpose = data_folder(), PURPOSES[options.purpose]
    make_windows(
        options.split,
        root / purpose.folder,
        seed=options.seed,
        shards=options.shards,
        vocabulary=root / "subtokens.json",
        purpose=purpose,
    )
    print(json.dumps({"split": options.split, "shards": options.shards, "windows": options.shards * SHARD}))
    return 0
