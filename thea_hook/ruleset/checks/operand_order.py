"""Comparisons and other operators: which one, on which side, in which order."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    IDENTIFIERS,
    MEMBERS,
    OR,
    can_be_adjacent,
    ends_in_type_operator,
    is_in_parentheses,
    is_same_reference,
    is_statement_start,
    is_static_template,
    is_unary,
    needs_semicolon_before,
    precedence,
    starts_function_or_class,
)
from thea_hook.languages.functions import callee_of
from thea_hook.languages.nodes import (
    LITERALS,
    field,
    operator,
    parent_expression,
    property_name,
    replace,
    span,
    string_value,
    text,
    token_after,
    token_before,
    unwrap,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ eqeqeq

_LITERAL_TYPES = {"true": "boolean", "false": "boolean", "null": "object", "regex": "object", "string": "string"}


def eqeqeq(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint eqeqeq."""
    sign = operator(node)
    if sign not in ("==", "!=", "===", "!=="):
        return
    mode, null = context.options["mode"], context.options["null"]
    left, right, token = field(node, "left"), field(node, "right"), field(node, "operator")
    if left is None or right is None or token is None:
        return
    left, right = unwrap(left), unwrap(right)
    with_null = "null" in (left.type, right.type)
    same_type = is_unary(left, "typeof") or is_unary(right, "typeof") or _have_same_type(left, right)
    if len(sign) == 3:
        if mode != "always" or null != "never" or not with_null:
            return
        better = sign[:-1]
    elif (with_null and (mode != "always" or null != "always")) or (mode == "smart" and same_type):
        return
    else:
        better = f"{sign}="
    grade = Applicability.SAFE if same_type else Applicability.UNSAFE
    edits: tuple[Edit, ...] = (replace(token, better),)
    if len(sign) == 2 and not same_type and (with_null or b"undefined" in (left.text, right.text)):
        edits = _with_both(node, context)
    data = {"better": better, "operator": sign}
    yield Problem(span(token), data, edits=edits, applicability=grade)


