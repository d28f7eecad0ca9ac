"""Rules about strings put together with ``+``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    LOGICAL_OPERATORS,
    ends_in_type_operator,
    is_group,
    is_statement_start,
    needs_semicolon_before,
)
from thea_hook.languages.nodes import field, operator, parent_expression, replace, span, text, unwrap
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

STRINGS = frozenset({"string", "template_string"})
MAX_TERMS = 200
"""A longer chain keeps its form: the rewriting recurses once for each term."""


def _is_concatenation(node: Node) -> bool:
    return node.type == "binary_expression" and operator(node) == "+"


def _sides(node: Node) -> tuple[Node, Node] | None:
    """What stands on the two sides of an operator, without parentheses."""
    left, right = field(node, "left"), field(node, "right")
    return None if left is None or right is None else (unwrap(left), unwrap(right))


# ------------------------------------------------------------------ no-useless-concat


def no_useless_concat(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-concat."""
    sides = _sides(node) if _is_concatenation(node) else None
    if sides is None:
        return
    left, right = sides
    while _is_concatenation(left) and (inner := _sides(left)) is not None:
        left = inner[1]
    while _is_concatenation(right) and (inner := _sides(right)) is not None:
        right = inner[0]
    if left.type not in STRINGS or right.type not in STRINGS:
        return
    plus = field(node, "operator")
    position = context.module.file.position
    if plus is not None and position(left.end_byte).line == position(right.start_byte).line:
        # TypeScript knows of a literal what it is, of a sum only that it is a string
        grade = Applicability.UNSAFE if context.is_typescript else None
        yield Problem(span(plus), edits=_joined(node, left, right, context), applicability=grade)


_OPEN_ESCAPE = re.compile(r"(?:[^\\]|\\.)*?\\[0-7]{1,2}\Z", re.DOTALL)
_KEPT_APART = re.compile(r"</script|<!--|-->|//[#@] ?source", re.IGNORECASE)
"""What is written in two parts on purpose, so that a tool that reads the file as text does not find it."""


def _joined(node: Node, left: Node, right: Node, context: Context) -> tuple[Edit, ...]:
    """The edits that make one literal of two; nothing where one could be read differently."""
    between = context.slice(left.end_byte, right.start_byte)
    first, second = text(left), text(right)
    if between.strip() != "+":
        return ()
    if "`" in (first[0], second[0]):
        if _is_forbidden(left) or _is_forbidden(right):
            return ()
        first, second = (part if part[0] == "`" else _as_template(part) for part in (first, second))
    else:
        second = _requoted(second, first[0])
    new = first[:-1] + second[1:]
    goes_on = _OPEN_ESCAPE.match(first[1:-1]) is not None and second[1:2].isdigit()
    opens = first[0] == "`" and first[:-1].endswith("$") and second.startswith("`{")
    apart, together = (sum(len(_KEPT_APART.findall(part)) for part in parts) for parts in ((first, second), (new,)))
    if goes_on or opens or apart < together:
        return ()
    where = Span(left.start_byte, right.end_byte)
    group = node.parent
    is_whole = span(node) == where
    if group is not None and is_whole and is_group(group) and not context.has_comment(span(group)):
        where, group = span(group), group.parent
    if group is not None and is_whole and group.type == "expression_statement":
        return ()  # a statement that is nothing but a text can be a directive
    return (replace(where, new),)


def _requoted(literal: str, quote: str) -> str:
    """A string literal between other quotes."""
    old = literal[0]
    if old == quote:
        return literal
    body = re.sub(r"\\.|" + quote, lambda match: _requoted_part(match[0], old, quote), literal[1:-1], flags=re.DOTALL)
    return quote + body + quote


def _requoted_part(part: str, old: str, quote: str) -> str:
    if part == quote:
        return f"\\{quote}"
    return old if part == f"\\{old}" else part


# ------------------------------------------------------------------ prefer-template

# `\1` to `\9` and `\01`: a template does not allow them.
_FORBIDDEN_ESCAPE = re.compile(r"(?:[^\\]|\\.)*?\\(?:[1-9]|0\d)", re.DOTALL)
_TEMPLATE_SYNTAX = re.compile(r"(?<!\\)(\\*)(\$\{|`)")
_PARENTHESES = re.compile(r"[()]")


