"""Builds the scopes of a file from one query pass over its tree.

The tree is never walked in Python. A query delivers every identifier and every node that makes a
scope, declares names or writes to them (``scope_queries``). From those:

1. the scope-making nodes become scopes, which nest by position;
2. declarations note what they define and what role their identifiers play (a binding, a write with its value, ...);
3. definitions enter their scopes in source order, so that every name is known before any use is looked at;
4. one sweep over the identifiers makes the references and resolves them.

An identifier without a noted role is read: that holds for nine of ten.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import NamedTuple

from tree_sitter import Node, QueryCursor

from thea_hook.core.source import Language
from thea_hook.languages.grammars import ModuleKind, query
from thea_hook.languages.nodes import FUNCTIONS
from thea_hook.languages.scope import (
    INIT,
    JSX,
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
from thea_hook.languages.scope_queries import SCOPE_QUERIES

Role = tuple[int, Node | None]
"""Flags and written value of one reference that an identifier makes."""

_NO_REFERENCE: list[Role] = []

_DECLARED_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration", "function_signature"})
_FUNCTION_EXPRESSIONS = frozenset({"function_expression", "generator_function"})
_CLASS_DECLARATIONS = frozenset({"class_declaration", "abstract_class_declaration"})
_BUILT_IN_TYPES = frozenset(
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
_DECLARATION_KINDS: dict[str, DefinitionKind] = {
    "var": "var",
    "let": "let",
    "const": "const",
    "using": "using",
    "await": "using",
}


class _Pending(NamedTuple):
    """A definition that waits for its scope; ``scope`` is given where the position of the name does not tell it."""

    start: int
    definition: Definition
    scope: Scope | None


class _Target(NamedTuple):
    """An identifier in a pattern, with the default values that may be written to it."""

    name: Node
    defaults: tuple[Node, ...]


def build(root: Node, language: Language, module_kind: ModuleKind, text: bytes) -> list[Scope]:
    """The scopes of a parsed file in source order, the global scope first, with variables and references in place."""
    found = QueryCursor(query(language, SCOPE_QUERIES[language])).captures(root)
    builder = _Builder(text, is_typescript=language != "javascript")
    builder.open_file(root, module_kind)
    for capture, handle in _HANDLERS.items():
        for node in found.get(capture, ()):
            handle(builder, node)
    builder.nest()
    builder.define()
    builder.refer(found.get("identifier", []))
    if b"eval" in text:
        builder.mark_eval()
    return builder.scopes


class _Builder:
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
            name = text[start : node.end_byte].decode("utf-8", "surrogateescape")
            if "\\" in name:
                name = _without_escapes(name)
            if references is plain and node.type == "type_identifier":
                if name in _BUILT_IN_TYPES:
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

    def mark_eval(self) -> None:
        """A direct call of eval can declare names in every scope around it."""
        for scope in self.scopes:
            if any(reference.name == "eval" and _is_called(reference.identifier) for reference in scope.references):
                for outer in scope.variable_scope.ancestors():
                    outer.is_dynamic = True

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
        return _without_escapes(name) if "\\" in name else name

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
        for name, defaults in _targets(pattern):
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

    # ------------------------------------------------------------ values

    def declaration(self, node: Node) -> None:
        keyword = node.child(0)
        kind = _DECLARATION_KINDS.get(keyword.type, "let") if keyword is not None else "let"
        for declarator in node.named_children:
            if declarator.type == "variable_declarator":
                name = declarator.child_by_field_name("name")
                if name is not None:
                    self.bind_pattern(kind, name, declarator, node, declarator.child_by_field_name("value"))

    def for_in(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return
        keyword = node.child_by_field_name("kind")
        if keyword is None:
            for name, defaults in _targets(left):
                self.write(name, defaults, right)
            return
        kind = _DECLARATION_KINDS.get(keyword.type, "using")
        if kind != "var":
            self.open("for", node, node.start_byte, node.end_byte)
        value = node.child_by_field_name("value")
        if value is not None:
            self.write(left, (), value, INIT)
        self.bind_pattern(kind, left, node, None, right)

    def assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        if self.is_typescript and left.start_byte != node.start_byte:
            # TypeScript's grammar reads the declaration `using x = y` as an assignment.
            self.bind_pattern("using", left, node, None, right)
            return
        for name, defaults in _targets(left):
            self.write(name, defaults, right)

    def augmented(self, node: Node) -> None:
        left = node.child_by_field_name("left")
        if left is not None:
            self.update_target(left, node.child_by_field_name("right"))

    def update(self, node: Node) -> None:
        argument = node.child_by_field_name("argument")
        if argument is not None:
            self.update_target(argument, None)

    def update_target(self, target: Node, value: Node | None) -> None:
        for name, _ in _targets(target):
            self.roles[name.start_byte] = [(READ | WRITE | VALUE, value)]

    # ------------------------------------------------------------ functions and classes

    def function(self, node: Node) -> None:
        kind = node.type
        name = node.child_by_field_name("name")
        if name is not None and kind in _DECLARED_FUNCTIONS:
            self.bind("function", name, node)
        elif name is not None and kind in _FUNCTION_EXPRESSIONS:
            outer = self.open("function-name", node, node.start_byte, node.end_byte)
            self.bind("function-name-expression", name, node, scope=outer)
        scope = self.open("function", node, node.start_byte if name is None else name.end_byte, node.end_byte)
        if kind != "arrow_function":
            scope.variables["arguments"] = Variable("arguments", scope, VALUE | TYPE)
        body = node.child_by_field_name("body")
        if body is not None:
            scope.body_start = body.start_byte
            if body.type == "statement_block":
                self.bodies.add(scope.body_start)
        self.parameters(node)

    def function_type(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        self.open("function-type", node, node.start_byte if name is None else name.end_byte, node.end_byte)
        self.parameters(node)

    def parameters(self, node: Node) -> None:
        parameters = node.child_by_field_name("parameters")
        if parameters is None:
            single = node.child_by_field_name("parameter")
            if single is not None:
                self.bind("parameter", single, node, single)
            return
        for parameter in parameters.named_children:
            self.bind_pattern("parameter", parameter, node, parameter, None)

    def class_(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        scope = self.open("class", node, _class_start(node) if name is None else name.end_byte, node.end_byte)
        if name is not None:
            if node.type in _CLASS_DECLARATIONS:
                self.bind("class", name, node)
            self.bind("class-name", name, node, scope=scope)

    def field(self, node: Node) -> None:
        self.open("class-field", node, node.start_byte, node.end_byte)

    def static_block(self, node: Node) -> None:
        self.open("class-static-block", node, node.start_byte, node.end_byte)
        self.own_body(node)

    def own_body(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self.bodies.add(body.start_byte)

    # ------------------------------------------------------------ statements

    def block(self, node: Node) -> None:
        start = node.start_byte
        if start not in self.bodies:
            self.open("block", node, start, node.end_byte)

    def for_(self, node: Node) -> None:
        self.open("for", node, node.start_byte, node.end_byte)

    def switch(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self.open("switch", node, body.start_byte, body.end_byte)

    def catch(self, node: Node) -> None:
        self.open("catch", node, node.start_byte, node.end_byte)
        parameter = node.child_by_field_name("parameter")
        if parameter is not None:
            self.bind_pattern("catch", parameter, node, None, None)

    def with_(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self.open("with", node, body.start_byte, body.end_byte)

    # ------------------------------------------------------------ modules

    def import_(self, node: Node) -> None:
        kind: DefinitionKind = "import-type" if _has_token(node, "type") else "import"
        for clause in node.named_children:
            if clause.type == "import_require_clause":
                self.bind_first(kind, clause, clause, node)
            elif clause.type == "import_clause":
                self.import_clause(kind, clause, node)

    def import_clause(self, kind: DefinitionKind, clause: Node, statement: Node) -> None:
        for part in clause.named_children:
            if part.type == "identifier":
                self.bind(kind, part, clause, statement)
            elif part.type == "namespace_import":
                self.bind_first(kind, part, part, statement)
            elif part.type == "named_imports":
                for specifier in part.named_children:
                    if specifier.type == "import_specifier":
                        self.import_specifier(kind, specifier, statement)

    def import_specifier(self, kind: DefinitionKind, specifier: Node, statement: Node) -> None:
        name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
        if name is not None and alias is not None:
            self.ignore(name)
        local = alias or name
        if local is not None:
            self.bind("import-type" if _has_token(specifier, "type") else kind, local, specifier, statement)

    def import_alias(self, node: Node) -> None:
        self.bind_first("import", node, node, node)

    def bind_first(self, kind: DefinitionKind, parent: Node, node: Node, statement: Node) -> None:
        """The first identifier among the children is what ``node`` declares."""
        for child in parent.named_children:
            if child.type == "identifier":
                self.bind(kind, child, node, statement)
                return

    def export(self, node: Node) -> None:
        """``export {a}``, ``export default a``, ``export = a``: in TypeScript the name can also mean a type."""
        if node.child_by_field_name("declaration") is not None:
            return
        from_elsewhere = node.child_by_field_name("source") is not None
        type_only = _has_token(node, "type")
        for child in node.named_children:
            if child.type == "identifier" and not _has_token(node, "namespace"):
                self.roles[child.start_byte] = [(READ | self.exported, None)]
            elif child.type == "namespace_export":
                for name in child.named_children:
                    self.ignore(name)
            elif child.type == "export_clause":
                for specifier in child.named_children:
                    if specifier.type == "export_specifier":
                        self.export_specifier(specifier, from_elsewhere, type_only)

    def export_specifier(self, specifier: Node, from_elsewhere: bool, type_only: bool) -> None:
        name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
        if alias is not None:
            self.ignore(alias)
        if name is None:
            return
        if from_elsewhere:
            self.ignore(name)
        else:
            meaning = TYPE if type_only or _has_token(specifier, "type") else self.exported
            self.roles[name.start_byte] = [(READ | meaning, None)]

    # ------------------------------------------------------------ JSX

    def jsx_name(self, node: Node) -> None:
        """A lower-case name is an element of the platform, not a reference."""
        name = self.name_of(node)
        if name[0].upper() == name[0]:
            self.roles[node.start_byte] = [(READ | VALUE | JSX, None)]
        else:
            self.ignore(node)

    def jsx_member(self, node: Node) -> None:
        root = _leftmost(node)
        if self.name_of(root) == "this":
            self.ignore(root)
        else:
            self.roles[root.start_byte] = [(READ | VALUE | JSX, None)]

    def jsx_closing_name(self, node: Node) -> None:
        """eslint-scope sees the opening tag only, typescript-eslint both."""
        if self.is_typescript:
            self.jsx_name(node)
        else:
            self.ignore(node)

    def jsx_closing_member(self, node: Node) -> None:
        if self.is_typescript:
            self.jsx_member(node)
        else:
            self.ignore(_leftmost(node))

    # ------------------------------------------------------------ types

    def parameter_decorator(self, node: Node) -> None:
        """The decorators of a method's parameters see the class, not the parameters."""
        for child in node.named_children:
            if child.type == "identifier":
                self.outside.add(child.start_byte)
            elif child.type not in FUNCTIONS:
                self.parameter_decorator(child)

    def type_argument(self, node: Node) -> None:
        """In ``tag<T>`...` `` T is a type; the grammar reads two comparisons."""
        root = _leftmost(node)
        if self.name_of(root) in _BUILT_IN_TYPES:
            self.ignore(root)
        else:
            self.roles[root.start_byte] = [(READ | TYPE, None)]

    def interface(self, node: Node) -> None:
        self.type_declaration("interface", node)

    def type_alias(self, node: Node) -> None:
        self.type_declaration("type", node)

    def type_declaration(self, kind: DefinitionKind, node: Node) -> None:
        name, parameters = node.child_by_field_name("name"), node.child_by_field_name("type_parameters")
        if name is not None:
            self.bind(kind, name, node)
        if parameters is not None:
            self.open("type", node, parameters.start_byte, node.end_byte)

    def type_parameter(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self.bind("type-parameter", name, node)

    def infer(self, node: Node) -> None:
        name = node.named_child(0)
        if name is not None and name.type == "type_identifier":
            self.bind("type-parameter", name, node)

    def mapped(self, node: Node) -> None:
        signature = node.parent or node
        self.open("mapped-type", signature, signature.start_byte, signature.end_byte)
        name = node.child_by_field_name("name")
        if name is not None:
            self.bind("type-parameter", name, node)

    def conditional(self, node: Node) -> None:
        """Inferred names count in the condition and in its true branch."""
        consequence = node.child_by_field_name("consequence")
        end = node.end_byte if consequence is None else consequence.end_byte
        self.open("conditional-type", node, node.start_byte, end)

    def enum(self, node: Node) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return
        self.bind("enum", name, node)
        self.open("enum", node, name.end_byte, node.end_byte)
        for member in body.named_children:
            key = member.child_by_field_name("name") if member.type == "enum_assignment" else member
            if key is not None and key.type in ("property_identifier", "string"):
                self.bind("enum-member", key, member, node)

    def namespace(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is None:
            return
        if name.type == "identifier":
            self.bind("namespace", name, node)
        elif name.type == "nested_identifier":
            self.ignore(_leftmost(name))
        self.open("namespace", node, name.end_byte, node.end_byte)
        self.own_body(node)

    def global_augmentation(self, node: Node) -> None:
        """The block of ``declare global``."""
        self.bodies.add(node.start_byte)
        self.open("namespace", node, node.start_byte, node.end_byte)

    def qualified_type(self, node: Node) -> None:
        """``A.B.C``: A is a reference in a type's place, C a mere name."""
        module, name = node.child_by_field_name("module"), node.child_by_field_name("name")
        if module is not None:
            self.roles[_leftmost(module).start_byte] = [(READ | TYPE, None)]
        if name is not None:
            self.ignore(name)


# In this order: of scopes with the same span the outer is made first (a field's before that of the function it holds),
# and blocks come after everything that claims its body.
_HANDLERS: dict[str, Callable[[_Builder, Node], None]] = {
    "field": _Builder.field,
    "with": _Builder.with_,
    "function": _Builder.function,
    "function_type": _Builder.function_type,
    "class": _Builder.class_,
    "static_block": _Builder.static_block,
    "namespace": _Builder.namespace,
    "global_augmentation": _Builder.global_augmentation,
    "block": _Builder.block,
    "for": _Builder.for_,
    "for_in": _Builder.for_in,
    "switch": _Builder.switch,
    "catch": _Builder.catch,
    "declaration": _Builder.declaration,
    "assignment": _Builder.assignment,
    "augmented": _Builder.augmented,
    "update": _Builder.update,
    "import": _Builder.import_,
    "import_alias": _Builder.import_alias,
    "export": _Builder.export,
    "jsx_name": _Builder.jsx_name,
    "jsx_member": _Builder.jsx_member,
    "jsx_closing_name": _Builder.jsx_closing_name,
    "jsx_closing_member": _Builder.jsx_closing_member,
    "interface": _Builder.interface,
    "type_alias": _Builder.type_alias,
    "type_parameter": _Builder.type_parameter,
    "infer": _Builder.infer,
    "mapped": _Builder.mapped,
    "conditional": _Builder.conditional,
    "enum": _Builder.enum,
    "qualified_type": _Builder.qualified_type,
    "parameter_decorator": _Builder.parameter_decorator,
    "type_argument": _Builder.type_argument,
    "ignored": _Builder.ignore,
}


def _targets(pattern: Node, defaults: tuple[Node, ...] = ()) -> Iterator[_Target]:
    """The identifiers that a pattern binds or an assignment writes to; members of objects are neither."""
    kind = pattern.type
    if kind in _NAMES:
        yield _Target(pattern, defaults)
    elif kind in _TARGET_LISTS:
        for element in pattern.named_children:
            yield from _targets(element, defaults)
    elif kind in _TARGET_WRAPPERS:
        inner = pattern.named_child(0)
        if inner is not None:
            yield from _targets(inner, defaults)
    elif kind == "type_assertion":
        inner = pattern.named_child(pattern.named_child_count - 1)
        if inner is not None:
            yield from _targets(inner, defaults)
    elif kind in _TARGET_FIELDS:
        target_field, default_field = _TARGET_FIELDS[kind]
        target, default = pattern.child_by_field_name(target_field), pattern.child_by_field_name(default_field)
        if target is not None:
            yield from _targets(target, defaults if default is None else (*defaults, default))


# A query delivers captures in the order in which its patterns finish, which is not quite that of the file.
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


def _class_start(node: Node) -> int:
    """After the keyword of a class without a name; decorators before it stand outside."""
    return next((child.end_byte for child in node.children if child.type == "class"), node.start_byte)


def _leftmost(node: Node) -> Node:
    """The ``a`` of ``a.b.c``."""
    inner = node.child_by_field_name("object")
    return node if inner is None else _leftmost(inner)


def _has_token(node: Node, token: str) -> bool:
    return any(child.type == token for child in node.children)


def _is_called(identifier: Node) -> bool:
    call = identifier.parent
    return call is not None and call.type == "call_expression" and call.child_by_field_name("function") == identifier


def _without_escapes(name: str) -> str:
    r"""The name that ``\u0061`` or ``\u{61}`` spells."""
    import re

    return re.sub(r"\\u(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{4}))", lambda m: chr(int(m[1] or m[2], 16)), name)