def no_eq_null(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-eq-null."""
    left, right = field(node, "left"), field(node, "right")
    if operator(node) not in ("==", "!=") or left is None or right is None:
        return
    if "null" in (unwrap(left).type, unwrap(right).type):
        yield Problem(span(node), {"better": f"{operator(node)}="}, edits=_with_both(node, context))


_NULLISH = ("null", "undefined")
_LONGEST_REPEATED = 60
"""Bytes of an expression that is written twice; what is longer reads better compared once."""

_FINDS_OR_NULL = frozenset({"getAttribute", "getElementById", "querySelector"})


def _with_both(node: Node, context: Context) -> tuple[Edit, ...]:
    """`x == null` says that `x` is one of two; so does what it becomes: `x === null || x === undefined`."""
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None or context.has_comment(span(node)):
        return ()
    value = left if text(unwrap(right)) in _NULLISH else right
    if text(unwrap(value)) in _NULLISH or context.scopes.lookup("undefined", node) is not None:
        return ()
    sign = f"{operator(node)}="
    again = _read_again(unwrap(value))
    if again is not None:
        first = text(value if value.type == "parenthesized_expression" and again != unwrap(value) else unwrap(value))
        new = f"{first} {sign} null {'||' if sign == '===' else '&&'} {text(again)} {sign} undefined"
        return (replace(node, f"({new})" if _binds_tighter(node, sign) else new),)
    called = callee_of(unwrap(value)) if unwrap(value).type == "call_expression" else None
    if called is not None and called.type == "member_expression" and property_name(called) in _FINDS_OR_NULL:
        return (replace(node, f"{text(value)} {sign} null"),)
    # `??` makes one of the two
    inner = value if precedence(unwrap(value)) > OR else unwrap(value)
    subject = text(inner) if inner is value else f"({text(inner)})"
    return (replace(node, f"({subject} ?? null) {sign} null"),)


def _read_again(value: Node) -> Node | None:
    """What gives the value a second time: a name and properties of one themselves, what was assigned to one."""
    if value.type == "assignment_expression":
        value = unwrap(field(value, "left") or value)
    if len(value.text or b"") > _LONGEST_REPEATED:
        return None
    return value if _is_path(value) else None


def _is_path(node: Node) -> bool:
    while node.type in MEMBERS:
        index = field(node, "index")
        if index is not None and unwrap(index).type not in ("string", "number") and not _is_path(unwrap(index)):
            return False
        node = unwrap(field(node, "object") or node)
    return node.type in ("identifier", "this")


def _binds_tighter(node: Node, sign: str) -> bool:
    """Whether what is around the comparison would take only a part of what it becomes."""
    parent = node.parent
    if parent is not None and parent.type == "binary_expression":
        return operator(parent) != ("||" if sign == "===" else "&&")
    return parent is not None and parent.type in _OPERATIONS


_OPERATIONS = frozenset({"as_expression", "await_expression", "satisfies_expression", "unary_expression"})


def _have_same_type(left: Node, right: Node) -> bool:
    kind = _literal_type(left)
    return kind is not None and kind == _literal_type(right)


def _literal_type(node: Node) -> str | None:
    """What ``typeof`` says about a literal."""
    if node.type == "number":
        return "bigint" if text(node).endswith("n") else "number"
    return "string" if is_static_template(node) else _LITERAL_TYPES.get(node.type)


# ------------------------------------------------------------------ yoda

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "===": "===", "!=": "!=", "!==": "!=="}


def yoda(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint yoda."""
    sign = operator(node)
    left, right = field(node, "left"), field(node, "right")
    if sign not in _FLIPPED or left is None or right is None:
        return
    if context.options["onlyEquality"] and sign not in ("==", "==="):
        return
    always = context.options["mode"] == "always"
    literal_side, other_side = (left, right) if always else (right, left)
    if not _is_literal(unwrap(other_side)) or _is_literal(unwrap(literal_side)):
        return
    if context.options["exceptRange"] and _is_in_range_test(node):
        return
    data = {"side": "left" if always else "right", "operator": sign}
    edits = () if ends_in_type_operator(node) else (replace(node, _swapped(node, right, sign, context)),)
    yield Problem(span(node), data, edits=edits)


def _is_literal(node: Node) -> bool:
    return node.type in LITERALS or _is_negative(node) or is_static_template(node)


def _is_negative(node: Node) -> bool:
    argument = field(node, "argument") if is_unary(node, "-") else None
    return argument is not None and unwrap(argument).type == "number"


def _is_in_range_test(node: Node) -> bool:
    """Whether the comparison is half of ``(0 <= a && a < 1)`` or ``(a < 0 || 1 <= a)``."""
    parent = parent_expression(node)
    if parent is None or parent.type != "binary_expression" or not is_in_parentheses(parent):
        return False
    sign = operator(parent)
    sides = [_operands(unwrap(side)) for side in (field(parent, "left"), field(parent, "right")) if side is not None]
    if sign not in ("&&", "||") or len(sides) != 2 or sides[0] is None or sides[1] is None:
        return False
    (a, b), (c, d) = sides[0], sides[1]
    inner, outer = ((b, c), (a, d)) if sign == "&&" else ((a, d), (b, c))
    if not is_same_reference(*inner):
        return False
    low, high = (_is_literal(bound) for bound in outer)
    return (low or high) and (not (low and high) or _is_at_most(*outer))


def _operands(node: Node) -> tuple[Node, Node] | None:
    left, right = field(node, "left"), field(node, "right")
    if node.type != "binary_expression" or operator(node) not in ("<", "<=") or left is None or right is None:
        return None
    return unwrap(left), unwrap(right)


def _is_at_most(low: Node, high: Node) -> bool:
    """Whether one literal is at most the other, as JavaScript compares."""
    values = [string_value(bound) if bound.type in ("string", "template_string") else None for bound in (low, high)]
    if values[0] is not None and values[1] is not None:
        return values[0] <= values[1]
    numbers = [_number(bound) for bound in (low, high)]
    return numbers[0] is not None and numbers[1] is not None and numbers[0] <= numbers[1]


def _number(node: Node) -> float | None:
    from thea_hook.languages.strings import number_value

    argument = field(node, "argument")
    if argument is not None:
        value = number_value(text(unwrap(argument)))
        return None if value is None else -value
    if node.type in ("true", "false", "null"):
        return float(node.type == "true")
    return number_value(string_value(node) or text(node))


def _swapped(node: Node, right: Node, sign: str, context: Context) -> str:
    token = field(node, "operator") or node
    last_left = token_before(token) or node
    first_right = token_after(token) or node
    before, after = token_before(node), token_after(node)
    prefix = suffix = ""
    if before is not None and before.end_byte == node.start_byte:
        prefix = "" if can_be_adjacent(text(before), text(first_right)) else " "
    if after is not None and after.start_byte == node.end_byte:
        suffix = "" if can_be_adjacent(text(last_left), text(after)) else " "
    swapped = (
        context.slice(first_right.start_byte, node.end_byte)
        + context.slice(last_left.end_byte, token.start_byte)
        + _FLIPPED[sign]
        + context.slice(token.end_byte, first_right.start_byte)
        + context.slice(node.start_byte, last_left.end_byte)
    )
    starts_statement = is_statement_start(node)
    word = before.type if before is not None else ""
    parenthesised = ((starts_statement or word == "default") and starts_function_or_class(right)) or (
        (starts_statement or word == "=>") and first_right.type == "{"
    )
    if parenthesised:
        swapped = f"({swapped})"
    continues = first_right.type in ("(", "[", "+", "-", "regex", "template_string")
    if not prefix and starts_statement and (parenthesised or continues):
        updated = word in ("++", "--") and first_right.type in ("+", "-", "regex")
        prefix = ";" if updated or needs_semicolon_before(node) else ""
    return prefix + swapped + suffix


# ------------------------------------------------------------------ negation, deletion, powers


def no_unsafe_negation(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unsafe-negation."""
    sign = operator(node)
    if sign not in ("in", "instanceof") and not (
        sign in ("<", "<=", ">", ">=") and context.options["enforceForOrderingRelations"]
    ):
        return
    left = field(node, "left")
    if left is None or not is_unary(left, "!"):
        return
    negated = Span(left.start_byte + 1, node.end_byte)
    yield Problem(
        span(left), {"operator": sign}, edits=(replace(negated, f"({context.slice(negated.start, negated.end)})"),)
    )


def no_delete_var(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-delete-var."""
    argument = field(node, "argument") if is_unary(node, "delete") else None
    if argument is not None and unwrap(argument).type in IDENTIFIERS:
        yield Problem(span(node))
