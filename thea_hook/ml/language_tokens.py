"""A text as the language model reads it: sub-tokens of names, lexemes of the closed vocabulary, and the layout.

Layout costs a token only where it is not what the lexemes on both sides let expect: ``a = b`` has no token for its
blanks, ``a=b`` has two that say that they are missing. What is inside of comments, templates and regular expressions
is left out, and of a string the first pieces are kept: a repair is judged by the code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import NamedTuple

from thea_hook.languages.lexemes import TAB_WIDTH, Kind, Lexemes
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import CLOSED, QUOTES

PIECES = 8_192
"""Ids below are those of ``SubTokens``."""

_MARKS = (
    "END STRING_END NUMBER REGEX COMMENT LINE_COMMENT OTHER TEMPLATE TEMPLATE_HEAD TEMPLATE_MIDDLE TEMPLATE_TAIL "
    "TIGHT BLANK WIDE BLANK_LINE OUT_3 OUT_2 OUT_1 SAME IN_1 IN_2 ASKEW PREFIX SUFFIX MIDDLE SPAN_END"
).split()
_FIRST_MARK = PIECES + len(CLOSED)
_CLOSED = {text: PIECES + index for index, text in enumerate(CLOSED)}


class Marks(NamedTuple):
    """Ids of what is no text: kinds of lexemes, gaps, and the frame of a text that is to be filled in."""

    END: int
    """Of a text; it also stands before every text."""
    STRING_END: int
    NUMBER: int
    REGEX: int
    COMMENT: int
    LINE_COMMENT: int
    OTHER: int
    TEMPLATE: int
    TEMPLATE_HEAD: int
    TEMPLATE_MIDDLE: int
    TEMPLATE_TAIL: int
    TIGHT: int
    BLANK: int
    WIDE: int
    BLANK_LINE: int
    OUT_3: int
    OUT_2: int
    OUT_1: int
    SAME: int
    IN_1: int
    IN_2: int
    ASKEW: int
    """A new line whose indentation is no multiple of the usual step."""
    PREFIX: int
    SUFFIX: int
    MIDDLE: int
    SPAN_END: int


MARK = Marks(*range(_FIRST_MARK, _FIRST_MARK + len(_MARKS)))
USED = _FIRST_MARK + len(_MARKS)
VOCABULARY = -(-USED // 64) * 64
"""Rounded up, which processors like better; the last few ids are never used."""

_PIECES_OF_STRING = 6
_STEPS = {-3: MARK.OUT_3, -2: MARK.OUT_2, -1: MARK.OUT_1, 0: MARK.SAME, 1: MARK.IN_1, 2: MARK.IN_2}
_TIGHT_AFTER = frozenset(b"( [ . ?. ! ~ ++ -- ... @ # < > /".split())
_TIGHT_BEFORE = frozenset(b") ] , ; . ?. ( [ ++ -- : < >".split())
_APART_FROM_BRACKET = frozenset(
    b"if for while switch catch return typeof in of = == === != !== && || ?? => + - * ? : , case await { }".split()
)


class Encoded(NamedTuple):
    """The ids of a text, and where in them each lexeme begins, with the gap before it; the last entry is the end."""

    ids: list[int]
    starts: list[int]


def encode(lexemes: Lexemes, subtokens: SubTokens, unit: int = 0, indent: int = 0) -> Encoded:
    """The ids of a text whose indentation has steps of ``unit`` blanks. Nothing here fails, whatever the text.

    Of texts that are to be compared all want the same unit; 0 finds out what this one has. ``indent`` is that of the
    line before the text.
    """
    ids: list[int] = []
    starts: list[int] = []
    unit = unit or unit_of(lexemes)
    before, end = b"", 0
    layout = zip(lexemes.starts, lexemes.ends, lexemes.newlines_before, lexemes.indents, strict=True)
    for kind, text, (start, stop, lines, depth) in zip(lexemes.kinds, lexemes.texts, layout, strict=True):
        starts.append(len(ids))
        if lines:
            ids += _line_ids(lines, depth - indent, unit)
        elif (gap := _gap_id(before, text, start - end)) is not None:
            ids.append(gap)
        ids += _lexeme_ids(kind, text, subtokens)
        before, end, indent = text, stop, depth
    starts.append(len(ids))
    return Encoded(ids, starts)


# ------------------------------------------------------------------ lexemes


@lru_cache(maxsize=1 << 14)  # candidates for one text are all but the same
def _lexeme_ids(kind: int, text: bytes, subtokens: SubTokens) -> Sequence[int]:
    closed = _CLOSED.get(text)
    if closed is not None and kind not in (Kind.STRING, Kind.TEMPLATE, Kind.COMMENT):
        return (closed,)
    if kind == Kind.WORD:
        return subtokens.encode(text.decode("utf-8", "replace"))
    if kind == Kind.NUMBER:
        return (
            subtokens.encode(text.decode("ascii", "replace")) if len(text) <= 3 and text.isdigit() else (MARK.NUMBER,)
        )
    if kind == Kind.STRING:
        return (_CLOSED[text[:1]], *_first_pieces(text[1:-1], subtokens), MARK.STRING_END)
    if kind == Kind.COMMENT:
        return (MARK.LINE_COMMENT if text[:2] == b"//" else MARK.COMMENT,)
    if kind == Kind.TEMPLATE:
        return (_TEMPLATES[text[:1] == b"`", text[-1:] == b"`"],)
    if kind == Kind.JSX_TEXT:
        return _first_pieces(text, subtokens) or (MARK.OTHER,)
    return (MARK.REGEX,) if kind == Kind.REGEX else (MARK.OTHER,)


_TEMPLATES = {
    (True, True): MARK.TEMPLATE,
    (True, False): MARK.TEMPLATE_HEAD,
    (False, False): MARK.TEMPLATE_MIDDLE,
    (False, True): MARK.TEMPLATE_TAIL,
}


def _first_pieces(text: bytes, subtokens: SubTokens) -> tuple[int, ...]:
    return subtokens.encode(text[:60].decode("utf-8", "replace"))[:_PIECES_OF_STRING]


# ------------------------------------------------------------------ gaps


def unit_of(lexemes: Lexemes) -> int:
    """How many blanks a step of indentation has in this text."""
    steps = Counter(after - before for before, after in pairwise(lexemes.indents) if 1 < after - before <= 8)
    return steps.most_common(1)[0][0] if steps else 2


def _line_ids(lines: int, change: int, unit: int) -> tuple[int, ...]:
    steps, rest = divmod(change, unit)
    mark = MARK.ASKEW if rest else _STEPS[max(-3, min(2, steps))]
    return (MARK.BLANK_LINE, mark) if lines > 1 else (mark,)


def _gap_id(before: bytes, text: bytes, width: int) -> int | None:
    """What says that a gap on a line is not the expected one."""
    expected = _expects_blank(before, text)
    if width == expected:
        return None
    return (MARK.TIGHT, MARK.BLANK)[width] if width < 2 else MARK.WIDE


def _expects_blank(before: bytes, text: bytes) -> bool:
    """Whether one blank is usual between two lexemes. Two names in a row are most often parts of one."""
    if not before or before in _TIGHT_AFTER:
        return False
    if text in _BRACKETS:
        return before in _APART_FROM_BRACKET
    if text in _TIGHT_BEFORE:
        return False
    return before in _CLOSED or text in _CLOSED or not _is_word(before[-1:]) or not _is_word(text[:1])


_BRACKETS = frozenset((b"(", b"["))


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte in b"_$" or byte >= b"\x80"


# ------------------------------------------------------------------ back to text


class Place(NamedTuple):
    """Where a text is to be written: what stands before it, how far its line is indented, and by which steps."""

    before: bytes
    indent: int
    unit: int
    tabs: bool = False

    @classmethod
    def behind(cls, lexemes: Lexemes) -> Place:
        """The end of a text."""
        tabs = b"\n\t" in lexemes.text
        if not lexemes.texts:
            return cls(b"", 0, unit_of(lexemes), tabs)
        return cls(lexemes.texts[-1], lexemes.indents[-1], unit_of(lexemes), tabs)


def decode(ids: Sequence[int], subtokens: SubTokens, place: Place) -> bytes | None:
    """The text that the ids stand for, its first gap included; None where they do not say all of it.

    Odd white space is made usual: blanks in a row become one, and a line that goes back by more steps than there are
    marks for goes back by three.
    """
    written: list[bytes] = []
    before, indent = place.before, place.indent
    gap: bytes | None = None
    name = b""  # pieces in a row are one
    rest = iter(ids)
    for item in rest:
        if item == MARK.BLANK_LINE:
            gap = b"\n"
            continue
        if item in _CHANGES:
            indent = max(0, indent + _CHANGES[item] * place.unit)
            gap = (gap or b"") + b"\n" + _indentation(indent, place)
            continue
        if item in _GAPS:
            gap = _GAPS[item]
            continue
        text = _text_of(item, rest, subtokens)
        if text is None:
            return None
        is_piece = item < PIECES
        if gap is None:
            gap = b" " if not (name and is_piece) and _expects_blank(before, text) else b""
        else:
            name = b""
        written += gap, text
        name = name + text if is_piece else b""
        before, gap = name or text, None
    return None if gap is not None else b"".join(written)


_CHANGES = {mark: steps for steps, mark in _STEPS.items()}
_GAPS = {MARK.TIGHT: b"", MARK.BLANK: b" ", MARK.WIDE: b" "}


def _indentation(indent: int, place: Place) -> bytes:
    return b"\t" * (indent // TAB_WIDTH) if place.tabs else b" " * indent


def _text_of(item: int, rest: Iterator[int], subtokens: SubTokens) -> bytes | None:
    """The text of one id, or of a string that begins with it; None where it is more than the ids say."""
    if PIECES <= item < _FIRST_MARK:
        text = CLOSED[item - PIECES]
        return _string(text, rest, subtokens) if text in QUOTES[:2] else text
    return subtokens.text_of(item) if item < PIECES else None


def _string(quote: bytes, rest: Iterator[int], subtokens: SubTokens) -> bytes | None:
    pieces = list(takewhile(lambda item: item != MARK.STRING_END, rest))
    texts = [subtokens.text_of(piece) for piece in pieces]
    if len(pieces) >= _PIECES_OF_STRING or None in texts:
        return None
    return quote + b"".join(filter(None, texts)) + quote
