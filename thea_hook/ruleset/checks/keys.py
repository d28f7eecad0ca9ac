"""How properties are written: in brackets or with a dot, computed or not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import can_be_adjacent, is_optional, is_static_template, space_before
from thea_hook.languages.grammars import query
from thea_hook.languages.nodes import (
    child_token,
    closing_token,
    enclosing,
    field,
    named,
    replace,
    span,
    string_value,
    text,
    token_after,
    unwrap,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ dot-notation

_NAME = re.compile(r"[a-zA-Z_$][a-zA-Z0-9_$]*")
_DECIMAL = re.compile(r"0|0[0-7]*[89]\d*|[1-9](?:_?\d)*")

# ECMAScript 3 does not let a property after a dot have one of these names.
_KEYWORDS = frozenset(
    [
        *("abstract", "boolean", "break", "byte", "case", "catch", "char", "class", "const", "continue", "debugger"),
        *("default", "delete", "do", "double", "else", "enum", "export", "extends", "false", "final", "finally"),
        *("float", "for", "function", "goto", "if", "implements", "import", "in", "instanceof", "int", "interface"),
        *("long", "native", "new", "null", "package", "private", "protected", "public", "return", "short", "static"),
        *("super", "switch", "synchronized", "this", "throw", "throws", "transient", "true", "try", "typeof", "var"),
        *("void", "volatile", "while", "with"),
    ]
)


def dot_notation(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint dot-notation."""
    if node.type == "program":
        if not context.options["allowKeywords"]:
            yield from _keywords_after_dots(node, context)
        return
    index = field(node, "index")
    key = unwrap(index) if index is not None else None
    if key is None or key.type not in ("string", "template_string", "true", "false", "null"):
        return
    name = string_value(key) if key.type in ("string", "template_string") else key.type
    if name is None or not _NAME.fullmatch(name) or (name in _KEYWORDS and not context.options["allowKeywords"]):
        return
    pattern = context.options["allowPattern"]
    if pattern and re.search(pattern, name):
        return
    shown = f"`{name}`" if is_static_template(key) else json.dumps(name) if key.type == "string" else name
    # brackets reach private members, and what only an index signature declares
    grade = Applicability.UNSAFE if context.is_typescript else None
    yield Problem(span(key), {"key": shown}, edits=_with_dot(node, name, context), applicability=grade)


def _with_dot(node: Node, name: str, context: Context) -> tuple[Edit, ...]:
    opening, target = child_token(node, "["), field(node, "object")
    if opening is None or target is None or context.has_comment(Span(opening.start_byte, node.end_byte)):
        return ()
    dot = "" if is_optional(node) else "."
    target = unwrap(target)
    if dot and target.type == "number" and _DECIMAL.fullmatch(text(target)):
        dot = " ."
    after = token_after(node)
    melts = after is not None and after.start_byte == node.end_byte and not can_be_adjacent(name, text(after))
    return (replace(Span(opening.start_byte, node.end_byte), dot + name + (" " if melts else "")),)


_TYPE_QUERIES = frozenset({"type_query"})


def _keywords_after_dots(root: Node, context: Context) -> Iterator[Problem]:
    from tree_sitter import QueryCursor

    source = "(member_expression property: (property_identifier) @name) @member"
    for _, captures in QueryCursor(query(context.module.language, source)).matches(root):
        member, name = captures["member"][0], captures["name"][0]
        if text(name) in _KEYWORDS and enclosing(member, _TYPE_QUERIES) is None:
            yield Problem(span(name), {"key": text(name)}, "keyword", _with_brackets(member, name, context))


def _with_brackets(member: Node, name: Node, context: Context) -> tuple[Edit, ...]:
    target, dot = field(member, "object"), child_token(member, ".")
    new = f'["{text(name)}"]'
    if dot is None:
        return (replace(name, new),)
    # `let[` at the start of a statement is a declaration
    if target is None or target.text == b"let" or context.has_comment(Span(dot.end_byte, name.start_byte)):
        return ()
    return (replace(dot, ""), replace(name, new))


# ------------------------------------------------------------------ no-useless-computed-key

_FIELDS = frozenset({"field_definition", "public_field_definition"})
_METHODS = frozenset({"method_definition", "method_signature", "abstract_method_signature"})


def no_useless_computed_key(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-computed-key."""
    inner, owner = named(node), node.parent
    if not inner or owner is None:
        return
    key = unwrap(inner[0])
    if key.type not in ("string", "number") or (key.type == "number" and text(key).endswith("n")):
        return
    if not _can_be_plain(owner, string_value(key), context):
        return
    edits: tuple[Edit, ...] = ()
    if not context.has_comment(span(node)):
        edits = (replace(node, space_before(node, text(key), context.module.root) + text(key)),)
    where = Span(owner.start_byte, closing_token(owner).end_byte)
    yield Problem(where, {"key": text(key)}, edits=edits)


def _can_be_plain(owner: Node, value: str | None, context: Context) -> bool:
    """Whether the key means the same without brackets; some names are special only without."""
    around = owner.parent
    if around is None:
        return False
    if owner.type == "pair_pattern":
        return True
    if around.type == "object":
        return value != "__proto__"
    if around.type != "class_body" or not context.options["enforceForClassMembers"]:
        return False
    is_static = child_token(owner, "static") is not None
    if owner.type in _FIELDS:
        return value != "constructor" and not (is_static and value == "prototype")
    return owner.type in _METHODS and value != ("prototype" if is_static else "constructor")
