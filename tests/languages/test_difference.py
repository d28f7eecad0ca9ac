"""The edits between two versions of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Span
from thea_hook.languages.difference import MAX_COMPARED, edits_between, repairs_between
from thea_hook.languages.lexemes import lex

PIECES = st.lists(st.sampled_from([b"a", b" ", b"\n", b"(", b")", b"'x y'", b"=>", b"// c\n", b"\xff"]), max_size=30)


@given(PIECES, PIECES)
def test_the_edits_lead_from_one_text_to_the_other(before: list[bytes], after: list[bytes]) -> None:
    one, other = b"".join(before), b"".join(after)
    assert apply_edits(one, edits_between(one, other, "javascript")) == other


@given(PIECES, PIECES)
def test_repairs_lead_to_the_same_lexemes_or_keep_them_apart_by_space_alone(
    before: list[bytes], after: list[bytes]
) -> None:
    one, other = b"".join(before), b"".join(after)
    if lex(one, "javascript").texts == lex(other, "javascript").texts:
        assert repairs_between(one, other, "javascript") == []


def test_an_edit_is_no_longer_than_the_difference() -> None:
    assert edits_between(b"f(a b)", b"f(a, b)", "javascript") == [Edit(Span(3, 3), b",")]
    assert edits_between(b"functoin f() {}", b"function f() {}", "javascript") == [Edit(Span(5, 7), b"io")]
    assert edits_between(b"a = = b", b"a == b", "javascript") == [Edit(Span(3, 4), b"")]


def test_white_space_is_no_repair() -> None:
    assert repairs_between(b"if (a)\n  b()", b"if (a) b()", "javascript") == []
    assert repairs_between(b"f(a\n b)", b"f(a,\n  b)", "javascript") == [Edit(Span(3, 3), b",")]


def test_texts_that_have_little_in_common_differ_by_one_edit() -> None:
    one, other = b"a " * MAX_COMPARED, b"b;" * MAX_COMPARED
    assert len(edits_between(one, other, "javascript")) == 1
