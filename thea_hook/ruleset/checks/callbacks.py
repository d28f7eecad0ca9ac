"""Function expressions that could be arrow functions or need no ``bind``, and parameters of one name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    FUNCTION_EXPRESSIONS,
    IDENTIFIERS,
    MEMBERS,
    is_in_parentheses,
    is_logical,
    reads_property,
)
from thea_hook.languages.functions import arguments_of, callee_of, is_async
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LITERALS,
    child_token,
    descend,
    field,
    insert,
    named,
    outermost,
    parent_expression,
    remove,
    span,
    text,
    token_after,
    token_before,
    unwrap,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# Nodes with a `this` of their own.
_OWN_THIS = FUNCTIONS - {"arrow_function"}

# ------------------------------------------------------------------ prefer-arrow-callback


@dataclass(frozen=True, slots=True)
class _Callback:
    """How a function expression becomes an argument."""

    bind: Node | None
    """The first ``.bind(..)`` call on it."""
    is_bound_to_this: bool
    """Whether that is ``.bind(this)``."""


def prefer_arrow_callback(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-arrow-callback."""
    callback = _callback(node)
    if callback is None:
        return
    if context.options["allowNamedFunctions"] and field(node, "name") is not None:
        return
    uses_this = False
    for inner in descend(node, skip=_OWN_THIS):
        if inner.type == "this":
            # in TypeScript `this` can also be a parameter's name
            uses_this = uses_this or (inner.parent is not None and inner.parent.type != "required_parameter")
        elif inner.type == "super" or (inner.type == "meta_property" and text(inner).startswith("new")):
            return
    if context.options["allowUnboundThis"] and uses_this and not callback.is_bound_to_this:
        return
    if _names_itself(node, context) or _uses_arguments(node, context):
        return
    keeps_this = callback.is_bound_to_this or not uses_this
    edits = _as_arrow(node, callback, context) if keeps_this else ()
    yield Problem(span(node), edits=edits)


def as_arrow_callback(function: Node, context: Context) -> tuple[Edit, ...]:
    """The edits that make an arrow function of one that is passed as an argument; nothing where that changes it."""
    callback = _callback(function) if function.type == "function_expression" else None
    if callback is None or callback.bind is not None or _uses_this(function):
        return ()
    if _names_itself(function, context) or _uses_arguments(function, context):
        return ()
    if any(inner.type == "meta_property" for inner in descend(function, skip=_OWN_THIS)):
        return ()
    return _as_arrow(function, callback, context)


# Operators and binds between a function and the call it is an argument of. Each step up costs the depth of the tree.
_MAX_CLIMB = 16


def _callback(function: Node) -> _Callback | None:
    """How the function is passed as an argument: through ``||`` and ``? :``, bound or not; None if it is not."""
    current = outermost(function)
    bind: Node | None = None
    is_bound_to_this = False
    for _ in range(_MAX_CLIMB):
        parent = current.parent
        if parent is None:
            return None
        kind = parent.type
        if kind == "arguments":
            call = parent.parent
            if call is None or (call.type == "call_expression" and child_token(call, "import") is not None):
                return None
            return _Callback(bind, is_bound_to_this)
        if kind == "ternary_expression":
            if field(parent, "condition") == current:
                return None
        elif kind in MEMBERS:
            call = _bind_call(parent, current)
            if call is None:
                return None
            if bind is None:
                bind = call
                arguments = arguments_of(call)
                is_bound_to_this = len(arguments) == 1 and unwrap(arguments[0]).type == "this"
            parent = call
        elif not is_logical(parent):
            return None
        current = outermost(parent)
    return None


def _bind_call(member: Node, bound: Node) -> Node | None:
    """The call ``bound.bind(..)`` that a member expression belongs to."""
    key = field(member, "property") or field(member, "index")
    if field(member, "object") != bound or key is None or key.text != b"bind":
        return None
    return _call_of(member)


def _call_of(callee: Node) -> Node | None:
    """The call that is made on an expression."""
    whole = outermost(callee)
    call = whole.parent
    return call if call is not None and call.type == "call_expression" and field(call, "function") == whole else None


def _names_itself(function: Node, context: Context) -> bool:
    name = field(function, "name")
    variable = None if name is None else context.scopes.variable_at(name)
    return variable is not None and bool(variable.references)


def _uses_arguments(function: Node, context: Context) -> bool:
    scope = context.scopes.acquire(function)
    variable = None if scope is None else scope.variables.get("arguments")
    return variable is not None and variable.implicit and bool(variable.references)


