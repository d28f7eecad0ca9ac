"""What is left of a statement when a part of it goes: an ``if`` without its ``else``, a block without its last line."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import UNARY, is_unary, precedence
from thea_hook.languages.layout import is_removable, without
from thea_hook.languages.nodes import (
    CASES,
    COMMENTS,
    STATEMENT_LISTS,
    closing_token,
    descend,
    field,
    named,
    operator,
    remove,
    replace,
    statement_span,
    text,
    token_after,
    token_before,
    unwrap,
)
from thea_hook.languages.purity import is_pure

_OPPOSITE = {"==": "!=", "!=": "==", "===": "!==", "!==": "==="}


def removal(statement: Node, source: bytes) -> tuple[Edit, ...]:
    """The edits that remove a statement with the branch that has nothing else; none where a comment or an empty block
    would be left, or a condition would no longer be asked that may do something."""
    parent = statement.parent
    if parent is None:
        return ()
    if parent.type not in STATEMENT_LISTS:
        return without_branch(statement, source)
    if parent.type in CASES or parent.type == "program" or len(named(parent)) > 1:
        return (without(statement_span(statement), source),) if is_removable(statement) else ()
    if any(child.type in COMMENTS for child in parent.children):
        return ()
    return without_branch(parent, source)


def without_branch(branch: Node, source: bytes) -> tuple[Edit, ...]:
    """The same for the only thing that an ``if`` does, or an ``else``."""
    owner = branch.parent
    if owner is None or has_comment(branch):
        return ()
    if owner.type == "else_clause":
        return without_else(owner)
    test = field(owner, "condition")
    if owner.type != "if_statement" or test is None or field(owner, "consequence") != branch:
        return ()
    if field(owner, "alternative") is not None:
        return only_else(owner, source)
    if not is_pure(test) or has_comment(test):
        return ()
    around = owner.parent
    return without_else(around) if around is not None and around.type == "else_clause" else removal(owner, source)


def has_comment(node: Node) -> bool:
    return any(part.type in COMMENTS for part in descend(node))


def without_else(clause: Node) -> tuple[Edit, ...]:
    """Remove an ``else`` and what it does."""
    before, last = token_before(clause), closing_token(clause)
    following = token_after(last)
    owner = clause.parent
    kept = field(owner, "consequence") if owner is not None else None
    if before is None or kept is None or (following is not None and following.type == "else"):
        return ()
    if any(child.type in COMMENTS for child in [*clause.children, *(owner.children if owner else ())]):
        return ()
    return (remove(Span(before.end_byte, last.end_byte)),)


def only_else(statement: Node, source: bytes) -> tuple[Edit, ...]:
    """``if (!a) { c; }`` for ``if (a) { b; } else { c; }``; nothing where another ``if`` follows the ``else``."""
    test, clause, branch = (field(statement, name) for name in ("condition", "alternative", "consequence"))
    body = named(clause)[0] if clause is not None and named(clause) else None
    if test is None or branch is None or body is None or body.type != "statement_block":
        return ()
    if any(child.type in COMMENTS for node in (statement, clause, branch) if node for child in node.children):
        return ()
    return (
        replace(test, f"({negated(unwrap(test))})"),
        replace(Span(branch.start_byte, body.start_byte), ""),
    )


def negated(test: Node) -> str:
    """The opposite of a condition."""
    if is_unary(test, "!"):
        argument = field(test, "argument")
        return text(unwrap(argument)) if argument is not None else text(test)
    sign, left, right = field(test, "operator"), field(test, "left"), field(test, "right")
    if test.type == "binary_expression" and sign and left and right and operator(test) in _OPPOSITE:
        start = test.start_byte
        source = test.text or b""
        new = source[: sign.start_byte - start] + _OPPOSITE[text(sign)].encode() + source[sign.end_byte - start :]
        return new.decode("utf-8", "surrogateescape")
    return f"!({text(test)})" if precedence(test) < UNARY else f"!{text(test)}"
