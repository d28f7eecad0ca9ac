"""What one text says about names: what it imports, exports, and lets other scripts of the same page or process use.

Only statements at the top of a text count, and assignments to the global object wherever they are. Nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.errors import ParseTimeout
from thea_hook.languages.expressions import ASSIGNMENTS, MEMBERS
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import (
    TYPE_WRAPPERS,
    child_token,
    field,
    named,
    property_name,
    string_value,
    text,
    unwrap,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Reference

Form = Literal["import", "require", "script"]
"""How a file uses others: with ES imports, with CommonJS, or as one of the scripts of a page."""

DEFAULT = "default"
EVERYTHING = "*"
"""What ``import * as x`` imports."""
MODULE = "="
"""What ``x = require(..)`` imports: whatever the module has made of ``module.exports``."""


class Import(NamedTuple):
    """``imported`` is the name that the source exports, or one of the three above."""

    source: str
    imported: str


class Facts(NamedTuple):
    """What a text says about names.

    ``exports`` is by the name that an importer would use: ``export default class A`` exports DEFAULT as ``A``.
    ``declared`` is what a script declares at its top, ``provided`` what anything puts on the global object, ``listed``
    what ``global`` comments name.
    """

    form: Form
    imports: Mapping[str, Import]
    exports: Mapping[str, str]
    declared: frozenset[str]
    provided: frozenset[str]
    listed: frozenset[str]


def facts_of(file: SourceFile) -> Facts | None:
    """The facts of a text, whether or not it parses; None of one that is nested so deep that nobody wrote it."""
    module = module_or_none(file)
    return None if module is None else facts_of_module(module)


def module_or_none(file: SourceFile) -> Module | None:
    """The parsed text, unless that takes too long, or going over it would."""
    try:
        module = Module(file)
    except ParseTimeout:
        return None
    return None if module.is_too_deep else module


def facts_of_module(module: Module) -> Facts:
    reader = _Reader(module)
    form = reader.form()
    return Facts(
        form,
        reader.imports,
        reader.exports,
        frozenset(reader.declared) if form == "script" and not reader.is_enclosed else frozenset(),
        frozenset([*reader.provided, *_put_on_global_object(module)]),
        frozenset(entry.name for entry in module.scopes.global_comments if entry.kind == "global")
        if _COMMENT.search(module.text)
        else frozenset(),
    )


# ------------------------------------------------------------------ statements at the top

_COMMENT = re.compile(rb"/\*\s*globals?\s")
_FUNCTIONS_AND_CLASSES = frozenset({"function_declaration", "generator_function_declaration", "class_declaration"})
_VARIABLES = frozenset({"lexical_declaration", "variable_declaration"})
_PROVIDING_CALLS = frozenset({"goog.provide", "goog.exportSymbol"})


class _Reader:
    """Goes over the statements of a program, and collects."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.imports: dict[str, Import] = {}
        self.exports: dict[str, str] = {}
        self.declared: list[str] = []
        self.provided: list[str] = []
        self.is_enclosed = False
        """Whether a loader keeps the top of the text to itself."""
        self._is_module = False
        self._is_commonjs = module.text.startswith(b"#!")
        for statement in named(module.root):
            self._statement(statement)

    def form(self) -> Form:
        ending = self._module.file.path.rpartition(".")[2].lower()
        if self._is_module or ending in ("mjs", "mts"):
            return "import"
        return "require" if self._is_commonjs or ending in ("cjs", "cts") else "script"

    def _statement(self, node: Node) -> None:
        if node.type == "import_statement":
            self._is_module = True
            self._import(node)
        elif node.type == "export_statement":
            self._is_module = True
            self._export(node)
        elif node.type in _VARIABLES:
            self._variables(node)
        elif node.type in _FUNCTIONS_AND_CLASSES:
            self.declared += _names(node)
        elif node.type == "ambient_declaration":
            self.declared += [name for inner in named(node) for name in _names(inner)]
        elif node.type == "expression_statement":
            for expression in named(node):
                self._expression(unwrap(expression))

    def _import(self, node: Node) -> None:
        source = field(node, "source")
        value = None if source is None else string_value(source)
        if value is None or child_token(node, "type") is not None:
            return
        for clause in named(node):
            for part in named(clause) if clause.type == "import_clause" else ():
                if part.type == "identifier":
                    self.imports[text(part)] = Import(value, DEFAULT)
                elif part.type == "namespace_import":
                    self.imports.update((text(name), Import(value, EVERYTHING)) for name in named(part))
                elif part.type == "named_imports":
                    self._specifiers(part, value)

    def _specifiers(self, node: Node, source: str) -> None:
        for specifier in named(node):
            name = field(specifier, "name")
            if name is not None and child_token(specifier, "type") is None:
                alias = field(specifier, "alias") or name
                self.imports[text(alias)] = Import(source, text(name))

    def _export(self, node: Node) -> None:
        if field(node, "source") is not None:
            return  # of another file, which is the one that has it
        declaration = field(node, "declaration")
        value = field(node, "value")
        is_default = child_token(node, "default") is not None
        if declaration is not None:
            self.exports.update((name, DEFAULT if is_default else name) for name in _names(declaration))
        elif value is not None and is_default and value.type == "identifier":
            self.exports[text(value)] = DEFAULT
        for clause in named(node):
            for specifier in named(clause) if clause.type == "export_clause" else ():
                name, alias = field(specifier, "name"), field(specifier, "alias")
                if alias is not None and text(alias) == DEFAULT and name is not None:
                    self.exports[text(name)] = DEFAULT
                elif name is not None and text(alias or name) not in self.imports:
                    self.exports[text(alias or name)] = text(alias or name)

    def _variables(self, node: Node) -> None:
        self.declared += _names(node)
        for declarator in named(node):
            name, value = field(declarator, "name"), field(declarator, "value")
            if name is None or value is None:
                continue
            required = _required(value)
            if required is not None:
                self._is_commonjs = True
                self._bind(name, required)
            elif value.type in ASSIGNMENTS:
                self._expression(value)

    def _bind(self, pattern: Node, required: Import) -> None:
        if pattern.type == "identifier":
            self.imports[text(pattern)] = required
        elif pattern.type == "object_pattern" and required.imported == MODULE:
            for member in named(pattern):
                key = text(member) if member.type == "shorthand_property_identifier_pattern" else property_name(member)
                target = field(member, "value") or member
                if key is not None and target.type in ("identifier", "shorthand_property_identifier_pattern"):
                    self.imports[text(target)] = Import(required.source, key)

    def _expression(self, node: Node) -> None:
        """A call, or assignments: of ``a = b = c`` each, from the left."""
        while node.type == "assignment_expression":
            left, right = field(node, "left"), field(node, "right")
            if left is None or right is None:
                return
            node = unwrap(right)
            self._assignment(left, node)
        if node.type == "call_expression":
            self._call(node)

    def _call(self, node: Node) -> None:
        callee = text(field(node, "function") or node)
        first = next((string_value(one) for one in named(field(node, "arguments") or node)), None)
        if _required(node) is not None:
            self._is_commonjs = True
        elif callee in _PROVIDING_CALLS and first:
            self.provided.append(first.partition(".")[0])
        elif callee == "goog.module":
            self.is_enclosed = True

    def _assignment(self, left: Node, right: Node) -> None:
        target = text(left)
        if left.type == "identifier":
            self.declared.append(target)  # sloppy code may
        elif target == "module.exports":
            self._is_commonjs = True
            self._exported_value(right)
        else:
            owner, name = field(left, "object"), property_name(left)
            if left.type in MEMBERS and owner is not None and name and text(owner) in ("exports", "module.exports"):
                self._is_commonjs = True
                self.exports[name] = name

    def _exported_value(self, value: Node) -> None:
        if value.type == "identifier":
            self.exports[text(value)] = MODULE
        elif value.type in ("class", "function_expression"):
            name = field(value, "name")
            if name is not None:
                self.exports[text(name)] = MODULE
        elif value.type == "object":
            for member in named(value):
                is_short = member.type == "shorthand_property_identifier"
                key = text(member) if is_short else property_name(member)
                if key and member.type != "spread_element" and key not in self.imports:
                    self.exports[key] = key


