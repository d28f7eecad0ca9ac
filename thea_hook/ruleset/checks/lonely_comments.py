"""``else { /* why */ if (a) {} }`` as an ``else if``, whose branch then says why."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.layout import margin, newline
from thea_hook.languages.nodes import braces, child_token, descend, field, named, replace, statement_span, text
from thea_hook.ruleset.context import Context

_LITERALS = frozenset({"template_string", "string"})


def with_comments_inside(node: Node, block: Node, clause: Node, context: Context) -> tuple[Edit, ...]:
    """The edit that makes the only ``if`` of an ``else`` an ``else if``, with the comments before it in its branch.

    None where it has an ``else`` itself, which the comments would not be about, or where lines cannot be moved.
    """
    where, body, keyword = braces(block), field(node, "consequence"), child_token(clause, "else")
    inner = statement_span(node)
    comments = context.comments_in(Span(where.start, node.start_byte))
    if keyword is None or body is None or body.type != "statement_block" or field(node, "alternative") is not None:
        return ()
    if not comments or context.slice(inner.end, where.end - 1).strip() or keyword.end_byte > where.start:
        return ()
    if context.has_comment(Span(keyword.end_byte, where.start)) or any(
        part.type in _LITERALS and b"\n" in (part.text or b"") for part in descend(node)
    ):
        return ()
    source = context.text
    outer, lead = margin(source, keyword.start_byte), margin(source, node.start_byte)
    code = context.slice(node.start_byte, inner.end)
    head, break_, rest = code.partition(newline(source))
    is_opened = node.start_point.row == body.start_point.row and body.end_point.row > body.start_point.row
    if not lead.startswith(outer) or len(lead) == len(outer) or not named(body) or not is_opened:
        return ()
    deep = margin(source, named(body)[0].start_byte)
    step = deep[len(lead) :] if deep.startswith(lead) else lead[len(outer) :]
    lines = [outer + line[len(lead) :] if line.startswith(lead) else line for line in rest.split(break_)]
    said = [f"{outer}{step}{text(comment)}" for comment in comments]
    return (replace(where, break_.join([head, *said, *lines])),)
