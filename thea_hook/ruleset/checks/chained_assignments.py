"""Assignments of assignments: ``a = b = c``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import Span
from thea_hook.languages.expressions import ASSIGNMENTS, IDENTIFIERS, MEMBERS, is_optional
from thea_hook.languages.functions import FIELDS
from thea_hook.languages.layout import newline
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LITERALS,
    STATEMENT_LISTS,
    descend,
    field,
    insert,
    named,
    operator,
    outermost,
    replace,
    span,
    statement_span,
    text,
    token_before,
    unwrap,
)
from thea_hook.ruleset.checks.statement_edits import line_break, margin_of
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.ruleset.context import Context

_OBJECTS = FUNCTIONS | {"array", "class", "new_expression", "object"}
_EXPORTS = (b"exports", b"module", b"this")


def no_multi_assign(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-multi-assign. All assignments of a chain are mended together."""
    outer = outermost(node)
    parent = outer.parent
    if parent is None:
        return
    if parent.type in ASSIGNMENTS:
        is_chained = field(parent, "right") == outer and not context.options["ignoreNonDeclaration"]
    else:
        is_chained = parent.type in _DECLARING and field(parent, "value") == outer
    if is_chained:
        chain = _chain_around(node, context)
        yield Problem(span(node), edits=() if chain is None else _split(chain, context))


_DECLARING = FIELDS | {"variable_declarator"}


class _Chain(NamedTuple):
    """``t1 = t2 = value``; ``head`` is the whole of it: an assignment, or a declarator whose name is ``t1``.

    The value may be an assignment with another operator: ``t1 = t2 ||= value``.
    """

    head: Node
    targets: Sequence[Node]
    value: Node
    step: Node | None


def _chain_around(node: Node, context: Context) -> _Chain | None:
    """The chain that an assignment is part of, where every part of it may be assigned by itself."""
    head = node
    while (parent := outermost(head).parent) is not None and (parent.type in ASSIGNMENTS or parent.type in _DECLARING):
        head = parent
    targets: list[Node] = []
    value, step = head, None
    while value.type in ASSIGNMENTS or value == head:
        target, following = field(value, "left") or field(value, "name"), field(value, "right") or field(value, "value")
        if target is None or following is None or step is not None:
            return None
        step = None if operator(value) == "=" else value
        targets.append(target)
        value = unwrap(following)
    around = (Span(head.start_byte, value.start_byte), Span(value.end_byte, head.end_byte))
    if any(map(context.has_comment, around)) or not all(_is_plain(one) for one in targets):
        return None
    if value.type == "sequence_expression" or operator(value) == "in":
        return None  # may mean something else without its parentheses
    if len({target.text for target in targets}) < len(targets):
        return None
    # what a step in the value changes may be what an index says
    evaluated = () if value.type in FUNCTIONS else descend(value, FUNCTIONS)
    is_stepping = any(one.type in ASSIGNMENTS or one.type == "update_expression" for one in evaluated)
    is_typed = head.type == "variable_declarator" and field(head, "type") is not None
    return None if is_stepping or is_typed or step == head else _Chain(head, targets, value, step)


def _is_plain(target: Node) -> bool:
    """Whether a target is a variable or a property found without calling anything."""
    while target.type in MEMBERS:
        index, owner = field(target, "index"), field(target, "object")
        if owner is None or is_optional(target) or (index is not None and index.type not in LITERALS | {"identifier"}):
            return False
        target = owner
    return target.type in ("identifier", "this")


def _split(chain: _Chain, context: Context) -> tuple[Edit, ...]:
    """One assignment a target, in an order in which none depends on another."""
    if chain.step is not None:
        return _step_first(chain, chain.step, context)
    parts = _repeated(chain) if _may_be_repeated(chain.value) else _handed_on(chain, context)
    if parts is None or not _is_independent(parts):
        return ()
    if chain.head.type == "variable_declarator":
        return _behind_declaration(chain, parts, context)
    return _as_statements(chain, parts, context)


class _Part(NamedTuple):
    target: Node
    value: str


def _may_be_repeated(value: Node) -> bool:
    if value.type == "unary_expression":
        argument = field(value, "argument")
        return argument is not None and argument.type == "number"
    return value.type in (LITERALS - {"regex"}) or value.type in IDENTIFIERS or value.type == "this"


def _repeated(chain: _Chain) -> list[_Part] | None:
    """Every target gets the value."""
    if any(target.text == chain.value.text for target in chain.targets):
        return None
    return [_Part(target, text(chain.value)) for target in chain.targets]


