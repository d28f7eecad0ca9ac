"""From a tag at a lexeme to an edit of the text, with the white space that people put there, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import Kind, Lexemes, lex
from thea_hook.ml.elements import open_elements, tag_name, touches
from thea_hook.ml.vocabulary import COMMENT_MARKS, KEYWORDS, QUOTES, TAG_INDEX, Action, Tag

_KEYWORDS = frozenset(KEYWORDS)


class Step(NamedTuple):
    """A tag at a lexeme; the place behind the last lexeme is the end of the text."""

    place: int
    tag: Tag


# ------------------------------------------------------------------ tag -> edit


def edit_of(lexemes: Lexemes, step: Step) -> Edit | None:
    """The edit that a tag stands for, or None where it makes no sense (an end of text deleted, no element to close)."""
    index, (action, written) = step
    count = len(lexemes)
    if action in (Action.INSERT, Action.CLOSE):
        return _insertion(lexemes, index, written, is_closing=action is Action.CLOSE)
    if action is Action.CLOSE_TAG:
        return _closing_tag(lexemes, index)
    if index >= count or action is Action.OTHER:
        return None
    start, end = lexemes.starts[index], lexemes.ends[index]
    if action is Action.DELETE:
        return Edit(_with_its_space(lexemes, index, index), b"")
    if action is Action.DELETE_LINE:
        return Edit(_with_its_space(lexemes, *_line(lexemes, index)), b"")
    if action is Action.DELETE_REST:
        return Edit(_with_its_space(lexemes, index, _line(lexemes, index)[1]), b"")
    if action is Action.MERGE:
        return Edit(Span(lexemes.ends[index - 1], start), b"") if index and lexemes.ends[index - 1] < start else None
    if action is Action.COMMENT_LINE:
        first = _line(lexemes, index)[0]
        place = lexemes.starts[first]
        return _at(place - 1, b"//") if _is_shifted(lexemes, first) else _at(place, b"// ")
    if action is Action.REPLACE:
        return _replacement(lexemes, index, written) if lexemes.texts[index] != written else None
    if action is Action.BREAK_LINE:
        indent = _indentation(lexemes, index)
        return Edit(Span(lexemes.ends[index - 1], start), b"\n" + indent) if index else None
    if action is Action.ESCAPE:
        return _at(end - 1, b"\\") if lexemes.kinds[index] == Kind.STRING else None
    if action is Action.SPLIT:
        return _split(lexemes, index, written)
    return _renamed_tag(lexemes, index)


def _replacement(lexemes: Lexemes, index: int, written: bytes) -> Edit:
    """One lexeme in the place of another; ``a: b`` and ``a = b`` differ in a blank, too."""
    start, end = lexemes.starts[index], lexemes.ends[index]
    gap = _gap(lexemes, index)
    if written == b"=" and not gap and lexemes.texts[index] in _TIGHT_BEFORE and _gap(lexemes, index + 1):
        return Edit(Span(start, end), b" =")
    if written in (b":", b",", b";") and gap and b"\n" not in gap and lexemes.texts[index] not in _TIGHT_BEFORE:
        return Edit(Span(start - len(gap), end), written)
    return Edit(Span(start, end), written)


def _split(lexemes: Lexemes, index: int, written: bytes) -> Edit | None:
    """Write inside of a word, where both parts, or the longer one, are words of the text."""
    word = lexemes.texts[index]
    if lexemes.kinds[index] != Kind.WORD or len(word) < 2:
        return None
    known = {text for place, text in enumerate(lexemes.texts) if place != index}

    def worth(cut: int) -> tuple[int, int]:
        parts = [part for part in (word[:cut], word[cut:]) if part in known or part in _KEYWORDS or part.isdigit()]
        return len(parts), sum(map(len, parts))

    cut = max(range(1, len(word)), key=worth)
    return _at(lexemes.starts[index] + cut, written) if worth(cut) > (0, 0) else None


def _line(lexemes: Lexemes, index: int) -> tuple[int, int]:
    """The first and the last lexeme that begin on the line of this one."""
    first = last = index
    while first and not lexemes.newlines_before[first]:
        first -= 1
    while last + 1 < len(lexemes) and not lexemes.newlines_before[last + 1]:
        last += 1
    return first, last


def _with_its_space(lexemes: Lexemes, first: int, last: int) -> Span:
    """A run of lexemes with the white space that goes when they go: whole lines with their line feed, else one side."""
    text, start, end = lexemes.text, lexemes.starts[first], lexemes.ends[last]
    before, behind = _gap(lexemes, first), _gap(lexemes, last + 1)
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
        return Span(start - len(before), end + len(behind))
    return Span(start - len(before), end) if before and behind else Span(start, end)


def _hug(lexemes: Lexemes, left: int, right: int, *, touching: bool) -> bool:
    """Whether two lexemes stand together once what is between them goes."""
    one, other = lexemes.texts[left], lexemes.texts[right]
    if one in _TIGHT_BEHIND or other in _HUGS_LEFT or (one == b"<" and touching):
        return True
    return other == b"(" and lexemes.kinds[left] == Kind.WORD and one not in _BEFORE_PARENTHESIS


_HUGS_LEFT = frozenset(b", ; ) ] . ?. : ++ -- >".split())
_BEFORE_PARENTHESIS = frozenset(b"if for while switch catch return await async function typeof of in case with".split())


def _gap(lexemes: Lexemes, index: int) -> bytes:
    """The white space before a lexeme."""
    start = lexemes.ends[index - 1] if index else 0
    return lexemes.text[start : lexemes.starts[index] if index < len(lexemes) else len(lexemes.text)]


_TIGHT_BEFORE = frozenset(b", ; ) ] . ?. : > ++ --".split())
_TIGHT_BEHIND = frozenset(b"( [ . ?. ! ~ @ # ... ++ --".split())
_OPENERS = {b"}": b"{", b")": b"(", b"]": b"["}


def _insertion(lexemes: Lexemes, index: int, written: bytes, *, is_closing: bool) -> Edit:
    """Where a lexeme goes between two others, and the blanks that come with it.

    A mark that was lost has often left its white space behind: two blanks, blanks at the end of a line, an empty line.
    """
    gap = _gap(lexemes, index)
    start = lexemes.ends[index - 1] if index else 0
    end = start + len(gap)
    if written in QUOTES:
        return _at(start, written) if is_closing else _at(end, written)
    if written in COMMENT_MARKS:
        return _at(start, b" */") if written == b"*/" else _at(end, written + b" ")
    if b"\n" in gap:
        return _at_line_end(lexemes, index, written, gap, start)
    if len(gap) > 1 and index and index < len(lexemes):
        return _at(start + 1, written)
    if not gap and index and index < len(lexemes):
        before = b" " if _follows_blank(lexemes, index, written) else b""
        return _at(start, before + written + (b" " if _takes_blank(written, lexemes.texts[index]) else b""))
    if written in _TIGHT_BEHIND and not (gap and written in (b"++", b"--")):
        return _at(end, written)
    if written in _TIGHT_BEFORE or not gap:
        return _at(start, written)
    if written == b"{":  # `({ a })`, but `=> { a }`
        if index and lexemes.texts[index - 1] in _HUGS_BRACE:
            return _at(start, written)
        return _at(end, b"{ " if _closes_with_blank(lexemes, index) else b"{")
    if written == b"}":
        return _at(start, b" }" if _is_spaced(lexemes, index) else b"}")
    if written == b"/":
        return _at(end, written)
    if written[:1].isalpha():
        return _at(end, written + b" ")
    return _at(start, b" " + written)


def _follows_blank(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether people put a blank before what is written, behind what is there."""
    before = lexemes.texts[index - 1]
    if written == b"}":
        return _is_spaced(lexemes, index)
    if written in (b"(", b"[", b"{"):
        return before in _BEFORE_OPENING or (written != b"[" and before in _BEFORE_PARENTHESIS)
    return False


