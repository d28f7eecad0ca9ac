"""Rules about number literals and the text they are read from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.languages.expressions import can_be_adjacent, is_unary, space_before
from thea_hook.languages.functions import arguments_of, bare_arguments, callee_of
from thea_hook.languages.global_uses import is_global_member, is_global_name
from thea_hook.languages.nodes import child_token, field, insert, operator, replace, span, text, token_after, unwrap
from thea_hook.languages.static_value import string_units
from thea_hook.languages.strings import format_number, integer_value, number_value
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ no-loss-of-precision

_NOT_DECIMAL = re.compile(r"0[xXbBoO]|0[0-7]+\Z")
MAX_DIGITS = 100
"""Literals with more digits than ECMAScript can print back are taken to lose some."""


def no_loss_of_precision(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-loss-of-precision."""
    literal = text(node).replace("_", "")
    # fifteen digits always survive, whatever they are
    if literal.endswith("n") or (len(literal) < 16 and literal.isdigit()):
        return
    value = number_value(literal)
    if value is None:
        return
    if _NOT_DECIMAL.match(literal):
        is_lost = value == float("inf") or integer_value(literal) != int(value)
    else:
        is_lost = _loses_decimals(literal.lower(), value)
    if is_lost:
        is_fraction = "." in literal and _NOT_DECIMAL.match(literal) is None
        grade = Applicability.UNSAFE if is_fraction else Applicability.DISPLAY
        yield Problem(span(node), edits=_as_kept(node, literal, value, context), applicability=grade)


def _as_kept(node: Node, literal: str, value: float, context: Context) -> tuple[Edit, ...]:
    """The number that the program uses, in the same system."""
    if value in (0, float("inf")):
        return ()
    if _NOT_DECIMAL.match(literal):
        system = {"x": "x", "b": "b"}.get(literal[1].lower(), "o")
        digits = f"{int(value):{system}}"
        return (replace(node, f"0{system}{digits.upper() if literal[2:].isupper() else digits}"),)
    new = format_number(value)
    is_followed = context.text[node.end_byte : node.end_byte + 1] == b"."
    return () if is_followed and new.isdigit() else (replace(node, new),)


# ------------------------------------------------------------------ no-octal

_LEGACY = re.compile(r"0\d+\Z")


def no_octal(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-octal."""
    literal = text(node)
    if literal[:1] != "0" or not literal[1:2].isdigit():
        return
    edits: tuple[Edit, ...] = ()
    is_followed = context.text[node.end_byte : node.end_byte + 1] == b"."
    if _LEGACY.match(literal) and not is_followed:
        digits = literal.lstrip("0")
        prefix = "" if not digits or re.search("[89]", digits) else "0o"
        edits = (replace(node, prefix + (digits or "0")),)
    yield Problem(span(node), edits=edits)


def _loses_decimals(literal: str, value: float) -> bool:
    coefficient, magnitude = _scientific(literal)
    if value == 0:
        return coefficient.strip("0") != ""
    if value == float("inf") or len(coefficient) > MAX_DIGITS:
        return True
    stored, _, exponent = f"{value:.{len(coefficient) - 1}e}".partition("e")
    return (stored.replace(".", ""), int(exponent)) != (coefficient, magnitude)


def _scientific(literal: str) -> tuple[str, int]:
    """The digits a literal asks for, and the power of ten of the first of them.

    Trailing zeros of an integer only hold the place; those of a fraction are digits like any other.
    """
    mantissa, _, exponent = literal.partition("e")
    whole, _, fraction = mantissa.partition(".")
    whole = whole.lstrip("0")
    if not fraction:
        digits, magnitude = whole.rstrip("0"), len(whole) - 1
    elif whole:
        digits, magnitude = whole + fraction, len(whole) - 1
    else:
        digits = fraction.lstrip("0")
        magnitude = len(digits) - len(fraction) - 1
    power = exponent.lstrip("+-").lstrip("0")
    # a power of more digits than this is infinite or zero anyway
    sign = -1 if exponent.startswith("-") else 1
    return digits, magnitude + sign * int(power[:9] or "0")


# ------------------------------------------------------------------ prefer-numeric-literals

_SYSTEMS = {2: ("binary", "0b", "01"), 8: ("octal", "0o", "01234567"), 16: ("hexadecimal", "0x", "0-9a-fA-F")}


def _is_parse_int(call: Node, context: Context) -> bool:
    called = callee_of(call)
    return called is not None and (
        is_global_name(called, "parseInt", context.scopes)
        or is_global_member(called, "Number", "parseInt", context.scopes)
    )


def prefer_numeric_literals(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-numeric-literals."""
    args = bare_arguments(node)
    if len(args) != 2 or args[1].type != "number":
        return
    digits = string_units(args[0], context.text)
    base = number_value(text(args[1]))
    system = None if base is None or text(args[1]).endswith("n") else _SYSTEMS.get(int(base) if base < 37 else 0)
    if digits is None or system is None or base not in _SYSTEMS or not _is_parse_int(node, context):
        return
    name, prefix, allowed = system
    edits: tuple[Edit, ...] = ()
    if re.fullmatch(rf"[{allowed}]+\s*", digits.value) and not context.has_comment(span(node)):
        edits = (replace(node, _between_tokens(node, prefix + digits.value)),)
    called = callee_of(node)
    yield Problem(span(node), data={"system": name, "function": "" if called is None else text(called)}, edits=edits)


def _between_tokens(node: Node, new: str) -> str:
    """Text to put in place of a node, with the spaces it needs beside words that touch it."""
    following = token_after(node)
    touches = following is not None and following.start_byte == node.end_byte
    after = " " if touches and following is not None and not can_be_adjacent(new, text(following)) else ""
    return space_before(node, new) + new + after


# ------------------------------------------------------------------ no-compare-neg-zero

_COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "===", "!=", "!=="})


