"""Imports written as the other ones of a file are: quotes, semicolons, braces, what is there already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.languages.entries import added
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import child_token, closing_token, field, insert, named, string_value, text
from thea_hook.others.undeclared.facts import DEFAULT, EVERYTHING, MODULE, Form
from thea_hook.others.undeclared.header import end_of_header, line_end

if TYPE_CHECKING:
    from tree_sitter import Node


class Wanted(NamedTuple):
    """A name to import: ``imported`` as in :class:`~thea_hook.others.undeclared.facts.Import`."""

    local: str
    imported: str


class Written(NamedTuple):
    """The edit of an import. ``is_entry`` where another entry may be written at the same place."""

    edit: Edit
    is_entry: bool


def written(module: Module, form: Form, source: str, names: Sequence[Wanted]) -> Written:
    """An import of these names from one source: in the statement that the file has for it, or in one of its own."""
    return (_import if form == "import" else _require)(module, source, names)


def semicolon(module: Module) -> str:
    """What ends a statement in this file: most of its own statements decide."""
    statements = [
        node for node in named(module.root) if node.type in _ENDED and closing_token(node).type not in ("}", ")")
    ] or [node for node in named(module.root) if node.type in _ENDED]
    ended = sum(closing_token(node).type == ";" for node in statements)
    return ";" if 2 * ended >= len(statements) else ""


_ENDED = frozenset({"import_statement", "lexical_declaration", "variable_declaration", "expression_statement"})
_STRING = re.compile(rb"(?<![\w\\])(['\"])[^'\"\n\\]*\1")


def _quote(module: Module, near: Node | None) -> str:
    """The quotation mark of the file's last import, or of most of its strings."""
    if near is not None and near.text is not None:
        marks = _STRING.findall(near.text)
        if marks:
            return str(marks[-1].decode())
    marks = _STRING.findall(module.text)
    return "'" if 2 * marks.count(b"'") >= len(marks) else '"'


def _braced(module: Module, entries: Sequence[str]) -> str:
    tight = len(re.findall(rb"^(?:import|const|let|var)\b[^;'\"\n]*\{\w", module.text, re.MULTILINE))
    spaced = len(re.findall(rb"^(?:import|const|let|var)\b[^;'\"\n]*\{[ ]", module.text, re.MULTILINE))
    listed = ", ".join(entries)
    return f"{{{listed}}}" if tight > spaced else f"{{ {listed} }}"


# ------------------------------------------------------------------ ES imports


def _import(module: Module, source: str, names: Sequence[Wanted]) -> Written:
    statements = [node for node in named(module.root) if node.type == "import_statement"]
    for statement in statements:
        joined = _joined(statement, source, names)
        if joined is not None:
            return joined
    last = statements[-1] if statements else None
    quote = _quote(module, last)
    parts = [one.local for one in names if one.imported == DEFAULT]
    parts += [f"* as {one.local}" for one in names if one.imported == EVERYTHING]
    listed = [_entry(one, " as ") for one in names if one.imported not in (DEFAULT, EVERYTHING)]
    parts += [_braced(module, listed)] if listed else []
    return _statement(module, last, f"import {', '.join(parts)} from {quote}{source}{quote}{semicolon(module)}")


def _entry(name: Wanted, alias: str) -> str:
    return name.local if name.local == name.imported else f"{name.imported}{alias}{name.local}"


def _joined(statement: Node, source: str, names: Sequence[Wanted]) -> Written | None:
    """The names as entries of an import of the same source, where it has braces."""
    where = field(statement, "source")
    clause = child_token(statement, "import_clause")
    if where is None or clause is None or string_value(where) != source or child_token(statement, "type") is not None:
        return None
    if any(one.imported in (DEFAULT, EVERYTHING) for one in names):
        return None
    listed = child_token(clause, "named_imports")
    return None if listed is None else _entries(listed, [_entry(one, " as ") for one in names])


def _entries(braces: Node, entries: Sequence[str]) -> Written | None:
    edit = added(braces, entries)
    return None if edit is None else Written(edit, is_entry=True)


# ------------------------------------------------------------------ CommonJS


def _require(module: Module, source: str, names: Sequence[Wanted]) -> Written:
    statements = [node for node in named(module.root) if _requires(node)]
    listed = [_entry(one, ": ") for one in names if one.imported != MODULE]
    for statement in statements if len(listed) == len(names) else ():
        braces = _destructured(statement, source)
        joined = None if braces is None else _entries(braces, listed)
        if joined is not None:
            return joined
    last = _last_of_head(statements)
    quote = _quote(module, last)
    keyword = text(last.children[0]) if last is not None and last.type != "expression_statement" else "const"
    target = next((one.local for one in names if one.imported == MODULE), None) or _braced(module, listed)
    value = f"require({quote}{source}{quote})"
    if len(names) == 1 and names[0].imported == DEFAULT:
        target, value = names[0].local, f"{value}.default"
    return _statement(module, last, f"{keyword} {target} = {value}{semicolon(module)}")


_REQUIRED = re.compile(rb"(?:=\s*|^)require\s*\(")


def _requires(node: Node) -> bool:
    return node.type in _ENDED and _REQUIRED.search(node.text or b"") is not None


def _last_of_head(statements: Sequence[Node]) -> Node | None:
    """The last of the statements that follow each other; later ones wait for something."""
    last: Node | None = None
    for node in statements:
        before = node.prev_named_sibling
        while before is not None and before.type == "comment":
            before = before.prev_named_sibling
        if last is not None and (before is None or before.id != last.id):
            break
        last = node
    return last


def _destructured(statement: Node, source: str) -> Node | None:
    """The braces of ``const { a } = require("source")``."""
    for declarator in named(statement):
        pattern, value = field(declarator, "name"), field(declarator, "value")
        if pattern is None or value is None or pattern.type != "object_pattern" or value.type != "call_expression":
            continue
        arguments = named(field(value, "arguments") or value)
        if text(field(value, "function") or value) == "require" and string_value(arguments[0]) == source:
            is_open = any(one.type == "rest_pattern" for one in named(pattern))
            return None if is_open else pattern
    return None


def _statement(module: Module, after: Node | None, line: str) -> Written:
    """A line of its own behind a statement, or at the top."""
    end = line_end(module.text)
    if after is not None:
        return Written(insert(_end_of_line(module.text, after), f"{end}{line}"), is_entry=True)
    place = end_of_header(module)
    gap = "" if module.text[place:].startswith((b"\n", b"\r")) else end
    return Written(insert(place, f"{line}{end}{gap}"), is_entry=False)


def _end_of_line(source: bytes, statement: Node) -> int:
    """Behind a statement, and behind a comment that stands on its line."""
    end = closing_token(statement).end_byte
    rest = re.compile(rb"[ \t;]*(?://[^\n\r]*)?(?=\r?\n|$)").match(source, end)
    return end if rest is None else rest.end()
