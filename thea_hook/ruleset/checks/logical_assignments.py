"""The rule about ``a ||= b`` and the longer forms of it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    LOGICAL_ASSIGNMENTS,
    MEMBERS,
    OPERATOR_PRECEDENCE,
    is_in_parentheses,
    is_same_reference,
    precedence,
)
from thea_hook.languages.nodes import (
    FUNCTIONS,
    ancestors,
    child_token,
    field,
    insert,
    named,
    operator,
    remove,
    replace,
    span,
    text,
    unwrap,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem


def logical_assignment_operators(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint logical-assignment-operators."""
    never = context.options["mode"] == "never"
    if node.type == "augmented_assignment_expression":
        if never and operator(node) in LOGICAL_ASSIGNMENTS:
            yield from _separated(node, context)
    elif never:
        return
    elif node.type == "assignment_expression":
        yield from _repeated_operand(node, context)
    elif node.type == "binary_expression":
        yield from _guarded_assignment(node, context)
    elif context.options["enforceForIfStatements"]:
        yield from _guarding_if(node, context)


def _logical(node: Node, sign: str, message: str, new: str | None, is_plain: bool, end: int | None = None) -> Problem:
    where = Span(node.start_byte, end or node.end_byte)
    edits = () if new is None else (replace(where, new),)
    grade = Applicability.SAFE if is_plain else Applicability.UNSAFE
    return Problem(where, {"operator": sign}, message, edits, applicability=grade)


def _separated(node: Node, context: Context) -> Iterator[Problem]:
    left, right, token = field(node, "left"), field(node, "right"), field(node, "operator")
    if left is None or right is None or token is None:
        return
    new = None
    if not context.has_comment(span(node)):
        sign = text(token)[:-1]
        value = text(right)
        mixed = sign == "??" and right.type == "binary_expression" and operator(right) in ("||", "&&")
        if right.type != "parenthesized_expression" and (mixed or precedence(right) <= OPERATOR_PRECEDENCE[sign]):
            value = f"({value})"
        before = context.slice(node.start_byte, token.start_byte)
        between = context.slice(token.end_byte, right.start_byte)
        new = f"{before}= {text(unwrap(left))} {sign}{between}{value}"
    yield _logical(node, text(token), "separate", new, _cannot_be_getter(left, context))


def _repeated_operand(node: Node, context: Context) -> Iterator[Problem]:
    """``a = a || b``."""
    left, right, equals = field(node, "left"), field(node, "right"), child_token(node, "=")
    logical = unwrap(right) if right is not None else None
    if left is None or equals is None or logical is None or not _is_logical(logical):
        return
    sign = operator(logical)
    owner, first = logical, field(logical, "left")
    while first is not None and _is_logical(first) and operator(first) == sign:
        owner, first = first, field(first, "left")
    token = field(owner, "operator")
    if first is None or token is None or not is_same_reference(left, first):
        return
    edits: tuple[Edit, ...] = ()
    if not context.has_comment(span(node)) and token.next_sibling is not None:
        edits = (insert(equals.start_byte, sign), remove(Span(owner.start_byte, token.next_sibling.start_byte)))
    # `a ||= function() {}` names the function
    is_plain = _cannot_be_getter(left, context) and not (owner == logical and _is_nameless(field(owner, "right")))
    yield _logical(node, f"{sign}=", "assignment", None, is_plain)._replace(edits=edits)


def _is_nameless(node: Node | None) -> bool:
    """Whether an expression is a function or class that takes its name from what it is assigned to."""
    value = None if node is None else unwrap(node)
    return value is not None and (value.type in FUNCTIONS or value.type == "class") and field(value, "name") is None


def _guarded_assignment(node: Node, context: Context) -> Iterator[Problem]:
    """``a || (a = b)``."""
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None or right.type != "parenthesized_expression" or not _is_logical(node):
        return
    left, assignment = unwrap(left), unwrap(right)
    target = field(assignment, "left") if assignment.type == "assignment_expression" else None
    if target is None or not _is_reference(left) or not is_same_reference(left, target):
        return
    sign = operator(node)
    new = None
    if not context.has_comment(span(node)):
        new = _with_sign(assignment, assignment, sign, context)
        parent = node.parent
        if parent is not None and not is_in_parentheses(node) and parent.type != "expression_statement":
            outer = precedence(parent)
            new = f"({new})" if outer > 1 or outer < 0 else new
    is_plain = _cannot_be_getter(left, context) or _reads_one_property(left, context)
    yield _logical(node, f"{sign}=", "logical", new, is_plain)


def _with_sign(node: Node, assignment: Node, sign: str, context: Context) -> str:
    """The text of a node with the assignment in it turned into ``sign=``."""
    equals = child_token(assignment, "=")
    at = equals.start_byte if equals is not None else node.end_byte
    return context.slice(node.start_byte, at) + sign + context.slice(at, node.end_byte)


