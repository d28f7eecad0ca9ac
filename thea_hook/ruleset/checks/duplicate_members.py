"""Members of objects and classes that are written twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.functions import FIELDS, is_constructor, is_getter, is_setter, is_static
from thea_hook.languages.nodes import (
    COMMENTS,
    FUNCTIONS,
    child_token,
    descend,
    field,
    named,
    property_name,
    remove,
    span,
    text,
    token_after,
    unwrap,
    whole_lines,
)
from thea_hook.ruleset.checks.member_edits import remove_member
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
            is_alone = is_lost and _stands_alone(earlier, name) and not _is_seen_before(earlier, member)
            is_alone = is_alone and (_has_doc(member) or not _has_doc(earlier))
            edits = tuple(remove_member(earlier, context)) if is_alone else ()
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


def _is_seen_before(earlier: Node, later: Node) -> bool:
    """Whether something runs between two fields that can read the first one: another field's value, a static block."""
    between = [one for one in _between(earlier, later) if one.type in FIELDS or one.type == "class_static_block"]
    return earlier.type in FIELDS and any(one.type not in FIELDS or field(one, "value") is not None for one in between)


def _between(first: Node, last: Node) -> Iterator[Node]:
    one = first.next_sibling
    while one is not None and one.start_byte < last.start_byte:
        yield one
        one = one.next_sibling


def _has_doc(member: Node) -> bool:
    """Whether documentation stands above a member."""
    before = member.prev_sibling
    return before is not None and before.type in COMMENTS and text(before).startswith("/**")


def _member_key(member: Node) -> Node | None:
    return field(member, "name") or field(member, "property")
