"""Braces and branches: ``curly``, ``else`` that is not needed, semicolons that are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import can_be_adjacent
from thea_hook.languages.nodes import (
    FUNCTIONS,
    STATEMENT_LISTS,
    braces,
    child_token,
    closing_token,
    field,
    first_token,
    named,
    remove,
    replace,
    span,
    statement_span,
    text,
    token_after,
    token_before,
)
from thea_hook.ruleset.checks.lonely_comments import with_comments_inside
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_CONTINUES = re.compile(r"[(\[/+`-]")
_LEXICAL = frozenset(
    {
        "lexical_declaration",
        "using_declaration",
        "class_declaration",
        "abstract_class_declaration",
        "function_declaration",
        "generator_function_declaration",
        "interface_declaration",
        "type_alias_declaration",
        "enum_declaration",
    }
)

# ------------------------------------------------------------------ statements and their neighbours


def _following(statement: Node) -> Node | None:
    """The token after a statement."""
    return token_after(closing_token(statement))


def _line(node: Node) -> int:
    return node.start_point.row


def _last_row(token: Node) -> int:
    return token.end_point.row


def _else_branch(statement: Node) -> Node | None:
    """The statement after ``else``."""
    clause = field(statement, "alternative")
    inner = named(clause) if clause is not None else []
    return inner[0] if inner else None


def _needs_braces(block: Node) -> bool:
    """Whether the only statement of a block changes its meaning without the block around it."""
    statement = named(block)[0]
    if statement.type in _LEXICAL:
        return True
    return _ends_with_open_if(statement) and (token := _following(block)) is not None and token.type == "else"


def _ends_with_open_if(statement: Node) -> bool:
    """Whether an ``else`` put after the statement would belong to an ``if`` in it."""
    current: Node | None = statement
    while current is not None:
        kind = current.type
        if kind == "if_statement":
            otherwise = _else_branch(current)
            if otherwise is None:
                return True
            current = otherwise
        elif kind in ("for_statement", "for_in_statement", "while_statement", "with_statement", "labeled_statement"):
            current = field(current, "body")
        else:
            return False
    return False


# ------------------------------------------------------------------ curly


@dataclass(slots=True)
class _Body:
    """The body of a control statement, and whether it is to be a block: None where either is fine."""

    node: Node
    after: str
    is_block: bool
    wanted: bool | None


def curly(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint curly."""
    mode = context.options["mode"]
    if node.type != "if_statement":
        body = field(node, "body")
        if body is not None:
            yield from _judge([_body(body, _name(node), mode)], context)
        return
    parent = node.parent
    if parent is not None and parent.type == "else_clause":
        return
    bodies: list[_Body] = []
    branch: Node | None = node
    while branch is not None:
        if branch.type != "if_statement":
            bodies.append(_body(branch, "else", mode))
            break
        body = field(branch, "consequence")
        if body is not None:
            bodies.append(_body(body, "if", mode))
        branch = _else_branch(branch)
    if context.options["consistent"] and mode != "all":
        wanted = any(body.is_block if body.wanted is None else body.wanted for body in bodies)
        for each in bodies:
            each.wanted = wanted
    yield from _judge(bodies, context)


def _name(loop: Node) -> str:
    if loop.type == "for_in_statement":
        kind = field(loop, "operator")
        return f"for-{text(kind)}" if kind is not None else "for"
    return loop.type.removesuffix("_statement")


def _body(node: Node, after: str, mode: str) -> _Body:
    is_block = node.type == "statement_block"
    statements = named(node) if is_block else []
    wanted: bool | None = True
    if node.type == "expression_statement" and node.children[0].type == "object":
        wanted = None  # a block: the grammar reads `{ label: value }` as an object
    elif is_block and (len(statements) != 1 or _needs_braces(node)):
        pass
    elif mode == "multi":
        wanted = False
    elif mode == "multi-line":
        before = token_before(node)
        wanted = None if before is not None and _line(before) == _last_row(_without_semicolon(node)) else True
    elif mode == "multi-or-nest":
        statement = statements[0] if is_block else node
        leading = is_block and any(
            child.type == "comment" and child.start_byte < statement.start_byte for child in node.children
        )
        wanted = leading or not _is_one_line(statement)
    return _Body(node, after, is_block, wanted)