def _closes_with_blank(lexemes: Lexemes, index: int) -> bool:
    """Whether the brace that closes what is opened here has a blank before it."""
    depth = 0
    for place in range(index, len(lexemes)):
        text = lexemes.texts[place]
        depth += (text == b"{") - (text == b"}")
        if depth < 0:
            return place > index and _gap(lexemes, place) != b""
    return True


_BEFORE_OPENING = frozenset(b", : = => ? && || ??".split())


def _takes_blank(written: bytes, following: bytes) -> bool:
    """Whether people put a blank behind what is written, before what follows it."""
    if written in (b",", b":", b";"):
        return following not in _CLOSERS
    return written in (b")", b"}", b"]", b">") and (following in _AFTER_BLANK or following[:1].isalnum())


_CLOSERS = frozenset(b") ] } ; , >".split())
_AFTER_BLANK = frozenset(b"{ => = == === != !== && || ?? ? + - * < <= >= |".split())
_HUGS_BRACE = frozenset(b"( [ ... $ <".split())


def _is_spaced(lexemes: Lexemes, index: int) -> bool:
    """Whether the brace that is closed here has a blank behind it, as its partner will before it."""
    opener = _open_bracket(lexemes, index, b"}")
    return opener is None or _gap(lexemes, opener + 1) != b""


