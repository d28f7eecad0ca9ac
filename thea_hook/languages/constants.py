"""Which expressions have the same value, truth or nullness every time they are evaluated.

The rules are those of ESLint's ``isConstant`` and of its rule no-constant-binary-expression. An expression nested
deeper than ``MAX_DEPTH`` counts as not constant.
"""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.languages.expressions import (
    ASSIGNMENTS,
    FUNCTION_EXPRESSIONS,
    IDENTIFIERS,
    LOGICAL_ASSIGNMENTS,
    LOGICAL_OPERATORS,
    is_static_template,
    is_unary,
)
from thea_hook.languages.functions import arguments_of, callee_of
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import LITERALS, field, named, operator, string_value, text, unwrap

MAX_DEPTH = 50

_FUNCTIONS = FUNCTION_EXPRESSIONS | {"arrow_function"}
_NEVER_NULLISH = _FUNCTIONS | {"object", "array", "class", "new_expression", "template_string", "update_expression"}
_NUMERIC_OPERATORS = frozenset({"+", "-", "*", "/", "%", "|", "^", "&", "**", "<<", ">>", ">>>"})
_CONVERSIONS = frozenset({"Boolean", "String", "Number", "Symbol", "BigInt"})

# The constructors of the language: what `new` makes of them is a new object every time.
_CONSTRUCTORS = frozenset(
    [
        "AggregateError",
        "Array",
        "ArrayBuffer",
        "AsyncDisposableStack",
        "BigInt",
        "BigInt64Array",
        "BigUint64Array",
        "Boolean",
        "DataView",
        "Date",
        "DisposableStack",
        "Error",
        "EvalError",
        "FinalizationRegistry",
        "Float16Array",
        "Float32Array",
        "Float64Array",
        "Function",
        "Int16Array",
        "Int32Array",
        "Int8Array",
        "Iterator",
        "Map",
        "Number",
        "Object",
        "Promise",
        "Proxy",
        "RangeError",
        "ReferenceError",
        "RegExp",
        "Set",
        "SharedArrayBuffer",
        "String",
        "SuppressedError",
        "Symbol",
        "SyntaxError",
        "TypeError",
        "URIError",
        "Uint16Array",
        "Uint32Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "WeakMap",
        "WeakRef",
        "WeakSet",
    ]
)