def _without_semicolon(statement: Node) -> Node:
    last = closing_token(statement)
    return (token_before(last) or last) if last.type == ";" else last


def _is_one_line(statement: Node) -> bool:
    return statement.type == "empty_statement" or (
        _line(first_token(statement)) == _last_row(_without_semicolon(statement))
    )


def _judge(bodies: list[_Body], context: Context) -> Iterator[Problem]:
    for body in bodies:
        if body.wanted is None or body.wanted == body.is_block:
            continue
        where = statement_span(body.node)
        if body.wanted:
            source = context.slice(where.start, where.end)
            yield Problem(where, {"after": body.after}, edits=(replace(where, f"{{{source}}}"),))
        else:
            yield Problem(where, {"after": body.after}, "unexpected", _without_braces(body.node, where, context))


def _without_braces(block: Node, where: Span, context: Context) -> tuple[Edit, ...]:
    closing = next(child for child in reversed(block.children) if child.type == "}")
    if _needs_semicolon(block, closing):
        return ()
    before = token_before(block)
    first = text(first_token(named(block)[0]))
    spaced = before is not None and before.end_byte == where.start and not can_be_adjacent(text(before), first)
    return (replace(where, (" " if spaced else "") + context.slice(where.start + 1, closing.start_byte)),)


def _needs_semicolon(block: Node, closing: Node) -> bool:
    """Whether the statement in a block ends at the block's brace only."""
    last, following = token_before(closing), token_after(closing)
    if last is None or last.type == ";" or following is None:
        return False
    owner = last.parent
    if owner is not None and owner.type == "statement_block":
        around = owner.parent
        if around is None or around.type not in ("function_expression", "generator_function", "arrow_function"):
            return False
    if _last_row(last) == _line(following) or _CONTINUES.match(text(following)):
        return True
    return last.type in ("++", "--")


# ------------------------------------------------------------------ no-else-return


