"""Questions about functions: what they are called, where they return, what they are passed to."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.source import Span
from thea_hook.languages.expressions import IDENTIFIERS, LOGICAL_ASSIGNMENTS, MEMBERS, is_logical, is_tagged_template
from thea_hook.languages.nodes import (
    CASES,
    FUNCTIONS,
    child_token,
    descend,
    enclosing_function,
    field,
    named,
    operator,
    outermost,
    parent_expression,
    property_name,
    text,
    unwrap,
    unwrap_types,
)
from thea_hook.languages.scope import ScopeManager

FIELDS = frozenset({"field_definition", "public_field_definition"})
GENERATORS = frozenset({"generator_function", "generator_function_declaration"})

# Kinds whose statements are not run where they are written.
NESTED_PATHS = FUNCTIONS | {"class_static_block"}

_GETTERS = frozenset({"get", "static get"})


def body_block(function: Node) -> Node | None:
    """The braces of a function; None for an arrow function that is an expression."""
    body = field(function, "body")
    # An object literal would stand in parentheses: `=> { a: {} }` is a block with a label, which tree-sitter misreads.
    return body if body is not None and body.type in ("statement_block", "object") else None


def statements(block: Node) -> list[Node]:
    """The statements in a block, a program or a ``case``."""
    if block.type in CASES:
        return block.children_by_field_name("body")
    return named(block)


def own_nodes(function: Node, kind: str) -> Iterator[Node]:
    """The nodes of a kind in the function's body, without those of functions inside it."""
    body = field(function, "body")
    if body is not None:
        yield from (node for node in descend(body, skip=NESTED_PATHS) if node.type == kind)


def argument(statement: Node) -> Node | None:
    """The expression after ``return`` or ``throw``, without parentheses."""
    inner = named(statement)
    return unwrap(inner[0]) if inner else None


def arguments_of(call: Node) -> list[Node]:
    """The arguments of a call or ``new``, as written; none for a template with a tag."""
    arguments = field(call, "arguments")
    return named(arguments) if arguments is not None and arguments.type == "arguments" else []


def bare_arguments(call: Node) -> list[Node]:
    """The arguments of a call or ``new``, each without parentheses around it."""
    return [unwrap(argument) for argument in arguments_of(call)]


def callee_of(call: Node) -> Node | None:
    """What a call or ``new`` is made on, without parentheses; None for a template with a tag."""
    callee = field(call, "function") or field(call, "constructor")
    return unwrap(callee) if callee is not None and not is_tagged_template(call) else None


def outcomes(expression: Node) -> Iterator[Node]:
    """The expressions whose value this one may have: both branches of ``a ? b : c``, the last of ``a, b``."""
    stack: list[Node | None] = [expression]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        node = unwrap_types(node)
        kind = node.type
        if kind == "assignment_expression":
            stack.append(field(node, "right"))
        elif is_logical(node) or (kind == "augmented_assignment_expression" and operator(node) in LOGICAL_ASSIGNMENTS):
            stack.append(field(node, "right"))
            if not operator(node).startswith("&&"):
                stack.append(field(node, "left"))
        elif kind == "ternary_expression":
            stack += (field(node, "alternative"), field(node, "consequence"))
        elif kind == "sequence_expression":
            stack.append(named(node)[-1])
        else:
            yield node


# ------------------------------------------------------------------ kinds of functions


def is_generator(function: Node) -> bool:
    return function.type in GENERATORS or child_token(function, "*") is not None


def is_async(function: Node) -> bool:
    return child_token(function, "async") is not None


def is_await(name: Node, module_kind: str) -> bool:
    """Whether an identifier is the keyword: ``await (f)()`` and ``await [a][0]`` are read as uses of a variable."""
    if name.text != b"await":
        return False
    function = enclosing_function(name)
    return module_kind == "module" if function is None else is_async(function)


def is_getter(function: Node) -> bool:
    """Whether the function is written as ``get name() {}``."""
    return function.type == "method_definition" and any(child.type in _GETTERS for child in function.children)


def is_setter(function: Node) -> bool:
    return function.type == "method_definition" and child_token(function, "set") is not None


def is_static(member: Node) -> bool:
    return any(child.type in ("static", "static get") for child in member.children)


def is_constructor(function: Node) -> bool:
    """Whether the function is the constructor of a class."""
    name = field(function, "name")
    return (
        function.type == "method_definition"
        and name is not None
        and name.type in ("property_identifier", "string")
        and property_name(function) == "constructor"
        and class_of(function) is not None
        and not is_static(function)
    )


def class_of(member: Node) -> Node | None:
    """The class that a method or field is a member of."""
    body = member.parent
    return body.parent if body is not None and body.type == "class_body" else None


