"""Blocks, functions and patterns with nothing in them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.branches import has_comment, removal, without_branch
from thea_hook.languages.expressions import elements
from thea_hook.languages.nodes import (
    FUNCTIONS,
    STATEMENT_LISTS,
    braces,
    child_token,
    field,
    is_empty_block,
    named,
    remove,
    replace,
    span,
    text,
    whole_lines,
)
from thea_hook.languages.purity import is_pure
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_COMMENT = " /* empty */ "
_NAMESPACES = frozenset({"module", "internal_module", "ambient_declaration"})


def _add_comment(node: Node, data: dict[str, str]) -> Problem:
    """The problem of an empty node in braces, and a comment as a way out."""
    where = braces(node)
    return Problem(where, data, edits=(replace(Span(where.start + 1, where.end - 1), _COMMENT),))


def no_empty(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-empty."""
    if node.type == "switch_statement":
        body = field(node, "body")
        if body is not None and is_empty_block(body):
            yield _mended(node, body, {"type": "switch"}, context)
        return
    parent = node.parent
    if not is_empty_block(node) or parent is None or parent.type in FUNCTIONS or parent.type in _NAMESPACES:
        return
    if parent.type == "class_static_block" or (parent.type == "catch_clause" and context.options["allowEmptyCatch"]):
        return
    yield _mended(node, node, {"type": "block"}, context)


def _mended(statement: Node, block: Node, data: dict[str, str], context: Context) -> Problem:
    """The problem of a statement that does nothing, without it where nobody can miss it."""
    edits = _without(statement, context)
    if not edits:
        return _add_comment(block, data)
    return Problem(
        braces(block), data, edits=edits, title="Remove what does nothing", applicability=Applicability.UNSAFE
    )


def _without(statement: Node, context: Context) -> tuple[Edit, ...]:
    parent, source = statement.parent, context.text
    if parent is None:
        return ()
    if parent.type == "finally_clause":
        around = parent.parent
        handler = field(around, "handler") if around is not None else None
        if handler is None or context.has_comment(Span(handler.end_byte, parent.start_byte)):
            return ()
        return (remove(Span(braces(field(handler, "body") or handler).end, braces(statement).end)),)
    if statement.type == "switch_statement":
        value = field(statement, "value")
        return removal(statement, source) if value is not None and is_pure(value) and not has_comment(value) else ()
    if parent.type in STATEMENT_LISTS:
        return removal(statement, source)
    return without_branch(statement, source) if parent.type in ("else_clause", "if_statement") else ()


def no_empty_static_block(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-empty-static-block."""
    body = field(node, "body")
    if body is None or not is_empty_block(body):
        return
    where = Span(node.start_byte, braces(body).end)
    edits = () if context.has_comment(where) else (remove(whole_lines(context.text, where)),)
    yield Problem(braces(body), edits=edits)


def no_empty_pattern(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-empty-pattern."""
    if node.type == "array_pattern":
        if not elements(node):
            yield Problem(span(node), {"type": "array"})
    elif not named(node) and not (context.options["allowObjectPatternsAsParameters"] and _is_parameter(node)):
        yield Problem(span(node), {"type": "object"})


def _is_parameter(pattern: Node) -> bool:
    """Whether a pattern is a parameter of a function, with no default or with ``{}``."""
    parent = pattern.parent
    if parent is None or parent.type not in ("assignment_pattern", "required_parameter", "optional_parameter"):
        return parent is not None and (parent.type == "formal_parameters" or parent.type == "arrow_function")
    around = parent.parent
    default = field(parent, "value") or field(parent, "right")
    if around is None or around.type != "formal_parameters":
        return False
    return default is None or (default.type == "object" and not named(default))


# ------------------------------------------------------------------ functions

_CONSTRUCTOR_OPTIONS = {
    "private": ("private-constructors", "privateConstructors"),
    "protected": ("protected-constructors", "protectedConstructors"),
}


def no_empty_function(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint and typescript-eslint no-empty-function."""
    body = field(node, "body")
    if body is None or body.type != "statement_block" or not is_empty_block(body):
        return
    kind = _kind(node)
    if kind in context.options["allow"] or _is_allowed(node, kind, context.options["allow"]):
        return
    yield _add_comment(body, {"name": _description(node, kind)})


def _kind(node: Node) -> str:
    """What ESLint's option ``allow`` calls this kind of function."""
    if node.type == "arrow_function":
        return "arrowFunctions"
    kind = "functions"
    if node.type == "method_definition":
        if child_token(node, "get"):
            return "getters"
        if child_token(node, "set"):
            return "setters"
        if _is_constructor(node):
            return "constructors"
        kind = "methods"
    if child_token(node, "*"):
        return f"generator{kind.capitalize()}"
    return f"async{kind.capitalize()}" if child_token(node, "async") else kind


def _is_constructor(method: Node) -> bool:
    name, parent = field(method, "name"), method.parent
    if name is None or parent is None or parent.type != "class_body" or child_token(method, "static"):
        return False
    return name.text == b"constructor" or (name.type == "string" and text(name)[1:-1] == "constructor")


def _is_allowed(node: Node, kind: str, allow: list[str]) -> bool:
    if kind == "constructors":
        modifier = child_token(node, "accessibility_modifier")
        names = _CONSTRUCTOR_OPTIONS.get(text(modifier), ()) if modifier else ()
        return any(name in allow for name in names) or _has_parameter_properties(node)
    if node.type != "method_definition":
        return False
    if "overrideMethods" in allow and child_token(node, "override_modifier"):
        return True
    if "decoratedFunctions" not in allow:
        return False
    before = node.prev_named_sibling
    return child_token(node, "decorator") is not None or (before is not None and before.type == "decorator")


def _has_parameter_properties(constructor: Node) -> bool:
    """Whether a parameter is a field as well: ``constructor(private x) {}`` does something."""
    parameters = field(constructor, "parameters")
    modifiers = ("accessibility_modifier", "override_modifier", "readonly")
    return parameters is not None and any(
        child_token(parameter, modifier) for parameter in named(parameters) for modifier in modifiers
    )


_WORDS = {
    "arrowFunctions": "arrow function",
    "functions": "function",
    "generatorFunctions": "generator function",
    "asyncFunctions": "async function",
    "methods": "method",
    "generatorMethods": "generator method",
    "asyncMethods": "async method",
    "getters": "getter",
    "setters": "setter",
    "constructors": "constructor",
}


def _description(node: Node, kind: str) -> str:
    words = _WORDS[kind]
    if kind == "constructors":
        return words
    if child_token(node, "static"):
        words = f"static {words}"
    name = field(node, "name")
    parent = node.parent
    if name is None and parent is not None and parent.type in ("pair", "field_definition", "public_field_definition"):
        name = field(parent, "key") or field(parent, "name") or field(parent, "property")
    return f"{words} '{text(name)}'" if name is not None else words
