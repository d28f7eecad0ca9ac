"""Conditions and comparisons whose outcome is known beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.languages.constants import Constants
from thea_hook.languages.nodes import (
    FUNCTIONS,
    descend,
    field,
    named,
    operator,
    replace,
    same_tokens,
    span,
    text,
    unwrap,
)
from thea_hook.languages.purity import is_pure
from thea_hook.ruleset.checks.dead_code import has_same_code, without_branch_of, without_case, without_else_if
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_EQUALITIES = frozenset({"==", "!=", "===", "!=="})
_RELATIONS = frozenset({"<", "<=", ">", ">="})


def no_constant_condition(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-constant-condition."""
    test = field(node, "condition")
    if test is None or test.type == "empty_statement":
        return
    test = unwrap(test)
    if not Constants(context.module).is_constant(test, as_condition=True):
        return
    if node.type not in ("if_statement", "ternary_expression"):
        loops = context.options["checkLoops"]
        if loops == "none":
            return
        if loops == "allExceptWhileTrue" and node.type == "while_statement" and test.type == "true":
            return
        if b"yield" in context.text and _yields(node):
            return
    holds = _LITERAL_TESTS.get(test.type if test.type != "number" else text(test))
    edits = without_branch_of(node, holds, context) if node.type == "if_statement" and holds is not None else ()
    yield Problem(span(test), edits=edits)


# What is written to switch code on or off.
_LITERAL_TESTS = {"true": True, "1": True, "false": False, "0": False, "null": False}


def _yields(loop: Node) -> bool:
    """Whether a generator hands out values from the loop: its caller ends it."""
    first = field(loop, "initializer")
    begin = first.end_byte if first is not None else loop.start_byte
    return any(node.type == "yield_expression" and node.start_byte >= begin for node in descend(loop, skip=FUNCTIONS))


