"""Names written twice: properties, methods, imports and exports that have a shorter form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import FUNCTION_EXPRESSIONS, IDENTIFIERS
from thea_hook.languages.functions import is_async, is_generator
from thea_hook.languages.nodes import (
    COMMENTS,
    FUNCTIONS,
    child_token,
    descend,
    field,
    insert,
    named,
    property_name,
    replace,
    span,
    string_value,
    text,
    token_before,
    tokens,
    unwrap,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

# ------------------------------------------------------------------ object-shorthand

_ACCESSORS = frozenset({"get", "set"})
_OWN_THIS = FUNCTIONS - {"arrow_function"}
# A name that begins with a capital, past `$`, `_` and digits.
_CONSTRUCTOR_NAME = re.compile(r"[_$0-9]*([^_$0-9])")


def object_shorthand(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint object-shorthand."""
    mode = context.options["mode"]
    kind = node.type
    if kind == "pair":
        if mode in ("always", "methods", "properties"):
            yield from _long_form(node, mode, context)
    elif kind == "object":
        if mode in ("consistent", "consistent-as-needed"):
            yield from _mixed_forms(node, as_needed=mode == "consistent-as-needed")
    elif kind == "shorthand_property_identifier":
        if mode == "never" and text(node) != "__proto__":
            yield Problem(span(node), message="long_property", edits=(insert(node.end_byte, f": {text(node)}"),))
    elif mode == "never" or context.options["avoidQuotes"]:
        yield from _short_method(node, mode)


def _long_form(pair: Node, mode: str, context: Context) -> Iterator[Problem]:
    """Problems of ``key: value`` where ``key`` or ``key() {}`` would do."""
    written = field(pair, "value")
    key = field(pair, "key")
    if written is None or key is None:
        return
    value = unwrap(written)
    kind = value.type
    if kind in IDENTIFIERS:
        if mode != "methods":
            yield from _long_property(pair, key, value, context)
        return
    if mode == "properties":
        return
    if kind == "arrow_function":
        if not context.options["avoidExplicitReturnArrows"] or not _can_be_method(value, context):
            return
    elif kind not in FUNCTION_EXPRESSIONS or field(value, "name") is not None:
        return
    if not _is_exempt_method(pair, key, context):
        # `new` can be used with a plain function, and nobody knows who gets hold of this one
        is_plain = kind == "function_expression" and not is_async(value)
        grade = Applicability.UNSAFE if is_plain else Applicability.SAFE
        edits = _as_method(pair, key, value, context)
        yield Problem(span(pair), message="short_method", edits=edits, applicability=grade)


def _long_property(pair: Node, key: Node, value: Node, context: Context) -> Iterator[Problem]:
    name = text(value)
    if key.type == "string":
        if context.options["avoidQuotes"] or string_value(key) != name:
            return
    elif key.type != "property_identifier" or text(key) != name:
        return
    comments = context.comments_in(span(pair))
    # `/** @type {T} */` belongs to the value, and the short form has no place for it
    if name == "__proto__" or any(_is_type_comment(text(comment)) for comment in comments):
        return
    yield Problem(span(pair), message="short_property", edits=() if comments else (replace(pair, name),))


def _is_type_comment(comment: str) -> bool:
    return re.match(r"/\*\s*\*", comment) is not None and "@type" in comment


def _is_exempt_method(pair: Node, key: Node, context: Context) -> bool:
    name = property_name(pair)
    if name == "__proto__" and key.type != "computed_property_name":
        return True
    options = context.options
    if options["avoidQuotes"] and _is_quoted(key):
        return True
    if name is None:
        return False
    if options["ignoreConstructors"]:
        first = _CONSTRUCTOR_NAME.match(name)
        if first is not None and first[1] == first[1].upper() and first[1] != first[1].lower():
            return True
    pattern = options["methodsIgnorePattern"]
    return bool(pattern) and re.search(pattern, name) is not None


def _can_be_method(arrow: Node, context: Context) -> bool:
    """Whether an arrow function has a block, and nothing in it that a method would see differently."""
    body = field(arrow, "body")
    if body is None or body.type != "statement_block":
        return False
    for inner in descend(arrow, skip=_OWN_THIS):
        kind = inner.type
        if kind in ("this", "super") or (kind == "meta_property" and text(inner).startswith("new")):
            return False
        if kind == "identifier" and inner.text == b"arguments":
            variable = context.scopes.variable_at(inner)
            if variable is not None and variable.implicit:
                return False
    return True


def _as_method(pair: Node, key: Node, value: Node, context: Context) -> tuple[Edit, ...]:
    """The edit that makes ``key() {}`` of ``key: function() {}``; none where a comment would be lost."""
    end = span(value).end
    if context.has_comment(Span(key.end_byte, value.start_byte)) or context.has_comment(Span(end, span(pair).end)):
        return ()
    prefix = ("async " if is_async(value) else "") + ("*" if is_generator(value) else "") + text(key)
    if value.type == "arrow_function":
        return _arrow_as_method(pair, prefix, value, context)
    keyword = child_token(value, "*" if is_generator(value) else "function")
    if keyword is None:
        return ()
    return (replace(pair, prefix + context.slice(keyword.end_byte, end)),)


