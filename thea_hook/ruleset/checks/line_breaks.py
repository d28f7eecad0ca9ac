"""Line breaks that do not end a statement though they look like it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.source import Span
from thea_hook.languages.expressions import is_optional
from thea_hook.languages.nodes import child_token, field, operator, text, token_after, token_before
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# A token that can continue the expression of an earlier line: after a line break, or after a comment with one in it.
_CANDIDATE = re.compile(rb"(?:\n|\*/)[ \t\r\f\v]*([(\[`/])")
_OPEN = tuple(b"%c" % character for character in b",;([{=:&|?<!")
_FLAGS = re.compile(r"[dgimsuvy]+")


def no_unexpected_multiline(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unexpected-multiline.

    Few lines begin with such a token, so the text is searched for them instead of looking at every call.
    """
    for match in _CANDIDATE.finditer(context.text):
        start = match.start(1)
        if _leaves_open(context.text, match.start()):
            continue
        token = node.descendant_for_byte_range(start, start + 1)
        if token is None or token.start_byte != start or token.parent is None:
            continue
        message = _continues(token, token.parent)
        before = token_before(token) if message else None
        if before is not None and before.end_point.row != token.start_point.row:
            yield Problem(Span(start, start + 1), message=message)


def _leaves_open(source: bytes, end: int) -> bool:
    """Whether the line that ends here ends with an operator or an opening bracket, so that no statement can end."""
    line = source[source.rfind(b"\n", 0, end) + 1 : end].rstrip()
    return line.endswith(_OPEN) and b"//" not in line and b"*" not in line


def _continues(token: Node, parent: Node) -> str:
    """What the token makes of the line before: the name of a message, or nothing."""
    owner = parent.parent
    before = token.prev_sibling or parent.prev_sibling
    if before is not None and before.type == "arrow_function":
        return ""  # the grammar reads on, but an arrow function ends a statement
    if token.type == "[":
        return "property" if parent.type == "subscript_expression" and not is_optional(parent) else ""
    if token.type == "(":
        is_call = parent.type == "arguments" and owner is not None and owner.type == "call_expression"
        if not is_call or owner is None or is_optional(owner) or child_token(owner, "type_arguments"):
            return ""
        return "call" if any(child.is_named and child.type != "comment" for child in parent.children) else ""
    if token.type == "`":
        is_tag = parent.type == "template_string" and owner is not None and owner.type == "call_expression"
        return "template" if is_tag and parent.start_byte == token.start_byte else ""
    if token.type == "/" and parent.type == "binary_expression" and owner is not None:
        return "division" if _reads_like_regex(parent, owner) else ""
    return ""


def _reads_like_regex(inner: Node, outer: Node) -> bool:
    """Whether ``a / b / c`` looks as if the part after ``a`` were a regular expression with flags."""
    left, slash = field(outer, "left"), field(outer, "operator")
    if outer.type != "binary_expression" or operator(outer) != "/" or slash is None:
        return False
    flags = token_after(slash)
    return (
        left is not None
        and left.id == inner.id
        and flags is not None
        and flags.type == "identifier"
        and flags.start_byte == slash.end_byte
        and _FLAGS.fullmatch(text(flags)) is not None
    )
