"""Edits that take away what is assigned and never read, and leave what else the assignment does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from thea_hook.core.source import Span
from thea_hook.languages.expressions import MEMBERS, OPERATOR_PRECEDENCE, is_group, precedence
from thea_hook.languages.nodes import (
    STATEMENT_LISTS,
    child_token,
    field,
    insert,
    named,
    operator,
    outermost,
    remove,
    replace,
    span,
    text,
    unwrap,
)
from thea_hook.languages.purity import is_pure
from thea_hook.ruleset.checks.statement_edits import has_comment_by, without_declarator, without_statement

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.languages.scope import Variable
    from thea_hook.ruleset.context import Context

_TYPES = {"number": ": number", "string": ": string", "true": ": boolean", "false": ": boolean"}
_AWKWARD = re.compile(r"[-+({\[`/]|(?:async\s+function|class|function|let)\b")


def without_value(identifier: Node, context: Context) -> tuple[Edit, ...]:
    """The edits that leave out the value that an identifier gets: the initial one, or that of an assignment."""
    target = outermost(identifier)
    parent, variable = target.parent, context.scopes.variable_at(identifier)
    if parent is None or (variable is not None and is_seen_by_arguments(variable)):
        return ()
    if parent.type == "variable_declarator":
        return _without_initial_value(parent, context)
    whole = outermost(parent)
    statement = whole.parent
    if statement is None or context.has_comment(span(parent)):
        return ()
    if parent.type == "update_expression":
        is_statement = statement.type == "expression_statement"
        return _without(statement, context) if is_statement else _stepped(parent, target)
    left, right = field(parent, "left"), field(parent, "right")
    if (
        left != target
        or right is None
        or parent.type not in ("assignment_expression", "augmented_assignment_expression")
    ):
        return ()
    if statement.type != "expression_statement":
        return _value_only(parent, left, right)
    if is_pure(right):
        return _without(statement, context)
    is_whole = whole == parent and operator(parent) == "="
    if not is_whole or begins_awkwardly(right):
        return ()
    mark = child_token(right, "!") if right.type == "non_null_expression" else None
    return (remove(Span(left.start_byte, right.start_byte)), *([] if mark is None else [remove(mark)]))


def is_seen_by_arguments(variable: Variable) -> bool:
    """Whether what is assigned to a parameter can be read from ``arguments``, as in sloppy code."""
    own = variable.scope.variables.get("arguments")
    is_parameter = any(definition.kind == "parameter" for definition in variable.definitions)
    return is_parameter and own is not None and own.implicit and bool(own.references)


def begins_awkwardly(expression: Node) -> bool:
    """Whether an expression that becomes a statement could be read as something else, or with the line above."""
    return _AWKWARD.match(text(expression)) is not None


def _without_initial_value(declarator: Node, context: Context) -> tuple[Edit, ...]:
    name, value, declaration = field(declarator, "name"), field(declarator, "value"), declarator.parent
    if name is None or name.type != "identifier" or value is None or declaration is None or not is_pure(value):
        return ()
    if declaration.parent is None or declaration.parent.type not in STATEMENT_LISTS:
        return ()
    if child_token(declaration, "const") is not None:
        return ()
    type_ = field(declarator, "type")
    rest = Span((type_ or name).end_byte, span(declarator).end)
    known = _TYPES.get(value.type, "") if context.is_typescript and type_ is None else ""
    return () if context.has_comment(rest) else (replace(rest, known),)


def _without(statement: Node, context: Context) -> tuple[Edit, ...]:
    """The statement taken away, unless a block would be empty without it."""
    block = statement.parent
    if block is None or block.type not in STATEMENT_LISTS or has_comment_by(statement, context):
        return ()
    is_alone = block.type == "statement_block" and len(named(block)) == 1
    return () if is_alone else (without_statement(statement, context),)


def _value_only(assignment: Node, left: Node, right: Node) -> tuple[Edit, ...]:
    """``return total + 1`` for ``return total += 1``, where somebody takes the value of the assignment."""
    sign = operator(assignment)
    if sign in ("&&=", "||=", "??="):
        return ()
    if sign == "=":
        whole = outermost(assignment)
        if whole != assignment and is_group(whole) and right.type in _NEEDING_NO_PARENTHESES:
            return (replace(whole, text(right)),)
        return (remove(Span(left.start_byte, right.start_byte)),) if _is_taken(assignment) else ()
    token = field(assignment, "operator")
    if token is None or not _is_taken(assignment):
        return ()
    plain = sign[:-1]
    value = unwrap(right)
    is_loose = right.type != "parenthesized_expression" and precedence(value) <= OPERATOR_PRECEDENCE[plain]
    parts = (insert(right.start_byte, "("), insert(span(right).end, ")")) if is_loose else ()
    return (replace(token, plain), *parts)


def _stepped(update: Node, target: Node) -> tuple[Edit, ...]:
    """``count + 1`` for ``++count``, and ``count`` for ``count++``."""
    if update.children[0] == target:
        return (replace(update, text(target)),)
    return (replace(update, f"{text(target)} {operator(update)[0]} 1"),) if _is_taken(update) else ()


_NEEDING_NO_PARENTHESES = MEMBERS | {"call_expression", "false", "identifier", "null", "string", "true"}


_TAKING = frozenset(
    {"arguments", "array", "arrow_function", "pair", "return_statement", "template_substitution", "variable_declarator"}
)


def _is_taken(assignment: Node) -> bool:
    """Whether the value of an assignment goes where any expression can stand."""
    whole = outermost(assignment)
    parent = whole.parent
    if parent is None:
        return False
    if parent.type == "parenthesized_expression" and not is_group(parent):
        return True
    if whole != assignment:
        return True
    return parent.type in _TAKING


# ------------------------------------------------------------------ a variable that is only assigned


def without_variable(variable: Variable, context: Context) -> tuple[Edit, ...]:
    """Takes a variable and what it is assigned away; what else happens there stays."""
    definition = variable.definitions[0]
    declaration, declarator = definition.parent, definition.node
    if len(variable.definitions) > 1 or definition.kind not in ("let", "var") or declaration is None:
        return ()
    if declaration.parent is None or declaration.parent.type not in STATEMENT_LISTS:
        return ()
    if definition.name.parent != declarator or has_comment_by(declaration, context):
        return ()
    value = field(declarator, "value")
    if value is None or is_pure(value):
        edits = list(without_declarator(declarator, context))
    elif len(named(declaration)) == 1 and not begins_awkwardly(value):
        edits = [remove(Span(declaration.start_byte, value.start_byte))]
    else:
        return ()
    for reference in variable.references:
        if reference.is_init:
            continue
        parts = without_value(reference.identifier, context)
        if not parts or not _is_assignment_statement(reference.identifier):
            return ()
        edits += parts
    return tuple(edits)


def _is_assignment_statement(identifier: Node) -> bool:
    """Whether the name is assigned to in a statement of its own."""
    assignment = outermost(identifier).parent
    statement = None if assignment is None else outermost(assignment).parent
    return statement is not None and statement.type == "expression_statement"
