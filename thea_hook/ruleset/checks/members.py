"""Members of classes that nothing uses, or that do nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.functions import (
    FIELDS,
    arguments_of,
    callee_of,
    is_constructor,
    is_getter,
    is_setter,
    super_class,
)
from thea_hook.languages.nodes import (
    ancestors,
    child_token,
    field,
    named,
    outermost,
    parent_expression,
    replace,
    span,
    text,
    token_after,
    token_before,
    unwrap,
)
from thea_hook.ruleset.checks.member_edits import comments_above, joins_lines, remove_member
from thea_hook.ruleset.checks.statement_edits import without_statement
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ no-unused-private-class-members

_WRITE_TARGETS = frozenset({"assignment_expression", "for_in_statement", "assignment_pattern"})
_PATTERNS = frozenset({"array_pattern", "rest_pattern"})
_PRIVATE_NAME = re.compile(rb"#[A-Za-z_$\\\x80-\xff]")


class _PrivateMember:
    """A private member, and what was found out about it."""

    __slots__ = ("is_accessor", "is_mentioned", "is_used", "key", "node")

    def __init__(self, node: Node, key: Node) -> None:
        self.node = node
        self.key = key
        self.is_accessor = is_getter(node) or is_setter(node)
        self.is_mentioned = False
        self.is_used = False


def no_unused_private_class_members(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unused-private-class-members."""
    if not _PRIVATE_NAME.search(context.text):
        return
    from tree_sitter import QueryCursor

    from thea_hook.languages.grammars import query

    names = query(context.module.language, "(private_property_identifier) @name")
    members: dict[tuple[int, str], _PrivateMember] = {}
    uses = []
    for name in QueryCursor(names).captures(node).get("name", []):
        parent = name.parent
        if parent is None:
            continue
        if parent.type != "method_definition" and parent.type not in FIELDS:
            uses.append(name)
        elif parent.parent is not None:
            # of a getter and a setter the last one counts
            members[parent.parent.id, text(name)] = _PrivateMember(parent, name)
    for use in uses:
        _note_use(use, members)
    for member in members.values():
        if not member.is_used:
            is_kept = member.is_mentioned or field(member.node, "decorator") is not None
            edits = () if is_kept else tuple(remove_member(member.node, context))
            yield Problem(span(member.key), data={"name": text(member.key)}, edits=edits)


def _note_use(name: Node, members: dict[tuple[int, str], _PrivateMember]) -> None:
    key = text(name)
    for ancestor in ancestors(name):
        if ancestor.type != "class_body":
            continue
        member = members.get((ancestor.id, key))
        if member is not None:
            member.is_mentioned = True
            member.is_used = member.is_used or member.is_accessor or _is_read(name)
            return


def _is_read(name: Node) -> bool:
    """Whether the value of ``object.#name`` goes anywhere."""
    access = name.parent
    if access is None or access.type != "member_expression":
        return True
    whole = outermost(access)
    parent = whole.parent
    if parent is None:
        return True
    kind = parent.type
    if kind in _WRITE_TARGETS and field(parent, "left") == whole:
        return False
    if kind == "augmented_assignment_expression" and field(parent, "left") == whole:
        return not _is_statement(parent)
    if kind == "update_expression":
        return not _is_statement(parent)
    if kind == "pair_pattern":
        return field(parent, "value") != whole
    return kind not in _PATTERNS


def _is_statement(expression: Node) -> bool:
    parent = parent_expression(expression)
    return parent is not None and parent.type == "expression_statement"


# ------------------------------------------------------------------ no-useless-constructor


def no_useless_constructor(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-constructor, with typescript-eslint's leave for accessibility."""
    name = field(node, "name")
    if name is None or name.text not in (b"constructor", b"'constructor'", b'"constructor"'):
        return
    body, parameters = field(node, "body"), field(node, "parameters")
    owner = node.parent.parent if node.parent is not None else None
    if body is None or parameters is None or owner is None or not is_constructor(node):
        return
    statements = named(body)
    base = super_class(owner)
    if base is None:
        is_useless = not statements
    else:
        is_useless = len(statements) == 1 and _passes_everything(statements[0], named(parameters))
    if not is_useless or _has_meaning(node, parameters, has_base=base is not None):
        return
    last = token_before(parameters)
    end = name.end_byte if last is None else last.end_byte
    yield Problem(Span(node.start_byte, end), edits=_remove_constructor(node, context))


def _remove_constructor(method: Node, context: Context) -> tuple[Edit, ...]:
    owner = method.parent.parent if method.parent is not None else None
    before, parameters = method.prev_named_sibling, field(method, "parameters")
    if owner is None or parameters is None or context.has_comment(span(method)):
        return ()
    if before is not None and (before.type == "method_signature" or comments_above(method)):
        return ()  # what is written above would be about the next member
    if named(parameters) and _is_decorated(owner):
        return ()  # decorators can be told the types of the parameters
    following = token_after(method)
    if following is not None and joins_lines(method, following):
        return (replace(method, ";"),)
    return (without_statement(method, context),)


def _is_decorated(owner: Node) -> bool:
    """Whether a class has decorators, which can stand before its ``export``."""
    around = owner.parent.children if owner.parent is not None and owner.parent.type == "export_statement" else []
    return any(child.type == "decorator" for child in (*owner.children, *around))


def _has_meaning(method: Node, parameters: Node, *, has_base: bool) -> bool:
    """Whether the constructor restricts who may call it, or declares fields or decorates with its parameters."""
    access = child_token(method, "accessibility_modifier")
    if access is not None and (access.text != b"public" or has_base):
        return True
    return any(
        child.type in ("accessibility_modifier", "override_modifier", "readonly", "decorator")
        for parameter in named(parameters)
        for child in parameter.children
    )


def _passes_everything(statement: Node, parameters: list[Node]) -> bool:
    """Whether a statement is ``super(..)`` with all parameters as they came."""
    call = unwrap(statement.named_children[0]) if statement.type == "expression_statement" else None
    callee = callee_of(call) if call is not None and call.type == "call_expression" else None
    if call is None or callee is None or callee.type != "super":
        return False
    names = [_parameter_text(parameter) for parameter in parameters]
    given = [_argument_text(argument) for argument in arguments_of(call)]
    return None not in names and (given == ["...arguments"] or given == names)


def _parameter_text(parameter: Node) -> str | None:
    """``name`` or ``...name``; ``...`` for a rest pattern, which only ``...arguments`` passes on."""
    if field(parameter, "value") is not None:
        return None
    pattern = field(parameter, "pattern") or parameter
    if pattern.type == "identifier":
        return text(pattern)
    if pattern.type != "rest_pattern":
        return None
    return _spread_text(pattern)


def _argument_text(argument: Node) -> str:
    """An argument as the parameter it repeats is written; empty for anything but a name."""
    if argument.type == "spread_element":
        return _spread_text(argument)
    inner = unwrap(argument)
    return text(inner) if inner.type == "identifier" else ""


def _spread_text(node: Node) -> str:
    inner = named(node)
    name = unwrap(inner[0]) if inner else node
    return f"...{text(name)}" if name.type == "identifier" else "..."
