"""Precedence, sameness, and what may stand next to what."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from thea_hook.languages.expressions import (
    can_be_adjacent,
    constant_string,
    elements,
    has_group,
    has_optional_chain,
    is_same_reference,
    needs_semicolon_before,
    precedence,
)
from thea_hook.languages.grammars import parse
from thea_hook.languages.nodes import unwrap


def expression(code: str) -> Node:
    statement = parse(code.encode(), "typescript").root_node.named_children[-1]
    return unwrap(statement.named_children[0])


@pytest.mark.parametrize(
    "looser,tighter",
    [
        ("a, b", "a = b"),
        ("a = b", "a ? b : c"),
        ("a ? b : c", "a || b"),
        ("a || b", "a && b"),
        ("a + b", "a * b"),
        ("a * b", "a ** b"),
        ("a ** b", "!a"),
        ("!a", "a()"),
        ("a()", "a"),
        ("a?.b", "a.b"),
        ("a as B", "a, b"),
    ],
)
def test_precedence_orders_expressions(looser: str, tighter: str) -> None:
    assert precedence(expression(looser)) < precedence(expression(tighter))


@pytest.mark.parametrize(
    "left,right,same",
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a.b", "(a)['b']", True),
        ("a.b", "a?.b", True),
        ("a[b]", "a[b]", True),
        ("a[b]", "a.b", False),
        ("a[1]", "a[0x1]", True),
        ("this.a", "super.a", False),
        ("f().a", "f().a", False),
    ],
)
def test_a_reference_is_the_same_however_it_is_written(left: str, right: str, same: bool) -> None:
    assert is_same_reference(expression(left), expression(right)) is same


def test_a_private_name_is_not_the_string_that_reads_like_it() -> None:
    fields = parse(b"class A { #a; f() { g(this.#a, this['#a']); } }", "javascript").root_node
    call = fields.descendant_for_byte_range(20, 42)
    while call is not None and call.type != "call_expression":
        call = call.parent
    assert call is not None
    one, other = call.named_children[1].named_children
    assert not is_same_reference(one, other)


@pytest.mark.parametrize(
    "left,right,adjacent",
    [
        ("a", "b", False),
        ("a", "(", True),
        ("+", "++", False),
        ("+", "-", True),
        ("in", "'a'", True),
        ("in", ".5", True),
        ("in", "1", False),
        ("/", "/a/", False),
        ("${", "a", True),
        ("in", "#a", True),
    ],
)
def test_tokens_that_would_melt_cannot_be_adjacent(left: str, right: str, adjacent: bool) -> None:
    assert can_be_adjacent(left, right) is adjacent


@pytest.mark.parametrize(
    "before,needed",
    [
        ("a", True),
        ("a()", True),
        ("a;", False),
        ("if (a) {}", False),
        ("a = {}", True),
        ("a = function () {}", True),
        ("function f() {}", False),
        ("import 'a'", False),
        ("let a", False),
        ("type A = B", False),
        ("let a = b as C", False),
    ],
)
def test_a_line_that_begins_with_a_bracket_needs_a_semicolon(before: str, needed: bool) -> None:
    root = parse(f"{before}\n\nx".encode(), "typescript").root_node
    assert needs_semicolon_before(root.named_children[-1]) is needed


def test_holes_of_an_array_are_none() -> None:
    assert [element and element.type for element in elements(expression("[, a, , 1,]"))] == [
        None,
        "identifier",
        None,
        "number",
    ]


def test_parentheses_of_a_statement_are_not_a_group() -> None:
    root = parse(b"if (a) while ((b)) {}", "javascript").root_node
    a, b = root.descendant_for_byte_range(4, 5), root.descendant_for_byte_range(15, 16)
    assert a is not None
    assert b is not None
    assert not has_group(a)
    assert has_group(b)


def test_parentheses_end_an_optional_chain() -> None:
    assert has_optional_chain(expression("a?.b.c"))
    assert not has_optional_chain(expression("(a?.b).c"))


def test_a_sum_of_strings_is_a_string() -> None:
    assert constant_string(expression("'a' + ('b' + `c`)")) == "abc"
    assert constant_string(expression("'a' + b")) is None
