"""What functions return, and where a ``return`` has no use."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node, QueryCursor

from thea_hook.core.finding import Edit
from thea_hook.languages.controlflow import ACTIVE_STATEMENTS, Visitor, path_of, trace
from thea_hook.languages.expressions import UNARY, has_group, is_logical, is_unary, precedence
from thea_hook.languages.functions import (
    argument,
    argument_call,
    arguments_of,
    body_block,
    callee_of,
    described,
    head_span,
    is_async,
    is_constructor,
    is_generator,
    is_getter,
    is_member_access,
    is_property_descriptor,
    is_setter,
    own_nodes,
    property_of,
)
from thea_hook.languages.grammars import query
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LOOPS,
    STATEMENT_LISTS,
    alone_in,
    ancestors,
    child_token,
    enclosing_function,
    field,
    insert,
    last_token,
    named,
    parent_expression,
    property_name,
    remove,
    span,
    text,
    token_after,
    unwrap,
)
from thea_hook.languages.segments import Segment
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ getters and setters


def getter_return(function: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint getter-return."""
    if body_block(function) is None or not (is_getter(function) or _is_described_as(function, "get", context)):
        return
    name = {"name": described(function)}
    returns = list(own_nodes(function, "return_statement"))
    if not context.options["allowImplicit"]:
        yield from (Problem(span(node), name) for node in returns if argument(node) is None)
    if context.flow(function).falls_off_end:
        yield Problem(head_span(function), name, "always" if returns else "")


