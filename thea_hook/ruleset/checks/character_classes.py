"""The rule about characters in a class that read as one but count as several."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.functions import bare_arguments
from thea_hook.languages.global_uses import calls_of
from thea_hook.languages.nodes import insert, span
from thea_hook.languages.regexp import Character, CharacterClass, ClassElement, ClassRange, Pattern, walk
from thea_hook.languages.static_value import static_value, string_units
from thea_hook.languages.strings import Decoded, utf16
from thea_hook.ruleset.checks.regexps import literal, tree
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.context import Context

ZERO_WIDTH_JOINER = 0x200D
_CODE_POINT_ESCAPE = re.compile(r"\\u\{[0-9a-fA-F]+\}")

Sequences = Iterator[Sequence[Character]]


class _Subject(NamedTuple):
    """A pattern to look at. ``decoded`` is None where the pattern is put together: then the whole node is reported."""

    node: Node
    pattern: str
    flags: str
    decoded: Decoded | None
    unicode_edit: Edit | None
    """What would add the ``u`` flag."""


def no_misleading_character_class(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-misleading-character-class. Once a file: a call of RegExp can replace a literal's flags."""
    seen: set[int] = set()
    if b"RegExp" in context.text:
        for subject in _constructed(context, seen):
            yield from _check(subject, context)
    if _may_mislead(context.text.isascii(), b"\\u" in context.text):
        for regex in context.module.nodes("regex"):
            if regex.start_byte not in seen:
                yield from _check(_literal_subject(regex, context), context)


def _may_mislead(is_ascii: bool, has_unicode_escape: bool) -> bool:
    """Whether a text can hold one of the characters in question at all; most files and patterns cannot."""
    return not is_ascii or has_unicode_escape


def _literal_subject(node: Node, context: Context) -> _Subject:
    source = literal(node, context)
    edit = insert(node.end_byte, "u")
    return _Subject(node, source.pattern.value, source.flags, source.pattern, edit)


def _constructed(context: Context, seen: set[int]) -> Iterator[_Subject]:
    """The patterns given to ``RegExp``; a literal that gets new flags there is not looked at with its own."""
    for use in calls_of(("RegExp",), context.scopes, context.globals):
        args = bare_arguments(use.node)
        if not args or any(argument.type == "spread_element" for argument in args[:2]):
            continue
        first = args[0]
        decoded = string_units(first, context.text)
        if first.type == "regex":
            if len(args) == 1:
                continue
            seen.add(first.start_byte)
            decoded = literal(first, context).pattern
            pattern = decoded.value
        else:
            value = static_value(first, context.text, context.scopes)
            if value is None:
                continue
            pattern = value.to_string()
        if len(args) == 1:
            yield _Subject(first, pattern, "", decoded, _flag_argument(use.node))
            continue
        flags = static_value(args[1], context.text, context.scopes)
        if flags is not None:
            yield _Subject(first, pattern, flags.to_string(), decoded, _flag_in_argument(args[1]))


def _flag_argument(call: Node) -> Edit | None:
    """A second argument ``"u"`` for a call that has one."""
    container = call.child_by_field_name("arguments")
    if container is None or container.child_count < 2:
        return None
    last = [child for child in container.children if child.type != "comment"][-2]
    return insert(last.end_byte, ' "u",' if last.type == "," else ', "u"')


def _flag_in_argument(flags: Node) -> Edit | None:
    """``u`` at the end of a string that gives the flags."""
    return insert(flags.end_byte - 1, "u") if flags.type in ("string", "template_string") else None


def _check(subject: _Subject, context: Context) -> Iterator[Problem]:
    units = subject.pattern
    if "[" not in units or not _may_mislead(units.isascii(), "\\u" in units):
        return
    pattern = tree(units, subject.flags)
    if pattern is None:
        return
    for kind, characters in _misleading(pattern, subject, context):
        edits: tuple[Edit, ...] = ()
        if kind == "surrogate-pair-without-u" and subject.unicode_edit is not None and tree(units, "u"):
            edits = (subject.unicode_edit,)
        yield Problem(_place(subject, characters), message=kind, edits=edits)
        if subject.decoded is None:
            return


def _place(subject: _Subject, characters: Sequence[Character]) -> Span:
    if subject.decoded is None:
        return span(subject.node)
    return subject.decoded.span(characters[0].start, characters[-1].end)


