"""Which files the second parser is asked about. Most files end here, so nothing more is imported for them."""

from __future__ import annotations

import re

from thea_hook.languages.grammars import Module

# Punctuation and invisible characters that people, editors and web pages put where ASCII belongs; they are in no
# identifier, while any other character beyond ASCII may be.
TYPOGRAPHIC = (
    rb"\xc2[\x80-\xa9\xab-\xb4\xb6\xb8\xb9\xbb-\xbf]|\xcd\xbe|\xd8\x9c|\xe1\xa0\x8e"
    rb"|\xe2\x80[\x8b\x8e-\xa7\xaa-\xbe]|\xe2\x81[\xa0-\xa9]|\xe2[\x86-\x8b][\x80-\xbf]"
    rb"|\xe3\x80[\x81-\x84\x88-\x9f]|\xef\xbc[\x81-\x8f\x9a-\xa0\xbb-\xbe]|\xef\xbd[\x80\x9b-\xa4]|\xef\xbf[\xbc\xbd]"
)

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
