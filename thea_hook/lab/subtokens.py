"""Train the vocabulary of sub-tokens on the names of the training split."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path

from thea_hook.lab.corpus import store
from thea_hook.lab.corpus.store import Document
from thea_hook.lab.paths import data_folder
from thea_hook.languages.lexemes import Kind, lex
from thea_hook.ml.subtokens import CONTINUATION, FIRST_PIECE, parts

SIZE = 8_192
"""Ids in all, padding and unknown among them."""
# Letters of other scripts beyond these are too rare to be worth an embedding of their own.
_LETTERS = 160
_PARTS_PER_LINE = 1_000


def words(documents: Iterable[Document]) -> Counter[str]:
    """How often each word (name or keyword) stands in the code of the documents."""
    count: Counter[bytes] = Counter()
    for document in documents:
        lexemes = lex(document.text, document.language)
        kinds = zip(lexemes.kinds, lexemes.texts, strict=True)
        count.update(text for kind, text in kinds if kind == Kind.WORD)
    return Counter({word.decode("utf-8", "replace"): number for word, number in count.items()})


def train(count: Mapping[str, int], size: int = SIZE) -> list[str]:
    """The pieces of a vocabulary with so many ids: letters first, then the others in the order they were learned."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from tokenizers.trainers import WordPieceTrainer

    number = _parts(count)
    letters = _letters(number)
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    trainer = WordPieceTrainer(
        vocab_size=size - FIRST_PIECE,
        continuing_subword_prefix=CONTINUATION,
        special_tokens=letters,  # it numbers the letters by chance otherwise, and settles ties by those numbers
        show_progress=False,
    )
    tokenizer.train_from_iterator(_text(number, letters), trainer)
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def _parts(count: Mapping[str, int]) -> dict[str, int]:
    """How often each part of a word stands in the corpus."""
    number: Counter[str] = Counter()
    for word, times in count.items():
        for part in parts(word):
            number[part] += times
    return dict(sorted(number.items()))


def _letters(number: Mapping[str, int]) -> list[str]:
    """The common letters, each as it begins a part, and as it continues one where any does."""
    common: Counter[str] = Counter()
    for part, times in number.items():
        for letter in part:
            common[letter] += times
    kept = {letter for letter, _ in common.most_common(_LETTERS)}
    inside = {letter for part in number for letter in part[1:]} & kept
    return [*sorted(kept), *(CONTINUATION + letter for letter in sorted(inside))]


def _text(number: Mapping[str, int], letters: Iterable[str]) -> Iterator[str]:
    """Every part of common letters as often as it stands in the corpus: the trainer counts for itself."""
    common = {piece.removeprefix(CONTINUATION) for piece in letters}
    for part, times in number.items():
        if common.issuperset(part):
            lines, rest = divmod(times, _PARTS_PER_LINE)
            yield from repeat(f"{part} " * _PARTS_PER_LINE, lines)
            yield f"{part} " * rest


def main(argv: Sequence[str] | None = None) -> int:
    """``thea-lab train vocabulary``: train on the corpus that was built, and write the pieces as JSON."""
    parser = argparse.ArgumentParser(prog="thea-lab train vocabulary", description="Train the sub-token vocabulary.")
    parser.add_argument("--corpus", type=Path, default=store.folder(), help="the built corpus (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=data_folder() / "subtokens.json", help="default: %(default)s")
    parser.add_argument("--size", type=int, default=SIZE, help="ids in all (default: %(default)s)")
    options = parser.parse_args(argv)
    pieces = train(words(store.read("train", options.corpus)), options.size)
    options.out.write_text(json.dumps(pieces, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(pieces):,} pieces in {options.out}")
    return 0
