"""Edits that take away a ``catch`` that only throws the error again."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.branches import has_comment
from thea_hook.languages.nodes import braces, field, remove
from thea_hook.ruleset.checks.dead_code import in_place
from thea_hook.ruleset.context import Context


def without_catch(clause: Node, context: Context) -> tuple[Edit, ...]:
    """Remove the ``catch`` of a ``try`` that has a ``finally``."""
    around = clause.parent
    body, finalizer = (field(around, name) for name in ("body", "finalizer")) if around is not None else (None, None)
    if body is None or finalizer is None or has_comment(clause):
        return ()
    where = Span(braces(body).end, finalizer.start_byte)
    return () if context.has_comment(where) else (remove(Span(where.start, clause.end_byte)),)


def unwrapped(statement: Node, clause: Node, context: Context) -> tuple[Edit, ...]:
    """Put the body of a ``try`` in its place."""
    body, handler = field(statement, "body"), field(clause, "body")
    if body is None or handler is None or has_comment(clause):
        return ()
    if context.has_comment(Span(braces(body).end, clause.start_byte)):
        return ()
    return in_place(statement, body, braces(handler).end, context)
