"""Edits that make constants of variables: another keyword, a declaration split, or one joined with its assignment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.nodes import (
    STATEMENT_LISTS,
    alone_in,
    child_token,
    field,
    insert,
    named,
    operator,
    outermost,
    replace,
    span,
    text,
)
from thea_hook.ruleset.checks.statement_edits import has_comment_by, line_break, margin_of, without_declarator
from thea_hook.ruleset.checks.var_hoisting import is_called_above

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Variable
    from thea_hook.ruleset.context import Context

_PLACEHOLDERS = frozenset({"null", "undefined", "0", "''", '""', "``", "[]", "{}", "false", "true", "NaN", "-1"})
_LITERALS = frozenset({"number", "string", "template_string", "true", "false"})
_EQUALITY = frozenset({"===", "!==", "==", "!="})
_NOTHING: tuple[tuple[Edit, ...], Applicability] = ((), Applicability.SAFE)


class ConstFixes:
    """Turns ``let`` into ``const`` where every name of the declaration can be constant and has its value.

    A declaration of several parts is fixed with the report that completes it. Where only some can be constant, it is
    split. ``constant`` has the declarators and assignments whose names can all be constant.
    """

    def __init__(self, constant: Collection[int], context: Context) -> None:
        self._constant = constant
        self._context = context
        self._reported: dict[int, int] = {}

    def of(self, host: Node, members: Sequence[Node | None]) -> tuple[tuple[Edit, ...], Applicability]:
        """The edits, if any, and how safe they are."""
        context = self._context
        complete = all(node is not None for node in members)
        if host.type == "for_in_statement":
            kind = field(host, "kind")
            return ((replace(kind, "const"),) if complete and kind is not None else (), Applicability.SAFE)
        declaration = host.parent
        if host.type == "assignment_expression":
            return (_joined(host, context) if complete else (), Applicability.UNSAFE)
        if host.type != "variable_declarator" or declaration is None:
            return _NOTHING
        declarators = [child for child in named(declaration) if child.type == "variable_declarator"]
        if len(declarators) > 1:
            writers = sum(node is not None for node in members)
            reported = self._reported[declaration.id] = self._reported.get(declaration.id, 0) + writers
            complete = complete and reported == sum(map(_bindings, declarators))
        values = [field(declarator, "value") for declarator in declarators]
        keyword = child_token(declaration, "let")
        if keyword is None:
            return _NOTHING
        if len(declarators) > 1 and any(one.id not in self._constant for one in declarators):
            return (
                _split(declarators, self._constant, context) if host.id in self._constant else (),
                Applicability.UNSAFE,
            )
        if len(declarators) == 1 and not complete:
            return (_split_pattern(host, members, context), Applicability.UNSAFE)
        if not complete or any(value is None for value in values):
            return _NOTHING
        is_placeholder = any(value is not None and text(value) in _PLACEHOLDERS for value in values)
        is_unsafe = is_placeholder or (context.is_typescript and any(_has_narrow_use(d, context) for d in declarators))
        edits: tuple[Edit, ...] = (replace(keyword, "const"),)
        if any(value is not None and value.type == "undefined" for value in values):
            edits = alone_in(declaration, *edits)  # or no-undef-init takes away what a `const` must have
        return edits, Applicability.UNSAFE if is_unsafe else Applicability.SAFE


def _has_narrow_use(declarator: Node, context: Context) -> bool:
    """Whether a constant, whose type is the literal it has for value, would be compared with other values.

    The compiler takes ``size === 2`` for a mistake where ``size`` is a constant 1.
    """
    value = field(declarator, "value")
    if value is None or value.type not in _LITERALS or field(declarator, "type") is not None:
        return False
    return any(
        _is_compared(reference.identifier)
        for variable in context.scopes.declared(declarator)
        for reference in variable.references
    )


def _is_compared(identifier: Node) -> bool:
    whole = outermost(identifier)
    parent = whole.parent
    if parent is None:
        return False
    return parent.type == "switch_statement" or (parent.type == "binary_expression" and operator(parent) in _EQUALITY)


def _bindings(declarator: Node) -> int:
    """How many names a declarator declares, as ESLint counts: the direct members of its pattern."""
    name = field(declarator, "name")
    if name is None or name.type not in ("object_pattern", "array_pattern"):
        return 1
    if name.type == "object_pattern":
        return len(named(name))
    commas = sum(child.type == "," for child in name.children)
    return max(commas + 1, 1) if named(name) else commas


# ------------------------------------------------------------------ some of them


def _split(declarators: Sequence[Node], constant: Collection[int], context: Context) -> tuple[Edit, ...]:
    """``const a = f(); let b;`` for ``let a = f(), b;``, the order being kept."""
    declaration = declarators[0].parent
    keyword = None if declaration is None else child_token(declaration, "let")
    if declaration is None or keyword is None or declaration.parent is None:
        return ()
    if declaration.parent.type not in STATEMENT_LISTS:
        return ()
    edits = [replace(keyword, "const")] if declarators[0].id in constant else []
    separator = line_break(declaration, context)
    for left, right in pairwise(declarators):
        is_constant = right.id in constant
        if is_constant == (left.id in constant):
            continue
        gap = Span(span(left).end, right.start_byte)
        if context.has_comment(gap):
            return ()
        edits.append(replace(gap, f"{separator}{'const' if is_constant else 'let'} "))
    return tuple(edits)


def _split_pattern(declarator: Node, members: Sequence[Node | None], context: Context) -> tuple[Edit, ...]:
    """``const { a } = box; let { b } = box;``, where looking twice finds the same."""
    declaration, pattern, value = declarator.parent, field(declarator, "name"), field(declarator, "value")
    if declaration is None or pattern is None or value is None or pattern.type != "object_pattern":
        return ()
    if declaration.parent is None or declaration.parent.type not in STATEMENT_LISTS or not _is_steady(value):
        return ()
    if field(declarator, "type") is not None or context.has_comment(span(declaration)):
        return ()
    if margin_of(declaration, context) is None:
        return ()  # a line with two more statements is hard to read
    constant = [node for node in members if node is not None]
    parts = named(pattern)
    if any(part.type not in ("shorthand_property_identifier_pattern", "pair_pattern") for part in parts):
        return ()
    kept = [part for part in parts if any(part.start_byte <= node.start_byte < part.end_byte for node in constant)]
    others = [part for part in parts if part not in kept]
    if len(kept) != len(constant) or not others or any(not _is_plain_part(part) for part in parts):
        return ()
    blank = " " if text(pattern).startswith("{ ") else ""
    heads = (
        f"{keyword} {{{blank}{', '.join(map(text, some))}{blank}}} = {text(value)}"
        for keyword, some in (("const", kept), ("let", others))
    )
    last = span(declarator).end
    return (replace(Span(declaration.start_byte, last), line_break(declaration, context).join(heads)),)


def _is_steady(value: Node) -> bool:
    """Whether an expression is a variable or a property of one, found without calling anything."""
    while value.type == "member_expression" and child_token(value, "optional_chain") is None:
        value = field(value, "object") or value.children[0]
    return value.type in ("identifier", "this")


def _is_plain_part(part: Node) -> bool:
    if part.type == "shorthand_property_identifier_pattern":
        return True
    key, value = field(part, "key"), field(part, "value")
    return key is not None and key.type == "property_identifier" and value is not None and value.type == "identifier"


# ------------------------------------------------------------------ declared here, assigned there


def _joined(assignment: Node, context: Context) -> tuple[Edit, ...]:
    """The declaration moved to where the variable gets its value, if nothing speaks of it before."""
    name, statement = field(assignment, "left"), outermost(assignment).parent
    variable = None if name is None or name.type != "identifier" else context.scopes.variable_at(name)
    if name is None or statement is None or variable is None or operator(assignment) != "=":
        return ()
    if len(variable.definitions) != 1 or statement.start_byte != assignment.start_byte:
        return ()
    declarator = variable.definitions[0].node
    declaration = declarator.parent
    if declaration is None or declaration.type != "lexical_declaration" or field(declarator, "value") is not None:
        return ()
    if declaration.parent != statement.parent or _is_mentioned_before(variable, name):
        return ()
    if is_called_above(variable, statement.start_byte):
        return ()
    type_ = field(declarator, "type")
    annotated = () if type_ is None else (insert(name.end_byte, text(type_)),)
    if len(named(declaration)) == 1 and declaration.next_sibling == statement:
        gap = Span(declaration.start_byte, statement.start_byte)
        return () if context.has_comment(gap) else (replace(gap, "const "), *annotated)
    if has_comment_by(declaration, context):
        return ()
    return (*without_declarator(declarator, context), insert(statement.start_byte, "const "), *annotated)


def _is_mentioned_before(variable: Variable, name: Node) -> bool:
    """Whether something speaks of the variable above the assignment, or in the value that it gets there."""
    end = name.end_byte if name.parent is None else name.parent.end_byte
    return any(reference.start < end and reference.start != name.start_byte for reference in variable.references)
