"""Which bracket closes which, in a text where some are missing or too many, and how their lines are laid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import TypeVar

from thea_hook.languages.lexemes import Lexemes
from thea_hook.ml.gaps import TIGHT_BEFORE, begins_line, gap_before, line_of

_Worth = TypeVar("_Worth", int, tuple[int, bool])

OPENERS = {b"}": b"{", b")": b"(", b"]": b"["}


def place_to_insert(lexemes: Lexemes, index: int, closing: bytes) -> int:
    """Of the places in a row of equal brackets, which are the same to a parser, the one that fits their indentation.

    It is the one that leaves most brackets of the row under the lines of those that they close.
    """
    first, behind = _row(lexemes, index, closing)
    if first == behind:
        return index
    openers = _open_brackets(lexemes, first, closing, behind - first + 1)
    row = range(first, behind)
    stay = [_is_under(lexemes, place, openers, depth) for depth, place in enumerate(row)]
    move = [_is_under(lexemes, place, openers, depth) for depth, place in enumerate(row, 1)]
    return first + _last_best(_sums(stay, move))


def place_to_delete(lexemes: Lexemes, index: int) -> int:
    """Of equal lexemes in a row the one that goes: the brackets that stay are under the lines of those that they close.

    Where that does not tell, a bracket on a line of its own goes. Of other marks the one goes that has white space
    around it that must go, too: the first of ``a . .b``, the last of ``f( (a)``.
    """
    closing = lexemes.texts[index]
    first, behind = _row(lexemes, index, closing)
    if behind == first + 1:
        return index
    if closing not in OPENERS:
        return first if closing in TIGHT_BEFORE and not any(lexemes.newlines_before[first + 1 : behind]) else behind - 1
    openers = _open_brackets(lexemes, first, closing, behind - first)
    row = range(first, behind)
    stay = [_is_under(lexemes, place, openers, depth) for depth, place in enumerate(row[:-1])]
    move = [_is_under(lexemes, place, openers, depth) for depth, place in enumerate(row[1:])]
    worth = zip(_sums(stay, move), (_is_alone(lexemes, place) for place in row), strict=True)
    return first + _last_best(list(worth))


def _row(lexemes: Lexemes, index: int, text: bytes) -> tuple[int, int]:
    """The first lexeme of a row of equal ones at a place, and the one behind the row."""
    first = behind = index
    while first and lexemes.texts[first - 1] == text:
        first -= 1
    while behind < len(lexemes) and lexemes.texts[behind] == text:
        behind += 1
    return first, behind


def _sums(stay: list[bool], move: list[bool]) -> list[int]:
    """For each place in a row, how many brackets are under their openers: those before it stay, those behind move."""
    total = sum(move)
    running = zip(accumulate(stay, initial=0), accumulate(move, initial=0), strict=True)
    return [total + before - passed for before, passed in running]


def _last_best(worth: Sequence[_Worth]) -> int:
    """Which is worth most, the last of equal ones."""
    return max(reversed(range(len(worth))), key=worth.__getitem__)


def _is_alone(lexemes: Lexemes, index: int) -> bool:
    """Whether a lexeme has its line for itself."""
    return begins_line(lexemes, index) and (index + 1 == len(lexemes) or begins_line(lexemes, index + 1))


def _is_under(lexemes: Lexemes, closing: int, openers: list[int], depth: int) -> bool:
    """Whether a bracket begins a line that is as high as that of the one it closes, or closes one on its own line."""
    if depth >= len(openers):
        return False
    opener = openers[depth]
    if not begins_line(lexemes, closing):
        return lexemes.lines[closing] == lexemes.lines[opener]
    return lexemes.indents[closing] == lexemes.indents[opener]


def _open_brackets(lexemes: Lexemes, index: int, closing: bytes, count: int) -> list[int]:
    """The brackets that those before this lexeme would close, innermost first: of their kind, and still open."""
    return list(islice(_still_open(lexemes, index, closing), count))


def _still_open(lexemes: Lexemes, index: int, closing: bytes) -> Iterator[int]:
    opening, depth = OPENERS[closing], 0
    for before in range(index - 1, -1, -1):
        text = lexemes.texts[before]
        if text == closing:
            depth += 1
        elif text == opening:
            if depth:
                depth -= 1
            else:
                yield before


def open_bracket(lexemes: Lexemes, index: int, closing: bytes) -> int | None:
    """The bracket that a closing one before this lexeme would close: the nearest of its kind that is still open."""
    return next(_still_open(lexemes, index, closing), None)


def ends_substitution(lexemes: Lexemes, index: int) -> bool:
    """Whether a brace that is closed here is that of a ``${`` in a template."""
    depth = 0
    for text in reversed(lexemes.texts[:index]):
        opens = text == b"{" or text.endswith(b"${")
        if opens and not depth:
            return text != b"{"
        depth += (text[:1] == b"}") - opens
    return False


def is_spaced(lexemes: Lexemes, index: int, closing: bytes) -> bool:
    """Whether the bracket that is closed here has a blank behind it, as its partner will before it."""
    if closing == b"}" and ends_substitution(lexemes, index):
        return False
    opener = open_bracket(lexemes, index, closing)
    if closing == b"}":
        return opener is None or gap_before(lexemes, opener + 1) != b""
    is_on_line = opener is not None and opener < index - 1 and lexemes.lines[opener] == lexemes.lines[index - 1]
    return opener is not None and is_on_line and gap_before(lexemes, opener + 1) == b" "


def is_opened_here(lexemes: Lexemes, index: int, opening: bytes) -> bool:
    """Whether the line that begins here closes a bracket of this kind that nothing on it opens."""
    closing = {b"(": b")", b"[": b"]", b"{": b"}"}.get(opening)
    if closing is None or index >= len(lexemes):
        return False
    depth = 0
    for text in lexemes.texts[index : line_of(lexemes, index)[1] + 1]:
        depth += (text == opening) - (text == closing)
        if depth < 0:
            return True
    return False


def is_closing_line(lexemes: Lexemes, index: int, opener: int) -> bool:
    """Whether a lexeme is the last of a line of closing brackets that closes what the opener's line opened: ``})``."""
    first = line_of(lexemes, index)[0]
    if lexemes.indents[first] != lexemes.indents[opener]:
        return False
    if any(text not in OPENERS for text in lexemes.texts[first : index + 1]):
        return False
    partner = open_bracket(lexemes, index, lexemes.texts[index])
    return partner is not None and lexemes.lines[partner] == lexemes.lines[opener]


def closes_with_blank(lexemes: Lexemes, index: int) -> bool:
    """Whether the brace that closes what is opened here has a blank before it."""
    depth = 0
    for place in range(index, len(lexemes)):
        text = lexemes.texts[place]
        depth += (text == b"{") - (text == b"}")
        if depth < 0:
            return place > index and gap_before(lexemes, place) != b""
    return True


def is_conditional(lexemes: Lexemes, index: int) -> bool:
    """Whether a colon here would be that of ``a ? b : c``."""
    depth = colons = 0
    for text in reversed(lexemes.texts[:index]):
        depth += (text in (b")", b"]", b"}")) - (text in (b"(", b"[", b"{"))
        if depth < 0 or text == b";":
            return False
        if not depth and text == b"?":
            if not colons:
                return True
            colons -= 1
        colons += not depth and text == b":"
    return False
