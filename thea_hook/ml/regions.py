"""Where a broken text can be taken apart, so that each mistake is looked at alone.

There are two ways. With a repair at hand, its edits fall into groups, and a region is what one of them changes. Without
one, the lines do: whatever begins at the same indentation is one declaration, statement or member after the other, and
those that parse by themselves are whole. Lines are more to be trusted than a tree here: the tree of a text with several
mistakes ends where the first of them makes it end, while nobody indents anew for a parenthesis that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from math import isqrt
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.lexemes import Kind, Lexemes, lex
from thea_hook.languages.oracle import Answer, Judge

MOST_REGIONS = 16
"""A text with more of them is no text with mistakes, but one that was never code: prose, or half of a string."""
NEIGHBOURHOOD = 6_000
"""How many bytes on either side of a region are left as they are: a tagger sees a window of some 384 lexemes."""
LONG = 4 * NEIGHBOURHOOD
"""From this many bytes on, what lies far from a region is left out when the region is looked at alone."""
HEADER = 64
"""The longest declaration, in lexemes, that is carried along for the sake of a name that a region uses."""


class Part(NamedTuple):
    """A region of a text, and the text in which to look at it: with nothing wrong but in the region.

    ``rest`` are the edits of the whole text that make it so: others' repairs, or cuts.
    """

    whole: SourceFile
    region: Span
    rest: tuple[Edit, ...]
    file: SourceFile

    @classmethod
    def of(cls, file: SourceFile, region: Span, rest: Iterable[Edit]) -> Part:
        edits = tuple(sorted(rest))
        return cls(file, region, edits, file._replace(text=apply_edits(file.text, edits)))

    @property
    def start(self) -> int:
        """Where the region begins in the text of the part."""
        return self.region.start + _growth(edit for edit in self.rest if edit.span.end <= self.region.start)

    def with_edits(self, edits: Iterable[Edit]) -> bytes:
        """The text of the part after these edits of the whole text."""
        return apply_edits(self.whole.text, [*self.rest, *edits])

    def on_whole(self, edits: Iterable[Edit]) -> tuple[Edit, ...] | None:
        """Edits of the part as edits of the whole text; None where one of them touches what was made of the rest."""
        moved = []
        for (start, end), text in edits:
            first, last = self._place(start), self._place(end)
            if first is None or last is None or last - first != end - start:
                return None
            if any(_overlap(Span(first, last), edit.span) for edit in self.rest):
                return None
            moved.append(Edit(Span(first, last), text))
        return tuple(moved)

    def _place(self, offset: int) -> int | None:
        """An offset in the whole text; None inside of what an edit wrote. At a bound, that of the region counts."""
        begin = self.start
        if begin <= offset <= begin + self.region.end - self.region.start:
            return offset - begin + self.region.start
        shift = 0
        for (start, end), text in self.rest:
            if offset < start + shift:
                break
            if offset < start + shift + len(text):
                return None
            shift += len(text) - (end - start)
        return offset - shift


def _overlap(one: Span, other: Span) -> bool:
    """Whether two stretches share a byte, or one that is empty lies inside of the other."""
    return one.start < other.end and other.start < one.end


def _growth(edits: Iterable[Edit]) -> int:
    return sum(len(edit.text) - (edit.span.end - edit.span.start) for edit in edits)


# ------------------------------------------------------------------ by a repair


def touching(text: bytes, edits: Iterable[Edit]) -> list[tuple[Edit, ...]]:
    """The edits in groups, in order: those with nothing but white space between them are in one."""
    groups: list[tuple[Edit, ...]] = []
    end = -1
    for edit in sorted(edits):
        if groups and not text[end : edit.span.start].strip():
            groups[-1] = (*groups[-1], edit)
        else:
            groups.append((edit,))
        end = edit.span.end
    return groups


def changed_parts(file: SourceFile, groups: Sequence[tuple[Edit, ...]], judge: Judge) -> list[Part]:
    """For each group of the edits of a repair the region that it changes, with all other groups made."""
    anatomy = _Anatomy(file, judge) if len(file.text) > LONG and len(groups) > 1 else None
    parts = []
    for group in groups:
        region = Span(group[0].span.start, group[-1].span.end)
        others = [edit for other in groups if other is not group for edit in other]
        lean = _lean_part(anatomy, file, group, others) if anatomy is not None else None
        parts.append(lean or Part.of(file, region, others))
    return parts


def _lean_part(anatomy: _Anatomy, file: SourceFile, group: tuple[Edit, ...], others: Sequence[Edit]) -> Part | None:
    """The part without what lies far from its region; None where the text cannot do without that."""
    region = Span(group[0].span.start, group[-1].span.end)
    far = list(anatomy.far_from(region, ()))
    near = [edit for edit in others if not any(cut.start <= edit.span.start <= edit.span.end <= cut.end for cut in far)]
    try:
        mended = file._replace(text=apply_edits(file.text, [*near, *group, *_cuts(far)]))
    except ValueError:  # one of the others reaches into what would be cut
        return None
    return Part.of(file, region, [*near, *_cuts(far)]) if anatomy.parses(mended) else None


# ------------------------------------------------------------------ by lines


def broken_parts(file: SourceFile, judge: Judge) -> list[Part]:
    """The regions of whole lines that do not parse, each with the others cut out; none where there is only one."""
    anatomy = _Anatomy(file, judge)
    regions = anatomy.regions()
    if not 1 < len(regions) <= MOST_REGIONS:
        return []
    parts = []
    for region in regions:
        others = [other for other in regions if other is not region]
        gone = [*others, *anatomy.far_from(region, others)] if len(file.text) > LONG else others
        parts.append(Part.of(file, region, _cuts(gone)))
    verdicts = judge([part.file for part in parts])
    return [part for part, verdict in zip(parts, verdicts, strict=True) if verdict.answer is Answer.BROKEN]


class _Unit(NamedTuple):
    """Lexemes from the first one of a line to the last one of a line."""

    first: int
    end: int


class _Anatomy:
    """A text by its units: what begins at the same indentation, with all that is indented more."""

    def __init__(self, file: SourceFile, judge: Judge) -> None:
        self._file, self._judge = file, judge
        self._lexemes = lex(file.text, file.language)
        whole = _Unit(0, len(self._lexemes))
        self._top = list(_units(self._lexemes, whole, min(self._lexemes.indents, default=0)))

    def parses(self, file: SourceFile) -> bool:
        return self._judge([file])[0].answer is Answer.PARSES

    def regions(self) -> list[Span]:
        """The smallest units found that do not parse, while what is around them does."""
        whole = _Unit(0, len(self._lexemes))
        return [self._span(unit) for unit in self._within(whole, self._top, [])]

    def far_from(self, region: Span, others: Sequence[Span]) -> Iterator[Span]:
        """The outermost units that no region lies in or near, but for declarations of names that the region uses."""
        used = self._names(lex(self._file.text[slice(*region)], self._file.language), 0)
        for unit in self._top:
            start, end = self._span(unit)
            is_near = start < region.end + NEIGHBOURHOOD and region.start - NEIGHBOURHOOD < end
            if is_near or any(start < other.end and other.start < end for other in others):
                continue
            is_short = unit.end - unit.first <= HEADER
            if not (is_short and used & self._names(self._lexemes, unit.first, unit.end)):
                yield Span(start, end)

    @staticmethod
    def _names(lexemes: Lexemes, first: int, end: int | None = None) -> set[bytes]:
        kinds = lexemes.kinds[first:end]
        return {text for kind, text in zip(kinds, lexemes.texts[first:end], strict=True) if kind == Kind.WORD}

    def _within(self, unit: _Unit, children: Sequence[_Unit], gone: Sequence[Span]) -> list[_Unit]:
        """The broken units in one, which is looked at with all else gone; the unit where it cannot be taken apart."""
        spans = [self._span(child) for child in children]
        broken = self._broken(spans, gone) if children else []
        if not 0 < len(broken) <= MOST_REGIONS:
            return [unit]
        found = []
        for index in broken:
            others = [*gone, *spans[:index], *spans[index + 1 :]]
            found += self._within(children[index], self._children(children[index]), others)
        return found

    def _broken(self, spans: Sequence[Span], gone: Sequence[Span]) -> list[int]:
        """Which of these stretches do not parse beside what is left without all of them; none where that does not.

        Of many, runs are tried first: so a long text is read twice, and not once for each of its lines.
        """
        text = self._file.text
        shell = self._file._replace(text=apply_edits(text, _cuts([*gone, *spans])))
        if not self.parses(shell):
            return []
        removed = accumulate((end - start for start, end in sorted([*gone, *spans])), initial=0)
        places = {start: start - before for (start, _), before in zip(sorted([*gone, *spans]), removed, strict=False)}

        def with_run(first: int, last: int) -> SourceFile:
            (start, _), (begin, end) = spans[first], spans[last]
            return shell._replace(text=shell.text[: places[start]] + text[start:end] + shell.text[places[begin] :])

        length = isqrt(len(spans))
        runs = [range(first, min(first + length, len(spans))) for first in range(0, len(spans), length)]
        tried = [index for run in self._that_break(runs, with_run) for index in run]
        return [run[0] for run in self._that_break([range(index, index + 1) for index in tried], with_run)]

    def _that_break(self, runs: Sequence[range], with_run: Callable[[int, int], SourceFile]) -> list[range]:
        verdicts = self._judge([with_run(run[0], run[-1]) for run in runs]) if runs else []
        return [run for run, verdict in zip(runs, verdicts, strict=True) if verdict.answer is not Answer.PARSES]

    def _children(self, unit: _Unit) -> list[_Unit]:
        """The units in one, which are indented more than its first line."""
        lexemes = self._lexemes
        least = lexemes.indents[unit.first]
        deeper = [lexemes.indents[index] for index in _line_starts(lexemes, unit) if lexemes.indents[index] > least]
        return list(_units(lexemes, unit, min(deeper))) if deeper else []

    def _span(self, unit: _Unit) -> Span:
        """The whole lines of a unit."""
        return Span(self._line_of(unit.first), self._line_of(unit.end))

    def _line_of(self, index: int) -> int:
        text, starts = self._lexemes.text, self._lexemes.starts
        return text.rfind(b"\n", 0, starts[index]) + 1 if index < len(starts) else len(text)


def _cuts(spans: Iterable[Span]) -> list[Edit]:
    return [Edit(span, b"") for span in spans]


def _line_starts(lexemes: Lexemes, unit: _Unit) -> Iterator[int]:
    for index in range(unit.first, unit.end):
        if not index or lexemes.newlines_before[index]:
            yield index


_GOES_ON = frozenset(b"( [ { . ?. ? : | & && || ?? + - * / = => , ; else catch finally while of in as".split())


def _units(lexemes: Lexemes, unit: _Unit, indent: int) -> Iterator[_Unit]:
    """The units of this indentation in a larger one: each goes on until a line that is indented less, or the next."""
    first = -1
    for index in _line_starts(lexemes, unit):
        text, at = lexemes.texts[index], lexemes.indents[index]
        begins = at == indent and text not in _GOES_ON and text[:1] not in b")]}"
        if first >= 0 and (begins or at < indent):
            yield _Unit(first, index)
            first = -1
        if begins:
            first = index
    if first >= 0:
        yield _Unit(first, unit.end)
