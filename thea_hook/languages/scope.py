"""Scopes, variables and references of a JavaScript or TypeScript file, as ESLint's scope analysis defines them.

``analyze`` follows eslint-scope (JavaScript) and typescript-eslint's scope-manager (TypeScript) and differs only in
form: it works on tree-sitter nodes, and everything that not every rule asks for (``through``, strictness, look-ups by
node) is computed on demand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Literal, NamedTuple

from tree_sitter import Node

from thea_hook.core.source import Language, Span
from thea_hook.languages.grammars import ModuleKind, query

ScopeKind = Literal[
    "global",
    "module",
    "function",
    "function-name",
    "class",
    "class-field",
    "class-static-block",
    "block",
    "for",
    "switch",
    "catch",
    "with",
    "type",
    "function-type",
    "conditional-type",
    "mapped-type",
    "enum",
    "namespace",
]

DefinitionKind = Literal[
    "var",
    "let",
    "const",
    "using",
    "function",
    "function-name-expression",
    "class",
    "class-name",
    "parameter",
    "catch",
    "import",
    "import-type",
    "type",
    "interface",
    "enum",
    "enum-member",
    "namespace",
    "type-parameter",
]

# Bits of Reference.flags.
READ = 1
WRITE = 2
INIT = 4
VALUE = 8
TYPE = 16
JSX = 32

VARIABLE_SCOPES = frozenset({"global", "module", "function", "class-field", "class-static-block", "namespace"})
_STRICT_SCOPES = frozenset(
    {"module", "class", "namespace", "enum", "type", "function-type", "conditional-type", "mapped-type"}
)

_TYPE_DEFINITIONS = frozenset({"type", "interface", "type-parameter"})
_DUAL_DEFINITIONS = frozenset({"class", "class-name", "enum", "enum-member", "namespace", "import", "import-type"})


class Definition:
    """One place that declares a variable.

    ``name`` is the identifier, ``node`` what declares it (a declarator, function, class, import specifier, catch
    clause; the whole ``for`` statement where its head has no declarator), ``parent`` the statement around it (a lexical
    declaration, an import statement) or, for a parameter, the parameter with its type and default.
    """

    __slots__ = ("kind", "name", "node", "parent")

    def __init__(self, kind: DefinitionKind, name: Node, node: Node, parent: Node | None) -> None:
        self.kind = kind
        self.name = name
        self.node = node
        self.parent = parent

    def __repr__(self) -> str:
        return f"<{self.kind} at {self.name.start_byte}>"


class Variable:
    """A name in a scope, with every place that declares it and every reference that means it.

    A variable without definitions is implicit: the ``arguments`` of a function.
    """

    __slots__ = ("definitions", "flags", "name", "references", "scope")

    def __init__(self, name: str, scope: Scope, flags: int = 0) -> None:
        self.name = name
        self.scope = scope
        self.flags = flags
        self.definitions: list[Definition] = []
        self.references: list[Reference] = []

    @property
    def is_value(self) -> bool:
        """Whether expressions can mean it."""
        return self.flags & VALUE != 0

    @property
    def is_type(self) -> bool:
        """Whether type annotations can mean it."""
        return self.flags & TYPE != 0

    @property
    def implicit(self) -> bool:
        """Whether the language declares it, not the file."""
        return not self.definitions

    def __repr__(self) -> str:
        return f"<variable {self.name} in {self.scope!r}>"


class Reference:
    """One use of a name."""

    __slots__ = ("flags", "identifier", "name", "resolved", "scope", "start", "write_expression")

    def __init__(
        self, identifier: Node, name: str, scope: Scope, start: int, flags: int, write_expression: Node | None
    ) -> None:
        self.identifier = identifier
        self.name = name
        self.scope = scope
        self.start = start
        self.flags = flags
        self.write_expression = write_expression
        self.resolved: Variable | None = None

    @property
    def is_read(self) -> bool:
        """Whether the value is used; true for both sides of ``x += 1``."""
        return self.flags & READ != 0

    @property
    def is_write(self) -> bool:
        """Whether it changes the variable."""
        return self.flags & WRITE != 0

    @property
    def is_init(self) -> bool:
        """Whether it is the write of the declaration itself: an initialiser, a default, the head of a for-of."""
        return self.flags & INIT != 0

    @property
    def is_value(self) -> bool:
        """Whether it can mean a value."""
        return self.flags & VALUE != 0

    @property
    def is_type(self) -> bool:
        """Whether it can mean a type."""
        return self.flags & TYPE != 0

    @property
    def is_jsx(self) -> bool:
        """Whether it is the name of a JSX element."""
        return self.flags & JSX != 0

    def __repr__(self) -> str:
        return f"<reference {self.name} at {self.start}>"


class Scope:
    """A region with names of its own. It starts where its names begin to count: a function at its parameters."""

    __slots__ = (
        "_strict",
        "body_start",
        "children",
        "end",
        "kind",
        "node",
        "parent",
        "references",
        "start",
        "variables",
    )

    def __init__(self, kind: ScopeKind, node: Node, start: int, end: int) -> None:
        self.kind = kind
        self.node = node
        self.start = start
        self.end = end
        self.body_start = 0
        """Of a function: where its body starts; references before it do not see the body's names."""
        self.parent: Scope | None = None
        self.children: list[Scope] = []
        self.variables: dict[str, Variable] = {}
        self.references: list[Reference] = []
        self._strict: bool | None = None

    @property
    def span(self) -> Span:
        """Where it reaches."""
        return Span(self.start, self.end)

    @property
    def through(self) -> list[Reference]:
        """The references made in it or below that it does not resolve, in order."""
        here = (reference for reference in self.references if not self._resolves(reference))
        below = (reference for child in self.children for reference in child.through if not self._resolves(reference))
        return sorted((*here, *below), key=attrgetter("start"))

    def _resolves(self, reference: Reference) -> bool:
        return reference.resolved is not None and reference.resolved.scope is self

    @property
    def variable_scope(self) -> Scope:
        """The scope that a ``var`` written here belongs to."""
        scope = self
        while scope.kind not in VARIABLE_SCOPES and scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def is_strict(self) -> bool:
        """Whether strict mode applies."""
        if self._strict is None:
            self._strict = (
                self.kind in _STRICT_SCOPES
                or (self.parent is not None and self.parent.is_strict)
                or (self.kind in ("global", "function") and _has_use_strict(self.node))
            )
        return self._strict

    def ancestors(self) -> Iterator[Scope]:
        """This scope, the one around it, ... up to the global scope."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def lookup(self, name: str, position: int) -> Variable | None:
        """The variable that a name means here; ``position`` tells a parameter's default from the function's body."""
        for scope in self.ancestors():
            variable = scope.variables.get(name)
            if variable is not None and scope.sees(variable, position):
                return variable
        return None

    def sees(self, variable: Variable, position: int) -> bool:
        """Whether a reference at this position can mean this variable of the scope.

        A default value does not see what the function's body declares: in ``function f(a = x) { var x }`` the first x
        is another one.
        """
        if position >= self.body_start or not variable.definitions:
            return True
        return any(definition.name.start_byte < self.body_start for definition in variable.definitions)

    def __repr__(self) -> str:
        return f"<{self.kind} scope {self.start}:{self.end}>"


class GlobalComment(NamedTuple):
    """One entry of a ``/* global a, b:writable */``, ``/* exported a */`` or ``/* eslint-env browser */`` comment."""

    kind: Literal["global", "exported", "env"]
    name: str
    access: Literal["readonly", "writable", "off"]
    node: Node

    @property
    def writable(self) -> bool:
        """Whether the file may assign to the global."""
        return self.access == "writable"

    @property
    def name_span(self) -> Span:
        """Where the name stands in the comment."""
        name = re.escape(self.name.encode("utf-8", "surrogateescape"))
        text = self.node.text or b""
        match = re.compile(rb"[\s,](" + name + rb")(?=$|[\s,:*])").search(text, text.find(b"global") + 6)
        start, end = (0, len(text)) if match is None else match.span(1)
        return Span(self.node.start_byte + start, self.node.start_byte + end)


class ScopeManager:
    """Every scope of a file, and the way from a node to its scope, reference or variables."""

    def __init__(self, root: Node, language: Language, text: bytes, scopes: list[Scope]) -> None:
        self.root = root
        self.scopes = scopes
        """In source order, outer before inner."""
        self.global_scope = scopes[0]
        self._language = language
        self._text = text

    # ------------------------------------------------------------ from a node

    def scope_of(self, node: Node) -> Scope:
        """The innermost scope that contains the node; for a node that makes a scope, the one around it."""
        if node.id == self.root.id:
            return self.global_scope
        start, end = node.start_byte, node.end_byte
        scope = self.scopes[bisect_right(self._starts, start) - 1]
        while scope.parent is not None and not _contains(scope, start, end):
            scope = scope.parent
        return scope

    def acquire(self, node: Node) -> Scope | None:
        """The scope that the node makes; the function's own for a named function expression, which makes two."""
        return self._by_node.get(node.id)

    def declared(self, node: Node) -> list[Variable]:
        """The variables that a declaration declares; for a function its parameters too."""
        return list(self._declared.get(node.id, ()))

    def variable_at(self, node: Node) -> Variable | None:
        """The variable that an identifier declares or refers to."""
        reference = self._references.get(node.start_byte)
        if reference is not None and reference.resolved is not None:
            return reference.resolved
        return self._bindings.get(node.start_byte)

    def lookup(self, name: str, node: Node) -> Variable | None:
        """The variable that a name would mean where the node stands."""
        return self.scope_of(node).lookup(name, node.start_byte)

    def is_global(self, node: Node) -> bool:
        """Whether the identifier is a reference that no declaration in the file answers."""
        reference = self._references.get(node.start_byte)
        return reference is not None and reference.resolved is None

    # ------------------------------------------------------------ derived

    @property
    def references(self) -> Iterator[Reference]:
        """Every reference, scope by scope."""
        return (reference for scope in self.scopes for reference in scope.references)

    @property
    def variables(self) -> Iterator[Variable]:
        """Every variable, scope by scope."""
        return (variable for scope in self.scopes for variable in scope.variables.values())

    @cached_property
    def unresolved(self) -> list[Reference]:
        """The references that no declaration in the file answers, in order."""
        unresolved = (reference for reference in self.references if reference.resolved is None)
        return sorted(unresolved, key=attrgetter("start"))

    @cached_property
    def modifications(self) -> list[Reference]:
        """The writes that are not the variable's own declaration, one for each identifier, in order."""
        writes = {r.start: r for r in self.references if r.flags & (WRITE | INIT) == WRITE}
        return [writes[start] for start in sorted(writes)]

    @cached_property
    def global_comments(self) -> list[GlobalComment]:
        """What ``global``, ``exported`` and ``eslint-env`` comments say, in order."""
        if not _GLOBAL_COMMENT.search(self._text):
            return []
        from tree_sitter import QueryCursor

        comments = QueryCursor(query(self._language, "(comment) @comment")).captures(self.root).get("comment", [])
        comments.sort(key=attrgetter("start_byte"))
        return [entry for comment in comments for entry in _entries(comment)]

    @cached_property
    def _starts(self) -> list[int]:
        return [scope.start for scope in self.scopes]

    @cached_property
    def _by_node(self) -> dict[int, Scope]:
        made = {scope.node.id: scope for scope in self.scopes if scope.kind != "class-field"}
        made[self.root.id] = self.scopes[1] if _is_file_scope(self.scopes) else self.global_scope
        return made

    @cached_property
    def _declared(self) -> dict[int, list[Variable]]:
        declared: dict[int, list[Variable]] = {}
        for variable in self.variables:
            for definition in variable.definitions:
                for node in (definition.node, definition.parent):
                    if node is not None:
                        known = declared.setdefault(node.id, [])
                        if variable not in known:
                            known.append(variable)
        return declared

    @cached_property
    def _references(self) -> dict[int, Reference]:
        return {reference.start: reference for reference in self.references}

    @cached_property
    def _bindings(self) -> dict[int, Variable]:
        bindings: dict[int, Variable] = {}
        for variable in self.variables:
            for definition in variable.definitions:
                bindings.setdefault(definition.name.start_byte, variable)
        return bindings


