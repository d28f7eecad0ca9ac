"""The rule about ``++`` and ``--``, and how a statement reads without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    IDENTIFIERS,
    MEMBERS,
    has_optional_chain,
    is_group,
    is_logical,
    reads_property,
)
from thea_hook.languages.layout import newline
from thea_hook.languages.nodes import (
    FUNCTIONS,
    STATEMENT_LISTS,
    ancestors,
    child_token,
    closing_token,
    contains,
    descend,
    enclosing_function,
    field,
    first_token,
    insert,
    is_parenthesized,
    named,
    operator,
    outermost,
    property_name,
    replace,
    span,
    text,
    token_before,
    unwrap,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

_SEQUENCES = frozenset({"sequence_expression", "parenthesized_expression"})


def no_plusplus(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-plusplus."""
    if context.options["allowForLoopAfterthoughts"] and _is_afterthought(node):
        return
    target = field(node, "argument")
    edits: tuple[Edit, ...] = ()
    if target is not None and not context.has_comment(span(node)):
        edits = _Update(node, unwrap(target), context).spelled_out()
    yield Problem(span(node), {"operator": operator(node)}, edits=edits)


def _is_afterthought(node: Node) -> bool:
    """Whether it is what a ``for`` does after each round, alone or in a sequence."""
    parent = node.parent
    while parent is not None and parent.type in _SEQUENCES:
        node, parent = parent, parent.parent
    if parent is None or parent.type != "for_statement":
        return False
    update = field(parent, "increment")
    return update is not None and update.id == node.id


# ------------------------------------------------------------------ the fix

# Where an operand is evaluated exactly once whenever its statement is, and the kinds whose statements can be split.
_EAGER = frozenset(
    {
        *("arguments", "array", "as_expression", "assignment_expression", "augmented_assignment_expression"),
        *("binary_expression", "call_expression", "member_expression", "new_expression", "non_null_expression"),
        *("object", "pair", "parenthesized_expression", "subscript_expression", "template_string"),
        *("template_substitution", "ternary_expression", "unary_expression", "variable_declarator"),
    }
)
_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})
_SPLIT_BEHIND = _DECLARATIONS | {"expression_statement"}
_SPLIT_BEFORE = _SPLIT_BEHIND | {"return_statement", "throw_statement", "if_statement", "switch_statement"}
_MAY_RUN_ANYTHING = frozenset({"call_expression", "new_expression", "await_expression", "yield_expression"})
_BLIND_METHODS = frozenset(
    {
        *("at", "charAt", "charCodeAt", "codePointAt", "fill", "padEnd", "padStart", "push", "repeat", "slice"),
        *("getFloat32", "getFloat64", "getInt16", "getInt32", "getInt8", "getUint16", "getUint32", "getUint8"),
        *("setFloat32", "setFloat64", "setInt16", "setInt32", "setInt8", "setUint16", "setUint32", "setUint8"),
        *("substr", "substring", "toString", "unshift"),
    }
)
"""Methods of strings, arrays and views of bytes, which see no variable and no property of their caller."""
_CONTINUES = ("(", "[", "`", "/", "+", "-")
_NAMES = IDENTIFIERS | {"shorthand_property_identifier", "shorthand_property_identifier_pattern"}
_LISTENING = frozenset({"addEventListener", "forEach", "on", "once", "setImmediate", "setInterval", "setTimeout"})
"""Functions that do nothing with what a callback returns."""


class _Place(NamedTuple):
    """The statement that an update is part of, and the expressions between the two."""

    statement: Node
    path: list[Node]