def _as_arrow(function: Node, callback: _Callback, context: Context) -> tuple[Edit, ...]:
    """The edits that make an arrow function of a function expression; none where that would lose something."""
    keyword = child_token(function, "function")
    body = field(function, "body")
    parameters = field(function, "parameters")
    if keyword is None or body is None or parameters is None or not _may_be_arrow(parameters):
        return ()
    head = field(function, "type_parameters") or parameters
    before_body = token_before(body)
    # a line break between `async` and the parameters would end the statement
    if before_body is None or (is_async(function) and keyword.end_point.row < head.start_point.row):
        return ()
    replaced = function
    edits: list[Edit] = []
    if callback.is_bound_to_this and callback.bind is not None:
        unbind = _remove_bind(function, callback.bind, context)
        if unbind is None:
            return ()
        edits.append(unbind)
        replaced = callback.bind
    edits += _remove_head(function, keyword, head, context)
    if context.module.language == "tsx" and head is not parameters:
        edits += _generic_comma(head)
    edits.append(insert(before_body.end_byte, " =>"))
    parent = parent_expression(replaced)
    if (
        parent is not None
        and parent.type not in ("arguments", "ternary_expression")
        and not (is_in_parentheses(replaced) or is_in_parentheses(function))
    ):
        edits += (insert(replaced.start_byte, "("), insert(function.end_byte, ")"))
    return tuple(edits)


def _may_be_arrow(parameters: Node) -> bool:
    names = []
    for parameter in named(parameters):
        pattern = field(parameter, "pattern") or parameter
        if pattern.type == "this":
            return False
        names.append(text(pattern) if pattern.type == "identifier" else "")
    # an arrow function may not have two parameters of one name
    return "" in names or len(set(names)) == len(names)


def _remove_bind(function: Node, bind: Node, context: Context) -> Edit | None:
    member = callee_of(bind)
    target = None if member is None else field(member, "object")
    if member is None or target is None or unwrap(target) != function or is_in_parentheses(member):
        return None
    where = Span(target.end_byte, bind.end_byte)
    first = token_after(target)
    if first is None or context.has_comment(Span(first.start_byte, bind.end_byte)):
        return None
    return remove(Span(first.start_byte, where.end))


def _remove_head(function: Node, keyword: Node, head: Node, context: Context) -> list[Edit]:
    """Removes ``function`` and the name, but not the comments around them."""
    where = Span(keyword.start_byte, head.start_byte)
    if not context.has_comment(where):
        return [remove(where)]
    name = field(function, "name")
    return [remove(keyword)] if name is None else [remove(keyword), remove(name)]


def _generic_comma(type_parameters: Node) -> list[Edit]:
    """In JSX, ``<T>`` before the parameters of an arrow function needs a comma."""
    inner = named(type_parameters)
    if len(inner) != 1 or child_token(type_parameters, ",") is not None:
        return []
    if field(inner[0], "constraint") is not None or field(inner[0], "value") is not None:
        return []
    return [insert(inner[0].end_byte, ",")]


# ------------------------------------------------------------------ no-extra-bind

_HARMLESS = frozenset({*LITERALS, *IDENTIFIERS, *FUNCTION_EXPRESSIONS, "this"})


def no_extra_bind(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-extra-bind."""
    whole = outermost(node)
    member = whole.parent
    if member is None or not reads_property(member, b"bind"):
        return
    call = _call_of(member) if field(member, "object") == whole else None
    arguments = [] if call is None else arguments_of(call)
    if call is None or len(arguments) != 1 or arguments[0].type == "spread_element":
        return
    if node.type != "arrow_function" and _uses_this(node):
        return
    key = field(member, "property") or field(member, "index")
    yield Problem(span(key or member), edits=_remove_call(whole, member, call, arguments[0], context))


def _uses_this(function: Node) -> bool:
    """Whether ``this`` of the function is used; a class inside has its own in fields and static blocks."""
    stack = [function]
    while stack:
        current = stack.pop()
        kind = current.type
        if kind == "this":
            return True
        if kind in ("field_definition", "public_field_definition"):
            name = field(current, "property") or field(current, "name")
            stack += [] if name is None else [name]
        elif current is function or (kind not in _OWN_THIS and kind != "class_static_block"):
            stack += current.children
    return False


def _remove_call(whole: Node, member: Node, call: Node, argument: Node, context: Context) -> tuple[Edit, ...]:
    first = token_after(whole)
    opening = token_after(outermost(member))
    if first is None or opening is None or unwrap(argument).type not in _HARMLESS:
        return ()
    if context.has_comment(Span(first.start_byte, call.end_byte)):
        return ()
    return (
        remove(Span(first.start_byte, member.end_byte)),
        remove(Span(opening.start_byte, call.end_byte)),
    )


# ------------------------------------------------------------------ no-dupe-args


def no_dupe_args(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-dupe-args."""
    parameters = named(node)
    function = node.parent
    if len(parameters) < 2 or function is None or function.type not in _OWN_THIS:
        return
    # only plain names can be repeated: with a pattern or a default among them the program does not parse
    patterns = [field(parameter, "pattern") or parameter for parameter in parameters]
    names = [text(pattern) for pattern in patterns if pattern.type == "identifier"]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Problem(_to_body(node, function), data={"name": name})


def _to_body(parameters: Node, function: Node) -> Span:
    body = field(function, "body")
    last = None if body is None else token_before(body)
    return Span(parameters.start_byte, parameters.end_byte if last is None else last.end_byte)
