"""Rules about what is written between quotes: escapes that do nothing, or not what they seem to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import (
    MEMBERS,
    is_statement_start,
    is_tagged_template,
    needs_semicolon_before,
)
from thea_hook.languages.functions import callee_of
from thea_hook.languages.global_uses import is_global_name
from thea_hook.languages.layout import newline
from thea_hook.languages.nodes import field, insert, named, operator, remove, replace, span, text
from thea_hook.languages.regexp import Character, CharacterClass, ancestors, same_structure, walk
from thea_hook.languages.static_value import string_units
from thea_hook.languages.strings import utf16
from thea_hook.ruleset.checks.regexps import literal, tree
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context


def _is_jsx_attribute(node: Node) -> bool:
    """Whether a string is the value of a JSX attribute, where a backslash is a character like any other."""
    return node.parent is not None and node.parent.type == "jsx_attribute"


# ------------------------------------------------------------------ no-useless-escape

_ESCAPE = re.compile(r"\\\D", re.DOTALL)
_STRING_ESCAPES = frozenset("\\nrvtbfux\n\r\u2028\u2029")
_PATTERN_ESCAPES = frozenset("\\bcdDfnpPrsStvwWxu0123456789]")
_OUTSIDE_CLASS = _PATTERN_ESCAPES | frozenset("^/.$*+?[{}|()Bk")
_IN_CLASS_SET = _PATTERN_ESCAPES | frozenset("q/[{}|()-")
_DOUBLE_PUNCTUATORS = frozenset("!#$%&*+,.:;<=>?@^`~")


def no_useless_escape(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-escape."""
    if b"\\" not in (node.text or b""):
        return
    if node.type == "regex":
        yield from _useless_in_pattern(node, context)
    elif node.type == "string":
        if not _is_jsx_attribute(node):
            yield from _useless_in_string(node, context)
    elif node.parent is None or node.parent.type != "call_expression" or not is_tagged_template(node.parent):
        yield from _useless_in_template(node, context)


def _useless_in_string(node: Node, context: Context) -> Iterator[Problem]:
    raw = text(node)
    is_pattern = _is_pattern(node, context)
    for match in _ESCAPE.finditer(raw):
        escaped = match.group()[1]
        if escaped in _STRING_ESCAPES or escaped == raw[0]:
            continue
        # `\"` only looks odd; of `\d` or `\.` one cannot know whether the backslash was meant to stay
        is_safe = escaped in "'\"" and node.parent is not None and node.parent.type != "expression_statement"
        offset = node.start_byte + len(raw[: match.start()].encode("utf-8", "surrogateescape"))
        if (is_pattern and escaped in _MEANT_FOR_PATTERN) or _is_path_before(raw, match.start()):
            yield _doubled(offset, escaped)
        else:
            yield _useless(offset, escaped, Applicability.SAFE if is_safe else Applicability.DISPLAY)


_WINDOWS_PATH = re.compile(r"\b[A-Za-z]:(?:\\{1,2}[\w.~-]+)*\Z")
_LONGEST_PATH = 200


def _is_path_before(raw: str, end: int) -> bool:
    return _WINDOWS_PATH.search(raw, max(0, end - _LONGEST_PATH), end) is not None


_MEANT_FOR_PATTERN = frozenset(".*+?^$()[]{}|dDwWsSB")
_PARTS_OF_TEXT = frozenset(
    {"binary_expression", "parenthesized_expression", "template_string", "template_substitution"}
)


