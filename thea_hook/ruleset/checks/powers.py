"""Calls of ``Math.pow``."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.languages.expressions import (
    MEMBERS,
    OPERATOR_PRECEDENCE,
    can_be_adjacent,
    constant_string,
    is_in_parentheses,
    is_statement_start,
    is_tagged_template,
    needs_semicolon_before,
    precedence,
    space_before,
    starts_function_or_class,
)
from thea_hook.languages.functions import arguments_of
from thea_hook.languages.grammars import query
from thea_hook.languages.nodes import (
    TYPE_WRAPPERS,
    field,
    first_token,
    last_token,
    named,
    operator,
    property_name,
    replace,
    span,
    text,
    token_after,
    unwrap,
    unwrap_types,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_POWER = OPERATOR_PRECEDENCE["**"]
_MAX_ALIASES = 10
_GLOBAL_OBJECTS = ("globalThis", "window", "self", "global")

# Where an operand binds at least as tightly as `**`, so that an unparenthesised power would be taken apart.

_TIGHTER = (
    MEMBERS
    | TYPE_WRAPPERS
    | {
        "class_heritage",
        "extends_clause",
        "unary_expression",
        "await_expression",
        "call_expression",
        "new_expression",
    }
)


def prefer_exponentiation_operator(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-exponentiation-operator."""
    if b"Math" not in context.text:
        return
    from tree_sitter import QueryCursor

    calls = QueryCursor(query(context.module.language, "(call_expression) @call")).captures(node)
    for call in calls.get("call", ()):
        callee = field(call, "function")
        if callee is not None and not is_tagged_template(call) and _path(callee, context) == ["Math", "pow"]:
            new = _power(call, context)
            yield Problem(span(call), edits=() if new is None else (replace(call, new),))


def _path(node: Node, context: Context) -> list[str] | None:
    """The global name and the properties that an expression stands for, also through variables that alias them."""
    path: list[str] = []
    for _ in range(_MAX_ALIASES):
        node = unwrap_types(node)
        while node.type in MEMBERS:
            index, target = field(node, "index"), field(node, "object")
            name = property_name(node) or (constant_string(index) if index is not None else None)
            if name is None or target is None or len(path) > 2:
                return None
            path.insert(0, name)
            node = unwrap_types(target)
        if node.type != "identifier":
            return None
        variable = context.scopes.variable_at(node)
        if variable is None or not variable.definitions:
            return _from_global(text(node), path) if context.scopes.is_global(node) else None
        source = _source(variable.definitions[0].node, text(node))
        if source is None or len(variable.definitions) > 1:
            return None
        names, node = source
        path = [*names, *path]
    return None


def _from_global(name: str, path: list[str]) -> list[str] | None:
    return path if name in _GLOBAL_OBJECTS and len(path) > 1 else [name, *path]


def _source(declarator: Node, name: str) -> tuple[list[str], Node] | None:
    """What a declarator takes a variable from: the property of an expression, or the expression itself."""
    target, value = field(declarator, "name"), field(declarator, "value")
    if declarator.type != "variable_declarator" or target is None or value is None:
        return None
    if target.type == "identifier":
        return [], value
    if target.type != "object_pattern":
        return None
    for entry in named(target):
        bound = field(entry, "value") if entry.type == "pair_pattern" else entry
        key = property_name(entry)
        if bound is not None and key is not None and text(bound) == name:
            return [key], value
    return None


def _power(call: Node, context: Context) -> str | None:
    """The power that replaces the call, or None."""
    arguments = arguments_of(call)
    if len(arguments) != 2 or any(argument.type == "spread_element" for argument in arguments):
        return None
    if context.has_comment(span(call)):
        return None
    base, exponent = (unwrap(argument) for argument in arguments)
    group_base = precedence(base) <= _POWER or base.type in ("await_expression", "unary_expression")
    group_exponent = precedence(exponent) < _POWER
    starts_statement = is_statement_start(call)
    group_all = _needs_parentheses(call) or (
        not group_base and starts_statement and (first_token(base).type == "{" or starts_function_or_class(base))
    )
    power = f"{_grouped(base, group_base)}**{_grouped(exponent, group_exponent)}"
    if group_all:
        power = f"({power})"
    prefix = suffix = ""
    if not group_all and not group_base:
        prefix = space_before(call, text(base), context.module.root)
    if not group_all and not group_exponent:
        following = token_after(call)
        if following is not None and following.start_byte == call.end_byte:
            suffix = "" if can_be_adjacent(text(last_token(exponent)), text(following)) else " "
    if not prefix and starts_statement and power[0] in "([/`" and needs_semicolon_before(call):
        prefix = ";"
    return prefix + power + suffix


def _grouped(node: Node, group: bool) -> str:
    return f"({text(node)})" if group else text(node)


def _needs_parentheses(call: Node) -> bool:
    parent = call.parent
    if parent is None or is_in_parentheses(call):
        return False
    if parent.type == "binary_expression":
        left = field(parent, "left")
        return operator(parent) == "**" and left is not None and left.id == call.id
    index = field(parent, "index")
    return parent.type in _TIGHTER and not (index is not None and index.id == call.id)
