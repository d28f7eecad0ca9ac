"""Edits that give a ``var`` that more than one block uses what it stands for: a ``let`` each, or one above them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations, groupby, pairwise
from typing import TYPE_CHECKING

from thea_hook.core.source import Span
from thea_hook.languages.layout import newline
from thea_hook.languages.nodes import (
    COMMENTS,
    FUNCTIONS,
    LOOPS,
    STATEMENT_LISTS,
    ancestors,
    child_token,
    contains,
    field,
    insert,
    named,
    remove,
    replace,
    span,
    text,
)
from thea_hook.ruleset.checks.statement_edits import (
    has_comment_by,
    line_break,
    margin_of,
    without_statement,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.languages.scope import Definition, Variable
    from thea_hook.ruleset.context import Context

    MayStay = Callable[[Variable, Node], bool]

_MOST_DECLARATIONS = 12
_BLOCKS = frozenset({"program", "statement_block"})
_REGIONS = STATEMENT_LISTS | {"for_statement", "for_in_statement"}


def is_in_loop(node: Node) -> bool:
    """Whether a loop of the same function runs it again and again."""
    for ancestor in (node, *ancestors(node)):
        if ancestor.type in FUNCTIONS:
            return False
        if ancestor.type in LOOPS:
            return True
    return False


def is_used_in_closure(variable: Variable) -> bool:
    """Whether a function inside the one that declares the variable uses it."""
    home = variable.scope.variable_scope
    return any(reference.scope.variable_scope is not home for reference in variable.references)


def _declaration_of(definition: Definition) -> Node | None:
    """The declaration that makes a definition, or the loop whose head does."""
    if definition.kind != "var":
        return None
    return definition.node if definition.node.type == "for_in_statement" else definition.node.parent


def _keyword(declaration: Node) -> Node | None:
    is_loop = declaration.type == "for_in_statement"
    return field(declaration, "kind") if is_loop else child_token(declaration, "var")


# ------------------------------------------------------------------ a `let` each


def separated(variables: Sequence[Variable], context: Context) -> tuple[Edit, ...]:
    """``let`` for each ``var`` of these names, where every one has a block of its own and is used only there."""
    declarations: dict[int, Node] = {}
    pending = list(variables)
    known: set[Variable] = set()
    while pending:
        variable = pending.pop()
        if variable in known:
            continue
        known.add(variable)
        for definition in variable.definitions:
            declaration = _declaration_of(definition)
            if declaration is None or not _begins_with_value(definition, declaration):
                return ()
            declarations[declaration.id] = declaration
            pending += context.scopes.declared(declaration)
    if len(declarations) > _MOST_DECLARATIONS or not all(_have_own_blocks(variable) for variable in known):
        return ()
    keywords = [_keyword(declaration) for declaration in declarations.values()]
    return tuple(replace(keyword, "let") for keyword in keywords if keyword is not None)


def _begins_with_value(definition: Definition, declaration: Node) -> bool:
    """Whether a variable has a value as soon as it is declared, in a place where a ``let`` can stand."""
    if declaration.type == "for_in_statement":
        return True
    parent = declaration.parent
    is_head = parent is not None and parent.type == "for_statement" and field(parent, "initializer") == declaration
    return field(definition.node, "value") is not None and (is_head or (parent is not None and parent.type in _BLOCKS))


def _have_own_blocks(variable: Variable) -> bool:
    """Whether what one declaration makes of the variable, nobody sees who looks at another one."""
    if is_used_in_closure(variable) and any(is_in_loop(definition.node) for definition in variable.definitions):
        return False
    if is_called_above(variable, max(definition.node.start_byte for definition in variable.definitions)):
        return False
    if _is_name_of_caught(variable):
        return False
    regions = [(definition, _region(definition)) for definition in variable.definitions]
    for (one, inside), (other, outside) in combinations(regions, 2):
        if inside == outside:
            return False
        if contains(inside, outside):
            one, inside, other, outside = other, outside, one, inside
        # the outer one must come later, so that it does not begin with the value of the inner one
        if contains(outside, inside) and other.node.start_byte < inside.end_byte:
            return False
    return all(_is_reached(reference.start, reference.is_init, regions) for reference in variable.references)


def _region(definition: Definition) -> Node:
    """The block in which a ``let`` in place of the ``var`` would be seen."""
    node = definition.node
    if node.type == "for_in_statement":
        return node
    return next((ancestor for ancestor in ancestors(node) if ancestor.type in _REGIONS), node)


def _is_reached(start: int, is_init: bool, regions: Iterable[tuple[Definition, Node]]) -> bool:
    """Whether a use comes after the declaration of the innermost block that it stands in."""
    around = [(d, region) for d, region in regions if region.start_byte <= start < region.end_byte]
    if not around:
        return False
    definition, _ = min(around, key=lambda one: one[1].end_byte - one[1].start_byte)
    if is_init or definition.node.type == "for_in_statement":
        return start >= definition.name.start_byte
    return start >= definition.node.end_byte


# ------------------------------------------------------------------ one above them


def hoisted(node: Node, context: Context, may_stay: MayStay) -> tuple[Edit, ...]:
    """One ``let`` above all uses of the names, and assignments where they were declared.

    A parameter that is declared again is only assigned. ``may_stay``: whether ``let`` could take the place of ``var``
    for one of the names of a declaration.
    """
    moved = _moved_with(node, context, may_stay)
    if moved is None:
        return ()
    firsts = {one: _first_statement(one) for one in moved if one.definitions[0].kind != "parameter"}
    if any(first is None or is_called_above(one, first.start_byte) for one, first in firsts.items()):
        return ()
    if any(_is_declared_twice_in_one(variable) for variable in moved):
        return ()
    heads: dict[int, tuple[Node, list[str]]] = {}
    kept: set[int] = set()
    for variable, first in firsts.items():
        if first is None:
            continue
        declared = context.scopes.declared(first) if first.type == "variable_declaration" else []
        if variable in declared and all(firsts.get(one) == first for one in declared if one in moved):
            kept.add(first.id)
        else:
            heads.setdefault(first.id, (first, []))[1].append(variable.name)
    edits: list[Edit] = []
    for declaration in _declarations(moved):
        part = _assigned(declaration, moved, context, is_kept=declaration.id in kept)
        if part is None:
            return ()
        edits += part
    return (*edits, *(_declared_above(first, names, context) for first, names in heads.values()))


def _is_declared_twice_in_one(variable: Variable) -> bool:
    declarations = [declaration.id for declaration in map(_declaration_of, variable.definitions) if declaration]
    return len(set(declarations)) < len(declarations)


def _moved_with(node: Node, context: Context, may_stay: MayStay) -> list[Variable] | None:
    """The variables that have to be declared elsewhere if those of a declaration are; None where one cannot."""
    moved: set[Variable] = set()
    pending = _leaving(node, context, may_stay)
    while pending:
        variable = pending.pop()
        if variable in moved:
            continue
        if not _can_move(variable):
            return None
        moved.add(variable)
        for definition in variable.definitions:
            declaration = _declaration_of(definition)
            if declaration is not None:
                if not _is_plain(declaration):
                    return None
                pending += _leaving(declaration, context, may_stay)
    return sorted(moved, key=lambda one: one.definitions[0].name.start_byte)


def _leaving(declaration: Node, context: Context, may_stay: MayStay) -> list[Variable]:
    """The variables that a declaration cannot go on declaring. The head of a loop declares all of them or none."""
    declared = context.scopes.declared(declaration)
    leaving = [variable for variable in declared if not may_stay(variable, declaration)]
    return declared if _is_head(declaration) and leaving else leaving


def _can_move(variable: Variable) -> bool:
    kinds = [definition.kind for definition in variable.definitions]
    if set(kinds[1:]) - {"var"} or kinds[0] not in ("var", "parameter") or len(kinds) > _MOST_DECLARATIONS:
        return False
    if variable.scope.kind == "global" or variable.name == "let":
        return False
    # what each round of a loop hands to a function: one variable for all rounds is a mistake more often than meant
    if is_used_in_closure(variable) and any(is_in_loop(definition.node) for definition in variable.definitions):
        return False
    if _is_name_of_caught(variable):
        return False
    # a value that is asked for before there is one: something else is wrong here
    first = min(variable.definitions, key=lambda definition: definition.name.start_byte)
    end = first.name.start_byte if kinds[0] == "parameter" else first.node.end_byte
    if first.node.type == "for_in_statement":
        end = first.name.end_byte
    declaration = _declaration_of(first)
    begin = (declaration or first.node).start_byte
    return not any(r.start < end and (r.is_read or (r.start >= begin and not r.is_init)) for r in variable.references)


def _is_name_of_caught(variable: Variable) -> bool:
    """Whether a ``var`` of the name stands in a ``catch`` that calls the error the same: no ``let`` may stand there."""
    name = variable.name.encode()
    clauses = (one for definition in variable.definitions for one in ancestors(definition.node))
    errors = (field(one, "parameter") for one in clauses if one.type == "catch_clause")
    return any(error is not None and error.text == name for error in errors)


def _is_plain(declaration: Node) -> bool:
    """Whether it declares plain names, where an assignment can stand as well."""
    parent = declaration.parent
    if declaration.type == "for_in_statement":
        left = field(declaration, "left")
        return left is not None and left.type == "identifier"
    if parent is None or (parent.type != "for_statement" and parent.type not in STATEMENT_LISTS):
        return False
    names = [field(declarator, "name") for declarator in named(declaration)]
    return all(name is not None and name.type == "identifier" for name in names)


def _declarations(variables: Iterable[Variable]) -> Iterator[Node]:
    seen = set()
    for variable in variables:
        for definition in variable.definitions:
            declaration = _declaration_of(definition)
            if declaration is not None and declaration.id not in seen:
                seen.add(declaration.id)
                yield declaration


def _first_statement(variable: Variable) -> Node | None:
    """The first statement that has to do with a variable, in the innermost block that has all of them in no loop."""
    places = [reference.start for reference in variable.references]
    places += [definition.name.start_byte for definition in variable.definitions]
    first, last = min(places), max(places)
    statement = variable.definitions[0].name
    for block in ancestors(statement):
        if block.type in _BLOCKS and block.start_byte <= first and last < block.end_byte and not is_in_loop(block):
            inside = (child for child in named(block) if child.start_byte <= first < child.end_byte)
            return next(inside, None)
        if block.type in FUNCTIONS:
            return None
    return None


def is_called_above(variable: Variable, start: int) -> bool:
    """Whether a function declaration that uses the variable is mentioned above the place of its ``let``."""
    for reference in variable.references:
        scope = reference.scope.variable_scope
        while scope is not variable.scope and scope.parent is not None:
            if scope.node.type in ("function_declaration", "generator_function_declaration"):
                name = field(scope.node, "name")
                function = None if name is None else scope.parent.variables.get(text(name))
                if function is not None and any(use.start < start for use in function.references):
                    return True
            scope = scope.parent.variable_scope
    return False


def _declared_above(first: Node, names: Sequence[str], context: Context) -> Edit:
    """``let a, b;`` above a statement and the comments that belong to it."""
    top = first
    while (above := top.prev_sibling) is not None and above.type in COMMENTS:
        if above.end_point.row + 1 < top.start_point.row or margin_of(above, context) is None:
            break
        top = above
    margin = margin_of(top, context)
    end = ";" if b";" in context.text else ""
    written = f"let {', '.join(names)}"
    return insert(
        top.start_byte, f"{written}; " if margin is None else f"{written}{end}{newline(context.text)}{margin}"
    )


def _assigned(
    declaration: Node, moved: Sequence[Variable], context: Context, *, is_kept: bool = False, word: str = "let"
) -> list[Edit] | None:
    """The edits that leave the assignments of a declaration, and the declaration of what stays, with this ``word``."""
    keyword = _keyword(declaration)
    if keyword is None:
        return None
    if is_kept:
        return [replace(keyword, word)]
    if declaration.type == "for_in_statement":
        return [remove(Span(keyword.start_byte, (field(declaration, "left") or keyword).start_byte))]
    if context.has_comment(span(declaration)):
        return None
    declarators = named(declaration)
    names = {variable.name for variable in moved}
    separator = ", " if _is_head(declaration) else line_break(declaration, context)
    if all(field(one, "value") is not None and not _is_staying(one, names) for one in declarators):
        gaps = [Span(span(left).end, right.start_byte) for left, right in pairwise(declarators)]
        head = Span(declaration.start_byte, declarators[0].start_byte)
        return [remove(head), *(replace(gap, separator) for gap in gaps)]
    parts = [
        f"{word} {', '.join(map(text, some))}" if is_staying else separator.join(map(text, some))
        for is_staying, some in groupby(
            (one for one in declarators if _is_staying(one, names) or field(one, "value") is not None),
            key=lambda one: _is_staying(one, names),
        )
    ]
    where = Span(declaration.start_byte, span(declarators[-1]).end)
    if parts or _is_head(declaration):
        return [replace(where, separator.join(parts))]
    return None if has_comment_by(declaration, context) else [without_statement(declaration, context)]


def _is_head(declaration: Node) -> bool:
    return declaration.parent is not None and declaration.parent.type == "for_statement"


def _is_staying(declarator: Node, moved: Collection[str]) -> bool:
    name = field(declarator, "name")
    return name is None or text(name) not in moved


# ------------------------------------------------------------------ declared again

_LEXICAL = re.compile(rb"^[ \t]*(?:export )?(?:let|const)\s", re.MULTILINE)


def without_redeclaration(variable: Variable, definition: Definition, context: Context) -> tuple[Edit, ...]:
    """The edits that declare a variable once: a ``let`` for each block in modern code, else an assignment."""
    declaration = _declaration_of(definition)
    if declaration is None or variable.definitions[0].kind not in ("var", "parameter"):
        return ()
    if variable.scope.kind != "global" and _LEXICAL.search(context.text):
        edits = separated([variable], context)
        if edits:
            return edits
    if not _is_plain(declaration):
        return ()
    declared = context.scopes.declared(declaration)
    again = [one for one in declared if _declaration_of(one.definitions[0]) != declaration]
    if not again or (_is_head(declaration) and len(again) < len(declared)):
        return ()
    return tuple(_assigned(declaration, again, context, word="var") or ())
