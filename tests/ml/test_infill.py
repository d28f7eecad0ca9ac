from __future__ import annotations

import time

import pytest
from language_models import toy

from thea_hook.errors import ModelError
from thea_hook.ml.infill import BEAM, LONGEST, fill_in
from thea_hook.ml.language_tokens import MARK, PIECES
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import CLOSED

SUBTOKENS = SubTokens(["foo", "bar", "x", "y"])
X, Y, COMMA = SUBTOKENS.encode("x")[0], SUBTOKENS.encode("y")[0], PIECES + CLOSED.index(b",")


def test_the_likeliest_span_comes_first() -> None:
    model = toy(
        {
            (MARK.MIDDLE, X): -0.5, (MARK.MIDDLE, Y): -1.0, (MARK.MIDDLE, MARK.SPAN_END): -3.0,
            (X, MARK.SPAN_END): -0.5, (X, COMMA): -1.0, (Y, MARK.SPAN_END): -0.1, (COMMA, Y): -0.1,
        },
        constant=-20.0,
    )  # fmt: skip
    assert [(text, round(score, 3)) for text, score in fill_in(model, SUBTOKENS, b"foo(", b");", "javascript")] == [
        (b"x", -1.0), (b"y", -1.1), (b"x, y", -1.7), (b"", -3.0)
    ]  # fmt: skip


def test_white_space_that_is_there_is_not_written_again() -> None:
    model = toy({(MARK.MIDDLE, MARK.IN_1): 0.0, (MARK.IN_1, X): 0.0, (X, MARK.SPAN_END): 0.0}, constant=-30.0)
    assert fill_in(model, SUBTOKENS, b"foo {", b"\n}", "javascript")[0][0] == b"\n  x"
    assert fill_in(model, SUBTOKENS, b"foo {\n  ", b"\n}", "javascript")[0][0] == b"x"


def test_what_cannot_be_written_is_not_proposed() -> None:
    model = toy({(MARK.MIDDLE, MARK.NUMBER): 0.0, (MARK.NUMBER, MARK.SPAN_END): 0.0}, constant=-30.0)
    assert MARK.NUMBER not in {text for text, _ in fill_in(model, SUBTOKENS, b"foo(", b")", "javascript")}
    assert len(fill_in(model, SUBTOKENS, b"foo(", b")", "javascript")) < BEAM


def test_a_span_that_does_not_end_is_given_up() -> None:
    model = toy({(MARK.MIDDLE, X): -0.01, (X, X): -0.01}, constant=-3.0)
    texts = [text for text, _ in fill_in(model, SUBTOKENS, b"foo(", b")", "javascript")]
    assert texts
    assert max(map(len, texts)) <= LONGEST


def test_the_deadline_is_kept() -> None:
    with pytest.raises(ModelError):
        fill_in(toy(), SUBTOKENS, b"foo(", b")", "javascript", deadline=time.monotonic() - 1)
