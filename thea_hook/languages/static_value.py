"""The values of expressions that are known before the program runs.

Only what has no effects and no doubts is evaluated: literals, templates, ``+`` of strings and numbers, arithmetic with
numbers, choices between known values, and a ``const`` (or a variable written once) with a known initialiser.
"""

from __future__ import annotations

from math import fmod
from operator import mul, sub, truediv
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import Span
from thea_hook.languages.expressions import is_static_template
from thea_hook.languages.nodes import named, operator, span, text, unwrap_types
from thea_hook.languages.strings import (
    Decoded,
    code_points,
    decode_plain,
    decode_string,
    decode_template_chars,
    format_number,
    number_value,
    utf16,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import ScopeManager

Primitive = str | float | bool | None
"""A JavaScript string (as UTF-16 code units), number, boolean or null."""

# How many expressions may be looked at: `const a = b + b; const b = c + c; ...` doubles at each step.
MAX_STEPS = 200


class StaticValue(NamedTuple):
    """A known value."""

    value: Primitive

    def to_string(self) -> str:
        """The value as ``String`` converts it, in UTF-16 code units."""
        value = self.value
        if isinstance(value, str):
            return value
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        return format_number(value)

    @property
    def truthy(self) -> bool:
        return self.value == self.value and bool(self.value)


def static_value(node: Node, source: bytes, scopes: ScopeManager) -> StaticValue | None:
    """The value of an expression, or None where it is not known."""
    return _Evaluator(source, scopes).value(node)


def string_units(node: Node, source: bytes) -> Decoded | None:
    """The value of a string literal or of a template without substitutions, with the bytes of each unit."""
    if node.type == "string":
        return decode_string(source, span(node))
    if not is_static_template(node):
        return None
    return decode_template_chars(source, Span(node.start_byte + 1, node.end_byte - 1))


class _Evaluator:
    def __init__(self, source: bytes, scopes: ScopeManager) -> None:
        self.source = source
        self.scopes = scopes
        self.steps = MAX_STEPS

    def value(self, node: Node) -> StaticValue | None:
        self.steps -= 1
        if self.steps < 0:
            return None
        node = unwrap_types(node)
        kind = node.type
        if kind == "string":
            decoded = string_units(node, self.source)
            return None if decoded is None else StaticValue(decoded.value)
        if kind == "number":
            number = None if text(node).endswith("n") else number_value(text(node))
            return None if number is None else StaticValue(number)
        if kind in _KEYWORDS:
            return StaticValue(_KEYWORDS[kind])
        if kind == "template_string":
            return self._template(node, raw=False)
        if kind == "call_expression":
            return self._string_raw(node)
        if kind == "binary_expression":
            return self._binary(node)
        if kind == "unary_expression":
            return self._unary(node)
        if kind == "ternary_expression":
            return self._ternary(node)
        if kind == "identifier":
            return self._variable(node)
        return None

    def _template(self, node: Node, *, raw: bool) -> StaticValue | None:
        parts: list[str] = []
        position = node.start_byte + 1
        for child in [child for child in node.children if child.type == "template_substitution"]:
            inner = named(child)
            value = self.value(inner[0]) if inner else None
            chars = self._characters(position, child.start_byte, raw)
            if value is None or chars is None:
                return None
            parts += (chars, value.to_string())
            position = child.end_byte
        chars = self._characters(position, node.end_byte - 1, raw)
        return None if chars is None else StaticValue("".join(parts) + chars)

    def _characters(self, start: int, end: int, raw: bool) -> str | None:
        decode = decode_plain if raw else decode_template_chars
        decoded = decode(self.source, Span(start, end))
        return None if decoded is None else decoded.value

    def _string_raw(self, node: Node) -> StaticValue | None:
        function = node.child_by_field_name("function")
        template = node.child_by_field_name("arguments")
        if function is None or template is None or template.type != "template_string":
            return None
        owner = function.child_by_field_name("object")
        if text(function) != "String.raw" or owner is None or not self.scopes.is_global(owner):
            return None
        return self._template(template, raw=True)

    def _binary(self, node: Node) -> StaticValue | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        symbol = operator(node)
        if left is None or right is None or symbol not in ("&&", "||", "??", "+", *_ARITHMETIC):
            return None
        first = self.value(left)
        if first is None:
            return None
        if symbol == "+" or symbol in _ARITHMETIC:
            second = self.value(right)
            if second is None:
                return None
            return _add(first, second) if symbol == "+" else _calculate(symbol, first, second)
        keeps = {"&&": not first.truthy, "||": first.truthy, "??": first.value is not None}[symbol]
        return first if keeps else self.value(right)

    def _unary(self, node: Node) -> StaticValue | None:
        argument, symbol = node.child_by_field_name("argument"), operator(node)
        value = self.value(argument) if argument is not None and symbol in ("-", "+", "!") else None
        if value is None:
            return None
        if symbol == "!":
            return StaticValue(not value.truthy)
        if isinstance(value.value, str):
            return None
        return StaticValue(-_number(value.value) if symbol == "-" else _number(value.value))

    def _ternary(self, node: Node) -> StaticValue | None:
        condition = node.child_by_field_name("condition")
        test = None if condition is None else self.value(condition)
        if test is None:
            return None
        branch = node.child_by_field_name("consequence" if test.truthy else "alternative")
        return None if branch is None else self.value(branch)

    def _variable(self, node: Node) -> StaticValue | None:
        variable = self.scopes.variable_at(node)
        if variable is None or len(variable.definitions) != 1:
            return None
        (definition,) = variable.definitions
        declarator = definition.node
        if definition.kind not in ("const", "let", "var") or declarator.type != "variable_declarator":
            return None
        name, initialiser = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if name is None or name.type != "identifier" or initialiser is None:
            return None
        writes = [reference for reference in variable.references if reference.is_write]
        # a `let` or `var` read before its only write would be undefined: then the order is not ours to judge
        is_known = definition.kind == "const" or (len(writes) == 1 and initialiser.end_byte <= node.start_byte)
        return self.value(initialiser) if is_known else None


_ARITHMETIC = {"-": sub, "*": mul, "/": truediv, "%": fmod}
_KEYWORDS: dict[str, Primitive] = {"true": True, "false": False, "null": None}


def _add(left: StaticValue, right: StaticValue) -> StaticValue:
    if isinstance(left.value, str) or isinstance(right.value, str):
        return StaticValue(utf16(code_points(left.to_string() + right.to_string())))
    return StaticValue(_number(left.value) + _number(right.value))


def _calculate(symbol: str, left: StaticValue, right: StaticValue) -> StaticValue | None:
    if isinstance(left.value, str) or isinstance(right.value, str):
        return None
    try:
        return StaticValue(float(_ARITHMETIC[symbol](_number(left.value), _number(right.value))))
    except (ArithmeticError, ValueError):  # division by zero, the remainder of infinity
        return None


def _number(value: float | bool | None) -> float:
    return 0.0 if value is None else float(value)
