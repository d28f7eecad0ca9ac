"""What the callbacks of array methods return."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.languages.expressions import UNARY, has_group, is_logical, is_unary, precedence
from thea_hook.languages.functions import (
    argument,
    argument_call,
    body_block,
    callee_of,
    described,
    head_span,
    is_async,
    is_generator,
    is_member_access,
    own_nodes,
)
from thea_hook.languages.layout import begins_line, margin, newline
from thea_hook.languages.nodes import (
    child_token,
    closing_token,
    enclosing_function,
    field,
    insert,
    last_token,
    named,
    outermost,
    parent_expression,
    property_name,
    replace,
    span,
    text,
    token_after,
    unwrap,
)
from thea_hook.languages.purity import is_pure
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_ARRAY_METHODS = frozenset(
    {
        "every",
        "filter",
        "find",
        "findIndex",
        "findLast",
        "findLastIndex",
        "flatMap",
        "forEach",
        "map",
        "reduce",
        "reduceRight",
        "some",
        "sort",
        "toSorted",
    }
)


def array_callback_return(function: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint array-callback-return."""
    method = None if is_generator(function) else _array_method(function)
    if method is None:
        return
    if method == "forEach":
        if context.options["checkForEach"]:
            yield from _useless_values(function, context)
        return
    static = method in ("from", "fromAsync")
    data = {"method": f"Array.{method}" if static else f"Array.prototype.{method}", "name": described(function)}
    returns = list(own_nodes(function, "return_statement"))
    bare = [node for node in returns if argument(node) is None]
    falls_off = body_block(function) is not None and context.flow(function).falls_off_end
    if not bare and not falls_off:
        return
    edits, title = _mended(function, method, bare, falls_off, len(bare) == len(returns), context)
    if not context.options["allowImplicit"]:
        yield from (Problem(span(node), data, edits=edits, title=title, applicability=_UNSAFE) for node in bare)
    if falls_off:
        message = "end" if returns else ""
        yield Problem(head_span(function), data, message, edits, title=title, applicability=_UNSAFE)


_UNSAFE = Applicability.UNSAFE
# What visits every element where the callback returns nothing, as `forEach` does.
_LIKE_FOR_EACH = frozenset({"filter", "flatMap", "map", "some"})
# What asks only whether the callback returns something true.
_TESTS = frozenset({"every", "filter", "find", "findIndex", "findLast", "findLastIndex", "some"})


def _mended(
    function: Node, method: str, bare: list[Node], falls_off: bool, returns_nothing: bool, context: Context
) -> tuple[tuple[Edit, ...], str]:
    """The edits that give the callback a value where it is plain which, or the call another method; and their title."""
    found = argument_call(function)
    callee = callee_of(found[0]) if found is not None else None
    call = found[0] if found is not None else None
    if call is None or callee is None or is_async(function):
        return (), ""
    if returns_nothing:
        if _is_unused(call):
            name = field(callee, "property")
            parameters = field(function, "parameters") or field(function, "parameter")
            takes_element = parameters is not None and (parameters.type == "identifier" or bool(named(parameters)))
            is_loop = method in _LIKE_FOR_EACH and takes_element and callee.type == "member_expression"
            return ((replace(name, "forEach"),), "Use `forEach`") if is_loop and name is not None else ((), "")
        return ((), "") if bare else (returning(function), "Return the value")
    if method not in _TESTS:
        return (), ""
    edits = [insert(node.start_byte + len("return"), " false") for node in bare]
    if falls_off:
        edits += _false_at_end(function, context)
    return tuple(edits), "Return `false`"


def _is_unused(call: Node) -> bool:
    """Whether nobody asks what the call returns: it is a statement, or the end of ``a && call()`` that is one."""
    node = call
    parent = parent_expression(node)
    while parent is not None and is_logical(parent) and field(parent, "right") == outermost(node):
        node, parent = parent, parent_expression(parent)
    return parent is not None and parent.type == "expression_statement"


def returning(function: Node) -> tuple[Edit, ...]:
    """``return`` before the only expression in the body, where it is one that has no other use."""
    block = body_block(function)
    statements = named(block) if block is not None else []
    if len(statements) != 1 or statements[0].type != "expression_statement":
        return ()
    value = unwrap(named(statements[0])[0])
    if not (is_pure(value) or value.type == "call_expression") or value.type == "string":
        return ()
    return (insert(statements[0].start_byte, "return "),)


