"""Constructors of derived classes: ``super()`` on every path, once, and before ``this``."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.languages.codepath import PathState
from thea_hook.languages.controlflow import Visitor, trace
from thea_hook.languages.expressions import FUNCTION_EXPRESSIONS, MEMBERS
from thea_hook.languages.functions import class_of, is_constructor, is_import, outcomes, super_class
from thea_hook.languages.nodes import named, operator, span
from thea_hook.languages.segments import Segment, traverse
from thea_hook.ruleset.checks.super_calls import moved_first, with_super_first
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

_CONSTRUCTORS = frozenset(
    {
        *MEMBERS,
        *FUNCTION_EXPRESSIONS,
        "call_expression",
        "class",
        "identifier",
        "meta_property",
        "new_expression",
        "this",
        "yield_expression",
    }
)


def _super_of(method: Node) -> Node | None:
    """What the class extends whose constructor this is."""
    class_node = class_of(method) if is_constructor(method) else None
    return super_class(class_node) if class_node is not None else None


def _is_super_call(node: Node) -> bool:
    callee = node.child_by_field_name("function") if node.type == "call_expression" else None
    return callee is not None and callee.type == "super"


# ------------------------------------------------------------------ constructor-super


def constructor_super(method: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint constructor-super."""
    parent_class = _super_of(method)
    if parent_class is None:
        return
    calls = _SuperCalls(_can_be_constructor(parent_class))
    state = trace(method, calls)
    if state is None:
        return
    yield from calls.problems
    missing = calls.missing(state)
    if missing is not None:
        edits = with_super_first(method, context) if missing == "all" else ()
        yield Problem(span(method), message=missing, edits=edits)


def _can_be_constructor(expression: Node) -> bool:
    return any(node.type in _CONSTRUCTORS and not is_import(node) for node in outcomes(expression))


class _SuperCalls(Visitor):
    """Where ``super()`` has been called, segment by segment."""

    def __init__(self, super_is_constructor: bool) -> None:
        self.problems: list[Problem] = []
        self._super_is_constructor = super_is_constructor
        self._seen: set[Segment] = set()
        self._on_some_path: set[Segment] = set()
        self._on_every_path: set[Segment] = set()
        self._calls: dict[Segment, list[Node]] = {}

    def missing(self, state: PathState) -> str | None:
        """The message about a path that ends without a call."""
        ends = state.returned.segments
        if all(segment in self._on_every_path for segment in ends):
            return None
        return "some" if any(segment in self._on_some_path for segment in ends) else "all"

    def segment_start(self, segment: Segment, repeats: Node | None) -> None:
        if not segment.reachable:
            return
        self._seen.add(segment)
        previous = [one for one in segment.previous if one in self._seen]
        if any(one in self._on_some_path for one in previous):
            self._on_some_path.add(segment)
        # The update of a `for` is met before the body that it follows, and may not count as a path without a call.
        is_update = repeats is not None and repeats.child_by_field_name("increment") is not None
        if is_update or (previous and all(one in self._on_every_path for one in previous)):
            self._on_every_path.add(segment)

    def loop(self, source: Segment, target: Segment, node: Node) -> None:
        traverse(target, self._review, source)

    def _review(self, segment: Segment) -> bool:
        if segment not in self._seen:
            return False  # a segment after the loop
        previous = [one for one in segment.previous if one in self._seen]
        if all(one in self._on_every_path for one in previous):
            self._on_every_path.add(segment)
        if any(one in self._on_some_path for one in previous):
            self._on_some_path.add(segment)
            self.problems += [Problem(span(call), message="duplicate") for call in self._calls.pop(segment, ())]
        return True

    def enter(self, node: Node) -> None:
        if node.type == "return_statement" and named(node):
            # An object that is returned takes the place of the one `super()` would make.
            self._mark()

    def leave(self, node: Node) -> None:
        if not _is_super_call(node):
            return
        reachable = [segment for segment in self.segments if segment.reachable]
        if not reachable:
            return
        is_duplicate = any(segment in self._on_some_path for segment in reachable)
        self._mark()
        if is_duplicate:
            self.problems.append(Problem(span(node), message="duplicate"))
        elif not self._super_is_constructor:
            self.problems.append(Problem(span(node), message="bad"))
        else:
            self._calls.setdefault(reachable[-1], []).append(node)

    def _mark(self) -> None:
        reachable = [segment for segment in self.segments if segment.reachable]
        self._on_some_path.update(reachable)
        self._on_every_path.update(reachable)


# ------------------------------------------------------------------ no-this-before-super


def no_this_before_super(method: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-this-before-super."""
    parent_class = _super_of(method)
    if parent_class is None or _is_nullish(parent_class):
        return
    uses = _EarlyUses()
    state = trace(method, uses)
    if state is None:
        return
    invalid = uses.invalid(state.initial)
    edits = (moved_first(method, context) or with_super_first(method, context)) if invalid else ()
    for node in invalid:
        yield Problem(span(node), {"name": node.type}, edits=edits)


def _is_nullish(node: Node) -> bool:
    return node.type in ("null", "undefined") or (node.type == "unary_expression" and operator(node) == "void")


class _EarlyUses(Visitor):
    """The uses of ``this`` and ``super`` on a path where ``super()`` has not been called."""

    def __init__(self) -> None:
        self._called: set[Segment] = set()
        self._uses: dict[Segment, list[Node]] = {}

    def invalid(self, initial: Segment) -> list[Node]:
        """Each use once, in the order in which paths come to them."""
        found: dict[int, Node] = {}

        def collect(segment: Segment) -> bool:
            found.update((node.id, node) for node in self._uses.get(segment, ()) if node.id not in found)
            return segment not in self._called

        traverse(initial, collect)
        return list(found.values())

    def _is_called(self, segment: Segment) -> bool:
        return not segment.reachable or segment in self._called

    def _is_early(self) -> bool:
        return not all(map(self._is_called, self.segments))

    def segment_start(self, segment: Segment, repeats: Node | None) -> None:
        if segment.reachable and segment.previous and all(map(self._is_called, segment.previous)):
            self._called.add(segment)

    def loop(self, source: Segment, target: Segment, node: Node) -> None:
        def review(segment: Segment) -> bool:
            if segment in self._called:
                return False
            if segment.previous and all(map(self._is_called, segment.previous)):
                self._called.add(segment)
            return True

        traverse(target, review, source)

    def enter(self, node: Node) -> None:
        is_use = node.type == "this" or (node.type == "super" and not self._is_callee(node))
        if is_use and self._is_early():
            for segment in self.segments:
                if segment.reachable:
                    self._uses.setdefault(segment, []).append(node)

    @staticmethod
    def _is_callee(node: Node) -> bool:
        return node.parent is not None and _is_super_call(node.parent)

    def leave(self, node: Node) -> None:
        if _is_super_call(node) and self._is_early():
            self._called.update(segment for segment in self.segments if segment.reachable)