class Constants:
    """Answers about the expressions of one file."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def _is_global(self, name: Node) -> bool:
        # the scopes are only worked out for a file that asks about a name
        return self.module.scopes.is_global(name)

    # ------------------------------------------------------------ values

    def is_constant(self, node: Node, *, as_condition: bool, depth: int = 0) -> bool:
        """Whether the value, or ``as_condition`` its truth, is always the same."""
        node = unwrap(node)
        kind = node.type
        if depth > MAX_DEPTH:
            return False
        depth += 1
        if kind in LITERALS or kind in _FUNCTIONS or kind in ("class", "object"):
            return True
        if kind in IDENTIFIERS:
            return self.is_undefined(node)
        if kind == "template_string":
            return self._is_constant_template(node, as_condition, depth)
        if kind == "array":
            return as_condition or all(self._is_constant_element(element, depth) for element in named(node))
        if kind == "unary_expression":
            sign = operator(node)
            if sign == "void" or (sign == "typeof" and as_condition):
                return True
            argument = field(node, "argument")
            return argument is not None and self.is_constant(argument, as_condition=sign == "!", depth=depth)
        if kind == "binary_expression":
            return self._is_constant_binary(node, as_condition, depth)
        if kind == "new_expression":
            return as_condition
        if kind in ASSIGNMENTS:
            right = field(node, "right")
            sign = operator(node)
            if right is None:
                return False
            if sign == "=":
                return self.is_constant(right, as_condition=as_condition, depth=depth)
            return sign in ("||=", "&&=") and as_condition and _decides(right, sign[:-1], depth)
        if kind == "sequence_expression":
            return self.is_constant(named(node)[-1], as_condition=as_condition, depth=depth)
        if kind == "call_expression":
            return self._is_constant_conversion(node, depth)
        return False

    def _is_constant_element(self, element: Node, depth: int) -> bool:
        value = named(element)[0] if element.type == "spread_element" else element
        return self.is_constant(value, as_condition=False, depth=depth)

    def _is_constant_template(self, node: Node, as_condition: bool, depth: int) -> bool:
        if as_condition and any(adds_text(part) for part in node.children):
            return True
        return all(
            self.is_constant(named(part)[0], as_condition=False, depth=depth)
            for part in node.children
            if part.type == "template_substitution" and named(part)
        )

    def _is_constant_binary(self, node: Node, as_condition: bool, depth: int) -> bool:
        left, right = field(node, "left"), field(node, "right")
        sign = operator(node)
        if left is None or right is None:
            return False
        if sign not in LOGICAL_OPERATORS:
            return (
                sign != "in"
                and left.type != "private_property_identifier"
                and self.is_constant(left, as_condition=False, depth=depth)
                and self.is_constant(right, as_condition=False, depth=depth)
            )
        left_constant = self.is_constant(left, as_condition=as_condition, depth=depth)
        right_constant = self.is_constant(right, as_condition=as_condition, depth=depth)
        if left_constant and (right_constant or _decides(left, sign, depth)):
            return True
        return as_condition and right_constant and _decides(right, sign, depth)

    def _is_constant_conversion(self, node: Node, depth: int) -> bool:
        """Whether a call is ``Boolean(x)`` of a constant x."""
        if self.conversion(node) != "Boolean":
            return False
        arguments = arguments_of(node)
        return not arguments or self.is_constant_argument(arguments[0], depth)

    def is_constant_argument(self, argument: Node, depth: int = 0) -> bool:
        if argument.type == "spread_element":
            argument = named(argument)[0]
        return self.is_constant(argument, as_condition=True, depth=depth)

    def conversion(self, call: Node) -> str | None:
        """Which of the built-in ``Boolean``, ``String``, ``Number``, ``Symbol``, ``BigInt`` is called, if any."""
        function = callee_of(call)
        if function is None:
            return None
        name = text(function)
        if function.type != "identifier" or name not in _CONVERSIONS or not self._is_global(function):
            return None
        return name

    def is_undefined(self, node: Node) -> bool:
        """Whether it is the global ``undefined``."""
        return node.type in IDENTIFIERS and node.text == b"undefined" and self._is_global(node)

    def is_nullish(self, node: Node) -> bool:
        """Whether it is written as ``null``, ``undefined`` or ``void ...``."""
        node = unwrap(node)
        return node.type == "null" or self.is_undefined(node) or is_unary(node, "void")

    # ------------------------------------------------------------ comparisons

    def has_constant_nullness(self, node: Node, *, must_be_set: bool = False, depth: int = 0) -> bool:
        """Whether it is always null or undefined or never is; with ``must_be_set``, whether it never is."""
        node = unwrap(node)
        kind = node.type
        if depth > MAX_DEPTH or (must_be_set and self.is_nullish(node)):
            return False
        if kind in _NEVER_NULLISH or kind in LITERALS or kind == "unary_expression":
            return True
        if kind == "call_expression":
            return self.conversion(node) is not None
        if kind == "binary_expression":
            right = field(node, "right")
            if operator(node) not in LOGICAL_OPERATORS:
                return True
            return (
                operator(node) == "??"
                and right is not None
                and self.has_constant_nullness(right, must_be_set=True, depth=depth + 1)
            )
        if kind == "augmented_assignment_expression":
            return operator(node) not in LOGICAL_ASSIGNMENTS
        value = _passed_on(node)
        if value is not None:
            return self.has_constant_nullness(value, must_be_set=must_be_set, depth=depth + 1)
        return self.is_undefined(node)

    def is_static_boolean(self, node: Node) -> bool:
        """Whether it is ``true``, ``false``, or a conversion of a constant to one of them."""
        node = unwrap(node)
        if node.type in ("true", "false"):
            return True
        if node.type == "call_expression":
            return self._is_constant_conversion(node, 0)
        return is_unary(node, "!") and self._argument_is_constant(node)

    def _argument_is_constant(self, node: Node) -> bool:
        argument = field(node, "argument")
        return argument is not None and self.is_constant(argument, as_condition=True)

    def compares_loosely_constant(self, node: Node, depth: int = 0) -> bool:
        """Whether ``== true`` and ``== false`` always give the same answer for it."""
        node = unwrap(node)
        kind = node.type
        if depth > MAX_DEPTH:
            return False
        if kind in LITERALS or kind in _FUNCTIONS or kind in ("object", "class"):
            return True
        if kind == "array":
            values = [element for element in named(node) if element.type != "spread_element"]
            has_elements = any(child.is_named or child.type == "," for child in node.children)
            return not has_elements or len(values) > 1
        if kind == "unary_expression":
            sign = operator(node)
            return sign in ("void", "typeof") or (sign == "!" and self._argument_is_constant(node))
        if kind == "call_expression":
            return self._is_constant_conversion(node, 0)
        if kind == "template_string":
            return is_static_template(node)
        value = _passed_on(node)
        if value is not None:
            return self.compares_loosely_constant(value, depth + 1)
        return self.is_undefined(node)

    def compares_strictly_constant(self, node: Node, depth: int = 0) -> bool:
        """Whether ``=== true`` and ``=== false`` always give the same answer for it."""
        node = unwrap(node)
        kind = node.type
        if depth > MAX_DEPTH:
            return False
        if kind in _NEVER_NULLISH or kind in LITERALS:
            return True
        if kind == "binary_expression":
            return operator(node) in _NUMERIC_OPERATORS
        if kind == "unary_expression":
            sign = operator(node)
            return sign != "delete" and (sign != "!" or self._argument_is_constant(node))
        if kind == "augmented_assignment_expression":
            return operator(node) not in LOGICAL_ASSIGNMENTS
        if kind == "call_expression":
            name = self.conversion(node)
            return name is not None and (name != "Boolean" or self._is_constant_conversion(node, 0))
        value = _passed_on(node)
        if value is not None:
            return self.compares_strictly_constant(value, depth + 1)
        return self.is_undefined(node)

    def is_always_new(self, node: Node, depth: int = 0) -> bool:
        """Whether it is an object that nothing else can be equal to."""
        node = unwrap(node)
        kind = node.type
        if depth > MAX_DEPTH:
            return False
        if kind in _FUNCTIONS or kind in ("object", "array", "class", "regex"):
            return True
        if kind == "new_expression":
            made = field(node, "constructor")
            return made is not None and text(unwrap(made)) in _CONSTRUCTORS and self._is_global(unwrap(made))
        if kind == "ternary_expression":
            branches = field(node, "consequence"), field(node, "alternative")
            return all(branch is not None and self.is_always_new(branch, depth + 1) for branch in branches)
        value = _passed_on(node)
        return value is not None and self.is_always_new(value, depth + 1)

    def is_static_literal(self, node: Node) -> bool:
        """Whether it is a literal, perhaps with a sign, or ``undefined``."""
        node = unwrap(node)
        if node.type in LITERALS or is_static_template(node) or self.is_undefined(node):
            return True
        argument = field(node, "argument")
        return (
            node.type == "unary_expression"
            and operator(node) in ("-", "+", "~")
            and argument is not None
            and unwrap(argument).type in LITERALS
        )


def adds_text(part: Node) -> bool:
    """Whether a part of a template adds characters; an escaped line break adds none."""
    if part.type == "escape_sequence":
        return text(part) not in ("\\\n", "\\\r", "\\\r\n", "\\\u2028", "\\\u2029")
    return part.type == "string_fragment"


def _passed_on(node: Node) -> Node | None:
    """The part of an assignment or sequence whose value is the value of the whole."""
    if node.type == "assignment_expression":
        return field(node, "right")
    return named(node)[-1] if node.type == "sequence_expression" else None


def _decides(node: Node, sign: str, depth: int) -> bool:
    """Whether one side of ``||`` or ``&&`` fixes the result, as in ``x || true`` or ``x && false``."""
    node = unwrap(node)
    kind = node.type
    if depth > MAX_DEPTH:
        return False
    if kind in LITERALS:
        truth = literal_truth(node)
        return (sign == "||" and truth) or (sign == "&&" and not truth)
    if kind == "unary_expression":
        return sign == "&&" and operator(node) == "void"
    left, right = field(node, "left"), field(node, "right")
    if kind == "binary_expression":
        return (
            sign == operator(node)
            and left is not None
            and right is not None
            and (_decides(left, sign, depth + 1) or _decides(right, sign, depth + 1))
        )
    if kind == "augmented_assignment_expression":
        same = sign in ("||", "&&") and operator(node) == f"{sign}="
        return same and right is not None and _decides(right, sign, depth + 1)
    return False


def literal_truth(node: Node) -> bool:
    """Whether a literal is truthy."""
    if node.type == "number":
        from thea_hook.languages.strings import number_value

        return number_value(text(node).removesuffix("n")) != 0
    if node.type == "string":
        return string_value(node) != ""
    return node.type in ("true", "regex")
