"""The rule about assignments whose value a function returns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    ASSIGNMENTS,
    IDENTIFIERS,
    LOGICAL_ASSIGNMENTS,
    OPERATOR_PRECEDENCE,
    is_in_parentheses,
    is_unary,
    precedence,
)
from thea_hook.languages.functions import argument, argument_call, callee_of, is_setter
from thea_hook.languages.layout import ends_with_semicolons, margin, newline, statements_for
from thea_hook.languages.nodes import (
    CLASSES,
    FUNCTIONS,
    LITERALS,
    ancestors,
    child_token,
    contains,
    enclosing_function,
    field,
    operator,
    parent_expression,
    property_name,
    replace,
    span,
    text,
    unwrap,
)
from thea_hook.languages.purity import is_settled
from thea_hook.languages.tails import is_last
from thea_hook.ruleset.checks.useless_assignments import is_seen_by_arguments
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_ENDS = FUNCTIONS | CLASSES | {"program", "statement_block"}

# Functions and methods that do not ask what their callback returns, or want it to return nothing.
_CALLERS = frozenset(
    "addEventListener addListener after afterAll afterEach before beforeAll beforeEach each finally forEach nextTick "
    "off on once queueMicrotask removeEventListener requestAnimationFrame requestIdleCallback setImmediate setInterval "
    "setTimeout subscribe useEffect useEventListener useLayoutEffect watch watchEffect".split()
)
_HANDLER = re.compile(r"on[A-Z]\w*|on[a-z]+|ref")


def no_return_assign(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-return-assign."""
    if context.options["mode"] != "always" and is_in_parentheses(node):
        return
    child = node
    for owner in ancestors(node):
        if owner.type in _ENDS or owner.type.endswith("_statement"):
            break
        child = owner
    else:
        return
    if owner.type == "return_statement":
        is_whole = argument(owner) == node
        yield Problem(span(owner), edits=_split(owner, node, context) if is_whole else ())
    elif owner.type == "arrow_function" and field(owner, "body") == child:
        yield Problem(
            span(owner), message="arrow", edits=_in_block(owner, node, context) if unwrap(child) == node else ()
        )


def _split(statement: Node, assignment: Node, context: Context) -> tuple[Edit, ...]:
    function = enclosing_function(statement)
    result = _result(assignment)
    if function is None or result is None or context.has_comment(span(statement)):
        return ()
    if _is_ignored(function):
        written = [text(assignment)] if is_last(statement, function) else [text(assignment), "return"]
        return statements_for(statement, written, context.text)
    spared = _without_variable(assignment, function, context)
    if spared is not None:
        return (replace(assignment, spared),)
    return statements_for(statement, [text(assignment), f"return {result}"], context.text)


def _in_block(arrow: Node, assignment: Node, context: Context) -> tuple[Edit, ...]:
    """``() => { a = b; }`` for ``() => a = b``."""
    result, token, body = _result(assignment), child_token(arrow, "=>"), field(arrow, "body")
    if result is None or token is None or body is None:
        return ()
    where = Span(token.end_byte, body.end_byte)
    if context.has_comment(where):
        return ()
    spared = _without_variable(assignment, arrow, context) if not _is_ignored(arrow) else None
    if spared is not None:
        # the brace of an object would open the body
        return (replace(assignment, f"({spared})" if spared.startswith("{") else spared),)
    end = ";" if ends_with_semicolons(context.text) else ""
    written = [text(assignment)] if _is_ignored(arrow) else [text(assignment), f"return {result}"]
    gap = context.slice(token.end_byte, body.start_byte)
    if "\n" not in gap:
        return (replace(where, f" {{ {'; '.join(written)}{end} }}"),)
    closing = f"{newline(context.text)}{margin(context.text, token.start_byte)}}}"
    return (replace(where, f" {{{gap}{(end + gap).join(written)}{end}{closing}"),)


def _result(assignment: Node) -> str | None:
    """What has the value that was assigned: the variable, or a value that can be written again."""
    target, value = field(assignment, "left"), field(assignment, "right")
    if target is None or value is None or unwrap(value).type in ASSIGNMENTS or target.type.endswith("pattern"):
        return None
    is_simple = value.type in IDENTIFIERS or value.type in LITERALS
    if target.type != "identifier" and is_simple and value.type != "regex" and operator(assignment) == "=":
        return text(value)
    return text(target) if is_settled(target) else None


def _without_variable(assignment: Node, function: Node, context: Context) -> str | None:
    """The value alone, ``a + b`` for ``a += b``, where the variable is the function's own and nobody reads it later."""
    target, value, sign = field(assignment, "left"), field(assignment, "right"), operator(assignment)
    variable = context.scopes.variable_at(target) if target is not None and target.type == "identifier" else None
    if value is None or variable is None or sign in LOGICAL_ASSIGNMENTS or is_in_parentheses(assignment):
        return None
    places = [*(one.name for one in variable.definitions), *(one.identifier for one in variable.references)]
    if is_seen_by_arguments(variable) or not all(enclosing_function(place) == function for place in places):
        return None
    if any(one.type == "try_statement" and contains(function, one) for one in ancestors(assignment)):
        return None
    if sign == "=":
        return text(value)
    binds = precedence(unwrap(value)) > OPERATOR_PRECEDENCE[sign[:-1]] or value.type == "parenthesized_expression"
    return f"{variable.name} {sign[:-1]} {text(value) if binds else f'({text(value)})'}"


def _is_ignored(function: Node) -> bool:
    """Whether nobody asks what the function returns."""
    if is_setter(function):
        return True
    found = argument_call(function)
    if found is not None:
        return _ignores(found[0])
    parent = parent_expression(function)
    if parent is None:
        return False
    if parent.type == "jsx_expression":
        attribute = parent.parent
        name = attribute.child(0) if attribute is not None and attribute.type == "jsx_attribute" else None
        return name is not None and _HANDLER.fullmatch(text(name)) is not None
    if parent.type == "assignment_expression":
        target = field(parent, "left")
        name_of = property_name(target) if target is not None and target.type == "member_expression" else None
    else:
        name_of = property_name(parent) if parent.type == "pair" else None
    return name_of is not None and name_of != "ref" and _HANDLER.fullmatch(name_of) is not None


def _ignores(call: Node) -> bool:
    callee = callee_of(call)
    if callee is None:
        return False
    if call.type == "new_expression":
        return callee.text == b"Promise"
    name = text(callee) if callee.type == "identifier" else property_name(callee)
    if name in ("then", "catch", "evaluate"):
        parent = parent_expression(call)
        if parent is not None and (parent.type == "await_expression" or is_unary(parent, "void")):
            parent = parent_expression(parent)
        return parent is not None and parent.type == "expression_statement"
    return name in _CALLERS
