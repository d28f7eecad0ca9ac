"""What is thrown, and what becomes of an error that was caught."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.languages.expressions import IDENTIFIERS
from thea_hook.languages.functions import NESTED_PATHS, argument, arguments_of, callee_of, is_import, outcomes
from thea_hook.languages.nodes import (
    ancestors,
    between,
    child_token,
    field,
    insert,
    last_token,
    named,
    outermost,
    property_name,
    replace,
    span,
    text,
    unwrap,
    unwrap_types,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ no-useless-catch


def no_useless_catch(clause: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-catch."""
    parameter, body, parent = field(clause, "parameter"), field(clause, "body"), clause.parent
    statements = named(body) if body is not None else []
    if parameter is None or parameter.type != "identifier" or parent is None or not statements:
        return
    thrown = argument(statements[0]) if statements[0].type == "throw_statement" else None
    if thrown is None or thrown.type != "identifier" or thrown.text != parameter.text:
        return
    if field(parent, "finalizer") is not None:
        yield Problem(span(clause), message="clause")
    else:
        yield Problem(span(parent))


# ------------------------------------------------------------------ no-throw-literal

_POSSIBLE_ERRORS = frozenset(
    {
        *IDENTIFIERS,
        "await_expression",
        "call_expression",
        "member_expression",
        "new_expression",
        "subscript_expression",
        "yield_expression",
    }
)


def no_throw_literal(statement: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-throw-literal."""
    thrown = argument(statement)
    if thrown is None:
        return
    if not _can_be_error(thrown):
        yield Problem(span(statement))
    elif thrown.type in IDENTIFIERS and thrown.text == b"undefined" and context.scopes.is_global(thrown):
        yield Problem(span(statement), message="undefined")


def _can_be_error(thrown: Node) -> bool:
    return any(node.type in _POSSIBLE_ERRORS and not is_import(node) for node in outcomes(thrown))


# ------------------------------------------------------------------ preserve-caught-error

_NAMES = IDENTIFIERS | {"shorthand_property_identifier"}

# Built-in error -> which argument holds the options with `cause`.
_OPTIONS_INDEX = {
    "Error": 1,
    "EvalError": 1,
    "RangeError": 1,
    "ReferenceError": 1,
    "SyntaxError": 1,
    "TypeError": 1,
    "URIError": 1,
    "AggregateError": 2,
}
_BEFORE_OPTIONS = {"Error": ('""',), "AggregateError": ("[]", '""')}


class _Thrown(NamedTuple):
    """A new error in a ``throw``: the call, the class, which argument holds its options, and whether it is built in."""

    call: Node
    name: str
    options_index: int
    is_built_in: bool


def preserve_caught_error(statement: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint preserve-caught-error."""
    clause = _enclosing_catch(statement)
    thrown = _new_error(statement, context) if clause is not None else None
    if clause is None or thrown is None:
        return
    caught = field(clause, "parameter")
    if caught is None:
        if context.options["requireCatchParameter"]:
            yield Problem(span(statement), message="parameter")
    elif caught.type != "identifier":
        yield Problem(span(clause), message="destructured")
    else:
        yield from _cause_problems(statement, thrown, clause, caught, context)


def _enclosing_catch(statement: Node) -> Node | None:
    for ancestor in ancestors(statement):
        if ancestor.type == "catch_clause":
            return ancestor
        if ancestor.type in NESTED_PATHS:
            return None
    return None


def _new_error(statement: Node, context: Context) -> _Thrown | None:
    call = argument(statement)
    if call is None or call.type not in ("new_expression", "call_expression"):
        return None
    callee = callee_of(call)
    if callee is None:
        return None
    name = text(callee)
    if callee.type == "identifier" and name in _OPTIONS_INDEX and context.scopes.is_global(callee):
        return _Thrown(call, name, _OPTIONS_INDEX[name], True)
    if callee.type == "member_expression":
        name = property_name(callee) or ""
    elif callee.type != "identifier":
        return None
    positions = _configured_classes(context)
    return _Thrown(call, name, positions[name] - 1, False) if name in positions else None


def _configured_classes(context: Context) -> dict[str, int]:
    """Class name -> position of its options argument, from 1."""
    return {
        entry if isinstance(entry, str) else entry["name"]: 2 if isinstance(entry, str) else entry["argumentPosition"]
        for entry in context.options["errorClassNames"]
    }


def _cause_problems(
    statement: Node, thrown: _Thrown, clause: Node, caught: Node, context: Context
) -> Iterator[Problem]:
    arguments = arguments_of(thrown.call)
    if any(argument.type == "spread_element" for argument in arguments[: thrown.options_index + 1]):
        return
    options = arguments[thrown.options_index] if len(arguments) > thrown.options_index else None
    causes = _causes(unwrap(options)) if options is not None else []
    if causes is None:
        return
    if not causes:
        yield Problem(span(statement), edits=_with_cause(thrown, arguments, text(caught)))
        return
    pair = causes[-1]
    value = _value_of(pair)
    passed = unwrap_types(value)
    if passed.type not in _NAMES or passed.text != caught.text:
        edits = _corrected(pair, value, text(caught)) if len(causes) == 1 else ()
        start = field(value, "parameters") if value.type == "method_definition" else value
        yield Problem(between(start or value, value), message="wrong", edits=edits)
        return
    variable = context.scopes.lookup(text(caught), statement)
    if variable is None or variable.scope.node != clause:
        yield Problem(span(statement), message="shadowed")


def _causes(options: Node) -> list[Node] | None:
    """The ``cause`` properties of an object literal; None where the options cannot be known."""
    if options.type != "object":
        return None
    members = named(options)
    if any(member.type == "spread_element" for member in members):
        return None
    return [member for member in members if property_name(member) == "cause"]


def _value_of(member: Node) -> Node:
    """The value of a property; a method or a shorthand is its own."""
    value = field(member, "value")
    return unwrap(value) if value is not None else member


def _corrected(member: Node, value: Node, name: str) -> tuple[Edit, ...]:
    if member.type == "pair":
        return (replace(value, name),)
    return (replace(member, f"cause: {name}"),)


def _with_cause(thrown: _Thrown, arguments: list[Node], name: str) -> tuple[Edit, ...]:
    """The edit that passes the caught error on; nothing where arguments before the options are missing."""
    options = f"{{ cause: {name} }}"
    if len(arguments) > thrown.options_index:
        return _with_property(unwrap(arguments[thrown.options_index]), name)
    fill: tuple[str, ...] = ()
    if thrown.is_built_in:
        fill = _BEFORE_OPTIONS.get(thrown.name, _BEFORE_OPTIONS["Error"])
    elif len(arguments) < thrown.options_index:
        return ()
    added = ", ".join([*fill[len(arguments) :], options])
    if arguments:
        return (insert(outermost(arguments[-1]).end_byte, f", {added}"),)
    parentheses = field(thrown.call, "arguments")
    if parentheses is None:
        return (insert(thrown.call.end_byte, f"({added})"),)
    return (insert(parentheses.start_byte + 1, added),)


def _with_property(options: Node, name: str) -> tuple[Edit, ...]:
    members = named(options)
    if not members:
        opening = child_token(options, "{")
        return (insert(opening.end_byte, f"cause: {name}"),) if opening is not None else ()
    return (insert(last_token(members[-1]).end_byte, f", cause: {name}"),)
