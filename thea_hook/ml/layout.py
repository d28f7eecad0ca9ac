"""Where a lexeme goes between others, and what goes with one that is deleted: the white space that people put there.

A mark that was lost has often left its white space behind: two blanks, blanks at the end of a line, an empty line.
"""

from __future__ import annotations

import re

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import Kind, Lexemes
from thea_hook.ml.brackets import (
    OPENERS,
    closes_with_blank,
    ends_substitution,
    is_closing_line,
    is_conditional,
    is_opened_here,
    is_spaced,
    open_bracket,
    place_to_insert,
)
from thea_hook.ml.gaps import (
    TIGHT_BEFORE,
    are_one,
    at,
    begins_line,
    ends_in_line_comment,
    gap_before,
    indentation_of,
    is_shifted,
    kept_apart,
)
from thea_hook.ml.habits import (
    BEFORE_PARENTHESIS,
    LEADING,
    SPACED,
    ends_statement,
    has_leading,
    is_spaced_between,
    is_spaced_operator,
    leading_indents,
)
from thea_hook.ml.vocabulary import COMMENT_MARKS, QUOTES


def with_its_space(lexemes: Lexemes, first: int, last: int) -> Span:
    """A run of lexemes with the white space that goes when they go: whole lines with their line feed, else one side."""
    start, end = lexemes.starts[first], lexemes.ends[last]
    before, behind = gap_before(lexemes, first), gap_before(lexemes, last + 1)
    ends_line = last + 1 == len(lexemes) or b"\n" in behind
    if begins_line(lexemes, first) and ends_line:
        return _whole_lines(lexemes, first, last)
    if ends_line:  # blanks at the end of a line are nobody's
        return Span(start - len(before), end + len(behind.partition(b"\n")[0].rstrip(b"\r")))
    is_doubled = first == last and first > 0 and lexemes.texts[first - 1] == lexemes.texts[first]  # `f( (a)`
    if begins_line(lexemes, first):
        moves_up = first > 0 and _moves_up(lexemes, first, last + 1, is_doubled=is_doubled)
        return Span(start - len(before), end) if moves_up else Span(start, end + len(behind))
    if is_doubled:
        return Span(start - len(before), end)
    if _hug(lexemes, first - 1, last + 1, touching=not before):
        keeps_blank = not before and lexemes.texts[last + 1] == b":" != lexemes.texts[last]  # `a ? b) : c`
        return Span(start - len(before), end if keeps_blank else end + len(behind))
    return Span(start - len(before), end) if before and behind else Span(start, end)


def _whole_lines(lexemes: Lexemes, first: int, last: int) -> Span:
    """The lines of these lexemes, and of the empty ones around them the fewer; no empty lines stay at the end."""
    text = lexemes.text
    line_start = text.rfind(b"\n", 0, lexemes.starts[first]) + 1
    line_end = text.find(b"\n", lexemes.ends[last])
    content_end = text.find(b"\n", lexemes.ends[first - 1]) if first else -1
    if last + 1 == len(lexemes):
        if text.endswith(b"\n"):
            return Span(content_end + 1, len(text))
        return Span(content_end - text.endswith(b"\r", 0, content_end) if first else 0, len(text))
    above = text.count(b"\n", content_end + 1, line_start)
    below = text.count(b"\n", line_end + 1, lexemes.starts[last + 1])
    if above > below:
        return Span(line_start, text.rfind(b"\n", 0, lexemes.starts[last + 1]) + 1)
    return Span(content_end + 1 if first else line_start, line_end + 1)


def _moves_up(lexemes: Lexemes, first: int, following: int, *, is_doubled: bool) -> bool:
    """Whether what follows a deleted beginning of a line ends the line above: it cannot well begin one."""
    if ends_in_line_comment(lexemes, first):
        return False
    deleted, text = lexemes.texts[first], lexemes.texts[following]
    if deleted in OPENERS:
        return is_doubled or text in (b";", b",", b".")
    return text in (b";", b",") or (is_doubled and deleted not in (b";", b","))


def _hug(lexemes: Lexemes, left: int, right: int, *, touching: bool) -> bool:
    """Whether two lexemes stand together once what is between them goes."""
    one, other = lexemes.texts[left], lexemes.texts[right]
    if one in _TIGHT_BEHIND or other in _HUGS_LEFT:
        return True
    if other[:1] == b"}" and not is_spaced(lexemes, right, b"}"):
        return True
    if touching and (one == b"<" or one.endswith(b"${")):
        return True
    if one == b"=" and not gap_before(lexemes, left) and (touching or lexemes.kinds[right] == Kind.STRING):
        return True  # `a= *"b"`: an attribute
    if other == b"=" and _has_attribute_value(lexemes, right + 1):
        return True  # `a, ="b"`
    return other == b"(" and lexemes.kinds[left] == Kind.WORD and one not in BEFORE_PARENTHESIS


