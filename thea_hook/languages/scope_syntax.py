"""What each piece of syntax does to scopes: the handlers behind the captures of ``scope_queries``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tree_sitter import Node, QueryCursor

from thea_hook.core.source import Language
from thea_hook.languages.grammars import ModuleKind, query
from thea_hook.languages.nodes import FUNCTIONS
from thea_hook.languages.scope import INIT, JSX, READ, TYPE, VALUE, WRITE, DefinitionKind, Scope, Variable
from thea_hook.languages.scope_builder import BUILT_IN_TYPES, Builder, targets
from thea_hook.languages.scope_queries import RARE_QUERIES, SCOPE_QUERIES

_DECLARED_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration", "function_signature"})
_FUNCTION_EXPRESSIONS = frozenset({"function_expression", "generator_function"})
_CLASS_DECLARATIONS = frozenset({"class_declaration", "abstract_class_declaration"})
_DECLARATION_KINDS: dict[str, DefinitionKind] = {
    "var": "var",
    "let": "let",
    "const": "const",
    "using": "using",
    "await": "using",
}


def build(
    root: Node,
    language: Language,
    module_kind: ModuleKind,
    text: bytes,
    captured: Mapping[str, list[Node]] | None = None,
) -> list[Scope]:
    """The scopes of a parsed file in source order, the global scope first, with variables and references in place.

    ``captured`` is what a query that includes this language's captured, where the tree was walked with one before.
    """
    found = captured or QueryCursor(query(language, SCOPE_QUERIES[language])).captures(root)
    for holds, rare in RARE_QUERIES[language]:
        if holds.search(text):
            found = {**found, **QueryCursor(query(language, rare)).captures(root)}
    builder = Builder(text, is_typescript=language != "javascript")
    builder.open_file(root, module_kind)
    for capture, handle in _HANDLERS.items():
        for node in found.get(capture, ()):
            handle(builder, node)
    builder.nest()
    builder.define()
    builder.refer(found.get("scope.identifier", []))
    return builder.scopes


# ------------------------------------------------------------ values


def declaration(builder: Builder, node: Node) -> None:
    keyword = node.child(0)
    kind = _DECLARATION_KINDS.get(keyword.type, "let") if keyword is not None else "let"
    for declarator in node.named_children:
        if declarator.type == "variable_declarator":
            name = declarator.child_by_field_name("name")
            if name is not None:
                builder.bind_pattern(kind, name, declarator, node, declarator.child_by_field_name("value"))


def for_in(builder: Builder, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None:
        return
    keyword = node.child_by_field_name("kind")
    if keyword is None:
        for name, defaults in targets(left):
            builder.write(name, defaults, right)
        return
    kind = _DECLARATION_KINDS.get(keyword.type, "using")
    if kind != "var":
        builder.open("for", node, node.start_byte, node.end_byte)
    value = node.child_by_field_name("value")
    if value is not None:
        builder.write(left, (), value, INIT)
    builder.bind_pattern(kind, left, node, None, right)


def assignment(builder: Builder, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    if builder.is_typescript and left.start_byte != node.start_byte:
        # TypeScript's grammar reads the declaration `using x = y` as an assignment.
        builder.bind_pattern("using", left, node, None, right)
        return
    for name, defaults in targets(left):
        builder.write(name, defaults, right)


def augmented(builder: Builder, node: Node) -> None:
    left = node.child_by_field_name("left")
    if left is not None:
        update_target(builder, left, node.child_by_field_name("right"))


def update(builder: Builder, node: Node) -> None:
    argument = node.child_by_field_name("argument")
    if argument is not None:
        update_target(builder, argument, None)


def update_target(builder: Builder, target: Node, value: Node | None) -> None:
    for name, _ in targets(target):
        builder.roles[name.start_byte] = [(READ | WRITE | VALUE, value)]


# ------------------------------------------------------------ functions and classes


def function(builder: Builder, node: Node) -> None:
    kind = node.type
    name = node.child_by_field_name("name")
    if name is not None and kind in _DECLARED_FUNCTIONS:
        builder.bind("function", name, node)
    elif name is not None and kind in _FUNCTION_EXPRESSIONS:
        outer = builder.open("function-name", node, node.start_byte, node.end_byte)
        builder.bind("function-name-expression", name, node, scope=outer)
    scope = builder.open("function", node, node.start_byte if name is None else name.end_byte, node.end_byte)
    if kind != "arrow_function":
        scope.variables["arguments"] = Variable("arguments", scope, VALUE | TYPE)
    body = node.child_by_field_name("body")
    if body is not None:
        scope.body_start = body.start_byte
        if body.type == "statement_block":
            builder.bodies.add(scope.body_start)
    parameters(builder, node)


def function_type(builder: Builder, node: Node) -> None:
    name = node.child_by_field_name("name")
    builder.open("function-type", node, node.start_byte if name is None else name.end_byte, node.end_byte)
    parameters(builder, node)


def parameters(builder: Builder, node: Node) -> None:
    parameters = node.child_by_field_name("parameters")
    if parameters is None:
        single = node.child_by_field_name("parameter")
        if single is not None:
            builder.bind("parameter", single, node, single)
        return
    for parameter in parameters.named_children:
        builder.bind_pattern("parameter", parameter, node, parameter, None)


def class_(builder: Builder, node: Node) -> None:
    name = node.child_by_field_name("name")
    scope = builder.open("class", node, _class_start(node) if name is None else name.end_byte, node.end_byte)
    if name is not None:
        if node.type in _CLASS_DECLARATIONS:
            builder.bind("class", name, node)
        builder.bind("class-name", name, node, scope=scope)


def field(builder: Builder, node: Node) -> None:
    value = node.child_by_field_name("value")
    if value is not None:
        builder.open("class-field", value, value.start_byte, value.end_byte)


def static_block(builder: Builder, node: Node) -> None:
    builder.open("class-static-block", node, node.start_byte, node.end_byte)
    own_body(builder, node)


def own_body(builder: Builder, node: Node) -> None:
    body = node.child_by_field_name("body")
    if body is not None:
        builder.bodies.add(body.start_byte)


# ------------------------------------------------------------ statements


def block(builder: Builder, node: Node) -> None:
    start = node.start_byte
    if start not in builder.bodies:
        builder.open("block", node, start, node.end_byte)


def for_(builder: Builder, node: Node) -> None:
    builder.open("for", node, node.start_byte, node.end_byte)


def switch(builder: Builder, node: Node) -> None:
    body = node.child_by_field_name("body")
    if body is not None:
        builder.open("switch", node, body.start_byte, body.end_byte)


def catch(builder: Builder, node: Node) -> None:
    builder.open("catch", node, node.start_byte, node.end_byte)
    parameter = node.child_by_field_name("parameter")
    if parameter is not None:
        builder.bind_pattern("catch", parameter, node, None, None)


def with_(builder: Builder, node: Node) -> None:
    body = node.child_by_field_name("body")
    if body is not None:
        builder.open("with", node, body.start_byte, body.end_byte)


# ------------------------------------------------------------ modules


def import_(builder: Builder, node: Node) -> None:
    kind: DefinitionKind = "import-type" if _has_token(node, "type") else "import"
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            bind_first(builder, kind, clause, clause, node)
        elif clause.type == "import_clause":
            import_clause(builder, kind, clause, node)


def import_clause(builder: Builder, kind: DefinitionKind, clause: Node, statement: Node) -> None:
    for part in clause.named_children:
        if part.type == "identifier":
            builder.bind(kind, part, clause, statement)
        elif part.type == "namespace_import":
            bind_first(builder, kind, part, part, statement)
        elif part.type == "named_imports":
            for specifier in part.named_children:
                if specifier.type == "import_specifier":
                    import_specifier(builder, kind, specifier, statement)


def import_specifier(builder: Builder, kind: DefinitionKind, specifier: Node, statement: Node) -> None:
    name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
    if name is not None and alias is not None:
        builder.ignore(name)
    local = alias or name
    if local is not None:
        builder.bind("import-type" if _has_token(specifier, "type") else kind, local, specifier, statement)


def import_alias(builder: Builder, node: Node) -> None:
    bind_first(builder, "import", node, node, node)


def bind_first(builder: Builder, kind: DefinitionKind, parent: Node, node: Node, statement: Node) -> None:
    """The first identifier among the children is what ``node`` declares."""
    for child in parent.named_children:
        if child.type == "identifier":
            builder.bind(kind, child, node, statement)
            return


def export(builder: Builder, node: Node) -> None:
    """``export {a}``, ``export default a``, ``export = a``: in TypeScript the name can also mean a type."""
    if node.child_by_field_name("declaration") is not None:
        return
    from_elsewhere = node.child_by_field_name("source") is not None
    type_only = _has_token(node, "type")
    for child in node.named_children:
        if child.type == "identifier" and not _has_token(node, "namespace"):
            builder.roles[child.start_byte] = [(READ | builder.exported, None)]
        elif child.type == "namespace_export":
            for name in child.named_children:
                builder.ignore(name)
        elif child.type == "export_clause":
            for specifier in child.named_children:
                if specifier.type == "export_specifier":
                    export_specifier(builder, specifier, from_elsewhere, type_only)


def export_specifier(builder: Builder, specifier: Node, from_elsewhere: bool, type_only: bool) -> None:
    name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
    if alias is not None:
        builder.ignore(alias)
    if name is None:
        return
    if from_elsewhere:
        builder.ignore(name)
    else:
        meaning = TYPE if type_only or _has_token(specifier, "type") else builder.exported
        builder.roles[name.start_byte] = [(READ | meaning, None)]


# ------------------------------------------------------------ JSX


def jsx_name(builder: Builder, node: Node) -> None:
    """A lower-case name is an element of the platform, not a reference."""
    name = builder.name_of(node)
    if name[0].upper() == name[0]:
        builder.roles[node.start_byte] = [(READ | VALUE | JSX, None)]
    else:
        builder.ignore(node)


def jsx_member(builder: Builder, node: Node) -> None:
    root = _leftmost(node)
    if builder.name_of(root) == "this":
        builder.ignore(root)
    else:
        builder.roles[root.start_byte] = [(READ | VALUE | JSX, None)]


def jsx_closing_name(builder: Builder, node: Node) -> None:
    """eslint-scope sees the opening tag only, typescript-eslint both."""
    if builder.is_typescript:
        jsx_name(builder, node)
    else:
        builder.ignore(node)


def jsx_closing_member(builder: Builder, node: Node) -> None:
    if builder.is_typescript:
        jsx_member(builder, node)
    else:
        builder.ignore(_leftmost(node))


# ------------------------------------------------------------ types


def parameter_decorator(builder: Builder, node: Node) -> None:
    """The decorators of a method's parameters see the class, not the parameters."""
    for child in node.named_children:
        if child.type == "identifier":
            builder.outside.add(child.start_byte)
        elif child.type not in FUNCTIONS:
            parameter_decorator(builder, child)


