"""What a reference to a variable is good for: whether it uses the value, or only makes the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thea_hook.languages.expressions import ASSIGNMENTS, LOGICAL_ASSIGNMENTS
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LOOPS,
    ancestors,
    contains,
    enclosing,
    field,
    named,
    operator,
    outermost,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Reference, Variable

VARIABLES = frozenset({"var", "let", "const", "using"})
_TYPE_PLACES = frozenset({"type_query", "type_predicate", "asserts"})


def is_type_only(variable: Variable, reference: Reference) -> bool:
    """Whether only the type of the variable is asked for: ``typeof x`` among types, ``x is T``."""
    if not reference.is_value:
        return any(definition.kind in VARIABLES for definition in variable.definitions)
    node = reference.identifier
    if node.type != "identifier" or node.parent is None:
        return False
    parent: Node | None = node.parent
    while parent is not None and parent.type in ("member_expression", "nested_identifier", "instantiation_expression"):
        parent = parent.parent
    return parent is not None and parent.type in _TYPE_PLACES


def is_loop_target(identifier: Node) -> bool:
    """Whether a for-in or for-of whose body only returns writes to it: asking whether there is a first element."""
    loop = outermost(identifier).parent
    return (
        loop is not None
        and loop.type == "for_in_statement"
        and field(loop, "kind") is None
        and field(loop, "left") == outermost(identifier)
        and only_returns(loop)
    )


def only_returns(loop: Node) -> bool:
    body = field(loop, "body")
    if body is None:
        return False
    if body.type == "statement_block":
        statements = named(body)
        return len(statements) == 1 and statements[0].type == "return_statement"
    return body.type == "return_statement"


def is_in_returning_loop(identifier: Node) -> bool:
    """As ``only_returns``, in the form of ESLint's own rule: the first statement counts."""
    loop = outermost(identifier).parent
    if loop is None or loop.type != "for_in_statement":
        return False
    body = field(loop, "body")
    if body is not None and body.type == "statement_block":
        body = next(iter(named(body)), None)
    return body is not None and body.type == "return_statement"


def _is_unused_expression(node: Node) -> bool:
    """Whether nobody takes the value of an expression."""
    outer = outermost(node)
    parent = outer.parent
    while parent is not None and parent.type == "sequence_expression":
        if named(parent)[-1] != outer:
            return True
        outer = outermost(parent)
        parent = outer.parent
    return parent is not None and parent.type == "expression_statement"


def assigned_value(reference: Reference, variable: Variable, previous: Node | None) -> Node | None:
    """The right side of the assignment that the reference is the left side of, where no loop or closure comes back."""
    identifier = reference.identifier
    if previous is not None and contains(previous, identifier):
        return previous
    if not reference.is_write:
        return None
    left = outermost(identifier)
    assignment = left.parent
    if (
        assignment is None
        or assignment.type not in ASSIGNMENTS
        or field(assignment, "left") != left
        or reference.scope.variable_scope is not variable.scope.variable_scope
        or not _is_unused_expression(assignment)
        or _is_in_loop(identifier)
    ):
        return None
    return field(assignment, "right")


def _is_in_loop(node: Node) -> bool:
    outer = enclosing(node, LOOPS | FUNCTIONS)
    return outer is not None and outer.type in LOOPS


def is_read_for_itself(reference: Reference, right: Node | None) -> bool:
    """Whether a read only serves the variable's own next value: ``a += 1;``, ``a++;``, ``a = a + 1;``."""
    # first what needs no way up the tree, which is long in a long chain of operators
    if right is not None and contains(right, reference.identifier) and not _is_in_stored_function(reference, right):
        return True
    if not reference.is_write:
        return False
    outer = outermost(reference.identifier)
    parent = outer.parent
    if parent is None:
        return False
    if parent.type == "update_expression":
        return _is_unused_expression(parent)
    is_target = parent.type in ASSIGNMENTS and field(parent, "left") == outer
    return is_target and operator(parent) not in LOGICAL_ASSIGNMENTS and _is_unused_expression(parent)


def _is_in_stored_function(reference: Reference, right: Node) -> bool:
    """Whether the read happens in a function that is kept and can be called later."""
    function = next((scope.node for scope in reference.scope.ancestors() if scope.kind == "function"), None)
    if function is None or not contains(right, function):
        return False
    node = function
    for parent in ancestors(function):
        if not contains(right, parent):
            return False
        kind = parent.type
        if kind == "sequence_expression" and named(parent)[-1] != node:
            return False
        if kind in ("arguments", "yield_expression") or kind in ASSIGNMENTS:
            return True
        if kind == "call_expression":
            arguments = field(parent, "arguments")
            return arguments is not None and arguments.type == "template_string"
        if kind == "new_expression":
            return False
        if kind == "statement_block" or kind.endswith(("_statement", "_declaration")):
            return True
        node = parent
    return False
