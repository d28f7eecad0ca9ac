"""The rule about white space that does not look like what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability
from thea_hook.core.source import BOM, Span
from thea_hook.languages.nodes import COMMENTS, replace
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# Form feed, vertical tab, U+0085, U+00A0, U+1680, U+180E, U+2000 to U+200B, U+202F, U+205F, U+3000, U+FEFF in UTF-8;
# and one by one the line separators U+2028 and U+2029.
_IRREGULAR = re.compile(
    rb"(?P<spaces>(?:[\f\v]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe1\xa0\x8e|\xe2\x80[\x80-\x8b\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
    rb"|\xef\xbb\xbf)+)|\xe2\x80[\xa8\xa9]"
)
# The same as one class of characters, which tells ten times as fast whether there is any at all.
_ANY = re.compile("[\f\v\x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]")
_SKIPPED_BY = {
    "string": "skipStrings",
    "regex": "skipRegExps",
    "template_string": "skipTemplates",
    "template_literal_type": "skipTemplates",
    "comment": "skipComments",
    "html_comment": "skipComments",
    "jsx_text": "skipJSXText",
}


_ZERO_WIDTH = "\u180e\u200b\ufeff"
_SHORT_ESCAPES = {"\f": "\\f", "\v": "\\v"}


def no_irregular_whitespace(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-irregular-whitespace."""
    source = context.text
    if _ANY.search(source.decode("utf-8", "surrogateescape")) is None:
        return
    for match in _IRREGULAR.finditer(source, len(BOM) if source.startswith(BOM) else 0):
        where = Span(*match.span())
        around = _text_around(node, where)
        if around is not None and context.options[_SKIPPED_BY[around.type]]:
            continue
        found = match.group().decode("utf-8")
        new = _instead(found, around, match["spaces"] is not None, source[: where.start].endswith(b"\\"))
        grade = None if around is None or around.type in COMMENTS else Applicability.UNSAFE
        yield Problem(where, edits=() if new is None else (replace(where, new),), applicability=grade)


def _instead(found: str, around: Node | None, is_space: bool, is_escaped: bool) -> str | None:
    """What to write for irregular white space: blanks between tokens and in comments, an escape of it in texts."""
    if around is None:
        return " " * len(found) if is_space else None
    if around.type in COMMENTS:
        return "".join("" if one in _ZERO_WIDTH else " " for one in found) if is_space else None
    if around.type == "jsx_text":
        return "".join("&nbsp;" if one == "\xa0" else f"&#x{ord(one):x};" for one in found)
    owner = around.parent
    # a tag can see how the template is written, and a backslash before an escape would make it a text of its own
    is_tagged = owner is not None and owner.type == "call_expression"
    if is_escaped or is_tagged or around.type in ("string", "template_literal_type"):
        return None
    return "".join(_SHORT_ESCAPES.get(one, f"\\u{ord(one):04x}") for one in found)


def _text_around(root: Node, where: Span) -> Node | None:
    """The literal, comment or text that white space is a part of; None between the tokens of the code."""
    node = root.descendant_for_byte_range(where.start, where.start + 1)
    while node is not None and node.type not in ("template_substitution", "template_type"):
        if node.type in _SKIPPED_BY:
            return node
        node = node.parent
    return None
