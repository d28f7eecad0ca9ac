"""Conversions that are redundant, or that an operator hides."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.languages.constants import adds_text
from thea_hook.languages.expressions import (
    ASSIGNMENT,
    OR,
    STATEMENTS_WITH_TEST,
    UNARY,
    has_group,
    is_binary,
    is_in_parentheses,
    is_logical,
    is_tagged_template,
    is_unary,
    mixes_nullish_with_logical,
    parenthesized_text,
    precedence,
    space_before,
)
from thea_hook.languages.functions import arguments_of, callee_of
from thea_hook.languages.nodes import (
    field,
    named,
    operator,
    outermost,
    parent_expression,
    property_name,
    replace,
    span,
    string_value,
    text,
    unwrap,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ no-extra-boolean-cast


def no_extra_boolean_cast(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-extra-boolean-cast."""
    if node.type == "unary_expression":
        inner = _negated(node)
        argument = _negated(inner) if inner is not None else None
        if argument is not None and _is_condition(node, context):
            if node.parent is None or not is_unary(node.parent, "!"):
                argument = _without_pairs(argument)
            yield Problem(span(node), message="negation", edits=_unwrapped(node, argument, context))
    elif _is_boolean_call(node, context) and _is_condition(node, context):
        yield Problem(span(node), message="call", edits=_without_call(node, context))


def _negated(node: Node) -> Node | None:
    """What ``!`` negates."""
    if not is_unary(node, "!"):
        return None
    argument = field(node, "argument")
    return None if argument is None else unwrap(argument)


def _without_pairs(node: Node) -> Node:
    """What is left when every further ``!!`` goes: one fix for a row of them, not one for each pair."""
    while True:
        inner = _negated(node)
        argument = None if inner is None else _negated(inner)
        if argument is None:
            return node
        node = argument


def _is_boolean_call(node: Node, context: Context) -> bool:
    callee = callee_of(node)
    return (
        callee is not None
        and callee.type == "identifier"
        and callee.text == b"Boolean"
        and context.scopes.is_global(callee)
    )


def _is_condition(node: Node, context: Context) -> bool:
    """Whether only the truth of the expression counts where it stands."""
    in_logical = context.options["enforceForLogicalOperands"]
    in_all = context.options["enforceForInnerExpressions"]
    while True:
        outer = outermost(node)
        parent = outer.parent
        if parent is None:
            return False
        kind = parent.type
        if kind == "binary_expression" and (in_logical or in_all):
            sign = operator(parent)
            if not (sign in ("||", "&&") or (in_all and sign == "??" and _is_field(parent, "right", outer))):
                return False
        elif kind == "ternary_expression" and in_all and not _is_field(parent, "condition", outer):
            pass
        elif kind == "sequence_expression" and in_all:
            if named(parent)[-1].id != outer.id:
                return False
        else:
            return _tests(parent, outer, context)
        node = parent


def _tests(parent: Node, child: Node, context: Context) -> bool:
    kind = parent.type
    if kind in STATEMENTS_WITH_TEST or kind == "ternary_expression":
        return _is_field(parent, "condition", child)
    if kind == "arguments":
        call = parent.parent
        return call is not None and named(parent)[0].id == child.id and _is_boolean_call(call, context)
    return is_unary(parent, "!")


def _is_field(parent: Node, name: str, child: Node) -> bool:
    value = field(parent, name)
    return value is not None and value.id == child.id


def _unwrapped(node: Node, argument: Node, context: Context) -> tuple[Edit, ...]:
    if context.has_comment(span(node)):
        return ()
    if _needs_parentheses(node, argument):
        return (replace(node, f"({text(argument)})"),)
    new = text(argument)
    return (replace(node, space_before(node, new, context.module.root) + new),)


def _without_call(node: Node, context: Context) -> tuple[Edit, ...]:
    arguments = arguments_of(node)
    if not arguments:
        parent = parent_expression(node)
        if parent is not None and is_unary(parent, "!"):
            where, new = parent, space_before(parent, "true", context.module.root) + "true"
        else:
            where, new = node, "false"
        return () if context.has_comment(span(where)) else (replace(where, new),)
    if len(arguments) > 1 or arguments[0].type == "spread_element" or context.has_comment(span(node)):
        return ()
    argument = unwrap(arguments[0])
    new = text(argument)
    return (replace(node, f"({new})" if _needs_parentheses(node, argument) else new),)


def _needs_parentheses(old: Node, new: Node) -> bool:
    """Whether ``new`` put in the place of ``old`` must be parenthesised."""
    if has_group(old):
        return False
    outer = outermost(old)
    parent = outer.parent
    if parent is None:
        return False
    kind = parent.type
    if kind == "arguments":
        return new.type == "sequence_expression"
    if kind == "ternary_expression":
        if _is_field(parent, "condition", outer):
            return precedence(new) <= precedence(parent)
        return precedence(new) < ASSIGNMENT
    if kind == "unary_expression":
        return precedence(new) < UNARY
    if kind == "binary_expression":
        if mixes_nullish_with_logical(new, parent):
            return True
        if _is_field(parent, "left", outer):
            return precedence(new) < precedence(parent)
        return precedence(new) <= precedence(parent)
    return False