def no_constant_binary_expression(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-constant-binary-expression."""
    left, right = field(node, "left"), field(node, "right")
    sign = operator(node)
    if left is None or right is None:
        return
    left, right = unwrap(left), unwrap(right)
    constants = Constants(context.module)
    if sign in ("&&", "||"):
        if constants.is_constant(left, as_condition=True):
            yield Problem(span(left), {"property": "truthiness", "operator": sign}, "short-circuit")
    elif sign == "??":
        if constants.has_constant_nullness(left):
            yield Problem(span(left), {"property": "nullishness", "operator": sign}, "short-circuit")
    elif sign in _EQUALITIES:
        yield from _constant_equality(left, right, sign, constants)
    elif (
        sign in _RELATIONS
        and context.options["checkRelationalComparisons"]
        and (constants.is_static_literal(left) and constants.is_static_literal(right))
    ):
        yield Problem(span(node), {"operator": sign}, "relation")


def _constant_equality(left: Node, right: Node, sign: str, constants: Constants) -> Iterator[Problem]:
    if _is_decided_by(left, right, sign, constants):
        yield Problem(span(right), {"operator": sign, "side": "left"}, "operand")
    elif _is_decided_by(right, left, sign, constants):
        yield Problem(span(left), {"operator": sign, "side": "right"}, "operand")
    elif sign in ("===", "!=="):
        new = next((side for side in (left, right) if constants.is_always_new(side)), None)
        if new is not None:
            yield Problem(span(new), message="new")
    elif constants.is_always_new(left) and constants.is_always_new(right):
        yield Problem(span(left), message="both-new")


def _is_decided_by(known: Node, other: Node, sign: str, constants: Constants) -> bool:
    """Whether comparing with ``known`` always gives the same answer for ``other``."""
    if constants.is_nullish(known):
        return constants.has_constant_nullness(other)
    if not constants.is_static_boolean(known):
        return False
    if len(sign) == 2:
        return constants.compares_loosely_constant(other)
    return constants.compares_strictly_constant(other)


def no_self_compare(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-self-compare."""
    sign = operator(node)
    if sign not in _EQUALITIES and sign not in _RELATIONS:
        return
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None:
        return
    left, right = unwrap(left), unwrap(right)
    if left.type == right.type and same_tokens(left, right):
        is_test = sign in _EQUALITIES and _is_path(left) and not context.has_comment(span(node))
        edits: tuple[Edit, ...] = ()
        if is_test and context.scopes.lookup("Number", node) is None:
            edits = (replace(node, f"{'' if sign[0] == '!' else '!'}Number.isNaN({text(left)})"),)
        yield Problem(span(node), edits=edits)


def _is_path(node: Node) -> bool:
    """Whether it is a name, or properties of one."""
    while node.type == "member_expression":
        node = unwrap(field(node, "object") or node)
    return node.type in ("identifier", "this")


def no_duplicate_case(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-duplicate-case."""
    body = field(node, "body")
    seen: dict[str, Node] = {}
    for case in named(body) if body is not None else ():
        value = field(case, "value")
        if case.type != "switch_case" or value is None:
            continue
        key = _canonical(unwrap(value), logical=False)
        twin = seen.setdefault(key, case)
        if twin != case:
            # a call may give something else the second time
            is_same = is_pure(unwrap(value)) and has_same_code(case, twin)
            grade = Applicability.UNSAFE if is_same else Applicability.DISPLAY
            yield Problem(span(case), edits=without_case(case, twin, context), applicability=grade)


def no_dupe_else_if(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-dupe-else-if.

    A condition is a set of alternatives (split at ``||``), an alternative a set of requirements (split at ``&&``). An
    alternative is covered when an earlier one asks for no more than it does; a branch is dead when every alternative
    of its condition, or of one of the requirements of its condition, is covered.
    """
    parent = node.parent
    if parent is None or parent.type == "else_clause" or field(node, "alternative") is None:
        return
    single: set[str] = set()
    several: list[frozenset[str]] = []
    for branch in _chain(node):
        test = field(branch, "condition")
        if test is None:
            return
        test = unwrap(test)
        if branch.id != node.id:
            conditions = [test, *_split(test, "&&")]
            if any(
                all(not single.isdisjoint(parts) or any(old <= parts for old in several) for parts in _alternatives(c))
                for c in conditions
            ):
                yield Problem(span(test), edits=without_else_if(branch, context))
        for parts in _alternatives(test):
            if len(parts) == 1:
                single |= parts
            else:
                several.append(parts)


def _chain(node: Node) -> Iterator[Node]:
    """An ``if`` and every ``else if`` after it."""
    current: Node | None = node
    while current is not None and current.type == "if_statement":
        yield current
        otherwise = field(current, "alternative")
        current = named(otherwise)[0] if otherwise is not None and named(otherwise) else None


def _split(node: Node, sign: str) -> list[Node]:
    """The operands of a chain of one logical operator."""
    operands: list[Node] = []
    stack = [node]
    while stack:
        current = unwrap(stack.pop())
        left, right = field(current, "left"), field(current, "right")
        if current.type == "binary_expression" and operator(current) == sign and left and right:
            stack += [right, left]
        else:
            operands.append(current)
    return operands


def _alternatives(test: Node) -> list[frozenset[str]]:
    return [frozenset(_canonical(part) for part in _split(part, "&&")) for part in _split(test, "||")]


def _canonical(node: Node, depth: int = 0, *, logical: bool = True) -> str:
    """A text that is the same for expressions that differ in layout only, or in the order around ``&&`` and ``||``."""
    from thea_hook.languages.nodes import tokens

    sign = operator(node) if logical and node.type == "binary_expression" else ""
    left, right = field(node, "left"), field(node, "right")
    if sign in ("&&", "||") and left and right and depth < _MAX_DEPTH:
        sides = sorted(_canonical(unwrap(side), depth + 1) for side in (left, right))
        return f"({sides[0]}{sign}{sides[1]})"
    return f"{node.type} {' '.join(text(token) for token in tokens(node))}"


_MAX_DEPTH = 50