def _guarding_if(node: Node, context: Context) -> Iterator[Problem]:
    """``if (!a) a = b;``."""
    from thea_hook.languages.nodes import braces, first_token, token_before

    body, test = field(node, "consequence"), field(node, "condition")
    if body is None or test is None or field(node, "alternative") is not None:
        return
    end, in_block = node.end_byte, body.type == "statement_block"
    if in_block:
        end = braces(body).end
        statements = named(body)
        if len(statements) != 1:
            return
        body = statements[0]
    assignment = next(iter(named(body)), None)
    if body.type != "expression_statement" or assignment is None or assignment.type != "assignment_expression":
        return
    test, target = unwrap(test), field(assignment, "left")
    guard = _existence(test, context)
    if guard is None or target is None or not is_same_reference(guard[0], target):
        return
    reference, sign = guard
    new = None
    if not context.has_comment(Span(node.start_byte, end)):
        previous, first = token_before(node), text(first_token(body))
        continues = not (first[0].isalnum() or first[0] in "_$")
        if not (continues and previous is not None and previous.type not in (";", "{")):
            new = _with_sign(body, assignment, sign, context)
            new += ";" if in_block and not new.endswith(";") else ""
    is_plain = _cannot_be_getter(reference, context) or (
        not _is_logical(test) and _reads_one_property(reference, context)
    )
    yield _logical(node, f"{sign}=", "if", new, is_plain, end)


def _existence(test: Node, context: Context) -> tuple[Node, str] | None:
    """The reference whose presence a condition asks for, and the operator that does the same."""
    negated = _argument(test, "!")
    base = negated or test
    sign = "||" if negated is not None else "&&"
    if _is_reference(base):
        return base, sign
    doubled = _argument(base, "!")
    if doubled is not None and _is_reference(doubled):
        return doubled, "&&"
    cast = _boolean_argument(base, context)
    if cast is not None and _is_reference(cast):
        return cast, sign
    reference = _loose_null_check(test, context) or _strict_null_check(test, context)
    return (reference, "??") if reference is not None else None


def _argument(node: Node, sign: str) -> Node | None:
    if node.type != "unary_expression" or operator(node) != sign:
        return None
    argument = field(node, "argument")
    return unwrap(argument) if argument is not None else None


def _boolean_argument(node: Node, context: Context) -> Node | None:
    callee, arguments = field(node, "function"), field(node, "arguments")
    if node.type != "call_expression" or callee is None or arguments is None or arguments.type != "arguments":
        return None
    values = named(arguments)
    if callee.text != b"Boolean" or len(values) != 1 or not context.scopes.is_global(callee):
        return None
    return unwrap(values[0])


def _sides(node: Node, sign: str) -> tuple[Node, Node] | None:
    """What a comparison compares, the reference first."""
    left, right = field(node, "left"), field(node, "right")
    if node.type != "binary_expression" or operator(node) != sign or left is None or right is None:
        return None
    left, right = unwrap(left), unwrap(right)
    return (left, right) if _is_reference(left) else (right, left)


def _loose_null_check(test: Node, context: Context) -> Node | None:
    sides = _sides(test, "==")
    if sides is None or not _is_reference(sides[0]):
        return None
    return sides[0] if sides[1].type == "null" or _is_undefined(sides[1], context) else None


def _strict_null_check(test: Node, context: Context) -> Node | None:
    left, right = field(test, "left"), field(test, "right")
    if test.type != "binary_expression" or operator(test) != "||" or left is None or right is None:
        return None
    one, other = _sides(unwrap(left), "==="), _sides(unwrap(right), "===")
    if one is None or other is None or not is_same_reference(one[0], other[0]):
        return None
    for null, undefined in ((one[1], other[1]), (other[1], one[1])):
        if null.type == "null" and _is_undefined(undefined, context):
            return one[0]
    return None


def _is_undefined(node: Node, context: Context) -> bool:
    if node.type == "undefined":
        return context.scopes.is_global(node)
    zero = _argument(node, "void")
    return zero is not None and zero.type == "number" and text(zero) == "0"


def _is_logical(node: Node) -> bool:
    from thea_hook.languages.expressions import is_logical

    return is_logical(node)


def _is_reference(node: Node) -> bool:
    from thea_hook.languages.expressions import has_optional_chain

    return node.type == "identifier" or (node.type in MEMBERS and not has_optional_chain(node))


def _cannot_be_getter(node: Node, context: Context) -> bool:
    """Whether reading the target runs no code: it is a variable, and no ``with`` can make it a property."""
    return unwrap(node).type == "identifier" and not _is_in_with(node, context)


def _reads_one_property(node: Node, context: Context) -> bool:
    """Whether the target is one property of a variable, ``this`` or ``super``."""
    if _is_in_with(node, context):
        return node.type == "identifier"
    target = field(node, "object") if node.type in MEMBERS else None
    if target is None or unwrap(target).type not in ("identifier", "super", "this"):
        return False
    index = field(node, "index")
    return index is None or unwrap(index).type not in MEMBERS


def _is_in_with(node: Node, context: Context) -> bool:
    if b"with" not in context.text:
        return False
    scope = context.scopes.acquire(context.module.root) or context.scopes.global_scope
    return not scope.is_strict and any(ancestor.type == "with_statement" for ancestor in ancestors(node))
