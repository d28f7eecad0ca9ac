"""Values that are assigned and never read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from thea_hook.languages.controlflow import Visitor, path_of, trace
from thea_hook.languages.deadcode import paths_with_dead_code
from thea_hook.languages.expressions import ASSIGNMENTS
from thea_hook.languages.nodes import CASES, contains, field, named, span, text, unwrap
from thea_hook.languages.scope import Reference, Scope, Variable
from thea_hook.languages.segments import Segment
from thea_hook.ruleset.checks.useless_assignments import without_value
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_PATH_SCOPES = frozenset({"global", "function", "class-field", "class-static-block"})
_IDENTIFIERS = frozenset(
    {
        "identifier",
        "property_identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
        "type_identifier",
        "undefined",
    }
)


def no_useless_assignment(program: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-assignment."""
    exported = {entry.name for entry in context.scopes.global_comments if entry.kind == "exported"}
    dead = {path.id for path in paths_with_dead_code(context.module)}
    paths: dict[int, tuple[Node, set[Variable]]] = {}
    for variable in context.scopes.variables:
        if _may_be_useless(variable, dead) and not _is_exported(variable, exported):
            root = _path_scope(variable.scope)
            for reference in variable.references:
                if reference.is_write and _path_scope(reference.scope) is root:
                    path = path_of(reference.identifier)
                    paths.setdefault(path.id, (path, set()))[1].add(variable)
    for path, variables in paths.values():
        values = _Values(variables, context)
        if trace(path, values) is not None:
            for assignment in values.useless():
                edits = without_value(assignment.identifier, context)
                yield Problem(span(assignment.identifier), {"name": text(assignment.identifier)}, edits=edits)


def _path_scope(scope: Scope) -> Scope:
    """The scope of the code path that the scope is part of."""
    while scope.kind not in _PATH_SCOPES and scope.parent is not None:
        scope = scope.parent
    return scope


def _may_be_useless(variable: Variable, dead: set[int]) -> bool:
    """A quick test before the control flow is computed: what is written once, where it is declared, is read later.

    Not so where a path has ``dead`` code, as the reads may be in that.
    """
    if not variable.definitions or not any(reference.is_read for reference in variable.references):
        return False  # unused, which is another rule's business
    root = _path_scope(variable.scope)
    if any(reference.is_read and _path_scope(reference.scope) is not root for reference in variable.references):
        return False
    writes = [reference for reference in variable.references if reference.is_write]
    if _counts_a_loop(variable, writes):
        return False
    if len(writes) != 1 or not writes[0].is_init or _is_declared_in_case(variable):
        return bool(writes)
    if dead and path_of(writes[0].identifier).id in dead:
        return True
    end = writes[0].identifier.end_byte
    return not any(reference.is_read and reference.start >= end for reference in variable.references)


def _counts_a_loop(variable: Variable, writes: list[Reference]) -> bool:
    """Whether the variable is the counter of a ``for``: its condition reads both the first value and each next one."""
    declaration = variable.definitions[0].parent
    loop = declaration.parent if declaration is not None else None
    if len(writes) != 2 or loop is None or loop.type != "for_statement":
        return False
    update, condition = field(loop, "increment"), field(loop, "condition")
    if update is None or condition is None or not contains(update, writes[1].identifier):
        return False
    return any(contains(condition, reference.identifier) for reference in variable.references if reference.is_read)


def _is_declared_in_case(variable: Variable) -> bool:
    """Whether other cases see the variable without having run its declaration; a ``var`` can be so anywhere."""
    definition = variable.definitions[0]
    if definition.kind == "var":
        return True
    parent = definition.parent
    return parent is not None and parent.parent is not None and parent.parent.type in CASES


def _is_exported(variable: Variable, exported: set[str]) -> bool:
    """Whether other files can read the variable."""
    if variable.scope.kind == "global":
        return variable.name in exported
    if variable.scope.kind != "module":
        return False
    return any(
        statement is not None and statement.parent is not None and statement.parent.type == "export_statement"
        for definition in variable.definitions
        for statement in (definition.parent, definition.node)
    ) or any(_is_export_specifier(reference) for reference in variable.references)


def _is_export_specifier(reference: Reference) -> bool:
    parent = reference.identifier.parent
    return parent is not None and parent.type == "export_specifier"


@dataclass(frozen=True, eq=False, slots=True)
class _Assignment:
    """A name that gets a value: ``expression`` is the value, ``segments`` is where it happens."""

    variable: Variable
    identifier: Node
    expression: Node | None
    segments: tuple[Segment, ...]

    def is_before(self, identifier: Node) -> bool:
        """Whether an identifier after the name is evaluated after the assignment: not so in the value itself."""
        if identifier.start_byte < self.identifier.end_byte:
            return False
        return self.expression is None or not contains(self.expression, identifier)

    def has_in_pattern(self, identifier: Node) -> bool:
        """Whether an identifier stands between the name and the value: ``[name, other = identifier] = value``."""
        return (
            self.expression is not None
            and self.identifier.end_byte <= identifier.start_byte
            and identifier.end_byte <= self.expression.start_byte
        )


