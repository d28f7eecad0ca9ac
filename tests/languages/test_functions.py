"""What functions are called in reports, and which expressions a value may come from."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from thea_hook.core.source import Language
from thea_hook.languages.functions import (
    bare_arguments,
    callee_of,
    described,
    head_span,
    is_constructor,
    is_getter,
    is_setter,
    outcomes,
    own_nodes,
    super_class,
)
from thea_hook.languages.grammars import parse
from thea_hook.languages.nodes import CLASSES, FUNCTIONS, text


def first(code: str, kinds: frozenset[str], language: Language = "javascript") -> Node:
    stack = [parse(code.encode(), language).root_node]
    while stack:
        node = stack.pop()
        if node.type in kinds:
            return node
        stack.extend(reversed(node.children))
    raise AssertionError(f"none of {sorted(kinds)} in the code")


@pytest.mark.parametrize(
    ("code", "name", "head"),
    [
        ("function foo(a) {}", "function 'foo'", "function foo"),
        ("(function () {})", "function", "function "),
        ("async function* foo() {}", "async generator function 'foo'", "async function* foo"),
        ("x = () => {}", "arrow function", "=>"),
        ("x = async a => a", "async arrow function", "=>"),
        ("({ foo: function () {} })", "method 'foo'", "foo: function "),
        ("({ foo: (a) => a })", "method 'foo'", "foo: "),
        ("({ [foo]: a => a })", "method", "[foo]: "),
        ("({ ['foo']() {} })", "method 'foo'", "['foo']"),
        ("({ get foo() {} })", "getter 'foo'", "get foo"),
        ("({ set foo(a) {} })", "setter 'foo'", "set foo"),
        ("({ constructor() {} })", "method 'constructor'", "constructor"),
        ("class A { constructor() {} }", "constructor", "constructor"),
        ("class A { static get foo() {} }", "static getter 'foo'", "static get foo"),
        ("class A { static async *foo() {} }", "static async generator method 'foo'", "static async *foo"),
        ("class A { #foo() {} }", "private method #foo", "#foo"),
        ("class A { foo = function bar() {} }", "method 'foo'", "foo = function bar"),
    ],
)
def test_a_function_is_described_by_kind_and_name(code: str, name: str, head: str) -> None:
    function = first(code, FUNCTIONS)
    assert described(function) == name
    start, end = head_span(function)
    assert code[start:end] == head


def test_a_constructor_is_a_method_of_a_class_called_so() -> None:
    assert is_constructor(first("class A { constructor() {} }", FUNCTIONS))
    assert is_constructor(first("class A { 'constructor'() {} }", FUNCTIONS))
    assert not is_constructor(first("class A { static constructor() {} }", FUNCTIONS))
    assert not is_constructor(first("class A { ['constructor']() {} }", FUNCTIONS))
    assert not is_constructor(first("({ constructor() {} })", FUNCTIONS))


def test_a_method_called_get_is_no_getter() -> None:
    assert is_getter(first("class A { get a() {} }", FUNCTIONS))
    assert not is_getter(first("class A { get() {} }", FUNCTIONS))
    assert not is_setter(first("({ set() {} })", FUNCTIONS))


def test_returns_of_inner_functions_are_not_the_function_s_own() -> None:
    function = first("function f() { return 1; function g() { return 2; } return () => { return 3; }; }", FUNCTIONS)
    assert [text(node)[:9] for node in own_nodes(function, "return_statement")] == ["return 1;", "return ()"]


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("(a, b)", ["b"]),
        ("(a ? b : c)", ["b", "c"]),
        ("(a && b)", ["b"]),
        ("(a || (b ?? c))", ["a", "b", "c"]),
        ("(a = b)", ["b"]),
        ("(a ||= b)", ["a", "b"]),
        ("(a &&= b)", ["b"]),
        ("(a += b)", ["a += b"]),
        ("(a as B)", ["a"]),
    ],
)
def test_the_outcomes_of_an_expression(code: str, values: list[str]) -> None:
    expression = first(code, frozenset({"parenthesized_expression"}), "typescript")
    assert sorted(text(node) for node in outcomes(expression)) == values


@pytest.mark.parametrize(
    ("code", "language", "expected"),
    [
        ("class A extends (B) {}", "javascript", "B"),
        ("class A extends f(b) {}", "javascript", "f(b)"),
        ("class A {}", "javascript", None),
        ("class A extends B<T> implements C {}", "typescript", "B"),
        ("class A implements C {}", "typescript", None),
    ],
)
def test_what_a_class_extends(code: str, language: Language, expected: str | None) -> None:
    found = super_class(first(code, CLASSES, language))
    assert (text(found) if found is not None else None) == expected


def test_callee_and_arguments_look_through_parentheses() -> None:
    root = parse(b"(f)((a), /* c */ b); new C; f`t`", "javascript").root_node
    call, construction, tagged = (statement.named_children[0] for statement in root.named_children)
    assert [text(argument) for argument in bare_arguments(call)] == ["a", "b"]
    assert text(callee_of(call) or call) == "f"
    assert bare_arguments(construction) == []
    assert callee_of(tagged) is None
    assert bare_arguments(tagged) == []
