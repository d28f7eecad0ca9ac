"""Semantic validation: which repairs silence the parser without mending the program.

A text can always be made to parse by taking away what does not: by deleting it, by making it a comment or a string, by
leaving before it is reached. Those are refused, and so are the ways to silence a checker. What people do delete when
they mend a file is allowed: remains of a merge, a line that is there twice, stray words and brackets, the beginning of
a line that was never finished.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.source import Language
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.change import OPAQUE, Change, Cut, code_of
from thea_hook.ml.prose import is_bare, is_prose, lines_of, statement_lines
from thea_hook.ml.stray import is_stray

if TYPE_CHECKING:
    from tree_sitter import Node


class Refusal(Enum):
    """Why a repair is not offered; the value is the reason as a sentence says it."""

    EDITS_CLASH = "two of its edits overlap, or one lies outside the text"
    OUTSIDE_REGION = "it changes the text far from the error"
    NOTHING_TO_MEND = "the text parses as it is"
    STILL_BROKEN = "the text does not parse with it either"
    NEEDLESS_EDIT = "the text parses without one of its edits"
    UNKNOWN_NAME = "it uses a name that the file does not know"
    NO_CHANGE = "it changes nothing but white space and comments"
    SUPPRESSION = "it tells a checker to look away"
    ANY_TYPE = "it gives up a type for `any`"
    COMMENTED_OUT = "it makes code a comment"
    TURNED_INTO_TEXT = "it makes code a part of a string, a template or a regular expression"
    NEVER_RUN = "it puts code under a condition that never holds"
    EARLY_EXIT = "it leaves before code that is to run"
    EMPTIED_BLOCK = "it empties a block"
    REST_REMOVED = "it removes the rest of the file"
    DELETED_CODE = "it deletes code"


def validate(before: bytes, edits: Sequence[Edit], language: Language) -> Refusal | None:
    """Why these edits are no repair of the text, or None where they may be one. Whether it parses is not asked here."""
    try:
        return objection(Change(before, edits, language))
    except ValueError:
        return Refusal.EDITS_CLASH


def objection(change: Change) -> Refusal | None:
    """The same of a change whose edits are known to fit."""
    return next((refusal for refusal, is_so in _CHECKS if is_so(change)), None) or _deletion(change)


# ------------------------------------------------------------------ what the whole change comes to


def _changes_nothing(change: Change) -> bool:
    """Whether the code is the same, lexeme by lexeme; a line break counts where it ends a statement."""
    return _code_with_breaks(change.before, change.old) == _code_with_breaks(change.after, change.new)


def _code_with_breaks(text: bytes, lexemes: Sequence[Token]) -> list[tuple[bytes, bool]]:
    code, end = [], 0
    for lexeme in lexemes:
        if lexeme.kind is not Kind.COMMENT:
            code.append((lexeme.text, b"\n" in text[end : lexeme.start]))
            end = lexeme.end
    return code


_SUPPRESSION = re.compile(
    rb"@ts-(?:ignore|nocheck|expect-error)|\b(?:eslint|tslint|oxlint|stylelint)[-:]disable|\bbiome-ignore\b|@flow\b"
    rb"|\b(?:istanbul|c8|v8)\s+ignore\b"
)


def _suppresses(change: Change) -> bool:
    return any(_SUPPRESSION.search(edit.text) for edit in change.edits) and (
        len(_SUPPRESSION.findall(change.after)) > len(_SUPPRESSION.findall(change.before))
    )


_BEFORE_TYPE = frozenset(b": as < , | & satisfies =".split())


def _gives_up_type(change: Change) -> bool:
    added = [
        index
        for index in change.new_indices
        if index and change.new[index].text == b"any" and change.new[index - 1].text in _BEFORE_TYPE
    ]
    removed = sum(lexeme.text == b"any" for cut in change.cuts for lexeme in cut.old)
    return len(added) > removed


# ------------------------------------------------------------------ code that becomes text


def _comments_out(change: Change) -> bool:
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


# What is left of a comment marker, at the beginning of a line.
_MARKER_STUMP = re.compile(rb"/(?!>)|\*[ /*\n]|#[ #!]|<!|//")


def _may_be_comment(line: Sequence[Token], text: bytes, *, has_prose: bool) -> bool:
    """Whether a line of old code reads as a comment that lost its marker."""
    start = line[0].start
    if _MARKER_STUMP.match(text, start) or _SUPPRESSION.search(text, start, line[-1].end) or is_prose(line):
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


def _turns_into_text(change: Change) -> bool:
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
    if sum(old.kind is not Kind.OTHER for old in inside) < 2 or _was_open(change, lexeme, inside):
        return False
    if _has_half(change, lexeme) or not _LIKE_CODE.search(lexeme.text):
        return False
    return not all(is_prose(line) or is_bare(line) for line in lines_of(inside, change.before))


def _was_open(change: Change, lexeme: Token, inside: Sequence[Token]) -> bool:
    """Whether the old text has half of this lexeme: a quote without its partner, one end of a comment."""
    if lexeme.kind is Kind.COMMENT:
        return any(old.text == b"/*" for old in inside) or not change.is_end_of_comment(lexeme.end)
    ends = (lexeme.start, lexeme.end - 1)
    if sum(any(start <= end < stop for start, stop in change.written) for end in ends) == 1:
        return True
    mark = lexeme.text[:1]
    return mark == b"}" or any(old.kind is Kind.OTHER and old.text == mark for old in inside)


def _is_rewritten_as(change: Change, *kinds: Kind) -> bool:
    """Whether code is deleted in one place and written as text: ``f(a, b)`` for ``// f(a, b)``."""
    lost = [lexeme for cut in change.cuts for lexeme in cut.lost]
    lines = lines_of(lost, change.before)
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


