"""Edits of a ``switch``: a ``break`` that is missing, a ``default`` behind the other cases."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.functions import statements
from thea_hook.languages.layout import begins_line, ends_with_semicolons, margin, newline
from thea_hook.languages.nodes import child_token, closing_token, insert, named, remove
from thea_hook.ruleset.context import Context

_JUMPS = frozenset({"break_statement", "continue_statement", "return_statement", "throw_statement"})


def ends_with_jump(case: Node) -> bool:
    body = statements(case)
    while body and body[-1].type == "statement_block":
        body = named(body[-1])
    return bool(body) and body[-1].type in _JUMPS


def with_break(case: Node, context: Context) -> tuple[Edit, ...]:
    """``break`` behind the last statement of a case."""
    body = statements(case)
    while len(body) == 1 and body[0].type == "statement_block":
        body = named(body[0])
    if not body:
        return ()
    last, source = body[-1], context.text
    end = closing_token(last).end_byte
    semicolon = ";" if ends_with_semicolons(source) else ""
    if begins_line(source, last.start_byte):
        rest = source[end : source.find(b"\n", end)]
        if rest.strip():
            return ()
        return (insert(end, f"{newline(source)}{margin(source, last.start_byte)}break{semicolon}"),)
    return (insert(end, f" break{semicolon}"),) if source[end - 1 : end] in (b";", b"}") else ()


def with_default_last(switch_body: Node, default: Node, cases: list[Node], context: Context) -> tuple[Edit, ...]:
    """Move ``default`` to the end; none where it runs into another case or another one into it, or comments stand
    between that may be about either."""
    index, source = cases.index(default), context.text
    following, last, closing = cases[index + 1], cases[-1], child_token(switch_body, "}")
    others = [default, *cases[index - 1 : index]] if index else [default]
    if closing is None or not all(map(ends_with_jump, others)) or not statements(last):
        return ()
    edges = (default.start_byte, following.start_byte, last.start_byte, closing.start_byte)
    if not all(begins_line(source, edge) for edge in edges):
        return ()
    gaps = [Span(closing_token(default).end_byte, following.start_byte)]
    gaps.append(Span(closing_token(last).end_byte, closing.start_byte))
    if index:
        gaps.append(Span(closing_token(cases[index - 1]).end_byte, default.start_byte))
    if any(map(context.has_comment, gaps)):
        return ()
    start, end, target = (_line_start(source, edge) for edge in (edges[0], edges[1], edges[3]))
    ending = () if ends_with_jump(last) else with_break(last, context)
    if not ending and not ends_with_jump(last):
        return ()
    moved = context.slice(start, end).rstrip() + newline(source)
    return (remove(Span(start, end)), *ending, insert(target, moved))


def _line_start(source: bytes, offset: int) -> int:
    return source.rfind(b"\n", 0, offset) + 1
