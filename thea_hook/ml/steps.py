"""From a repair to the tags that say it: what the tagger is trained on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from thea_hook.core.finding import Edit
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.ml.edits import Step
from thea_hook.ml.gaps import line_of
from thea_hook.ml.vocabulary import COMMENT_MARKS, QUOTES, TAG_INDEX, Action, Tag


def steps_of(lexemes: Lexemes, repairs: Sequence[Edit]) -> list[Step]:
    """Every tag that is right as the next step of a repair; OTHER at the place of an edit that no tag expresses."""
    found: dict[Step, None] = {}
    for repair in repairs:
        for step in _steps(lexemes, repair):
            for equal in _equal_steps(lexemes, step):
                found.setdefault(equal)
    return list(found)


def set_of(lexemes: Lexemes, repairs: Sequence[Edit]) -> list[Step]:
    """The steps that make all of the repairs at once, each at a place of its own where there is one.

    Of equal steps the last is meant. Steps at one place are alternatives, or an order in which only one can be said.
    """
    found: dict[Step, None] = {}
    taken: set[int] = set()
    for repair in repairs:
        for place, same in groupby(_steps(lexemes, repair), key=lambda step: step.place):
            steps = list(same)
            equal = sorted(_equal_steps(lexemes, steps[0]), reverse=True) if len(steps) == 1 else steps
            chosen = next((step.place for step in equal if step.place not in taken), place)
            taken.add(chosen)
            for step in steps:
                found.setdefault(step._replace(place=chosen))
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
        line_first, line_last = line_of(lexemes, index)
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