def _arrow_as_method(pair: Node, prefix: str, arrow_function: Node, context: Context) -> tuple[Edit, ...]:
    arrow = child_token(arrow_function, "=>")
    before = None if arrow is None else token_before(arrow)
    first = next((token for token in tokens(arrow_function) if token.type != "async"), None)
    if arrow is None or before is None or first is None:
        return ()
    parameters = context.slice(first.start_byte, before.end_byte)
    if field(arrow_function, "parameter") is not None:
        parameters = f"({parameters})"
    return (replace(pair, prefix + parameters + context.slice(arrow.end_byte, span(arrow_function).end)),)


def _short_method(method: Node, mode: str) -> Iterator[Problem]:
    """Problems of ``key() {}`` where ``key: function() {}`` is wanted."""
    name = field(method, "name")
    if name is None or method.parent is None or method.parent.type != "object" or _is_accessor(method):
        return
    if mode != "never" and not _is_quoted(name):
        return
    if name.type != "computed_property_name" and property_name(method) == "__proto__":
        return
    # `super` works in a method only
    if any(inner.type == "super" for inner in descend(method, skip=_OWN_THIS)):
        return
    head = ("async " if is_async(method) else "") + "function" + ("*" if is_generator(method) else "")
    where = Span(method.start_byte, name.end_byte)
    message = "long_method" if mode == "never" else "long_literal_method"
    yield Problem(span(method), message=message, edits=(replace(where, f"{text(name)}: {head}"),))


def _is_quoted(key: Node) -> bool:
    """Whether a key is a string, also one in brackets."""
    inner = named(key) if key.type == "computed_property_name" else [key]
    return bool(inner) and unwrap(inner[0]).type == "string"


def _is_accessor(member: Node) -> bool:
    return member.type == "method_definition" and any(child.type in _ACCESSORS for child in member.children)


def _mixed_forms(literal: Node, *, as_needed: bool) -> Iterator[Problem]:
    """Problems of an object that has both forms, or (``as_needed``) only long ones that all could be short."""
    properties = [
        child for child in named(literal) if child.type not in ("spread_element", "ERROR") and not _is_accessor(child)
    ]
    long = [child for child in properties if child.type == "pair"]
    if not long:
        return
    if len(long) < len(properties):
        yield Problem(span(literal), message="mixed")
    elif as_needed and all(_is_redundant(pair) for pair in long):
        yield Problem(span(literal), message="all_short")


def _is_redundant(pair: Node) -> bool:
    value, key = field(pair, "value"), field(pair, "key")
    name = property_name(pair)
    if value is None or key is None or (name == "__proto__" and key.type != "computed_property_name"):
        return False
    value = unwrap(value)
    if value.type in FUNCTION_EXPRESSIONS:
        return field(value, "name") is None
    return value.type in IDENTIFIERS and name == text(value)


# ------------------------------------------------------------------ no-useless-rename


def no_useless_rename(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-rename."""
    if node.type == "pair_pattern":
        yield from _renamed_property(node, context)
        return
    is_import = node.type == "import_specifier"
    if context.options["ignoreImport" if is_import else "ignoreExport"]:
        return
    if child_token(node, "as") is None:
        return
    names = [child for child in node.children if child.type not in _SPECIFIER_WORDS]
    if len(names) != 2 or _meant_name(names[0]) != _meant_name(names[1]):
        return
    outer, inner = names
    kind = "Import" if is_import else "Export"
    yield _rename(node, outer, inner if is_import else outer, kind, context)


# `default` is a token where it stands in the place of a name
_SPECIFIER_WORDS = COMMENTS | {"as", "type", "typeof"}


def _meant_name(node: Node) -> str | None:
    """The name that a key or identifier means; it can be a string, or be written with escapes."""
    name = text(node)
    if "\\" in name and node.type != "string":
        from thea_hook.languages.strings import cooked

        return cooked(name)
    return property_name(node)


def _renamed_property(pattern: Node, context: Context) -> Iterator[Problem]:
    if context.options["ignoreDestructuring"]:
        return
    key, value = field(pattern, "key"), field(pattern, "value")
    if key is None or value is None or key.type == "computed_property_name":
        return
    target = field(value, "left") if value.type == "assignment_pattern" else value
    if target is None or unwrap(target).type != "identifier" or _meant_name(key) != _meant_name(unwrap(target)):
        return
    problem = _rename(pattern, key, unwrap(value), "Destructuring", context)
    # the short form allows no parentheses: `{foo: (foo) = 1}`
    if value.type == "assignment_pattern" and target.type == "parenthesized_expression":
        problem = Problem(problem.span, problem.data)
    yield problem


def _rename(node: Node, first: Node, kept: Node, kind: str, context: Context) -> Problem:
    lost = len(context.comments_in(span(node))) - len(context.comments_in(span(kept)))
    edit = replace(Span(first.start_byte, node.end_byte), text(kept))
    name = _meant_name(first) or ""
    return Problem(span(node), data={"kind": kind, "name": name}, edits=() if lost else (edit,))
