"""Control flow of one code path: what can be reached, and the segments that execution runs through.

A *code path* is a program, a function, a class static block or the initialiser of a class field; functions inside it
are paths of their own. ``build`` answers the questions about reachability, from statements alone; ``trace`` walks every
node in the order of evaluation and tells a ``Visitor`` which segments it lies on, for rules that follow values.

The walk is iterative: ten thousand nested blocks are no deeper for Python than one.
"""

from __future__ import annotations

from typing import NamedTuple

from tree_sitter import Node, TreeCursor

from thea_hook.languages.codepath import PathState
from thea_hook.languages.nodes import CASES, COMMENTS, FUNCTIONS, ancestors
from thea_hook.languages.pathsyntax import (
    BEFORE_CHILD,
    ENTER,
    JUMPS,
    LEAVE,
    LOOPS,
    Frame,
    has_arguments,
    is_field_value,
    is_name,
    is_own_path,
    repeated_loop,
)
from thea_hook.languages.segments import Segment

_IGNORED = COMMENTS | {"optional_chain", "statement_identifier", "private_property_identifier"}

# Wrappers for which ESTree has no node: what is inside stands where the wrapper stands.
_TRANSPARENT = frozenset(
    {"parenthesized_expression", "else_clause", "finally_clause", "switch_body", "arguments", "formal_parameters"}
)

# What holds statements. Nothing else need be looked into to know what is reachable, but for a `try` in which nothing
# that can throw was seen yet.
_STRUCTURE = frozenset(
    {
        *LOOPS,
        *CASES,
        "parenthesized_expression",
        "else_clause",
        "finally_clause",
        "switch_body",
        "statement_block",
        "if_statement",
        "switch_statement",
        "try_statement",
        "catch_clause",
        "labeled_statement",
        "with_statement",
        "internal_module",
        "module",
    }
)

ACTIVE_STATEMENTS = frozenset(
    {
        *LOOPS,
        "class_declaration",
        "abstract_class_declaration",
        "continue_statement",
        "debugger_statement",
        "export_statement",
        "expression_statement",
        "if_statement",
        "labeled_statement",
        "lexical_declaration",
        "switch_statement",
        "throw_statement",
        "try_statement",
        "using_declaration",
        "variable_declaration",
        "with_statement",
    }
)
"""Statements that are run, except blocks, ``break`` and ``return``."""

_STATEMENTS = ACTIVE_STATEMENTS | {"statement_block", "break_statement", "return_statement"}

# One identifier that ESTree has as two: the key and the value of a property.
_SHORTHANDS = frozenset({"shorthand_property_identifier", "shorthand_property_identifier_pattern"})
_IDENTIFIERS = _SHORTHANDS | frozenset(
    {
        "identifier",
        "meta_property",
        "property_identifier",
        "type_identifier",
        "undefined",
    }
)


class ControlFlow(NamedTuple):
    """What can be reached in one code path.

    Nothing is claimed about a path with a syntax error: there, all three are empty and ``falls_off_end`` is False.
    """

    unreachable: tuple[Node, ...] = ()
    """Statements no execution gets to, in order, with those inside them."""

    falls_off_end: bool = False
    """Whether execution can reach the end of the path without a ``return`` or ``throw``."""

    open_cases: frozenset[int] = frozenset()
    """Ids of the ``case`` and ``default`` clauses whose end can be reached."""

    single_pass_loops: tuple[Node, ...] = ()
    """Reachable loops that never get to a second iteration."""


class Visitor:
    """What a rule overrides to follow execution; ``segments`` are those that the current node lies on."""

    segments: list[Segment]

    def enter(self, node: Node) -> None: ...

    def leave(self, node: Node) -> None: ...

    def segment_start(self, segment: Segment, repeats: Node | None) -> None:
        """A segment begins; ``repeats`` is the loop whose every iteration begins here, if one's does."""

    def segment_end(self, segment: Segment) -> None: ...

    def loop(self, source: Segment, target: Segment, node: Node) -> None:
        """Execution can go back from ``source`` to ``target``; ``node`` is being entered or left."""


def build(root: Node) -> ControlFlow:
    """The reachability of a program, function, class static block or field initialiser (its value)."""
    if root.has_error:
        return ControlFlow()
    reachability = _Reachability(root)
    _Walk(root, reachability, structure_only=True).run()
    return reachability.result()


