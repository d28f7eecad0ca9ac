"""The lines of a text and the white space between its lexemes, as they are."""

from __future__ import annotations

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import Lexemes

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


def at(offset: int, written: bytes) -> Edit:
    return Edit(Span(offset, offset), written)
