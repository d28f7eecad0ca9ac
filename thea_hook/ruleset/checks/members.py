"""Members of objects and classes: those written twice, never used, or without effect."""

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
    is_static,
    super_class,
)
from thea_hook.languages.nodes import (
    COMMENTS,
    FUNCTIONS,
    ancestors,
    child_token,
    descend,
    field,
    insert,
    named,
    outermost,
    parent_expression,
    property_name,
    remove,
    replace,
    span,
    text,
    token_after,
    token_before,
    unwrap,
    whole_lines,
)
from thea_hook.ruleset.checks.statement_edits import without_statement
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ no-dupe-keys


def no_dupe_keys(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-dupe-keys."""
    members = node.named_children
    if len(members) < 2:
        return
    seen: dict[str, set[str]] = {}
    last: dict[str, Node] = {}
    for member in members:
        kind = member.type
        if kind == "shorthand_property_identifier":
            key: Node | None = member
        elif kind in ("pair", "method_definition"):
            key = member.child_by_field_name("key" if kind == "pair" else "name")
        else:
            continue
        if key is None:
            continue
        name = text(key) if key.type == "property_identifier" else property_name(member)
        if name is None:
            continue
        # `__proto__: base` sets the prototype; two of them are a syntax error
        if name == "__proto__" and kind == "pair" and key.type != "computed_property_name":
            continue
        parts = _parts(member) if kind == "method_definition" else _BOTH
        known = seen.setdefault(name, set())
        if known & parts:
            edits = _without_property(last[name], context) if known == parts == _BOTH else ()
            yield Problem(span(_key_expression(key)), data={"name": name}, edits=edits)
        known |= parts
        last[name] = member


_EFFECTS = frozenset(
    {
        *("assignment_expression", "augmented_assignment_expression", "await_expression", "call_expression"),
        *("new_expression", "update_expression", "yield_expression"),
    }
)


def _without_property(member: Node, context: Context) -> tuple[Edit, ...]:
    """The edit that removes a property whose value nobody sees; nothing where a comment or an effect would go too."""
    comma, before = member.next_sibling, member.prev_sibling
    if comma is None or comma.type != "," or (before is not None and before.type in COMMENTS) or _has_effect(member):
        return ()
    following = token_after(comma)
    where = Span(member.start_byte, comma.end_byte)
    if following is None or context.has_comment(Span(member.start_byte, following.start_byte)):
        return ()
    lines = whole_lines(context.text, where)
    return (remove(lines if lines != where else Span(member.start_byte, following.start_byte)),)


def _has_effect(member: Node) -> bool:
    return any(node.type in _EFFECTS or node.text == b"delete" for node in descend(member, skip=FUNCTIONS)) and (
        member.type not in FUNCTIONS
    )


_BOTH = frozenset({"get", "set"})


def _parts(method: Node) -> frozenset[str]:
    """Which halves of a property a method defines."""
    if is_getter(method):
        return frozenset({"get"})
    return frozenset({"set"}) if is_setter(method) else _BOTH


def _key_expression(key: Node) -> Node:
    """The key without the brackets of a computed one."""
    inner = named(key) if key.type == "computed_property_name" else []
    return unwrap(inner[0]) if inner else key


# ------------------------------------------------------------------ no-dupe-class-members


def no_dupe_class_members(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-dupe-class-members, with typescript-eslint's leave for overloads."""
    seen: dict[tuple[str, bool], set[str]] = {}
    last: dict[tuple[str, bool], Node] = {}
    for member in node.named_children:
        if member.type != "method_definition" and member.type not in FIELDS:
            continue
        key = _member_key(member)
        if key is None or key.type == "private_property_identifier":
            continue
        if key.type == "computed_property_name" and context.is_typescript:
            continue
        name = property_name(key)
        if name is None or is_constructor(member) or child_token(member, "abstract") is not None:
            continue
        parts = _parts(member) if member.type == "method_definition" else _BOTH
        known = seen.setdefault((name, is_static(member)), set())
        if known & parts:
            earlier = last[name, is_static(member)]
            is_lost = known == parts == _BOTH and earlier.type == member.type and not _has_effect(earlier)
            is_alone = is_lost and _stands_alone(earlier, name) and (_has_doc(member) or not _has_doc(earlier))
            edits = tuple(_remove_member(earlier, context)) if is_alone else ()
            yield Problem(span(_key_expression(key)), data={"name": name}, edits=edits)
        known |= parts
        last[name, is_static(member)] = member


def _stands_alone(member: Node, name: str) -> bool:
    """Whether no overload and no decorator belongs to the member."""
    around = [child for child in (member.prev_named_sibling, *member.children) if child is not None]
    if any(child.type == "decorator" for child in around):
        return False
    siblings = member.parent.named_children if member.parent is not None else []
    return not any(child.type == "method_signature" and property_name(child) == name for child in siblings)


def _has_doc(member: Node) -> bool:
    """Whether documentation stands above a member."""
    before = member.prev_sibling
    return before is not None and before.type in COMMENTS and text(before).startswith("/**")


def _member_key(member: Node) -> Node | None:
    return field(member, "name") or field(member, "property")


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
            edits = () if is_kept else tuple(_remove_member(member.node, context))
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


# ------------------------------------------------------------------ removing a member


def _remove_member(member: Node, context: Context) -> Iterator[Edit]:
    """The edits that take a member out of its class, with the comments right above and behind it.

    Follows ESLint's suggestion, which also decides which line breaks go.
    """
    member_span = _with_semicolon(member)
    previous = token_before(member)
    following = _token_after_member(member)
    if previous is None or following is None:
        return
    yield remove(_removal(member, member_span, previous, following, context))
    if _joins_lines(member, following):
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


def _joins_lines(member: Node, following: Node) -> bool:
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
    leading = [] if shares_line else _leading_comments(member)
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


def _leading_comments(member: Node) -> list[Node]:
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
    if before is not None and (before.type == "method_signature" or _leading_comments(method)):
        return ()  # what is written above would be about the next member
    if named(parameters) and _is_decorated(owner):
        return ()  # decorators can be told the types of the parameters
    following = token_after(method)
    if following is not None and _joins_lines(method, following):
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
