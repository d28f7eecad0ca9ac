"""Checks that are called only in files with certain texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.errors import RuleError
from thea_hook.ruleset.compiler import check_needs
from thea_hook.ruleset.engine import ActiveRule, RuleEngine
from thea_hook.ruleset.loader import load

NODES = ["call_expression", "new_expression"]


def count(rule_id: str, code: bytes) -> int:
    engine = RuleEngine([ActiveRule.of(load()[rule_id])])
    return sum(1 for _ in engine.check(SourceFile("a.ts", code, "typescript")))


def test_a_list_of_needs_is_for_every_kind_of_node() -> None:
    assert check_needs(Path("a.yaml"), ["RegExp"], NODES) == {
        "call_expression": ["RegExp"],
        "new_expression": ["RegExp"],
    }


@pytest.mark.parametrize(
    "needs", [{"class": ["A"]}, {"call_expression": []}, {"call_expression": "A"}, ["\u00e9"], [1]]
)
def test_needs_that_say_nothing_are_an_error_that_names_the_file(needs: object) -> None:
    with pytest.raises(RuleError, match=r"a\.yaml: `needs`"):
        check_needs(Path("a.yaml"), needs, NODES)


def test_a_kind_without_needs_is_looked_at_in_every_file() -> None:
    assert count("no-control-regex", rb"/\x1f/;") == 1
    assert count("no-control-regex", rb"f('\x1f'); RegExp('\x1f');") == 1


@pytest.mark.parametrize(
    "spelt", [rb"has\x4fwnProperty", rb"h\u0061sOwnProperty", rb"has\OwnProperty", b"hasOwn\\\nProperty"]
)
def test_an_escape_does_not_hide_what_a_check_needs(spelt: bytes) -> None:
    assert count("no-prototype-builtins", b"x['" + spelt + b"']('y');") == 1
