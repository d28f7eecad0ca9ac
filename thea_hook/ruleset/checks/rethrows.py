"""Edits that take away a ``catch`` that only throws the error again."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.branches import has_comment
from thea_hook.languages.layout import begins_line, margin, unshifted
from thea_hook.languages.nodes import STATEMENT_LISTS, braces, field, named, remove, statement_span
from thea_hook.ruleset.context import Context

_DECLARATIONS = frozenset(
    {"class_declaration", "function_declaration", "generator_function_declaration", "lexical_declaration"}
)


def without_catch(clause: Node, context: Context) -> tuple[Edit, ...]:
    """Remove the ``catch`` of a ``try`` that has a ``finally``."""
    around = clause.parent
    body, finalizer = (field(around, name) for name in ("body", "finalizer")) if around is not None else (None, None)
    if body is None or finalizer is None or has_comment(clause):
        return ()
    where = Span(braces(body).end, finalizer.start_byte)
    return () if context.has_comment(where) else (remove(Span(where.start, clause.end_byte)),)


def unwrapped(statement: Node, clause: Node, context: Context) -> tuple[Edit, ...]:
    """Put the body of a ``try`` in its place; none where its declarations would be seen outside."""
    body, parent, source = field(statement, "body"), statement.parent, context.text
    inside = named(body) if body is not None else []
    if body is None or parent is None or parent.type not in STATEMENT_LISTS or not inside or has_comment(clause):
        return ()
    if any(one.type in _DECLARATIONS for one in inside):
        return ()
    whole = braces(body)
    comments = context.comments_in(whole)
    first = min([inside[0].start_byte, *(one.start_byte for one in comments)])
    last = max([statement_span(inside[-1]).end, *(one.end_byte for one in comments)])
    end = braces(field(clause, "body") or clause).end
    outer, inner = margin(source, statement.start_byte), margin(source, first)
    if context.has_comment(Span(whole.end, clause.start_byte)) or source[last - 1 : last] not in (b";", b"}"):
        return ()
    edits = [remove(Span(statement.start_byte, first))]
    if begins_line(source, first) and inner.startswith(outer):
        edits += unshifted(body, Span(first, last), inner[len(outer) :], source)
    return (*edits, remove(Span(last, end)))
