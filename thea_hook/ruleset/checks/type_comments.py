"""Checks of comments that speak to the TypeScript compiler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.languages.nodes import COMMENTS, field, named, replace, span, string_value, text
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ ban-ts-comment

# What TypeScript's scanner and parser take for a directive.
_PRAGMA = re.compile(r"///?\s*@ts-(check|nocheck)(.*)\Z", re.DOTALL)
_LINE_DIRECTIVE = re.compile(r"//+\s*@ts-(expect-error|ignore)(.*)", re.DOTALL)
_BLOCK_DIRECTIVE = re.compile(r"\s*[/*]*\s*@ts-(expect-error|ignore)(.*)", re.DOTALL)
_LINE_BREAK = re.compile("\r\n|[\r\n\u2028\u2029]")


def ban_ts_comment(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint ban-ts-comment."""
    if b"@ts-" not in context.text:
        return
    first = next((child for child in node.named_children if child.type not in (*COMMENTS, "hash_bang_line")), None)
    for comment in context.module.comments:
        found = _directive(text(comment))
        if found is None:
            continue
        directive, description = found
        # below the first statement the compiler does not look for it
        if directive == "nocheck" and first is not None and first.start_point.row <= comment.start_point.row:
            continue
        yield from _directive_problems(comment, directive, description, context)


def _directive(comment: str) -> tuple[str, str] | None:
    """The directive a comment is, and the text behind it."""
    if comment.startswith("//"):
        match = _PRAGMA.match(comment) or _LINE_DIRECTIVE.match(comment)
    else:
        # of several lines only the last counts
        match = _BLOCK_DIRECTIVE.match(_LINE_BREAK.split(comment[2:-2])[-1])
    return (match[1], match[2]) if match is not None else None


def _directive_problems(comment: Node, directive: str, description: str, context: Context) -> Iterator[Problem]:
    option = context.options[f"ts-{directive}"]
    data = {"directive": directive, "length": str(context.options["minimumDescriptionLength"])}
    if option is True:
        if directive == "ignore":
            better = text(comment).replace("@ts-ignore", "@ts-expect-error", 1)
            yield Problem(span(comment), message="expect_error", edits=(replace(comment, better),))
        else:
            yield Problem(span(comment), data=data)
    elif option and len(description.strip()) < context.options["minimumDescriptionLength"]:
        yield Problem(span(comment), data=data, message="description")


# ------------------------------------------------------------------ triple-slash-reference

_REFERENCE = re.compile(r"///\s*<reference\s*(types|path|lib)\s*=\s*[\"|'](.*)[\"|']")


def triple_slash_reference(node: Node, context: Context) -> Iterator[Problem]:
    """Source: typescript-eslint triple-slash-reference."""
    if b"<reference" not in context.text:
        return
    awaited: dict[str, list[Node]] = {}
    for child in node.named_children:
        if child.type not in COMMENTS:
            break
        match = _REFERENCE.match(text(child))
        if match is None:
            continue
        kind, module = match.groups()
        if context.options[kind] == "never":
            yield Problem(span(child), data={"module": module})
        elif kind == "types" and context.options["types"] == "prefer-import":
            awaited.setdefault(module, []).append(child)
    if awaited:
        for module in _imported(node):
            for comment in awaited.get(module, ()):
                yield Problem(span(comment), data={"module": module})


def _imported(program: Node) -> Iterator[str]:
    """The modules that the file imports."""
    for statement in named(program):
        if statement.type != "import_statement":
            continue
        require = next((child for child in statement.named_children if child.type == "import_require_clause"), None)
        source = field(require if require is not None else statement, "source")
        module = None if source is None else string_value(source)
        if module is not None:
            yield module
