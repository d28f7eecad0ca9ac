"""Edits of whole statements, laid out as the text around them is: one after the other, taken away, split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thea_hook.core.source import Span
from thea_hook.languages.expressions import needs_semicolon_before
from thea_hook.languages.layout import newline
from thea_hook.languages.nodes import COMMENTS, named, remove, replace, span, text, token_after, whole_lines

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.ruleset.context import Context


_CONTINUING = tuple("([`/+-")


def margin_of(node: Node, context: Context) -> str | None:
    """The white space before a node that begins a line; None for another one."""
    start = context.text.rfind(b"\n", 0, node.start_byte) + 1
    margin = context.slice(start, node.start_byte)
    return None if margin.strip() else margin


def line_break(statement: Node, context: Context) -> str:
    """What ends this statement and begins one after it, which stands on a line of its own where this one does."""
    margin = margin_of(statement, context)
    if margin is None:
        return "; "
    end = ";" if text(statement).endswith(";") else ""
    return f"{end}{newline(context.text)}{margin}"


def has_comment_by(statement: Node, context: Context) -> bool:
    """Whether a comment stands in, right above or behind a statement, and probably is about it."""
    before = statement.prev_sibling
    if before is not None and before.type in COMMENTS and before.end_point.row + 1 >= statement.start_point.row:
        return True
    line_end = context.text.find(b"\n", statement.end_byte)
    return context.has_comment(Span(statement.start_byte, len(context.text) if line_end < 0 else line_end))


def without_statement(statement: Node, context: Context) -> Edit:
    """The edit that takes a statement away, with its lines, and with the empty line below where one stays above."""
    end = _end_of_code(statement)
    token = token_after(statement)
    if token is not None and end == statement.end_byte and _joins_lines(statement, token):
        gap = Span(statement.end_byte, token.start_byte)
        return replace(Span(statement.start_byte, gap.start if context.has_comment(gap) else gap.end), ";")
    where = whole_lines(context.text, Span(statement.start_byte, end))
    source, before = context.text, statement.prev_sibling
    if where.start == statement.start_byte and source[where.end - 1 : where.end] != b"\n":
        following = len(source[where.end :]) - len(source[where.end :].lstrip(b" "))
        end = where.end + following
        ends_line = source[end : end + 1] in (b"\r", b"\n")
        return remove(Span(len(source[: where.start].rstrip(b" \t")) if ends_line else where.start, end))
    above = source[: where.start].rstrip(b" \t\r\n")
    is_first = not above or (before is not None and before.type == "{")
    has_blank_above = is_first or source[len(above) : where.start].count(b"\n") > 1
    rest = source[where.end :]
    blank = len(rest) - len(rest.lstrip(b" \t\r"))
    is_blank_below = rest[blank : blank + 1] == b"\n"
    return remove(Span(where.start, where.end + blank + 1) if has_blank_above and is_blank_below else where)


def _end_of_code(statement: Node) -> int:
    """Where a statement ends, without a semicolon that stands at the beginning of the next one's line."""
    last = statement.children[-1] if statement.children else statement
    above = last.prev_sibling if last.type == ";" else None
    return span(statement).end if above is None or above.end_point.row == last.start_point.row else above.end_byte


def _joins_lines(statement: Node, following: Node) -> bool:
    """Whether the line above a statement would go on with what follows it."""
    goes_on = text(following)[:1] in _CONTINUING and text(following) not in ("++", "--")
    return goes_on and statement.type.endswith(("_declaration", "_statement")) and needs_semicolon_before(statement)


def without_declarator(declarator: Node, context: Context) -> tuple[Edit, ...]:
    """The edits that take a declarator away, or the declaration of which it is the only one."""
    declaration = declarator.parent
    if declaration is None:
        return ()
    declarators = named(declaration)
    if len(declarators) == 1:
        return (without_statement(declaration, context),)
    position = declarators.index(declarator)
    if position:
        return (remove(Span(declarators[position - 1].end_byte, declarator.end_byte)),)
    return (remove(Span(declarator.start_byte, declarators[1].start_byte)),)
