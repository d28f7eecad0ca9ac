"""Which code paths of a file hold code that is never run."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.languages.controlflow import path_of
from thea_hook.languages.grammars import DEAD_ENDS, Module
from thea_hook.languages.nodes import CASES, COMMENTS, FUNCTIONS, LOOPS, STATEMENT_LISTS, ancestors, field, unwrap

_PATHS = FUNCTIONS | {"class_static_block"}


def paths_with_dead_code(module: Module) -> list[Node]:
    """The roots of the code paths that have a statement no execution gets to, in the order of their ends.

    The control flow is computed only where a jump or an endless loop has something after it.
    """
    paths: dict[int, Node] = {}
    for end in module.nodes(*DEAD_ENDS):
        if _leaves_code_behind(end):
            path = path_of(end)
            paths.setdefault(path.id, path)
    return [path for path in paths.values() if module.flow(path).unreachable]


def _leaves_code_behind(end: Node) -> bool:
    """Whether something can be unreachable because execution does not get past this statement.

    It errs on the side of yes. Where an ``if`` or ``switch`` is never left, its last branch is not either, so that is
    the one to look at.
    """
    if end.type in LOOPS and not _may_be_endless(end):
        return False
    node = end
    for parent in ancestors(node):
        kind = parent.type
        if kind in _PATHS:
            return False
        if kind in STATEMENT_LISTS and _has_statement_after(node):
            return True
        if kind == "if_statement" and field(parent, "consequence") == node:
            return False
        if kind in CASES and _has_statement_after(parent):
            return False
        if kind in LOOPS and kind != "do_statement":
            return False
        if kind == "try_statement" and field(parent, "body") == node:
            return True
        node = parent
    return False


def _has_statement_after(node: Node) -> bool:
    sibling = node.next_named_sibling
    while sibling is not None and sibling.type in COMMENTS:
        sibling = sibling.next_named_sibling
    return sibling is not None


def _may_be_endless(loop: Node) -> bool:
    test = field(loop, "condition")
    if test is None or test.type in ("empty_statement", ";"):
        return True
    return unwrap(test).type in ("true", "number", "string", "regex")
