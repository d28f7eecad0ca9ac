"""Assignments: a shorter form of one, and those of something to itself."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    LOGICAL_ASSIGNMENTS,
    MEMBERS,
    OPERATOR_PRECEDENCE,
    can_be_adjacent,
    elements,
    first_word,
    is_optional,
    is_same_reference,
    precedence,
)
from thea_hook.languages.nodes import (
    LITERALS,
    STATEMENT_LISTS,
    child_token,
    field,
    named,
    operator,
    property_name,
    replace,
    span,
    text,
    unwrap,
)
from thea_hook.ruleset.checks.statement_edits import without_statement
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ operator-assignment

_COMMUTATIVE = frozenset({"*", "&", "^", "|"})
_SHORT = _COMMUTATIVE | {"+", "-", "/", "%", "<<", ">>", ">>>", "**"}


def operator_assignment(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint operator-assignment."""
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None:
        return
    sign = operator(node)
    if context.options["mode"] == "never":
        if sign != "=" and sign not in LOGICAL_ASSIGNMENTS:
            yield Problem(span(node), {"operator": sign}, "long", _spelled_out(node, left, right, context))
        return
    value = unwrap(right)
    if sign != "=" or value.type != "binary_expression" or operator(value) not in _SHORT:
        return
    first, second = field(value, "left"), field(value, "right")
    if first is None or second is None:
        return
    sign = operator(value)
    if is_same_reference(left, first, static_keys=False):
        is_plain = _is_plain(unwrap(left)) and _is_plain(unwrap(first))
        edits = _shortened(node, left, value, context) if is_plain or _is_path(unwrap(left)) else ()
        # of `a.b.c` the getter of `a.b`, if it is one, is asked once instead of twice
        grade = None if is_plain else Applicability.UNSAFE
        yield Problem(span(node), {"operator": f"{sign}="}, edits=edits, applicability=grade)
    elif sign in _COMMUTATIVE and is_same_reference(left, second, static_keys=False):
        edits = _turned_round(node, left, first, sign, context) if _is_path(unwrap(first)) else ()
        yield Problem(span(node), {"operator": f"{sign}="}, edits=edits, applicability=Applicability.UNSAFE)


def _is_plain(node: Node) -> bool:
    """Whether evaluating the target twice is the same as once."""
    if node.type == "identifier":
        return True
    target = field(node, "object") if node.type in MEMBERS else None
    if target is None or unwrap(target).type not in ("identifier", "this") or is_optional(node):
        return False
    index = field(node, "index")
    return index is None or unwrap(index).type in LITERALS


def _is_path(node: Node) -> bool:
    """Whether it is a literal, a name, or properties of one, which only getters could make more than a value."""
    while node.type in MEMBERS and not is_optional(node):
        index = field(node, "index")
        if index is not None and unwrap(index).type not in {*LITERALS, "identifier"}:
            return False
        node = unwrap(field(node, "object") or node)
    return node.type in {*LITERALS, "identifier", "this"}


def _turned_round(node: Node, left: Node, first: Node, sign: str, context: Context) -> tuple[Edit, ...]:
    """`a *= b` for `a = b * a`."""
    if not _is_path(unwrap(left)) or context.has_comment(span(node)):
        return ()
    return (replace(node, f"{text(left)} {sign}= {text(first)}"),)


def _shortened(node: Node, left: Node, value: Node, context: Context) -> tuple[Edit, ...]:
    equals, token = child_token(node, "="), field(value, "operator")
    if equals is None or token is None or context.has_comment(Span(equals.end_byte, token.start_byte)):
        return ()
    before = context.slice(node.start_byte, equals.start_byte)
    after = context.slice(token.end_byte, value.end_byte)
    return (replace(node, f"{before}{text(token)}={after}"),)


def _spelled_out(node: Node, left: Node, right: Node, context: Context) -> tuple[Edit, ...]:
    token = field(node, "operator")
    if token is None or not _is_plain(left) or context.has_comment(Span(node.start_byte, token.start_byte)):
        return ()
    target = context.slice(node.start_byte, token.start_byte)
    sign = text(token)[:-1]
    if right.type != "parenthesized_expression" and precedence(right) <= OPERATOR_PRECEDENCE[sign]:
        after = f"{context.slice(token.end_byte, right.start_byte)}({text(right)})"
    else:
        rest = context.slice(token.end_byte, node.end_byte)
        melts = bool(rest.strip()) and rest == rest.lstrip() and not can_be_adjacent(sign, first_word(rest))
        after = f" {rest}" if melts else rest
    return (replace(node, f"{target}= {target}{sign}{after}"),)


# ------------------------------------------------------------------ no-self-assign

_SELF_OPERATORS = frozenset({"=", *LOGICAL_ASSIGNMENTS})


def no_self_assign(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-self-assign."""
    left, right = field(node, "left"), field(node, "right")
    if operator(node) not in _SELF_OPERATORS or left is None or right is None:
        return
    pending = [(left, right)]
    while pending:
        target, value = (unwrap(side) for side in pending.pop())
        if target.type == "array_pattern" and value.type == "array":
            pending += _array_pairs(elements(target), elements(value))
        elif target.type == "object_pattern" and value.type == "object":
            pending += _object_pairs(named(target), named(value))
        elif target.type == "rest_pattern" and value.type == "spread_element":
            pending.append((named(target)[0], named(value)[0]))
        elif _is_same_target(target, value, context.options["props"]):
            name = "".join(text(value).split())
            yield Problem(span(value), {"name": name}, edits=_without_assignment(node, target, context))


def _without_assignment(node: Node, target: Node, context: Context) -> tuple[Edit, ...]:
    """The edit that removes `a = a;`; of a property a setter may be wanted, of a pattern only a part does nothing."""
    statement = node.parent
    if target.type != "identifier" or field(node, "left") != target or operator(node) != "=" or statement is None:
        return ()
    in_list = statement.parent is not None and statement.parent.type in STATEMENT_LISTS
    if statement.type != "expression_statement" or not in_list or context.has_comment(span(statement)):
        return ()
    return (without_statement(statement, context),)


def _is_same_target(target: Node, value: Node, properties: bool) -> bool:
    if target.type in MEMBERS:
        return properties and value.type in MEMBERS and is_same_reference(target, value)
    return target.type in _NAMES and value.type in _NAMES and target.text == value.text


_NAMES = frozenset(
    {"identifier", "undefined", "shorthand_property_identifier_pattern", "shorthand_property_identifier"}
)


def _array_pairs(targets: list[Node | None], values: list[Node | None]) -> Iterator[tuple[Node, Node]]:
    for index, (target, value) in enumerate(zip(targets, values, strict=False)):
        if target is not None and target.type == "rest_pattern" and index < len(values) - 1:
            return
        if target is not None and value is not None:
            yield target, value
        if value is not None and value.type == "spread_element":
            return


def _object_pairs(targets: list[Node], values: list[Node]) -> Iterator[tuple[Node, Node]]:
    spreads = [index for index, value in enumerate(values) if value.type == "spread_element"]
    by_name: dict[str, list[Node]] = {}
    for value in values[spreads[-1] + 1 if spreads else 0 :]:
        if value.type in ("pair", "shorthand_property_identifier"):
            by_name.setdefault(property_name(value) or "", []).append(field(value, "value") or value)
    for target in targets:
        if target.type not in ("pair_pattern", "shorthand_property_identifier_pattern"):
            continue
        name = property_name(target)
        for value in by_name.get(name, ()) if name is not None else ():
            yield field(target, "value") or target, value
