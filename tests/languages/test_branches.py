"""What is left of a statement when a part of it goes."""

from __future__ import annotations

import pytest

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.languages import branches, nodes
from thea_hook.languages.grammars import parse


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a();\ngone();\nb();", "a();\nb();"),
        ("if (a) { gone(); } b();", "b();"),
        ("if (a) gone(); else { b(); }", "if (!a) { b(); }"),
        ("if (a) { b(); } else if (c) { gone(); }", "if (a) { b(); }"),
        ("if (a) { b(); } else if (c) { d(); } else { gone(); }", "if (a) { b(); } else if (c) { d(); }"),
        ("if (a) { if (b) { gone(); } }", ""),
    ],
)
def test_a_statement_goes_with_the_branch_that_has_nothing_else(code: str, expected: str) -> None:
    assert apply_edits(code.encode(), _removal(code)).decode() == expected


@pytest.mark.parametrize(
    "code",
    [
        "if (a()) { gone(); }",
        "if (a) { gone(); /* why */ }",
        "if (a) { gone(); } else if (b) { c(); }",
        "function f() { gone(); }",
        "for (;;) { gone(); }",
        "try { gone(); } catch { a(); }",
        "a()\ngone();\n(b || c).d()",
    ],
)
def test_a_statement_stays_where_something_would_be_left_or_lost(code: str) -> None:
    assert _removal(code) == ()


def _removal(code: str) -> tuple[Edit, ...]:
    root = parse(code.encode(), "javascript").root_node
    call = next(node for node in nodes.descend(root) if node.type == "call_expression" and nodes.text(node) == "gone()")
    assert call.parent is not None
    return branches.removal(call.parent, code.encode())


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("a", "!a"),
        ("!a", "a"),
        ("a === b", "a !== b"),
        ("a < b", "!(a < b)"),
        ("a && b", "!(a && b)"),
        ("f(a)", "!f(a)"),
    ],
)
def test_a_condition_is_turned_round(test: str, expected: str) -> None:
    statement = parse(f"if ({test}) b();".encode(), "javascript").root_node.named_children[0]
    condition = nodes.field(statement, "condition")
    assert condition is not None
    assert branches.negated(nodes.unwrap(condition)) == expected
