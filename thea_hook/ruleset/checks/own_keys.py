"""The rule about ``for...in`` loops that meet inherited properties."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import IDENTIFIERS
from thea_hook.languages.layout import begins_line, indentation, margin, newline, shifted
from thea_hook.languages.nodes import (
    braces,
    closing_token,
    field,
    insert,
    named,
    replace,
    statement_span,
    text,
    token_before,
    unwrap,
)
from thea_hook.languages.purity import changes, is_settled
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# Host objects, nearly all of whose properties are inherited, and what the names of such objects end with.
_HOST = re.compile(
    r"(?:^|\.)(?:window|document|navigator|location|screen|performance|style|event|globalThis|e|ev|evt)$"
)
# Syntax of the same year as `Object.hasOwn`, or the call itself.
_HAS_OWN = re.compile(rb"\bObject\.hasOwn\(|(?:\?\?|\|\||&&)=|\bthis\.#\w|\.at\(-")


def guard_for_in(loop: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint guard-for-in."""
    kind, body = field(loop, "operator"), field(loop, "body")
    if kind is None or kind.type != "in" or body is None or _is_guarded(body):
        return
    where = statement_span(loop)
    yield Problem(where, edits=_guarded(loop, body, context))


def _is_guarded(body: Node) -> bool:
    if body.type != "statement_block":
        return body.type in ("empty_statement", "if_statement")
    statements = named(body)
    first = statements[0] if statements else None
    if first is None:
        return True
    if first.type != "if_statement":
        return False
    if len(statements) == 1:
        return True
    branch = field(first, "consequence")
    if branch is not None and branch.type == "statement_block" and len(named(branch)) == 1:
        branch = named(branch)[0]
    return branch is not None and branch.type == "continue_statement"


def _guarded(loop: Node, body: Node, context: Context) -> tuple[Edit, ...]:
    key, owner = field(loop, "left"), field(loop, "right")
    if key is None or owner is None or key.type not in IDENTIFIERS:
        return ()
    owner = unwrap(owner)
    if not is_settled(owner) or _HOST.search(text(owner)) or _is_changed(owner, body) or changes(body, key.text or b""):
        return ()
    own = context.scopes.lookup("Object", loop)
    if own is not None and own.definitions:
        return ()
    has_own = "Object.hasOwn" if _HAS_OWN.search(context.text) else "Object.prototype.hasOwnProperty.call"
    test = f"if ({has_own}({text(owner)}, {text(key)})) {{"
    return _in_block(body, test, context) if body.type == "statement_block" else _as_block(loop, body, test, context)


def _is_changed(owner: Node, body: Node) -> bool:
    """Whether the body assigns a variable that is a part of what the loop is about."""
    while owner.type not in ("identifier", "this", "super"):
        owner = unwrap(owner.children[0])
    return changes(body, owner.text or b"")


def _in_block(body: Node, test: str, context: Context) -> tuple[Edit, ...]:
    """All that is in the block in an ``if``."""
    source, where = context.text, braces(body)
    first, last = body.children[1], named(body)[-1]
    end = max([statement_span(last).end, *(comment.end_byte for comment in context.comments_in(where))])
    if not begins_line(source, first.start_byte) or not begins_line(source, where.end - 1):
        if b"\n" in source[where.start : where.end]:
            return ()
        return (insert(first.start_byte, f"{test} "), insert(end, " }"))
    step, lead = indentation(source), margin(source, first.start_byte)
    break_ = newline(source)
    inner = Span(first.start_byte, end)
    return (
        insert(first.start_byte, f"{test}{break_}{lead}{step}"),
        *shifted(body, inner, step, source),
        insert(end, f"{break_}{lead}}}"),
    )


def _as_block(loop: Node, body: Node, test: str, context: Context) -> tuple[Edit, ...]:
    """A body without braces, in braces and in an ``if``."""
    source, before = context.text, token_before(body)
    end = closing_token(body).end_byte
    if before is None or context.has_comment(Span(before.end_byte, body.start_byte)):
        return ()
    if b"\n" in source[body.start_byte : end] or not begins_line(source, loop.start_byte):
        return ()
    step, lead, break_ = indentation(source), margin(source, loop.start_byte), newline(source)
    return (
        replace(Span(before.end_byte, body.start_byte), f" {{{break_}{lead}{step}{test}{break_}{lead}{step * 2}"),
        insert(end, f"{break_}{lead}{step}}}{break_}{lead}}}"),
    )
