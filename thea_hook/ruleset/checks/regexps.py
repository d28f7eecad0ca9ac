"""Rules about regular expressions, as literals and as arguments of ``RegExp``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import Span
from thea_hook.languages.functions import bare_arguments, callee_of
from thea_hook.languages.global_uses import calls_of, is_global_name
from thea_hook.languages.nodes import field, replace, span, text
from thea_hook.languages.regexp import (
    Alternative,
    Backreference,
    CapturingGroup,
    Character,
    CharacterClass,
    Flags,
    Lookaround,
    Node,
    Pattern,
    RegExpSyntaxError,
    RegExpTooDeep,
    ancestors,
    parse_pattern,
    walk,
)
from thea_hook.languages.static_value import static_value, string_units
from thea_hook.languages.strings import Decoded, code_points, decode_plain
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode

    from thea_hook.ruleset.context import Context

VALID_FLAGS = "dgimsuvy"


class Source(NamedTuple):
    """A pattern that stands in the source: its units with their bytes, its flags, and what to report."""

    node: SyntaxNode
    pattern: Decoded
    flags: str


def tree(pattern: str, flags: str) -> Pattern | None:
    """The pattern's tree, or None where it is not valid."""
    if "u" in flags and "v" in flags:
        return None
    try:
        return parse_pattern(pattern, Flags.of(flags))
    except RegExpSyntaxError:
        return None


def literal(node: SyntaxNode, context: Context) -> Source:
    """A regular expression literal."""
    pattern, flags = field(node, "pattern"), field(node, "flags")
    where = Span(node.start_byte + 1, node.start_byte + 1) if pattern is None else span(pattern)
    return Source(node, decode_plain(context.text, where), "" if flags is None else text(flags))


def is_regexp_call(call: SyntaxNode, context: Context) -> bool:
    """Whether a call or ``new`` is one of the global ``RegExp`` by its plain name."""
    called = callee_of(call)
    return called is not None and is_global_name(called, "RegExp", context.scopes)


def constructed(call: SyntaxNode, context: Context) -> tuple[SyntaxNode, Decoded, str | None] | None:
    """The pattern of ``RegExp("..", "..")`` with its node, and its flags: None where they are no string literal."""
    if not is_regexp_call(call, context):
        return None
    args = bare_arguments(call)
    if not args or args[0].type != "string":
        return None
    pattern = string_units(args[0], context.text)
    if pattern is None:
        return None
    if len(args) < 2:
        return args[0], pattern, ""
    return args[0], pattern, _string(args[1], context)


def _string(node: SyntaxNode, context: Context) -> str | None:
    decoded = string_units(node, context.text) if node.type == "string" else None
    return None if decoded is None else decoded.value


# ------------------------------------------------------------------ no-regex-spaces

_SPACES = re.compile(r"( {2,})(?: [+*{?]|[^+*{?]|\Z)")


