"""From a tag at a lexeme to an edit of the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import Kind, Lexemes
from thea_hook.ml.brackets import is_conditional, place_to_delete
from thea_hook.ml.elements import open_elements, tag_name, touches
from thea_hook.ml.gaps import (
    TIGHT_BEFORE,
    are_one_word,
    at,
    begins_line,
    gap_before,
    indentation_of,
    is_above,
    is_shifted,
    kept_apart,
    line_end_of,
    line_of,
)
from thea_hook.ml.layout import insertion, on_own_line, with_its_space
from thea_hook.ml.vocabulary import KEYWORDS, Action, Tag

_KEYWORDS = frozenset(KEYWORDS)


class Step(NamedTuple):
    """A tag at a lexeme; the place behind the last lexeme is the end of the text."""

    place: int
    tag: Tag


def edit_of(lexemes: Lexemes, step: Step) -> Edit | None:
    """The edit that a tag stands for, or None where it makes no sense (an end of text deleted, no element to close)."""
    index, (action, written) = step
    count = len(lexemes)
    if action in (Action.INSERT, Action.CLOSE):
        return insertion(lexemes, index, written, is_closing=action is Action.CLOSE)
    if action is Action.CLOSE_TAG:
        return _closing_tag(lexemes, index)
    if index >= count:
        return None
    if action is Action.OTHER:
        return _inside(lexemes, index)
    if action is Action.DELETE:
        index = place_to_delete(lexemes, index)
        return _deletion(lexemes, index, index)
    if action is Action.DELETE_LINE:
        return _deletion(lexemes, *line_of(lexemes, index))
    if action is Action.DELETE_REST:
        return _deletion(lexemes, index, line_of(lexemes, index)[1])
    if action is Action.MERGE:
        return _merger(lexemes, index)
    if action is Action.COMMENT_LINE:
        first = line_of(lexemes, index)[0]
        place = lexemes.starts[first]
        return at(place - 1, b"//") if is_shifted(lexemes, first) else at(place, b"// ")
    if action is Action.REPLACE:
        return _replacement(lexemes, index, written) if lexemes.texts[index] != written else None
    if action is Action.BREAK_LINE:
        return _line_break(lexemes, index)
    if action is Action.ESCAPE:
        return at(lexemes.ends[index] - 1, b"\\") if lexemes.kinds[index] == Kind.STRING else None
    if action is Action.SPLIT:
        return _split(lexemes, index, written)
    return _renamed_tag(lexemes, index)


def _deletion(lexemes: Lexemes, first: int, last: int) -> Edit:
    """Lexemes with their space, but for that of a keyword; a mark in the middle of ``retur:n`` leaves one word."""
    return kept_apart(lexemes, Edit(with_its_space(lexemes, first, last), b""), _are_keyword_and_word)


def _are_keyword_and_word(left: bytes, right: bytes) -> bool:
    return are_one_word(left, right) and not _KEYWORDS.isdisjoint((left, right))


def _line_break(lexemes: Lexemes, index: int) -> Edit | None:
    """The gap made a line break, as high as the line before it; None where there is one."""
    written = line_end_of(lexemes) + indentation_of(lexemes, index)
    if not index or gap_before(lexemes, index) == written:
        return None
    return Edit(Span(lexemes.ends[index - 1], lexemes.starts[index]), written)


def _merger(lexemes: Lexemes, index: int) -> Edit | None:
    """The gap closed; a blank before a line break is left, as one that a string that was cut in two had there."""
    gap = gap_before(lexemes, index)
    if not index or not gap:
        return None
    if lexemes.texts[index - 1][:2] == b"//" and gap.startswith((b"\n", b"\r")):
        return Edit(Span(lexemes.ends[index - 1], lexemes.starts[index]), b" ")
    kept = re.match(rb"[ \t]*(?=\r?\n)", gap)
    return Edit(Span(lexemes.ends[index - 1] + (kept.end() if kept else 0), lexemes.starts[index]), b"")


def _inside(lexemes: Lexemes, index: int) -> Edit | None:
    """A string that should have ended before, or later; a number with letters in it."""
    start, end, text = lexemes.starts[index], lexemes.ends[index], lexemes.texts[index]
    if lexemes.kinds[index] == Kind.STRING and len(text) > 3:
        if text[-2:-1].isalpha() and index + 1 < len(lexemes) and touches(lexemes, index + 1):
            ending = lexemes.texts[index + 1]
            return at(end - 1, b"\\") if ending in _CONTRACTIONS else Edit(Span(end - 1, end), b"")
        cut = _EARLY_END.search(text, 2)
        return at(start + cut.start(), text[:1]) if cut and cut.start() < len(text) - 1 else None
    if lexemes.kinds[index] == Kind.NUMBER and (letters := _LETTERS.search(text)):
        if text[:1] == b".":  # `.7max` is a name
            return Edit(Span(start + 1, start + letters.start()), b"")
        return Edit(Span(start + letters.start(), end), b"")
    return None


_LONGEST_SPLIT = 200
"""Bytes of a word. Longer ones are data, and take square time."""
_CONTRACTIONS = frozenset(b"t s re ll ve d m".split())
_EARLY_END = re.compile(rb"[,;)\]}]|\s*[|=:?&+]|\s")
_LETTERS = re.compile(rb"[A-Za-z_$]+")


def _replacement(lexemes: Lexemes, index: int, written: bytes) -> Edit:
    """One lexeme in the place of another; where marks meet, they are one: the ``-`` of ``->`` is replaced by ``=``."""
    return kept_apart(lexemes, _replaced(lexemes, index, written), are_one_word)


def _replaced(lexemes: Lexemes, index: int, written: bytes) -> Edit:
    """A lexeme with the blanks around it: ``a: b`` and ``a = b`` differ in one."""
    start, end = lexemes.starts[index], lexemes.ends[index]
    gap = gap_before(lexemes, index)
    if written in (b"=", b"=>") and not gap and lexemes.texts[index] in TIGHT_BEFORE and gap_before(lexemes, index + 1):
        return Edit(Span(start, end), b" " + written)
    if written == b":" and is_conditional(lexemes, index):
        return Edit(Span(start, end), written)
    if written == b";" and (declaration := _declaration_above(lexemes, index + 1)) is not None:
        lines = gap_before(lexemes, index + 1).rpartition(b"\n")[0] + b"\n"
        return Edit(Span(start, lexemes.starts[index + 1]), written + lines + indentation_of(lexemes, declaration))
    if written in (b":", b",", b";") and gap and b"\n" not in gap and lexemes.texts[index] not in TIGHT_BEFORE:
        return Edit(Span(start - len(gap), end), written)
    return Edit(Span(start, end), written)


def _declaration_above(lexemes: Lexemes, index: int) -> int | None:
    """The ``var`` of the line that those down to this one are indented under: what is no part of it is as high."""
    if index >= len(lexemes) or not lexemes.newlines_before[index]:
        return None
    for place in range(index - 1, -1, -1):
        if begins_line(lexemes, place) and lexemes.indents[place] < lexemes.indents[index]:
            is_around = lexemes.depths[place] == lexemes.depths[index]
            return place if is_around and lexemes.texts[place] in _DECLARES else None
    return None


_DECLARES = frozenset(b"var let const".split())


def _split(lexemes: Lexemes, index: int, written: bytes) -> Edit | None:
    """Write inside of a word, where both parts, or the longer one, are words of the text."""
    word = lexemes.texts[index]
    if lexemes.kinds[index] != Kind.WORD or not 2 <= len(word) <= _LONGEST_SPLIT:
        return None
    known = {text for place, text in enumerate(lexemes.texts) if place != index}

    def worth(cut: int) -> tuple[int, int]:
        parts = [part for part in (word[:cut], word[cut:]) if part in known or part in _KEYWORDS or part.isdigit()]
        return len(parts), sum(map(len, parts))

    cut = max(range(1, len(word)), key=worth)
    if written == b" " and _begins_line_of_its_own(lexemes, index, word[cut:]):
        written = line_end_of(lexemes) + indentation_of(lexemes, index)
    return at(lexemes.starts[index] + cut, written) if worth(cut) > (0, 0) else None


def _begins_line_of_its_own(lexemes: Lexemes, index: int, part: bytes) -> bool:
    """Whether two lines were joined in a word: the second a declaration, or both of them members ``name: type``."""
    first, last = line_of(lexemes, index)
    if first < index and part in _DECLARES:
        return True
    return first + 1 < index < last and lexemes.texts[first + 1] == lexemes.texts[index + 1] == b":"


def _closing_tag(lexemes: Lexemes, index: int) -> Edit | None:
    elements = open_elements(lexemes, index)
    if not elements:
        return None
    element, gap = elements[-1], gap_before(lexemes, index)
    written = b"</" + element.name + b">"
    start = lexemes.ends[index - 1] if index else 0
    if b"\n" not in gap or not is_above(lexemes, element.opener, index - 1):
        return at(start, written)
    return on_own_line(lexemes, element.opener, written, gap, start)


def _renamed_tag(lexemes: Lexemes, index: int) -> Edit | None:
    """The name in a closing tag, replaced by that of the innermost open element."""
    first = index
    while first > 1 and lexemes.texts[first - 1] != b"/" and touches(lexemes, first):
        first -= 1
    if first < 2 or lexemes.texts[first - 2 : first] != [b"<", b"/"]:
        return None
    elements = open_elements(lexemes, first - 2)
    name, behind = tag_name(lexemes, first)
    if not elements or behind == first or elements[-1].name == name:
        return None
    return Edit(Span(lexemes.starts[first], lexemes.ends[behind - 1]), elements[-1].name)
