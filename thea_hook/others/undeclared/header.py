"""Where a text begins: behind its ``#!`` line, the comment about the file as a whole, and for code its directives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from thea_hook.core.source import BOM
from thea_hook.languages.grammars import Module
from thea_hook.languages.nodes import named

if TYPE_CHECKING:
    from tree_sitter import Node

_ABOUT_THE_FILE = re.compile(
    rb"^/\*!|@(?:licen[cs]e|preserve|copyright|file(?:overview)?|module|author)\b|\b(?:copyright|licen[cs]e|SPDX)\b",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(rb"[ \t]*\r?\n[ \t]*\r?\n")
_LINE_END = re.compile(rb"[ \t]*(?:\r\n|\n|$)")


def line_end(text: bytes) -> str:
    """How lines end in a text."""
    first = text.find(b"\n")
    return "\r\n" if first > 0 and text[first - 1 : first] == b"\r" else "\n"


def end_of_header(module: Module, *, directives: bool = True) -> int:
    """The start of the first line behind what stands before all code, and a blank one; with ``directives`` behind these
    too."""
    text = module.text
    place = len(BOM) if text.startswith(BOM) else 0
    is_header = False
    children = module.root.children
    for number, node in enumerate(children):
        if node.type == "comment":
            is_header = (is_header and _follows(children[number - 1], node, text)) or _is_header(children, number, text)
        else:
            is_header = node.type == "hash_bang_line" or (directives and _is_directive(node))
        if not is_header:
            break
        place = _next_line(text, node.end_byte)
    blank = _LINE_END.match(text, place)
    return place if blank is None or not place or blank.end() == len(text) else blank.end()


def _next_line(text: bytes, end: int) -> int:
    rest = _LINE_END.match(text, end)
    return end if rest is None else rest.end()


def _follows(before: Node, comment: Node, text: bytes) -> bool:
    """Whether a comment is the next line of the one before it."""
    return before.type == "comment" and text[before.end_byte : comment.start_byte].count(b"\n") == 1


def _is_header(children: list[Node], number: int, text: bytes) -> bool:
    """Whether a comment, or one of the lines that follow it, is about the file and not about what comes next."""
    for node in children[number:]:
        if node.type != "comment":
            return False
        if _ABOUT_THE_FILE.search(node.text or b"") or _BLANK_LINE.match(text, node.end_byte):
            return True
    return False


def _is_directive(node: Node) -> bool:
    inner = named(node) if node.type == "expression_statement" else []
    return len(inner) == 1 and inner[0].type == "string"
