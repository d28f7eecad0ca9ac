"""Writes to names that must not change: constants, classes, functions, imports, globals, caught errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.languages.nodes import (
    FUNCTIONS,
    TYPE_WRAPPERS,
    ancestors,
    child_token,
    field,
    named,
    operator,
    outermost,
    property_name,
    replace,
    span,
    text,
    unwrap_types,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.languages.scope import Reference, Variable
    from thea_hook.ruleset.context import Context

MUTATORS = {
    "Object": frozenset({"assign", "defineProperty", "defineProperties", "freeze", "setPrototypeOf"}),
    "Reflect": frozenset({"defineProperty", "deleteProperty", "set", "setPrototypeOf"}),
}
_WRITES = frozenset(
    {
        "assignment_expression",
        "augmented_assignment_expression",
        "update_expression",
        "unary_expression",
        "call_expression",
        "for_in_statement",
    }
)
_PATTERNS = frozenset({"array_pattern", "rest_pattern", "pair_pattern"})


def _modified(context: Context, kinds: frozenset[str]) -> Iterator[tuple[Reference, Variable]]:
    """The writes to variables that a declaration of one of these kinds makes."""
    for reference in context.scopes.modifications:
        variable = reference.resolved
        if variable is not None and any(definition.kind in kinds for definition in variable.definitions):
            yield reference, variable


def no_const_assign(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-const-assign."""
    for reference, variable in _modified(context, frozenset({"const", "using"})):
        yield Problem(span(reference.identifier), data={"name": reference.name}, edits=_as_let(variable))


def _as_let(variable: Variable) -> tuple[Edit, ...]:
    """``let`` for the ``const`` of a variable that is written to; what a module gives is not meant to change."""
    definition = variable.definitions[0]
    is_loop = definition.node.type == "for_in_statement"
    declaration = definition.node if is_loop else definition.parent
    if declaration is None or definition.kind != "const" or len(variable.definitions) > 1:
        return ()
    value = None if is_loop else field(definition.node, "value")
    if value is not None and (value.type in FUNCTIONS or value.type == "class" or _is_require(value)):
        return ()
    keyword = field(declaration, "kind") if is_loop else child_token(declaration, "const")
    return () if keyword is None or keyword.type != "const" else (replace(keyword, "let"),)


def _is_require(value: Node) -> bool:
    function = field(value, "function") if value.type == "call_expression" else None
    return function is not None and function.text == b"require"


def no_class_assign(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-class-assign."""
    for reference, _variable in _modified(context, frozenset({"class", "class-name"})):
        yield Problem(span(reference.identifier), data={"name": reference.name})


def no_func_assign(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-func-assign. A parameter of the same name takes the write."""
    for reference, variable in _modified(context, frozenset({"function", "function-name-expression"})):
        if variable.definitions[0].kind in ("function", "function-name-expression"):
            yield Problem(span(reference.identifier), data={"name": reference.name})


def no_ex_assign(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-ex-assign."""
    for reference, _variable in _modified(context, frozenset({"catch"})):
        yield Problem(span(reference.identifier), data={"name": reference.name})


def no_global_assign(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-global-assign."""
    exceptions = context.options["exceptions"]
    for reference in context.scopes.modifications:
        if reference.resolved is not None and reference.resolved.scope is not context.scopes.global_scope:
            continue
        if context.globals.get(reference.name) is False and reference.name not in exceptions:
            yield Problem(span(reference.identifier), data={"name": reference.name})


# ------------------------------------------------------------------ no-import-assign

# What follows a namespace whose member is certainly not written to: the member is called, read from, or generic.
_READ_MEMBER = re.compile(rb"\.[A-Za-z0-9_$]+(?:[(.]|<[^<])")


def no_import_assign(statement: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-import-assign."""
    for variable in context.scopes.declared(statement):
        is_namespace = any(definition.node.type == "namespace_import" for definition in variable.definitions)
        seen = -1
        for reference in variable.references:
            if reference.start == seen:
                continue
            seen = reference.start
            identifier = reference.identifier
            if reference.is_write:
                yield Problem(span(_write_around(identifier)), data={"name": variable.name})
            elif (
                is_namespace
                and not _READ_MEMBER.match(context.text, identifier.end_byte)
                and _is_member_write(identifier, context)
            ):
                where = span(_write_around(identifier))
                yield Problem(where, message="member", data={"name": variable.name})


def _write_around(identifier: Node) -> Node:
    """The assignment, update, deletion, call or loop that writes."""
    return next((ancestor for ancestor in ancestors(identifier) if ancestor.type in _WRITES), identifier)


def _is_member_write(identifier: Node, context: Context) -> bool:
    outer = _outer(identifier)
    member = outer.parent
    if member is None:
        return False
    if member.type in ("member_expression", "subscript_expression") and field(member, "object") == outer:
        return _is_written(_outer(member))
    return member.type == "arguments" and _is_argument_of_mutator(outer, member, context)


def _outer(node: Node) -> Node:
    """The node with the parentheses and type assertions around it."""
    node = outermost(node)
    while node.parent is not None and node.parent.type in TYPE_WRAPPERS:
        node = outermost(node.parent)
    return node


def _is_written(member: Node) -> bool:
    parent = member.parent
    if parent is None:
        return False
    kind = parent.type
    if kind in ("assignment_expression", "augmented_assignment_expression", "for_in_statement"):
        return field(parent, "left") == member
    if kind == "assignment_pattern":
        return field(parent, "left") == member
    if kind == "update_expression":
        return True
    if kind == "unary_expression":
        return operator(parent) == "delete"
    return kind in _PATTERNS


def _is_argument_of_mutator(argument: Node, arguments: Node, context: Context) -> bool:
    call = arguments.parent
    if call is None or call.type != "call_expression" or named(arguments)[:1] != [argument]:
        return False
    function = field(call, "function")
    callee = None if function is None else unwrap_types(function)
    if callee is None or callee.type not in ("member_expression", "subscript_expression"):
        return False
    target = field(callee, "object")
    if target is None or target.type != "identifier" or not context.scopes.is_global(target):
        return False
    return property_name(callee) in MUTATORS.get(text(target), ())
