"""What counts as constant."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from thea_hook.core.source import SourceFile
from thea_hook.languages.constants import MAX_DEPTH, Constants
from thea_hook.languages.grammars import Module


def constants(code: str) -> tuple[Constants, Node]:
    module = Module(SourceFile("a.mjs", f"x = ({code})".encode(), "javascript"))
    assignment = module.root.named_children[0].named_children[0]
    right = assignment.child_by_field_name("right")
    assert right is not None
    return Constants(module), right


@pytest.mark.parametrize(
    "code,value,truth",
    [
        ("1", True, True),
        ("a", False, False),
        ("undefined", True, True),
        ("[a]", False, True),
        ("`a${b}`", False, True),
        ("`${b}`", False, False),
        ("typeof a", False, True),
        ("a || true", False, True),
        ("false && a", True, True),
        ("a && 1", False, False),
        ("new A", False, True),
        ("a = 1", True, True),
        ("Boolean(1)", True, True),
        ("1 in []", False, False),
    ],
)
def test_the_value_or_only_the_truth_is_constant(code: str, value: bool, truth: bool) -> None:
    known, node = constants(code)
    assert known.is_constant(node, as_condition=False) is value
    assert known.is_constant(node, as_condition=True) is truth


@pytest.mark.parametrize(
    "code,constant", [("a", False), ("a + b", True), ("null", True), ("a ?? 1", True), ("a ?? null", False)]
)
def test_nullness(code: str, constant: bool) -> None:
    known, node = constants(code)
    assert known.has_constant_nullness(node) is constant


def test_a_tower_of_operators_is_not_constant_and_does_not_overflow() -> None:
    known, node = constants("!" * (MAX_DEPTH * 20) + "1")
    assert known.is_constant(node, as_condition=True) is False