def no_else_return(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-else-return."""
    parent = node.parent
    if parent is None or parent.type not in STATEMENT_LISTS:
        return
    last: Node | None = node
    otherwise: Node | None = None
    owner = node
    while last is not None and last.type == "if_statement":
        owner, otherwise = last, _else_branch(last)
        body = field(last, "consequence")
        if otherwise is None or body is None or not _always_returns(body):
            return
        if not context.options["allowElseIf"]:
            break
        last = otherwise
    if otherwise is not None:
        yield Problem(statement_span(otherwise), edits=_after_if(owner, otherwise, context))


def _always_returns(statement: Node) -> bool:
    statements = named(statement) if statement.type == "statement_block" else [statement]
    return any(each.type == "return_statement" or _both_return(each) for each in statements)


def _both_return(statement: Node) -> bool:
    if statement.type != "if_statement":
        return False
    branches = field(statement, "consequence"), _else_branch(statement)
    return all(branch is not None and _ends_with_return(branch) for branch in branches)


def _ends_with_return(statement: Node) -> bool:
    statements = named(statement) if statement.type == "statement_block" else [statement]
    return bool(statements) and statements[-1].type == "return_statement"


def _after_if(owner: Node, otherwise: Node, context: Context) -> tuple[Edit, ...]:
    """The edit that puts the ``else`` branch after the ``if``; none where a name or a line would change its meaning."""
    clause, body = field(owner, "alternative"), field(owner, "consequence")
    if clause is None or body is None or not _can_be_declared_outside(owner, otherwise, context):
        return ()
    is_block = otherwise.type == "statement_block"
    first = first_token(otherwise)
    first_inside = token_after(first) if is_block else first
    before = token_before(clause)
    open_end = body.type != "statement_block" and before is not None and before.type != ";"
    if open_end and first_inside is not None and _CONTINUES.match(text(first_inside)):
        return ()
    end = closing_token(otherwise)
    last = token_before(end)
    if last is not None and last.type != ";":
        following = token_after(end)
        if following is not None and (
            _CONTINUES.match(text(following)) or (_line(following) == _line(last) and following.type != "}")
        ):
            return ()
    where = statement_span(otherwise)
    if context.has_comment(Span(clause.start_byte, where.start)):
        return ()
    inner = Span(where.start + 1, where.end - 1) if is_block else where
    return (replace(Span(clause.start_byte, where.end), context.slice(inner.start, inner.end)),)


def _can_be_declared_outside(owner: Node, otherwise: Node, context: Context) -> bool:
    """Whether what the branch declares can be declared around the ``if``."""
    if otherwise.type in ("function_declaration", "generator_function_declaration"):
        return False
    made = context.scopes.acquire(otherwise) if otherwise.type == "statement_block" else None
    names = set(made.variables) if made is not None else set()
    if not names:
        return True
    scope = context.scopes.scope_of(owner)
    function = scope.variable_scope
    if any(not variable.implicit or variable.references for variable in map(scope.variables.get, names) if variable):
        return False
    if scope is not function:
        if scope.parent is not None and scope.parent.kind == "catch" and names & scope.parent.variables.keys():
            return False
        hoisted = [function.variables[name] for name in names if name in function.variables]
        if any(
            scope.start <= definition.node.start_byte and definition.node.end_byte <= scope.end
            for variable in hoisted
            for definition in variable.definitions
        ):
            return False
    return not any(reference.name in names for reference in scope.through)


# ------------------------------------------------------------------ no-lonely-if


def no_lonely_if(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-lonely-if."""
    block = node.parent
    clause = block.parent if block is not None and block.type == "statement_block" else None
    if block is None or clause is None or clause.type != "else_clause":
        return
    if len(named(block)) == 1 and not _needs_braces(block):
        edits = _else_if(node, block, clause, context)
        if edits:
            yield Problem(statement_span(node), edits=edits)
        else:
            edits = with_comments_inside(node, block, clause, context)
            yield Problem(statement_span(node), edits=edits, applicability=Applicability.UNSAFE)


def _else_if(node: Node, block: Node, clause: Node, context: Context) -> tuple[Edit, ...]:
    where, end = braces(block), statement_span(node).end
    gaps = context.slice(where.start + 1, node.start_byte) + context.slice(end, where.end - 1)
    body, keyword = field(node, "consequence"), child_token(clause, "else")
    if gaps.strip() or body is None or keyword is None:
        return ()
    last, following = closing_token(body), _following(block)
    if body.type != "statement_block" and last.type != ";" and following is not None:
        same_line = _last_row(last) == _line(following)
        if same_line or _CONTINUES.match(text(following)) or last.type in ("++", "--"):
            return ()
    space = " " if keyword.end_byte == where.start else ""
    return (replace(where, space + context.slice(node.start_byte, end)),)


# ------------------------------------------------------------------ no-extra-semi

_BODY_OWNERS = frozenset(
    {
        "for_statement",
        "for_in_statement",
        "while_statement",
        "do_statement",
        "if_statement",
        "else_clause",
        "labeled_statement",
        "with_statement",
    }
)


def no_extra_semi(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-extra-semi."""
    if node.type == "empty_statement":
        parent = node.parent
        if parent is not None and parent.type not in _BODY_OWNERS and not _ends_ambient_module(node):
            yield Problem(span(node), edits=_without_semi(node))
        return
    ends_field = False
    for child in node.children:
        if child.type == ";":
            if not ends_field:
                yield Problem(span(child), edits=_without_semi(child))
            ends_field = False
        elif child.type != "comment":
            ends_field = child.type not in ("method_definition", "class_static_block", "{")


def _ends_ambient_module(semicolon: Node) -> bool:
    """Whether it ends ``declare module "name";``, which the grammar reads as two statements."""
    before = semicolon.prev_sibling
    return before is not None and before.type == "ambient_declaration" and closing_token(before).type == "string"


def _without_semi(semicolon: Node) -> tuple[Edit, ...]:
    following = token_after(semicolon)
    statement = following.parent if following is not None and following.type == "string" else None
    if statement is not None and statement.type == "expression_statement" and _can_hold_directives(statement.parent):
        return ()
    return (remove(semicolon),)


def _can_hold_directives(node: Node | None) -> bool:
    if node is None or node.type == "program":
        return node is not None
    parent = node.parent
    holders = FUNCTIONS | {"module", "internal_module"}
    return node.type == "statement_block" and parent is not None and parent.type in holders
