"""Imports and exports that name one source twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.entries import added
from thea_hook.languages.nodes import (
    child_token,
    field,
    named,
    remove,
    replace,
    span,
    statement_span,
    string_value,
    text,
    whole_lines,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

Kind = Literal["default", "named", "namespace", "all", "nothing"]
"""What a statement is about first of all; ``all`` is ``export *``, ``nothing`` an import for its effects."""


class _Statement(NamedTuple):
    """An import or an export from a source, with its parts as they are written."""

    node: Node
    is_export: bool
    is_type: bool
    default: str = ""
    namespace: str = ""
    braces: Node | None = None
    is_everything: bool = False

    @property
    def entries(self) -> list[Node]:
        return [] if self.braces is None else named(self.braces)

    @property
    def kind(self) -> Kind:
        if self.is_everything:
            return "all"
        if self.entries:
            return "named"
        return "namespace" if self.namespace else "default" if self.default else "nothing"


def no_duplicate_imports(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-duplicate-imports."""
    with_exports = context.options["includeExports"]
    seen: dict[str, list[_Statement]] = {}
    for node in context.module.nodes("import_statement", "export_statement"):
        source = field(node, "source")
        where = "" if source is None else (string_value(source) or "").strip()
        if not where or (node.type == "export_statement" and not with_exports):
            continue
        statement = _statement(node)
        earlier = seen.setdefault(where, [])
        for is_export in (statement.is_export, not statement.is_export):
            same = [one for one in earlier if one.is_export == is_export and _can_merge(statement, one, context)]
            if same:
                message = (
                    f"{'export' if statement.is_export else 'import'}{'' if is_export == statement.is_export else 'As'}"
                )
                edits = next((edits for one in same if (edits := _merged(one, statement, context))), ())
                yield Problem(span(node), {"module": where}, message, edits, related=(span(same[0].node),))
        earlier.append(statement)


def _statement(node: Node) -> _Statement:
    is_export = node.type == "export_statement"
    is_type = child_token(node, "type") is not None
    clause = node if is_export else child_token(node, "import_clause")
    default = namespace = ""
    braces = None
    for part in () if clause is None else named(clause):
        if part.type == "identifier" and not is_export:
            default = text(part)
        elif part.type in ("namespace_import", "namespace_export"):
            namespace = text(part)
        elif part.type in ("named_imports", "export_clause"):
            braces = part
    is_everything = is_export and not namespace and child_token(node, "*") is not None
    return _Statement(node, is_export, is_type, default, namespace, braces, is_everything)


def _can_merge(one: _Statement, other: _Statement, context: Context) -> bool:
    """Whether one statement could say what the two do, as ESLint sees it."""
    if context.options["allowSeparateTypeImports"] and one.is_type != other.is_type:
        return False
    kinds = {one.kind, other.kind}
    if one.is_type and other.is_type and kinds == {"default", "named"}:
        return False
    if "all" in kinds:
        return kinds <= {"all", "nothing"}
    return kinds != {"namespace", "named"}


# ------------------------------------------------------------------ merging


def _merged(first: _Statement, second: _Statement, context: Context) -> tuple[Edit, ...]:
    """The first statement with what the second has, which goes; nothing where that cannot be written, or a comment
    would be lost. Of an import of types and one of values the latter stays: the other does not run its source."""
    if first.is_export != second.is_export or _has_attributes(first.node) or _has_attributes(second.node):
        return ()
    kept, gone = (second, first) if first.is_type and not second.is_type else (first, second)
    where = whole_lines(context.text, statement_span(gone.node))
    if context.has_comment(where) or context.has_comment(span(kept.node)):
        return ()
    if gone.kind == "nothing" and kept.is_type == gone.is_type:
        return (remove(where),)
    change = _with(kept, gone) if kept.is_type == gone.is_type else _with_types(kept, gone)
    return () if change is None else tuple(sorted((change, remove(where)), key=lambda edit: edit.span))


def _has_attributes(node: Node) -> bool:
    return child_token(node, "import_attribute") is not None


def _with(first: _Statement, second: _Statement) -> Edit | None:
    """The first statement with what the second has."""
    if first.is_export:
        return added(first.braces, list(map(text, second.entries))) if first.braces is not None else None
    entries = list(map(text, second.entries))
    if first.entries and first.braces is not None and not second.default and not second.namespace:
        return added(first.braces, entries)
    default = first.default or second.default
    namespace = first.namespace or second.namespace
    if (first.namespace and second.namespace) or (first.default and second.default and first.is_type):
        return None
    if first.default and second.default:
        entries.insert(0, f"default as {second.default}")
    return _written(first, default, namespace, [*map(text, first.entries), *entries], _looks(first, second))


def _with_types(values: _Statement, types: _Statement) -> Edit | None:
    """An import of values with entries of types among them."""
    if values.is_export or types.default or types.namespace or values.namespace or values.kind == "nothing":
        return None
    marked = [f"type {text(entry)}" for entry in types.entries]
    if values.entries and values.braces is not None:
        return added(values.braces, marked)
    return _written(values, values.default, "", marked, _looks(values, types))


def _looks(first: _Statement, second: _Statement) -> str:
    """What stands inside the braces of either, at their ends."""
    braces = first.braces or second.braces
    inside = "{ }" if braces is None else text(braces)
    return "" if re.match(r"\{\S", inside) and inside != "{}" else " "


def _written(statement: _Statement, default: str, namespace: str, entries: Sequence[str], space: str) -> Edit | None:
    """The statement with another clause; None where there is none that has all parts."""
    source = field(statement.node, "source")
    if source is None or (namespace and entries):
        return None
    listed = [f"{{{space}{', '.join(entries)}{space}}}"] if entries else []
    clause = ", ".join([*filter(None, (default, namespace)), *listed])
    start = f"import {'type ' if statement.is_type else ''}{clause} from "
    return replace(Span(statement.node.start_byte, source.start_byte), start)
