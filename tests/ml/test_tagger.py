"""Suggestions from the outputs of a network."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from thea_hook.core.source import Span
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import SyntaxProblem
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tagger import WINDOW, Broken, Tagger
from thea_hook.ml.vocabulary import TAG_INDEX, TAGS, Action, Tag, class_of

COMMA = Tag(Action.INSERT, b",")


class Likes:
    """A network that likes one class of lexeme, and one tag there."""

    def __init__(self, text: bytes, tag: Tag) -> None:
        self.liked = class_of(0, text)
        self.tag = TAG_INDEX[tag]
        self.batches: list[tuple[int, ...]] = []

    def run(self, inputs: dict[str, NDArray[np.int64]]) -> dict[str, NDArray[np.float32]]:
        features = inputs["features"]
        self.batches.append(features.shape)
        position = np.zeros((features.shape[0], features.shape[1] + 1), np.float32)
        position[:, :-1] = np.where(features[:, :, 0] == self.liked, 9.0, np.where(features[:, :, 0] == 0, -1e4, 0.0))
        tag = np.zeros((*features.shape[:2], len(TAGS)), np.float32)
        tag[:, :, self.tag] = 5.0
        return {"position": position, "tag": tag}


def tagger(model: Likes, context_length: int = 8192) -> Tagger:
    return Tagger(model, SubTokens(["a"]), context_length=context_length)


def broken(text: bytes, focus: tuple[int, ...] = (), place: int = 0) -> Broken:
    return Broken(lex(text, "javascript"), (SyntaxProblem(Span(place, place), "no"),), focus)


def test_the_likeliest_edit_comes_first() -> None:
    best, *others = tagger(Likes(b"while", COMMA)).suggest([broken(b"a b while c")], 5)[0]
    assert (best.step.place, best.step.tag) == (2, COMMA)
    assert 0.2 < best.probability < 1
    assert [other.probability for other in others] == sorted((o.probability for o in others), reverse=True)
    assert len(others) == 4


def test_all_of_a_long_text_is_read_and_each_place_suggested_once() -> None:
    text = b"a " * 900 + b"while " + b"a " * 100
    model = Likes(b"while", COMMA)
    suggestions = tagger(model).suggest([broken(text)], 10)[0]
    assert suggestions[0].step.place == 900
    assert len({suggestion.step for suggestion in suggestions}) == len(suggestions)
    assert model.batches[0][0] > 2
    assert model.batches[0][1] == WINDOW


def test_of_a_text_beyond_the_context_only_what_is_near_the_error_is_read() -> None:
    text = b"a " * 20_000
    model = Likes(b"while", COMMA)
    suggestions = tagger(model, context_length=1024).suggest([broken(text, place=len(text) - 1)], 3)[0]
    assert model.batches[0][0] <= 4
    assert all(suggestion.step.place > 18_000 for suggestion in suggestions)


def test_with_a_focus_only_its_surroundings_are_read() -> None:
    model = Likes(b"while", COMMA)
    tagger(model).suggest([broken(b"a " * 5000, focus=(10, 20, 4000))], 3)
    assert model.batches[0][0] == 2


def test_several_texts_are_one_batch() -> None:
    model = Likes(b"while", COMMA)
    found = tagger(model).suggest([broken(b"a while"), broken(b"while a b c d")], 2)
    assert [suggestions[0].step.place for suggestions in found] == [1, 0]
    assert len(model.batches) == 1


@pytest.mark.parametrize("text", [b"", b" \n", b"a"])
def test_the_shortest_texts_have_suggestions_too(text: bytes) -> None:
    assert tagger(Likes(b"while", COMMA)).suggest([broken(text)], 3)[0]
