"""Which expressions can go, or be asked twice, without anybody noticing."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from thea_hook.languages import nodes, purity
from thea_hook.languages.grammars import parse


def expression(code: str) -> Node:
    statement = parse(f"({code});".encode(), "javascript").root_node.named_children[0]
    return nodes.unwrap(statement.named_children[0])


@pytest.mark.parametrize(
    "code", ["a.b[c] && !d", "a.includes(b)", "Object.keys(a)", "() => f()", "new Date()", "typeof a === 'b'", "`${a}`"]
)
def test_what_only_reads_is_pure(code: str) -> None:
    assert purity.is_pure(expression(code))


@pytest.mark.parametrize(
    "code",
    ["f()", "a = 1", "a++", "await f", "delete a.b", "new F()", "tag`a`", "a.map(f)", "Object.assign(a, b)", "a?.f()"],
)
def test_what_may_change_something_is_not_pure(code: str) -> None:
    assert not purity.is_pure(expression(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("getName()", True),
        ("chalk.red('a')", True),
        ("list.map((a) => a.b)", True),
        ("list.map((a) => b++)", False),
        ("list.pop()", False),
        ("run()", False),
        ("await getName()", False),
    ],
)
def test_names_tell_what_is_likely_pure(code: str, expected: bool) -> None:
    assert purity.is_likely_pure(expression(code)) is expected


@pytest.mark.parametrize(
    ("code", "expected"), [("a.b.c", True), ("this.a[i]", True), ("a['b']", True), ("f().a", False), ("a[i++]", False)]
)
def test_settled_targets_are_found_without_calling_anything(code: str, expected: bool) -> None:
    assert purity.is_settled(expression(code)) is expected


@pytest.mark.parametrize(
    ("code", "expected"), [("a = 1", True), ("a++", True), ("[a] = b", True), ("b[a] = 1", False), ("a.b = 1", False)]
)
def test_a_variable_is_changed_by_assigning_it(code: str, expected: bool) -> None:
    assert purity.changes(expression(code), b"a") is expected
