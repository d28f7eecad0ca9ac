"""How the text itself writes what is to be written: semicolons, leading operators, blanks around a mark."""

from __future__ import annotations

from thea_hook.languages.lexemes import Lexemes
from thea_hook.ml.gaps import line_of

LEADING = frozenset(b"| & ? : && || ?? + - ,".split())
BEFORE_PARENTHESIS = frozenset(b"if for while switch catch return await async function typeof of in case with".split())
SPACED = frozenset(b"= => == === != !== <= >= && || ?? += -=".split())


def ends_statement(lexemes: Lexemes, index: int, opener: int) -> bool:
    """Whether a parenthesis that closes here, at the end of a line, ends a statement in a text that has semicolons."""
    before = lexemes.texts[opener - 1] if opener else b""
    if before in _BEFORE_CONDITION or (opener > 1 and lexemes.texts[opener - 2] == b"function"):
        return False
    if index < len(lexemes) and lexemes.texts[index] in _GOES_ON:
        return False
    depth = 0
    for place in range(opener - 1, -1, -1):  # no bracket but a block around the statement
        text = lexemes.texts[place]
        if text in _CLOSES:
            depth += 1
        elif text in _OPENS:
            if not depth:
                if text != b"{" or lexemes.texts[max(0, place - 1)] not in _BEFORE_BLOCK:
                    return False
                break
            depth -= 1
    return _has_semicolons(lexemes)


def _has_semicolons(lexemes: Lexemes) -> bool:
    """Whether most lines that end in a parenthesis or with one and a semicolon have the semicolon."""
    ends = [
        lexemes.texts[place - 1]
        for place in range(2, len(lexemes))
        if lexemes.newlines_before[place]
        and (lexemes.texts[place - 1] == b")" or lexemes.texts[place - 2 : place] == [b")", b";"])
    ]
    return 2 * ends.count(b";") > len(ends)


_OPENS, _CLOSES = frozenset(b"( [ { ${".split()), frozenset(b") ] }".split())
_BEFORE_CONDITION = frozenset(b"if for while switch catch with function constructor".split())
_GOES_ON = frozenset(b"; , . ?. ) ] : ? && || ?? + - * / = => { < > | & ==  === != !== instanceof in as of".split())
_BEFORE_BLOCK = frozenset(b") => else try finally do {".split())


def has_leading(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether operators begin the lines here, rather than end them."""
    if index >= len(lexemes):
        return False
    above, below = line_of(lexemes, index - 1)[0] if index else 0, line_of(lexemes, index)[1] + 1
    if written == b"," and above and lexemes.texts[above - 1] != b"," and _begins_more_lines(lexemes, written):
        return True
    marks = {b","} if written == b"," else LEADING - {b","}
    return any(
        place < len(lexemes) and lexemes.texts[place] in marks and lexemes.indents[place] <= lexemes.indents[index]
        for place in (above, below)
    )


def _begins_more_lines(lexemes: Lexemes, mark: bytes) -> bool:
    """Whether a mark begins more lines than it ends."""
    places = [place for place, text in enumerate(lexemes.texts[:-1]) if text == mark]
    begins = sum(lexemes.newlines_before[place] > 0 for place in places)
    return begins > sum(lexemes.newlines_before[place + 1] > 0 for place in places)


def leading_indents(lexemes: Lexemes, mark: bytes) -> set[int]:
    """How far the lines are indented that begin with a mark."""
    return {
        lexemes.indents[place]
        for place, text in enumerate(lexemes.texts)
        if text == mark and lexemes.newlines_before[place]
    }


def is_spaced_between(lexemes: Lexemes, left: bytes, right: bytes) -> bool | None:
    """Whether the text has a blank between two such lexemes, more often than not; None where it has them nowhere."""
    blanks = _blanks(lexemes, left, right)
    return 2 * sum(blanks) > len(blanks) if blanks else None


def is_spaced_operator(lexemes: Lexemes, written: bytes, following: bytes) -> bool:
    """Whether there is a blank behind an operator, before such a lexeme if the text has that: ``a={b}``, ``a = 1``."""
    blanks = _blanks(lexemes, written, following) or _blanks(lexemes, written, None)
    return 2 * sum(blanks) >= len(blanks)


def _blanks(lexemes: Lexemes, left: bytes, right: bytes | None) -> list[bool]:
    """For each place on a line where one lexeme stands before another, or any, whether white space is between them."""
    return [
        lexemes.ends[place] < lexemes.starts[place + 1]
        for place, text in enumerate(lexemes.texts[:-1])
        if text == left and not lexemes.newlines_before[place + 1] and right in (None, lexemes.texts[place + 1])
    ]
