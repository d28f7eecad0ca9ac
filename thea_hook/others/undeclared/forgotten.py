"""Assignments that forgot their declaration: ``x = f()`` where nothing else has an `x`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import Span
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import field, insert, named, span, text, unwrap
from thea_hook.languages.scope import Reference
from thea_hook.others.undeclared.project import Project
from thea_hook.others.undeclared.uses import Use, Way

if TYPE_CHECKING:
    from tree_sitter import Node


class _Place(NamedTuple):
    """Where a declaration may be written: the offset, the region that would see it, and what is declared with it."""

    offset: int
    region: Span
    names: tuple[str, ...]
    is_at_top: bool = False


def declarations(module: Module, uses: Sequence[Use], path: str, project: Project) -> dict[str, Way]:
    """For each name whose first use, wherever it is used, is an assignment that can be its declaration: that."""
    places = {use.name: _places(use) for use in uses if use.is_written}
    good = {name: some for name, some in places.items() if some}
    while lone := [name for name, some in good.items() if any(not good.keys() >= set(one.names) for one in some)]:
        for name in lone:  # what is declared with it has uses of its own elsewhere
            del good[name]
    by_name = {use.name: use for use in uses}
    ways = {}
    for name, some in good.items():
        if not name.startswith("__") and not _is_shared(name, some, path, project):
            edits = tuple(insert(one.offset, f"{_keyword(one, by_name, module)} ") for one in some)
            ways[name] = Way(f"Declare `{name}` where it is first assigned", edits)
    return ways


def _is_shared(name: str, places: Sequence[_Place], path: str, project: Project) -> bool:
    """Whether another file means this name, or may: what the top of a text assigns to is often meant for others."""
    if any(place.is_at_top for place in places):
        return any(True for _ in project.users(name, path))
    return any(True for _ in project.free_users(name, path))


def _places(use: Use) -> list[_Place]:
    """One for each region in which the name is used; none where a use comes before its assignment."""
    places: list[_Place] = []
    for reference in use.references:
        if places and reference.start < places[-1].region.end:
            continue
        place = _place(reference)
        if place is None:
            return []
        places.append(place)
    is_read = all(any(_is_in(one, place) and one.is_read for one in use.references) for place in places)
    return places if is_read else []


def _is_in(reference: Reference, place: _Place) -> bool:
    return place.region.start <= reference.start < place.region.end


def _place(reference: Reference) -> _Place | None:
    """Where a write can become a declaration: a statement of a block, or the head of a loop."""
    node = reference.identifier
    parent = node.parent
    if parent is None or reference.is_read or not reference.is_write:
        return None
    if parent.type == "for_in_statement":
        if field(parent, "left") != node or field(parent, "kind") is not None:
            return None
        return _Place(node.start_byte, span(parent), (reference.name,))
    if parent.type != "assignment_expression" or field(parent, "left") != node:
        return None
    return _place_of_assignment(parent, reference.name)


def _place_of_assignment(assignment: Node, name: str) -> _Place | None:
    outer: Node = assignment
    names: tuple[str, ...] = (name,)
    if outer.parent is not None and outer.parent.type == "sequence_expression":
        outer = outer.parent
        names = tuple(_assigned(outer))
        if not names:
            return None
    statement = outer.parent
    block = None if statement is None else statement.parent
    if statement is None or block is None:
        return None
    if statement.type == "expression_statement" and block.type in ("statement_block", "program"):
        is_alone = outer is assignment
        region = Span(outer.start_byte, block.end_byte)
        return _Place(outer.start_byte, region, names, block.type == "program") if is_alone else None
    loop = block if statement.type == "expression_statement" else statement  # the grammar has the head as either
    if loop.type != "for_statement" or not _is_head(loop, outer):
        return None
    return _Place(outer.start_byte, span(loop), names)


def _is_head(loop: Node, node: Node) -> bool:
    head = field(loop, "initializer")
    return head is not None and head.start_byte == node.start_byte


def _assigned(sequence: Node) -> Iterator[str]:
    """The names that a sequence of assignments assigns to; nothing where it is anything else."""
    parts = [unwrap(part) for part in _flat(sequence)]
    targets = [field(part, "left") if part.type == "assignment_expression" else None for part in parts]
    if all(target is not None and target.type == "identifier" for target in targets):
        yield from (text(target) for target in targets if target is not None)


def _flat(sequence: Node) -> list[Node]:
    parts: list[Node] = []
    stack = [sequence]
    while stack:
        node = stack.pop()
        if node.type == "sequence_expression":
            stack += reversed(named(node))
        else:
            parts.append(node)
    return parts


def _keyword(place: _Place, uses: Mapping[str, Use], module: Module) -> str:
    """``const`` where nothing declared here is written again, ``var`` where the file knows nothing else."""
    if not re.search(rb"\b(?:let|const)\b", module.text) and re.search(rb"\bvar\b", module.text):
        return "var"
    writes = [
        sum(one.is_write for one in uses[name].references if _is_in(one, place)) for name in place.names if name in uses
    ]
    return "const" if max(writes, default=2) == 1 else "let"
