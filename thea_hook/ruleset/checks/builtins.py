"""Rules about the language's own objects and their methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.languages.expressions import MEMBERS, has_optional_chain, precedence
from thea_hook.languages.functions import bare_arguments, callee_of
from thea_hook.languages.global_uses import calls_of
from thea_hook.languages.nodes import field, insert, property_name, replace, span, text, unwrap
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ no-obj-calls

_NAMESPACES = ("Atomics", "JSON", "Math", "Reflect", "Intl", "Temporal", "globalThis")


def no_obj_calls(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-obj-calls."""
    for use in calls_of(_NAMESPACES, context.scopes, context.globals):
        called = unwrap(use.callee)
        name = (property_name(called) or "") if called.type in MEMBERS else text(called)
        message = "call" if name == use.name else "reference"
        yield Problem(span(use.node), message=message, data={"name": name, "object": use.name})


# ------------------------------------------------------------------ no-prototype-builtins

MAX_MOVED = 1000
"""Bytes of the longest expression that a fix puts in another place."""

_OBJECT_METHODS = frozenset({"hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"})


def no_prototype_builtins(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-prototype-builtins."""
    called = callee_of(node)
    if called is None or called.type not in MEMBERS:
        return
    method = property_name(called)
    key = field(called, "property") or field(called, "index")
    if method in _OBJECT_METHODS and method is not None and key is not None:
        edits = tuple(_through_prototype(node, called, method, context))
        yield Problem(span(unwrap(key)), data={"method": method}, edits=edits)


def _through_prototype(node: Node, called: Node, method: str, context: Context) -> Iterator[Edit]:
    """``x.hasOwnProperty(y)`` -> ``Object.prototype.hasOwnProperty.call(x, y)``."""
    owner, container = field(called, "object"), field(node, "arguments")
    if owner is None or container is None or owner.type == "super" or len(owner.text or b"") > MAX_MOVED:
        return
    if has_optional_chain(node) or has_optional_chain(called) or context.scopes.lookup("Object", node) is not None:
        return
    owner = unwrap(owner)
    value = f"({text(owner)})" if precedence(owner) <= 0 else text(owner)
    yield replace(called, f"Object.prototype.{method}.call")
    yield insert(container.start_byte + 1, f"{value}, " if bare_arguments(node) else value)
