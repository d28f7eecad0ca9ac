"""The edits between two versions of a text, as small as their lexemes allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.source import Language, Span
from thea_hook.languages.lexemes import Lexemes, lex

# Beyond this many pieces between the first difference and the last, the middle is one edit: the matcher is quadratic.
MAX_COMPARED = 4_000


class _Pieces(NamedTuple):
    text: bytes
    starts: Sequence[int]
    ends: Sequence[int]
    texts: Sequence[bytes]


def edits_between(before: bytes, after: bytes, language: Language) -> list[Edit]:
    """Edits that turn one text into the other byte for byte, in order."""
    return _edits(_with_space(lex(before, language)), _with_space(lex(after, language)))


def repairs_between(before: bytes, after: bytes, language: Language) -> list[Edit]:
    """Edits that turn the lexemes of one text into those of the other; white space may still differ."""
    old, new = lex(before, language), lex(after, language)
    return _edits(
        _Pieces(old.text, old.starts, old.ends, old.texts), _Pieces(new.text, new.starts, new.ends, new.texts)
    )


def _with_space(lexemes: Lexemes) -> _Pieces:
    """The lexemes, and each gap between them as a piece of its own."""
    bounds = sorted({0, *lexemes.starts, *lexemes.ends, len(lexemes.text)})
    starts, ends = bounds[:-1], bounds[1:]
    return _Pieces(
        lexemes.text, starts, ends, [lexemes.text[start:end] for start, end in zip(starts, ends, strict=True)]
    )


def _edits(old: _Pieces, new: _Pieces) -> list[Edit]:
    head = common_length(old.texts, new.texts)
    tail = common_length(old.texts[head:][::-1], new.texts[head:][::-1])
    old_end, new_end = len(old.texts) - tail, len(new.texts) - tail
    if old_end + new_end - 2 * head > MAX_COMPARED:
        return [_edit(old, new, (head, old_end), (head, new_end))]
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, old.texts[head:old_end], new.texts[head:new_end], autojunk=False)
    return [
        _edit(old, new, (head + i, head + i_end), (head + j, head + j_end))
        for kind, i, i_end, j, j_end in matcher.get_opcodes()
        if kind != "equal"
    ]


def _edit(old: _Pieces, new: _Pieces, removed: tuple[int, int], added: tuple[int, int]) -> Edit:
    """One difference; of a changed piece only the bytes that changed."""
    (i, i_end), (j, j_end) = removed, added
    written = new.text[new.starts[j] : new.ends[j_end - 1]] if j < j_end else b""
    if i == i_end:
        place = old.ends[i - 1] if i else 0
        return Edit(Span(place, place), written)
    start, end = old.starts[i], old.ends[i_end - 1]
    gone = old.text[start:end]
    head = common_length(gone, written)
    tail = common_length(gone[head:][::-1], written[head:][::-1])
    return Edit(Span(start + head, end - tail), written[head : len(written) - tail])


def common_length(first: Sequence[object], second: Sequence[object]) -> int:
    """How many items two sequences begin with alike."""
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return length
