"""``thea-lab train semantic``: right repairs and degenerate fixes, and which of them the validator refuses.

The validator is written by hand; what it is fitted to is this file of examples. A degenerate fix that it lets pass,
and a right repair that it refuses, are each a line to look at. The repairs that people made are listed by their size
and apart from those of the chaos engine: some of them are degenerate themselves.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile
from thea_hook.lab.chaos.degenerate import TRICKS, degenerate_fixes
from thea_hook.lab.chaos.engine import broken
from thea_hook.lab.corpus import breakages
from thea_hook.lab.corpus.breakages import Breakage
from thea_hook.lab.corpus.store import SPLITS, Document, Split, read
from thea_hook.lab.evaluation.cases import size_class
from thea_hook.lab.paths import data_folder
from thea_hook.languages.difference import edits_between
from thea_hook.languages.oracle import Judge, judge
from thea_hook.ml.semantic import Refusal, validate

RIGHT = "right repair"
REAL = "real"
STRIDE = 7
"""Every so many documents one is taken, so that a few examples come from many repositories."""


class Example(NamedTuple):
    """A broken text, edits that make it parse, what they are, and the validator's word on them."""

    file: SourceFile
    edits: tuple[Edit, ...]
    label: str
    mistake: str
    refusal: Refusal | None

    @property
    def is_misjudged(self) -> bool:
        return (self.refusal is None) == (self.label in TRICKS)


def examples(documents: Iterable[Document], rng: random.Random, ask: Judge) -> Iterator[Example]:
    """The right repair of one mistake in each document, and every trick that makes the text parse as well."""
    for document, corruption, verdict in broken(documents, rng, ask, per_document=1):
        file = document.source._replace(text=corruption.text)
        fixes = degenerate_fixes(file, corruption.repairs, verdict, rng, ask)
        for label, edits in chain([(RIGHT, corruption.repairs)], fixes):
            refusal = validate(file.text, edits, file.language)
            yield Example(file, edits, label, corruption.kinds[0], refusal)


def real_examples(pairs: Iterable[Breakage]) -> Iterator[Example]:
    """What people did to versions that do not parse, less what else they did in the same commit."""
    for pair in pairs:
        mended = pair.mended or pair.after
        edits = tuple(edits_between(pair.before, mended, pair.language))
        label = f"{REAL}: {size_class(pair.before, mended, pair.language)}"
        yield Example(pair.source, edits, label, pair.kind, validate(pair.before, edits, pair.language))


def write(rows: Iterable[Example], path: Path) -> Counter[tuple[str, str]]:
    """One JSON object a line; returns how often each label met each answer of the validator."""
    counts: Counter[tuple[str, str]] = Counter()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as lines:
        for example in rows:
            counts[example.label, example.refusal.name if example.refusal else ""] += 1
            lines.write(json.dumps(_row(example), ensure_ascii=False) + "\n")
    part.replace(path)
    return counts


def _row(example: Example) -> dict[str, object]:
    return {
        "path": example.file.path,
        "language": example.file.language,
        "text": example.file.text.decode("utf-8", "replace"),
        "edits": [[*edit.span, edit.text.decode("utf-8", "replace")] for edit in example.edits],
        "label": example.label,
        "mistake": example.mistake,
        "refusal": example.refusal.name if example.refusal else None,
        "misjudged": example.is_misjudged,
    }


def _print_table(counts: Counter[tuple[str, str]]) -> None:
    print(f"{'label':34}{'examples':>9}{'refused':>9}  most often as")
    real = sorted({label for label, _ in counts if label.startswith(REAL)})
    for label in (RIGHT, *real, *TRICKS):
        _print_row(label, _answers(counts, {label}))
    _print_row("all degenerate fixes", _answers(counts, TRICKS))


def _answers(counts: Counter[tuple[str, str]], labels: Container[str]) -> Counter[str]:
    """How often the examples with one of these labels met each answer."""
    answers: Counter[str] = Counter()
    for (label, refusal), count in counts.items():
        if label in labels:
            answers[refusal] += count
    return answers


def _print_row(label: str, answers: Counter[str]) -> None:
    total = answers.total()
    if total:
        refused = total - answers.pop("", 0)
        reasons = ", ".join(name.lower().replace("_", " ") for name, _ in answers.most_common(2))
        print(f"{label:34}{total:9}{100 * refused / total:8.1f}%  {reasons}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the examples of a split, and print how the validator does on them."""
    parser = argparse.ArgumentParser(prog="thea-lab train semantic", description=main.__doc__)
    parser.add_argument("--split", default="train", choices=SPLITS)
    parser.add_argument("--count", type=int, default=400, metavar="N", help="broken texts (default: 400)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    split: Split = options.split
    documents = islice(read(split), 0, options.count * STRIDE, STRIDE)
    path = data_folder() / "semantic" / f"{split}.jsonl"
    has_pairs = (breakages.folder() / f"{split}.jsonl").exists()
    real = real_examples(breakages.read_breakages(split) if has_pairs else ())
    counts = write(chain(examples(documents, random.Random(options.seed), judge), real), path)
    _print_table(counts)
    print(f"{counts.total()} examples in {path}")
    return 0