def _names(declaration: Node) -> list[str]:
    """The names that a declaration of a value declares."""
    if declaration.type in _VARIABLES:
        patterns = [field(declarator, "name") for declarator in named(declaration)]
        return [name for pattern in patterns if pattern is not None for name in _bound(pattern)]
    if declaration.type in _FUNCTIONS_AND_CLASSES or declaration.type in ("enum_declaration", "function_signature"):
        name = field(declaration, "name")
        return [] if name is None else [text(name)]
    return []


def _bound(pattern: Node) -> Iterator[str]:
    """The names that a pattern binds."""
    stack = [pattern]
    while stack:
        node = stack.pop()
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield text(node)
        elif node.type in ("pair_pattern", "object_assignment_pattern", "assignment_pattern"):
            inner = field(node, "value") if node.type == "pair_pattern" else field(node, "left")
            stack += [] if inner is None else [inner]
        else:
            stack += named(node)


def _required(value: Node) -> Import | None:
    """What ``require("x")`` and ``require("x").y`` import."""
    value = unwrap(value)
    if value.type == "member_expression":
        owner, name = field(value, "object"), property_name(value)
        inner = None if owner is None or owner.type != "call_expression" else _required(owner)
        return None if inner is None or name is None else Import(inner.source, name)
    if value.type != "call_expression" or text(field(value, "function") or value) != "require":
        return None
    arguments = named(field(value, "arguments") or value)
    source = string_value(arguments[0]) if len(arguments) == 1 else None
    return None if source is None else Import(source, MODULE)


