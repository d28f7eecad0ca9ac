"""Samples of what the chaos engine does to files, and a table of how often each kind of mistake breaks them."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.diff import unified_diff
from thea_hook.core.source import SourceFile, language_of
from thea_hook.lab.chaos.engine import BATCH, broken, corrupt
from thea_hook.lab.chaos.kinds import KINDS, MIXTURE, only
from thea_hook.lab.chaos.places import Places
from thea_hook.lab.corpus.store import Document, read
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, Judge, judge

SAMPLE = 300
"""How many documents of the corpus are looked at where no path is given."""


class Yield(NamedTuple):
    """How an attempt at a kind of mistake ends: so many were made, so many found a place, so many broke the text."""

    attempts: int = 0
    placed: int = 0
    broken: int = 0


def measure(documents: Iterable[Document], rng: random.Random, ask: Judge) -> dict[str, Yield]:
    """One attempt at every kind in each document, around a place drawn at random."""
    yields = {kind.name: Yield() for kind in KINDS}
    files: list[SourceFile] = []
    names: list[str] = []
    for document in documents:
        places = Places(lex(document.text, document.language))
        place = rng.randrange(max(1, len(places)))
        for kind in KINDS:
            corruption = corrupt(places, rng, kinds=only(kind.name), place=place)
            attempts, placed, found = yields[kind.name]
            yields[kind.name] = Yield(attempts + 1, placed + (corruption is not None), found)
            if corruption is not None:
                names.append(kind.name)
                files.append(SourceFile(document.path, corruption.text, document.language))
    for first in range(0, len(files), BATCH):
        for name, verdict in zip(names[first:], ask(files[first : first + BATCH]), strict=False):
            attempts, placed, found = yields[name]
            yields[name] = Yield(attempts, placed, found + (verdict.answer is Answer.BROKEN))
    return yields


def documents_of(paths: Iterable[Path]) -> Iterator[Document]:
    """The JavaScript and TypeScript files among these and in these folders."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            language = language_of(file.name)
            if language is not None and file.is_file():
                yield Document(file.parts[0], str(file), language, file.read_bytes())


def _sample(documents: Sequence[Document], rng: random.Random) -> Sequence[Document]:
    return rng.sample(documents, min(SAMPLE, len(documents)))


def _show(documents: Sequence[Document], rng: random.Random, count: int, kind: str | None, edits: int) -> None:
    mixture = only(kind) if kind else MIXTURE
    chosen = [rng.choice(documents) for _ in range(count)]
    for document, corruption, verdict in broken(chosen, rng, judge, per_document=1, edits=edits, kinds=mixture):
        print(f"{', '.join(corruption.kinds)}: {verdict.problems[0].message}")
        sys.stdout.flush()
        sys.stdout.buffer.write(unified_diff(document.path, document.text, corruption.text) + b"\n")


def _print_table(documents: Sequence[Document], rng: random.Random) -> None:
    yields = measure(documents, rng, judge)
    whole = sum(MIXTURE.weights)
    print(f"{'kind':28}{'share':>7}{'drawn':>7}{'placed':>8}{'broken':>8}{'yields':>8}{'table':>7}")
    for kind, weight in zip(MIXTURE.kinds, MIXTURE.weights, strict=True):
        attempts, placed, found = yields[kind.name]
        rates = (placed / max(1, attempts), found / max(1, placed), found / max(1, attempts))
        print(
            f"{kind.name:28}{kind.share:6.1f}%{100 * weight / whole:6.1f}%"
            + "".join(f"{100 * rate:7.0f}%" for rate in rates)
            + f"{100 * kind.yields:6.0f}%"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Print samples as diffs with ``--show``, else the table."""
    parser = argparse.ArgumentParser(prog="thea-lab train chaos", description=__doc__)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N broken texts as diffs")
    parser.add_argument("--kind", choices=[kind.name for kind in KINDS], help="only this kind of mistake")
    parser.add_argument("--edits", type=int, default=1, metavar="N", help="mistakes in each text (default: 1)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: the corpus)")
    options = parser.parse_args(argv)
    rng = random.Random(options.seed)
    documents = list(documents_of(options.paths)) if options.paths else _sample(list(read("valid")), rng)
    if not documents:
        parser.error("no JavaScript or TypeScript file there")
    if options.show:
        _show(documents, rng, options.show, options.kind, options.edits)
    else:
        _print_table(documents, rng)
    return 0
