"""Tokens of text that may be broken."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.syntax.lexer import Kind, lex


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind.value, token.text.decode("utf-8", "replace")) for token in lex(text.encode())]


def of_kind(text: str, kind: Kind) -> list[str]:
    return [value for name, value in kinds(text) if name == kind.value]


@given(st.one_of(st.binary(), st.text(alphabet="`${}'\"/*\\()[]<>=+a1 \n\r\u200b“ é").map(str.encode)))
def test_tokens_and_white_space_are_the_whole_text(text: bytes) -> None:
    position = 0
    for token in lex(text):
        assert position <= token.start < token.end <= len(text)
        assert token.text == text[token.start : token.end]
        between = text[position : token.start].decode("utf-8", "replace").replace("\ufeff", "")
        assert not between.strip(), f"{between!r} is no white space"
        position = token.end
    assert not text[position:].decode("utf-8", "replace").replace("\ufeff", "").strip()


def test_operators_are_as_long_as_they_can_be() -> None:
    assert of_kind("a >>>= b ?? c?.d = => ...e", Kind.PUNCTUATION) == [">>>=", "??", "?.", "=", "=>", "..."]


def test_strings_and_comments_hide_what_is_in_them() -> None:
    assert of_kind("'a = = b' + \"c\\\"d\" // = =\n/* ' */ x = = 1", Kind.PUNCTUATION) == ["+", "=", "="]


def test_templates_hide_their_text_but_not_their_code() -> None:
    assert kinds("`a = = ${b + `c ${{d: 1}} e`} f` + g") == [
        ("template", "`a = = ${"),
        ("word", "b"),
        ("punctuation", "+"),
        ("template", "`c ${"),
        ("punctuation", "{"),
        ("word", "d"),
        ("punctuation", ":"),
        ("number", "1"),
        ("punctuation", "}"),
        ("template", "} e`"),
        ("template", "} f`"),
        ("punctuation", "+"),
        ("word", "g"),
    ]


@pytest.mark.parametrize(
    "text", ["a / b / c", "f(a) / b / c", "a[0] / b / c", "a++ / b / c", "1 / b / c", "</p> + </p>"]
)
def test_a_slash_behind_a_value_divides(text: str) -> None:
    assert of_kind(text, Kind.REGEX) == []


@pytest.mark.parametrize(
    "text", ["/b/g", "a = /b/g", "return /b/g", "f(/b/g)", "if (a) /b/g.test(c)", "}\n/b/g.test(c)", "`${/b/g}`"]
)
def test_a_slash_where_a_value_is_due_opens_a_regular_expression(text: str) -> None:
    assert of_kind(text, Kind.REGEX) == ["/b/g"]


def test_a_class_in_a_regular_expression_may_hold_a_slash() -> None:
    assert of_kind(r"a = /[/\]]\/ = =/u;", Kind.REGEX) == [r"/[/\]]\/ = =/u"]


def test_a_quote_without_a_partner_on_its_line_is_only_a_quote() -> None:
    assert kinds("<p>it's</p>\na")[4:] == [
        ("other", "'"),
        ("word", "s"),
        ("punctuation", "<"),
        ("punctuation", "/"),
        ("word", "p"),
        ("punctuation", ">"),
        ("word", "a"),
    ]


@pytest.mark.parametrize("char", "“’；（，\u00ad\u2060\u200e…≤")
def test_typographic_characters_are_in_no_word(char: str) -> None:
    assert kinds(f"a{char}b") == [("word", "a"), ("other", char), ("word", "b")]


@pytest.mark.parametrize(
    "word", ["café", "变量", "ªb", "µ", "a\u200db", "a\u0301", "ｆ１", r"\u0061b", r"\u{61}b", "𝒳"]
)
def test_letters_of_any_script_make_a_word(word: str) -> None:
    assert kinds(word) == [("word", word)]


@pytest.mark.parametrize("piece", ["`${", "/*", "'", '"\\', "/[", "\\", "/a", "(", "<!--", "\u200b", "“"])
def test_any_text_takes_linear_time(piece: str) -> None:
    started = time.perf_counter()
    lex(piece.encode() * 50_000)
    assert time.perf_counter() - started < 5
