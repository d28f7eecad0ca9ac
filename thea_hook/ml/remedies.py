"""The repairs that a parser names in its message: `async` around an `await`, `let` where `const` has no value."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import SyntaxProblem, Verdict
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.repair import Seed
from thea_hook.ml.vocabulary import Action, Tag

if TYPE_CHECKING:
    from tree_sitter import Node

# Of the four breakages of the train and valid splits all of whose errors name a remedy, the next version had just these
# edits in two. It has less than that, so that a tagger that is sure of something else comes first.
SHARE = 0.3


class Remedy(NamedTuple):
    """What a message calls for: the tag, and the node that it goes to from the one at the error."""

    message: str
    tag: Tag
    place: Callable[[Node], Node | None]


def remedies(file: SourceFile, verdict: Verdict) -> Iterator[Seed]:
    """The text with the remedies of all its errors, and the text as it is; nothing where an error names none."""
    named = [(_remedy_of(problem), problem.span) for problem in verdict.problems]
    if not all(remedy for remedy, _ in named):
        return
    from thea_hook.languages.grammars import parse

    root = parse(file.text, file.language).root_node
    tags: dict[int, Tag] = {}
    for remedy, span in named:
        node = root.descendant_for_byte_range(*span)
        target = remedy.place(node) if remedy is not None and node is not None else None
        if remedy is None or target is None:
            return
        tags[target.start_byte] = remedy.tag
    if tags:
        yield _mended(file, tags)
        yield Seed(file.text, (), math.log(1 - SHARE))


def _remedy_of(problem: SyntaxProblem) -> Remedy | None:
    return next((remedy for remedy in _REMEDIES if remedy.message in problem.message), None)


def _mended(file: SourceFile, tags: dict[int, Tag]) -> Seed:
    lexemes = lex(file.text, file.language)
    edits: list[Edit] = []
    steps: list[Step] = []
    written = 0
    for offset, tag in sorted(tags.items()):
        place = bisect_left(lexemes.starts, offset)
        edit = edit_of(lexemes, Step(place, tag))
        if edit is not None:
            edits.append(edit)
            steps.append(Step(place + written, tag))
            written += tag.action is Action.INSERT
    return Seed(apply_edits(file.text, edits), tuple(steps), math.log(SHARE))


_METHOD = "method_definition"
_FUNCTIONS = frozenset(
    (
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        _METHOD,
    )
)
_NEVER_ASYNC = frozenset(("async", "get", "set"))


def _innermost_function(node: Node) -> Node | None:
    """What `async` goes before, for the function around a node; None where there is none that could have it."""
    function: Node | None = node
    while function is not None and function.type not in _FUNCTIONS:
        function = function.parent
    if function is None or any(child.type in _NEVER_ASYNC for child in function.children):
        return None
    if function.type != _METHOD:
        return function
    name = function.child_by_field_name("name")
    if name is None or name.text == b"constructor":
        return None
    return next((child for child in function.children if child.type == "*"), name)


def _keyword_of_declaration(node: Node) -> Node | None:
    """The `const` of the declaration that a node is in; None where `const a: 1` wants an equals sign."""
    declarator = node.parent
    kind = declarator.child_by_field_name("type") if declarator is not None else None
    declaration = declarator.parent if declarator is not None else None
    if declaration is None or declaration.type != "lexical_declaration":
        return None
    if kind is not None and any(child.type == "literal_type" for child in kind.children):
        return None
    return declaration.child_by_field_name("kind")


_REMEDIES = (
    Remedy("only allowed within async functions", Tag(Action.INSERT, b"async"), _innermost_function),
    Remedy("Missing initializer in const declaration", Tag(Action.REPLACE, b"let"), _keyword_of_declaration),
)