_STARTS_LINE = frozenset(b"@ ... < . ?. #".split())


def _at_line_end(lexemes: Lexemes, index: int, written: bytes, gap: bytes, start: int) -> Edit:
    """A lexeme at the end of a line, at the beginning of the next, or on a line of its own."""
    first_line = gap.partition(b"\n")[0]
    tail = first_line.rstrip(b"\r")
    end = start + len(gap)
    if tail:  # `x = {` that lost its brace ends in a blank
        return _at(start + len(tail), written)
    if index == len(lexemes) and written not in _OPENERS:
        return _at(start, written)
    if _is_shifted(lexemes, index):
        return _at(end - 1, written)
    if written in _STARTS_LINE or _is_opened_here(lexemes, index, written):
        return _at(end, written)
    if written[:1].isalpha():
        return _at(end, written + b" ")
    if written in _LEADING and _has_leading(lexemes, index, written):
        return _at(end, written + b" ")
    opener = _open_bracket(lexemes, index, written) if written in _OPENERS else None
    if opener is not None and opener < index - 1 and b"\n" in _gap(lexemes, opener + 1):
        if _is_closing_line(lexemes, index - 1, opener):
            return _at(start, written)
        if _next_is(lexemes, index, _BEHIND_CLOSING):
            return _at(end, written)
        if _next_is(lexemes, index, _BEHIND_BLOCK):
            return _at(end, written + b" ")
        return _on_own_line(lexemes, opener, written, gap, start)
    if opener is not None and opener == index - 1:
        return _at(start, written)
    is_tight = written in _TIGHT_BEFORE or written in (b"(", b"[") or not index
    return _at(start, written if is_tight or (written == b"}" and not _is_spaced(lexemes, index)) else b" " + written)


_STARTS_LINE = frozenset(b"@ ... < . ?. #".split())
_LEADING = frozenset(b"| & ? : && || ?? + - ,".split())


def _is_opened_here(lexemes: Lexemes, index: int, opening: bytes) -> bool:
    """Whether the line that begins here closes a bracket of this kind that nothing on it opens."""
    closing = {b"(": b")", b"[": b"]", b"{": b"}"}.get(opening)
    if closing is None or index >= len(lexemes):
        return False
    depth = 0
    for text in lexemes.texts[index : _line(lexemes, index)[1] + 1]:
        depth += (text == opening) - (text == closing)
        if depth < 0:
            return True
    return False


_BEHIND_CLOSING = frozenset(b"; , ) ]".split())
_BEHIND_BLOCK = frozenset(b"else catch finally".split())


def _next_is(lexemes: Lexemes, index: int, texts: frozenset[bytes]) -> bool:
    return index < len(lexemes) and lexemes.texts[index] in texts


def _is_shifted(lexemes: Lexemes, index: int) -> bool:
    """Whether the line that begins here is indented by one blank too many: the one behind what was lost."""
    if not 0 < index < len(lexemes):
        return False
    return lexemes.indents[index] % 2 == 1 and lexemes.indents[index - 1] % 2 == 0


def _has_leading(lexemes: Lexemes, index: int, written: bytes) -> bool:
    """Whether operators begin the lines here, rather than end them."""
    if index >= len(lexemes):
        return False
    above, below = _line(lexemes, index - 1)[0] if index else 0, _line(lexemes, index)[1] + 1
    marks = {b","} if written == b"," else _LEADING - {b","}
    return any(place < len(lexemes) and lexemes.texts[place] in marks for place in (above, below))


def _is_closing_line(lexemes: Lexemes, index: int, opener: int) -> bool:
    """Whether a lexeme is the last of a line of closing brackets that closes what the opener's line opened: ``})``."""
    first = _line(lexemes, index)[0]
    return (
        all(text in _OPENERS for text in lexemes.texts[first : index + 1])
        and lexemes.indents[first] == lexemes.indents[opener]
    )


def _on_own_line(lexemes: Lexemes, opener: int, written: bytes, gap: bytes, start: int) -> Edit:
    """A closing bracket under the line of its opening one, in the place of an empty line if one was left for it."""
    indent = _indentation(lexemes, opener)
    first_line, _, rest = gap.partition(b"\n")
    lines = rest.split(b"\n")
    offset = start + len(first_line) + 1
    for line in lines[:-1]:
        if line.rstrip(b"\r") == indent and (indent or len(lines) > 2):
            return _at(offset + len(indent), written)
        offset += len(line) + 1
    newline = b"\r\n" if first_line.endswith(b"\r") else b"\n"
    return _at(start, newline + indent + written)


