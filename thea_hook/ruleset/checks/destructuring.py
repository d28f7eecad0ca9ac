"""The rule that wants patterns where a variable takes a property of the same name, or an element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.languages.expressions import (
    MEMBERS,
    has_optional_chain,
    needs_semicolon_before,
    parenthesized_text,
    precedence,
)
from thea_hook.languages.nodes import (
    field,
    is_parenthesized,
    operator,
    property_name,
    replace,
    span,
    string_value,
    text,
    unwrap,
)
from thea_hook.languages.strings import number_value
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

_ESTREE_NAMES = {"variable_declarator": "VariableDeclarator", "assignment_expression": "AssignmentExpression"}
_LAST_INDEX = 2
"""Of elements behind it a pattern says by commas where they are, which nobody counts."""


def prefer_destructuring(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-destructuring."""
    is_declared = node.type == "variable_declarator"
    target, value = field(node, "name" if is_declared else "left"), field(node, "value" if is_declared else "right")
    if target is None or value is None or operator(node) != "=" or _is_resource(node):
        return
    target, value = unwrap(target), unwrap(value)
    if value.type not in MEMBERS or has_optional_chain(value):
        return
    owner, key = field(value, "object"), field(value, "property") or field(value, "index")
    if owner is None or key is None or owner.type == "super" or key.type == "private_property_identifier":
        return
    index = _index(value)
    kind = "object" if index is None else "array"
    if not _is_wanted(_ESTREE_NAMES[node.type], kind, context.options):
        return
    if index is not None:
        edits = _element(node, target, owner, index, context)
        yield Problem(span(node), {"kind": kind}, edits=edits, applicability=Applicability.UNSAFE)
        return
    has_name = target.type == "identifier" and _name(value) == text(target)
    if has_name or context.options["enforceForRenamedProperties"]:
        # a property of a `const enum` of TypeScript has no object that it could be taken from
        grade = Applicability.UNSAFE if context.is_typescript or _is_environment(owner) else None
        edits = _property(node, target, value, owner, context) if has_name else ()
        yield Problem(span(node), {"kind": kind}, edits=edits, applicability=grade)


def _is_environment(owner: Node) -> bool:
    """Whether it is what builds replace by text as it is written: ``process.env.MODE``, ``import.meta.env``."""
    return unwrap(owner).text in (b"process", b"process.env", b"import.meta", b"import.meta.env")


def _is_resource(node: Node) -> bool:
    """Whether it is a declaration with ``using``, which takes no pattern."""
    return node.parent is not None and node.parent.type == "using_declaration"


def _is_wanted(node_type: str, kind: str, options: Mapping[str, object]) -> bool:
    """Whether the options ask for this; those of a kind of node, if there are any, stand for all."""
    by_node = options["VariableDeclarator"], options["AssignmentExpression"]
    if any(by_node):
        own = options[node_type]
        return isinstance(own, Mapping) and bool(own.get(kind))
    return bool(options[kind])


def _index(value: Node) -> int | None:
    """Which element ``a[0]`` is."""
    index = field(value, "index")
    key = unwrap(index) if index is not None else None
    if key is None or key.type != "number" or text(key).endswith("n"):
        return None
    number = number_value(text(key))
    return int(number) if number is not None and number == number // 1 else None


def _name(value: Node) -> str | None:
    """The property's name as far as it is written, not computed."""
    index = field(value, "index")
    if index is None:
        return property_name(value)
    return string_value(unwrap(index)) if unwrap(index).type == "string" else None


# ------------------------------------------------------------------ the fix


def _element(node: Node, target: Node, owner: Node, index: int, context: Context) -> tuple[Edit, ...]:
    """``const [a] = b`` for ``const a = b[0]``; of assignments only the first element."""
    is_declared = node.type == "variable_declarator"
    if not 0 <= index <= (_LAST_INDEX if is_declared else 0) or not (is_declared or _is_plain(target)):
        return ()
    return _with_pattern(node, f"[{', ' * index}{text(target)}]", owner, context)


def _is_plain(target: Node) -> bool:
    while target.type == "member_expression":
        target = field(target, "object") or target
    return target.type in ("identifier", "this")


def _property(node: Node, target: Node, value: Node, owner: Node, context: Context) -> tuple[Edit, ...]:
    """``const {a} = b`` for ``const a = b.a``, in parentheses where the assignment is a statement."""
    if node.type == "variable_declarator":
        return _with_pattern(node, f"{{{text(target)}}}", owner, context)
    has_gaps = re.search(rb"\{ \w+(?:,[^\n]*)? \}", context.text) is not None
    return _with_pattern(node, f"{{ {text(target)} }}" if has_gaps else f"{{{text(target)}}}", owner, context)


def _with_pattern(node: Node, pattern: str, owner: Node, context: Context) -> tuple[Edit, ...]:
    parent = node.parent
    if len(context.comments_in(span(node))) > len(context.comments_in(span(owner))):
        return ()
    if node.type == "variable_declarator":
        if field(node, "type") is not None:
            return ()
        return (replace(node, f"{pattern} = {_source(owner)}"),)
    if parent is None or parent.type != "expression_statement" or is_parenthesized(node):
        return ()
    new = f"{pattern} = {_source(owner)}"
    semicolon = ";" if needs_semicolon_before(node) else ""
    return (replace(node, f"{semicolon}({new})" if pattern.startswith("{") else f"{semicolon}{new}"),)


def _source(owner: Node) -> str:
    inner = unwrap(owner)
    return parenthesized_text(inner) if precedence(inner) < 1 else text(inner)
