"""Statements in the wrong place, or that only help while debugging."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.source import Span
from thea_hook.languages.nodes import STATEMENT_LISTS, insert, remove, span, statement_span, whole_lines
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_LEXICAL = frozenset(
    {
        "lexical_declaration",
        "using_declaration",
        "function_declaration",
        "generator_function_declaration",
        "class_declaration",
    }
)


def no_debugger(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-debugger."""
    parent = node.parent
    in_list = parent is not None and parent.type in STATEMENT_LISTS
    yield Problem(span(node), edits=(remove(whole_lines(context.text, span(node))),) if in_list else ())


def no_case_declarations(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-case-declarations."""
    statements = [child for child in node.children_by_field_name("body") if child.type != "comment"]
    found = [statement for statement in statements if statement.type in _LEXICAL]
    if not found:
        return
    where = Span(statements[0].start_byte, statement_span(statements[-1]).end)
    stays = all(_stays_inside(statement, where, context) for statement in found)
    edits = (insert(where.start, "{ "), insert(where.end, " }")) if stays else ()
    for statement in found:
        yield Problem(statement_span(statement), edits=edits)


def _stays_inside(declaration: Node, where: Span, context: Context) -> bool:
    """Whether nothing outside a stretch of code uses what is declared."""
    return all(
        where.start <= reference.start < where.end
        for variable in context.scopes.declared(declaration)
        for reference in variable.references
    )


def no_sparse_arrays(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-sparse-arrays."""
    previous = ""
    for child in node.children:
        kind = child.type
        if kind == "," and previous in ("[", ","):
            gap = " " if context.text[child.start_byte - 1 : child.start_byte] == b"," else ""
            is_shadowed = context.scopes.lookup("undefined", node) is not None
            yield Problem(span(child), edits=() if is_shadowed else (insert(child.start_byte, f"{gap}undefined"),))
        if kind != "comment":
            previous = kind
