"""What is thrown, and what becomes of an error that was caught."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.languages.expressions import IDENTIFIERS, reads_property, space_before
from thea_hook.languages.functions import (
    NESTED_PATHS,
    argument,
    arguments_of,
    bare_arguments,
    callee_of,
    is_import,
    outcomes,
)
from thea_hook.languages.nodes import (
    FUNCTIONS,
    ancestors,
    between,
    child_token,
    field,
    insert,
    last_token,
    named,
    operator,
    outermost,
    parent_expression,
    property_name,
    replace,
    span,
    text,
    unwrap,
    unwrap_types,
)
from thea_hook.ruleset.checks.rethrows import unwrapped, without_catch
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
        yield Problem(span(clause), message="clause", edits=without_catch(clause, context))
    else:
        yield Problem(span(parent), edits=unwrapped(parent, clause, context))


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
        edits = _as_error(named(statement)[0], context, _cause_of(statement, context))
        yield Problem(span(statement), edits=edits)
    elif thrown.type in IDENTIFIERS and thrown.text == b"undefined" and context.scopes.is_global(thrown):
        yield Problem(span(statement), message="undefined")


def _can_be_error(thrown: Node) -> bool:
    return any(node.type in _POSSIBLE_ERRORS and not is_import(node) for node in outcomes(thrown))


def _cause_of(statement: Node, context: Context) -> str:
    """The argument with which an error thrown here keeps the one that was caught, if one was."""
    clause = _enclosing_catch(statement)
    caught = field(clause, "parameter") if clause is not None else None
    if clause is None or caught is None or caught.type != "identifier":
        return ""
    variable = context.scopes.lookup(text(caught), statement)
    return f", {{ cause: {text(caught)} }}" if variable is not None and variable.scope.node == clause else ""


def _as_error(value: Node, context: Context, cause: str = "") -> tuple[Edit, ...]:
    """The edits that make a text the message of an error; nothing for other values, which somebody may look at."""
    if (
        not _is_text(unwrap(value))
        or context.scopes.lookup("Error", value) is not None
        or _is_looked_for(value, context)
    ):
        return ()
    before = space_before(value, "new")
    if value.type == "parenthesized_expression":
        end = [insert(value.end_byte - 1, cause)] if cause else []
        return (insert(value.start_byte, f"{before}new Error"), *end)
    return (insert(value.start_byte, f"{before}new Error("), insert(value.end_byte, f"{cause})"))


def _is_text(node: Node) -> bool:
    """Whether an expression is a string whatever happens."""
    sides = [unwrap(side) for name in ("left", "right") if (side := field(node, name)) is not None]
    if node.type == "binary_expression":
        return operator(node) == "+" and any(map(_is_text, sides))
    if node.type == "ternary_expression":
        branches = field(node, "consequence"), field(node, "alternative")
        return all(branch is not None and _is_text(unwrap(branch)) for branch in branches)
    return node.type in ("string", "template_string")


def _is_looked_for(value: Node, context: Context) -> bool:
    """Whether a literal stands in the file again and is not thrown there: a handler or a test may compare with it."""
    if unwrap(value).type != "string":
        return False
    again = re.finditer(
        rb"((?:throw|reject)[\s(]*['\"`])?" + re.escape((unwrap(value).text or b"")[1:-1]), context.text
    )
    return any(match[1] is None for match in again)


# ------------------------------------------------------------------ prefer-promise-reject-errors


def prefer_promise_reject_errors(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-promise-reject-errors."""
    callee = callee_of(node)
    if callee is None:
        return
    if node.type == "new_expression":
        if callee.text == b"Promise":
            yield from (problem for call in _rejections(node, context) for problem in _rejection(call, context))
        return
    owner = field(callee, "object")
    if owner is not None and unwrap(owner).text == b"Promise" and reads_property(callee, b"reject"):
        yield from _rejection(node, context)


def _rejections(promise: Node, context: Context) -> Iterator[Node]:
    """The calls of the second parameter of a promise's executor."""
    executor = next(iter(bare_arguments(promise)), None)
    parameters = None if executor is None or executor.type not in FUNCTIONS else field(executor, "parameters")
    second = named(parameters)[1:2] if parameters is not None else []
    for parameter in second:
        name = field(parameter, "pattern") or parameter
        variable = context.scopes.variable_at(name) if name.type == "identifier" else None
        for reference in variable.references if variable is not None else ():
            call = parent_expression(reference.identifier)
            if call is not None and call.type == "call_expression" and callee_of(call) == reference.identifier:
                yield call


def _rejection(call: Node, context: Context) -> Iterator[Problem]:
    reasons = arguments_of(call)
    if not reasons:
        if not context.options["allowEmptyReject"]:
            yield Problem(span(call))
        return
    reason = unwrap(reasons[0])
    is_undefined = reason.type in IDENTIFIERS and reason.text == b"undefined"
    if reason.type == "spread_element" or is_undefined or not _can_be_error(reason):
        yield Problem(span(call), edits=_as_error(reasons[0], context))


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
