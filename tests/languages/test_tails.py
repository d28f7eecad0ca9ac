"""Where a function ends."""

from __future__ import annotations

import pytest

from thea_hook.languages import nodes, tails
from thea_hook.languages.grammars import parse


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a(); return;", True),
        ("if (a) { return; } else { b(); }", True),
        ("if (a) return; else b();", True),
        ("try { return; } catch (e) { b(); }", True),
        ("if (a) { return; } b();", False),
        ("try { b(); } finally { return; }", False),
        ("for (;;) { return; }", False),
        ("switch (a) { default: return; }", False),
    ],
)
def test_a_statement_is_last_where_nothing_runs_after_it(body: str, expected: bool) -> None:
    root = parse(f"function f() {{ {body} }}".encode(), "javascript").root_node
    statement = next(node for node in nodes.descend(root) if node.type == "return_statement")
    assert tails.is_last(statement, root.named_children[0]) is expected