def prefer_template(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-template."""
    if not _is_concatenation(node):
        return
    parent = parent_expression(node)
    if parent is not None and _is_concatenation(parent):
        return
    terms = _terms(node)
    strings = [term for term in terms if term.type in STRINGS]
    if not strings or len(strings) == len(terms) or _starts_with_another(node):
        return
    edits: tuple[Edit, ...] = ()
    if len(terms) <= MAX_TERMS and not ends_in_type_operator(node) and not any(_is_forbidden(term) for term in strings):
        semicolon = ";" if is_statement_start(node) and needs_semicolon_before(node) else ""
        new = semicolon + _Template(context).of(node)
        edits = (replace(node, new),) if context.keeps_comments(span(node), new) else ()
    yield Problem(span(node), edits=edits)


def _starts_with_another(node: Node) -> bool:
    """Whether a concatenation of its own, such as the one in ``'a' + b - c + 'd'``, starts at the same place.

    Of two that start together only the inner one is reported, and the outer one when that is mended.
    """
    parent: Node = node
    child = node.child(0)
    while child is not None and child.start_byte == node.start_byte and child.child_count:
        is_top = _is_concatenation(child) and not _is_concatenation(parent)
        if is_top and any(term.type in STRINGS for term in _terms(child)):
            return True
        parent, child = child, child.child(0)
    return False


def _terms(node: Node) -> list[Node]:
    """The operands of a chain of ``+``, in no order."""
    terms: list[Node] = []
    pending = [node]
    while pending:
        current = pending.pop()
        sides = _sides(current) if _is_concatenation(current) else None
        if sides is None:
            terms.append(current)
        else:
            pending += sides
    return terms


def _is_forbidden(term: Node) -> bool:
    return term.type == "string" and _FORBIDDEN_ESCAPE.match(text(term)) is not None


class _Template:
    """Writes a concatenation as a template; white space and comments around ``+`` move into the braces."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def of(self, node: Node, before: str = "", after: str = "") -> str:
        """The text of a template with the value of a node; ``before`` and ``after`` go inside its braces."""
        if node.type == "string":
            return _as_template(text(node))
        if node.type == "template_string":
            return text(node)
        sides, plus = _sides(node), field(node, "operator")
        if not _is_concatenation(node) or sides is None or plus is None:
            return f"`${{{before}{text(node)}{after}}}`"
        left, right = sides
        if not any(term.type in STRINGS for term in _terms(node)):
            return f"`${{{before}{text(node)}{after}}}`"
        before_plus = self._gaps(left.end_byte, plus.start_byte)
        after_plus = self._gaps(plus.end_byte, right.start_byte)
        if _ends_with_braces(left):
            return self.of(left, before, before_plus + after_plus)[:-1] + self.of(right, "", after)[1:]
        if _starts_with_braces(right):
            return self.of(left, before)[:-1] + self.of(right, before_plus + after_plus, after)[1:]
        return f"{self.of(left, before)}{before_plus}+{after_plus}{self.of(right, after)}"

    def _gaps(self, start: int, end: int) -> str:
        """The white space and comments in a stretch of text that has only parentheses beside them."""
        pieces: list[str] = []
        position = start
        for comment in self.context.comments_in(Span(start, end)):
            pieces += (_PARENTHESES.sub("", self.context.slice(position, comment.start_byte)), text(comment))
            position = comment.end_byte
        return "".join(pieces) + _PARENTHESES.sub("", self.context.slice(position, end))


def _as_template(literal: str) -> str:
    """A string literal between backquotes: what a template would read as its own is escaped, the quotes are not."""
    quote = literal[0]
    body = _TEMPLATE_SYNTAX.sub(_escaped, literal[1:-1])
    return f"`{body.replace(chr(92) + quote, quote)}`"


def _escaped(match: re.Match[str]) -> str:
    is_escaped = len(match[1]) % 2 == 1
    return match[0] if is_escaped else f"\\{match[0]}"


def _starts_with_braces(node: Node) -> bool:
    """Whether the template of an expression begins with ``${``: so does that of anything but a string."""
    while node.type == "binary_expression" and operator(node) not in LOGICAL_OPERATORS:
        sides = _sides(node)
        if sides is None:
            return True
        node = sides[0]
    return node.type not in STRINGS


def _ends_with_braces(node: Node) -> bool:
    """Whether the template of an expression ends with ``}``, judged by the first term of its right side."""
    if node.type == "binary_expression" and operator(node) not in LOGICAL_OPERATORS:
        sides = _sides(node)
        return sides is None or _starts_with_braces(sides[1])
    return node.type not in STRINGS