def analyze(
    root: Node,
    *,
    language: Language,
    module_kind: ModuleKind,
    text: bytes,
    captured: Mapping[str, list[Node]] | None = None,
) -> ScopeManager:
    """The scopes of a parsed file, from what a query that includes the language's scope query ``captured`` if given."""
    from thea_hook.languages.scope_syntax import build

    return ScopeManager(root, language, text, build(root, language, module_kind, text, captured))


def definition_flags(kind: DefinitionKind) -> int:
    """Whether such a definition makes a value, a type or both."""
    if kind in _TYPE_DEFINITIONS:
        return TYPE
    return VALUE | TYPE if kind in _DUAL_DEFINITIONS else VALUE


def _contains(scope: Scope, start: int, end: int) -> bool:
    if start == scope.start and end == scope.end:
        # The node that makes the scope stands outside, but these scopes are about a part of the node that makes them,
        # and one statement can fill a whole file.
        return scope.kind in ("class-field", "switch", "with") or scope.node.type == "program"
    return scope.start <= start and end <= scope.end


def _is_file_scope(scopes: list[Scope]) -> bool:
    return len(scopes) > 1 and scopes[1].node.type == "program"


def _has_use_strict(node: Node) -> bool:
    body = node if node.type == "program" else node.child_by_field_name("body")
    if body is None or (body.type != "statement_block" and body is not node):
        return False
    for statement in body.named_children:
        if statement.type in ("comment", "hash_bang_line"):
            continue
        directive = statement.named_child(0) if statement.type == "expression_statement" else None
        if directive is None or directive.type != "string":
            return False
        if (directive.text or b"")[1:-1] == b"use strict":
            return True
    return False


_GLOBAL_COMMENT = re.compile(rb"/\*\s*(?:globals?|exported|eslint-env)\s")
_COMMENT_PARTS = re.compile(r"/\*\s*(globals?|exported|eslint-env)\s+(.*?)(?:\s-{2,}\s.*)?\*/", re.DOTALL)
_ACCESS: dict[str, Literal["readonly", "writable", "off"]] = {
    "true": "writable",
    "writable": "writable",
    "writeable": "writable",
    "off": "off",
}


def _entries(comment: Node) -> Iterator[GlobalComment]:
    match = _COMMENT_PARTS.fullmatch((comment.text or b"").decode("utf-8", "replace"))
    if match is None:
        return
    word, entries = match.groups()
    kind: Literal["global", "exported", "env"] = (
        "env" if word == "eslint-env" else "exported" if word == "exported" else "global"
    )
    for entry in re.sub(r"\s*:\s*", ":", entries).replace(",", " ").split():
        name, _, word = entry.partition(":")
        yield GlobalComment(kind, name, _ACCESS.get(word, "readonly"), comment)
