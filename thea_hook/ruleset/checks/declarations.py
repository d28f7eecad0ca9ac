"""Declarations: names declared twice, restricted names, declarations in odd places or without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.source import Span
from thea_hook.languages.functions import is_await
from thea_hook.languages.nodes import (
    FUNCTIONS,
    ancestors,
    child_token,
    field,
    parent_expression,
    remove,
    span,
    text,
    unwrap,
    whole_lines,
)
from thea_hook.ruleset.checks.var_hoisting import without_redeclaration
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.languages.scope import Definition, GlobalComment, Variable
    from thea_hook.ruleset.context import Context

RESTRICTED = frozenset({"undefined", "NaN", "Infinity", "arguments", "eval"})
_SHADOWING = frozenset(
    {"var", "let", "const", "using", "function", "function-name-expression", "class", "class-name", "parameter"}
    | {"catch", "import", "import-type"}
)


# ------------------------------------------------------------------ no-shadow-restricted-names


def no_shadow_restricted_names(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-shadow-restricted-names."""
    names = RESTRICTED | ({"globalThis"} if context.options["reportGlobalThis"] else frozenset())
    shadowing: dict[Span, str] = {}  # a class declares its name twice at one place: around itself and inside
    for scope in context.scopes.scopes:
        for name in names & scope.variables.keys():
            variable = scope.variables[name]
            for definition in () if _safely_shadows_undefined(variable) else variable.definitions:
                if definition.kind in _SHADOWING:
                    shadowing[span(definition.name)] = name
    for where, name in shadowing.items():
        yield Problem(where, data={"name": name})


def _safely_shadows_undefined(variable: Variable) -> bool:
    """``var undefined;`` that is never given a value leaves ``undefined`` what it is."""
    return (
        variable.name == "undefined"
        and all(not reference.is_write for reference in variable.references)
        and all(
            definition.node.type == "variable_declarator" and field(definition.node, "value") is None
            for definition in variable.definitions
        )
    )


# ------------------------------------------------------------------ no-redeclare

_WITHOUT_REDECLARATION = frozenset({"class", "catch", "function-name", "with", "enum", "namespace", "type"}) | {
    "function-type",
    "conditional-type",
    "mapped-type",
}


