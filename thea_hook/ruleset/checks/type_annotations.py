"""Checks of types as they are written: annotations, assertions, constraints. TypeScript only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability
from thea_hook.core.source import Span
from thea_hook.languages.nodes import (
    child_token,
    field,
    insert,
    named,
    operator,
    remove,
    replace,
    span,
    text,
    token_after,
    unwrap,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

_LITERALS = frozenset({"string", "number", "true", "false"})

# ------------------------------------------------------------------ prefer-as-const


def prefer_as_const(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint prefer-as-const."""
    kind = node.type
    if kind in ("variable_declarator", "public_field_definition"):
        yield from _literal_annotation(node)
        return
    inner = named(node)
    if len(inner) != 2:
        return
    literal, asserted = inner
    if kind == "type_assertion":
        brackets = named(literal)
        if not brackets:
            return
        literal, asserted = asserted, brackets[0]
    if _is_same_literal(unwrap(literal), asserted):
        yield Problem(span(asserted), edits=(replace(asserted, "const"),))


def _literal_annotation(node: Node) -> Iterator[Problem]:
    annotation = field(node, "type")
    value = None if annotation is None else field(node, "value")
    if annotation is None or value is None:
        return
    types = named(annotation)
    if types and _is_same_literal(unwrap(value), types[0]):
        inner = unwrap(value)
        yield Problem(
            span(types[0]),
            message="annotation",
            edits=(remove(annotation), insert(inner.end_byte, " as const")),
            # the type stays the same, but a later `as const` reads as a promise about the value
            applicability=Applicability.UNSAFE,
        )


def _is_same_literal(literal: Node, type_node: Node) -> bool:
    if type_node.type != "literal_type" or literal.type not in _LITERALS:
        return False
    inner = named(type_node)
    return bool(inner) and inner[0].type == literal.type and inner[0].text == literal.text


# ------------------------------------------------------------------ no-unnecessary-type-constraint