def type_argument(builder: Builder, node: Node) -> None:
    """In ``tag<T>`...` `` T is a type; the grammar reads two comparisons."""
    root = _leftmost(node)
    if builder.name_of(root) in BUILT_IN_TYPES:
        builder.ignore(root)
    else:
        builder.roles[root.start_byte] = [(READ | TYPE, None)]


def interface(builder: Builder, node: Node) -> None:
    type_declaration(builder, "interface", node)


def type_alias(builder: Builder, node: Node) -> None:
    type_declaration(builder, "type", node)


def type_declaration(builder: Builder, kind: DefinitionKind, node: Node) -> None:
    name, parameters = node.child_by_field_name("name"), node.child_by_field_name("type_parameters")
    if name is not None:
        builder.bind(kind, name, node)
    if parameters is not None:
        builder.open("type", node, parameters.start_byte, node.end_byte)


def type_parameter(builder: Builder, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is not None:
        builder.bind("type-parameter", name, node)


def infer(builder: Builder, node: Node) -> None:
    name = node.named_child(0)
    if name is not None and name.type == "type_identifier":
        builder.bind("type-parameter", name, node)


def mapped(builder: Builder, node: Node) -> None:
    signature = node.parent or node
    builder.open("mapped-type", signature, signature.start_byte, signature.end_byte)
    name = node.child_by_field_name("name")
    if name is not None:
        builder.bind("type-parameter", name, node)


def conditional(builder: Builder, node: Node) -> None:
    """Inferred names count in the condition and in its true branch."""
    consequence = node.child_by_field_name("consequence")
    end = node.end_byte if consequence is None else consequence.end_byte
    builder.open("conditional-type", node, node.start_byte, end)


def enum(builder: Builder, node: Node) -> None:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        return
    builder.bind("enum", name, node)
    builder.open("enum", node, name.end_byte, node.end_byte)
    for member in body.named_children:
        key = member.child_by_field_name("name") if member.type == "enum_assignment" else member
        if key is not None and key.type in ("property_identifier", "string"):
            builder.bind("enum-member", key, member, node)


def namespace(builder: Builder, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is None:
        return
    if name.type == "identifier":
        builder.bind("namespace", name, node)
    elif name.type == "nested_identifier":
        builder.ignore(_leftmost(name))
    builder.open("namespace", node, name.end_byte, node.end_byte)
    own_body(builder, node)


def global_augmentation(builder: Builder, node: Node) -> None:
    """The block of ``declare global``."""
    builder.bodies.add(node.start_byte)
    builder.open("namespace", node, node.start_byte, node.end_byte)


def qualified_type(builder: Builder, node: Node) -> None:
    """``A.B.C``: A is a reference in a type's place, C a mere name."""
    module, name = node.child_by_field_name("module"), node.child_by_field_name("name")
    if module is not None:
        builder.roles[_leftmost(module).start_byte] = [(READ | TYPE, None)]
    if name is not None:
        builder.ignore(name)


# In this order: of scopes with the same span the outer is made first (a field's before that of the function it holds),
# and blocks come after everything that claims its body.
_HANDLERS: dict[str, Callable[[Builder, Node], None]] = {
    "scope.field": field,
    "scope.with": with_,
    "scope.function": function,
    "scope.function_type": function_type,
    "scope.class": class_,
    "scope.static_block": static_block,
    "scope.namespace": namespace,
    "scope.global_augmentation": global_augmentation,
    "scope.block": block,
    "scope.for": for_,
    "scope.for_in": for_in,
    "scope.switch": switch,
    "scope.catch": catch,
    "scope.declaration": declaration,
    "scope.assignment": assignment,
    "scope.augmented": augmented,
    "scope.update": update,
    "scope.import": import_,
    "scope.import_alias": import_alias,
    "scope.export": export,
    "scope.jsx_name": jsx_name,
    "scope.jsx_member": jsx_member,
    "scope.jsx_closing_name": jsx_closing_name,
    "scope.jsx_closing_member": jsx_closing_member,
    "scope.interface": interface,
    "scope.type_alias": type_alias,
    "scope.type_parameter": type_parameter,
    "scope.infer": infer,
    "scope.mapped": mapped,
    "scope.conditional": conditional,
    "scope.enum": enum,
    "scope.qualified_type": qualified_type,
    "scope.parameter_decorator": parameter_decorator,
    "scope.type_argument": type_argument,
    "scope.ignored": Builder.ignore,
}


def _class_start(node: Node) -> int:
    """After the keyword of a class without a name; decorators before it stand outside."""
    return next((child.end_byte for child in node.children if child.type == "class"), node.start_byte)


def _leftmost(node: Node) -> Node:
    """The ``a`` of ``a.b.c``."""
    while (inner := node.child_by_field_name("object")) is not None:
        node = inner
    return node


def _has_token(node: Node, token: str) -> bool:
    return any(child.type == token for child in node.children)