# ------------------------------------------------------------------ no-implicit-coercion

_NUMBER_FUNCTIONS = frozenset({"Number", "parseInt", "parseFloat"})


def no_implicit_coercion(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-implicit-coercion."""
    kind = node.type
    if kind == "unary_expression":
        yield from _unary_coercion(node, context)
    elif kind == "binary_expression":
        yield from _binary_coercion(node, context)
    elif kind == "augmented_assignment_expression":
        left, right = field(node, "left"), field(node, "right")
        if operator(node) == "+=" and left and right and _is_empty_string(unwrap(right)) and _wants(context, "string"):
            name = text(unwrap(left))
            yield _coercion(node, f"{name} = String({name})", context)
    elif context.options["disallowTemplateShorthand"]:
        yield from _template_coercion(node, context)


def _wants(context: Context, option: str, sign: str = "+") -> bool:
    return bool(context.options[option]) and sign not in context.options["allow"]


def _coercion(node: Node, better: str, context: Context) -> Problem:
    """The finding, with an edit unless a comment would go or the function's name means another one here."""
    function = better.partition("(")[0].split()[-1]
    if not context.keeps_comments(span(node), better) or context.scopes.lookup(function, node) is not None:
        return Problem(span(node), {"better": better})
    edit = replace(node, space_before(node, better, context.module.root) + better)
    return Problem(span(node), {"better": better}, edits=(edit,))


def _operand(node: Node) -> str:
    return f"({text(node)})" if node.type == "sequence_expression" else text(node)


def _unary_coercion(node: Node, context: Context) -> Iterator[Problem]:
    sign = operator(node)
    argument = field(node, "argument")
    if argument is None or sign not in ("!", "~", "+", "-"):
        return
    argument = unwrap(argument)
    doubled = field(argument, "argument") if is_unary(argument, sign) else None
    if sign == "!" and doubled is not None and _wants(context, "boolean", "!!"):
        yield _coercion(node, f"Boolean({_operand(unwrap(doubled))})", context)
    elif sign == "~" and _wants(context, "boolean", "~") and _is_index_of(argument):
        yield Problem(
            span(node), {"better": f"{text(argument)} {_found(argument)}"}, edits=_is_found(node, argument, context)
        )
    elif sign == "+" and _wants(context, "number") and not _is_numeric(argument):
        yield _coercion(node, f"Number({_operand(argument)})", context)
    elif sign == "-" and doubled is not None and _wants(context, "number", "- -"):
        doubled = unwrap(doubled)
        if not _is_numeric(doubled):
            yield _coercion(node, f"Number({_operand(doubled)})", context)


def _is_index_of(node: Node) -> bool:
    callee = field(node, "function") if node.type == "call_expression" else None
    return callee is not None and property_name(unwrap(callee)) in ("indexOf", "lastIndexOf")


def _found(call: Node) -> str:
    from thea_hook.languages.expressions import has_optional_chain

    return ">= 0" if has_optional_chain(call) else "!== -1"


def _is_found(node: Node, call: Node, context: Context) -> tuple[Edit, ...]:
    """``a.indexOf(b) !== -1`` for ``~a.indexOf(b)``, where only its truth counts."""
    whole = outermost(node)
    while whole.parent is not None and is_logical(whole.parent) and operator(whole.parent) != "??":
        whole = outermost(whole.parent)
    if whole.parent is None or not _tests(whole.parent, whole, context) or context.has_comment(span(node)):
        return ()
    parent, found = node.parent, _found(call)
    if parent is not None and is_unary(parent, "!"):
        return (replace(parent, f"{text(call)} {'< 0' if found == '>= 0' else '=== -1'}"),)
    return (replace(node, f"{text(call)} {found}"),)


def _is_numeric(node: Node) -> bool:
    if node.type == "number":
        return not text(node).endswith("n")
    callee = callee_of(node) if node.type == "call_expression" else None
    return callee is not None and text(callee) in _NUMBER_FUNCTIONS


def _is_number(node: Node, value: int) -> bool:
    from thea_hook.languages.strings import number_value

    return node.type == "number" and not text(node).endswith("n") and number_value(text(node)) == value


def _binary_coercion(node: Node, context: Context) -> Iterator[Problem]:
    sign = operator(node)
    left, right = field(node, "left"), field(node, "right")
    if sign not in ("*", "-", "+") or left is None or right is None:
        return
    left, right = unwrap(left), unwrap(right)
    if sign == "*":
        if _wants(context, "number", "*") and (_is_number(left, 1) or _is_number(right, 1)):
            operand = _non_numeric(left, right)
            if operand is not None and not _scales(node, right):
                yield _coercion(node, f"Number({_operand(operand)})", context)
    elif sign == "-":
        if _wants(context, "number", "-") and _is_number(right, 0) and not _is_numeric(left):
            yield _coercion(node, f"Number({_operand(left)})", context)
    elif _wants(context, "string"):
        for empty, other in ((left, right), (right, left)):
            if _is_empty_string(empty) and not _is_string(other):
                yield _as_text(node, other, context)
                return


def _as_text(node: Node, other: Node, context: Context) -> Problem:
    """``String(a)`` for ``'' + a``; of a sum that is a text anyway only the empty string goes."""
    better = f"String({_operand(other)})"
    if not _is_sum_of_text(other):
        return _coercion(node, better, context)
    edits: tuple[Edit, ...] = ()
    if len(context.comments_in(span(node))) == len(context.comments_in(span(other))):
        parent = node.parent
        is_loose = parent is None or parent.type not in ("binary_expression", "unary_expression", "await_expression")
        edits = (replace(node, text(other) if is_loose else parenthesized_text(other)),)
    return Problem(span(node), {"better": better}, edits=edits)


def _is_sum_of_text(node: Node) -> bool:
    sides = [unwrap(side) for name in ("left", "right") if (side := field(node, name)) is not None]
    is_sum = node.type == "binary_expression" and operator(node) == "+"
    return is_sum and any(_is_string(side) or _is_sum_of_text(side) for side in sides)


def _non_numeric(left: Node, right: Node) -> Node | None:
    return next((side for side in (right, left) if not is_binary(side) and not _is_numeric(side)), None)


def _scales(node: Node, right: Node) -> bool:
    """Whether ``x * 1`` begins a fraction: ``x * 1 / 4``."""
    parent = node.parent
    return (
        parent is not None
        and _is_number(right, 1)
        and parent.type == "binary_expression"
        and operator(parent) == "/"
        and _is_field(parent, "left", node)
    )


def _is_string(node: Node) -> bool:
    if node.type in ("string", "template_string"):
        return True
    callee = field(node, "function") if node.type == "call_expression" else None
    return callee is not None and not is_tagged_template(node) and callee.text == b"String"


def _is_empty_string(node: Node) -> bool:
    return node.type in ("string", "template_string") and string_value(node) == ""


def _template_coercion(node: Node, context: Context) -> Iterator[Problem]:
    parent = node.parent
    parts = [part for part in node.children[1:-1] if part.type == "template_substitution" or adds_text(part)]
    if parent is None or parent.type == "call_expression" or len(parts) != 1:
        return
    values = named(parts[0]) if parts[0].type == "template_substitution" else []
    if values and not _is_string(unwrap(values[0])):
        yield _coercion(node, f"String({_operand(unwrap(values[0]))})", context)


# ------------------------------------------------------------------ no-unneeded-ternary

_INVERSES = {"==": "!=", "!=": "==", "===": "!==", "!==": "==="}
_COMPARISONS = frozenset({*_INVERSES, ">", ">=", "<", "<=", "in", "instanceof"})


def no_unneeded_ternary(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unneeded-ternary."""
    parts = (field(node, "condition"), field(node, "consequence"), field(node, "alternative"))
    test, yes, no = (unwrap(part) if part is not None else None for part in parts)
    if test is None or yes is None or no is None:
        return
    if yes.type in ("true", "false") and no.type in ("true", "false"):
        new = _simplified(node, test, yes, no, context)
        edits = () if new is None or context.has_comment(span(node)) else (replace(node, new),)
        yield Problem(span(node), edits=edits)
    elif not context.options["defaultAssignment"] and test.type == yes.type == "identifier" and test.text == yes.text:
        loose = precedence(no) < OR or (is_logical(no) and operator(no) == "??")
        other = f"({text(no)})" if loose and not is_in_parentheses(no) else parenthesized_text(no)
        edits = () if context.has_comment(span(node)) else (replace(node, f"{parenthesized_text(test)} || {other}"),)
        yield Problem(span(node), message="default", edits=edits)


def _simplified(node: Node, test: Node, yes: Node, no: Node, context: Context) -> str | None:
    if yes.type == no.type:
        return space_before(node, yes.type, context.module.root) + yes.type if test.type == "identifier" else None
    if no.type == "true":
        return _inverted(test)
    if is_unary(test, "!") or (test.type == "binary_expression" and operator(test) in _COMPARISONS):
        return parenthesized_text(test)
    return f"!{_inverted(test)}"


def _inverted(test: Node) -> str:
    outer = outermost(test)
    token = field(test, "operator") if test.type == "binary_expression" else None
    if token is not None and text(token) in _INVERSES:
        source = outer.text or b""
        start, end = token.start_byte - outer.start_byte, token.end_byte - outer.start_byte
        new = source[:start] + _INVERSES[text(token)].encode() + source[end:]
        return new.decode("utf-8", "surrogateescape")
    return f"!({text(outer)})" if precedence(test) < UNARY else f"!{text(outer)}"
