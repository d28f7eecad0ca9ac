from __future__ import annotations

import pytest

from thea_hook.lab.evaluation.distance import edit_distance, lexeme_distance, same_lexemes


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [
        (b"f(a b)", b"f(a, b)", 1),
        (b"f(a,, b)", b"f(a, b)", 1),
        (b"retrun a", b"return a", 1),
        (b"f( a )", b"f(a)", 0),
        (b"if (a { b", b"if (a) { b }", 2),
        (b"a b", b"b a", 2),
    ],
)
def test_the_distance_counts_lexemes_that_change(before: bytes, after: bytes, distance: int) -> None:
    assert lexeme_distance(before, after, "javascript", limit=5) == distance


def test_beyond_the_limit_every_distance_is_the_same() -> None:
    assert edit_distance([b"a"] * 30, [b"b"] * 30, limit=4) == 5
    assert edit_distance([b"a"] * 30, [], limit=4) == 5


def test_the_band_around_the_diagonal_changes_nothing_below_the_limit() -> None:
    old = [b"%d" % (number * 7 % 10) for number in range(40)]
    new = [*old[:5], b"x", *old[5:20], *old[22:], b"y"]
    assert edit_distance(old, new, limit=4) == edit_distance(old, new, limit=40) == 4


def test_white_space_does_not_count() -> None:
    assert same_lexemes(b"f (\n)", b"f()", "javascript")
    assert not same_lexemes(b"f (\n)", b"f(1)", "javascript")