class _Update:
    """One ``i++``: what it changes, where, and who else can see it."""

    def __init__(self, node: Node, target: Node, context: Context) -> None:
        self.node = node
        self.target = target
        self.context = context
        self.is_prefix = node.children[0].type in ("++", "--")
        argument = field(node, "argument")
        assert argument is not None
        gap = "" if _is_dense(node) else " "
        self.assignment = f"{text(argument)}{gap}{operator(node)[0]}={gap}1"

    def spelled_out(self) -> tuple[Edit, ...]:
        """The edits that leave no ``++``; nothing where that takes more than moving the update."""
        node, parent = outermost(self.node), outermost(self.node).parent
        if parent is None or _is_misread(self.node):
            return ()
        if parent.type == "expression_statement" and self.is_prefix and self.assignment.startswith(_CONTINUES):
            return ()
        if _is_unused(node, parent):
            return (replace(self.node, self._in_parentheses() if is_logical(parent) else self.assignment),)
        if parent.type == "arrow_function":
            return self._as_body(node, parent)
        place = self._place()
        if place is not None and self._can_move(place):
            return self._split(place)
        return (replace(self.node, self._in_parentheses()),) if self.is_prefix else ()

    def _in_parentheses(self) -> str:
        return self.assignment if is_parenthesized(self.node) else f"({self.assignment})"

    def _as_body(self, node: Node, function: Node) -> tuple[Edit, ...]:
        """``() => { i += 1; }`` where nobody takes the result; ``(i) => i + 1`` where nobody sees the parameter."""
        variable = self.context.scopes.variable_at(self.target) if self.target.type == "identifier" else None
        if variable is not None and variable.scope.node.id == function.id and self.is_prefix:
            return (replace(self.node, f"{text(self.target)} {operator(self.node)[0]} 1"),)
        if _is_listener(function):
            return (replace(node, f"{{ {self.assignment}; }}"),)
        return (replace(self.node, self._in_parentheses()),) if self.is_prefix else ()

    # -------------------------------------------------------------- as a statement of its own

    def _place(self) -> _Place | None:
        """The statement that the update can stand beside; None where it is not always, or only later, evaluated."""
        path: list[Node] = []
        child = self.node
        for ancestor in ancestors(self.node):
            kind = ancestor.type
            if kind in (_SPLIT_BEFORE if self.is_prefix else _SPLIT_BEHIND):
                parent = ancestor.parent
                is_tested = kind not in ("if_statement", "switch_statement") or _is_test_of(child, ancestor)
                in_list = parent is not None and parent.type in STATEMENT_LISTS
                return _Place(ancestor, path) if in_list and is_tested else None
            if kind not in _EAGER or not _is_always_evaluated(child, ancestor):
                return None
            path.append(ancestor)
            child = ancestor
        return None

    def _can_move(self, place: _Place) -> bool:
        """Whether nothing between the update and the place of its own statement sees the target or changes it."""
        if not self._is_plain_target():
            return False
        statement = place.statement
        subject = _test_of(statement) if statement.type in ("if_statement", "switch_statement") else statement
        others = [
            found
            for found in descend(subject)
            if self._means_target(found) and not self.target.start_byte <= found.start_byte < self.target.end_byte
        ]
        if others:
            return False
        return self._is_private() or not any(self._can_see(found, place) for found in descend(subject))

    def _is_plain_target(self) -> bool:
        """Whether it is a name, or a property that changes by itself alone, as the length of an array does not."""
        current = self.target
        if reads_property(current, b"length"):
            return False
        while current.type == "member_expression" and not has_optional_chain(current):
            current = field(current, "object") or current
        return current.type in ("identifier", "this")

    def _means_target(self, node: Node) -> bool:
        if self.target.type == "identifier":
            return node.type in _NAMES and node.text == self.target.text
        if node.type in MEMBERS:
            name = property_name(node)
            return name == property_name(self.target) or (name is None and not self._is_index_of(node))
        base = first_token(self.target)
        parent = node.parent
        return (
            base.type == "identifier"
            and node.type == "identifier"
            and node.text == base.text
            and parent is not None
            and field(parent, "left") == node
            and parent.type in ("assignment_expression", "augmented_assignment_expression")
        )

    def _is_index_of(self, node: Node) -> bool:
        """Whether the update is, or is a part of, the number in the brackets."""
        index = field(node, "index")
        return index is not None and contains(index, self.node)

    def _is_private(self) -> bool:
        """Whether it is a variable of the function around, which no function inside it uses."""
        variable = self.context.scopes.variable_at(self.target) if self.target.type == "identifier" else None
        own = enclosing_function(self.node)
        return (
            variable is not None
            and own is not None
            and variable.scope.variable_scope.kind not in ("global", "module")
            and all(enclosing_function(reference.identifier) == own for reference in variable.references)
            and all(
                enclosing_function(definition.name) == own or definition.node.id == own.id
                for definition in variable.definitions
            )
        )

    def _can_see(self, node: Node, place: _Place) -> bool:
        """Whether a part of the statement runs code that may use the target, and after a move at another time."""
        if node.type not in _MAY_RUN_ANYTHING:
            return False
        around = any(step.id == node.id for step in place.path)
        is_later = node.start_byte > self.node.start_byte or around
        if is_later == self.is_prefix:
            return False
        callee = field(node, "function")
        blind = callee is not None and callee.type == "member_expression" and property_name(callee) in _BLIND_METHODS
        return not (blind or (callee is not None and _is_of_math(callee)))

    def _split(self, place: _Place) -> tuple[Edit, ...]:
        statement, source = place.statement, self.context.text
        value = replace(_with_groups(self.node), text(self.target))
        line = source.rfind(b"\n", 0, statement.start_byte) + 1
        indent = self.context.slice(line, statement.start_byte)
        starts_line = not indent.strip()
        end = closing_token(statement)
        last = token_before(end)
        if end.type == ";" and last is not None and last.end_point.row < end.start_point.row:
            end = last  # a semicolon that begins a line is written for what follows
        ends = end.type == ";" if statement.type not in ("if_statement", "switch_statement") else b";\n" in source
        semicolon = ";" if ends or not starts_line else ""
        if self.is_prefix:
            if text(first_token(statement)).startswith(_CONTINUES):
                semicolon = ";"
            gap = f"{newline(source)}{indent}" if starts_line else " "
            return (insert(statement.start_byte, f"{self.assignment}{semicolon}{gap}"), value)
        where = end.end_byte
        stop = source.find(b"\n", where)
        rest = Span(where, len(source) if stop < 0 else stop)
        is_last = not _without_comments(rest, self.context).strip()
        if starts_line and is_last:
            at = rest.end - source[where : rest.end].endswith(b"\r")
            return (value, insert(at, f"{newline(source)}{indent}{self.assignment}{semicolon}"))
        between = "" if end.type == ";" else ";"
        return (value, insert(where, f"{between} {self.assignment};"))


