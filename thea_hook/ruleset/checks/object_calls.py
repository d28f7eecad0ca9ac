"""Calls that a literal or a newer method replaces: ``Array()``, ``Object.assign({}, ..)``, ``hasOwnProperty.call``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    has_optional_chain,
    is_in_parentheses,
    is_optional,
    is_statement_start,
    needs_semicolon_before,
    reads_property,
    space_before,
)
from thea_hook.languages.functions import arguments_of, callee_of
from thea_hook.languages.global_uses import GLOBAL_OBJECTS, is_global_member, is_global_name
from thea_hook.languages.nodes import (
    COMMENTS,
    field,
    named,
    outermost,
    property_name,
    remove,
    replace,
    span,
    text,
    token_after,
    token_before,
    unwrap,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ no-array-constructor


def no_array_constructor(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-array-constructor."""
    callee = callee_of(node)
    if callee is None or callee.text != b"Array" or field(node, "type_arguments") is not None:
        return
    if not is_global_name(callee, "Array", context.scopes):
        return
    container = field(node, "arguments")
    if container is not None and container.type != "arguments":
        return
    arguments = [] if container is None else named(container)
    if len(arguments) == 1 and arguments[0].type != "spread_element":
        return
    inner = "" if container is None else context.slice(container.start_byte + 1, container.end_byte - 1)
    semicolon = ";" if is_statement_start(node) and needs_semicolon_before(node) else ""
    # of one number `Array` makes that many holes, and nobody knows how many values a spread has
    is_certain = not arguments or sum(argument.type != "spread_element" for argument in arguments) > 1
    head = Span(node.start_byte, node.end_byte if container is None else container.start_byte)
    grade = None if is_certain and not is_optional(node) else Applicability.UNSAFE
    # `new Array()` is an `any[]`; what `[]` is depends on where it stands
    if context.has_comment(head) or (context.is_typescript and not arguments):
        grade = Applicability.UNSAFE
    yield Problem(span(node), edits=(replace(node, f"{semicolon}[{inner}]"),), applicability=grade)


# ------------------------------------------------------------------ no-object-constructor


