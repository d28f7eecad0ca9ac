"""What may go from a broken text: remains, doubles, stray words and marks. All else that goes is deleted code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from thea_hook.core.source import Language
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.change import Change, Cut, code_of
from thea_hook.ml.prose import STATEMENT_WORDS, is_bare, is_prose, lines_of
from thea_hook.ml.vocabulary import KEYWORDS

_KEYWORDS = frozenset(KEYWORDS)
_JUMPS = frozenset(b"break continue debugger return throw".split())

# How many lexemes may go from a line that stays, in a line that was never finished, and if only a bracket says so.
_MOST_IN_LINE, _MOST_UNFINISHED, _MOST_OPEN = 4, 8, 6

_CONFLICT = re.compile(
    rb"^<{7}(?: [^\n]*)?\n(?P<ours>(?:.*\n)*?)(?:^\|{7}[^\n]*\n(?:.*\n)*?)?^={7}[^\n]*\n(?P<theirs>(?:.*\n)*?)"
    rb"^>{7}[^\n]*(?:\n|\Z)",
    re.MULTILINE,
)
_CONFLICT_MARK = re.compile(rb"(?:<{4,}|\|{4,}|={4,}|>{4,})(?:[ \t\r\n]|\Z)")


def is_stray(change: Change, cut: Cut) -> bool:
    """Whether what a cut takes away is no loss."""
    return (
        _is_marks(cut.lost)
        or _is_word(change, cut)
        or _is_double(change, cut)
        or _is_words(change, cut)
        or _is_tag(cut.lost)
        or _is_in_conflict(change, cut)
        or _is_part_of_line(change, cut)
        or _is_unfinished(change, cut)
    )


def _is_marks(lost: Sequence[Token]) -> bool:
    return all(lexeme.kind in (Kind.PUNCTUATION, Kind.OTHER) for lexeme in lost)


def _is_word(change: Change, cut: Cut) -> bool:
    """Whether one lexeme goes, and is no statement by itself."""
    words = [lexeme for lexeme in cut.lost if lexeme.text not in (b";", b",")]
    if len(words) != 1 or b"\n" in words[0].text:
        return False
    return words[0].text not in _JUMPS or not takes_whole_lines(change, cut)


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
    tail = _common(gone[::-1], above[::-1])
    return tail + _common(gone, below) >= len(gone)


def _around(change: Change, cut: Cut, count: int) -> tuple[list[bytes], list[bytes]]:
    code = [lexeme for lexeme in change.new if lexeme.kind is not Kind.COMMENT]
    above = [lexeme.text for lexeme in code if lexeme.end <= cut.written.start]
    below = [lexeme.text for lexeme in code if lexeme.start >= cut.written.end]
    return above[-count:], below[:count]


def _is_name(text: bytes) -> bool:
    return text not in _KEYWORDS and (text[:1].isalnum() or text[:1] in b"_$'\"`")


def _common(left: Sequence[bytes], right: Sequence[bytes]) -> int:
    shorter = min(len(left), len(right))
    return next((place for place in range(shorter) if left[place] != right[place]), shorter)


# ------------------------------------------------------------------ words, tags, remains of a merge


def _is_words(change: Change, cut: Cut) -> bool:
    is_content = not takes_whole_lines(change, cut) and _around(change, cut, 1) in _EMPTY_PAIRS
    return not is_content and all(is_prose(line) or is_bare(line) for line in lines_of(cut.lost, change.before))


_EMPTY_PAIRS = ([b"{"], [b"}"]), ([b"("], [b")"]), ([b"["], [b"]"])


def _is_tag(lost: Sequence[Token]) -> bool:
    """Whether it is one JSX tag that opens or closes an element."""
    texts = [lexeme.text for lexeme in lost]
    for turned in ([b"<"], [b"<", b"/"]):  # `<a><b` for `<b`, seen as `a><`
        if texts[-len(turned) :] == turned:
            texts = [*turned, *texts[: -len(turned)]]
    return texts[0] == b"<" and texts[-1] == b">" and texts.count(b"<") == 1 and texts[-2] != b"/"


def _is_in_conflict(change: Change, cut: Cut) -> bool:
    """Whether it is a marker alone, or lies in a merge conflict of which as much stays as the shorter side has."""
    first, last = cut.lost[0].start, cut.lost[-1].end
    for match in _CONFLICT.finditer(change.before):
        if match.start() <= first and last <= match.end():
            sides = [len(code_of(match[side], change.language)) for side in ("ours", "theirs")]
            removed = sum(_count(other.old, match) - other.gained for other in change.cuts)
            return _count(change.old, match) - removed >= min(sides)
    return all(_CONFLICT_MARK.match(change.before, _line_start(change.before, lexeme.start)) for lexeme in cut.lost)


def _line_start(text: bytes, offset: int) -> int:
    return text.rfind(b"\n", 0, offset) + 1


def _count(lexemes: Sequence[Token], where: re.Match[bytes]) -> int:
    """How many of the lexemes that are code lie there."""
    return sum(where.start() <= lexeme.start < where.end() and lexeme.kind is not Kind.COMMENT for lexeme in lexemes)


# ------------------------------------------------------------------ parts of lines


def _is_part_of_line(change: Change, cut: Cut) -> bool:
    """Whether a few lexemes go from a line that stays, and they are no statement."""
    is_one_line = b"\n" not in change.before[cut.lost[0].start : cut.lost[-1].end]
    return (
        is_one_line
        and not takes_whole_lines(change, cut)
        and len(cut.lost) <= _MOST_IN_LINE
        and (len(cut.lost) == 1 or cut.lost[0].text not in STATEMENT_WORDS)
        and not (len(cut.lost) > 1 and _around(change, cut, 1) in _EMPTY_PAIRS)
        and not _is_statement(change, cut)
    )


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
    if len(lost) > _MOST_UNFINISHED or texts[-1] in (b";", b",") or parses(_text(change, cut), change.language):
        return False
    if texts[-1] in _OPEN_ENDS or _lacks_end(lost) or (len(lost) <= _MOST_OPEN and _is_left_open(lost)):
        return True
    return sum(map(_is_name, texts)) < 2 and b"(" not in texts


def _is_left_open(lost: Sequence[Token]) -> bool:
    """Whether a bracket or a quote is open at the end; not in an import, which is whole once it has its source."""
    depth = sum((lexeme.text in (b"(", b"[", b"{")) - (lexeme.text in (b")", b"]", b"}")) for lexeme in lost)
    has_quote = any(lexeme.kind is Kind.OTHER for lexeme in lost)
    return (depth > 0 or has_quote) and not (lost[0].text in (b"import", b"export") and lost[-1].kind is Kind.STRING)


_PATTERN = frozenset(b"{ } [ ] , :".split())


def _lacks_end(lost: Sequence[Token]) -> bool:
    """Whether a declaration stops before its value, its body or its source."""
    texts = [lexeme.text for lexeme in lost]
    if texts[0] in (b"const", b"let", b"var"):
        return all(lexeme.kind is Kind.WORD or lexeme.text in _PATTERN for lexeme in lost)
    if texts[0] in (b"import", b"export"):
        return len(lost) > 1 and all(lexeme.kind is not Kind.STRING for lexeme in lost) and texts[-1] != b"}"
    return texts[0] in (b"function", b"class", b"interface") and b"{" not in texts


_OPEN_ENDS = frozenset(
    b"( [ { . ?. = => : ? + - * / % && || ?? | & == === != !== < <= >= ! const let var import export from new "
    b"return function class if typeof async await extends".split()
)


def _text(change: Change, cut: Cut) -> bytes:
    return change.before[cut.old[0].start : cut.old[-1].end]


def parses(text: bytes, language: Language) -> bool:
    """Whether a piece of text is statements by itself, or members of a class."""
    from thea_hook.languages.grammars import parse

    return any(not parse(piece, language).root_node.has_error for piece in (text, b"class A{" + text + b"}"))
