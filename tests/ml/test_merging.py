"""Combinations of what can be done about each region."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Answer, Judge, Verdict
from thea_hook.ml.merging import Alternative, likeliest, merged

FILE = SourceFile("a.js", b"a b c", "javascript")


def alternative(start: int, end: int, text: bytes, score: float, tagger: float | None = None) -> Alternative:
    return Alternative((Edit(Span(start, end), text),), score, tagger)


def accepts(*refused: bytes) -> Judge:
    def judge(files: Sequence[SourceFile]) -> list[Verdict]:
        return [Verdict(Answer.BROKEN if file.text in refused else Answer.PARSES) for file in files]

    return judge


scores = st.lists(st.lists(st.floats(-9, 0), min_size=1, max_size=4), min_size=1, max_size=4)


@given(scores)
def test_combinations_come_in_the_order_of_their_sums_and_each_once(scores: list[list[float]]) -> None:
    regions = [[alternative(0, 0, b"", score) for score in sorted(some, reverse=True)] for some in scores]
    sums = [sum(one.score for one in choice) for choice in likeliest(regions)]
    expected = sorted((sum(choice) for choice in product(*scores)), reverse=True)
    assert all(abs(one - other) < 1e-9 for one, other in zip(sums, expected, strict=True))


def test_a_region_without_alternatives_has_no_combination() -> None:
    assert list(likeliest([[alternative(0, 1, b"x", 0.0)], []])) == []


def test_what_does_not_parse_as_a_whole_is_left_out() -> None:
    regions = [
        [alternative(0, 1, b"x", -0.1, -0.1), alternative(0, 1, b"y", -2.0, -2.0)],
        [alternative(4, 5, b"z", -0.2, -0.2), alternative(4, 5, b"", -1.0, -1.0)],
    ]
    found = merged(FILE, regions, accepts(b"x b z"), 8)
    assert [one.text for one in found] == [b"x b ", b"y b z", b"y b "]
    assert found[0].tagger == -1.1


def test_edits_of_two_regions_that_overlap_make_no_combination() -> None:
    regions = [
        [alternative(0, 3, b"", 0.0), alternative(0, 1, b"", -1.0)],
        [alternative(2, 5, b"", 0.0), alternative(4, 5, b"", -3.0)],
    ]
    assert [one.text for one in merged(FILE, regions, accepts(), 8)] == [b" ", b" b "]


def test_only_so_many_texts_are_read() -> None:
    regions = [[alternative(0, 1, text, -float(number)) for number, text in enumerate((b"x", b"x", b"y", b"z"))]]
    assert [one.text for one in merged(FILE, regions, accepts(b"x b c"), 2)] == [b"y b c"]


def test_the_tagger_has_no_figure_for_what_it_did_not_propose() -> None:
    regions = [[alternative(0, 1, b"x", -0.1, -0.1)], [alternative(4, 5, b"z", -0.2)]]
    assert merged(FILE, regions, accepts(), 1)[0].tagger is None