def _is_pattern(node: Node, context: Context) -> bool:
    """Whether a text becomes a part of a regular expression, for which its backslashes were written."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _PARTS_OF_TEXT:
        child, parent = parent, parent.parent
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    if call is None or parent is None or named(parent)[0] != child:
        return False
    callee = callee_of(call)
    return callee is not None and is_global_name(callee, "RegExp", context.scopes)


def _useless_in_template(node: Node, context: Context) -> Iterator[Problem]:
    position = node.start_byte
    is_pattern = _is_pattern(node, context)
    for end in (*(child.start_byte for child in node.children if child.type in _SUBSTITUTIONS), node.end_byte):
        raw = context.slice(position, end)
        for match in _ESCAPE.finditer(raw):
            escaped = match.group()[1]
            if escaped == "$":
                is_useless = raw[match.end() : match.end() + 1] != "{"
            elif escaped == "{":
                is_useless = raw[match.start() - 1] != "$"
            else:
                is_useless = escaped not in _STRING_ESCAPES and escaped != "`"
            if is_useless:
                offset = position + len(raw[: match.start()].encode("utf-8", "surrogateescape"))
                grade = Applicability.SAFE if escaped in "'\"" else Applicability.DISPLAY
                is_meant = is_pattern and escaped in _MEANT_FOR_PATTERN
                yield _doubled(offset, escaped) if is_meant else _useless(offset, escaped, grade)
        position = next((child.end_byte for child in node.children if child.start_byte == end), end)


_SUBSTITUTIONS = frozenset({"template_substitution", "template_type"})


def _useless_in_pattern(node: Node, context: Context) -> Iterator[Problem]:
    source = literal(node, context)
    pattern = tree(source.pattern.value, source.flags)
    if pattern is None:
        return
    units = source.pattern.value
    allowed_by_user = context.options["allowRegexCharacters"]
    for part in walk(pattern):
        if not isinstance(part, Character) or not units.startswith("\\", part.start):
            continue
        escaped = units[part.start + 1 : part.end]
        stands_for_itself = escaped == utf16(chr(part.value))
        if stands_for_itself and escaped not in allowed_by_user and _is_useless_in(part, units, source.flags):
            where = source.pattern.span(part.start, part.end)
            # in `x{1\,2}` the character would, bare, be part of a quantifier
            bare = tree(units[: part.start] + units[part.start + 1 :], source.flags)
            is_same = bare is not None and same_structure(pattern, bare)
            grade = Applicability.SAFE if is_same else Applicability.DISPLAY
            yield _useless(where.start, context.slice(where.start + 1, where.end), grade)


def _is_useless_in(part: Character, units: str, flags: str) -> bool:
    escaped = units[part.start + 1 : part.end]
    around = next((node for node in ancestors(part) if isinstance(node, CharacterClass)), None)
    if around is None:
        return escaped not in _OUTSIDE_CLASS
    if "v" in flags:
        return escaped not in _IN_CLASS_SET and not _is_needed_in_class_set(part, around, units)
    if escaped in _PATTERN_ESCAPES:
        return False
    is_first = part.start == around.start + 1
    if escaped == "^":
        return not is_first
    return escaped != "-" or is_first or part.end == around.end - 1


def _is_needed_in_class_set(part: Character, around: CharacterClass, units: str) -> bool:
    """Whether the character would, bare, make a set operator, a reserved pair or a negation."""
    escaped = units[part.start + 1 : part.end]
    if escaped == "^" and part.start == around.start + 1:
        return True
    if escaped not in _DOUBLE_PUNCTUATORS:
        return False
    if units[part.end : part.end + 1] == escaped:
        return True
    if units[part.start - 1] != escaped:
        return False
    # the caret before it is the class's own negation
    return escaped != "^" or not around.negate or around.start + 1 < part.start - 1


def _useless(offset: int, character: str, grade: Applicability) -> Problem:
    where = Span(offset, offset + 1)
    return Problem(where, data={"character": character}, edits=(remove(where),), applicability=grade)


def _doubled(offset: int, character: str) -> Problem:
    """The same where a backslash of a regular expression was meant to reach it."""
    data = {"character": character}
    edits = (insert(offset, "\\"),)
    return Problem(Span(offset, offset + 1), data, "", edits, "Double the backslash", Applicability.UNSAFE)


# ------------------------------------------------------------------ no-nonoctal-decimal-escape

_ANY_ESCAPE = re.compile(r"\\.", re.DOTALL)


def no_nonoctal_decimal_escape(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-nonoctal-decimal-escape."""
    raw = text(node)
    if ("\\8" not in raw and "\\9" not in raw) or _is_jsx_attribute(node):
        return
    previous: re.Match[str] | None = None
    for match in _ANY_ESCAPE.finditer(raw):
        digit = match.group()[1]
        if digit in "89":
            end = node.start_byte + len(raw[: match.end()].encode("utf-8", "surrogateescape"))
            where = Span(end - 2, end)
            follows_null = previous is not None and previous.group() == "\\0" and previous.end() == match.start()
            # without the backslash, `\0` and the digit would be read as one octal escape
            edit = replace(Span(end - 4, end), f"\\u0000{digit}") if follows_null else replace(where, digit)
            yield Problem(where, data={"digit": digit}, edits=(edit,))
        previous = match


# ------------------------------------------------------------------ no-octal-escape

_MAYBE_OCTAL = re.compile(rb"\\[0-7]")
_OCTAL_ESCAPE = re.compile(r"(?:[^\\]|\\.)*?\\([0-3][0-7]{1,2}|[4-7][0-7]|0(?=[89])|[1-7])", re.DOTALL)


