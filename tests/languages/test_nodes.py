"""Questions about nodes that many rules ask."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from thea_hook.core.source import Language
from thea_hook.languages import nodes
from thea_hook.languages.grammars import parse


def tree(code: str, language: Language = "javascript") -> Node:
    return parse(code.encode(), language).root_node


def find(root: Node, kind: str) -> Node:
    return next(node for node in nodes.descend(root) if node.type == kind)


def shown(code: str, where: tuple[int, int]) -> str:
    return code.encode()[slice(*where)].decode()


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("a() // why\nb()", "expression_statement", "a()"),
        ("a() /* 1 */ // 2\nb()", "expression_statement", "a()"),
        ("if (a) { b() } // why\nc()", "if_statement", "if (a) { b() }"),
        ("a(/* in */ b)", "call_expression", "a(/* in */ b)"),
        ("a();", "expression_statement", "a();"),
        ("f(); // after\n/* own */ g()", "comment", "// after"),
        ("const a = 1 as any\n  // @x\n", "comment", "// @x"),
        ("// only\n", "comment", "// only"),
    ],
)
def test_a_span_ends_with_the_last_token_of_the_node(code: str, kind: str, expected: str) -> None:
    assert shown(code, nodes.span(find(tree(code, "typescript"), kind))) == expected


@pytest.mark.parametrize("code", ["((a))", "(a as B)!", "<B>(a)", "(a satisfies B)", "a"])
def test_parentheses_and_assertions_unwrap_to_the_same_expression(code: str) -> None:
    statement = tree(code, "typescript").named_children[0]
    inner = nodes.unwrap_types(statement.named_children[0])
    assert (inner.type, nodes.text(inner)) == ("identifier", "a")


def test_outermost_goes_past_all_parentheses() -> None:
    inner = [node for node in nodes.descend(tree("x = (((a)))")) if nodes.text(node) == "a"][-1]
    assert nodes.text(nodes.outermost(inner)) == "(((a)))"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("a.b", "b"),
        ("a['b']", "b"),
        ('a["\\u0062"]', "b"),
        ("a[`b`]", "b"),
        ("a[1.0]", "1"),
        ("a[0x10]", "16"),
        ("a[null]", "null"),
        ("a[b]", None),
        ("a[`${b}`]", None),
        ("a.#b", "#b"),
    ],
)
def test_a_property_has_the_name_it_is_known_by(code: str, name: str | None) -> None:
    member = tree(code).named_children[0].named_children[0]
    assert nodes.property_name(member) == name


def test_tokens_before_and_after_pass_over_comments() -> None:
    call = find(tree("a = /* 1 */ f(x) /* 2 */ ; b"), "call_expression")
    before, after = nodes.token_before(call), nodes.token_after(call)
    assert before is not None
    assert after is not None
    assert (nodes.text(before), nodes.text(after)) == ("=", ";")


def test_the_same_tokens_are_the_same_whatever_is_between_them() -> None:
    left, right = (find(tree(code), "binary_expression") for code in ("a+b.c", "a /* x */ +\n b . c"))
    other = find(tree("a + b.d"), "binary_expression")
    assert nodes.same_tokens(left, right)
    assert not nodes.same_tokens(left, other)


def test_descending_needs_no_stack_of_calls() -> None:
    assert sum(1 for _ in nodes.descend(tree("[" * 5000 + "]" * 5000))) > 5000