def no_object_constructor(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-object-constructor."""
    callee = callee_of(node)
    if callee is None or callee.text != b"Object" or not is_global_name(callee, "Object", context.scopes):
        return
    if named(field(node, "arguments") or callee) or field(node, "type_arguments") is not None:
        return
    edits: tuple[Edit, ...] = ()
    if not context.has_comment(span(node)):
        is_block = is_statement_start(node) or _begins_body(node)
        semicolon = ";" if is_statement_start(node) and needs_semicolon_before(node) else ""
        edits = (replace(node, f"{semicolon}({{}})" if is_block else "{}"),)
    # TypeScript takes `new Object()` for an `Object`, not for `{}`
    yield Problem(span(node), edits=edits, applicability=Applicability.UNSAFE if context.is_typescript else None)


def _begins_body(node: Node) -> bool:
    """Whether the body of an arrow function begins with this expression."""
    previous = token_before(node)
    return previous is not None and previous.type == "=>"


# ------------------------------------------------------------------ prefer-object-has-own


def prefer_object_has_own(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-object-has-own."""
    callee = _plain_member(field(node, "function"), b"call")
    method = None if callee is None else _plain_member(field(callee, "object"), b"hasOwnProperty")
    target = None if method is None else field(method, "object")
    if callee is None or target is None or not _has_own_property(unwrap(target)):
        return
    if context.scopes.lookup("Object", node) is not None:
        return
    edits = () if context.has_comment(span(callee)) else _use_has_own(callee)
    yield Problem(span(node), edits=edits)


def _use_has_own(callee: Node) -> tuple[Edit, ...]:
    return (replace(callee, space_before(callee, "Object.hasOwn") + "Object.hasOwn"),)


def _plain_member(node: Node | None, name: bytes) -> Node | None:
    """The access to this property; not where parentheses end an optional chain, which decides when it is called."""
    if node is None:
        return None
    inner = unwrap(node)
    if not reads_property(inner, name):
        return None
    return None if inner != node and has_optional_chain(inner) else inner


def _has_own_property(target: Node) -> bool:
    """Whether ``target.hasOwnProperty`` is the method of every object: of ``{}``, ``Object``, ``Object.prototype``."""
    if target.type == "object":
        return not named(target)
    if reads_property(target, b"prototype"):
        owner = field(target, "object")
        return owner is not None and unwrap(owner).text == b"Object"
    return target.text == b"Object"


# ------------------------------------------------------------------ prefer-object-spread

_NO_PARENTHESES = frozenset({"variable_declarator", "array", "return_statement", "arguments", "pair"})
_LOOSE_ARGUMENTS = frozenset(
    {"assignment_expression", "augmented_assignment_expression", "arrow_function", "ternary_expression"}
)


def prefer_object_spread(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-object-spread."""
    callee = callee_of(node)
    if callee is None or not (callee.type == "identifier" or reads_property(callee, b"assign")):
        return
    arguments = arguments_of(node)
    if not arguments or unwrap(arguments[0]).type != "object":
        return
    if any(argument.type == "spread_element" for argument in arguments) or not _is_object_assign(callee, context):
        return
    literals = [unwrap(argument) for argument in arguments if unwrap(argument).type == "object"]
    if len(arguments) > 1 and (
        any(map(_has_accessor, literals)) or any(map(_has_proto, [n for n in literals if n != unwrap(arguments[0])]))
    ):
        return
    message = "literal" if len(arguments) == 1 else ""
    # `assign` gives an intersection of types, spread an object type of its own
    grade = Applicability.UNSAFE if context.is_typescript and len(arguments) > 1 else None
    yield Problem(span(node), message=message, edits=tuple(_as_literal(node, arguments, context)), applicability=grade)


def _is_object_assign(callee: Node, context: Context) -> bool:
    """Whether the callee is ``Object.assign``, also by way of ``globalThis`` or of a variable that holds it."""
    scopes = context.scopes
    if callee.type != "identifier":
        target = field(callee, "object") if reads_property(callee, b"assign") else None
        return target is not None and _is_object(unwrap(target), context)
    variable = scopes.variable_at(callee)
    if variable is None or len(variable.definitions) != 1:
        return False
    definition = variable.definitions[0]
    value = field(definition.node, "value") if definition.node.type == "variable_declarator" else None
    if value is None:
        return False
    name = field(definition.node, "name")
    if name is not None and name.type == "object_pattern":
        return _picks(name, "assign", text(definition.name)) and _is_object(unwrap(value), context)
    value = unwrap(value)
    target = field(value, "object") if reads_property(value, b"assign") else None
    return target is not None and _is_object(unwrap(target), context)


def _picks(pattern: Node, key: str, variable: str) -> bool:
    """Whether ``{ key: variable } = ..`` is in the pattern."""
    for member in named(pattern):
        value = field(member, "value") if member.type == "pair_pattern" else member
        if value is not None and text(value) == variable:
            return property_name(member) == key
    return False


def _is_object(node: Node, context: Context) -> bool:
    """Whether an expression is the global ``Object``, which the file does not assign to."""
    scopes = context.scopes
    if node.type == "identifier" and text(node) != "Object":
        variable = scopes.variable_at(node)
        definition = variable.definitions[0] if variable is not None and len(variable.definitions) == 1 else None
        value = (
            field(definition.node, "value")
            if definition is not None and definition.node.type == "variable_declarator"
            else None
        )
        if definition is None or value is None or field(definition.node, "name") != definition.name:
            return False
        node = unwrap(value)
    if is_global_name(node, "Object", scopes):
        return not any(use.name == "Object" and use.is_write for use in scopes.unresolved)
    return any(is_global_member(node, owner, "Object", scopes) for owner in GLOBAL_OBJECTS)


def _has_accessor(literal: Node) -> bool:
    return any(
        child.type == "method_definition" and any(part.type in ("get", "set") for part in child.children)
        for child in named(literal)
    )


def _has_proto(literal: Node) -> bool:
    return any(child.type != "spread_element" and property_name(child) == "__proto__" for child in named(literal))


def _as_literal(call: Node, arguments: list[Node], context: Context) -> Iterator[Edit]:
    """The edits that make ``{a, ...b}`` of ``Object.assign({a}, b)``."""
    container = field(call, "arguments")
    assert container is not None
    yield remove(Span(call.start_byte, container.start_byte))
    opening, closing = "{", "}"
    if _needs_parentheses(call):
        semicolon = ";" if is_statement_start(call) and needs_semicolon_before(call) else ""
        opening, closing = f"{semicolon}({{", "})"
    yield replace(Span(container.start_byte, container.start_byte + 1), opening)
    yield replace(Span(container.end_byte - 1, container.end_byte), closing)
    for argument in arguments:
        inner = unwrap(argument)
        if inner.type == "object":
            yield from _open_literal(argument, inner, context)
        elif inner.type in _LOOSE_ARGUMENTS and inner == argument:
            yield replace(argument, f"...({text(argument)})")
        else:
            yield replace(argument, f"...{text(argument)}")


def _needs_parentheses(call: Node) -> bool:
    whole = outermost(call)
    parent = whole.parent
    if parent is None or parent.type in _NO_PARENTHESES:
        return False
    if parent.type == "assignment_expression" and field(parent, "left") != whole:
        return False
    return not is_in_parentheses(call)


def _open_literal(argument: Node, literal: Node, context: Context) -> Iterator[Edit]:
    """Removes the braces of an argument, the parentheses around it, and a comma too many."""
    left = _skip_space(context.text, argument.start_byte + 1)
    yield remove(Span(argument.start_byte, left))
    yield remove(Span(max(_space_start(argument, context), left), argument.end_byte))
    inner = argument
    while inner != literal:
        inner = named(inner)[0]
        yield remove(Span(inner.start_byte, inner.start_byte + 1))
        yield remove(Span(inner.end_byte - 1, inner.end_byte))
    comma = token_after(argument)
    last = token_before(literal.children[-1])
    if comma is not None and comma.type == "," and (not named(literal) or (last is not None and last.type == ",")):
        yield remove(comma)


def _skip_space(source: bytes, offset: int) -> int:
    while source[offset : offset + 1].isspace():
        offset += 1
    return offset


def _space_start(argument: Node, context: Context) -> int:
    """Where the white space before the closing brace begins; a line comment before it needs its line break."""
    last = start = argument.end_byte - 1
    while context.text[start - 1 : start].isspace():
        start -= 1
    before = argument.children[-1].prev_sibling
    is_needed = before is not None and before.type in COMMENTS and not text(before).startswith("/*")
    return last if is_needed else start
