"""Optional chains whose ``undefined`` breaks what is around them, and assertions that something is not null."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import MEMBERS, chain_object, has_optional_chain, is_optional, is_tagged_template
from thea_hook.languages.nodes import child_token, field, insert, named, operator, remove, replace, span, text, unwrap
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_ARITHMETIC = frozenset({"+", "-", "/", "*", "%", "**"})
_PATTERNS = frozenset({"object_pattern", "array_pattern"})

# Nodes that destructure: the fields of the pattern and of the value.
_DESTRUCTURING = {
    "assignment_expression": ("left", "right"),
    "assignment_pattern": ("left", "right"),
    "object_assignment_pattern": ("left", "right"),
    "variable_declarator": ("name", "value"),
    "required_parameter": ("pattern", "value"),
    "optional_parameter": ("pattern", "value"),
}


def no_unsafe_optional_chaining(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unsafe-optional-chaining."""
    for value in _values(node):
        for chain in _chains(value):
            edits = _goes_on(node, value, context) if unwrap(value) == chain else ()
            yield Problem(span(chain), edits=edits)
    if context.options["disallowArithmeticOperators"]:
        for value in _operands(node):
            yield from (Problem(span(chain), message="arithmetic") for chain in _chains(value))


def _values(node: Node) -> list[Node]:
    """The expressions that must not be undefined for the node to work."""
    kind = node.type
    value: Node | None = None
    if kind in _DESTRUCTURING:
        target, source = _DESTRUCTURING[kind]
        pattern = field(node, target)
        value = field(node, source) if pattern is not None and pattern.type in _PATTERNS else None
    elif kind == "parenthesized_expression":
        value = node if _is_used_as_object(node) else None
    elif kind == "binary_expression":
        value = field(node, "right") if operator(node) in ("in", "instanceof") else None
    elif kind == "for_in_statement":
        sign = field(node, "operator")
        value = field(node, "right") if sign is not None and sign.type == "of" else None
    elif kind == "spread_element":
        parent = node.parent
        value = node if parent is not None and parent.type != "object" else None
    elif kind == "yield_expression":
        value = node if child_token(node, "*") else None
    elif kind == "with_statement":
        value = field(node, "object")
    elif kind == "extends_clause":
        value = field(node, "value")
    elif kind == "class_heritage":
        value = node if named(node) and named(node)[0].type not in ("extends_clause", "implements_clause") else None
    if value is not None and value.id == node.id and kind != "parenthesized_expression":
        inner = named(node)
        value = inner[0] if inner else None
    return [] if value is None else [value]


def _is_used_as_object(node: Node) -> bool:
    """Whether a member is read of what is in the parentheses, or it is called or constructed.

    Without parentheses the use is a part of the chain, and not reached when the chain stops.
    """
    parent = node.parent
    if parent is None:
        return False
    kind = parent.type
    if kind in MEMBERS:
        user = field(parent, "object")
    elif kind == "call_expression":
        user = field(parent, "function")
    elif kind == "new_expression":
        user = field(parent, "constructor")
    else:
        return False
    return user is not None and user.id == node.id and (kind == "new_expression" or not is_optional(parent))


def _operands(node: Node) -> list[Node]:
    """The operands of an arithmetic operator."""
    if node.type == "binary_expression" and operator(node) in _ARITHMETIC:
        sides = field(node, "right"), field(node, "left")
    elif node.type == "unary_expression" and operator(node) in _ARITHMETIC:
        sides = field(node, "argument"), None
    elif node.type == "augmented_assignment_expression" and operator(node)[:-1] in _ARITHMETIC:
        sides = field(node, "right"), None
    else:
        return []
    return [side for side in sides if side is not None]