def no_compare_neg_zero(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-compare-neg-zero."""
    symbol = operator(node)
    if symbol not in _COMPARISONS:
        return
    sides = [unwrap(side) for side in (field(node, "left"), field(node, "right")) if side is not None]
    zeros = [side for side in sides if _is_negative_zero(side)]
    if not zeros:
        return
    data = {"operator": symbol}
    if symbol in ("===", "!=="):
        edits = _told_apart(node, sides, context)
        yield Problem(span(node), data, "", edits, "Ask `Object.is`", Applicability.UNSAFE)
    else:
        yield Problem(span(node), data, edits=tuple(replace(zero, space_before(zero, "0") + "0") for zero in zeros))


def _told_apart(node: Node, sides: list[Node], context: Context) -> tuple[Edit, ...]:
    """`Object.is(a, -0)` for `a === -0`."""
    others = [side for side in sides if not _is_negative_zero(side)]
    if len(others) != 1 or context.has_comment(span(node)) or context.scopes.lookup("Object", node) is not None:
        return ()
    other = f"({text(others[0])})" if others[0].type == "sequence_expression" else text(others[0])
    new = f"{'!' if operator(node) == '!==' else ''}Object.is({other}, -0)"
    return (replace(node, space_before(node, new) + new),)


def _is_negative_zero(node: Node) -> bool:
    if not is_unary(node, "-"):
        return False
    argument = field(node, "argument")
    if argument is None:
        return False
    argument = unwrap(argument)
    return argument.type == "number" and not text(argument).endswith("n") and number_value(text(argument)) == 0


# ------------------------------------------------------------------ radix


def radix(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint radix."""
    if not _is_parse_int(node, context):
        return
    args = bare_arguments(node)
    if any(argument.type == "spread_element" for argument in args[:2]):
        return
    if not args:
        yield Problem(span(node), message="missing-arguments")
    elif len(args) == 1:
        container = field(node, "arguments")
        comma = None if container is None else child_token(container, ",")
        last = arguments_of(node)[0]
        addition = insert(last.end_byte, ", 10") if comma is None else insert(comma.end_byte, " 10,")
        yield Problem(span(node), message="missing-radix", edits=(addition,))
    elif not _is_valid_radix(args[1], context):
        yield Problem(span(node), message="invalid-radix")


def _is_valid_radix(node: Node, context: Context) -> bool:
    """Whether an argument is, or at least may be, an integer from 2 to 36."""
    if node.type == "undefined" or (node.type == "identifier" and text(node) == "undefined"):
        return not context.scopes.is_global(node)
    if is_unary(node, "-") or is_unary(node, "+"):
        argument = field(node, "argument")
        if argument is None or unwrap(argument).type != "number":
            return True
        return operator(node) == "+" and _is_radix(text(unwrap(argument)))
    if node.type == "number":
        return _is_radix(text(node))
    return node.type not in ("string", "true", "false", "null", "regex")


def _is_radix(literal: str) -> bool:
    return not literal.endswith("n") and number_value(literal) in range(2, 37)