def _has_attribute_value(lexemes: Lexemes, index: int) -> bool:
    """Whether a string or an expression in braces touches the equals sign before it."""
    if index >= len(lexemes) or gap_before(lexemes, index):
        return False
    return lexemes.texts[index] == b"{" or lexemes.kinds[index] == Kind.STRING


_HUGS_LEFT = frozenset(b", ; ) ] . ?. : ++ -- >".split())
_TIGHT_BEHIND = frozenset(b"( [ . ?. ! ~ @ # ... ++ --".split())


def insertion(lexemes: Lexemes, index: int, written: bytes, *, is_closing: bool) -> Edit:
    """Where a lexeme goes between two others, and the blanks that come with it.

    What would go to the end of a ``//`` comment, and so be a part of it, goes before the comment.
    """
    gap = gap_before(lexemes, index)
    start = lexemes.ends[index - 1] if index else 0
    end = start + len(gap)
    if written in QUOTES:
        return at(start, written) if is_closing else at(end, written)
    if written == b"*/":
        return _comment_end(lexemes, index, gap, start)
    if written in COMMENT_MARKS:
        is_left = gap.endswith(b"  ") or (not index and gap == b" ") or is_shifted(lexemes, index)  # its blank is left
        return at(end - 1, written) if is_left else at(end, written + b" ")
    if written in OPENERS:
        index = place_to_insert(lexemes, index, written)
    edit = _between(lexemes, index, written)
    if _is_commented_out(lexemes, index, edit):
        while ends_in_line_comment(lexemes, index):
            index -= 1
        edit = _between(lexemes, index, written)
    return kept_apart(lexemes, edit, are_one)


def _between(lexemes: Lexemes, index: int, written: bytes) -> Edit:
    """A mark or a word before a lexeme, in the white space that is there."""
    gap = gap_before(lexemes, index)
    start = lexemes.ends[index - 1] if index else 0
    end = start + len(gap)
    if b"\n" in gap or index == len(lexemes):
        return _at_line_end(lexemes, index, written, gap, start)
    if written in (b".", b"?."):
        return Edit(Span(start, end), written)
    if len(gap) > 1 and index:
        return at(start + 1, written)
    if not index and written[:1].isalpha():
        return at(end, _word(lexemes, index, written))
    if not gap and index:
        before = b" " if _follows_blank(lexemes, index, written) else b""
        return at(start, before + written + (b" " if _takes_blank(lexemes, index, written) else b""))
    if written in _TIGHT_BEHIND and not (gap and written in (b"++", b"--")):
        return at(end, written)
    if written in OPENERS and _next_is(lexemes, index, _BEHIND_CLOSING):
        return at(end, written)  # its blank is left: `{ a )` was `{ a })`
    if not gap or (written in TIGHT_BEFORE and not (written == b":" and is_conditional(lexemes, index))):
        return at(start, written)
    if written == b"{":  # `({ a })`, but `=> { a }`
        if index and lexemes.texts[index - 1] in _HUGS_BRACE:
            return at(start, written)
        return at(end, b"{ " if closes_with_blank(lexemes, index) else b"{")
    if written == b"}":
        return at(start, b" }" if is_spaced(lexemes, index, written) else b"}")
    if written == b"/":
        return at(end, written)
    if written[:1].isalpha():
        is_left = index > 0 and lexemes.texts[index - 1] in _TIGHT_BEHIND  # the blank of a word that was lost
        return at(start, written) if is_left else at(end, _word(lexemes, index, written))
    return at(start, b" " + written)


def _is_commented_out(lexemes: Lexemes, index: int, edit: Edit) -> bool:
    """Whether an edit in the gap before a lexeme writes on the line of a comment that only a line feed ends."""
    if not ends_in_line_comment(lexemes, index):
        return False
    return b"\n" not in lexemes.text[lexemes.ends[index - 1] : edit.span.start] + edit.text[:2]


def _word(lexemes: Lexemes, index: int, written: bytes) -> bytes:
    """A word with the blank behind it, where people put one before what follows."""
    return written + b" " if _takes_blank(lexemes, index, written) else written


