"""Puts scopes together from what the syntax was found to do.

The tree is never walked in Python. A query delivers every identifier and every node that makes a scope, declares names
or writes to them (``scope_queries``); ``scope_syntax`` says what each of those does. From that ``Builder`` makes

1. scopes, which nest by position;
2. definitions, entered in source order, so that every name is known before any use is looked at;
3. references, in one sweep over the identifiers. One without a noted role is read: that holds for nine of ten.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from tree_sitter import Node

from thea_hook.languages.grammars import ModuleKind
from thea_hook.languages.nodes import COMMENTS
from thea_hook.languages.scope import (
    INIT,
    READ,
    TYPE,
    VALUE,
    WRITE,
    Definition,
    DefinitionKind,
    Reference,
    Scope,
    ScopeKind,
    Variable,
    definition_flags,
)

Role = tuple[int, Node | None]
"""Flags and written value of one reference that an identifier makes."""

_NO_REFERENCE: list[Role] = []

BUILT_IN_TYPES = frozenset(
    {"any", "bigint", "boolean", "never", "number", "object", "string", "symbol", "undefined", "unknown", "void"}
)
_NAMES = frozenset({"identifier", "shorthand_property_identifier_pattern", "undefined"})
# Where a target lies inside other syntax: the fields of the target and of its default value.
_TARGET_FIELDS = {
    "pair_pattern": ("value", ""),
    "assignment_pattern": ("left", "right"),
    "object_assignment_pattern": ("left", "right"),
    "required_parameter": ("pattern", "value"),
    "optional_parameter": ("pattern", "value"),
}
_TARGET_LISTS = frozenset({"object_pattern", "array_pattern"})
_TARGET_WRAPPERS = frozenset(
    {"rest_pattern", "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"}
)


class _Pending(NamedTuple):
    """A definition that waits for its scope; ``scope`` is given where the position of the name does not tell it."""

    start: int
    definition: Definition
    scope: Scope | None


class Target(NamedTuple):
    """An identifier in a pattern, with the default values that may be written to it."""

    name: Node
    defaults: tuple[Node, ...]


class Builder:
    def __init__(self, text: bytes, is_typescript: bool) -> None:
        self.text = text
        self.is_typescript = is_typescript
        self.exported = VALUE | TYPE if is_typescript else VALUE
        """What an exported name can mean."""
        self.scopes: list[Scope] = []
        self.starts: list[int] = []
        self.pending: list[_Pending] = []
        self.roles: dict[int, list[Role]] = {}
        self.bodies: set[int] = set()
        """Where blocks begin that belong to the scope around them: bodies of functions, namespaces, static blocks."""
        self.outside: set[int] = set()
        """Identifiers that stand in a function's parameters but belong to the scope around it."""

    # ------------------------------------------------------------ steps

    def open_file(self, root: Node, module_kind: ModuleKind) -> None:
        self.open("global", root, 0, len(self.text))
        if module_kind == "module":
            self.open("module", root, 0, len(self.text))
        elif module_kind == "commonjs":
            scope = self.open("function", root, 0, len(self.text))
            scope.variables["arguments"] = Variable("arguments", scope, VALUE | TYPE)

    def nest(self) -> None:
        """Sort the scopes and link each to the one around it."""
        self.scopes.sort(key=_scope_order)
        current = self.scopes[0]
        for scope in self.scopes[1:]:
            while current.end <= scope.start and current.parent is not None:
                current = current.parent
            scope.parent = current
            current.children.append(scope)
            current = scope
        self.starts = [scope.start for scope in self.scopes]

    def define(self) -> None:
        """Enter the definitions into their scopes."""
        self.pending.sort(key=_pending_order)
        for start, definition, scope in self.pending:
            kind = definition.kind
            if scope is None:
                scope = self.scope_at(start)
                if kind == "var":
                    scope = scope.variable_scope
                elif kind == "type-parameter" and definition.node.type == "infer_type":
                    scope = _scope_of_infer(scope)
            name = self.name_of(definition.name)
            variable = scope.variables.get(name)
            if variable is None:
                variable = scope.variables[name] = Variable(name, scope)
            variable.definitions.append(definition)
            variable.flags |= definition_flags(kind)

    def refer(self, identifiers: list[Node]) -> None:
        """Make and resolve the references. Old grammars take the built-in type ``bigint`` for a name."""
        text, roles, outside, scopes, starts = self.text, self.roles, self.outside, self.scopes, self.starts
        identifiers.sort(key=_node_start)
        current = scopes[0]
        following, count = 1, len(scopes)
        plain: list[Role] = [(READ | VALUE, None)]
        plain_type: list[Role] = [(READ | TYPE, None)]
        names: dict[bytes, str] = {}
        for node in identifiers:
            start = node.start_byte
            while following < count and starts[following] <= start:
                current = scopes[following]
                following += 1
            while current.end <= start and current.parent is not None:
                current = current.parent
            references = roles.get(start, plain)
            if not references:
                continue
            written = text[start : node.end_byte]
            name = names.get(written)
            if name is None:
                name = names[written] = _without_escapes(written.decode("utf-8", "surrogateescape"))
            if references is plain and node.type == "type_identifier":
                if name in BUILT_IN_TYPES:
                    continue
                references = plain_type
            user = current.parent or current if start in outside else current
            for flags, write_expression in references:
                reference = Reference(node, name, user, start, flags, write_expression)
                user.references.append(reference)
                wanted = flags & (VALUE | TYPE)
                scope: Scope | None = user
                while scope is not None:
                    variable = scope.variables.get(name)
                    if (
                        variable is not None
                        and variable.flags & wanted
                        and (start >= scope.body_start or scope.sees(variable, start))
                    ):
                        reference.resolved = variable
                        variable.references.append(reference)
                        break
                    scope = scope.parent

    # ------------------------------------------------------------ means

    def open(self, kind: ScopeKind, node: Node, start: int, end: int) -> Scope:
        scope = Scope(kind, node, start, end)
        self.scopes.append(scope)
        return scope

    def scope_at(self, position: int) -> Scope:
        scope = self.scopes[bisect_right(self.starts, position) - 1]
        while scope.end <= position and scope.parent is not None:
            scope = scope.parent
        return scope

    def name_of(self, node: Node) -> str:
        name = self.text[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")
        if node.type == "string":
            return name[1:-1]
        return _without_escapes(name)

    def bind(
        self, kind: DefinitionKind, name: Node, node: Node, parent: Node | None = None, scope: Scope | None = None
    ) -> None:
        """Note that an identifier is where ``node`` declares a name."""
        start = name.start_byte
        self.pending.append(_Pending(start, Definition(kind, name, node, parent), scope))
        self.roles.setdefault(start, _NO_REFERENCE)

    def bind_pattern(
        self, kind: DefinitionKind, pattern: Node, node: Node, parent: Node | None, value: Node | None
    ) -> None:
        """Note every name that a pattern declares, written by its defaults and by ``value``."""
        if pattern.type == "identifier":  # nine of ten: worth sparing the generator
            self.bind(kind, pattern, node, parent)
            if value is not None:
                self.write(pattern, (), value, INIT)
            return
        for name, defaults in targets(pattern):
            self.bind(kind, name, node, parent)
            self.write(name, defaults, value, INIT)

    def write(self, name: Node, defaults: tuple[Node, ...], value: Node | None, init: int = 0) -> None:
        """Note the writes to one identifier of a pattern."""
        writes: list[Role] = [(WRITE | VALUE | init, default) for default in defaults]
        if value is not None:
            writes.append((WRITE | VALUE | init, value))
        if writes:
            self.roles[name.start_byte] = self.roles.get(name.start_byte, _NO_REFERENCE) + writes

    def ignore(self, node: Node) -> None:
        """Note that an identifier is a mere name: a label in a tuple, a property of a qualified name."""
        self.roles[node.start_byte] = _NO_REFERENCE


def targets(pattern: Node) -> Iterator[Target]:
    """The identifiers that a pattern binds or an assignment writes to, in order; members of objects are neither."""
    stack: list[tuple[Node, tuple[Node, ...]]] = [(pattern, ())]
    while stack:
        node, defaults = stack.pop()
        kind = node.type
        inner: Node | None = None
        if kind in _NAMES:
            yield Target(node, defaults)
        elif kind in _TARGET_LISTS:
            stack.extend((element, defaults) for element in reversed(node.named_children))
        elif kind in _TARGET_WRAPPERS:
            inner = next((child for child in node.named_children if child.type not in COMMENTS), None)
        elif kind == "type_assertion":
            inner = node.named_child(node.named_child_count - 1)
        elif kind in _TARGET_FIELDS:
            target_field, default_field = _TARGET_FIELDS[kind]
            inner, default = node.child_by_field_name(target_field), node.child_by_field_name(default_field)
            if default is not None:
                defaults = (*defaults, default)
        if inner is not None:
            stack.append((inner, defaults))


# py-tree-sitter does not return captures in the order of the file.
_node_start = attrgetter("start_byte")


def _scope_order(scope: Scope) -> tuple[int, int]:
    return scope.start, -scope.end


def _pending_order(pending: _Pending) -> int:
    return pending.start


def _scope_of_infer(scope: Scope) -> Scope:
    """A name inferred inside a function or mapped type belongs to the conditional type around that."""
    if scope.kind in ("function-type", "mapped-type"):
        for outer in scope.ancestors():
            if outer.kind not in ("function-type", "mapped-type"):
                return outer if outer.kind == "conditional-type" else scope
    return scope


def _without_escapes(name: str) -> str:
    r"""The name that ``\u0061`` or ``\u{61}`` spells."""
    if "\\" not in name:
        return name
    return re.sub(r"\\u(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{4}))", lambda m: chr(int(m[1] or m[2], 16)), name)
