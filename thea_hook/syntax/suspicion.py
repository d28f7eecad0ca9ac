"""Which files the second parser is asked about. Most files end here, so nothing more is imported for them."""

from __future__ import annotations

import re

from thea_hook.languages.grammars import Module
from thea_hook.languages.typographic import TYPOGRAPHIC

# Tree-sitter takes any character beyond ASCII for a letter or a blank, and a comma more in arguments and objects. Where
# the text has one of these outside of strings, comments and holes of an array, its silence says nothing.
_LENIENT = re.compile(TYPOGRAPHIC + rb"|,(?=\s*,)")
_TEXT_KINDS = frozenset(
    "comment html_comment hash_bang_line string string_fragment template_string jsx_text regex regex_pattern "
    "array array_pattern escape_sequence".split()
)


def is_suspicious(module: Module) -> bool:
    """Whether the second parser should be asked about this file."""
    root = module.root
    if root.has_error:
        return True
    for match in _LENIENT.finditer(module.text):
        node = root.descendant_for_byte_range(match.start(), match.end())
        if node is not None and node.type == "," and node.parent is not None:
            node = node.parent
        if node is not None and node.type not in _TEXT_KINDS:
            return True
    return False