def _false_at_end(function: Node, context: Context) -> Iterator[Edit]:
    block = body_block(function)
    if block is None or not named(block):
        return
    closing, last, source = closing_token(block), named(block)[-1], context.text
    end = ";" if text(last).endswith(";") or last.type.endswith("_statement") else ""
    if begins_line(source, closing.start_byte) and begins_line(source, last.start_byte):
        start = source.rfind(b"\n", 0, closing.start_byte) + 1
        yield insert(start, f"{margin(source, last.start_byte)}return false{end}{newline(source)}")
    elif b"\n" not in source[block.start_byte : closing.start_byte]:
        yield insert(closing.start_byte, f"return false{end} ")


def _array_method(function: Node) -> str | None:
    """The array method that the function is a callback of."""
    node = function
    while True:
        parent = parent_expression(node)
        if parent is None:
            return None
        if is_logical(parent) or parent.type == "ternary_expression":
            node = parent
        elif parent.type == "return_statement":
            outer = enclosing_function(parent)
            call = parent_expression(outer) if outer is not None else None
            if outer is None or call is None or call.type != "call_expression" or callee_of(call) != outer:
                return None
            node = call
        else:
            return _method_called_with(node, is_async(function))


def _method_called_with(callback: Node, is_async_callback: bool) -> str | None:
    found = argument_call(callback)
    callee = callee_of(found[0]) if found is not None and found[0].type == "call_expression" else None
    if found is None or callee is None:
        return None
    index = found[1]
    if not is_async_callback:
        if index == 1 and _is_array_from(callee):
            return "from"
        if index == 0 and is_member_access(callee, None, _ARRAY_METHODS):
            return property_name(unwrap(callee))
    if index == 1 and is_member_access(callee, frozenset({"Array"}), frozenset({"fromAsync"})):
        return "fromAsync"
    return None


def _is_array_from(callee: Node) -> bool:
    target = field(callee, "object")
    return (
        is_member_access(callee, None, frozenset({"from"}))
        and target is not None
        and unwrap(target).type == "identifier"
        and text(unwrap(target)).endswith("Array")
    )


def _useless_values(function: Node, context: Context) -> Iterator[Problem]:
    """Values that a callback of ``forEach`` returns for nobody."""
    name = {"method": "Array.prototype.forEach", "name": described(function)}
    allow_void = context.options["allowVoid"]
    if function.type == "arrow_function" and body_block(function) is None:
        body = field(function, "body")
        if body is not None and not (allow_void and is_unary(unwrap(body), "void")):
            edits = in_braces(function)
            yield Problem(head_span(function), name, "useless", edits, title="Wrap the expression in braces")
    for node in own_nodes(function, "return_statement"):
        value = argument(node)
        if value is not None and not (allow_void and is_unary(value, "void")):
            edits = with_void(value, node, context) if allow_void else ()
            yield Problem(span(node), name, "useless", edits, title="Put `void` before the expression")


def in_braces(arrow: Node) -> tuple[Edit, ...]:
    """``() => value`` as ``() => {value}``; nothing for a function or class without a name, which would not parse, nor
    for a value that does nothing when it stands by itself."""
    body, token = field(arrow, "body"), child_token(arrow, "=>")
    first = token_after(token) if token is not None else None
    if body is None or first is None or is_pure(unwrap(body)):
        return ()
    return (insert(first.start_byte, "{"), insert(last_token(arrow).end_byte, "}"))


def with_void(value: Node, statement: Node, context: Context) -> tuple[Edit, ...]:
    keyword = child_token(statement, "return") or child_token(statement, "=>")
    first = token_after(keyword) if keyword is not None else None
    if keyword is None or first is None:
        return ()
    parenthesize = precedence(value) < UNARY and not has_group(value)
    space = " " if keyword.type == "return" and keyword.end_byte == first.start_byte else ""
    edits = [insert(first.start_byte, f"{space}void {'(' if parenthesize else ''}")]
    if parenthesize:
        edits.append(insert(value.end_byte, ")"))
    return tuple(edits)
