from __future__ import annotations

import math
import time

import pytest
from language_models import toy

from thea_hook.errors import ModelError
from thea_hook.ml.infill import BEAM, LONGEST, fill_in
from thea_hook.ml.language_tokens import MARK, PIECES
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import CLOSED

SUBTOKENS = SubTokens(["foo", "bar", "x", "y"])
X, Y = (SUBTOKENS.encode(name)[0] for name in "xy")
OPEN, CLOSE, COMMA, BLOCK = (PIECES + CLOSED.index(text) for text in (b"(", b")", b",", b"{"))


def filled(likes: dict[tuple[int, int], float], prefix: bytes, suffix: bytes) -> list[tuple[bytes, float]]:
    return fill_in(toy(likes, constant=-12.0), SUBTOKENS, prefix, suffix, "javascript")


def test_the_likeliest_span_comes_first() -> None:
    likes = {
        (OPEN, X): -0.5,
        (X, CLOSE): -0.5,
        (OPEN, CLOSE): -4.0,
        (X, COMMA): -1.0,
        (COMMA, Y): -0.1,
        (Y, CLOSE): -1.0,
    }
    found = filled(likes, b"foo(", b")")
    assert [text for text, _ in found[:3]] == [b"x", b"x, y", b""]
    # "x" is e^-1 likely, "x, y" e^-2.6 and nothing e^-4
    assert found[1][1] - found[0][1] == pytest.approx(-1.6, abs=1e-3)
    assert found[2][1] - found[0][1] == pytest.approx(-3.0, abs=1e-3)


def test_their_shares_are_those_of_all_that_was_considered() -> None:
    shares = [math.exp(value) for _, value in filled({(OPEN, X): -0.5, (X, CLOSE): -0.5}, b"foo(", b")")]
    assert shares == sorted(shares, reverse=True)
    assert 0.9 < sum(shares) <= 1.0 + 1e-6
    assert len(shares) <= BEAM


def test_what_follows_decides_between_spans() -> None:
    likes = {(OPEN, X): -0.1, (OPEN, Y): -2.0, (Y, CLOSE): -0.1}
    assert filled(likes, b"foo(", b")")[0][0] == b"y"
    assert filled({**likes, (X, COMMA): -0.1}, b"foo(", b", bar)")[0][0] == b"x"


def test_nothing_may_be_missing() -> None:
    assert filled({(OPEN, CLOSE): -0.1, (CLOSE, MARK.END): -0.1, (OPEN, X): -0.2}, b"foo(", b")")[0][0] == b""


def test_white_space_that_is_there_is_not_written_again() -> None:
    likes = {(BLOCK, MARK.IN_1): 0.0, (MARK.IN_1, X): 0.0, (X, MARK.OUT_1): 0.0, (X, MARK.SAME): 0.0}
    assert filled(likes, b"foo {", b"\n}")[0][0] == b"\n  x"
    assert filled(likes, b"foo {\n  ", b"\n}")[0][0] == b"x"


def test_what_cannot_be_written_is_not_proposed() -> None:
    likes = {(OPEN, MARK.NUMBER): 0.0, (MARK.NUMBER, CLOSE): 0.0, (OPEN, X): -9.0}
    assert filled(likes, b"foo(", b")")[0][0] in (b"", b"x")


def test_spans_have_an_end() -> None:
    assert max(len(text) for text, _ in filled({(OPEN, X): 0.0, (X, X): 0.0}, b"foo(", b")")) <= LONGEST


def test_the_deadline_is_kept() -> None:
    with pytest.raises(ModelError):
        fill_in(toy(), SUBTOKENS, b"foo(", b")", "javascript", deadline=time.monotonic() - 1)
