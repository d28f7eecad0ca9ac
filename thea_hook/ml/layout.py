"""Where a lexeme goes between others, and what goes with one that is deleted: the white space that people put there.

A mark that was lost has often left its white space behind: two blanks, blanks at the end of a line, an empty line.
"""

from __future__ import annotations

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import Kind, Lexemes
from thea_hook.ml.vocabulary import COMMENT_MARKS, QUOTES


def line_of(lexemes: Lexemes, index: int) -> tuple[int, int]:
    """The first and the last lexeme that begin on the line of this one."""
    first = last = index
    while first and not lexemes.newlines_before[first]:
        first -= 1
    while last + 1 < len(lexemes) and not lexemes.newlines_before[last + 1]:
        last += 1
    return first, last


def with_its_space(lexemes: Lexemes, first: int, last: int) -> Span:
    """A run of lexemes with the white space that goes when they go: whole lines with their line feed, else one side."""
    text, start, end = lexemes.text, lexemes.starts[first], lexemes.ends[last]
    before, behind = gap_before(lexemes, first), gap_before(lexemes, last + 1)
    begins_line, ends_line = first == 0 or b"\n" in before, last + 1 == len(lexemes) or b"\n" in behind
    if begins_line and ends_line:
        line_start = text.rfind(b"\n", 0, start) + 1
        line_end = text.find(b"\n", end)
        return Span(line_start, line_end + 1) if line_end >= 0 else Span(max(0, line_start - 1), len(text))
    if begins_line:
        return Span(start, end + len(behind))
    if ends_line:
        return Span(start - len(before), end)
    if _hug(lexemes, first - 1, last + 1, touching=not before):
        keeps_blank = not before and lexemes.texts[last + 1] == b":"  # `a ? b) : c`
        return Span(start - len(before), end if keeps_blank else end + len(behind))
    return Span(start - len(before), end) if before and behind else Span(start, end)


def _hug(lexemes: Lexemes, left: int, right: int, *, touching: bool) -> bool:
    """Whether two lexemes stand together once what is between them goes."""
    one, other = lexemes.texts[left], lexemes.texts[right]
    if one in _TIGHT_BEHIND or other in _HUGS_LEFT:
        return True
    if touching and (one == b"<" or one.endswith(b"${") or (one == b"=" and not gap_before(lexemes, left))):
        return True
    return other == b"(" and lexemes.kinds[left] == Kind.WORD and one not in _BEFORE_PARENTHESIS


_HUGS_LEFT = frozenset(b", ; ) ] . ?. : ++ -- >".split())
_BEFORE_PARENTHESIS = frozenset(b"if for while switch catch return await async function typeof of in case with".split())


def gap_before(lexemes: Lexemes, index: int) -> bytes:
    """The white space before a lexeme."""
    start = lexemes.ends[index - 1] if index else 0
    return lexemes.text[start : lexemes.starts[index] if index < len(lexemes) else len(lexemes.text)]


TIGHT_BEFORE = frozenset(b", ; ) ] . ?. : > ++ --".split())
_TIGHT_BEHIND = frozenset(b"( [ . ?. ! ~ @ # ... ++ --".split())
_OPENERS = {b"}": b"{", b")": b"(", b"]": b"["}


def insertion(lexemes: Lexemes, index: int, written: bytes, *, is_closing: bool) -> Edit:
    """Where a lexeme goes between two others, and the blanks that come with it.

    A mark that was lost has often left its white space behind: two blanks, blanks at the end of a line, an empty line.
    """
    gap = gap_before(lexemes, index)
    start = lexemes.ends[index - 1] if index else 0
    end = start + len(gap)
    if written in QUOTES:
        return at(start, written) if is_closing else at(end, written)
    if written in COMMENT_MARKS:
        return _comment_end(lexemes, index, gap, start) if written == b"*/" else at(end, written + b" ")
    if b"\n" in gap:
        return _at_line_end(lexemes, index, written, gap, start)
    if written in (b".", b"?."):
        return Edit(Span(start, end), written)
    if len(gap) > 1 and index and index < len(lexemes):
        return at(start + 1, written)
    if not gap and index and index < len(lexemes):
        before = b" " if _follows_blank(lexemes, index, written) else b""
        return at(start, before + written + (b" " if _takes_blank(written, lexemes.texts[index]) else b""))
    if written in _TIGHT_BEHIND and not (gap and written in (b"++", b"--")):
        return at(end, written)
    if written in _OPENERS and _next_is(lexemes, index, _BEHIND_CLOSING):
        return at(end, written)  # its blank is left: `{ a )` was `{ a })`
    if written in TIGHT_BEFORE or not gap:
        return at(start, written)
    if written == b"{":  # `({ a })`, but `=> { a }`
        if index and lexemes.texts[index - 1] in _HUGS_BRACE:
            return at(start, written)
        return at(end, b"{ " if _closes_with_blank(lexemes, index) else b"{")
    if written == b"}":
        return at(start, b" }" if _is_spaced(lexemes, index) else b"}")
    if written == b"/":
        return at(end, written)
    if written[:1].isalpha():
        is_left = index > 0 and lexemes.texts[index - 1] in _TIGHT_BEHIND  # the blank of a word that was lost
        return at(start, written) if is_left else at(end, written + b" ")
    return at(start, b" " + written)


