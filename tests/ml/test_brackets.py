"""Which of several equal brackets is missing, or one too many: indentation tells."""

from __future__ import annotations

import time

import pytest

from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.ml.brackets import is_closing_line, open_bracket, place_to_delete, place_to_insert

NESTED = b"if (a) {\n  if (b) {\n    c();\n}\n"
DEEP = b"if (a) {\n  if (b) {\n    c();\n    }\n  }\n}\n"


def places(lexemes: Lexemes, text: bytes) -> list[int]:
    return [place for place, found in enumerate(lexemes.texts) if found == text]


def test_a_bracket_that_is_under_its_opener_keeps_it() -> None:
    lexemes = lex(NESTED, "javascript")
    (outer,) = places(lexemes, b"}")
    assert {place_to_insert(lexemes, place, b"}") for place in (outer, outer + 1)} == {outer}


def test_a_bracket_is_inserted_where_it_was_said_if_none_like_it_is_there() -> None:
    lexemes = lex(b"f(a b;\n", "javascript")
    assert [place_to_insert(lexemes, place, b")") for place in range(len(lexemes))] == list(range(len(lexemes)))


def test_the_bracket_that_is_under_no_opener_goes() -> None:
    lexemes = lex(DEEP, "javascript")
    braces = places(lexemes, b"}")
    assert {place_to_delete(lexemes, place) for place in braces} == {braces[0]}


def test_a_bracket_on_a_line_of_its_own_goes_if_indentation_does_not_tell() -> None:
    lexemes = lex(b"if (a) {\n  b();\n}\n} else {\n}\n", "javascript")
    first, second, _ = places(lexemes, b"}")
    assert {place_to_delete(lexemes, place) for place in (first, second)} == {first}


def test_of_equal_marks_the_one_with_the_wrong_space_goes() -> None:
    assert place_to_delete(lex(b"a . .b", "javascript"), 2) == 1
    assert place_to_delete(lex(b"f( (a)", "javascript"), 1) == 2


@pytest.mark.parametrize("written", [b"}", b"}\n"])
def test_a_long_row_of_brackets_is_looked_at_once(written: bytes) -> None:
    lexemes = lex(b"{\n" * 20_000 + written * 20_000, "javascript")
    began = time.process_time()
    assert place_to_insert(lexemes, 30_000, b"}") == 40_000
    assert place_to_delete(lexemes, 30_000) == 39_999
    assert time.process_time() - began < 10


def test_an_open_bracket_is_of_the_kind_of_the_closing_one() -> None:
    lexemes = lex(b"f({ a: [b(c)", "javascript")
    assert [open_bracket(lexemes, len(lexemes), closing) for closing in (b")", b"}", b"]")] == [1, 2, 5]
    assert open_bracket(lexemes, 1, b")") is None


def test_a_closing_line_closes_what_one_line_opened() -> None:
    lexemes = lex(b"if (a) {\n  f({\n    b,\n  }\n", "javascript")
    closing = len(lexemes) - 1
    call, block = open_bracket(lexemes, closing, b")"), places(lexemes, b"{")[0]
    assert call is not None
    assert is_closing_line(lexemes, closing, call)
    assert not is_closing_line(lexemes, closing, block)