def _comment_end(lexemes: Lexemes, index: int, gap: bytes, start: int) -> Edit:
    """The end of a comment, under the stars of its lines where they have some."""
    above = lexemes.text[lexemes.text.rfind(b"\n", 0, start) + 1 : start]
    if b"\n" not in gap or not above.lstrip().startswith(b"*"):
        is_left = gap.startswith(b" ") and (b"\n" in gap or len(gap) > 1)  # its blank is left
        return at(start + 1, b"*/") if is_left else at(start, b" */")
    indent = above[: len(above) - len(above.lstrip())]
    first_line, _, rest = gap.partition(b"\n")
    below = rest.partition(b"\n")[0]
    if b"\n" in rest and indent.startswith(below.rstrip(b"\r")):  # the line that has lost it
        return at(start + len(first_line) + 1 + len(below.rstrip(b"\r")), indent[len(below.rstrip(b"\r")) :] + b"*/")
    return at(start, (b"\r\n" if first_line.endswith(b"\r") else b"\n") + indent + b"*/")


def _follows_blank(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether people put a blank before what is written, behind what is there."""
    before = lexemes.texts[index - 1]
    if written in OPENERS:
        return _closes_spaced(lexemes, index, written)
    if written in (b"(", b"[", b"{"):
        if before == b"=" and index > 1 and not gap_before(lexemes, index - 1):
            return False  # an attribute
        return before in _BEFORE_OPENING or (written != b"[" and before in BEFORE_PARENTHESIS)
    if written in SPACED:
        return is_spaced_operator(lexemes, written, lexemes.texts[index])
    return written == b"/" and lexemes.texts[index] == b">" and before != b"<"  # `<br />`


_BEFORE_OPENING = frozenset(b", : = => ? && || ??".split())


def _closes_spaced(lexemes: Lexemes, index: int, closing: bytes) -> bool:
    """Whether a blank comes before a closing bracket: as behind such a lexeme elsewhere, or as behind its opener."""
    known = None if closing == b"}" else is_spaced_between(lexemes, lexemes.texts[index - 1], closing)
    return is_spaced(lexemes, index, closing) if known is None else known


def _takes_blank(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether people put a blank behind what is written, before what follows it."""
    following = lexemes.texts[index]
    if written[:1].isalpha():
        if following != b"(":
            return following not in TIGHT_BEFORE
        known = is_spaced_between(lexemes, written, following)
        return written in BEFORE_PARENTHESIS if known is None else known
    if written in SPACED:
        return is_spaced_operator(lexemes, written, following)
    if written in (b",", b":", b";"):
        return following not in _CLOSERS
    if written == b">":  # of an element, more often than not
        return following in _AFTER_BLANK
    if written not in OPENERS or (written == b"}" and ends_substitution(lexemes, index)):
        return False
    if following == b"}":
        return written != b"}" and is_spaced(lexemes, index, following)
    return following in _AFTER_BLANK or following[:1].isalnum()


_CLOSERS = frozenset(b") ] } ; , >".split())
_AFTER_BLANK = frozenset(b"/ { => = == === != !== && || ?? ? + - * < <= >= |".split())
_HUGS_BRACE = frozenset(b"( [ ... $ <".split())


def _at_line_end(lexemes: Lexemes, index: int, written: bytes, gap: bytes, start: int) -> Edit:
    """A lexeme at the end of a line, at the beginning of the next, or on a line of its own."""
    tail = gap.partition(b"\n")[0].rstrip(b"\r")
    end = start + len(gap)
    opener = open_bracket(lexemes, index, written) if written in OPENERS else None
    closes_lines = opener is not None and opener < index - 1 and b"\n" in gap_before(lexemes, opener + 1)
    if tail and not closes_lines:  # `x = {` that lost its brace ends in a blank
        return at(start if written in TIGHT_BEFORE and written != b":" else start + len(tail), written)
    if index == len(lexemes) and written not in OPENERS:
        return at(start, written)
    if is_shifted(lexemes, index):
        return at(end - 1, written)
    if written in _STARTS_LINE or is_opened_here(lexemes, index, written):
        return at(end, written)
    if written[:1].isalpha():
        return at(end, _word(lexemes, index, written))
    if written in LEADING and has_leading(lexemes, index, written):
        return _leading(lexemes, index, written)
    if written == b"{" and index:
        if _begins_expression(lexemes, index):
            return at(end, written)
        if (sibling := _element_above(lexemes, index)) is not None:
            return _element_opener(lexemes, sibling, gap, start)
    if opener is not None:
        if written == b")" and ends_statement(lexemes, index, opener):
            written = b");"
        if closes_lines:
            return _closing_line(lexemes, index, opener, written, gap, start)
        if opener == index - 1:
            return at(start, written)
    return at(start, written if not index or _is_tight(lexemes, index, written) else b" " + written)


def _is_tight(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether no blank comes before what is written at the end of a line."""
    before = lexemes.texts[index - 1]
    if written[:1] in OPENERS:
        return not _closes_spaced(lexemes, index, written[:1])
    if written == b":":
        return not is_conditional(lexemes, index)
    if written in (b"(", b"["):
        return before not in _BEFORE_OPENING and before not in BEFORE_PARENTHESIS
    return written in TIGHT_BEFORE or (written == b"{" and before in _HUGS_BRACE)


def _closing_line(lexemes: Lexemes, index: int, opener: int, written: bytes, gap: bytes, start: int) -> Edit:
    """A bracket that closes what was opened at the end of a line: with the brackets around it, or on a line below."""
    end = start + len(gap)
    if is_closing_line(lexemes, index - 1, opener):
        return at(start, b" " + written if _closes_spaced(lexemes, index, written[:1]) else written)
    # A line that is not as high as the opening one closes something around it: ``]`` of a list, below the last ``}``.
    if _next_is(lexemes, index, _BEHIND_CLOSING) and lexemes.indents[index] == lexemes.indents[opener]:
        return at(end, written)
    if _next_is(lexemes, index, _BEHIND_BLOCK):
        return at(end, written + b" ")
    return on_own_line(lexemes, opener, written, gap, start)


def _leading(lexemes: Lexemes, index: int, written: bytes) -> Edit:
    """An operator that begins a line, in place of blanks where it would stand deeper than the others."""
    start, written = lexemes.starts[index], written + b" "
    marked = lexemes.indents[index] - len(written)
    if gap_before(lexemes, index).endswith(b" " * len(written)) and marked in leading_indents(lexemes, written[:-1]):
        return Edit(Span(start - len(written), start), written)
    return at(start, written)


def _begins_expression(lexemes: Lexemes, index: int) -> bool:
    """Whether a brace before this line is that of an expression: behind a tag, or of attributes that are spread."""
    texts = lexemes.texts
    if texts[index - 1] == b">":  # `/>`, `</a>`
        return any(text == b"/" for text in texts[max(0, index - 4) : index - 1])
    return texts[index] == b"..." and texts[index - 1] not in (b",", b"(", b"[", b"{")


def _element_above(lexemes: Lexemes, index: int) -> int | None:
    """The brace that opens the element before this one of a list, where it begins a line."""
    if index < 2 or lexemes.texts[index - 2 : index] != [b"}", b","]:
        return None
    opener = open_bracket(lexemes, index - 2, b"}")
    return opener if opener is not None and begins_line(lexemes, opener) else None


def _element_opener(lexemes: Lexemes, sibling: int, gap: bytes, start: int) -> Edit:
    """The brace that opens an element of a list, under that of the one above and in the place of an empty line."""
    empty = re.search(rb"\n(?=\r?\n)", gap)
    if empty:
        return at(start + empty.end(), indentation_of(lexemes, sibling) + b"{")
    return on_own_line(lexemes, sibling, b"{", gap, start)


_STARTS_LINE = frozenset(b"@ ... < . ?. #".split())
_BEHIND_CLOSING = frozenset(b"; , ) ] :".split())
_BEHIND_BLOCK = frozenset(b"else catch finally".split())


def _next_is(lexemes: Lexemes, index: int, texts: frozenset[bytes]) -> bool:
    return index < len(lexemes) and lexemes.texts[index] in texts


def on_own_line(lexemes: Lexemes, opener: int, written: bytes, gap: bytes, start: int) -> Edit:
    """A closing bracket under the line of its opening one, in the place of an empty line if one was left for it."""
    indent = indentation_of(lexemes, opener)
    first_line, _, rest = gap.partition(b"\n")
    lines = rest.split(b"\n")
    offset = start + len(first_line) + 1
    for line in lines[:-1]:
        if line.rstrip(b"\r") == indent and (indent or len(lines) > 2):
            return at(offset + len(indent), written)
        offset += len(line) + 1
    newline = b"\r\n" if first_line.endswith(b"\r") or (not rest and b"\r\n" in lexemes.text) else b"\n"
    return at(start, newline + indent + written)