def _misleading(pattern: Pattern, subject: _Subject, context: Context) -> Iterator[tuple[str, Sequence[Character]]]:
    allow_escape = context.options["allowEscape"]
    classes = [part for part in walk(pattern) if isinstance(part, CharacterClass)]
    runs = [run for part in classes for run in _runs(part.elements)]
    for kind, find in _KINDS.items():
        for run in runs:
            for found in find(run, subject.pattern):
                if not (allow_escape and any(_is_escape(part, subject, context) for part in _marks(kind, found))):
                    yield kind, found


def _runs(elements: Sequence[ClassElement]) -> Iterator[list[Character]]:
    """The characters of a class that stand side by side; a range belongs to both its sides."""
    run: list[Character] = []
    for element in elements:
        if isinstance(element, Character):
            run.append(element)
        elif isinstance(element, ClassRange):
            yield [*run, element.first]
            run = [element.last]
        else:
            yield run
            run = []
    yield run


def _marks(kind: str, found: Sequence[Character]) -> Sequence[Character]:
    """Those characters of a sequence that an escape makes acceptable: for a combining mark only the mark itself."""
    return found[1:] if kind == "combining-class" else found


def _is_escape(character: Character, subject: _Subject, context: Context) -> bool:
    """Whether a character is written as an escape that names it: ``\\u0301``, but not a backslash before the mark."""
    if subject.decoded is None:
        return False
    where = subject.decoded.span(character.start, character.end)
    written = context.text[where.start : where.end].decode("utf-8", "surrogatepass")
    if not written.startswith("\\"):
        return False
    rest = written.lstrip("\\")
    return len(rest) != 1 or chr(character.value) not in (rest, *utf16(rest))


# ------------------------------------------------------------------ kinds of sequences


def _is_code_point_escape(character: Character, pattern: str) -> bool:
    return _CODE_POINT_ESCAPE.fullmatch(pattern, character.start, character.end) is not None


def _is_surrogate_pair(first: Character, second: Character) -> bool:
    return 0xD800 <= first.value < 0xDC00 <= second.value < 0xE000


def _is_combining(character: Character) -> bool:
    return unicodedata.category(chr(character.value)).startswith("M")


def _is_emoji_modifier(character: Character) -> bool:
    return 0x1F3FB <= character.value <= 0x1F3FF


def _is_regional_indicator(character: Character) -> bool:
    return 0x1F1E6 <= character.value <= 0x1F1FF


def _pairs(accept: Callable[[Character, Character, str], bool]) -> Callable[[Sequence[Character], str], Sequences]:
    def find(run: Sequence[Character], pattern: str) -> Sequences:
        for first, second in pairwise(run):
            if accept(first, second, pattern):
                yield (first, second)

    return find


def _joined(run: Sequence[Character], _: str) -> Sequences:
    """Sequences held together by zero-width joiners, each as long as it goes on."""
    sequence: list[Character] = []
    for before, joiner, after in zip(run, run[1:], run[2:], strict=False):
        if joiner.value != ZERO_WIDTH_JOINER or ZERO_WIDTH_JOINER in (before.value, after.value):
            continue
        if sequence and sequence[-1] is before:
            sequence += (joiner, after)
        else:
            if sequence:
                yield sequence
            sequence = [before, joiner, after]
    if sequence:
        yield sequence


def _has_code_point_escape(first: Character, second: Character, pattern: str) -> bool:
    return _is_code_point_escape(first, pattern) or _is_code_point_escape(second, pattern)


_KINDS: dict[str, Callable[[Sequence[Character], str], Sequences]] = {
    "surrogate-pair-without-u": _pairs(
        lambda first, second, pattern: (
            _is_surrogate_pair(first, second) and not _has_code_point_escape(first, second, pattern)
        )
    ),
    "surrogate-pair": _pairs(
        lambda first, second, pattern: (
            _is_surrogate_pair(first, second) and _has_code_point_escape(first, second, pattern)
        )
    ),
    "combining-class": _pairs(lambda first, second, _: _is_combining(second) and not _is_combining(first)),
    "emoji-modifier": _pairs(lambda first, second, _: _is_emoji_modifier(second) and not _is_emoji_modifier(first)),
    "regional-indicator": _pairs(
        lambda first, second, _: _is_regional_indicator(first) and _is_regional_indicator(second)
    ),
    "joined": _joined,
}