# ------------------------------------------------------------------ code that does not run


_FALSE = frozenset(b"false 0 null undefined".split())
_TRUE = frozenset(b"true 1".split())


def _never_runs(change: Change) -> bool:
    """Whether a condition was written that is never true: ``if (false)``, ``false && f()``, ``true || f()``."""
    texts = [lexeme.text for lexeme in change.new]
    written = set(change.new_indices)
    for index in change.new_indices:
        for start in range(max(0, index - 3), index + 1):
            if texts[start : start + 2] in ([b"if", b"("], [b"while", b"("]) and _is_false(
                texts[start + 2 : start + 5]
            ):
                return written.issuperset({start, start + 2}) or start + 2 in written
        behind = texts[index + 1 : index + 2]
        if (texts[index] in _FALSE and behind in ([b"&&"], [b"?"])) or (texts[index] in _TRUE and behind == [b"||"]):
            return True
    return False


def _is_false(texts: Sequence[bytes]) -> bool:
    """Whether a condition begins with a constant that is false, and ends there."""
    if texts[:1] == [b"!"]:
        return texts[1] in _TRUE and texts[2:3] == [b")"] if len(texts) > 2 else False
    return texts[0] in _FALSE and texts[1:2] in ([b")"], [b"&&"]) if texts else False


_EXITS = {
    b"return": "return_statement",
    b"throw": "throw_statement",
    b"break": "break_statement",
    b"continue": "continue_statement",
}


_NOT_RUN = frozenset("comment function_declaration switch_case switch_default else_clause".split())


def _exits_early(change: Change) -> bool:
    """Whether a ``return`` or the like was written before code of the same block that was there already."""
    written = [change.new[index] for index in change.new_indices if change.new[index].text in _EXITS]
    removed = Counter(lexeme.text for cut in change.cuts for lexeme in cut.old)
    written = [lexeme for lexeme in written if not removed[lexeme.text] and not _was_word(change, lexeme)]
    written += _cut_off(change)
    if not written:
        return False
    from thea_hook.languages.grammars import parse

    root = parse(change.after, change.language).root_node
    return any(
        _is_before_old_code(change, root.descendant_for_byte_range(lexeme.start, lexeme.end)) for lexeme in written
    )


def _was_word(change: Change, lexeme: Token) -> bool:
    """Whether the word stands where a word stood: ``retrun`` was meant to be ``return``."""
    for cut in change.cuts:
        if cut.written.start <= lexeme.end and lexeme.start <= cut.written.end:
            is_part = lexeme.start < cut.written.start or cut.written.end < lexeme.end
            return is_part or any(old.kind is Kind.WORD for old in cut.old)
    return False


def _cut_off(change: Change) -> Iterator[Token]:
    """Each ``return`` that a line break was written behind: it no longer returns what follows."""
    for (start, end), (_, text) in zip(change.written, change.edits, strict=True):
        if b"\n" in text:
            for lexeme in change.new:
                if lexeme.text in _EXITS and lexeme.end <= start and not change.after[lexeme.end : end].strip():
                    yield lexeme


def _is_before_old_code(change: Change, word: Node | None) -> bool:
    node = word.parent if word is not None else None
    if node is None or node.type not in _EXITS.values():
        return False
    while node.parent is not None and _is_written(change, node.parent):
        node = node.parent
    following = node.next_named_sibling
    while following is not None:
        if following.type not in _NOT_RUN and not _is_written(change, following):
            return True
        following = following.next_named_sibling
    return False


def _is_written(change: Change, node: Node) -> bool:
    """Whether all of a node was written by the repair."""
    return any(start <= node.start_byte and node.end_byte <= end for start, end in change.written)


# ------------------------------------------------------------------ code that goes


def _deletion(change: Change) -> Refusal | None:
    for cut in change.cuts:
        if cut.lost and len(cut.lost) > cut.gained and not is_stray(change, cut):
            return _name(change, cut)
    return None


def _name(change: Change, cut: Cut) -> Refusal:
    rest = change.before[cut.span.end :]
    if not rest.strip() and b"\n" in change.before[slice(*cut.span)].strip():
        return Refusal.REST_REMOVED
    if not rest.strip(b"})]; \t\r\n") and _leaves_block(cut.old):
        return Refusal.REST_REMOVED
    before = [lexeme.text for lexeme in change.new if lexeme.end <= cut.written.start][-1:]
    behind = next((lexeme.text for lexeme in change.new if lexeme.start >= cut.written.end), b"")
    is_block = before == [b"{"] and behind == b"}"
    return Refusal.EMPTIED_BLOCK if is_block else Refusal.DELETED_CODE


def _leaves_block(lexemes: Sequence[Token]) -> bool:
    """Whether it closes a brace that is open before it."""
    depth = 0
    for lexeme in lexemes:
        depth += (lexeme.text == b"{") - (lexeme.text == b"}")
        if depth < 0:
            return True
    return False


_CHECKS: tuple[tuple[Refusal, Callable[[Change], bool]], ...] = (
    (Refusal.SUPPRESSION, _suppresses),
    (Refusal.COMMENTED_OUT, _comments_out),
    (Refusal.NO_CHANGE, _changes_nothing),
    (Refusal.TURNED_INTO_TEXT, _turns_into_text),
    (Refusal.ANY_TYPE, _gives_up_type),
    (Refusal.NEVER_RUN, _never_runs),
    (Refusal.EARLY_EXIT, _exits_early),
)
