"""``var`` against ``let`` against ``const``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability
from thea_hook.core.source import Span
from thea_hook.languages.nodes import (
    CASES,
    FUNCTIONS,
    LOOPS,
    STATEMENT_LISTS,
    ancestors,
    child_token,
    field,
    named,
    outermost,
    replace,
    span,
    text,
)
from thea_hook.ruleset.checks.const_fixes import ConstFixes
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
        where = Span(node.start_byte, max(declarator.end_byte for declarator in _declarators(node)))
    elif node.parent is not None and node.parent.type == "ambient_declaration":
        where = span(node.parent)
    else:
        where = span(node)
    edits = (replace(keyword, "let"),) if _can_be_let(node, context) else ()
    # who gets a function before the declaration may call it at once, or later
    is_unsafe = edits and any(_is_used_by_hoisted_function(v, _is_argument) for v in context.scopes.declared(node))
    yield Problem(where, edits=edits, applicability=Applicability.UNSAFE if is_unsafe else None)


def _declarators(declaration: Node) -> list[Node]:
    return [child for child in named(declaration) if child.type == "variable_declarator"]


def _is_in_declare_global(node: Node) -> bool:
    block = node.parent
    if block is None or block.type != "statement_block" or block.parent is None:
        return False
    return block.parent.type == "ambient_declaration" and child_token(block.parent, "global") is not None


def _can_be_let(node: Node, context: Context) -> bool:
    """Whether nothing can tell ``let`` from ``var`` here: ESLint's list of what could."""
    is_loop_head = node.type == "for_in_statement"
    variables = context.scopes.declared(node)
    declarators = [] if is_loop_head else _declarators(node)
    region = _block_around(node)
    if any(
        variable.scope.kind == "global"
        or len(variable.definitions) > 1
        or variable.name == "let"
        or _is_used_outside(variable, region)
        or _is_used_before(variable)
        or _is_used_by_hoisted_function(variable, _is_called)
        or context.scopes.lookup(variable.name, node) is not variable
        for variable in variables
    ):
        return False
    if any(_refers_to_itself(declarator, context) for declarator in declarators):
        return False
    parent = node.parent
    if parent is None or parent.type in CASES:
        return False
    if _is_in_loop(node):
        if any(_is_used_in_closure(variable) for variable in variables):
            return False
        if not is_loop_head and any(field(declarator, "value") is None for declarator in declarators):
            return False
    return is_loop_head or _stands_in_list(node, parent)


def _stands_in_list(node: Node, parent: Node) -> bool:
    if parent.type == "for_statement":
        return field(parent, "initializer") == node
    if parent.type in ("export_statement", "ambient_declaration"):
        return parent.type == "ambient_declaration" and parent.parent is not None
    return parent.type in STATEMENT_LISTS


def _block_around(node: Node) -> Span:
    kinds = {"program", "statement_block", "switch_statement", "for_statement", "for_in_statement"}
    if node.type in kinds:
        return span(node)
    return next((span(ancestor) for ancestor in ancestors(node) if ancestor.type in kinds), span(node))


def _is_used_outside(variable: Variable, region: Span) -> bool:
    return any(not region.start <= reference.start < region.end for reference in variable.references)


def _is_used_before(variable: Variable) -> bool:
    declaration = variable.definitions[0].node.start_byte
    return any(not reference.is_init and reference.start < declaration for reference in variable.references)


def _is_used_by_hoisted_function(variable: Variable, is_risk: Callable[[Node], bool]) -> bool:
    """Whether a function that uses the variable is itself used this way above the declaration.

    There ``let`` is not yet ready.
    """
    declaration = variable.definitions[0].node.start_byte
    for reference in variable.references:
        if reference.is_init or reference.start < declaration:
            continue
        scope = reference.scope.variable_scope
        while scope is not variable.scope and scope.parent is not None:
            if scope.node.type in ("function_declaration", "generator_function_declaration"):
                name = field(scope.node, "name")
                function = None if name is None else scope.parent.variables.get(text(name))
                uses = () if function is None else function.references
                if any(use.start < declaration and is_risk(use.identifier) for use in uses):
                    return True
            scope = scope.parent.variable_scope
    return False


def _is_called(identifier: Node) -> bool:
    outer = outermost(identifier)
    parent = outer.parent
    return parent is not None and parent.type == "call_expression" and field(parent, "function") == outer


def _is_argument(identifier: Node) -> bool:
    parent = outermost(identifier).parent
    return parent is not None and parent.type == "arguments"


def _refers_to_itself(declarator: Node, context: Context) -> bool:
    """Whether the initialiser reads the variable it initialises: ``undefined`` with var, an error with let."""
    value = field(declarator, "value")
    if value is None:
        return False
    is_function = value.type in FUNCTIONS
    for variable in context.scopes.declared(declarator):
        name = variable.definitions[0].name
        parent = name.parent
        default = None
        if parent is not None and parent.type in ("assignment_pattern", "object_assignment_pattern"):
            default = field(parent, "right")
        for reference in variable.references:
            start, end = reference.start, reference.identifier.end_byte
            if reference.is_init:
                continue
            if start < name.start_byte:
                return True
            if default is not None and default.start_byte <= start and end <= default.end_byte:
                return True
            if not is_function and value.start_byte <= start and end <= value.end_byte:
                return True
    return False


def _is_in_loop(node: Node) -> bool:
    for ancestor in (node, *ancestors(node)):
        if ancestor.type in FUNCTIONS:
            return False
        if ancestor.type in LOOPS:
            return True
    return False


def _is_used_in_closure(variable: Variable) -> bool:
    home = variable.scope.variable_scope
    return any(reference.scope.variable_scope is not home for reference in variable.references)
