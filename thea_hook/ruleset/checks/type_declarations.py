"""Checks of TypeScript's declarations: enums, modules, merged declarations, and names for ``this``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.source import Span
from thea_hook.languages.nodes import (
    CLASSES,
    child_token,
    field,
    named,
    operator,
    remove,
    span,
    string_value,
    text,
    unwrap,
)
from thea_hook.ruleset.checks.this_aliases import without_alias
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context


# ------------------------------------------------------------------ no-useless-empty-export

# Also `shapes.d.css.ts`: the types of a file that is no script.
_DEFINITION_FILE = re.compile(r"\.d\.(?:ts|cts|mts|.*\.ts)\Z", re.IGNORECASE)


def no_useless_empty_export(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-useless-empty-export."""
    # an ambient file needs `export {}` even beside other exports, or everything in it is visible to its importers
    if _DEFINITION_FILE.search(context.module.file.path):
        return
    empty = []
    is_module = False
    for statement in node.named_children:
        if statement.type == "export_statement":
            if _is_empty_export(statement):
                empty.append(statement)
            else:
                is_module = True
        elif statement.type == "import_statement":
            is_module = True
    if is_module:
        for statement in empty:
            yield Problem(span(statement), edits=() if context.has_comment(span(statement)) else (remove(statement),))


def _is_empty_export(statement: Node) -> bool:
    clause = child_token(statement, "export_clause")
    return clause is not None and not named(clause)


# ------------------------------------------------------------------ no-duplicate-enum-values


def no_duplicate_enum_values(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-duplicate-enum-values."""
    seen: set[str | float] = set()
    for member in node.named_children:
        value = field(member, "value") if member.type == "enum_assignment" else None
        constant = None if value is None else _constant(value)
        if constant is None:
            continue
        # 0 and -0 are two values, though Python calls them equal
        key = repr(constant) if isinstance(constant, float) else f"s{constant}"
        if key in seen:
            yield Problem(span(member), data={"value": _shown(constant)})
        seen.add(key)


def _shown(constant: str | float) -> str:
    if isinstance(constant, float) and constant.is_integer():
        return str(int(constant))
    return str(constant)


def _constant(value: Node) -> str | float | None:
    """The string or number an initialiser stands for, if that can be read off."""
    from thea_hook.languages.strings import number_value

    signs = []
    value = unwrap(value)
    while value.type == "unary_expression" and operator(value) in ("-", "+"):
        signs.append(operator(value))
        argument = field(value, "argument")
        if argument is None:
            return None
        value = unwrap(argument)
    if value.type == "number":
        literal = text(value)
        constant: str | float | None = None if literal.endswith("n") else number_value(literal)
    else:
        constant = string_value(value)
    if constant is None or not signs:
        return constant
    number = _to_number(constant) if isinstance(constant, str) else constant
    return None if number is None else -number if signs.count("-") % 2 else number


def _to_number(string: str) -> float | None:
    from thea_hook.languages.strings import number_value

    stripped = string.strip()
    return 0.0 if not stripped else number_value(stripped)


# ------------------------------------------------------------------ no-this-alias


def no_this_alias(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-this-alias."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is None:
        return
    if parent.type == "variable_declarator":
        value, target = field(parent, "value"), field(parent, "name")
    elif parent.type in ("assignment_expression", "augmented_assignment_expression"):
        value, target = field(parent, "right"), field(parent, "left")
    else:
        return
    if value is None or target is None or unwrap(value).id != node.id:
        return
    target = unwrap(target)
    if target.type == "identifier":
        if text(target) not in context.options["allowedNames"]:
            edits = without_alias(parent, context) if parent.type == "variable_declarator" else ()
            yield Problem(_with_type(target, parent), data={"name": text(target)}, edits=edits)
    elif not context.options["allowDestructuring"]:
        yield Problem(_with_type(target, parent), message="members")


def _with_type(target: Node, declarator: Node) -> Span:
    annotation = field(declarator, "type") if declarator.type == "variable_declarator" else None
    return Span(target.start_byte, target.end_byte if annotation is None else annotation.end_byte)


# ------------------------------------------------------------------ no-unsafe-declaration-merging


def no_unsafe_declaration_merging(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-unsafe-declaration-merging."""
    name = field(node, "name")
    if name is None:
        return
    variable = context.scopes.variable_at(name)
    if variable is None or len(variable.definitions) < 2:
        return
    is_class = node.type in CLASSES
    for definition in variable.definitions:
        other = definition.node.type
        if other == "interface_declaration" if is_class else other in CLASSES:
            yield Problem(span(name), data={"name": text(name)}, related=(span(definition.name),))
            return


# ------------------------------------------------------------------ no-misused-new


def no_misused_new(signature: Node, _: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-misused-new."""
    body = signature.parent
    if body is None:
        return
    if signature.type == "construct_signature":
        is_misused = body.type == "interface_body" and _gives_own_type(signature, "type")
    else:
        name = field(signature, "name")
        written = name.text if name is not None and name.type == "property_identifier" else None
        if body.type == "class_body":
            is_misused = written == b"new" and _gives_own_type(signature, "return_type")
        else:
            is_misused = written == b"constructor" and body.type in ("interface_body", "object_type")
    if is_misused:
        yield Problem(Span(signature.start_byte, signature.end_byte))


def _gives_own_type(signature: Node, place: str) -> bool:
    """Whether a member gives the type around it, by its plain name or with type arguments."""
    owner = signature.parent and signature.parent.parent
    name = field(owner, "name") if owner is not None else None
    annotation = field(signature, place)
    if name is None or annotation is None or annotation.type != "type_annotation":
        return False
    for given in named(annotation):
        if given.type == "generic_type":
            given = field(given, "name") or given
        if given.type == "type_identifier" and given.text == name.text:
            return True
    return False
