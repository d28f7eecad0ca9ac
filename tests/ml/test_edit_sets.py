"""Sets of edits from what a network believes of each lexeme."""

from __future__ import annotations

import math

import numpy as np
import pytest

from thea_hook.languages.lexemes import lex
from thea_hook.ml.edit_sets import Beliefs, applied, likeliest_sets, score_of
from thea_hook.ml.edits import Step
from thea_hook.ml.vocabulary import TAG_INDEX, TAGS, Action, Tag

COMMA, SEMICOLON = Tag(Action.INSERT, b","), Tag(Action.INSERT, b";")
DELETE, CLOSE = Tag(Action.DELETE), Tag(Action.INSERT, b")")


def beliefs(count: int, places: dict[int, tuple[float, dict[Tag, float]]]) -> Beliefs:
    """Probabilities of an edit at a few places, and of the tags there; elsewhere there is next to none."""
    edit = np.full(count, 1e-6)
    tags = np.full((count, len(TAGS)), 1e-9)
    for place, (probability, chosen) in places.items():
        edit[place] = probability
        for tag, share in chosen.items():
            tags[place, TAG_INDEX[tag]] = share
    return Beliefs(*(np.log(values).astype(np.float32) for values in (1 - edit, edit, tags)))


def test_the_first_set_is_what_is_likeliest_at_every_place() -> None:
    found = likeliest_sets(beliefs(6, {1: (0.9, {COMMA: 0.8}), 4: (0.7, {DELETE: 0.9}), 5: (0.3, {DELETE: 0.9})}), 5)
    assert found[0].steps == (Step(4, DELETE), Step(1, COMMA))
    assert found[0].score == pytest.approx(math.log(0.9 * 0.8 * 0.7 * 0.9 * 0.7), abs=1e-3)


def test_further_sets_differ_in_what_is_least_certain() -> None:
    weak = {1: (0.95, {COMMA: 0.9, SEMICOLON: 0.09}), 4: (0.6, {DELETE: 0.97})}
    found = [set(steps) for steps, _ in likeliest_sets(beliefs(6, weak), 4)]
    assert found == [
        {Step(1, COMMA), Step(4, DELETE)},
        {Step(1, COMMA)},
        {Step(1, SEMICOLON), Step(4, DELETE)},
        {Step(1, SEMICOLON)},
    ]


def test_sets_come_in_the_order_of_their_probability() -> None:
    places = {1: (0.8, {COMMA: 0.5, SEMICOLON: 0.4}), 3: (0.4, {DELETE: 0.7}), 4: (0.6, {DELETE: 0.5, COMMA: 0.3})}
    scores = [score for _, score in likeliest_sets(beliefs(6, places), 12)][1:]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 11


def test_where_nothing_is_likely_the_best_guess_is_a_set_too() -> None:
    found = likeliest_sets(beliefs(6, {2: (0.2, {COMMA: 0.9})}), 3)
    assert found[0].steps == (Step(2, COMMA),)
    assert likeliest_sets(beliefs(6, {}), 3) == []


def test_all_steps_of_a_set_are_made() -> None:
    lexemes = lex(b"f(a b;\ng(c;\n", "javascript")
    steps = (Step(8, CLOSE), Step(4, CLOSE), Step(3, COMMA))
    assert applied(lexemes, steps, "javascript") == b"f(a, b);\ng(c);\n"


def test_steps_that_touch_the_same_bytes_are_made_one_after_the_other() -> None:
    lexemes = lex(b"f((a))));\n", "javascript")
    assert applied(lexemes, (Step(7, DELETE), Step(6, DELETE)), "javascript") == b"f((a));\n"


def test_a_step_that_makes_no_sense_spoils_the_set() -> None:
    lexemes = lex(b"f(a;\n", "javascript")
    assert applied(lexemes, (Step(4, DELETE), Step(3, CLOSE)), "javascript") is None


def test_a_text_scores_as_the_set_that_leads_to_it() -> None:
    lexemes = lex(b"f(a b;\ng(c;\n", "javascript")
    known = beliefs(10, {3: (0.9, {COMMA: 0.8}), 4: (0.7, {CLOSE: 0.6}), 8: (0.8, {CLOSE: 0.9})})
    best = likeliest_sets(known, 1)[0]
    text = applied(lexemes, best.steps, "javascript")
    assert text is not None
    assert score_of(known, lexemes, text, "javascript") == pytest.approx(best.score, abs=1e-4)
    assert score_of(known, lexemes, text.replace(b",", b""), "javascript") < best.score


def test_a_text_that_differs_in_white_space_alone_scores_by_the_break_of_the_line() -> None:
    lexemes = lex(b"f() g();\n", "javascript")
    known = beliefs(8, {3: (0.5, {Tag(Action.BREAK_LINE): 0.5})})
    assert score_of(known, lexemes, b"f()\ng();\n", "javascript") == pytest.approx(math.log(0.25), abs=1e-3)
