"""Uses of the language's own global objects.

``is_global_name`` and ``is_global_member`` recognise one expression. ``calls_of`` finds every call and construction of
a global, also through another name for it, as eslint-utils' ReferenceTracker does: ``globalThis.RegExp(..)``,
``const R = RegExp; new R(..)``, ``const { RegExp: R } = globalThis``, and choices such as ``(a ? RegExp : b)(..)``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.languages.expressions import ASSIGNMENTS, IDENTIFIERS, MEMBERS, is_tagged_template
from thea_hook.languages.nodes import TYPE_WRAPPERS, named, property_name, text, unwrap

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import ScopeManager, Variable

GLOBAL_OBJECTS = ("global", "globalThis", "self", "window")
GLOBAL_OBJECT = ""
"""Stands for the global object itself where a global's name is expected."""


class GlobalUse(NamedTuple):
    """A call or ``new`` of the global ``name``; ``callee`` is what is called, which can read differently."""

    node: Node
    callee: Node
    name: str


def is_global_name(node: Node, name: str, scopes: ScopeManager) -> bool:
    """Whether an expression is the global variable ``name``."""
    node = unwrap(node)
    return node.type in IDENTIFIERS and text(node) == name and scopes.is_global(node)


def is_global_member(node: Node, owner: str, name: str, scopes: ScopeManager) -> bool:
    """Whether an expression is the property ``name`` of the global object ``owner``: ``Number.NaN``."""
    node = unwrap(node)
    if node.type not in MEMBERS or property_name(node) != name:
        return False
    container = node.child_by_field_name("object")
    return container is not None and is_global_name(container, owner, scopes)


def calls_of(names: Collection[str], scopes: ScopeManager, known: Mapping[str, bool]) -> list[GlobalUse]:
    """Every call and construction of one of these globals, in the order of the text.

    ``known`` are the globals that exist; one that the file assigns to is not followed.
    """
    tracker = _Tracker(names, scopes)
    for name in dict.fromkeys((*names, *GLOBAL_OBJECTS)):
        if name not in known:
            continue
        references = [reference for reference in scopes.unresolved if reference.name == name]
        if any(reference.is_write for reference in references):
            continue
        reads = [reference.identifier for reference in references if reference.is_read and reference.is_value]
        if name in names:
            tracker.pending += [(identifier, name) for identifier in reads]
        if name in GLOBAL_OBJECTS:
            tracker.pending += [(identifier, GLOBAL_OBJECT) for identifier in reads]
    return sorted(tracker.uses(), key=lambda use: use.node.start_byte)


class _Tracker:
    """Walks from a read of a global outward, and into the variables it is put in."""

    def __init__(self, names: Collection[str], scopes: ScopeManager) -> None:
        self.names = names
        self.scopes = scopes
        self.pending: list[tuple[Node, str]] = []
        self.followed: set[tuple[Variable, str]] = set()

    def uses(self) -> Iterator[GlobalUse]:
        while self.pending:
            node, name = self.pending.pop()
            node = _widest_same_value(node)
            parent = node.parent
            role = None if parent is None else _role(parent, node)
            if parent is None or role is None:
                continue
            if role == "object" and name == GLOBAL_OBJECT:
                key = property_name(parent)
                if key in self.names and key is not None:
                    self.pending.append((parent, key))
            elif role == "callee" and name != GLOBAL_OBJECT:
                yield GlobalUse(parent, node, name)
            elif role == "stored":
                self._store(_receiver(parent), name)
                if parent.type in ASSIGNMENTS:
                    self.pending.append((parent, name))

    def _store(self, pattern: Node | None, name: str) -> None:
        """The value is put into a pattern: go on with the variables that receive it."""
        while pattern is not None and pattern.type in _DEFAULTS:
            pattern = pattern.child_by_field_name("left")
        if pattern is None:
            return
        if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
            variable = self.scopes.variable_at(pattern)
            if variable is not None and (variable, name) not in self.followed:
                self.followed.add((variable, name))
                self.pending += [(use.identifier, name) for use in variable.references if use.is_read]
        elif pattern.type == "object_pattern" and name == GLOBAL_OBJECT:
            for member in named(pattern):
                target = member.child_by_field_name("value") or member.child_by_field_name("left") or member
                key = property_name(member) if member.type == "pair_pattern" else text(target)
                if key is not None and key in self.names:
                    self._store(target, key)


_DEFAULTS = frozenset({"assignment_pattern", "object_assignment_pattern"})
_PARAMETERS = frozenset({"required_parameter", "optional_parameter"})
# Parent -> the field an expression must be in to play the role.
_ROLES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(MEMBERS, ("object", "object")),
    "call_expression": ("function", "callee"),
    "new_expression": ("constructor", "callee"),
    **dict.fromkeys(("variable_declarator", *_PARAMETERS), ("value", "stored")),
    **dict.fromkeys((*ASSIGNMENTS, *_DEFAULTS), ("right", "stored")),
}


def _receiver(parent: Node) -> Node | None:
    """The pattern that a declarator, parameter or assignment puts its value in."""
    return next(filter(None, map(parent.child_by_field_name, ("name", "pattern", "left"))), None)


def _role(parent: Node, node: Node) -> str | None:
    """What an expression is to its parent: the ``object`` of a member, the ``callee``, or ``stored`` somewhere."""
    place, role = _ROLES.get(parent.type, ("", ""))
    if not place or parent.child_by_field_name(place) != node or is_tagged_template(parent):
        return None
    return role


def _widest_same_value(node: Node) -> Node:
    """The outermost expression around a node that can have its value: ``RegExp`` -> ``(a || RegExp)``."""
    parent = node.parent
    while parent is not None and _passes_on(parent, node):
        node, parent = parent, parent.parent
    return node


def _passes_on(parent: Node, node: Node) -> bool:
    kind = parent.type
    if kind == "parenthesized_expression" or kind in TYPE_WRAPPERS:
        return True
    if kind == "ternary_expression":
        return parent.child_by_field_name("condition") != node
    if kind == "binary_expression":
        symbol = parent.child_by_field_name("operator")
        return symbol is not None and symbol.type in ("&&", "||", "??")
    if kind == "sequence_expression":
        return named(parent)[-1] == node
    return False
