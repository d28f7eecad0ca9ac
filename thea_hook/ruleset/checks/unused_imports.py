"""Edits that remove an unused name of an import, and with the last one the import."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.nodes import (
    COMMENTS,
    between,
    child_token,
    named,
    remove,
    span,
    token_after,
    token_before,
    whole_lines,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Variable
    from thea_hook.ruleset.context import Context


def _specifiers(clause: Node) -> list[Node]:
    imports = child_token(clause, "named_imports")
    return [] if imports is None else [child for child in named(imports) if child.type == "import_specifier"]


def _default_of(clause: Node) -> Node | None:
    return child_token(clause, "identifier")


def remove_default_import(name: Node, clause: Node, statement: Node) -> Span | None:
    if not _specifiers(clause) and child_token(clause, "namespace_import") is None:
        return span(statement)
    return with_next_token(name)


def remove_namespace(namespace: Node, clause: Node) -> Span | None:
    if _default_of(clause) is not None:
        return with_previous_token(namespace)
    return None if clause.parent is None else span(clause.parent)


def remove_specifier(specifier: Node) -> Span | None:
    imports = specifier.parent
    clause = None if imports is None else imports.parent
    if imports is None or clause is None or clause.parent is None:
        return None
    before, after = token_before(specifier), token_after(specifier)
    if before is None or after is None:
        return None
    if len(_specifiers(clause)) == 1:
        comma = token_before(imports)
        if _default_of(clause) is None or comma is None:
            return span(clause.parent)
        return between(comma, after)
    return with_next_token(specifier) if before.type == "{" else between(before, specifier)


def import_removal(variable: Variable, context: Context, unused: Collection[Variable]) -> tuple[Edit, ...]:
    """Source: the suggestion of typescript-eslint no-unused-vars, for a name that an import declares once.

    ``unused`` are the variables reported so far: the last of a statement removes the statement.
    """
    definition = variable.definitions[0]
    statement, node = definition.parent, definition.node
    if len(variable.definitions) != 1 or statement is None or definition.kind not in ("import", "import-type"):
        return ()
    siblings = context.scopes.declared(statement)
    if node.type in ("import_require_clause", "import_alias", "namespace_import") or set(siblings) <= set(unused):
        return (remove(whole_lines(context.text, span(statement))),)
    if node.type == "import_clause":
        return (remove(with_next_token(definition.name)),)
    used = [s for s in siblings if s not in unused and s.definitions[0].node.type == "import_specifier"]
    imports = node.parent
    if imports is None:
        return ()
    if not used:
        return (remove(with_previous_token(imports)),)
    before = token_before(node)
    has_comma = before is not None and before.type == ","
    return (remove(with_previous_token(node) if has_comma else with_next_token(node)),)


def with_next_token(node: Node) -> Span:
    """A node with the comma behind it, and the blank that would be left."""
    comma = token_after(node)
    if comma is None:
        return span(node)
    following, beside = token_after(comma), comma.next_sibling
    if following is None or following.start_point.row > comma.end_point.row:
        return between(node, comma)
    if beside is not None and beside.type in COMMENTS:
        return between(node, comma)
    return Span(node.start_byte, following.start_byte)


def with_previous_token(node: Node) -> Span:
    before = token_before(node)
    return span(node) if before is None else between(before, node)