def super_class(class_node: Node) -> Node | None:
    """What a class extends, without parentheses."""
    heritage = child_token(class_node, "class_heritage")
    if heritage is None:
        return None
    clause = child_token(heritage, "extends_clause")
    if clause is not None:
        value = field(clause, "value")
        return unwrap(value) if value is not None else None
    if child_token(heritage, "extends") is None:
        return None
    inner = named(heritage)
    return unwrap(inner[0]) if inner else None


def property_of(function: Node) -> Node | None:
    """The property, method or field whose value the function is."""
    if function.type == "method_definition":
        return function
    value = outermost(function)
    parent = value.parent
    if parent is None or (parent.type != "pair" and parent.type not in FIELDS):
        return None
    return parent if field(parent, "value") == value else None


# ------------------------------------------------------------------ how a report names a function


def head_span(function: Node) -> Span:
    """The part of a function that stands for it in a report: all before its parameters, or an arrow's ``=>``."""
    owner = property_of(function)
    if owner is None and function.type == "arrow_function":
        arrow = child_token(function, "=>")
        return Span(arrow.start_byte, arrow.end_byte) if arrow is not None else Span(*function.byte_range)
    parameters = field(function, "parameters") or field(function, "parameter")
    end = parameters.start_byte if parameters is not None else function.end_byte
    return Span((owner or function).start_byte, end)


def described(function: Node) -> str:
    """The function's kind and name, as in ``async arrow function`` or ``static getter 'x'``."""
    if is_constructor(function):
        return "constructor"
    owner = property_of(function)
    words = []
    if owner is not None and class_of(owner) is not None:
        if is_static(owner):
            words.append("static")
        if _key(owner, "private_property_identifier"):
            words.append("private")
    if is_async(function):
        words.append("async")
    if is_generator(function):
        words.append("generator")
    words.append(_kind(function, owner))
    name = _name(function, owner)
    if name is not None:
        words.append(name)
    return " ".join(words)


def _kind(function: Node, owner: Node | None) -> str:
    if is_getter(function):
        return "getter"
    if is_setter(function):
        return "setter"
    if owner is not None:
        return "method"
    return "arrow function" if function.type == "arrow_function" else "function"


def _key(owner: Node, kind: str) -> bool:
    return any(child.type == kind for child in owner.children)


def _name(function: Node, owner: Node | None) -> str | None:
    if owner is not None:
        name = property_name(owner)
        if name is not None:
            return name if _key(owner, "private_property_identifier") else f"'{name}'"
    own = field(function, "name") if function.type != "method_definition" else None
    return f"'{text(own)}'" if own is not None else None


# ------------------------------------------------------------------ calls


def is_member_access(node: Node, objects: frozenset[str] | None, names: frozenset[str]) -> bool:
    """Whether the expression reads one of these properties of a variable called one of these (None: of anything)."""
    node = unwrap(node)
    if node.type not in MEMBERS or property_name(node) not in names:
        return False
    if objects is None:
        return True
    target = field(node, "object")
    return target is not None and unwrap(target).type in IDENTIFIERS and text(unwrap(target)) in objects


def is_import(node: Node) -> bool:
    """Whether the expression is ``import(...)``."""
    callee = field(node, "function") if node.type == "call_expression" else None
    return callee is not None and callee.type == "import"


def argument_call(node: Node) -> tuple[Node, int] | None:
    """The call that the expression is an argument of, and which one it is."""
    node = outermost(node)
    arguments = node.parent
    if arguments is None or arguments.type != "arguments" or arguments.parent is None:
        return None
    return arguments.parent, named(arguments).index(node)


def is_property_descriptor(literal: Node, scopes: ScopeManager) -> bool:
    """Whether an object literal describes a property for ``Object.defineProperty`` and its kin."""
    if _is_passed_to(literal, {"Object", "Reflect"}, "defineProperty", 2, scopes):
        return True
    pair = parent_expression(literal)
    if pair is None or pair.type != "pair" or pair.parent is None or field(pair, "key") == outermost(literal):
        return False
    return _is_passed_to(pair.parent, {"Object"}, "create", 1, scopes) or _is_passed_to(
        pair.parent, {"Object"}, "defineProperties", 1, scopes
    )


def _is_passed_to(node: Node, objects: set[str], name: str, index: int, scopes: ScopeManager) -> bool:
    found = argument_call(node)
    if found is None or found[1] != index or found[0].type != "call_expression":
        return False
    callee = callee_of(found[0])
    if callee is None or not is_member_access(callee, frozenset(objects), frozenset({name})):
        return False
    target = field(callee, "object")
    return target is not None and scopes.is_global(unwrap(target))
