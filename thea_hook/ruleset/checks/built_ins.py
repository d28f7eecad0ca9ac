"""Rules about ``new``, ``call`` and ``__proto__`` where a plain call of something built in is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    MEMBERS,
    elements,
    has_optional_chain,
    is_optional,
    is_unary,
    reads_property,
    space_before,
)
from thea_hook.languages.functions import FIELDS, arguments_of, callee_of
from thea_hook.languages.global_uses import is_global_name
from thea_hook.languages.nodes import (
    field,
    insert,
    named,
    outermost,
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

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ no-new-wrappers, no-new-native-nonconstructor

_WRAPPERS = frozenset({"Boolean", "Number", "String"})
_PASSING_ON = frozenset({
    "arguments", "array", "arrow_function", "as_expression", "return_statement", "satisfies_expression",
})  # fmt: skip
_NO_CONSTRUCTORS = frozenset({"BigInt", "Symbol"})


def no_new_wrappers(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-new-wrappers."""
    callee = callee_of(node)
    if callee is not None and text(callee) in _WRAPPERS and is_global_name(callee, text(callee), context.scopes):
        edits = () if _is_meant(node, context) else _without_new(node, context)
        yield Problem(span(node), {"name": text(callee)}, edits=edits)


def _is_meant(node: Node, context: Context) -> bool:
    """Whether somebody wants the object: who passes it on, to see what becomes of it, or gives it properties."""
    parent = parent_expression(node)
    if parent is None or parent.type in _PASSING_ON:
        return True
    name = field(parent, "name") if parent.type == "variable_declarator" else None
    variable = context.scopes.variable_at(name) if name is not None else None
    members = [parent_expression(use.identifier) for use in variable.references] if variable is not None else []
    return any(
        member is not None
        and member.type in MEMBERS
        and (above := member.parent) is not None
        and above.type == "assignment_expression"
        and field(above, "left") == member
        for member in members
    )


def no_new_native_nonconstructor(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-new-native-nonconstructor."""
    callee = callee_of(node)
    if callee is not None and text(callee) in _NO_CONSTRUCTORS and is_global_name(callee, text(callee), context.scopes):
        yield Problem(span(callee), {"name": text(callee)}, edits=_without_new(node, context))


def _without_new(node: Node, context: Context) -> tuple[Edit, ...]:
    callee = field(node, "constructor")
    if callee is None or context.has_comment(Span(node.start_byte, callee.end_byte)):
        return ()
    name = text(unwrap(callee))
    call = f"{name}()" if field(node, "arguments") is None else name
    return (replace(Span(node.start_byte, callee.end_byte), space_before(node, name) + call),)


# ------------------------------------------------------------------ no-useless-call


def no_useless_call(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-call."""
    callee = callee_of(node)
    if callee is None or callee.type != "member_expression":
        return
    method, arguments, applied = property_name(callee), arguments_of(node), field(callee, "object")
    if applied is None or not _passes_each(method, arguments):
        return
    called, this = unwrap(applied), unwrap(arguments[0])
    owner = field(called, "object") if called.type in MEMBERS else None
    if _is_nothing(this) if owner is None else same_tokens(unwrap(owner), this):
        yield Problem(span(node), {"method": method or ""}, edits=_called(node, applied, method, arguments, context))


def _passes_each(method: str | None, arguments: list[Node]) -> bool:
    """Whether it is a ``call``, or an ``apply`` whose arguments are written out."""
    if method == "call":
        return bool(arguments) and arguments[0].type != "spread_element"
    return method == "apply" and len(arguments) == 2 and unwrap(arguments[1]).type == "array"


def _is_nothing(node: Node) -> bool:
    return node.type == "null" or node.text == b"undefined" or is_unary(node, "void")


def _called(node: Node, applied: Node, method: str | None, arguments: list[Node], context: Context) -> tuple[Edit, ...]:
    """The edits that call what is applied; nothing where a comment, a hole or an optional chain is in the way."""
    container = field(node, "arguments")
    if container is None or has_optional_chain(node) or context.has_comment(span(container)):
        return ()
    if unwrap(applied).text == b"eval":
        return ()  # called by its name it sees the variables around
    passed = arguments[1:]
    if method == "apply":
        values = elements(unwrap(arguments[1]))
        if None in values:
            return ()
        passed = [value for value in values if value is not None]
    given = ", ".join(text(value) for value in passed)
    if passed and method == "call":
        given = context.slice(passed[0].start_byte, container.end_byte - 1)
    return (replace(Span(applied.end_byte, container.end_byte), f"({given})"),)


# ------------------------------------------------------------------ no-proto


def no_proto(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-proto."""
    if reads_property(node, b"__proto__"):
        yield Problem(span(node), edits=_through_object(node, context))


def _through_object(node: Node, context: Context) -> tuple[Edit, ...]:
    """``Object.getPrototypeOf(a)`` for ``a.__proto__``, ``Object.setPrototypeOf(a, b)`` for ``a.__proto__ = b;``."""
    owner, parent = field(node, "object"), parent_expression(node)
    if owner is None or parent is None or owner.type == "super" or has_optional_chain(node):
        return ()
    if context.scopes.lookup("Object", node) is not None or context.has_comment(Span(owner.end_byte, node.end_byte)):
        return ()
    of = unwrap(owner)
    given = f"({text(of)})" if of.type == "sequence_expression" else text(of)
    new, user = f"Object.getPrototypeOf({given})", outermost(node)
    if parent.type == "assignment_expression" and field(parent, "left") == user:
        value, above = field(parent, "right"), parent.parent
        if value is None or above is None or above.type != "expression_statement" or context.has_comment(span(parent)):
            return ()
        return (replace(parent, f"Object.setPrototypeOf({given}, {text(value)})"),)
    is_read = parent.type in (
        *MEMBERS,
        "arguments",
        "binary_expression",
        "parenthesized_expression",
        "return_statement",
    )
    is_value = parent.type in ("assignment_expression", "pair", "variable_declarator") and (
        user in (field(parent, "right"), field(parent, "value"))
    )
    return (replace(node, space_before(node, new) + new),) if is_read or is_value else ()


# ------------------------------------------------------------------ symbol-description


def symbol_description(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint symbol-description."""
    callee, container = callee_of(node), field(node, "arguments")
    if callee is None or container is None or named(container) or is_optional(node):
        return
    if is_global_name(callee, "Symbol", context.scopes):
        name = _name_of(outermost(node))
        quote = "'" if context.text.count(b"'") >= context.text.count(b'"') else '"'
        edits = (insert(container.start_byte + 1, f"{quote}{name}{quote}"),) if name else ()
        yield Problem(span(node), edits=edits)


def _name_of(value: Node) -> str | None:
    """What the variable, property or field is called that an expression is the value of."""
    parent = value.parent
    if parent is None:
        return None
    target = {"variable_declarator": "name", "assignment_expression": "left"}.get(parent.type)
    if target is None:
        return property_name(parent) if parent.type in (*FIELDS, "pair") else None
    place = field(parent, target)
    if place is None or field(parent, "value" if target == "name" else "right") != value:
        return None
    if place.type == "identifier":
        return text(place)
    return property_name(place) if place.type == "member_expression" else None
