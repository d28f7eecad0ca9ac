"""The rule about white space that does not look like what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import BOM, Span
from thea_hook.languages.nodes import replace
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
    "comment": "skipComments",
    "html_comment": "skipComments",
    "jsx_text": "skipJSXText",
}


def no_irregular_whitespace(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-irregular-whitespace."""
    source = context.text
    if _ANY.search(source.decode("utf-8", "surrogateescape")) is None:
        return
    for match in _IRREGULAR.finditer(source, len(BOM) if source.startswith(BOM) else 0):
        where = Span(*match.span())
        option = _option_for(node, where)
        if option is not None and context.options[option]:
            continue
        edits: tuple[Edit, ...] = ()
        if option is None and match["spaces"]:
            # between tokens one kind of white space is as good as another
            edits = (replace(where, " " * len(match.group().decode("utf-8"))),)
        yield Problem(where, edits=edits)


def _option_for(root: Node, where: Span) -> str | None:
    """The option that decides about white space at a place; None between the tokens of the code."""
    node = root.descendant_for_byte_range(where.start, where.start + 1)
    while node is not None and node.type != "template_substitution":
        if node.type in _SKIPPED_BY:
            return _SKIPPED_BY[node.type]
        node = node.parent
    return None
