"""Statements that redirect control where that surprises: in ``finally``, in loops, in ``switch``."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import IDENTIFIERS, chain_object
from thea_hook.languages.functions import NESTED_PATHS, body_block, head_span, is_await, is_generator
from thea_hook.languages.nodes import (
    CLASSES,
    FUNCTIONS,
    LOOPS,
    ancestors,
    between,
    contains,
    descend,
    field,
    last_token,
    named,
    operator,
    replace,
    span,
    text,
    token_before,
    unwrap,
)
from thea_hook.languages.static_value import static_value
from thea_hook.languages.strings import integer_value
from thea_hook.ruleset.checks.switch_fixes import with_default_last
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ no-unsafe-finally

_OUTSIDE = FUNCTIONS | CLASSES
_STATEMENT_NAMES = {
    "return_statement": "return",
    "throw_statement": "throw",
    "break_statement": "break",
    "continue_statement": "continue",
}


def no_unsafe_finally(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unsafe-finally."""
    label = field(node, "label")
    ends = _OUTSIDE
    if label is None and node.type == "break_statement":
        ends = _OUTSIDE | LOOPS | {"switch_statement"}
    elif label is None and node.type == "continue_statement":
        ends = _OUTSIDE | LOOPS
    for ancestor in ancestors(node):
        if ancestor.type in ends:
            return
        if label is not None and ancestor.type == "labeled_statement":
            own = field(ancestor, "label")
            if own is not None and own.text == label.text:
                return
        if ancestor.type == "finally_clause":
            yield Problem(span(node), {"statement": _STATEMENT_NAMES[node.type]})
            return


# ------------------------------------------------------------------ require-yield


def require_yield(function: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint require-yield."""
    block = body_block(function)
    if block is None or not is_generator(function) or not named(block):
        return
    parts = (field(function, "parameters"), block)
    if not any(node.type == "yield_expression" for part in parts if part is not None for node in _run_in(part)):
        yield Problem(head_span(function))


def _run_in(part: Node) -> Iterator[Node]:
    return descend(part, skip=NESTED_PATHS)


# ------------------------------------------------------------------ for-direction


def for_direction(loop: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint for-direction."""
    test, update, body = field(loop, "condition"), field(loop, "increment"), field(loop, "body")
    test = unwrap(test) if test is not None else None
    if test is None or test.type != "binary_expression" or update is None or body is None:
        return
    sign = operator(test)
    if sign not in ("<", "<=", ">", ">="):
        return
    for side, sense in (("left", 1), ("right", -1)):
        counter = field(test, side)
        counter = unwrap(counter) if counter is not None else None
        if counter is None or counter.type not in IDENTIFIERS:
            continue
        changes = list(_changes(unwrap(update), text(counter)))
        right_way = sense if sign.startswith("<") else -sense
        if len(changes) == 1 and _direction(changes[0], context) == -right_way:
            close = token_before(body)
            where = Span(loop.start_byte, close.end_byte if close is not None else body.start_byte)
            yield Problem(where, edits=_turned_round(changes[0]))


def _turned_round(change: Node) -> tuple[Edit, ...]:
    """The step in the other direction: `++` for `--`, `+=` for `-=`."""
    sign = field(change, "operator")
    turned = {"++": "--", "--": "++", "+=": "-=", "-=": "+="}
    return () if sign is None else (replace(sign, turned[text(sign)]),)


def _changes(update: Node, counter: str) -> Iterator[Node]:
    """The expressions in the update that change the counter."""
    stack = [update]
    while stack:
        node = unwrap(stack.pop())
        if node.type == "sequence_expression":
            stack.extend(reversed(named(node)))
            continue
        target = None
        if node.type == "update_expression":
            target = field(node, "argument")
        elif node.type in ("assignment_expression", "augmented_assignment_expression"):
            target = field(node, "left")
        if target is not None and unwrap(target).type in IDENTIFIERS and text(unwrap(target)) == counter:
            yield node


def _direction(change: Node, context: Context) -> int:
    """1 where the counter grows, -1 where it shrinks, 0 where that is not known."""
    sign = operator(change)
    if change.type == "update_expression":
        return 1 if sign == "++" else -1
    step = field(change, "right")
    if sign not in ("+=", "-=") or step is None:
        return 0
    amount = _amount(unwrap(step), context)
    return (amount > 0) - (amount < 0) if sign == "+=" else (amount < 0) - (amount > 0)


def _amount(step: Node, context: Context) -> float:
    """The number that is added, or 0 where it is not known."""
    if step.type == "unary_expression" and operator(step) == "-":
        inner = field(step, "argument")
        return -_amount(unwrap(inner), context) if inner is not None else 0.0
    if step.type == "number" and text(step).endswith("n"):
        return float(bool(integer_value(text(step).removesuffix("n"))))
    value = static_value(step, context.text, context.scopes)
    return float(value.value) if value is not None and isinstance(value.value, (int, float)) else 0.0


# ------------------------------------------------------------------ no-await-in-loop


_LIKE_AWAIT = frozenset({"call_expression", "subscript_expression"})


def no_await_in_loop(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-await-in-loop."""
    if node.type == "for_in_statement":
        if _has_await_using(node) and not _is_for_await(node):
            yield Problem(_head_declaration(node))
        if not _is_for_await(node):
            return
    elif node.type == "using_declaration" and not _has_await_using(node):
        return
    elif node.type in _LIKE_AWAIT:
        keyword = node.child(0)
        if keyword is None or keyword.type != "identifier" or not is_await(keyword, context.module.kind):
            return
        node = _whole_chain(node)
    if _is_repeated(node):
        yield Problem(span(node))


def _whole_chain(node: Node) -> Node:
    """The longest chain that a call or member begins."""
    parent = node.parent
    while parent is not None and chain_object(parent) == node:
        node, parent = parent, parent.parent
    return node


def _is_repeated(node: Node) -> bool:
    """Whether each iteration of a loop runs the node, and nothing between lets iterations go on without it."""
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS or _is_for_await(ancestor):
            return False
        if ancestor.type in LOOPS and not any(contains(part, node) for part in _run_once(ancestor)):
            return True
    return False


def _is_for_await(node: Node) -> bool:
    return node.type == "for_in_statement" and any(
        child.type == "await" and child not in node.children_by_field_name("kind") for child in node.children
    )


def _has_await_using(node: Node) -> bool:
    """Whether the declaration, or that in the head of the loop, is an ``await using``."""
    return [child.type for child in node.children_by_field_name("kind")] == ["await", "using"]


def _head_declaration(loop: Node) -> Span:
    left = field(loop, "left")
    return between(loop.children_by_field_name("kind")[0], left or loop)


def _run_once(loop: Node) -> list[Node]:
    """The parts of a loop that are not run for each iteration."""
    names = {"for_statement": ("initializer",), "for_in_statement": ("left", "value", "right")}.get(loop.type, ())
    return [part for part in map(loop.child_by_field_name, names) if part is not None]


# ------------------------------------------------------------------ default-case-last


def default_case_last(switch: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint default-case-last."""
    body = field(switch, "body")
    cases = named(body) if body is not None else []
    for case in cases[:-1]:
        if case.type == "switch_default":
            edits = with_default_last(body, case, cases, context) if body is not None else ()
            yield Problem(Span(case.start_byte, last_token(case).end_byte), edits=edits)
            return
