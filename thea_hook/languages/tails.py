"""Where a function ends."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.languages.nodes import field, named

_BRANCHES = frozenset({"if_statement", "else_clause", "try_statement", "catch_clause"})


def is_last(statement: Node, function: Node) -> bool:
    """Whether nothing of the function is run after a statement but for what a ``finally`` does."""
    body, node = field(function, "body"), statement
    while node != body:
        parent = node.parent
        if parent is None or parent.type not in _BRANCHES | {"statement_block"}:
            return False
        if parent.type == "statement_block" and named(parent)[-1] != node:
            return False
        node = parent
    return True