def no_regex_spaces(node: SyntaxNode, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-regex-spaces."""
    if node.type == "regex":
        source = literal(node, context)
    else:
        call = constructed(node, context)
        if call is None or call[2] is None or "  " not in text(call[0]):
            return
        source = Source(node, call[1], call[2])
    if "  " not in source.pattern.value:
        return
    pattern = tree(source.pattern.value, source.flags)
    if pattern is None:
        return
    classes = [part for part in walk(pattern) if isinstance(part, CharacterClass)]
    for match in _SPACES.finditer(source.pattern.value):
        start, end = match.span(1)
        if any(part.start <= start < part.end for part in classes):
            continue
        where = source.pattern.span(start, end)
        # escapes in a string would have to be written again
        is_plain = context.text[where.start : where.end] == b" " * (end - start) and not _has_escapes(source, context)
        edits = (replace(where, f" {{{end - start}}}"),) if is_plain else ()
        yield Problem(span(node), data={"count": str(end - start)}, edits=edits)
        return


def _has_escapes(source: Source, context: Context) -> bool:
    if source.node.type == "regex":
        return False
    return "\\" in text(bare_arguments(source.node)[0])


# ------------------------------------------------------------------ no-control-regex


def no_control_regex(node: SyntaxNode, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-control-regex."""
    if node.type == "regex":
        source = literal(node, context)
    else:
        call = constructed(node, context)
        if call is None:
            return
        source = Source(call[0], call[1], call[2] or "")
    pattern = tree(source.pattern.value, source.flags)
    if pattern is None:
        return
    units = source.pattern.value
    found = [
        f"\\x{part.value:02x}"
        for part in walk(pattern)
        if isinstance(part, Character)
        and part.value <= 0x1F
        and (ord(units[part.start]) == part.value or units.startswith(("\\x", "\\u"), part.start))
    ]
    if found:
        yield Problem(span(source.node), data={"characters": ", ".join(found)})


# ------------------------------------------------------------------ no-empty-character-class


def no_empty_character_class(node: SyntaxNode, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-empty-character-class."""
    if b"[]" not in (node.text or b""):
        return
    source = literal(node, context)
    pattern = tree(source.pattern.value, source.flags)
    for part in () if pattern is None else walk(pattern):
        if isinstance(part, CharacterClass) and not part.negate and not part.elements:
            yield Problem(span(node))


# ------------------------------------------------------------------ no-invalid-regexp


def no_invalid_regexp(node: SyntaxNode, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-invalid-regexp; literals too, which ESLint's parser refuses before any rule runs."""
    if node.type == "regex":
        source = literal(node, context)
        message = _flags_error(source.flags, VALID_FLAGS) or _pattern_error(source.pattern.value, source.flags)
    else:
        message = _call_error(node, context)
    if message is not None:
        yield Problem(span(node), data={"problem": message})


def _call_error(call: SyntaxNode, context: Context) -> str | None:
    if not is_regexp_call(call, context):
        return None
    args = bare_arguments(call)
    flags = "" if len(args) < 2 else _string(args[1], context)
    allowed = VALID_FLAGS + "".join(context.options["allowConstructorFlags"])
    if flags is not None and (message := _flags_error(flags, allowed)) is not None:
        return message
    pattern = _string(args[0], context) if args else None
    if pattern is None:
        return None
    if flags is not None:
        return _pattern_error(pattern, flags)
    # flags that are not known: an error only where no flags would make the pattern valid
    errors = [_pattern_error(pattern, tried) for tried in ("u", "v", "")]
    return errors[-1] if all(errors) else None


def _flags_error(flags: str, allowed: str) -> str | None:
    if "u" in flags and "v" in flags:
        return "Regex 'u' and 'v' flags cannot be used together"
    rest = flags
    for flag in allowed:
        rest = rest.replace(flag, "", 1)
    duplicates = "".join(flag for flag in rest if flag in allowed)
    if duplicates:
        return f"Duplicate flags ('{duplicates}') supplied to RegExp constructor"
    return f"Invalid flags supplied to RegExp constructor '{rest}'" if rest else None


def _pattern_error(pattern: str, flags: str) -> str | None:
    try:
        parse_pattern(pattern, Flags.of(flags))
    except RegExpTooDeep:
        return None
    except RegExpSyntaxError as problem:
        shown = "".join(flag for flag in "uv" if flag in flags)
        return f"Invalid regular expression: /{code_points(pattern)}/{shown}: {problem.message}"
    return None


# ------------------------------------------------------------------ no-useless-backreference


def no_useless_backreference(node: SyntaxNode, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-useless-backreference."""
    if node.type == "regex":
        source = literal(node, context)
        yield from _useless_references(node, source.pattern.value, source.flags)
        return
    for use in calls_of(("RegExp",), context.scopes, context.globals):
        args = bare_arguments(use.node)
        pattern = static_value(args[0], context.text, context.scopes) if args else None
        flags = static_value(args[1], context.text, context.scopes) if len(args) > 1 else None
        if pattern is not None:
            yield from _useless_references(use.node, pattern.to_string(), "" if flags is None else flags.to_string())


def _useless_references(node: SyntaxNode, units: str, flags: str) -> Iterator[Problem]:
    pattern = tree(units, flags) if "\\" in units else None
    if pattern is None:
        return
    for reference in walk(pattern):
        if not isinstance(reference, Backreference):
            continue
        problems = [(group, why) for group in reference.resolved if (why := _useless(reference, group))]
        if not problems or len(problems) < len(reference.resolved):
            continue
        # of several groups with one name, those in the reference's own alternative say more
        shown = [entry for entry in problems if entry[1] != "disjunctive"] or problems
        group, why = shown[0]
        others = {1: "", 2: " and another group"}.get(len(shown), f" and other {len(shown) - 1} groups")
        data = {
            "reference": code_points(units[reference.start : reference.end]),
            "group": code_points(units[group.start : group.end]),
            "others": others,
        }
        yield Problem(span(node), message=why, data=data)


def _useless(reference: Backreference, group: CapturingGroup) -> str | None:
    """Why a reference can never see what the group matched, or None."""
    around: set[Node] = set(ancestors(reference))
    if group in around:
        return "nested"
    own: list[Node] = [group]
    common = group.parent
    while common is not None and common not in around:
        own.append(common)
        common = common.parent
    assert common is not None
    shared = [common, *ancestors(common)]
    lookaround = next((node for node in shared if isinstance(node, Lookaround)), None)
    is_backward = lookaround is not None and lookaround.kind == "lookbehind"
    if isinstance(own[-1], Alternative):
        return "disjunctive"
    if not is_backward and reference.end <= group.start:
        return "forward"
    if is_backward and group.end <= reference.start:
        return "backward"
    if any(isinstance(node, Lookaround) and node.negate for node in own):
        return "into-negative-lookaround"
    return None