def _is_dense(node: Node) -> bool:
    """Whether the head of the ``for`` around has no blanks beside its operators."""
    around = next((found for found in ancestors(node) if found.type not in _SEQUENCES), None)
    head = field(around, "initializer") if around is not None and around.type == "for_statement" else None
    return head is not None and re.search(r"\w=\w", text(head)) is not None


def _with_groups(node: Node) -> Node:
    """The expression with the parentheses that it does not need as a name."""
    while node.parent is not None and is_group(node.parent):
        node = node.parent
    return node


def _is_misread(node: Node) -> bool:
    """Whether the next line is taken for a part of the expression: nothing can be called on or read of an update."""
    parent = node.parent
    return parent is not None and parent.type in (*MEMBERS, "call_expression") and parent.children[0].id == node.id


def _is_unused(node: Node, parent: Node) -> bool:
    """Whether nobody takes the value of an expression."""
    kind = parent.type
    if kind == "expression_statement":
        return True
    if kind == "for_statement":
        return node in (field(parent, "increment"), field(parent, "initializer"))
    above = outermost(parent)
    if above.parent is None:
        return False
    if kind == "sequence_expression":
        return named(parent)[-1] != node or _is_unused(above, above.parent)
    if is_logical(parent):
        return field(parent, "right") == node and _is_unused(above, above.parent)
    return kind == "ternary_expression" and field(parent, "condition") != node and _is_unused(above, above.parent)


def _is_listener(function: Node) -> bool:
    """Whether an arrow function is passed to something that does nothing with what it returns."""
    around = function.parent
    call = around.parent if around is not None and around.type == "arguments" else None
    callee = field(call, "function") if call is not None else None
    if callee is None or child_token(function, "async") is not None:
        return False
    return text(callee) in _LISTENING or any(reads_property(callee, name.encode()) for name in _LISTENING)


def _test_of(statement: Node) -> Node:
    return field(statement, "condition") or field(statement, "value") or statement


def _is_test_of(child: Node, statement: Node) -> bool:
    return _test_of(statement).id == child.id


def _is_always_evaluated(child: Node, parent: Node) -> bool:
    """Whether a part of an expression that is evaluated is evaluated too."""
    kind = parent.type
    if is_logical(parent):
        return field(parent, "left") == child
    if kind == "ternary_expression":
        return field(parent, "condition") == child
    if kind == "augmented_assignment_expression":
        return operator(parent) not in ("&&=", "||=", "??=")
    if kind == "unary_expression":
        return operator(parent) != "delete"
    if kind in MEMBERS or kind == "call_expression":
        return not has_optional_chain(parent)
    return kind not in FUNCTIONS


def _is_of_math(callee: Node) -> bool:
    owner = field(callee, "object")
    return callee.type == "member_expression" and owner is not None and owner.text == b"Math"


def _without_comments(where: Span, context: Context) -> str:
    """What is on the rest of a line beside comments; a comment that goes on below counts as something."""
    kept, position = "", where.start
    for comment in context.comments_in(where):
        kept += context.slice(position, comment.start_byte)
        if comment.end_byte > where.end:
            kept += text(comment)
        position = comment.end_byte
    return kept + context.slice(position, where.end) if position < where.end else kept
