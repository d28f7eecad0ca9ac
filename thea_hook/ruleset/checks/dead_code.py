"""Edits that take away what is never run."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.branches import has_comment, removal, without_else
from thea_hook.languages.functions import argument, statements
from thea_hook.languages.layout import begins_line, is_removable, margin, unshifted, without
from thea_hook.languages.nodes import (
    CASES,
    STATEMENT_LISTS,
    braces,
    closing_token,
    descend,
    field,
    named,
    remove,
    same_tokens,
    statement_span,
)
from thea_hook.ruleset.context import Context

_MOST = 3
"""Lines: longer dead code is somebody's work, who should look at it."""

_DECLARATIONS = frozenset(
    {
        "class_declaration",
        "enum_declaration",
        "function_declaration",
        "generator_function_declaration",
        "lexical_declaration",
        "variable_declaration",
    }
)
_JUMPS = frozenset({"break_statement", "continue_statement", "return_statement", "throw_statement"})


def without_unreachable(where: Span, context: Context) -> tuple[Edit, ...]:
    """Remove the statements of a stretch of code that follows a jump."""
    found = _statements_at(where, context)
    if not found or found[-1].end_byte < where.end or not all(map(_declares_nothing, found)):
        return ()
    before = found[0].prev_named_sibling
    is_behind_jump = before is not None and before.type in _JUMPS and not _is_torn(before, found[0], context)
    if not is_behind_jump and any(one.type not in _JUMPS or argument(one) is not None for one in found):
        return ()
    whole = Span(found[0].start_byte, statement_span(found[-1]).end)
    if _is_long(whole, context) or any(map(has_comment, found)) or not all(map(is_removable, found)):
        return ()
    line_end = context.text.find(b"\n", whole.end)
    if line_end >= 0 and context.has_comment(Span(whole.end, line_end)):
        return ()
    return (without(whole, context.text),)


def _statements_at(where: Span, context: Context) -> list[Node]:
    """The statements beside each other that begin in a stretch of code."""
    node = context.module.root.descendant_for_byte_range(where.start, where.start)
    while node is not None and (node.parent is None or node.parent.type not in STATEMENT_LISTS):
        node = node.parent
    if node is None or node.parent is None or node.start_byte != where.start:
        return []
    return [one for one in statements(node.parent) if where.start <= one.start_byte < where.end]


def _declares_nothing(statement: Node) -> bool:
    return not any(node.type in _DECLARATIONS for node in descend(statement))


def _is_torn(jump: Node, following: Node, context: Context) -> bool:
    """Whether a line break after ``return`` may be what makes the code dead."""
    ends = context.text[jump.end_byte - 1 : jump.end_byte] == b";"
    return jump.type == "return_statement" and argument(jump) is None and not ends and following.type not in _JUMPS


def _is_long(where: Span, context: Context) -> bool:
    return context.text.count(b"\n", where.start, where.end) >= _MOST


def without_case(case: Node, twin: Node, context: Context) -> tuple[Edit, ...]:
    """Remove a case that another of the same value comes before; none where the code of the case can be reached."""
    body, before = statements(case), case.prev_named_sibling
    if before is None or before.type not in CASES or has_comment(case):
        return ()
    if body:
        above = statements(before)
        while above and above[-1].type == "statement_block":
            above = named(above[-1])
        if not above or above[-1].type not in _JUMPS or not all(map(_declares_nothing, body)):
            return ()
    elif before != twin and not _is_in_group(case, twin):
        return ()
    where = Span(case.start_byte, closing_token(case).end_byte)
    return () if _is_long(where, context) else (without(where, context.text),)


def _is_in_group(case: Node, twin: Node) -> bool:
    """Whether two labels are of the same code, with nothing but labels between."""
    current = case.prev_named_sibling
    while current is not None and current.type in CASES and not statements(current):
        if current == twin:
            return True
        current = current.prev_named_sibling
    return False


def has_same_code(case: Node, twin: Node) -> bool:
    one, other = statements(case), statements(twin)
    return len(one) == len(other) and all(map(same_tokens, one, other))


def without_else_if(branch: Node, context: Context) -> tuple[Edit, ...]:
    """Remove an ``else if`` whose condition never holds when it is asked; what follows it stays."""
    clause, rest = branch.parent, field(branch, "alternative")
    if clause is None or clause.type != "else_clause" or has_comment(branch):
        return ()
    if rest is None:
        where = Span(branch.start_byte, closing_token(branch).end_byte)
        return () if _is_long(where, context) else without_else(clause)
    where = Span(clause.start_byte, rest.start_byte)
    return () if _is_long(where, context) else (remove(where),)


def without_branch_of(statement: Node, holds: bool, context: Context) -> tuple[Edit, ...]:
    """Leave of an ``if`` what its condition, which is known, lets run."""
    yes, clause = field(statement, "consequence"), field(statement, "alternative")
    otherwise = named(clause)[0] if clause is not None and named(clause) else None
    kept, dead = (yes, otherwise) if holds else (otherwise, yes)
    if yes is None or (dead is not None and not _is_dispensable(dead, context)):
        return ()
    if kept is None:
        return removal(statement, context.text) if not has_comment(statement) else ()
    if kept.type != "statement_block":
        return ()
    end = statement_span(statement).end
    if any(map(context.has_comment, (Span(statement.start_byte, kept.start_byte), Span(kept.end_byte, end)))):
        return ()
    return in_place(statement, kept, closing_token(statement).end_byte, context)


def _is_dispensable(dead: Node, context: Context) -> bool:
    where = Span(dead.start_byte, closing_token(dead).end_byte)
    return not _is_long(where, context) and not has_comment(dead) and _declares_nothing(dead)


def in_place(statement: Node, block: Node, end: int, context: Context) -> tuple[Edit, ...]:
    """Put what is in a block in place of the statement around it, which ends at ``end``; none where its declarations
    would be seen outside."""
    parent, source, inside = statement.parent, context.text, named(block)
    if parent is None or parent.type not in STATEMENT_LISTS or not inside:
        return ()
    if any(one.type in _DECLARATIONS and one.type != "variable_declaration" for one in inside):
        return ()
    comments = context.comments_in(braces(block))
    first = min([inside[0].start_byte, *(one.start_byte for one in comments)])
    last = max([statement_span(inside[-1]).end, *(one.end_byte for one in comments)])
    if source[last - 1 : last] not in (b";", b"}"):
        return ()
    outer, inner = margin(source, statement.start_byte), margin(source, first)
    edits = [remove(Span(statement.start_byte, first))]
    if begins_line(source, first) and inner.startswith(outer):
        edits += unshifted(block, Span(first, last), inner[len(outer) :], source)
    return (*edits, remove(Span(last, end)))