def no_setter_return(function: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-setter-return."""
    if not (is_setter(function) or _is_described_as(function, "set", context)):
        return
    yield from _returned_values(function)


def _is_described_as(function: Node, key: str, context: Context) -> bool:
    """Whether the function is a property called ``key`` of an object passed to ``Object.defineProperty``."""
    owner = property_of(function)
    return (
        owner is not None
        and owner.parent is not None
        and owner.parent.type == "object"
        and property_name(owner) == key
        and is_property_descriptor(owner.parent, context.scopes)
    )


def _returned_values(function: Node) -> Iterator[Problem]:
    if function.type == "arrow_function" and body_block(function) is None:
        body = field(function, "body")
        if body is not None:
            yield Problem(span(unwrap(body)))
        return
    for node in own_nodes(function, "return_statement"):
        if argument(node) is not None:
            yield Problem(span(node))


def no_constructor_return(method: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-constructor-return."""
    if is_constructor(method):
        yield from _returned_values(method)


# ------------------------------------------------------------------ callbacks of array methods

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
    if not context.options["allowImplicit"]:
        yield from (Problem(span(node), data) for node in returns if argument(node) is None)
    if body_block(function) is not None and context.flow(function).falls_off_end:
        yield Problem(head_span(function), data, "end" if returns else "")


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
            edits = _in_braces(function)
            yield Problem(head_span(function), name, "useless", edits, title="Wrap the expression in braces")
    for node in own_nodes(function, "return_statement"):
        value = argument(node)
        if value is not None and not (allow_void and is_unary(value, "void")):
            edits = _with_void(value, node, context) if allow_void else ()
            yield Problem(span(node), name, "useless", edits, title="Put `void` before the expression")


def _in_braces(arrow: Node) -> tuple[Edit, ...]:
    """``() => value`` as ``() => {value}``; nothing for a function or class without a name, which would not parse."""
    body, token = field(arrow, "body"), child_token(arrow, "=>")
    first = token_after(token) if token is not None else None
    if body is None or first is None:
        return ()
    inner = unwrap(body)
    if inner.type in ("function_expression", "generator_function", "class") and field(inner, "name") is None:
        return ()
    return (insert(first.start_byte, "{"), insert(last_token(arrow).end_byte, "}"))


def _with_void(value: Node, statement: Node, context: Context) -> tuple[Edit, ...]:
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


# ------------------------------------------------------------------ promise executors


def no_promise_executor_return(call: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-promise-executor-return."""
    executor = promise_executor(call, context)
    if executor is None:
        return
    allow_void = context.options["allowVoid"]
    if executor.type == "arrow_function" and body_block(executor) is None:
        body = field(executor, "body")
        if body is not None and not (allow_void and is_unary(unwrap(body), "void")):
            edits = _with_void(unwrap(body), executor, context) if allow_void else _in_braces(executor)
            yield Problem(span(unwrap(body)), edits=edits)
    for node in own_nodes(executor, "return_statement"):
        value = argument(node)
        if value is not None and not (allow_void and is_unary(value, "void")):
            yield Problem(span(node), edits=_with_void(value, node, context) if allow_void else ())


def promise_executor(call: Node, context: Context) -> Node | None:
    """The function that ``new Promise`` is given."""
    callee = callee_of(call)
    if callee is None or callee.type != "identifier" or callee.text != b"Promise":
        return None
    arguments = arguments_of(call)
    executor = unwrap(arguments[0]) if arguments else None
    if executor is None or executor.type not in FUNCTIONS or not context.scopes.is_global(callee):
        return None
    return executor


def no_async_promise_executor(call: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-async-promise-executor."""
    executor = promise_executor(call, context)
    token = child_token(executor, "async") if executor is not None else None
    if token is not None:
        yield Problem(span(token))


# ------------------------------------------------------------------ no-useless-return

# What comes after a `return` that may be needed.
_USING = ACTIVE_STATEMENTS | {"empty_statement", "import_statement"}


def no_useless_return(program: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-return."""
    returns = QueryCursor(query(context.module.language, "(return_statement) @return")).captures(program)
    bare = [node for node in returns.get("return", []) if not named(node) and not _is_always_useful(node)]
    paths = {path.id: path for path in map(path_of, bare)}
    for path in paths.values():
        useless = _UselessReturns(bare)
        trace(path, useless)
        for node in useless.found:
            parent = node.parent
            removable = parent is not None and parent.type in STATEMENT_LISTS and not context.has_comment(span(node))
            # Without this return another one may be the last: fixes in a function are made one a pass.
            function = enclosing_function(node) or program
            yield Problem(span(node), edits=alone_in(function, remove(node)) if removable else ())


def _is_always_useful(node: Node) -> bool:
    """Whether a bare ``return`` leaves a loop, or a ``finally`` block, whose outcome it replaces."""
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS:
            return False
        if ancestor.type in LOOPS or ancestor.type == "finally_clause":
            return True
    return False


class _UselessReturns(Visitor):
    """The bare returns after which nothing would have been run anyway."""

    def __init__(self, candidates: list[Node]) -> None:
        self.found: list[Node] = []
        self._candidates = {node.id for node in candidates}
        self._pending: dict[Segment, list[Node]] = {}
        self._returned: set[Segment] = set()
        self._try_blocks: list[Node] = []

    def segment_start(self, segment: Segment, repeats: Node | None) -> None:
        if segment.reachable:
            self._pending[segment] = self._pending_before(segment.all_previous)

    def _pending_before(self, previous: list[Segment]) -> list[Node]:
        """The returns that end right before, also those with an unreachable segment between."""
        found: list[Node] = []
        traversed: set[Segment] = set()
        stack = list(reversed(previous))
        while stack:
            segment = stack.pop()
            if segment.reachable:
                found += self._pending.get(segment, ())
            elif segment not in traversed:
                traversed.add(segment)
                stack.extend(reversed([one for one in segment.all_previous if self._is_returned(one)]))
        return found

    def _is_returned(self, segment: Segment) -> bool:
        return segment not in self._pending or segment in self._returned

    def enter(self, node: Node) -> None:
        if node.type == "return_statement":
            self._enter_return(node)
        elif node.type in _USING:
            self._use()

    def _enter_return(self, node: Node) -> None:
        if named(node):
            self._use()
        elif node.id in self._candidates and any(segment.reachable for segment in self.segments):
            for segment in self.segments:
                if segment in self._pending:
                    self._pending[segment].append(node)
                    self._returned.add(segment)
            self.found.append(node)

    def leave(self, node: Node) -> None:
        if node.type == "try_statement":
            self._try_blocks.pop()
        elif node.type == "statement_block" and node.parent is not None and node.parent.type == "try_statement":
            self._try_blocks.append(node)

    def _use(self) -> None:
        """Something is run here: the returns that lead here are what keeps it from being run after them."""
        seen: set[Segment] = set()
        stack = list(self.segments)
        while stack:
            segment = stack.pop()
            if segment.reachable:
                self._pending[segment] = [node for node in self._pending.get(segment, ()) if self._stays(node)]
            elif segment not in seen:
                seen.add(segment)
                stack.extend(one for one in segment.all_previous if self._is_returned(one))

    def _stays(self, node: Node) -> bool:
        # What follows a `try` block may be its handler, which runs without the return having been reached.
        if any(block.start_byte <= node.start_byte and node.end_byte <= block.end_byte for block in self._try_blocks):
            return True
        if node in self.found:
            self.found.remove(node)
        return False
