"""Edits of whole members of classes, with the comments that are about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.functions import FIELDS
from thea_hook.languages.nodes import COMMENTS, field, insert, remove, text, token_after, token_before

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context


def remove_member(member: Node, context: Context) -> Iterator[Edit]:
    """The edits that take a member out of its class, with the comments right above and behind it.

    Follows ESLint's suggestion, which also decides which line breaks go.
    """
    member_span = _with_semicolon(member)
    previous = token_before(member)
    following = _token_after_member(member)
    if previous is None or following is None:
        return
    yield remove(_removal(member, member_span, previous, following, context))
    if joins_lines(member, following):
        yield insert(previous.end_byte, ";")


def _with_semicolon(member: Node) -> Span:
    """A field with the semicolon behind it, which the grammar keeps apart."""
    following = member.next_sibling
    end = following.end_byte if member.type in FIELDS and following is not None and following.type == ";" else None
    return Span(member.start_byte, end or member.end_byte)


def _token_after_member(member: Node) -> Node | None:
    following = token_after(member)
    if following is not None and following.type == ";" and member.type in FIELDS:
        return token_after(following)
    return following


def joins_lines(member: Node, following: Node) -> bool:
    """Whether without the member the next one would continue the field before."""
    if following.type not in ("[", "*") and text(following) not in ("in", "instanceof"):
        return False
    before = member.prev_named_sibling
    while before is not None and before.type in COMMENTS:
        before = before.prev_named_sibling
    if before is None or before.type not in FIELDS or field(before, "value") is None:
        return False
    last = token_before(member)
    return last is not None and last.type != ";"


def _removal(member: Node, where: Span, previous: Node, following: Node, context: Context) -> Span:
    text_ = context.text
    first_row, last_row = member.start_point.row, _row(text_, where.end, member)
    shares_line = previous.end_point.row == first_row or following.start_point.row == last_row
    leading = [] if shares_line else comments_above(member)
    between = context.comments_in(Span(where.end, following.start_byte))
    trailing = [] if shares_line else [comment for comment in between if comment.start_point.row == last_row]
    end = trailing[-1].end_byte if trailing else where.end
    end_row = trailing[-1].end_point.row if trailing else last_row
    rest = [comment for comment in between if comment.start_byte >= end]
    next_token = rest[0] if rest else following
    is_last_on_line = next_token.start_point.row > end_row
    if leading:
        start = leading[0]
        if is_last_on_line:
            return Span(_line_start(text_, start.start_byte), _line_start(text_, next_token.start_byte))
        return Span(start.start_byte, next_token.start_byte)
    if _starts_own_line(member) and is_last_on_line:
        return Span(_line_start(text_, where.start), _line_start(text_, next_token.start_byte))
    if previous.end_point.row == first_row:
        return Span(previous.end_byte, end)
    if following.start_point.row == end_row:
        return Span(where.start, next_token.start_byte)
    return Span(where.start, end)


def _row(source: bytes, end: int, member: Node) -> int:
    return member.end_point.row + source[member.end_byte : end].count(b"\n")


def _line_start(source: bytes, offset: int) -> int:
    return source.rfind(b"\n", 0, offset) + 1


def _starts_own_line(node: Node) -> bool:
    before = node.prev_sibling
    return before is not None and before.end_point.row != node.start_point.row


def comments_above(member: Node) -> list[Node]:
    """The comments above a member that have no empty line between them and it."""
    found: list[Node] = []
    below = member
    comment = member.prev_sibling
    while comment is not None and comment.type in COMMENTS:
        if not _starts_own_line(comment) or below.start_point.row - comment.end_point.row > 1:
            break
        found.append(comment)
        below, comment = comment, comment.prev_sibling
    return found[::-1]
