"""The rule about ``console``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.languages.branches import has_comment, removal, without_branch
from thea_hook.languages.consoles import is_command_line_program
from thea_hook.languages.expressions import MEMBERS, is_logical
from thea_hook.languages.functions import argument, arguments_of, callee_of
from thea_hook.languages.nodes import (
    FUNCTIONS,
    ancestors,
    descend,
    enclosing,
    field,
    named,
    operator,
    parent_expression,
    property_name,
    span,
    text,
    unwrap,
)
from thea_hook.languages.purity import is_likely_pure, is_pure
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# What somebody besides the author is to read, who would miss it unless the error goes on to a caller.
_WARNINGS = frozenset({"assert", "error", "warn"})
_HANDING_ON = frozenset({"callback", "cb", "done", "next", "reject"})


def no_console(member: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-console."""
    name = property_name(member)
    if _is_console(member, context) and name not in context.options["allow"]:
        yield Problem(span(member), edits=_removed(member, context))


def _is_console(member: Node, context: Context) -> bool:
    if member.parent is not None and member.parent.type == "type_query":  # `typeof console.log` as a type
        return False
    owner = field(member, "object")
    name = unwrap(owner) if owner is not None else None
    return name is not None and name.type == "identifier" and name.text == b"console" and context.scopes.is_global(name)


def _removed(member: Node, context: Context) -> tuple[Edit, ...]:
    statement = _statement_of(member)
    if statement is None or is_command_line_program(context.text) or not _is_removable(statement, context):
        return ()
    if any(_ASKED_FOR.search(text(test)) for test in _conditions(statement)):
        return ()
    block = statement.parent
    if block is not None and block.type == "statement_block":
        beside = named(block)
        if len(beside) > 1 and all(_is_removable(one, context) for one in beside):
            return () if has_comment(block) else without_branch(block, context.text)
    return removal(statement, context.text)


# Conditions under which somebody asked for what is written.
_ASKED_FOR = re.compile(r"\benv\b|debug|verbose|\blog|print|trace|profil", re.IGNORECASE)


def _conditions(statement: Node) -> Iterator[Node]:
    """The tests of the ``if`` that the statement is in, or of those that it goes with."""
    if statement.type == "expression_statement" and is_logical(unwrap(named(statement)[0])):
        yield named(unwrap(named(statement)[0]))[0]
    for ancestor in ancestors(statement):
        if ancestor.type in FUNCTIONS:
            return
        test = field(ancestor, "condition") if ancestor.type == "if_statement" else None
        if test is not None:
            yield test


def _statement_of(member: Node) -> Node | None:
    """The statement that does nothing but to call the method, perhaps under conditions: ``a && console.log(b);``."""
    node = parent_expression(member)
    if node is None or node.type != "call_expression" or callee_of(node) != member:
        return None
    parent = parent_expression(node)
    while parent is not None and is_logical(parent) and operator(parent) == "&&":
        left = field(parent, "left")
        if left is None or not is_pure(left):
            return None
        parent = parent_expression(parent)
    return parent if parent is not None and parent.type == "expression_statement" else None


def _is_removable(statement: Node, context: Context) -> bool:
    """Whether a statement writes to the console and nothing else, for nobody but the author."""
    members = [node for node in descend(statement, FUNCTIONS) if node.type in MEMBERS and _is_console(node, context)]
    if len(members) != 1 or _statement_of(members[0]) != statement or has_comment(statement):
        return False
    is_warning = property_name(members[0]) in _WARNINGS or _is_about_caught(statement)
    if is_warning and not _is_handed_on(statement):
        return False
    call = parent_expression(members[0])
    return call is not None and all(map(is_likely_pure, arguments_of(call)))


def _is_about_caught(statement: Node) -> bool:
    """Whether it writes of the error that the ``catch`` around it caught."""
    clause = enclosing(statement, frozenset({"catch_clause", *FUNCTIONS}))
    caught = field(clause, "parameter") if clause is not None and clause.type == "catch_clause" else None
    return caught is not None and any(one.text == caught.text for one in descend(statement))


def _is_handed_on(statement: Node) -> bool:
    """Whether an error is thrown or handed on right after it was written."""
    after = statement.next_named_sibling
    if after is None or after.type == "throw_statement":
        return after is not None
    call = argument(after) if after.type in ("expression_statement", "return_statement") else None
    callee = callee_of(call) if call is not None and call.type == "call_expression" else None
    return callee is not None and text(callee) in _HANDING_ON