def _at(offset: int, written: bytes) -> Edit:
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


def _is_above(lexemes: Lexemes, first: int, second: int) -> bool:
    """Whether a line ends between the two."""
    return any(lexemes.newlines_before[first + 1 : second + 1])


def _indentation(lexemes: Lexemes, index: int) -> bytes:
    start = lexemes.text.rfind(b"\n", 0, lexemes.starts[index]) + 1
    line = lexemes.text[start : lexemes.starts[index]]
    return line[: len(line) - len(line.lstrip())]


# ------------------------------------------------------------------ JSX elements


def _closing_tag(lexemes: Lexemes, index: int) -> Edit | None:
    elements = open_elements(lexemes, index)
    if not elements:
        return None
    element, gap = elements[-1], _gap(lexemes, index)
    written = b"</" + element.name + b">"
    start = lexemes.ends[index - 1] if index else 0
    if b"\n" not in gap or not _is_above(lexemes, element.opener, index - 1):
        return _at(start, written)
    return _at(start, (b"\r\n" if gap.startswith(b"\r") else b"\n") + _indentation(lexemes, element.opener) + written)


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


# ------------------------------------------------------------------ edit -> tags


def steps_of(lexemes: Lexemes, repairs: Sequence[Edit]) -> list[Step]:
    """Every tag that is right as the next step of a repair; OTHER at the place of an edit that no tag expresses."""
    found: dict[Step, None] = {}
    for repair in repairs:
        for step in _steps(lexemes, repair):
            for equal in _equal_steps(lexemes, step):
                found.setdefault(equal)
    return list(found)


def _steps(lexemes: Lexemes, repair: Edit) -> Iterator[Step]:
    (start, end), written = repair
    first = _first_ending_behind(lexemes, start)
    last = first
    while last < len(lexemes) and lexemes.starts[last] < end:
        last += 1
    whole = _widened(lexemes, first, last, repair)
    if not written.strip() and first == last:
        if b"\n" in written:
            yield Step(first, Tag(Action.BREAK_LINE))
        else:  # `= =` -> `==`
            yield Step(first, Tag(Action.MERGE if first < len(lexemes) and end > start else Action.OTHER))
        return
    if written == b"\\" and first < last and start == lexemes.ends[first] - 1:
        yield Step(first, Tag(Action.ESCAPE))
        return
    if start == end and (part := _part_of(lexemes, first, repair)) is not None:
        index, text = part
        yield Step(index, Tag(Action.REPLACE, text))
        return
    pieces = [piece for piece in re.split(rb"\s+", whole) if piece]
    texts = lex(b" ".join(pieces)).texts if pieces else []
    if first == last:
        yield from _inserted(lexemes, first, repair, texts)
    elif not texts:
        yield from _deleted(lexemes, first, last)
    else:
        yield from _replaced(lexemes, first, last, texts)


def _first_ending_behind(lexemes: Lexemes, offset: int) -> int:
    from bisect import bisect_right

    return bisect_right(lexemes.ends, offset)


def _part_of(lexemes: Lexemes, index: int, repair: Edit) -> tuple[int, bytes] | None:
    """The lexeme that an insertion at one of its ends makes another one of: ``cons`` + ``t``, ``=`` + ``>``."""
    (start, _), written = repair
    if index and start == lexemes.ends[index - 1]:
        text = lexemes.texts[index - 1] + written
        if Tag(Action.REPLACE, text) in TAG_INDEX:
            return index - 1, text
    if index < len(lexemes) and start == lexemes.starts[index]:
        text = written + lexemes.texts[index]
        if Tag(Action.REPLACE, text) in TAG_INDEX:
            return index, text
    return None


def _widened(lexemes: Lexemes, first: int, last: int, repair: Edit) -> bytes:
    """What is written in place of the whole lexemes that an edit touches."""
    (start, end), written = repair
    if first == last:
        return written
    return (
        lexemes.text[lexemes.starts[first] : max(start, lexemes.starts[first])]
        + written
        + lexemes.text[min(end, lexemes.ends[last - 1]) : lexemes.ends[last - 1]]
    )


