"""A text as the tagger sees it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thea_hook.core.source import Span
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import SyntaxProblem
from thea_hook.ml.features import COLUMNS, FEATURES, FIRST_FEATURE, encode, message_class
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import CLASSES, END, class_of

SUBTOKENS = SubTokens(["foo", "Bar", "##x", "const"])
NAMES = [feature.name for feature in FEATURES]


def column(text: str, name: str, problems: tuple[SyntaxProblem, ...] = ()) -> list[int]:
    rows = encode(lex(text.encode(), "tsx"), problems, SUBTOKENS)
    values: list[int] = rows[:, FIRST_FEATURE + NAMES.index(name)].tolist()
    return values


def test_a_row_for_each_lexeme_and_one_for_the_end() -> None:
    rows = encode(lex(b"const fooBar = 1;", "tsx"), (), SUBTOKENS)
    assert rows.shape == (6, COLUMNS)
    assert rows[5, 0] == END
    assert rows[0, 0] == class_of(0, b"const")
    assert rows[1, 1:FIRST_FEATURE].tolist() == [2, 3, 0, 0]
    assert rows[2, 1:FIRST_FEATURE].tolist() == [0, 0, 0, 0]


def test_a_name_and_a_keyword_are_of_different_classes() -> None:
    rows = encode(lex(b"const other 1 'a' 'b'", "tsx"), (), SUBTOKENS)
    assert len(set(rows[:4, 0].tolist())) == 4
    assert rows[3, 0] == rows[4, 0]


def test_the_gap_before_a_lexeme() -> None:
    assert column("a b  c\nd\n\ne", "gap") == [0, 1, 2, 3, 4, 0]


def test_indentation_is_told_where_a_line_begins() -> None:
    text = "f(\n    a,\n  b)"
    assert column(text, "indent_change")[2] > column(text, "indent_change")[4]
    assert column(text, "indent_change")[1] == column(text, "indent_change")[3]


def test_a_line_that_is_too_far_left_inside_of_a_brace_is_told() -> None:
    inside, outside = (
        column("if (a) {\n  b\n}\nc", "indent_in_bracket"),
        column("if (a) {\nb\n}\nc", "indent_in_bracket"),
    )
    assert inside[5] != outside[5]


@pytest.mark.parametrize(
    ("text", "place", "state"),
    [
        ("f(a)", 1, 1),
        ("f(a)", 3, 7),
        ("f(a", 1, 5),
        ("f a)", 2, 11),
        ("if (a) {\n  b\n  }", 4, 2),
        ("if (a) {\n    if (b) {\n}", 9, 3),
    ],
)
def test_a_bracket_knows_its_partner_and_how_that_is_indented(text: str, place: int, state: int) -> None:
    assert column(text, "match")[place] == state


def test_a_template_is_a_bracket_of_its_own() -> None:
    assert column("`a${b}c`", "inside") == [0, 4, 0, 0]


def test_the_parser_points_at_a_lexeme() -> None:
    problem = SyntaxProblem(Span(4, 5), "Expected `,` but found `c`", (Span(0, 1),))
    later = SyntaxProblem(Span(8, 9), "Unexpected token")
    text = "a b c d e"
    distance = column(text, "distance", (problem, later))
    assert distance[2] == 14
    assert distance == sorted(distance)
    assert column(text, "mark", (problem, later)) == [2, 0, 1, 0, 3, 0]
    assert [bool(value) for value in column(text, "message", (problem, later))] == [False] * 2 + [True] + [False] * 3


def test_a_message_is_known_by_what_was_expected() -> None:
    assert message_class("Expected `)` but found `;`") == message_class("Expected `)` but found `}`")
    assert message_class("Expected `)` but found `;`") != message_class("Expected `]` but found `;`")


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from([b"a", b"(", b")", b"{", b"}", b"`", b"${", b"\n", b"   ", b"'", b"//", b"\xe2"]), max_size=40
    )
)
def test_every_value_has_its_embedding(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    problems = (SyntaxProblem(Span(len(text) // 2, len(text) // 2), "x", (Span(len(text), len(text)),)),)
    rows = encode(lex(text, "tsx"), problems, SUBTOKENS)
    assert rows.min() >= 0
    assert rows[:, 0].max() < CLASSES
    sizes = np.array([feature.values for feature in FEATURES])
    assert (rows[:, FIRST_FEATURE:].max(0) < sizes).all()