def no_redeclare(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-redeclare, and typescript-eslint's for declarations that merge."""
    file_scopes = {context.scopes.global_scope}
    for scope in context.scopes.scopes:
        if scope.kind in _WITHOUT_REDECLARATION:
            continue
        is_global = scope in file_scopes
        for variable in scope.variables.values():
            if len(variable.definitions) > 1 or (is_global and variable.name in context.environment_globals):
                yield from _redeclared(variable, context, is_global=is_global)
    yield from _redeclared_in_comments(context)


def _redeclared_in_comments(context: Context) -> Iterator[Problem]:
    """A ``global`` comment about a name that the environment, the script or a comment before it declares already."""
    entries = [entry for entry in context.scopes.global_comments if entry.kind == "global" and entry.access != "off"]
    if not entries:
        return
    builtin = set(context.environment_globals) if context.options["builtinGlobals"] else set()
    declared = {name for name, variable in context.scopes.global_scope.variables.items() if variable.definitions}
    declared |= builtin
    for entry in entries:
        if entry.name in declared:
            message = "builtin" if entry.name in builtin else ""
            edits = _without_entry(entry, context)
            yield Problem(entry.name_span, message=message, data={"name": entry.name}, edits=edits)
        declared.add(entry.name)


def _without_entry(entry: GlobalComment, context: Context) -> tuple[Edit, ...]:
    """The edits that take a name out of a ``global`` comment, or the comment where it has no other."""
    others = [one for one in context.scopes.global_comments if one.node == entry.node and one.name != entry.name]
    if not others:
        return (remove(whole_lines(context.text, span(entry.node))),)
    name = entry.name_span
    rest = context.slice(name.end, entry.node.end_byte - 2)
    tail = re.match(r"\s*(?::\s*\w+)?\s*(,?)[ \t]*", rest)
    if tail is not None and (tail[1] or rest[tail.end() :].strip()):
        return (remove(Span(name.start, name.end + len(tail[0].encode()))),)
    before = context.slice(entry.node.start_byte, name.start)
    gap = len(before) - len(before.rstrip(" \t,"))
    value = re.match(r"\s*:\s*\w+", rest)
    return (remove(Span(name.start - gap, name.end + (len(value[0]) if value else 0))),)


def _redeclared(variable: Variable, context: Context, *, is_global: bool) -> Iterator[Problem]:
    is_builtin = is_global and context.options["builtinGlobals"] and variable.name in context.environment_globals
    definitions = _one_for_each_name(variable.definitions)
    if context.is_typescript:
        definitions = [d for d in definitions if d.node.type not in ("function_signature", "function_overload")]
        if context.options["ignoreDeclarationMerge"] and len(definitions) > 1:
            definitions = _unmerged(definitions)
    if is_builtin:
        for definition in definitions:
            yield Problem(span(definition.name), message="builtin", data={"name": variable.name})
        return
    for definition in definitions[1:]:
        yield Problem(
            span(definition.name),
            data={"name": variable.name},
            edits=without_redeclaration(variable, definition, context),
            related=(span(definitions[0].name),),
        )


def _one_for_each_name(definitions: list[Definition]) -> list[Definition]:
    return list({definition.name.start_byte: definition for definition in definitions}.values())


_MERGING = (
    ({"interface"}, None),
    ({"namespace"}, None),
    ({"class", "interface", "namespace"}, "class"),
    ({"function", "namespace"}, "function"),
    ({"enum", "namespace"}, "enum"),
)
"""Kinds that TypeScript merges into one declaration, and the one of them that may appear only once."""


def _unmerged(definitions: list[Definition]) -> list[Definition]:
    """The declarations that are left when those that merge count as one."""
    kinds = {definition.kind for definition in definitions}
    for merging, single in _MERGING:
        if kinds <= merging:
            return [definition for definition in definitions if definition.kind == single]
    return definitions


# ------------------------------------------------------------------ no-inner-declarations

_BODIES = frozenset({"program", "class_static_block", "export_statement"})


def no_inner_declarations(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-inner-declarations."""
    if node.type == "variable_declaration":
        if context.options["mode"] != "both":
            return
        kind = "variable"
    else:
        kind = "function"
        scope = context.scopes.scope_of(node)
        if context.options["blockScopedFunctions"] == "allow" and scope.is_strict:
            return
    parent = node.parent
    if parent is None or parent.type in _BODIES:
        return
    if parent.type == "statement_block" and parent.parent is not None:
        outer = parent.parent.type
        if outer in FUNCTIONS or outer == "class_static_block":
            return
    body = next((a.type for a in ancestors(node) if a.type in FUNCTIONS or a.type == "class_static_block"), None)
    where = "program" if body is None else "static block body" if body == "class_static_block" else "function body"
    yield Problem(span(node), data={"kind": kind, "body": where})


# ------------------------------------------------------------------ no-unassigned-vars, no-undef-init


def no_unassigned_vars(declarator: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unassigned-vars."""
    name = field(declarator, "name")
    if name is None or name.type != "identifier" or field(declarator, "value") is not None:
        return
    declaration = declarator.parent
    if declaration is None or _is_const(declaration) or any(_is_ambient(a) for a in ancestors(declarator)):
        return
    if declaration.parent is not None and declaration.parent.type == "for_in_statement":
        return
    variable = context.scopes.variable_at(name)
    if variable is None or any(reference.is_write for reference in variable.references):
        return
    if any(reference.is_read for reference in variable.references):
        yield Problem(span(declarator), data={"name": text(name)})


def _is_const(declaration: Node) -> bool:
    return child_token(declaration, "const") is not None


def _is_ambient(node: Node) -> bool:
    return node.type == "ambient_declaration"


def no_undef_init(declarator: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-undef-init."""
    name, value = field(declarator, "name"), field(declarator, "value")
    if name is None or value is None or unwrap(value).type != "undefined":
        return
    declaration = declarator.parent
    if declaration is None or _is_const(declaration) or child_token(declaration, "using") is not None:
        return
    shadow = context.scopes.lookup("undefined", declarator)
    if shadow is not None and shadow.definitions:
        return
    declared = field(declarator, "type") or name
    rest = Span(declared.end_byte, declarator.end_byte)
    is_plain = child_token(declaration, "var") is None and name.type == "identifier"
    edits = (remove(rest),) if is_plain and not context.has_comment(rest) else ()
    yield Problem(span(declarator), data={"name": text(name)}, edits=edits)


# ------------------------------------------------------------------ no-undef


def no_undef(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-undef."""
    for reference in context.scopes.unresolved:
        if not reference.is_value or context.is_known_name(reference.name):
            continue
        if not context.options["typeof"] and _is_typeof_operand(reference.identifier):
            continue
        if not is_await(reference.identifier, context.module.kind):
            yield Problem(span(reference.identifier), data={"name": reference.name})


def _is_typeof_operand(identifier: Node) -> bool:
    parent = parent_expression(identifier)
    return parent is not None and parent.type == "unary_expression" and child_token(parent, "typeof") is not None
