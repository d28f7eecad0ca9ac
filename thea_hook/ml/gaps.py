"""The lines of a text and the white space between its lexemes, as they are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import PUNCTUATORS, Lexemes

TIGHT_BEFORE = frozenset(b", ; ) ] . ?. : > ++ --".split())
"""What has no blank before it, more often than not."""


def line_of(lexemes: Lexemes, index: int) -> tuple[int, int]:
    """The first and the last lexeme that begin on the line of this one."""
    first = last = index
    while first and not lexemes.newlines_before[first]:
        first -= 1
    while last + 1 < len(lexemes) and not lexemes.newlines_before[last + 1]:
        last += 1
    return first, last


def gap_before(lexemes: Lexemes, index: int) -> bytes:
    """The white space before a lexeme."""
    start = lexemes.ends[index - 1] if index else 0
    return lexemes.text[start : lexemes.starts[index] if index < len(lexemes) else len(lexemes.text)]


def indentation_of(lexemes: Lexemes, index: int) -> bytes:
    start = lexemes.text.rfind(b"\n", 0, lexemes.starts[index]) + 1
    line = lexemes.text[start : lexemes.starts[index]]
    return line[: len(line) - len(line.lstrip())]


def is_above(lexemes: Lexemes, first: int, second: int) -> bool:
    """Whether a line ends between the two."""
    return any(lexemes.newlines_before[first + 1 : second + 1])


def is_shifted(lexemes: Lexemes, index: int) -> bool:
    """Whether the line that begins here is indented by one blank too many: the one behind what was lost."""
    if not 0 < index < len(lexemes):
        return False
    return lexemes.indents[index] % 2 == 1 and lexemes.indents[index - 1] % 2 == 0


def begins_line(lexemes: Lexemes, index: int) -> bool:
    """Whether nothing but white space is before a lexeme on its line."""
    return index == 0 or lexemes.newlines_before[index] > 0


def line_end_of(lexemes: Lexemes) -> bytes:
    """What the text ends its lines with."""
    return b"\r\n" if b"\r\n" in lexemes.text else b"\n"


def ends_in_line_comment(lexemes: Lexemes, index: int) -> bool:
    """Whether the lexeme before this one is a comment that only a line feed ends."""
    return index > 0 and lexemes.texts[index - 1][:2] == b"//"


def kept_apart(lexemes: Lexemes, edit: Edit, is_one: Callable[[bytes, bytes], bool]) -> Edit:
    """The edit, with blanks between lexemes that would meet and be read as one."""
    (start, end), written = edit
    left, right = bisect_left(lexemes.ends, start), bisect_left(lexemes.starts, end)
    before = lexemes.texts[left] if left < len(lexemes) and lexemes.ends[left] == start else b""
    behind = lexemes.texts[right] if right < len(lexemes) and lexemes.starts[right] == end else b""
    if not written:
        return Edit(edit.span, b" ") if is_one(before, behind) else edit
    if is_one(before, written):
        written = b" " + written
    return Edit(edit.span, written + b" " if is_one(written, behind) else written)


def are_one(left: bytes, right: bytes) -> bool:
    """Whether two lexemes that touch are read as one: ``a`` and ``as``, ``+`` and ``+``."""
    return are_one_word(left, right) or right.startswith(_RESTS.get(left, ()))


def are_one_word(left: bytes, right: bytes) -> bool:
    return _WORD_BYTE.match(left[-1:]) is not None and _WORD_BYTE.match(right) is not None


_WORD_BYTE = re.compile(rb"[\w$\\\x80-\xff]")
# What makes a longer mark of one; but for `>>`, which closes two lists of type arguments.
_LONGER = (*(mark for mark in PUNCTUATORS if mark.strip(b">")), b"//", b"/*")
_RESTS = {
    mark: tuple(longer[len(mark) :] for longer in _LONGER if longer != mark and longer.startswith(mark))
    for mark in PUNCTUATORS
}


def at(offset: int, written: bytes) -> Edit:
    return Edit(Span(offset, offset), written)