def _handed_on(chain: _Chain, context: Context) -> list[_Part] | None:
    """One target gets the value and the others get it from there: from a variable if there is one."""
    holder = next((target for target in chain.targets if target.type == "identifier"), chain.targets[0])
    if holder.type != "identifier" and not _gives_back(holder, chain.value):
        return None
    others = [_Part(target, text(holder)) for target in chain.targets if target != holder]
    return [_Part(holder, context.slice(chain.value.start_byte, chain.value.end_byte)), *others]


def _gives_back(member: Node, value: Node) -> bool:
    """Whether a property surely has the value that it was given: those of the browser's objects may have another."""
    root = next(node for node in descend(member) if not node.child_count)
    return value.type in _OBJECTS or root.text in _EXPORTS or b".prototype." in (member.text or b"")


def _is_independent(parts: Sequence[_Part]) -> bool:
    """Whether no property is looked for with a variable that was assigned before."""
    assigned: set[str] = set()
    for target, _ in parts:
        variables = {text(node) for node in descend(target) if node.type == "identifier"}
        if target.type != "identifier" and assigned & variables:
            return False
        assigned.add(text(target))
    return True


# ------------------------------------------------------------------ where the statements go


def _as_statements(chain: _Chain, parts: Sequence[_Part], context: Context) -> tuple[Edit, ...]:
    whole = outermost(chain.head)
    parent = whole.parent
    if parent is None or whole != chain.head:
        return ()
    if parent.type == "for_statement" and field(parent, "initializer") == whole:
        return _written(chain, parts, ", ")
    if parent.type != "expression_statement" or parent.parent is None:
        return ()
    edits = _written(chain, parts, line_break(parent, context))
    return edits if parent.parent.type in STATEMENT_LISTS else _in_braces(parent, edits, context)


def _written(chain: _Chain, parts: Sequence[_Part], separator: str) -> tuple[Edit, ...]:
    """The edits that leave the value where it is, with its own target before it and the others behind."""
    head, value = span(chain.head), span(chain.value)
    others = "".join(f"{separator}{text(part.target)} = {part.value}" for part in parts[1:])
    own = f"{text(parts[0].target)} = "
    return (replace(Span(head.start, value.start), own), replace(Span(value.end, head.end), others))


def _in_braces(statement: Node, edits: Sequence[Edit], context: Context) -> tuple[Edit, ...]:
    """The statements as the body of an ``if`` or a loop, which had no braces."""
    before, owner = token_before(statement), statement.parent
    if before is None or owner is None or owner.type == "labeled_statement":
        return ()
    gap = Span(before.end_byte, statement.start_byte)
    if context.has_comment(gap):
        return ()
    margin = margin_of(statement, context)
    last = statement_span(statement).end
    if margin is None:
        return (replace(gap, " { "), *edits, insert(last, " }"))
    outer = context.slice(context.text.rfind(b"\n", 0, before.start_byte) + 1, len(context.text))
    line_end = newline(context.text)
    closing = outer[: len(outer) - len(outer.lstrip(" \t"))]
    return (
        replace(gap, f" {{{line_end}{margin}"),
        *edits,
        insert(last, f"{line_end}{closing}}}"),
    )


def _behind_declaration(chain: _Chain, parts: Sequence[_Part], context: Context) -> tuple[Edit, ...]:
    """``const a = c;`` with the other assignments behind it; they need not be last of several declarators."""
    declaration = chain.head.parent
    statement = declaration
    if statement is not None and statement.parent is not None and statement.parent.type == "export_statement":
        statement = statement.parent
    if declaration is None or statement is None or statement.parent is None:
        return ()
    if statement.parent.type not in STATEMENT_LISTS or parts[0].target != chain.targets[0]:
        return ()
    if named(declaration)[-1] != chain.head or not all(_is_known(part.target, context) for part in parts[1:]):
        return ()
    return _written(chain, parts, line_break(statement, context))


def _is_known(target: Node, context: Context) -> bool:
    """Whether an assigned variable is declared: what makes a global by mistake was to be declared as well."""
    return target.type != "identifier" or not context.scopes.is_global(target) or context.is_known_name(text(target))


def _step_first(chain: _Chain, step: Node, context: Context) -> tuple[Edit, ...]:
    """``b ||= c; const a = b;`` for ``const a = (b ||= c)``."""
    first, last = chain.targets[0], chain.targets[-1]
    statement = chain.head.parent
    if statement is None or statement.parent is None or statement.parent.type not in STATEMENT_LISTS:
        return ()
    if len(chain.targets) != 2 or first.type != "identifier" or named(statement) != [chain.head]:
        return ()
    if any(node.type == "identifier" and node.text == first.text for node in descend(step)):
        return ()
    separator = line_break(statement, context)
    whole = field(chain.head, "value") or field(chain.head, "right") or step
    return (insert(statement.start_byte, f"{text(step)}{separator}"), replace(whole, text(last)))
