from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from thea_hook.lab.cli import main
from thea_hook.lab.corpus.store import Document
from thea_hook.lab.training import language_data
from thea_hook.lab.training.language_data import (
    LARGEST_TEXT,
    LEXEME,
    LONGEST_SPAN,
    SUFFIX,
    framed,
    make_tokens,
    rows_of,
    samples,
    to_fill,
    without_bits,
)
from thea_hook.ml.language_tokens import MARK, VOCABULARY
from thea_hook.ml.subtokens import SubTokens

SUBTOKENS = SubTokens(["foo", "bar", "x"])
LENGTH = 256


@pytest.fixture
def tokens() -> np.ndarray:
    """A long row in which every id tells its place, and begins a lexeme where it is even."""
    ids = np.arange(4_000, dtype=np.uint16)
    return ids | np.where(ids % 2 == 0, LEXEME, 0).astype(np.uint16)


def test_a_row_begins_with_the_end_of_the_text_before() -> None:
    documents = [Document("a/b", "a.js", "javascript", b"foo(x);\n"), Document("a/b", "b.js", "javascript", b"barfoo")]
    (repository, first), (_, second) = rows_of(documents, SUBTOKENS)
    assert repository == "a/b"
    assert without_bits(first)[0] == without_bits(second)[0] == MARK.END
    assert (first & LEXEME).all()
    assert (second & LEXEME).astype(bool).tolist() == [True] * len(second)


def test_pieces_inside_of_a_name_begin_no_lexeme() -> None:
    ((_, row),) = rows_of([Document("a/b", "a.js", "javascript", b"fooBar_x")], SubTokens(["foo", "Bar", "_", "x"]))
    assert (row & LEXEME).astype(bool).tolist() == [True, True, False, False, False]


def test_texts_that_are_too_long_are_left_out() -> None:
    text = b"x;" * LARGEST_TEXT
    assert list(rows_of([Document("a/b", "a.js", "javascript", text)], SUBTOKENS)) == []


def test_no_repository_is_most_of_what_is_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = [Document("large/one", f"{n}.js", "javascript", b"foo(x);\n" * 50) for n in range(20)]
    small = [Document(f"small/{n}", "a.js", "javascript", b"bar(x);\n" * 50) for n in range(30)]
    monkeypatch.setattr(language_data, "read", lambda split: large + small)
    count = make_tokens("train", SUBTOKENS, tmp_path / "train.npy")
    assert len(count) == 31
    assert count["large/one"] == 3 * count["small/0"]  # of 50 texts
    assert count.total() == len(np.load(tmp_path / "train.npy"))
    assert make_tokens("valid", SUBTOKENS, tmp_path / "valid.npy")["large/one"] == 20 * count["small/0"]


def test_the_command_writes_both_splits(data: Path) -> None:
    assert main(["train", "tokens"]) == 0
    for split in ("train", "valid"):
        row = np.load(data / "tokens" / f"{split}.npy")
        assert row.dtype == np.uint16
        assert without_bits(row).max() < VOCABULARY


# ------------------------------------------------------------------ spans to fill in


def parts_of(row: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    """Prefix, suffix and span of a frame."""
    items = row.tolist()
    suffix, middle, end = (items.index(mark) for mark in (MARK.SUFFIX, MARK.MIDDLE, MARK.SPAN_END))
    assert items[0] == MARK.PREFIX
    assert set(items[end + 1 :]) <= {MARK.END}
    return items[1:suffix], items[suffix + 1 : middle], items[middle + 1 : end]


def test_a_frame_has_prefix_suffix_and_span_in_this_order() -> None:
    assert parts_of(framed([1, 2], [5, 6], [3, 4], 12)) == ([1, 2], [5, 6], [3, 4])
    assert len(framed([1, 2], [5, 6], [3, 4], 12)) == 12


@pytest.mark.parametrize("seed", range(25))
def test_what_is_cut_out_belongs_between_the_two(tokens: np.ndarray, seed: int) -> None:
    chance = random.Random(seed)
    row = to_fill(tokens[100 : 100 + LENGTH + SUFFIX], LENGTH, chance)
    assert len(row) == LENGTH
    prefix, suffix, span = parts_of(row)
    together = prefix + span + suffix
    assert together == list(range(together[0], together[0] + len(together)))
    assert len(span) <= LONGEST_SPAN
    assert 8 <= len(suffix) <= SUFFIX
    assert not span or span[0] % 2 == 0  # whole lexemes
    assert suffix[0] % 2 == 0


def test_as_many_samples_as_wanted_are_to_be_filled_in(tokens: np.ndarray) -> None:
    rows = list(islice(samples(tokens, LENGTH, random.Random(1), 0.35), 400))
    share = np.mean([row[0] == MARK.PREFIX for row in rows])
    assert 0.28 < share < 0.42
    assert {len(row) for row in rows} == {LENGTH}
    assert not any(row[0] == MARK.PREFIX for row in islice(samples(tokens, LENGTH, random.Random(1), 0.0), 20))