def path_of(node: Node) -> Node:
    """The root of the code path that the node is run in."""
    child = node
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS or ancestor.type == "class_static_block":
            return ancestor
        if is_field_value(child, ancestor):
            return child
        child = ancestor
    return child


def trace(root: Node, visitor: Visitor) -> PathState | None:
    """Walks one code path in the order of evaluation; the state tells where it is left by return and by throw.

    The visitor is told when the graph is complete, so that it sees the ways back of loops from the first segment on.
    None, and nothing told to the visitor, where the path has a syntax error.
    """
    if root.has_error:
        return None
    record = _Record()
    walk = _Walk(root, record, structure_only=False)
    walk.run()
    record.replay(visitor)
    return walk.state


class _Record(Visitor):
    def __init__(self) -> None:
        self._steps: list[tuple[str, tuple[object, ...], list[Segment]]] = []

    def replay(self, visitor: Visitor) -> None:
        handlers = {name: getattr(visitor, name) for name in ("enter", "leave", "segment_start", "segment_end", "loop")}
        for name, arguments, segments in self._steps:
            visitor.segments = segments
            handlers[name](*arguments)

    def enter(self, node: Node) -> None:
        self._steps.append(("enter", (node,), self.segments))

    def leave(self, node: Node) -> None:
        self._steps.append(("leave", (node,), self.segments))

    def segment_start(self, segment: Segment, repeats: Node | None) -> None:
        self._steps.append(("segment_start", (segment, repeats), self.segments))

    def segment_end(self, segment: Segment) -> None:
        self._steps.append(("segment_end", (segment,), self.segments))

    def loop(self, source: Segment, target: Segment, node: Node) -> None:
        self._steps.append(("loop", (source, target, node), self.segments))


class _Reachability(Visitor):
    def __init__(self, root: Node) -> None:
        self._root = root
        self._unreachable: list[Node] = []
        self._open_cases: set[int] = set()
        self._loops: dict[int, Node] = {}
        self._repeats: dict[Segment, Node] = {}
        self._falls_off_end = False

    def result(self) -> ControlFlow:
        return ControlFlow(
            tuple(self._unreachable), self._falls_off_end, frozenset(self._open_cases), tuple(self._loops.values())
        )

    def _reachable(self) -> bool:
        return any(segment.reachable for segment in self.segments)

    def enter(self, node: Node) -> None:
        kind = node.type
        if kind in _STATEMENTS:
            reachable = self._reachable()
            if not reachable:
                self._unreachable.append(node)
            elif kind in LOOPS:
                self._loops[node.id] = node

    def leave(self, node: Node) -> None:
        if node.type in CASES:
            if self._reachable():
                self._open_cases.add(node.id)
        elif node == self._root:
            self._falls_off_end = self._reachable()

    def segment_start(self, segment: Segment, repeats: Node | None) -> None:
        if repeats is not None:
            self._repeats[segment] = repeats

    def loop(self, source: Segment, target: Segment, node: Node) -> None:
        loop = self._repeats.get(target)
        if loop is not None and (node.type == "continue_statement" or node == loop):
            self._loops.pop(loop.id, None)


