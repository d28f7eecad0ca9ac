"""Training data of the language model: the corpus as one row of ids, and samples of it, some to be filled in."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thea_hook.lab.corpus.store import Document, Split, read
from thea_hook.lab.paths import data_folder
from thea_hook.languages.lexemes import lex
from thea_hook.ml.language_tokens import MARK, encode
from thea_hook.ml.subtokens import SubTokens

Ids = NDArray[np.uint16]

LEXEME = 1 << 15
"""The bit of an id that begins a lexeme, or the gap before it."""
LARGEST_SHARE = 0.06
"""Of a repository, of all ids: the largest ones would teach their own habits. Few may have an equal share each."""
LARGEST_TEXT = 60_000
"""Bytes; longer texts are made by programs more often than by people."""

FILL_SHARE = 0.35
LONGEST_SPAN, SUFFIX = 24, 64
_FRAME = 4
"""Ids around prefix, suffix and span."""


def rows_of(documents: Iterable[Document], subtokens: SubTokens) -> Iterator[tuple[str, Ids]]:
    """The repository of each document, and its ids with the bits of ``LEXEME``; END stands before each."""
    for document in documents:
        if len(document.text) > LARGEST_TEXT:
            continue
        ids, starts = encode(lex(document.text, document.language), subtokens)
        row = np.array([MARK.END, *ids], np.uint16)
        row[0] |= LEXEME
        row[np.array(starts[:-1], np.int64) + 1] |= LEXEME
        yield document.repository, row


def make_tokens(split: Split, subtokens: SubTokens, path: Path) -> Counter[str]:
    """Write the ids of a split, its documents in random order; how many of each repository there are."""
    documents = list(read(split))
    random.Random(f"tokens-{split}").shuffle(documents)
    rows = list(rows_of(documents, subtokens))
    shares = len({repository for repository, _ in rows})
    most = max(LARGEST_SHARE, 1 / shares) * sum(len(row) for _, row in rows)
    kept: list[Ids] = []
    count: Counter[str] = Counter()
    for repository, row in rows:
        if count[repository] + len(row) <= most or split != "train":
            count[repository] += len(row)
            kept.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.save(file, np.concatenate(kept))
    partial.replace(path)
    return count


# ------------------------------------------------------------------ samples


def samples(
    tokens: Ids, length: int, chance: random.Random, fill_share: float = FILL_SHARE
) -> Iterator[NDArray[np.int64]]:
    """Rows of ``length`` ids from anywhere, without end; so many of them with a span to be filled in."""
    while True:
        start = chance.randrange(len(tokens) - length - SUFFIX)
        row = tokens[start : start + length + SUFFIX]
        if chance.random() < fill_share:
            yield to_fill(row, length, chance)
        else:
            yield without_bits(row[:length])


def to_fill(row: Ids, length: int, chance: random.Random) -> NDArray[np.int64]:
    """Prefix, suffix and span of a row in this order (PSM of Bavarian et al., 2022); the span is whole lexemes."""
    bounds = np.flatnonzero(row & LEXEME)
    bounds = bounds[(bounds >= length // 4) & (bounds < len(row) - SUFFIX)]
    ids = without_bits(row)
    if len(bounds) < 2:
        return ids[:length]
    first = chance.randrange(len(bounds))
    longest = np.searchsorted(bounds, bounds[first] + LONGEST_SPAN, "right") - 1
    last = chance.randint(first, int(longest))
    start, end = int(bounds[first]), int(bounds[last])
    suffix = ids[end : end + chance.randint(8, SUFFIX)]
    prefix = ids[max(0, start - (length - _FRAME - len(suffix) - (end - start))) : start]
    return framed(prefix, suffix, ids[start:end], length)


def without_bits(row: Ids) -> NDArray[np.int64]:
    """The ids alone."""
    return np.asarray(row & ~np.uint16(LEXEME), np.int64)


def framed(prefix: Iterable[int], suffix: Iterable[int], span: Iterable[int], length: int) -> NDArray[np.int64]:
    """The three parts with their marks, ended with END up to the length."""
    row = [MARK.PREFIX, *prefix, MARK.SUFFIX, *suffix, MARK.MIDDLE, *span, MARK.SPAN_END]
    return np.array(row + [MARK.END] * (length - len(row)), np.int64)


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab train tokens``: the corpus as ids, for the language model."""
    parser = argparse.ArgumentParser(prog="thea-lab train tokens", description=main.__doc__)
    parser.parse_args(arguments)
    root = data_folder()
    subtokens = SubTokens.load(root / "subtokens.json")
    splits: tuple[Split, ...] = ("train", "valid")
    for split in splits:
        count = make_tokens(split, subtokens, root / "tokens" / f"{split}.npy")
        print(f"{split}: {sum(count.values()):,} ids of {len(count)} repositories")
    return 0
