"""Labels that nothing needs."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import is_static_template
from thea_hook.languages.grammars import query
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LOOPS,
    ancestors,
    field,
    first_token,
    named,
    remove,
    span,
    text,
    token_before,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_BREAKABLE = LOOPS | {"switch_statement"}
_JUMPS = "(break_statement label: (_) @label) (continue_statement label: (_) @label)"


def no_unused_labels(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unused-labels."""
    from tree_sitter import QueryCursor

    if node.type == "object":
        yield from _label_in_block(node, context)
        return
    label, body = field(node, "label"), field(node, "body")
    if label is None or body is None:
        return
    jumps = QueryCursor(query(context.module.language, _JUMPS)).captures(body).get("label", ())
    if all(jump.text != label.text for jump in jumps):
        yield Problem(span(label), {"name": text(label)}, edits=_without_label(node, label, body, context))


def _label_in_block(node: Node, context: Context) -> Iterator[Problem]:
    """The label in ``{ a: b }`` where a statement stands: the grammar reads the block as an object."""
    parent, pairs = node.parent, named(node)
    if parent is None or parent.type != "expression_statement" or len(pairs) != 1 or pairs[0].type != "pair":
        return
    label, value = field(pairs[0], "key"), field(pairs[0], "value")
    if label is None or value is None or label.type != "property_identifier":
        return
    where = Span(label.start_byte, value.start_byte)
    edits = () if context.has_comment(where) else (remove(where),)
    yield Problem(span(label), {"name": text(label)}, edits=edits)


def _without_label(node: Node, label: Node, body: Node, context: Context) -> tuple[Edit, ...]:
    if context.has_comment(Span(label.end_byte, body.start_byte)) or _would_be_directive(node, body):
        return ()
    before = token_before(node)
    continues = text(first_token(body)).startswith(("(", "[", "-", "+", "/", "`"))
    if continues and before is not None and before.type not in (":", ";", "{"):
        return ()
    return (remove(Span(node.start_byte, body.start_byte)),)


def _would_be_directive(node: Node, body: Node) -> bool:
    """Whether the labelled statement is a string where a directive can stand."""
    inner = named(body)
    if body.type != "expression_statement" or not inner:
        return False
    if inner[0].type != "string" and not is_static_template(inner[0]):
        return False
    around = next((ancestor for ancestor in ancestors(node) if ancestor.type != "labeled_statement"), None)
    if around is None or around.type == "program":
        return True
    owner = around.parent
    return around.type == "statement_block" and owner is not None and owner.type in FUNCTIONS


def no_extra_label(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-extra-label."""
    label = field(node, "label")
    if label is None:
        return
    for ancestor in ancestors(node):
        kind = ancestor.type
        if kind in _BREAKABLE:
            if _label_of(ancestor) == label.text:
                yield Problem(span(label), {"name": text(label)}, edits=_without_name(node, label, context))
            return
        if kind in FUNCTIONS or (kind == "labeled_statement" and _has_label(ancestor, label)):
            return


def _label_of(statement: Node) -> bytes | None:
    parent = statement.parent
    label = field(parent, "label") if parent is not None and parent.type == "labeled_statement" else None
    return label.text if label is not None else None


def _has_label(statement: Node, label: Node) -> bool:
    own, body = field(statement, "label"), field(statement, "body")
    return own is not None and own.text == label.text and body is not None and body.type not in _BREAKABLE


def _without_name(jump: Node, label: Node, context: Context) -> tuple[Edit, ...]:
    where = Span(first_token(jump).end_byte, label.end_byte)
    return () if context.has_comment(where) else (remove(where),)