def no_unnecessary_type_constraint(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-unnecessary-type-constraint."""
    constraint = field(node, "constraint")
    name = field(node, "name")
    if constraint is None or name is None or child_token(constraint, "extends") is None:
        return
    types = named(constraint)
    if not types or types[0].type != "predefined_type" or types[0].text not in (b"any", b"unknown"):
        return
    comma = "," if _reads_as_jsx(node, context) else ""
    where = Span(name.end_byte, constraint.end_byte)
    yield Problem(
        span(node),
        data={"name": text(name), "constraint": text(types[0])},
        edits=() if context.has_comment(where) else (replace(where, comma),),
    )


def _reads_as_jsx(node: Node, context: Context) -> bool:
    """Whether `<T>` of an arrow function needs a comma, so that it is not taken for a JSX element."""
    if not context.module.file.path.lower().endswith((".tsx", ".mts", ".cts")):
        return False
    parameters = node.parent
    function = None if parameters is None else parameters.parent
    if parameters is None or function is None or function.type != "arrow_function":
        return False
    after = token_after(node)
    return len(named(parameters)) == 1 and field(node, "value") is None and (after is not None and after.type != ",")


# ------------------------------------------------------------------ no-inferrable-types

_GLOBAL_CALLS = {"bigint": "BigInt", "boolean": "Boolean", "number": "Number", "string": "String", "symbol": "Symbol"}
_LITERALS_OF = {
    "bigint": frozenset({"number"}),
    "boolean": frozenset({"true", "false"}),
    "number": frozenset({"number"}),
    "string": frozenset({"string", "template_string"}),
    "RegExp": frozenset({"regex"}),
    "null": frozenset({"null"}),
    "undefined": frozenset({"undefined"}),
}
_NAMED_TYPES = frozenset({"type_identifier", "predefined_type", "literal_type"})
_INFERRABLE = frozenset({*_LITERALS_OF, "symbol"})


def no_inferrable_types(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-inferrable-types."""
    annotation = field(node, "type")
    value = None if annotation is None else field(node, "value")
    if annotation is None or value is None:
        return
    types = named(annotation)
    if not types or types[0].type not in _NAMED_TYPES:
        return
    name = text(types[0])
    if name not in _INFERRABLE or not _is_inferred(name, unwrap(value)):
        return
    where = span(node)
    optional = None
    if node.type == "public_field_definition":
        if context.options["ignoreProperties"] or _is_kept_field(node):
            return
        optional = child_token(node, "!")
    elif node.type != "variable_declarator":
        pattern = field(node, "pattern")
        function = node.parent.parent if node.parent is not None else None
        if context.options["ignoreParameters"] or pattern is None or function is None:
            return
        if not _has_body(function):
            return
        # a parameter property is reported from its name on
        where = Span(pattern.start_byte, node.end_byte)
        optional = child_token(node, "?")
    edits = [remove(annotation)] if optional is None else [remove(optional), remove(annotation)]
    if context.has_comment(span(annotation)):
        edits = []
    grade = None if _is_same_type(node, unwrap(value)) else Applicability.UNSAFE
    yield Problem(where, data={"type": name}, edits=tuple(edits), applicability=grade)


def _is_same_type(node: Node, value: Node) -> bool:
    """Whether the compiler infers the annotated type under all settings.

    It takes the literal itself, or a unique symbol, for the type of a constant; widens ``null`` to ``any`` without
    ``strictNullChecks``; and with ``isolatedDeclarations`` infers from literals only.
    """
    if node.type == "variable_declarator" and node.parent is not None and child_token(node.parent, "const") is not None:
        return False
    if value.type == "unary_expression":
        argument = field(value, "argument")
        return argument is not None and operator(value) in ("+", "-") and unwrap(argument).type == "number"
    return value.type in ("number", "string", "true", "false")


def _has_body(function: Node) -> bool:
    return field(function, "body") is not None


def _is_kept_field(field_definition: Node) -> bool:
    """Whether a field is ``readonly`` (its inferred type would be the literal itself) or optional."""
    return any(child.type in ("readonly", "?") for child in field_definition.children)


def _is_inferred(type_name: str, value: Node) -> bool:
    """Whether the initial value alone gives the variable this type."""
    kind = value.type
    if kind == "unary_expression":
        sign = operator(value)
        if type_name in ("boolean", "undefined"):
            return sign == ("!" if type_name == "boolean" else "void")
        if sign not in {"number": ("+", "-"), "bigint": ("-",)}.get(type_name, ()):
            return False
        argument = field(value, "argument")
        if argument is None:
            return False
        value = unwrap(argument)
        kind = value.type
    if kind in _LITERALS_OF.get(type_name, ()):
        return kind != "number" or (type_name == "bigint") == text(value).endswith("n")
    if kind == "identifier":
        return type_name == "number" and text(value) in ("Infinity", "NaN")
    if kind == "call_expression" or (kind == "new_expression" and type_name == "RegExp"):
        callee = field(value, "function" if kind == "call_expression" else "constructor")
        wanted = _GLOBAL_CALLS.get(type_name, type_name)
        return callee is not None and unwrap(callee).type == "identifier" and text(unwrap(callee)) == wanted
    return False


# ------------------------------------------------------------------ no-explicit-any

_CALLABLES = frozenset(
    {
        "arrow_function",
        "call_signature",
        "construct_signature",
        "constructor_type",
        "function_declaration",
        "function_expression",
        "function_signature",
        "function_type",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
        "method_signature",
    }
)


def no_explicit_any(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-explicit-any."""
    if node.text != b"any":
        return
    parent = node.parent
    if parent is None or (context.options["ignoreRestArgs"] and _is_rest_array(node)):
        return
    if parent.type == "index_type_query":
        edit = replace(parent, "PropertyKey")
    elif parent.type == "type_annotation" and _is_rest_parameter(parent.parent):
        edit = replace(node, "unknown[]")
    else:
        edit = replace(node, "unknown")
    grade = Applicability.UNSAFE if context.options["fixToUnknown"] else None
    yield Problem(span(node), edits=(edit,), applicability=grade)


def _is_rest_parameter(node: Node | None) -> bool:
    if node is None or node.type != "required_parameter" or node.parent is None or node.parent.parent is None:
        return False
    pattern = field(node, "pattern")
    return pattern is not None and pattern.type == "rest_pattern" and node.parent.parent.type in _CALLABLES


def _is_rest_array(node: Node) -> bool:
    """Whether ``any`` is what a rest parameter is an array of: ``any[]``, ``readonly any[]``, ``Array<any>``."""
    array = node.parent
    if array is not None and array.type == "type_arguments":
        array = array.parent
        name = None if array is None else field(array, "name")
        if name is None or name.text not in (b"Array", b"ReadonlyArray"):
            return False
    elif array is None or array.type != "array_type":
        return False
    outer = None if array is None else array.parent
    if outer is not None and outer.type == "readonly_type":
        outer = outer.parent
    return outer is not None and outer.type == "type_annotation" and _is_rest_parameter(outer.parent)


# ------------------------------------------------------------------ types that belong to the standard library

_WRAPPERS = frozenset({"BigInt", "Boolean", "Number", "Object", "String", "Symbol"})
_HERITAGE = frozenset({"implements_clause", "extends_type_clause"})


def no_wrapper_object_types(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-wrapper-object-types."""
    for name in _library_types(context, _WRAPPERS):
        primitive = text(name).lower()
        is_heritage = name.parent is not None and name.parent.type in _HERITAGE
        yield Problem(
            span(name),
            data={"name": text(name), "primitive": primitive},
            edits=() if is_heritage else (replace(name, primitive),),
        )


def no_unsafe_function_type(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-unsafe-function-type."""
    for name in _library_types(context, frozenset({"Function"})):
        yield Problem(span(name))


def _library_types(context: Context, names: frozenset[str]) -> Iterator[Node]:
    """The places where one of these names is used as a type and no declaration of the file is meant."""
    if not re.search(rb"\b(?:" + "|".join(sorted(names)).encode() + rb")\b", context.text):
        return
    for reference in context.scopes.unresolved:
        if reference.name in names and reference.identifier.type == "type_identifier":
            yield reference.identifier


# ------------------------------------------------------------------ non-null assertions


def no_non_null_asserted_optional_chain(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-non-null-asserted-optional-chain."""
    inner = named(node)
    if not inner:
        return
    operand = unwrap(inner[0])
    is_parenthesized = operand.id != inner[0].id
    # `a?.b!.c` is one chain, where `!` stands in the middle
    if not is_parenthesized and node.parent is not None and _continues_chain(node.parent, node):
        return
    if not _is_optional_chain(operand):
        return
    where = operand if is_parenthesized else node
    yield Problem(span(where), edits=(remove(Span(node.end_byte - 1, node.end_byte)),))


def _continues_chain(parent: Node, node: Node) -> bool:
    if parent.type == "non_null_expression":
        return True
    if parent.type not in ("member_expression", "subscript_expression", "call_expression"):
        return False
    start = field(parent, "function" if parent.type == "call_expression" else "object")
    return start is not None and start.id == node.id


def _is_optional_chain(node: Node) -> bool:
    """Whether a ``?.`` is in the chain that ends here."""
    current: Node | None = node
    while current is not None:
        if current.type in ("member_expression", "subscript_expression"):
            following = field(current, "object")
        elif current.type == "call_expression":
            following = field(current, "function")
        elif current.type == "non_null_expression":
            following = next(iter(named(current)), None)
        else:
            return False
        if any(child.type in ("optional_chain", "?.") for child in current.children):
            return True
        current = following
    return False