class _Walk:
    """One pass over a code path: tells the state what is entered and left, and the visitor which segments result."""

    def __init__(self, root: Node, visitor: Visitor, *, structure_only: bool) -> None:
        self.state = PathState(self._on_loop)
        self._root = root
        self._visitor = visitor
        self._structure_only = structure_only
        self._stack: list[Frame] = []
        self._node = root  # the node being entered or left
        self._is_function = root.type in FUNCTIONS
        self._is_generator = self._is_function and any(child.type == "*" for child in root.children)
        visitor.segments = self.state.current

    def run(self) -> None:
        cursor = self._root.walk()
        while True:
            if self._open(cursor):
                if cursor.goto_first_child():
                    continue
                self._close()
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    self._finish()
                    return
                self._close()

    def _finish(self) -> None:
        self.state.make_final()
        for segment in self.state.current:
            self._visitor.segment_end(segment)
        self.state.current = self._visitor.segments = []

    def _on_loop(self, source: Segment, target: Segment) -> None:
        self._visitor.loop(source, target, self._node)

    # Entering and leaving nodes

    def _open(self, cursor: TreeCursor) -> bool:
        """Enters the node under the cursor; whether its children are to be walked (then ``_close`` follows)."""
        node = cursor.node
        assert node is not None
        if not node.is_named:
            return False
        kind = node.type
        if kind in _IGNORED:
            return False
        field = cursor.field_name
        above = self._stack[-1] if self._stack else None
        if above is None:
            frame = Frame(node, kind, None, None, False)
        elif above.transparent:
            frame = Frame(node, kind, above.parent, above.role, False)
        else:
            frame = Frame(node, kind, above, field, False)
            if self._is_skipped(frame):
                return False
        self._node = node
        parent = frame.parent
        if kind in _TRANSPARENT or (above is parent and self._is_bare_block(frame)):
            frame.transparent = True
            if kind == "arguments" and parent is not None and parent.optional and has_arguments(node):
                self.state.start_optional_rest()
            self._stack.append(frame)
            return True
        if parent is not None:
            before = BEFORE_CHILD.get(parent.kind)
            if before is not None:
                before(self.state, parent, frame)
            if is_own_path(frame):
                self._forward(frame)
                return False
        if kind == "object_assignment_pattern":
            self._visit_key(frame)
        enter = ENTER.get(kind)
        if enter is not None:
            enter(self.state, frame, above)
        self._forward(frame)
        self._visitor.enter(node)
        self._stack.append(frame)
        if self._structure_only and parent is not None and kind not in _STRUCTURE and not self._looks_for_throw():
            self._close()
            return False
        return True

    def _close(self) -> None:
        frame = self._stack.pop()
        if frame.transparent:
            return
        node = self._node = frame.node
        kind = frame.kind
        if kind in JUMPS:
            self._forward(frame)
            JUMPS[kind](self.state, node)
        elif kind in _IDENTIFIERS:
            if not is_name(frame):
                self.state.first_throw()
            else:
                self._forward(frame)
        else:
            leave = LEAVE.get(kind)
            if leave is not None:
                leave(self.state, frame)
            if kind not in CASES or not self.state.fork.reachable:
                self._forward(frame)
        self._visitor.leave(node)
        if kind in _SHORTHANDS and not (frame.parent is not None and frame.parent.kind == "object_assignment_pattern"):
            self._forward(frame)
            self._visitor.enter(node)
            self._visitor.leave(node)
        if frame.optional and kind == "call_expression" and not has_arguments(node.child_by_field_name("arguments")):
            self.state.start_optional_rest()
        if frame.chain:
            self.state.pop_chain()
            self._forward(frame)

    def _visit_key(self, pattern: Frame) -> None:
        """The key of ``{a = 1}``, which stands for a property and for the variable."""
        key = pattern.node.child_by_field_name("left")
        if key is not None:
            self._forward(pattern)
            self._visitor.enter(key)
            self.state.first_throw()
            self._visitor.leave(key)

    def _forward(self, frame: Frame) -> None:
        """Moves from the segments the walk is on to those that the state has made since."""
        state = self.state
        current, head = state.current, state.fork.head
        if current is head:
            return
        count = max(len(current), len(head))
        pairs = [(current[i] if i < len(current) else None, head[i] if i < len(head) else None) for i in range(count)]
        for old, new in pairs:
            if old is not None and old is not new:
                self._visitor.segment_end(old)
        state.current = self._visitor.segments = head
        for old, new in pairs:
            if new is not None and old is not new:
                new.mark_used()
                self._visitor.segment_start(new, repeated_loop(frame))

    # What is walked

    def _looks_for_throw(self) -> bool:
        state = self.state
        return state.in_try and (self._is_generator or state.throw_matters)

    def _is_skipped(self, frame: Frame) -> bool:
        """Absent parts of a ``for`` head; in the path of a method, its key, and in the other path, all but the key."""
        parent = frame.parent
        assert parent is not None
        if parent.kind == "for_statement":
            return frame.kind == "empty_statement" and frame.role != "body"
        if parent.kind == "method_definition":
            inside = parent.parent is None
            return inside == (frame.role in ("name", "decorator") or frame.kind == "decorator")
        return False

    def _is_bare_block(self, frame: Frame) -> bool:
        """Whether the block is part of what it stands in, and no statement of its own."""
        return (
            frame.kind == "statement_block"
            and frame.parent is not None
            and frame.parent.kind in ("class_static_block", "internal_module", "module")
        )
