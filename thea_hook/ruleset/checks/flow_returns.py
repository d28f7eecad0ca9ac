"""What functions return, and where a ``return`` has no use."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tree_sitter import Node, QueryCursor

from thea_hook.core.finding import Edit
from thea_hook.languages.controlflow import ACTIVE_STATEMENTS, Visitor, path_of, trace
from thea_hook.languages.expressions import ASSIGNMENTS
from thea_hook.languages.functions import (
    argument,
    body_block,
    described,
    head_span,
    is_constructor,
    is_getter,
    is_property_descriptor,
    is_setter,
    own_nodes,
    property_of,
)
from thea_hook.languages.grammars import query
from thea_hook.languages.layout import is_removable, statements_for, without
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LOOPS,
    STATEMENT_LISTS,
    alone_in,
    ancestors,
    enclosing_function,
    field,
    named,
    property_name,
    remove,
    span,
    text,
    unwrap,
)
from thea_hook.languages.purity import is_likely_pure, is_pure
from thea_hook.languages.segments import Segment
from thea_hook.languages.tails import is_last
from thea_hook.ruleset.checks.array_callbacks import in_braces, returning
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
        yield Problem(
            head_span(function), name, "always" if returns else "", _returned(function) if not returns else ()
        )


def _returned(getter: Node) -> tuple[Edit, ...]:
    """``return`` before the only expression of a getter, where that is all that it can be for."""
    block = body_block(getter)
    only = named(block)[0] if block is not None and len(named(block)) == 1 else None
    return returning(getter) if only is not None and is_likely_pure(only) else ()


def no_setter_return(function: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-setter-return."""
    if not (is_setter(function) or _is_described_as(function, "set", context)):
        return
    yield from _returned_values(function, context, _MAY_BE_MEANT)


_MAY_BE_MEANT = ASSIGNMENTS | {"await_expression", "call_expression", "update_expression"}


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


def _returned_values(function: Node, context: Context, done: Collection[str] = ()) -> Iterator[Problem]:
    """The values that a function returns. One of the kinds that are ``done`` is worked out all the same."""
    if function.type == "arrow_function" and body_block(function) is None:
        body = field(function, "body")
        if body is not None:
            yield Problem(span(unwrap(body)), edits=in_braces(function) if unwrap(body).type in done else ())
        return
    for node in own_nodes(function, "return_statement"):
        value = argument(node)
        if value is not None:
            yield Problem(span(node), edits=_without_value(node, value, function, context, done))


def _without_value(
    statement: Node, value: Node, function: Node, context: Context, done: Collection[str]
) -> tuple[Edit, ...]:
    if context.has_comment(span(statement)):
        return ()
    written = [text(value)] if value.type in done else []
    if not written and value.type != "this" and not (done and is_pure(value)):
        return ()
    parent = statement.parent
    if not is_last(statement, function) or (not written and parent is not None and parent.type not in STATEMENT_LISTS):
        written.append("return")
    if written:
        return statements_for(statement, written, context.text)
    is_alone = parent is None or len(named(parent)) < 2
    return () if is_alone or not is_removable(statement) else (without(span(statement), context.text),)


def no_constructor_return(method: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-constructor-return."""
    if is_constructor(method):
        yield from _returned_values(method, context)


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