def _chains(value: Node) -> Iterator[Node]:
    """The optional chains whose undefined can become the value."""
    stack = [value]
    while stack:
        node = unwrap(stack.pop())
        kind = node.type
        if kind == "binary_expression":
            sign = operator(node)
            sides = ("left", "right") if sign == "&&" else ("right",) if sign in ("||", "??") else ()
            stack += [side for name in reversed(sides) if (side := field(node, name)) is not None]
        elif kind == "ternary_expression":
            branches = field(node, "alternative"), field(node, "consequence")
            stack += [branch for branch in branches if branch is not None]
        elif kind in ("sequence_expression", "await_expression"):
            stack += named(node)[-1:]
        elif (kind in MEMBERS or kind == "call_expression") and has_optional_chain(node):
            yield node


_INSTEAD = {
    "array_pattern": "[]",
    "binary_expression": "{}",
    "for_in_statement": "[]",
    "object_pattern": "{}",
    "spread_element": "[]",
    "yield_expression": "[]",
}
"""What is as good as nothing to a node, or to the pattern of one."""


def _goes_on(node: Node, value: Node, context: Context) -> tuple[Edit, ...]:
    """The edits with which an undefined chain does no harm: more of the chain, or nothing in its place."""
    if node.type == "parenthesized_expression":
        return _longer_chain(node, context)
    pattern = field(node, _DESTRUCTURING[node.type][0]) if node.type in _DESTRUCTURING else node
    instead = _INSTEAD.get(pattern.type) if pattern is not None else None
    if instead is None or (node.type == "binary_expression" and operator(node) != "in"):
        return ()
    chain = unwrap(value)
    if chain == value and node.type in ("binary_expression", "spread_element"):
        return (insert(chain.start_byte, "("), insert(chain.end_byte, f" ?? {instead})"))
    return (insert(chain.end_byte, f" ?? {instead}"),)


def _longer_chain(group: Node, context: Context) -> tuple[Edit, ...]:
    """`a?.b?.c` for `(a?.b).c`; nothing where a chain must not stand."""
    user = group.parent
    if user is None or user.type == "new_expression" or context.has_comment(span(group)):
        return ()
    top, above = user, user.parent
    while above is not None and chain_object(above) == top:
        if above.type == "call_expression" and is_tagged_template(above):
            return ()
        top, above = above, above.parent
    is_target = above is not None and (
        above.type in _NO_CHAINS or (above.type in _ASSIGNING and field(above, "left") == top)
    )
    if is_target or (user.type == "call_expression" and is_tagged_template(user)):
        return ()
    dot = child_token(user, ".")
    mark = insert(group.end_byte, "?.") if dot is None else replace(dot, "?.")
    return (replace(group, text(unwrap(group))), mark)


_ASSIGNING = frozenset({"assignment_expression", "augmented_assignment_expression", "for_in_statement"})
_NO_CHAINS = frozenset(
    {
        *("array_pattern", "assignment_pattern", "decorator", "new_expression", "object_assignment_pattern"),
        *("pair_pattern", "rest_pattern", "update_expression"),
    }
)


# ------------------------------------------------------------------ no-extra-non-null-assertion


def no_extra_non_null_assertion(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint no-extra-non-null-assertion."""
    child, parent = node, node.parent
    if parent is not None and parent.type == "parenthesized_expression":
        child, parent = parent, parent.parent
    value = node.named_child(0)
    if parent is None or value is None or not _accepts_null(parent, child):
        return
    mark = Span(value.end_byte, node.end_byte)
    # a comment between the two would go with the mark
    edits = () if context.has_comment(mark) else (remove(mark),)
    yield Problem(Span(node.start_byte, node.end_byte), edits=edits)


def _accepts_null(parent: Node, child: Node) -> bool:
    """Whether the parent makes nothing of a null in this child, or asserts itself that there is none."""
    kind = parent.type
    if kind in MEMBERS:
        return field(parent, "optional_chain") is not None and field(parent, "object") == child
    if kind == "call_expression":
        return child_token(parent, "?.") is not None and field(parent, "function") == child
    return kind == "non_null_expression"
