"""What a repair does to the lexemes of a text: which go, which are new, which end up inside a string or a comment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, Span
from thea_hook.languages.lexemes import Kind, Token, lex

OPAQUE = frozenset({Kind.STRING, Kind.TEMPLATE, Kind.REGEX, Kind.COMMENT})
"""Kinds of lexemes in which code is only text."""


class Cut(NamedTuple):
    """One stretch of the old text that goes, or one place where something is inserted.

    ``span`` is in the old text and ``written`` in the new one; ``old`` is the code in the first, without what is also
    in the second, and ``lost`` is the part of it that the repair writes nowhere else either.
    """

    span: Span
    written: Span
    old: tuple[Token, ...]
    lost: tuple[Token, ...]
    gained: int


class Change:
    """Two versions of a text, compared lexeme by lexeme. The edits must fit the text."""

    def __init__(self, before: bytes, edits: Sequence[Edit], language: Language) -> None:
        self.language = language
        self.before = before
        self.after = apply_edits(before, edits)
        self.edits = tuple(_trimmed(before, edit, language) for edit in _joined(before, edits))
        self.old = lexemes_of(before, language)
        self.new = _with_comments(lexemes_of(self.after, language), self.after)

    @cached_property
    def written(self) -> list[Span]:
        """Where the text of each edit stands in the new text; empty for a deletion."""
        spans, shift = [], 0
        for (start, end), text in self.edits:
            spans.append(Span(start + shift, start + shift + len(text)))
            shift += len(text) - (end - start)
        return spans

    @cached_property
    def new_indices(self) -> list[int]:
        """The indices of the new lexemes that hold something written by the repair, in order."""
        ends = [lexeme.end for lexeme in self.new]
        found: dict[int, None] = {}
        for start, end in self.written:
            index = bisect_right(ends, start)
            while start < end and index < len(self.new) and self.new[index].start < end:
                found.setdefault(index)
                index += 1
        return list(found)

    @cached_property
    def cuts(self) -> list[Cut]:
        """What each edit takes away and puts in its place, less what they only move."""
        pairs = []
        for edit in self.edits:
            old = [] if self._is_in_text(edit.span) else code_of(self.before[slice(*edit.span)], self.language)
            pairs.append(_without_common(old, code_of(edit.text, self.language)))
        rewritten = Counter(lexeme.text for _, new in pairs for lexeme in new)
        cuts = []
        for edit, written, (old, new) in zip(self.edits, self.written, pairs, strict=True):
            moved = [
                lexeme._replace(start=lexeme.start + edit.span.start, end=lexeme.end + edit.span.start)
                for lexeme in old
            ]
            lost = [lexeme for lexeme in moved if not _taken(rewritten, lexeme.text)]
            cuts.append(Cut(edit.span, written, tuple(moved), tuple(lost), len(new)))
        return cuts

    def _is_in_text(self, span: Span) -> bool:
        """Whether a stretch lies inside a string, a comment or the like."""
        index = bisect_right(self._old_starts, span.start) - 1
        if index < 0:
            return False
        lexeme = self.old[index]
        return lexeme.kind in OPAQUE and lexeme.start < span.start and span.end < lexeme.end

    @cached_property
    def _old_starts(self) -> list[int]:
        return [lexeme.start for lexeme in self.old]

    @cached_property
    def swallowed(self) -> dict[int, list[Token]]:
        """Index of a new string, template, regular expression or comment -> the old code that is now text in it.

        Only what touches an edit counts: one quote more can turn the strings of a whole line inside out.
        """
        touched = {index for index in self._touched if self.new[index].kind in OPAQUE}
        found = {}
        for index in touched:
            lexeme = self.new[index]
            inside = self._swallowed_between(lexeme.start, lexeme.end)
            if inside and not (len(inside) == 1 and inside[0].kind is lexeme.kind):
                found[index] = inside
        return found

    @cached_property
    def _touched(self) -> list[int]:
        """The new lexemes that an edit lies in or beside."""
        starts = [lexeme.start for lexeme in self.new]
        found: dict[int, None] = {}
        for start, end in self.written:
            index = max(0, bisect_left(starts, start) - 1)
            while index < len(self.new) and self.new[index].start <= end:
                if (
                    self.new[index].end >= start
                    if start == end
                    else self.new[index].end > start and self.new[index].start < end
                ):
                    found.setdefault(index)
                index += 1
        return list(found)

    def _swallowed_between(self, start: int, end: int) -> list[Token]:
        """The untouched old code whose bytes stand in this stretch of the new text, without text that was text."""
        first, last = self._old_offset(start), self._old_offset(end)
        return [
            lexeme
            for lexeme in self.old_between(first, last)
            if lexeme.end <= last and lexeme.kind is not Kind.COMMENT and not self._is_touched(lexeme)
        ]

    def old_between(self, start: int, end: int) -> list[Token]:
        """The old lexemes that begin in this stretch of the old text."""
        return self.old[bisect_left(self._old_starts, start) : bisect_left(self._old_starts, end)]

    def is_written(self, start: int, end: int) -> bool:
        """Whether one edit wrote all of this stretch of the new text."""
        return any(first <= start and end <= last for first, last in self.written)

    def is_end_of_comment(self, offset: int) -> bool:
        """Whether a place in the new text was the end of a comment in the old one, or did not exist there."""
        old = self._old_offset(offset)
        index = bisect_left(self._old_starts, old) - 1
        is_new = self.is_written(offset - 1, offset)
        return is_new or (index >= 0 and self.old[index].kind is Kind.COMMENT and self.old[index].end == old)

    def _is_touched(self, lexeme: Token) -> bool:
        index = bisect_right(self._edit_starts, lexeme.start)
        for edit in self.edits[max(0, index - 1) :]:
            if edit.span.start >= lexeme.end:
                return False
            if edit.span.end > lexeme.start and (edit.span.end > edit.span.start or edit.span.start > lexeme.start):
                return True
        return False

    @cached_property
    def _edit_starts(self) -> list[int]:
        return [edit.span.start for edit in self.edits]

    def _old_offset(self, offset: int) -> int:
        """The place in the old text of an offset in the new one; the start of the edit for what is written."""
        shift = 0
        for edit, (start, end) in zip(self.edits, self.written, strict=True):
            if offset < start or (offset == start and start < end):
                break
            if offset < end:
                return edit.span.start
            shift = edit.span.end - end
        return offset + shift


@lru_cache(maxsize=4)
def lexemes_of(text: bytes, language: Language) -> list[Token]:
    """The lexemes of a text. The last few are remembered: every candidate is compared with the same text."""
    return lex(text, language).tokens


def _with_comments(lexemes: list[Token], text: bytes) -> list[Token]:
    """The lexemes of a text that parses, where each ``/*`` begins a comment, even with another one inside."""
    if not any(lexeme.text == b"/*" for lexeme in lexemes):
        return lexemes
    found: list[Token] = []
    position = 0
    for lexeme in lexemes:
        if lexeme.start < position:
            continue
        end = text.find(b"*/", lexeme.end) if lexeme.text == b"/*" else -1
        if end >= 0:
            position = end + 2
            lexeme = Token(Kind.COMMENT, lexeme.start, position, text[lexeme.start : position])
        found.append(lexeme)
    return found


def code_of(text: bytes, language: Language) -> list[Token]:
    """The lexemes of a piece of text that are no comments."""
    return [lexeme for lexeme in lex(text, language).tokens if lexeme.kind is not Kind.COMMENT]


def _joined(text: bytes, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits in order; neighbours with only white space between them are one."""
    joined: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.span):
        if joined:
            (start, end), written = joined[-1]
            between = text[end : edit.span.start]
            if end <= edit.span.start and (not between or between.isspace()):
                joined[-1] = Edit(Span(start, edit.span.end), written + between + edit.text)
                continue
        joined.append(edit)
    return tuple(joined)


def _trimmed(text: bytes, edit: Edit, language: Language) -> Edit:
    """The edit without the lexemes that it begins and ends with and leaves as they are."""
    (start, end), written = edit
    if start == end or not written:
        return edit
    old, new = lex(text[start:end], language).tokens, lex(written, language).tokens
    shorter = min(len(old), len(new))
    head = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    shift = len(written) - (end - start)
    tail = next(
        (
            place
            for place in range(shorter - head)
            if old[-1 - place].text != new[-1 - place].text or old[-1 - place].end + shift != new[-1 - place].end
        ),
        shorter - head,
    )
    if old[len(old) - tail :]:
        end = start + old[len(old) - tail].start
        written = written[: new[len(new) - tail].start]
    kept = old[head - 1].end if head else 0
    return Edit(Span(start + kept, end), written[kept:])


def _without_common(old: list[Token], new: list[Token]) -> tuple[list[Token], list[Token]]:
    """Both without the lexemes that they begin and end with alike."""
    shorter = min(len(old), len(new))
    head = next((place for place in range(shorter) if old[place].text != new[place].text), shorter)
    tail = next(
        (place for place in range(shorter - head) if old[-1 - place].text != new[-1 - place].text), shorter - head
    )
    return old[head : len(old) - tail], new[head : len(new) - tail]


def _taken(available: Counter[bytes], text: bytes) -> bool:
    if not available[text]:
        return False
    available[text] -= 1
    return True
