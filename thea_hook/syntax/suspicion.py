"""Which files the second parser is asked about. Most files end here, so nothing more is imported for them."""

from __future__ import annotations

import re

from tree_sitter import QueryCursor

from thea_hook.languages.grammars import Module, query
from thea_hook.languages.typographic import TYPOGRAPHIC

# Tree-sitter takes any character beyond ASCII for a letter or a blank, and a comma more in arguments and objects. Where
# the text has one of these outside of strings, comments and holes of an array, its silence says nothing.
_LENIENT = re.compile(TYPOGRAPHIC + rb"|,(?=\s*,)")
_TEXT_KINDS = frozenset(
    "comment html_comment hash_bang_line string string_fragment template_string jsx_text regex regex_pattern "
    "array array_pattern escape_sequence".split()
)


# What else tree-sitter reads as if it were right: a constant without a value, `await` in a function that is not async,
# and a JSX element that another name closes. Of the versions in git histories that do not parse they are one in 25.
_NO_VALUE = re.compile(
    rb"const\s+(?:(?!enum\b)[\w$]+(?![\w$])|\{[^{}=]*\}|\[[^\[\]=]*\])(?!\s*(?:[=:]|of\b|in\b|/[/*]))"
)
_AWAIT = re.compile(rb"await\b")
_FUNCTIONS = frozenset(
    "arrow_function function_declaration function_expression generator_function generator_function_declaration "
    "method_definition".split()
)
_ELEMENTS = """(jsx_element
  open_tag: (jsx_opening_element name: (_) @open)
  close_tag: (jsx_closing_element name: (_) @close))"""


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
    return _has_constant_without_value(module) or _waits_in_vain(module) or _closes_another_element(module)


def _has_constant_without_value(module: Module) -> bool:
    return any(
        node is not None and node.type not in _TEXT_KINDS
        for match in _NO_VALUE.finditer(module.text)
        for node in [module.root.descendant_for_byte_range(match.start(), match.start() + 5)]
    )


def _waits_in_vain(module: Module) -> bool:
    cursor = module.root.walk()
    for match in _AWAIT.finditer(module.text):
        cursor.reset(module.root)
        function = None
        while cursor.goto_first_child_for_byte(match.start()) is not None:
            node = cursor.node
            if node is not None and node.type in _FUNCTIONS:
                function = node
        keyword = cursor.node
        if function is not None and keyword is not None and keyword.type == "await":
            body = function.child_by_field_name("body")
            if body is not None and b"async" not in module.text[function.start_byte : body.start_byte]:
                return True
    return False


def _closes_another_element(module: Module) -> bool:
    if module.language == "typescript" or b"</" not in module.text:
        return False
    for _, names in QueryCursor(query(module.language, _ELEMENTS)).matches(module.root):
        if names["open"][0].text != names["close"][0].text:
            return True
    return False
