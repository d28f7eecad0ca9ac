"""Assignments in conditions."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.languages.expressions import ASSIGNMENTS, MEMBERS
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LITERALS,
    ancestors,
    child_token,
    descend,
    field,
    insert,
    named,
    replace,
    span,
    unwrap,
    unwrap_types,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_STATEMENT_WORDS = {
    "if_statement": "an `if`",
    "while_statement": "a `while`",
    "do_statement": "a `do...while`",
    "for_statement": "a `for`",
    "ternary_expression": "a conditional",
}


def no_cond_assign(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-cond-assign."""
    always = context.options["mode"] == "always"
    if node.type in ASSIGNMENTS:
        owner = _owner_of_test(node) if always else None
        if owner is not None:
            yield Problem(span(node), {"statement": _STATEMENT_WORDS[owner.type]}, edits=_as_comparison(node))
        return
    test = field(node, "condition")
    if always or test is None or unwrap(test).type not in ASSIGNMENTS:
        return
    if node.type == "for_statement":
        says_so = test.type == "parenthesized_expression"
    else:
        says_so = test.type == "parenthesized_expression" and named(test)[0].type == "parenthesized_expression"
    if not says_so:
        test = unwrap(test)
        edits, title = (_as_comparison(test), "") if not _is_meant(node, test) else (_in_parentheses(test), _ON_PURPOSE)
        yield Problem(span(test), {"statement": _STATEMENT_WORDS[node.type]}, edits=edits, title=title)


_ON_PURPOSE = "Say with parentheses that it assigns on purpose"
# Values that are there to be had once: to compare with them, nobody would work them out in the condition of a loop.
_WORKED_OUT = frozenset({"await_expression", "call_expression", "new_expression", "yield_expression"})


def _is_meant(owner: Node, assignment: Node) -> bool:
    """Whether the condition can only mean to assign: the next value of a loop, or a found one that the body uses."""
    target, value = field(assignment, "left"), field(assignment, "right")
    body = field(owner, "body") or field(owner, "consequence")
    if target is None or value is None or body is None:
        return False
    value = unwrap_types(value)
    if value.type not in _WORKED_OUT and not (owner.type != "if_statement" and value.type in MEMBERS):
        return False
    return any(node.text == target.text for node in descend(body) if node.type == target.type)


def _in_parentheses(assignment: Node) -> tuple[Edit, ...]:
    return (insert(assignment.start_byte, "("), insert(assignment.end_byte, ")"))


def _owner_of_test(node: Node) -> Node | None:
    """The statement whose condition contains the node, within the function."""
    for ancestor in ancestors(node):
        if ancestor.type in _STATEMENT_WORDS:
            test = field(ancestor, "condition")
            if test is not None and test.id == node.id:
                return ancestor
        if ancestor.type in FUNCTIONS:
            break
        node = ancestor
    return None


def _as_comparison(assignment: Node) -> tuple[Edit, ...]:
    """What was meant where the assigned value is a literal."""
    right, equals = field(assignment, "right"), child_token(assignment, "=")
    if right is None or equals is None or unwrap(right).type not in LITERALS:
        return ()
    return (replace(equals, "==="),)
