"""``thea-lab train semantic``: right repairs and degenerate fixes, and which of them the validator refuses.

The validator is written by hand; what it is fitted to is this file of examples. A degenerate fix that it lets pass,
and a right repair that it refuses, are each a line to look at.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile
from thea_hook.lab.chaos.degenerate import TRICKS, degenerate_fixes
from thea_hook.lab.chaos.engine import Judge, broken
from thea_hook.lab.corpus.store import SPLITS, Document, Split, read
from thea_hook.lab.paths import data_folder
from thea_hook.languages.oracle import judge
from thea_hook.ml.semantic import Refusal, validate

RIGHT = "right repair"
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
        return (self.refusal is not None) == (self.label == RIGHT)


def examples(documents: Iterable[Document], rng: random.Random, ask: Judge) -> Iterator[Example]:
    """The right repair of one mistake in each document, and every trick that makes the text parse as well."""
    for document, corruption, verdict in broken(documents, rng, ask, per_document=1):
        file = document.source._replace(text=corruption.text)
        fixes = degenerate_fixes(file, corruption.repairs, verdict, rng, ask)
        for label, edits in chain([(RIGHT, corruption.repairs)], fixes):
            refusal = validate(file.text, edits, file.language)
            yield Example(file, edits, label, corruption.kinds[0], refusal)


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
    for label in (RIGHT, *TRICKS):
        answers = Counter({refusal: count for (name, refusal), count in counts.items() if name == label})
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
    counts = write(examples(documents, random.Random(options.seed), judge), path)
    _print_table(counts)
    print(f"{counts.total()} examples in {path}")
    return 0
