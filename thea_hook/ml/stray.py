"""What may go from a broken text: remains, doubles, stray words and marks. All else that goes is deleted code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from thea_hook.core.source import Language, Span
from thea_hook.languages.difference import common_length
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.change import OPAQUE, Change, Cut
from thea_hook.ml.prose import STATEMENT_WORDS, is_bare, is_prose, lines_of
from thea_hook.ml.vocabulary import KEYWORDS
from thea_hook.syntax.repairs.conflicts import find_conflicts

_KEYWORDS = frozenset(KEYWORDS)
_JUMPS = frozenset(b"break continue debugger return throw".split())

# The most lexemes: of a line that was never finished, of one of which only an open bracket says so, and of what
# another name is written for.
_MOST_UNFINISHED, _MOST_OPEN, _MOST_REPLACED = 8, 6, 4

# The line of a merge, whatever is left of its marker, or of a diff.
_MARKER = re.compile(rb"(?:<{4,}|\|{4,}|={4,}|>{4,}|@@)(?:[ \t\r\n]|\Z)")


def is_stray(change: Change, cut: Cut) -> bool:
    """Whether what a cut takes away is no loss."""
    return any(is_so(change, cut) for is_so in _KINDS)


def _is_marks(change: Change, cut: Cut) -> bool:
    """Whether no name goes, but for those behind the markers of a conflict."""
    return all(lexeme.kind in _MARKS or _is_on_marker(change.before, lexeme) for lexeme in cut.lost)


_MARKS = (Kind.PUNCTUATION, Kind.OTHER)


def _is_written_again(change: Change, cut: Cut) -> bool:
    """Whether each name is a part of what is written instead: `“a.b”` for `"a.b"`."""
    written = change.after[slice(*cut.written)]
    return cut.gained > 0 and all(lexeme.kind in _MARKS or lexeme.text in written for lexeme in cut.lost)


def _is_word(change: Change, cut: Cut) -> bool:
    """Whether one lexeme goes, and is no statement and no entry of a list by itself."""
    words = [lexeme for lexeme in cut.lost if lexeme.text not in (b";", b",")]
    if len(words) != 1 or b"\n" in words[0].text:
        return False
    is_entry = cut.old[-1].text == b"," or words[0].kind in OPAQUE or words[0].text in _JUMPS
    return not (is_entry and takes_whole_lines(change, cut))


def takes_whole_lines(change: Change, cut: Cut) -> bool:
    """Whether nothing of the lines that a cut touches stays."""
    if not cut.old:
        return False
    start, end = cut.old[0].start, cut.old[-1].end
    first = _line_start(change.before, start)
    last = change.before.find(b"\n", end)
    return not any(
        lexeme.text not in (b";", b",") or lexeme.start < start
        for lexeme in change.old_between(first, last if last >= 0 else len(change.before))
        if lexeme.kind is not Kind.COMMENT and not start <= lexeme.start < end
    )


# ------------------------------------------------------------------ doubles


def _is_double(change: Change, cut: Cut) -> bool:
    """Whether the same stands beside it: the code before and behind, taken together, repeats what goes.

    With ``a b a b``, the ``b a`` in the middle may go as well as the last ``a b``.
    """
    text = change.before[slice(*cut.span)].strip()
    if change.after[: cut.written.start].rstrip().endswith(text) or change.after[cut.written.end :].lstrip().startswith(
        text
    ):
        return True
    gone = [lexeme.text for lexeme in cut.old]
    above, below = _around(change, cut, len(gone))
    tail = common_length(gone[::-1], above[::-1])
    return tail + common_length(gone, below) >= len(gone)


def _around(change: Change, cut: Cut, count: int) -> tuple[list[bytes], list[bytes]]:
    code = [lexeme for lexeme in change.new if lexeme.kind is not Kind.COMMENT]
    above = [lexeme.text for lexeme in code if lexeme.end <= cut.written.start]
    below = [lexeme.text for lexeme in code if lexeme.start >= cut.written.end]
    return above[-count:], below[:count]


def _is_name(text: bytes) -> bool:
    """Whether it is a name or a literal with something in it."""
    if text[:1] in b"'\"`":
        return len(text) > 2
    return text not in _KEYWORDS and (text[:1].isalnum() or text[:1] in b"_$")


# ------------------------------------------------------------------ words, tags, remains of a merge


def _is_words(change: Change, cut: Cut) -> bool:
    is_content = not takes_whole_lines(change, cut) and _around(change, cut, 1) in _EMPTY_PAIRS
    return not is_content and all(is_prose(line) or is_bare(line) for line in lines_of(cut.old, change.before))


_EMPTY_PAIRS = ([b"{"], [b"}"]), ([b"("], [b")"]), ([b"["], [b"]"])


def _is_tag(change: Change, cut: Cut) -> bool:
    """Whether it is one JSX tag that opens or closes an element."""
    texts = [lexeme.text for lexeme in cut.lost]
    for turned in ([b"<"], [b"<", b"/"]):  # `<a><b` for `<b`, seen as `a><`
        if texts[-len(turned) :] == turned:
            texts = [*turned, *texts[: -len(turned)]]
    return texts[0] == b"<" and texts[-1] == b">" and texts.count(b"<") == 1 and texts[-2] != b"/"


def _is_in_conflict(change: Change, cut: Cut) -> bool:
    """Whether what goes lies in a merge conflict of which as much stays as the shorter side has."""
    if b"<<<<<<<" not in change.before:
        return False
    names = [lexeme for lexeme in cut.lost if lexeme.kind not in _MARKS]
    for conflict in find_conflicts(change.before):
        if all(conflict.span.start <= lexeme.start < conflict.span.end for lexeme in names):
            shorter = min(_count(change.old, side) for side in (conflict.ours, conflict.theirs))
            removed = sum(_count(other.old, conflict.span) - other.gained for other in change.cuts)
            return _count(change.old, conflict.span) - removed >= shorter
    return False


def _is_on_marker(text: bytes, lexeme: Token) -> bool:
    return _MARKER.match(text, _line_start(text, lexeme.start)) is not None


def _line_start(text: bytes, offset: int) -> int:
    return text.rfind(b"\n", 0, offset) + 1


def _count(lexemes: Sequence[Token], where: Span) -> int:
    """How many of the lexemes that are code lie there."""
    return sum(where.start <= lexeme.start < where.end and lexeme.kind is not Kind.COMMENT for lexeme in lexemes)


# ------------------------------------------------------------------ parts of lines


def _is_part_of_line(change: Change, cut: Cut) -> bool:
    """Whether a name goes from a line that stays, with no more than a mark beside it that opens nothing."""
    texts = [lexeme.text for lexeme in cut.lost]
    return (
        len(texts) <= (_MOST_REPLACED if cut.gained else 2)
        and b"\n" not in change.before[cut.lost[0].start : cut.lost[-1].end]
        and not takes_whole_lines(change, cut)
        and texts[0] not in STATEMENT_WORDS
        and _BRACKETS.isdisjoint(texts)
        and _around(change, cut, 1) not in _EMPTY_PAIRS
        and not _is_statement(change, cut)
    )


_BRACKETS = frozenset(b"( [ {".split())


def _is_statement(change: Change, cut: Cut) -> bool:
    """Whether it begins where a statement begins and ends where one ends."""
    above, _ = _around(change, cut, 1)
    return cut.old[-1].text == b";" and (not above or above[0] in (b";", b"{", b"}"))


def _is_unfinished(change: Change, cut: Cut) -> bool:
    """Whether it is a line with the beginning of a statement that nobody went on with."""
    lost = cut.lost
    if cut.gained or not takes_whole_lines(change, cut) or b"\n" in change.before[lost[0].start : lost[-1].end]:
        return False
    texts = [lexeme.text for lexeme in lost]
    if len(texts) > 1 and texts[-1] == b";" and texts[-2] in _OPEN_ENDS:  # `const a = ;`
        texts = texts[:-1]
    if len(lost) > _MOST_UNFINISHED or texts[-1] in (b";", b","):
        return False
    if _lacks_end(lost):
        return True
    if parses(_text(change, cut), change.language):
        return False
    if _is_part_of_whole(lost):
        return False
    if texts[-1] in _OPEN_ENDS or (len(lost) <= _MOST_OPEN and _is_left_open(lost)):
        return True
    is_call = b"(" in texts and texts[0] not in _CLOSING
    return sum(map(_is_name, texts)) < 2 and not is_call and texts[0] not in STATEMENT_WORDS


def _is_part_of_whole(lost: Sequence[Token]) -> bool:
    """Whether the lines beside it go on with it: a case, an ``} else {``, the head of an arrow function, an operand."""
    first, last = lost[0], lost[-1]
    return (
        first.text in (b"case", b"default")
        or (first.kind in OPAQUE and _is_name(first.text))
        or last.text == b"=>"
        or (first.text in _CLOSING and last.text == b"{")
    )


_CLOSING = frozenset(b"} ) ]".split())


def _is_left_open(lost: Sequence[Token]) -> bool:
    """Whether a bracket or a quote is open at the end of what is no import with its source and no property."""
    depth = sum((lexeme.text in (b"(", b"[", b"{")) - (lexeme.text in (b")", b"]", b"}")) for lexeme in lost)
    has_quote = any(lexeme.kind is Kind.OTHER for lexeme in lost)
    is_whole = lost[0].text in (b"import", b"export") and lost[-1].kind is Kind.STRING
    is_entry = len(lost) > 1 and lost[1].text == b":"
    return (depth > 0 or has_quote) and not is_whole and not is_entry


_PATTERN = frozenset(b"{ } [ ] , :".split())


def _lacks_end(lost: Sequence[Token]) -> bool:
    """Whether a declaration stops before its value, its body or its source."""
    texts = [lexeme.text for lexeme in lost]
    if texts[0] == b"const" or (texts[0] in (b"let", b"var") and texts[1:2] in ([b"{"], [b"["])):
        return all(lexeme.kind is Kind.WORD or lexeme.text in _PATTERN for lexeme in lost)
    if texts[0] in (b"import", b"export"):
        is_sourceless = all(lexeme.kind is not Kind.STRING for lexeme in lost) and texts[-1] != b"}"
        return is_sourceless and len(lost) > 1 and (len(lost) == 2 or b"{" in texts or b"*" in texts)
    return texts[0] in (b"function", b"class", b"interface") and b"{" not in texts


_OPEN_ENDS = frozenset(
    b"( [ { . ?. = + - * / % && || ?? | & == === != !== < <= >= ! const let var import export from new "
    b"return function class if typeof async await extends".split()
)


def _text(change: Change, cut: Cut) -> bytes:
    return change.before[cut.old[0].start : cut.old[-1].end]


def parses(text: bytes, language: Language) -> bool:
    """Whether a piece of text is statements by itself, or members of a class."""
    from thea_hook.languages.grammars import parse

    return any(not parse(piece, language).root_node.has_error for piece in (text, b"class A{" + text + b"}"))


_KINDS = (
    _is_marks,
    _is_word,
    _is_double,
    _is_words,
    _is_tag,
    _is_in_conflict,
    _is_written_again,
    _is_part_of_line,
    _is_unfinished,
)
