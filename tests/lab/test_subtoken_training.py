from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from thea_hook.lab.corpus import store
from thea_hook.lab.corpus.store import Document
from thea_hook.lab.subtokens import main, train, words
from thea_hook.ml.subtokens import FIRST_PIECE, SubTokens, parts

tokenizers = pytest.importorskip("tokenizers")

TEXT = b"""
// Comments and "strings" are prose, not names.
import { createSelector } from "library";
export const selectVisibleTodoItems = createSelector([selectTodoItems, selectVisibility], (todoItems, visibility) =>
  todoItems.filter((todoItem) => visibility === "all" || todoItem.isVisible));
"""
SENTENCES = """
    createSelectorFromVisibleItems selectTodoItemById XMLHttpRequest getElementsByTagName2 MAX_ITEM_COUNT __dirname
    $visible antidisestablishmentarianism toISOString item items visibleness unseenWord
"""


@pytest.fixture(scope="module")
def pieces() -> list[str]:
    count = words([Document("ada/engine", "a.ts", "typescript", TEXT)] * 3)
    return train(count + Counter(SENTENCES.split()[:8]), size=160)


def test_only_the_words_of_the_code_are_counted() -> None:
    count = words([Document("ada/engine", "a.ts", "typescript", TEXT)])
    assert count["todoItem"] == 2
    assert count["createSelector"] == 2
    assert not count.keys() & {"Comments", "strings", "library", "all"}


def test_the_vocabulary_has_the_size_that_was_asked_for(pieces: list[str]) -> None:
    assert len(pieces) == len(set(pieces)) == 160 - FIRST_PIECE
    assert "select" in pieces


def test_training_again_gives_the_same_pieces(pieces: list[str]) -> None:
    count = words([Document("ada/engine", "a.ts", "typescript", TEXT)] * 3)
    assert train(count + Counter(SENTENCES.split()[:8]), size=160) == pieces


def test_words_are_cut_as_the_library_cuts_them(pieces: list[str]) -> None:
    """The small tokenizer of the product against the one that trained the vocabulary."""
    vocabulary = {"[PAD]": 0, "[UNK]": 1} | {piece: index for index, piece in enumerate(pieces, FIRST_PIECE)}
    reference = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    reference.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    ours = SubTokens(pieces)
    for word in SENTENCES.split():
        assert list(ours.encode(word)) == reference.encode(" ".join(parts(word))).ids, word


def test_the_command_learns_from_the_training_split_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.write("train", [Document("ada/engine", "a.ts", "typescript", TEXT)], tmp_path)
    store.write("test", [Document("ada/other", "b.ts", "typescript", b"zebra(zebra);" * 99)], tmp_path)
    out = tmp_path / "subtokens.json"
    assert main(["--corpus", str(tmp_path), "--out", str(out), "--size", "120"]) == 0
    assert "zebra" not in json.loads(out.read_text("utf-8"))
    assert str(out) in capsys.readouterr().out