def _inserted(lexemes: Lexemes, index: int, repair: Edit, texts: Sequence[bytes]) -> Iterator[Step]:
    if len(texts) > 3 and texts[0] == b"<" and texts[1] == b"/" and texts[-1] == b">":
        yield Step(index, Tag(Action.CLOSE_TAG))
        return
    mark = repair.text.strip()
    if mark in COMMENT_MARKS:
        yield Step(index, Tag(Action.COMMENT_LINE) if mark == b"//" else Tag(Action.INSERT, mark))
        return
    if repair.text in QUOTES:
        is_attached = index > 0 and repair.span.start == lexemes.ends[index - 1]
        touches_next = index < len(lexemes) and repair.span.start == lexemes.starts[index]
        if is_attached or not touches_next:
            yield Step(index, Tag(Action.CLOSE, repair.text))
        if touches_next:
            yield Step(index, Tag(Action.INSERT, repair.text))
        return
    tags = [Tag(Action.INSERT, text) for text in texts]
    known = [tag for tag in tags if tag in TAG_INDEX]
    # With a part that cannot be written the place is still right, and the rest would not mend it.
    for tag in known if len(known) == len(tags) else [Tag(Action.OTHER)]:
        yield Step(index, tag)


def _deleted(lexemes: Lexemes, first: int, last: int) -> Iterator[Step]:
    index = first
    while index < last:
        line_first, line_last = _line(lexemes, index)
        if line_first == index and line_last < last and line_last > index:
            yield Step(index, Tag(Action.DELETE_LINE))
            index = line_last + 1
        elif line_last < last and line_last > index + 1:
            yield Step(index, Tag(Action.DELETE_REST))
            index = line_last + 1
        else:
            yield Step(index, Tag(Action.DELETE))
            index += 1


def _replaced(lexemes: Lexemes, first: int, last: int, texts: Sequence[bytes]) -> Iterator[Step]:
    if texts[0] == b"//" or (len(texts) == 1 and texts[0][:2] == b"//"):
        yield Step(first, Tag(Action.COMMENT_LINE))
        return
    if _istag_name(lexemes, first, last):
        yield Step(first, Tag(Action.RENAME_TAG))
        return
    old = lexemes.texts[first:last]
    head = 0
    while head < min(len(old), len(texts)) and old[head] == texts[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(texts)) - head and old[-1 - tail] == texts[-1 - tail]:
        tail += 1
    old, new = old[head : len(old) - tail], list(texts[head : len(texts) - tail])
    first += head
    if not new:
        yield from _deleted(lexemes, first, first + len(old))
    elif not old:
        tags = [Tag(Action.INSERT, text) for text in new]
        for tag in tags if all(tag in TAG_INDEX for tag in tags) else [Tag(Action.OTHER)]:
            yield Step(first, tag)
    elif len(old) == len(new):
        for offset, text in enumerate(new):
            tag = Tag(Action.REPLACE, text)
            if text != old[offset]:
                yield Step(first + offset, tag if tag in TAG_INDEX else Tag(Action.OTHER))
    elif b"".join(old) == b"".join(new):
        yield Step(first + 1, Tag(Action.MERGE)) if len(new) < len(old) else Step(first, Tag(Action.SPLIT, b" "))
    elif len(old) == 1 and len(new) == 3 and new[0] + new[2] == old[0] and Tag(Action.SPLIT, new[1]) in TAG_INDEX:
        yield Step(first, Tag(Action.SPLIT, new[1]))
    elif len(new) == 1 and Tag(Action.REPLACE, new[0]) in TAG_INDEX:  # one is replaced, the others go
        yield Step(first, Tag(Action.REPLACE, new[0]))
        yield from _deleted(lexemes, first + 1, first + len(old))
    else:
        yield Step(first, Tag(Action.OTHER))


def _istag_name(lexemes: Lexemes, first: int, last: int) -> bool:
    return first >= 2 and last == first + 1 and lexemes.texts[first - 2 : first] == [b"<", b"/"]


def _equal_steps(lexemes: Lexemes, step: Step) -> Iterator[Step]:
    """The step, and those that lead to the same lexemes: a bracket more or less in a row of equal ones."""
    yield step
    index, tag = step
    if tag.action is Action.DELETE:
        for direction in (-1, 1):
            other = index + direction
            while 0 <= other < len(lexemes) and lexemes.texts[other] == lexemes.texts[index]:
                yield Step(other, tag)
                other += direction
    elif tag.action is Action.INSERT and tag.text not in QUOTES:
        other = index
        while other < len(lexemes) and lexemes.texts[other] == tag.text:
            other += 1
            yield Step(other, tag)
        other = index
        while other and lexemes.texts[other - 1] == tag.text:
            other -= 1
            yield Step(other, tag)