class _Values(Visitor):
    """The assignments of one code path, and which identifiers its segments reach from and to."""

    def __init__(self, variables: set[Variable], context: Context) -> None:
        self._variables = variables
        self._context = context
        self._extent: dict[Segment, tuple[int, int]] = {}
        self._assignments: dict[Variable, list[_Assignment]] = {}
        self._try_blocks: list[Node] = []

    def enter(self, node: Node) -> None:
        kind = node.type
        if kind in _IDENTIFIERS:
            for segment in self.segments:
                if segment.reachable:
                    start, _ = self._extent.get(segment, (node.start_byte, 0))
                    self._extent[segment] = (start, node.end_byte)
        elif kind == "try_statement":
            body = field(node, "body")
            self._try_blocks += [body] if body is not None else []

    def leave(self, node: Node) -> None:
        kind = node.type
        if kind == "variable_declarator":
            if field(node, "value") is not None:
                self._assign(field(node, "name"), field(node, "value"))
        elif kind in ASSIGNMENTS:
            self._assign(field(node, "left"), field(node, "right"))
        elif kind == "update_expression":
            self._assign(field(node, "argument"), None)

    def _assign(self, pattern: Node | None, expression: Node | None) -> None:
        segments = tuple(segment for segment in self.segments if segment.reachable)
        if pattern is None or not segments:
            return
        for identifier in _bound_names(pattern):
            variable = self._context.scopes.variable_at(identifier)
            if variable in self._variables:
                assignment = _Assignment(variable, identifier, expression, segments)
                self._assignments.setdefault(variable, []).append(assignment)

    def useless(self) -> Iterator[_Assignment]:
        for assignments in self._assignments.values():
            assignments.sort(key=lambda assignment: assignment.identifier.start_byte)
            for assignment in assignments:
                in_try = any(contains(block, assignment.identifier) for block in self._try_blocks)
                if not in_try and not self._is_read(assignment, assignments):
                    yield assignment

    def _is_read(self, assignment: _Assignment, others: list[_Assignment]) -> bool:
        overwritten = _overwriting(assignment, others)
        behind: list[tuple[Segment, _Assignment | None]] | None = None
        for reference in assignment.variable.references:
            identifier = reference.identifier
            if not reference.is_read:
                continue
            if assignment.is_before(identifier) and (
                assignment.has_in_pattern(identifier)
                or any(self._holds(segment, identifier) for segment in assignment.segments)
            ):
                if overwritten is None or not overwritten.is_before(identifier):
                    return True
                continue
            if overwritten is not None:
                continue
            if behind is None:
                behind = _segments_behind(assignment, others)
            if any(
                self._holds(segment, identifier) and (next_one is None or not next_one.is_before(identifier))
                for segment, next_one in behind
            ):
                return True
        return False

    def _holds(self, segment: Segment, identifier: Node) -> bool:
        extent = self._extent.get(segment)
        return extent is not None and extent[0] <= identifier.start_byte and identifier.end_byte <= extent[1]


def _bound_names(pattern: Node) -> Iterator[Node]:
    """The identifiers in a pattern that get a value."""
    stack = [pattern]
    while stack:
        node = unwrap(stack.pop())
        kind = node.type
        if kind in ("identifier", "shorthand_property_identifier_pattern"):
            yield node
        elif kind in ("object_pattern", "array_pattern", "rest_pattern"):
            stack.extend(reversed(named(node)))
        elif kind in ("pair_pattern", "assignment_pattern", "object_assignment_pattern"):
            part = field(node, "value" if kind == "pair_pattern" else "left")
            stack += [part] if part is not None else []


def _overwriting(assignment: _Assignment, others: list[_Assignment]) -> _Assignment | None:
    """The assignment that follows in the same segment, or in whose value this one stands."""
    for other in others:
        if other is assignment or not any(segment in assignment.segments for segment in other.segments):
            continue
        if assignment.is_before(other.identifier):
            return other
        if other.expression is not None and contains(other.expression, assignment.identifier):
            return other
    return None


def _segments_behind(assignment: _Assignment, others: list[_Assignment]) -> list[tuple[Segment, _Assignment | None]]:
    """The segments that the value gets to, each with the assignment there that ends its life."""
    found: dict[Segment, _Assignment | None] = {}
    queue = [following for segment in assignment.segments for following in segment.next]
    for segment in queue:
        if segment in found:
            continue
        found[segment] = next(
            (
                other
                for other in others
                if segment in other.segments and not other.has_in_pattern(assignment.identifier)
            ),
            None,
        )
        if found[segment] is None:
            queue.extend(segment.next)
    return list(found.items())
