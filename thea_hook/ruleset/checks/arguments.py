"""Calls with a list of arguments, and functions that call themselves through ``arguments``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.source import Span
from thea_hook.languages.expressions import FUNCTION_EXPRESSIONS, MEMBERS, is_optional, is_unary, reads_property
from thea_hook.languages.functions import arguments_of, bare_arguments, callee_of
from thea_hook.languages.nodes import (
    child_token,
    descend,
    field,
    parent_expression,
    property_name,
    replace,
    same_tokens,
    span,
    text,
    unwrap,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.ruleset.context import Context

_NAMED_FUNCTIONS = FUNCTION_EXPRESSIONS | {"function_declaration", "generator_function_declaration"}

# ------------------------------------------------------------------ prefer-spread


def prefer_spread(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-spread."""
    callee = callee_of(node)
    if callee is None or not reads_property(callee, b"apply"):
        return
    arguments = bare_arguments(node)
    if len(arguments) != 2 or arguments[1].type in ("array", "spread_element"):
        return
    target = field(callee, "object")
    if target is None:
        return
    applied = unwrap(target)
    owner = field(applied, "object") if applied.type in MEMBERS else None
    if _is_nullish(arguments[0]) if owner is None else same_tokens(unwrap(owner), arguments[0]):
        yield Problem(span(node), edits=_spread(node, target, callee, context))


def _is_nullish(node: Node) -> bool:
    return node.type in ("null", "undefined") or is_unary(node, "void")


def _spread(call: Node, target: Node, callee: Node, context: Context) -> tuple[Edit, ...]:
    """``f.apply(null, list)`` as ``f(...list)``; nothing where a part of it may not be there."""
    first, values = arguments_of(call)
    opening = field(call, "arguments")
    if _is_nullish(unwrap(values)):
        return ()  # `apply` takes it for no arguments, and nothing can be spread
    if opening is None or is_optional(call) or field(call, "type_arguments") is not None:
        return ()
    if unwrap(target).text in (b"eval", b"import", b"super"):
        return ()
    method, before = Span(target.end_byte, opening.start_byte), Span(first.start_byte, values.start_byte)
    if context.has_comment(method) or context.has_comment(before):
        return ()
    return (replace(method, "?." if is_optional(callee) else ""), replace(before, "..."))


# ------------------------------------------------------------------ no-caller

_LISTENED = frozenset({"addEventListener", "attachEvent", "bind", "on", "once", "one"})
_TIMERS = frozenset({"requestAnimationFrame", "setImmediate", "setInterval", "setTimeout"})


def no_caller(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-caller."""
    target, key = field(node, "object"), field(node, "property")
    if target is None or key is None or unwrap(target).text != b"arguments":
        return
    name = text(key)
    if name in ("callee", "caller"):
        yield Problem(span(node), {"name": name}, edits=_named(node, target, context) if name == "callee" else ())


def _named(node: Node, target: Node, context: Context) -> tuple[Edit, ...]:
    """The function by its name, which it gets where it has none."""
    variable = context.scopes.variable_at(unwrap(target))
    function = variable.scope.node if variable is not None and variable.implicit else None
    outer = parent_expression(node)
    if function is None or function.type not in _NAMED_FUNCTIONS or context.has_comment(span(node)):
        return ()
    if outer is not None and outer.type in MEMBERS and property_name(outer) == "caller":
        return ()
    own = field(function, "name")
    if own is not None:
        meant = context.scopes.lookup(text(own), node)
        is_same = meant is not None and [one.name for one in meant.definitions] == [own]
        is_kept = meant is not None and not any(reference.is_write for reference in meant.references)
        return (replace(node, text(own)),) if is_same and is_kept else ()
    keyword = child_token(function, "function")
    name = _name_for(function)
    if keyword is None or name.encode() in {leaf.text for leaf in descend(function) if not leaf.child_count}:
        return ()
    parameters = field(function, "type_parameters") or field(function, "parameters")
    head = Span((child_token(function, "*") or keyword).end_byte, (parameters or keyword).start_byte)
    return () if context.has_comment(head) else (replace(head, f" {name}"), replace(node, name))


_RESERVED = frozenset(
    {"catch", "class", "default", "delete", "do", "finally", "for", "function", "if", "in", "new", "return", "throw"}
    | {"try", "while", "with"}
)


def _name_for(function: Node) -> str:
    """What a nameless function is called: as what it is assigned to, or for what it is given to."""
    owner = parent_expression(function)
    kind = "" if owner is None else owner.type
    if owner is not None and kind in ("variable_declarator", "assignment_expression", "pair"):
        left = field(owner, "name") or field(owner, "left") or field(owner, "key")
        name = None if left is None else text(left) if left.type == "identifier" else property_name(left)
        if name is not None and re.fullmatch(r"[A-Za-z_$][\w$]*", name) and name not in _RESERVED:
            return name
    call = owner.parent if owner is not None and kind == "arguments" else None
    callee = None if call is None else callee_of(call)
    if callee is None:
        return "self"
    called = property_name(callee) if callee.type in MEMBERS else text(callee)
    return "listener" if called in _LISTENED else "tick" if called in _TIMERS else "callback"