def _comment_end(lexemes: Lexemes, index: int, gap: bytes, start: int) -> Edit:
    """The end of a comment, under the stars of its lines where they have some."""
    above = lexemes.text[lexemes.text.rfind(b"\n", 0, start) + 1 : start]
    if b"\n" not in gap or not above.lstrip().startswith(b"*"):
        return at(start + 1, b"*/") if gap.startswith(b" ") else at(start, b" */")
    indent = above[: len(above) - len(above.lstrip())]
    first_line, _, rest = gap.partition(b"\n")
    below = rest.partition(b"\n")[0]
    if b"\n" in rest and indent.startswith(below.rstrip(b"\r")):  # the line that has lost it
        return at(start + len(first_line) + 1 + len(below.rstrip(b"\r")), indent[len(below.rstrip(b"\r")) :] + b"*/")
    return at(start, (b"\r\n" if first_line.endswith(b"\r") else b"\n") + indent + b"*/")


def _follows_blank(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether people put a blank before what is written, behind what is there."""
    before = lexemes.texts[index - 1]
    if written == b"}":
        return _is_spaced(lexemes, index)
    if written in (b"(", b"[", b"{"):
        if before == b"=" and index > 1 and not gap_before(lexemes, index - 1):
            return False  # an attribute
        return before in _BEFORE_OPENING or (written != b"[" and before in _BEFORE_PARENTHESIS)
    return written == b"/" and lexemes.texts[index] == b">" and before != b"<"  # `<br />`


def _closes_with_blank(lexemes: Lexemes, index: int) -> bool:
    """Whether the brace that closes what is opened here has a blank before it."""
    depth = 0
    for place in range(index, len(lexemes)):
        text = lexemes.texts[place]
        depth += (text == b"{") - (text == b"}")
        if depth < 0:
            return place > index and gap_before(lexemes, place) != b""
    return True


_BEFORE_OPENING = frozenset(b", : = => ? && || ??".split())


def _takes_blank(written: bytes, following: bytes) -> bool:
    """Whether people put a blank behind what is written, before what follows it."""
    if written in (b",", b":", b";"):
        return following not in _CLOSERS
    if written == b">":  # of an element, more often than not
        return following in _AFTER_BLANK
    return written in (b")", b"}", b"]") and (following in _AFTER_BLANK or following[:1].isalnum())


_CLOSERS = frozenset(b") ] } ; , >".split())
_AFTER_BLANK = frozenset(b"/ { => = == === != !== && || ?? ? + - * < <= >= |".split())
_HUGS_BRACE = frozenset(b"( [ ... $ <".split())


def _is_spaced(lexemes: Lexemes, index: int) -> bool:
    """Whether the brace that is closed here has a blank behind it, as its partner will before it."""
    if _ends_substitution(lexemes, index):
        return False
    opener = _open_bracket(lexemes, index, b"}")
    return opener is None or gap_before(lexemes, opener + 1) != b""


def _ends_substitution(lexemes: Lexemes, index: int) -> bool:
    """Whether a brace that is closed here is that of a ``${`` in a template."""
    depth = 0
    for text in reversed(lexemes.texts[:index]):
        opens = text == b"{" or text.endswith(b"${")
        if opens and not depth:
            return text != b"{"
        depth += (text[:1] == b"}") - opens
    return False


def _at_line_end(lexemes: Lexemes, index: int, written: bytes, gap: bytes, start: int) -> Edit:
    """A lexeme at the end of a line, at the beginning of the next, or on a line of its own."""
    first_line = gap.partition(b"\n")[0]
    tail = first_line.rstrip(b"\r")
    end = start + len(gap)
    if tail:  # `x = {` that lost its brace ends in a blank
        return at(start + len(tail), written)
    if index == len(lexemes) and written not in _OPENERS:
        return at(start, written)
    if is_shifted(lexemes, index):
        return at(end - 1, written)
    if written in _STARTS_LINE or _is_opened_here(lexemes, index, written):
        return at(end, written)
    if written[:1].isalpha():
        return at(end, written + b" ")
    if written in _LEADING and _has_leading(lexemes, index, written):
        return at(end, written + b" ")
    opener = _open_bracket(lexemes, index, written) if written in _OPENERS else None
    if written == b")" and opener is not None and _ends_statement(lexemes, index, opener):
        written = b");"
    if opener is not None and opener < index - 1 and b"\n" in gap_before(lexemes, opener + 1):
        if _is_closing_line(lexemes, index - 1, opener):
            return at(start, written)
        if _next_is(lexemes, index, _BEHIND_CLOSING) or _is_return_type(lexemes, index, opener):
            return at(end, written)
        if _next_is(lexemes, index, _BEHIND_BLOCK):
            return at(end, written + b" ")
        return on_own_line(lexemes, opener, written, gap, start)
    if opener is not None and opener == index - 1:
        return at(start, written)
    is_tight = written[:1] == b")" or written in TIGHT_BEFORE or written in (b"(", b"[") or not index
    is_tight = is_tight or (written == b"{" and lexemes.texts[index - 1] in _HUGS_BRACE)
    return at(start, written if is_tight or (written == b"}" and not _is_spaced(lexemes, index)) else b" " + written)


_STARTS_LINE = frozenset(b"@ ... < . ?. #".split())
_LEADING = frozenset(b"| & ? : && || ?? + - ,".split())


def _is_opened_here(lexemes: Lexemes, index: int, opening: bytes) -> bool:
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


_BEHIND_CLOSING = frozenset(b"; , ) ] :".split())
_BEHIND_BLOCK = frozenset(b"else catch finally".split())


def _next_is(lexemes: Lexemes, index: int, texts: frozenset[bytes]) -> bool:
    return index < len(lexemes) and lexemes.texts[index] in texts


def _is_return_type(lexemes: Lexemes, index: int, opener: int) -> bool:
    """Whether ``: Type`` begins a line, as high as that of a bracket that is closed before it."""
    return _next_is(lexemes, index, frozenset((b":",))) and lexemes.indents[index] == lexemes.indents[opener]


def is_shifted(lexemes: Lexemes, index: int) -> bool:
    """Whether the line that begins here is indented by one blank too many: the one behind what was lost."""
    if not 0 < index < len(lexemes):
        return False
    return lexemes.indents[index] % 2 == 1 and lexemes.indents[index - 1] % 2 == 0


def _has_leading(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether operators begin the lines here, rather than end them."""
    if index >= len(lexemes):
        return False
    above, below = line_of(lexemes, index - 1)[0] if index else 0, line_of(lexemes, index)[1] + 1
    marks = {b","} if written == b"," else _LEADING - {b","}
    return any(place < len(lexemes) and lexemes.texts[place] in marks for place in (above, below))


def _ends_statement(lexemes: Lexemes, index: int, opener: int) -> bool:
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


_BEFORE_CONDITION = frozenset(b"if for while switch catch with function constructor".split())
_GOES_ON = frozenset(b"; , . ?. ) ] : ? && || ?? + - * / = => { < > | & ==  === != !== instanceof in as of".split())
_BEFORE_BLOCK = frozenset(b") => else try finally do {".split())
_OPENS, _CLOSES = frozenset(b"( [ { ${".split()), frozenset(b") ] }".split())


def _is_closing_line(lexemes: Lexemes, index: int, opener: int) -> bool:
    """Whether a lexeme is the last of a line of closing brackets that closes what the opener's line opened: ``})``."""
    first = line_of(lexemes, index)[0]
    return (
        all(text in _OPENERS for text in lexemes.texts[first : index + 1])
        and lexemes.indents[first] == lexemes.indents[opener]
    )


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
    newline = b"\r\n" if first_line.endswith(b"\r") else b"\n"
    return at(start, newline + indent + written)


def at(offset: int, written: bytes) -> Edit:
    return Edit(Span(offset, offset), written)


def _open_bracket(lexemes: Lexemes, index: int, closing: bytes) -> int | None:
    """The bracket that a closing one before this lexeme would close: the nearest of its kind that is still open."""
    opening, depth = _OPENERS[closing], 0
    for before in range(index - 1, -1, -1):
        text = lexemes.texts[before]
        if text == closing:
            depth += 1
        elif text == opening:
            if not depth:
                return before
            depth -= 1
    return None


def is_above(lexemes: Lexemes, first: int, second: int) -> bool:
    """Whether a line ends between the two."""
    return any(lexemes.newlines_before[first + 1 : second + 1])


def indentation_of(lexemes: Lexemes, index: int) -> bytes:
    start = lexemes.text.rfind(b"\n", 0, lexemes.starts[index]) + 1
    line = lexemes.text[start : lexemes.starts[index]]
    return line[: len(line) - len(line.lstrip())]