def no_octal_escape(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-octal-escape."""
    if _MAYBE_OCTAL.search(node.text or b"") is None or _is_jsx_attribute(node):
        return
    match = _OCTAL_ESCAPE.match(text(node))
    if match is not None:
        edits = (replace(node, _ANY_SEQUENCE.sub(_as_hexadecimal, text(node))),)
        yield Problem(span(node), data={"sequence": match[1]}, edits=edits)


_ANY_SEQUENCE = re.compile(r"\\(?:(?P<octal>[0-3][0-7]{1,2}|[4-7][0-7]|0(?=[89])|[1-7])|.)", re.DOTALL)


def _as_hexadecimal(match: re.Match[str]) -> str:
    return match[0] if match["octal"] is None else f"\\x{int(match['octal'], 8):02X}"


# ------------------------------------------------------------------ no-multi-str

_LINE_BREAK = re.compile(r"[\n\r\u2028\u2029]")
_CONTINUATION = re.compile(r"(?s)((?:[^\\]|\\(?!\r\n|[\n\r\u2028\u2029]).)*)(\\(?:\r\n|[\n\r\u2028\u2029])|\Z)")
_TAKES_A_SUM = frozenset(
    {
        *("arguments", "array", "arrow_function", "assignment_expression", "augmented_assignment_expression", "pair"),
        *("parenthesized_expression", "return_statement", "template_substitution", "throw_statement"),
        *("variable_declarator",),
    }
)


def no_multi_str(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-multi-str."""
    if _LINE_BREAK.search(text(node)) is not None and not _is_jsx_attribute(node):
        # TypeScript knows of a literal what it is, of a sum only that it is a string
        grade = Applicability.UNSAFE if context.is_typescript else None
        yield Problem(span(node), edits=_line_by_line(node, context), applicability=grade)


def _line_by_line(node: Node, context: Context) -> tuple[Edit, ...]:
    """The edit that makes a sum of the lines; nothing where a string is no operand."""
    parent = node.parent
    is_operand = parent is not None and (
        parent.type in _TAKES_A_SUM or (parent.type == "binary_expression" and operator(parent) == "+")
    )
    is_owner = parent is not None and parent.type in MEMBERS and field(parent, "object") == node
    if not (is_operand or is_owner) or (parent is not None and field(parent, "key") == node) or _is_attribute(node):
        return ()
    quote, body = text(node)[0], text(node)[1:-1]
    parts = [part for part, _ in _CONTINUATION.findall(body) if part]
    start = context.text.rfind(b"\n", 0, node.start_byte) + 1
    lead = re.match(r"[ \t]*", context.slice(start, node.start_byte))
    step = re.search(rb"\n( +|\t+)\S", context.text[: node.start_byte])
    indent = ("" if lead is None else lead[0]) + ("  " if step is None else step[1].decode())
    new = f" +{newline(context.text)}{indent}".join(f"{quote}{part}{quote}" for part in parts) or quote * 2
    if not is_owner or len(parts) < _FEWEST_JOINED:
        return (replace(node, new),)
    semicolon = ";" if is_statement_start(node) and needs_semicolon_before(node) else ""
    return (replace(node, f"{semicolon}({new})"),)


_FEWEST_JOINED = 2


def _is_attribute(node: Node) -> bool:
    """Whether a string is an attribute of an import, for which a module takes nothing but a literal."""
    pair = node.parent
    around = pair.parent.parent if pair is not None and pair.type == "pair" and pair.parent is not None else None
    return around is not None and around.type == "import_attribute"


# ------------------------------------------------------------------ no-template-curly-in-string


def no_template_curly_in_string(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-template-curly-in-string."""
    if b"{" not in (node.text or b""):
        return
    decoded = None if _is_jsx_attribute(node) else string_units(node, context.text)
    if _has_placeholder(text(node) if decoded is None else decoded.value):
        yield Problem(span(node), edits=_as_template(node, context))


_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_PATH = re.compile(r"(this|[A-Za-z_$][\w$]*)(?:\.[A-Za-z_$][\w$]*)*")


def _as_template(node: Node, context: Context) -> tuple[Edit, ...]:
    """Backquotes for the quotes, if all that would be put in is a name of the file, or a property of one."""
    raw = text(node)[1:-1]
    parent = node.parent
    is_key = parent is not None and (field(parent, "key") == node or parent.type in _NOT_EXPRESSIONS)
    if _is_attribute(node):
        return ()
    if "`" in raw or is_key or raw.count("${") != len(_PLACEHOLDER.findall(raw)) or "\\$" in raw or "$\\{" in raw:
        return ()
    paths = [_PATH.fullmatch(placeholder) for placeholder in _PLACEHOLDER.findall(raw)]
    names = [None if path is None else path[1] for path in paths]
    if not names or not all(name and name != "this" and context.scopes.lookup(name, node) for name in names):
        return ()
    quote = text(node)[0]
    if re.search(r"\\[1-9]|\\0\d", raw):
        return ()
    return (replace(node, f"`{raw.replace(chr(92) + quote, quote)}`"),)


_NOT_EXPRESSIONS = frozenset({"expression_statement", "import_statement", "export_statement", "literal_type"})


def _has_placeholder(value: str) -> bool:
    """Whether the text has a ``${..}`` with something in it; by steps, as a pattern would try every pair of ends."""
    start = value.find("${")
    while start >= 0:
        end = value.find("}", start + 2)
        if end != start + 2:
            return end >= 0
        start = value.find("${", end)
    return False
