"""Rules about comparisons that can only come out one way: with NaN, and of ``typeof`` with what it never gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.languages.expressions import IDENTIFIERS, MEMBERS, is_static_template, is_unary
from thea_hook.languages.functions import bare_arguments, callee_of
from thea_hook.languages.global_uses import is_global_member, is_global_name
from thea_hook.languages.nodes import (
    LITERALS,
    field,
    named,
    operator,
    outermost,
    property_name,
    replace,
    span,
    text,
    unwrap,
)
from thea_hook.languages.spelling import is_one_slip
from thea_hook.languages.static_value import string_units
from thea_hook.languages.strings import Decoded
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ use-isnan

_COMPARISONS = frozenset({"==", "===", "!=", "!==", ">", ">=", "<", "<="})
_EQUALITIES = frozenset({"==", "===", "!=", "!=="})
_FINDERS = {"indexOf": "findIndex", "lastIndexOf": "findLastIndex"}


def use_isnan(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint use-isnan."""
    if node.type == "binary_expression":
        yield from _nan_comparison(node, context)
    elif node.type == "switch_statement":
        if context.options["enforceForSwitchCase"]:
            yield from _nan_switch(node, context)
    elif context.options["enforceForIndexOf"]:
        yield from _nan_index(node, context)


def _is_nan(node: Node | None, context: Context) -> bool:
    """Whether an expression is ``NaN`` or ``Number.NaN``, or a sequence that ends with it."""
    if node is None:
        return False
    node = unwrap(node)
    if node.type == "sequence_expression":
        node = unwrap(named(node)[-1])
    return is_global_name(node, "NaN", context.scopes) or is_global_member(node, "Number", "NaN", context.scopes)


def _nan_comparison(node: Node, context: Context) -> Iterator[Problem]:
    symbol = operator(node)
    left, right = field(node, "left"), field(node, "right")
    if symbol not in _COMPARISONS or left is None or right is None:
        return
    if _is_nan(left, context):
        nan, compared = unwrap(left), unwrap(right)
    elif _is_nan(right, context):
        nan, compared = unwrap(right), unwrap(left)
    else:
        return
    edits: tuple[Edit, ...] = ()
    if symbol in _EQUALITIES and nan.type != "sequence_expression":
        value = f"({text(compared)})" if compared.type == "sequence_expression" else text(compared)
        edits = (replace(node, f"{'!' if symbol.startswith('!') else ''}Number.isNaN({value})"),)
    # `==` also converts: then `Number.isNaN(Number(x))` may be what was meant
    grade = Applicability.DISPLAY if symbol in ("==", "!=") else Applicability.UNSAFE
    yield Problem(span(node), message="comparison", edits=edits, applicability=grade)


def _nan_switch(node: Node, context: Context) -> Iterator[Problem]:
    if _is_nan(field(node, "value"), context):
        yield Problem(span(node), message="switch")
    body = field(node, "body")
    for case in () if body is None else named(body):
        if case.type == "switch_case" and _is_nan(field(case, "value"), context):
            yield Problem(span(case), message="case")


def _nan_index(node: Node, context: Context) -> Iterator[Problem]:
    called, args = callee_of(node), bare_arguments(node)
    if called is None or called.type not in MEMBERS or not 1 <= len(args) <= 2 or not _is_nan(args[0], context):
        return
    method = property_name(called) or ""
    if method not in _FINDERS:
        return
    edits: tuple[Edit, ...] = ()
    key = field(called, "property") or field(called, "index")
    if key is not None and len(args) == 1 and args[0].type != "sequence_expression":
        name = _FINDERS[method] if called.type == "member_expression" else f'"{_FINDERS[method]}"'
        edits = (replace(key, name), replace(args[0], "Number.isNaN"))
    yield Problem(span(node), message="index", data={"method": method}, edits=edits)


# ------------------------------------------------------------------ valid-typeof


def _respell(literal: Node, value: Decoded | None) -> tuple[Edit, ...]:
    """The one type that the string is a slip away from, between the same quotes."""
    written = value.value if value is not None else None
    near = [name for name in _TYPES if isinstance(written, str) and is_one_slip(written, name)]
    if len(near) != 1 or literal.type not in ("string", "template_string"):
        return ()
    quote = text(literal)[0]
    return (replace(literal, f"{quote}{near[0]}{quote}"),)


_TYPES = frozenset({"symbol", "undefined", "object", "boolean", "number", "string", "function", "bigint"})


def valid_typeof(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint valid-typeof."""
    if not is_unary(node, "typeof"):
        return
    own = outermost(node)
    parent = own.parent
    if parent is None or parent.type != "binary_expression" or operator(parent) not in _EQUALITIES:
        return
    left, right = field(parent, "left"), field(parent, "right")
    other = right if left == own else left
    if other is None:
        return
    other = unwrap(other)
    if other.type in LITERALS or is_static_template(other):
        value = string_units(other, context.text)
        if value is None or value.value not in _TYPES:
            yield Problem(span(other), message="invalid-value", edits=_respell(other, value))
    elif other.type in IDENTIFIERS and is_global_name(other, "undefined", context.scopes):
        message = "not-a-string" if context.options["requireStringLiterals"] else "invalid-value"
        yield Problem(span(other), message=message, edits=(replace(other, '"undefined"'),))
    elif context.options["requireStringLiterals"] and not is_unary(other, "typeof"):
        yield Problem(span(other), message="not-a-string")
