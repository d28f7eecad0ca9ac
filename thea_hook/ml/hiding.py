"""Code that a repair makes a comment, or a part of a string, a template or a regular expression.

Text that lost a quote or a comment marker reads as code until it has it back, so what counts is whether half of the
mark was there, and whether the text reads as prose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.change import OPAQUE, Change, code_of
from thea_hook.ml.prose import is_bare, is_prose, lines_of, statement_lines

SUPPRESSION = re.compile(
    rb"@ts-(?:ignore|nocheck|expect-error)|\b(?:eslint|tslint|oxlint|stylelint)[-:]disable|\bbiome-ignore\b|@flow\b"
    rb"|\b(?:istanbul|c8|v8)\s+ignore\b"
)
"""What comments say that speak to a checker."""


def comments_out(change: Change) -> bool:
    """Whether code is now a comment."""
    for index, lexeme in _opaque_touched(change):
        if lexeme.kind is Kind.COMMENT and _hides_code(change, lexeme, change.swallowed.get(index, [])):
            return True
    return _is_rewritten_as(change, Kind.COMMENT)


def _hides_code(change: Change, comment: Token, inside: Sequence[Token]) -> bool:
    if comment.text.startswith(b"/*"):
        if _holds_statements(change, comment):
            return True
        if inside and _was_open(change, comment, inside):
            return False
    lines = lines_of(inside, change.before)
    prose = any(map(is_prose, lines))
    return not all(_may_be_comment(line, change.before, has_prose=prose) for line in lines)


# What is left of a comment marker or of a merge, at the beginning of a line.
_MARKER_STUMP = re.compile(rb"[ \t]*(?:[<=>|]{7}|/(?!>)|\*[ /*\n]|#[ #!]|<!)")


def _may_be_comment(line: Sequence[Token], text: bytes, *, has_prose: bool) -> bool:
    """Whether a line of old code reads as a comment that lost its marker."""
    start = text.rfind(b"\n", 0, line[0].start) + 1
    if _MARKER_STUMP.match(text, start) or SUPPRESSION.search(text, start, line[-1].end) or is_prose(line):
        return True
    beside = _lines_beside(text, start)
    if is_bare(line):
        return has_prose or any(map(_MARKED_LINE.match, beside))
    # Code that was commented out, and lost its marker in one line.
    return all(other.startswith(b"//") and not is_prose(code_of(other[2:], "tsx")) for other in beside)


def _lines_beside(text: bytes, offset: int) -> tuple[bytes, bytes]:
    """The lines above and below that of an offset, without the white space around them."""
    start = text.rfind(b"\n", 0, offset) + 1
    end = text.find(b"\n", offset)
    above = text[text.rfind(b"\n", 0, max(0, start - 1)) + 1 : start]
    below = text[end + 1 :].partition(b"\n")[0] if end >= 0 else b""
    return above.strip(), below.strip()


_MARKED_LINE = re.compile(rb"//|/\*|\*(?:[ /]|$)")


def turns_into_text(change: Change) -> bool:
    """Whether code is now a part of a literal."""
    for index, lexeme in _opaque_touched(change):
        if lexeme.kind is Kind.COMMENT:
            continue
        inside = change.swallowed.get(index, [])
        if _is_wrapped(change, lexeme, inside) or _holds_statements(change, lexeme):
            return True
    return _is_rewritten_as(change, Kind.STRING, Kind.TEMPLATE, Kind.REGEX)


def _holds_statements(change: Change, lexeme: Token) -> bool:
    """Whether a template or comment goes on over statements no deeper than the line on which it begins."""
    start = change.after.rfind(b"\n", 0, lexeme.start) + 1
    line = change.after[start : lexeme.start]
    return statement_lines(lexeme.text, len(line) - len(line.lstrip())) > 1


def _opaque_touched(change: Change) -> list[tuple[int, Token]]:
    indices = {*change.swallowed, *(index for index in change.new_indices if change.new[index].kind is not Kind.WORD)}
    return [(index, change.new[index]) for index in sorted(indices) if change.new[index].kind in OPAQUE]


def _is_wrapped(change: Change, lexeme: Token, inside: Sequence[Token]) -> bool:
    """Whether code became text although nothing was open before."""
    if _stands_alone(change, lexeme) and inside:
        return True
    if sum(old.kind is not Kind.OTHER for old in inside) < 2 or _was_open(change, lexeme, inside):
        return False
    if _has_half(change, lexeme) or not _LIKE_CODE.search(lexeme.text):
        return False
    return not all(is_prose(line) or is_bare(line) for line in lines_of(inside, change.before))


def _stands_alone(change: Change, lexeme: Token) -> bool:
    """Whether a text that the repair opened and closed stands alone, where it does nothing."""
    if lexeme.kind is Kind.REGEX or _written_ends(change, lexeme) < 2:
        return False
    line_start = change.after.rfind(b"\n", 0, lexeme.start) + 1
    line_end = change.after.find(b"\n", lexeme.end)
    rest = change.after[lexeme.end : line_end if line_end >= 0 else len(change.after)]
    return not change.after[line_start : lexeme.start].strip() and rest.strip().startswith(b";")


def _written_ends(change: Change, lexeme: Token) -> int:
    """How many of the two marks around a text the repair wrote."""
    return sum(change.is_written(offset, offset + 1) for offset in (lexeme.start, lexeme.end - 1))


def _was_open(change: Change, lexeme: Token, inside: Sequence[Token]) -> bool:
    """Whether the old text has half of this lexeme: a quote without its partner, one end of a comment."""
    if lexeme.kind is Kind.COMMENT:
        return any(old.text == b"/*" for old in inside) or not change.is_end_of_comment(lexeme.end)
    if _written_ends(change, lexeme) == 1:
        return True
    mark = lexeme.text[:1]
    return mark == b"}" or any(old.kind is Kind.OTHER and old.text == mark for old in inside)


def _is_rewritten_as(change: Change, *kinds: Kind) -> bool:
    """Whether code is deleted in one place and written as text: ``f(a, b)`` for ``// f(a, b)``."""
    lost = [lexeme for cut in change.cuts for lexeme in cut.lost]
    lines = lines_of(lost, change.before)
    texts = (change.new[index] for index in change.new_indices)
    if lost and any(lexeme.kind in kinds and _stands_alone(change, lexeme) for lexeme in texts):
        return True
    code = [lexeme.text for line in lines if not (is_prose(line) or is_bare(line)) for lexeme in line]
    if not code or any(_MARKER_STUMP.match(change.before, line[0].start) for line in lines):
        return False
    for index in change.new_indices:
        lexeme = change.new[index]
        if lexeme.kind in kinds:
            written = [inner.text for inner in code_of(lexeme.text.strip(b"/*'\"` \t\r\n"), change.language)]
            common = sum((Counter(code) & Counter(written)).values())
            if written == code or (len(code) > 2 and common * 2 > len(code)):
                return not _has_half(change, lexeme)
    return False


def _has_half(change: Change, lexeme: Token) -> bool:
    """Whether a stray mark stood where the quotes of a lexeme are now: ``“a”`` for ``"a"``."""
    return any(
        old.kind is Kind.OTHER
        for cut in change.cuts
        if cut.written.start <= lexeme.end and lexeme.start <= cut.written.end
        for old in cut.old
    )


# What a path, a number or a name with dots in it has not.
_LIKE_CODE = re.compile(rb"[(){}=;]|[\w$)\]][ \t]*[-+*%&|<>?][ \t]|[A-Za-z_$][\w$]*\s+\S|\S\s+[A-Za-z_$]")