# ------------------------------------------------------------------ the global object

_GLOBAL_OBJECTS = ("window", "globalThis", "global", "self", "root")
_ASSIGNED = re.compile(
    rb"\b(?:window|globalThis|global|self|root)\s*(?:as\s[^()=;]{1,80}\)\s*)?(?:\.\s*[\w$]|\[\s*['\"][\w$]+['\"]\s*\])[\w$]*\s*=(?![=>])"
)
_SCOPED_OBJECTS = frozenset({"window", "globalThis", "global", "root"})
"""Of these also a variable of that name is the global object, as in ``(function (root) { .. })(this)``; ``self`` is as
often the ``this`` of a method."""


def _put_on_global_object(module: Module) -> Iterator[str]:
    """The names assigned to as ``window.X`` and the like."""
    if not _ASSIGNED.search(module.text):
        return
    for reference in module.scopes.references:
        if reference.name in _GLOBAL_OBJECTS and _is_global_object(reference):
            holder = _with_types(reference.identifier)
            member = holder.parent
            if member is None or member.type not in MEMBERS or field(member, "object") != holder:
                continue
            assignment = member.parent
            if assignment is not None and assignment.type in ASSIGNMENTS and field(assignment, "left") == member:
                name = property_name(member)
                if name:
                    yield name


def _with_types(node: Node) -> Node:
    """The node with the assertions and parentheses around it: ``(window as any)``."""
    while node.parent is not None and node.parent.type in (*TYPE_WRAPPERS, "parenthesized_expression"):
        node = node.parent
    return node


def _is_global_object(reference: Reference) -> bool:
    variable = reference.resolved
    if variable is None:
        return True
    return reference.name in _SCOPED_OBJECTS and all(one.kind in ("parameter", "var") for one in variable.definitions)
