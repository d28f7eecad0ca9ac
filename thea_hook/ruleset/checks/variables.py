"""``var`` against ``let`` against ``const``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from thea_hook.core.source import Span
from thea_hook.languages.nodes import (
    STATEMENT_LISTS,
    child_token,
    field,
    named,
    outermost,
    span,
    text,
)
from thea_hook.ruleset.checks.const_fixes import ConstFixes
from thea_hook.ruleset.checks.var_fixes import declarators_of, let_edits
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Reference, Scope, Variable
    from thea_hook.ruleset.context import Context

_PATTERNS = frozenset(
    {"array_pattern", "object_pattern", "pair_pattern", "object_assignment_pattern", "assignment_pattern"}
    | {"rest_pattern"}
)
_HOSTS = frozenset({"variable_declarator", "assignment_expression", "augmented_assignment_expression"})


def _declares(loop: Node) -> bool:
    """Whether the head of a for-in or for-of declares its variable."""
    return loop.type == "for_in_statement" and field(loop, "kind") is not None


def _pattern_host(identifier: Node) -> Node | None:
    """What the pattern around an identifier is part of: a declarator, an assignment, the head of a loop, else."""
    node = outermost(identifier).parent
    while node is not None and node.type in _PATTERNS:
        node = outermost(node).parent
    return node


# ------------------------------------------------------------------ prefer-const


def prefer_const(root: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-const.

    Variables that one destructuring writes are judged together: by default it is enough that one of them is never
    written again, but then there is no fix.
    """
    groups: dict[int, tuple[Node, list[Node | None]]] = {}
    for variable in _let_variables(context):
        writer = _only_write(variable, context)
        for reference in _one_for_each_identifier(variable.references):
            host = _destructuring_host(reference)
            if host is not None:
                groups.setdefault(host.start_byte, (host, []))[1].append(writer)
    complete = {host.id for host, members in groups.values() if all(node is not None for node in members)}
    fixes = ConstFixes(complete, context)
    for host, members in groups.values():
        writers = [node for node in members if node is not None]
        if not writers or (context.options["destructuring"] == "all" and len(writers) < len(members)):
            continue
        edits, grade = fixes.of(host, members)
        for node in writers:
            yield Problem(span(node), data={"name": text(node)}, edits=edits, applicability=grade)


def _let_variables(context: Context) -> Iterator[Variable]:
    exported = {entry.name for entry in context.scopes.global_comments if entry.kind == "exported"}
    for variable in context.scopes.variables:
        if not any(definition.kind == "let" for definition in variable.definitions):
            continue
        definition = variable.definitions[0]
        declaration = definition.parent
        if declaration is not None and declaration.parent is not None and declaration.parent.type == "for_statement":
            continue
        if variable.scope.kind == "global" and variable.name in exported:
            continue
        yield variable


def _one_for_each_identifier(references: Sequence[Reference]) -> list[Reference]:
    return list({reference.start: reference for reference in references}.values())


def _destructuring_host(reference: Reference) -> Node | None:
    if not reference.is_write:
        return None
    node = _pattern_host(reference.identifier)
    return node if node is not None and (node.type in _HOSTS or _declares(node)) else None


def _only_write(variable: Variable, context: Context) -> Node | None:
    """The identifier to report if the variable could be a constant: its one write, or its declaration if read before.

    The write must stand where a declaration could stand, in the variable's own scope.
    """
    writer: Reference | None = None
    is_read_before = False
    for reference in variable.references:
        if reference.is_write:
            if writer is not None and writer.start != reference.start:
                return None
            host = _destructuring_host(reference)
            if host is not None and host.type == "assignment_expression" and _writes_elsewhere(host, variable):
                return None
            writer = reference
        elif reference.is_read and writer is None:
            if context.options["ignoreReadBeforeAssign"]:
                return None
            is_read_before = True
    if writer is None or writer.scope is not variable.scope or not _can_become_declaration(writer.identifier):
        return None
    return variable.definitions[0].name if is_read_before else writer.identifier


def _can_become_declaration(identifier: Node) -> bool:
    host = _pattern_host(identifier)
    if host is None:
        return False
    if host.type == "variable_declarator" or _declares(host):
        return True
    if host.type not in ("assignment_expression", "augmented_assignment_expression"):
        return False
    statement = outermost(host).parent
    return (
        statement is not None
        and statement.type == "expression_statement"
        and statement.parent is not None
        and statement.parent.type in STATEMENT_LISTS
    )


def _writes_elsewhere(assignment: Node, variable: Variable) -> bool:
    """Whether a destructuring assignment also writes a member, or a variable of an outer scope or a parameter."""
    left = field(assignment, "left")
    if left is None or left.type not in ("object_pattern", "array_pattern"):
        return False
    targets = list(_targets(left))
    if any(target.type in ("member_expression", "subscript_expression") for target in descend_patterns(left)):
        return True
    return any(_is_outer(text(target), variable.scope) for target in targets)


def _targets(pattern: Node) -> Iterator[Node]:
    """The plain names directly in a pattern."""
    for child in named(pattern):
        target = field(child, "value") if child.type == "pair_pattern" else child
        if target is not None and target.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield target


def descend_patterns(pattern: Node) -> Iterator[Node]:
    """What a pattern writes to, at any depth; defaults and computed keys are not entered."""
    stack = [pattern]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind in ("array_pattern", "object_pattern", "rest_pattern"):
            stack.extend(named(node))
        elif kind == "pair_pattern":
            stack.extend(child for child in (field(node, "value"),) if child is not None)
        elif kind in ("assignment_pattern", "object_assignment_pattern"):
            stack.extend(child for child in (field(node, "left"),) if child is not None)
        else:
            yield node


def _is_outer(name: str, scope: Scope) -> bool:
    if any(reference.resolved is not None and reference.name == name for reference in scope.through):
        return True
    variable = scope.lookup(name, scope.end)
    return variable is not None and any(definition.kind == "parameter" for definition in variable.definitions)


# ------------------------------------------------------------------ no-var


def no_var(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-var."""
    keyword = field(node, "kind") if node.type == "for_in_statement" else child_token(node, "var")
    if keyword is None or keyword.type != "var" or _is_in_declare_global(node):
        return
    if node.type == "for_in_statement":
        left = field(node, "value") or field(node, "left")
        where = Span(keyword.start_byte, node.end_byte if left is None else left.end_byte)
    elif node.parent is not None and node.parent.type == "for_statement":
        where = Span(node.start_byte, max(declarator.end_byte for declarator in declarators_of(node)))
    elif node.parent is not None and node.parent.type == "ambient_declaration":
        where = span(node.parent)
    else:
        where = span(node)
    edits, grade = let_edits(node, keyword, context)
    yield Problem(where, edits=edits, applicability=grade)


def _is_in_declare_global(node: Node) -> bool:
    block = node.parent
    if block is None or block.type != "statement_block" or block.parent is None:
        return False
    return block.parent.type == "ambient_declaration" and child_token(block.parent, "global") is not None
