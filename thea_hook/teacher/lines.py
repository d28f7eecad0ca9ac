"""The lines that the teacher was shown, and how what it says about them becomes a change of the text.

Models copy lines nearly right: with the line numbers, with other indentation, with ``\\n`` for ``\\r\\n``. A line that
is meant to stay, stays as it is, byte for byte.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from difflib import SequenceMatcher

_NUMBERED = re.compile(r"^[ \t]*\d{1,7}[ \t]*[|:][ ]?")
LEAST_ALIKE = 0.6
"""What part of its lines a rewritten piece has in common with the piece that it stands for."""

MOST_LINES_MORE = 2
"""By how many lines a rewritten piece with another beginning or end may differ from what it stands for."""

MOST_STRETCHES = 16
"""So many stretches with the same beginning and end are compared."""

MOST_PAIRS = 100_000
"""Of equal lines in two pieces that are compared: ten times those of any repair, and a fraction of a second."""


class Unclear(Exception):
    """An answer that can be understood in no way, or in several; the text is the reason."""


class Change(NamedTuple):
    """The lines ``[start, end)``, from 0, become others; without line breaks."""

    start: int
    end: int
    lines: tuple[str, ...]


class Shown(NamedTuple):
    """Lines of a file as the teacher sees them, each with its line break; ``first`` is the number of the first."""

    lines: tuple[str, ...]
    first: int = 1

    @classmethod
    def of(cls, text: str, first: int = 1) -> Shown:
        return cls(tuple(re.findall(r"[^\n]*\n|[^\n]+", text)), first)

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @property
    def bare(self) -> list[str]:
        """The lines without their breaks."""
        return [line.rstrip("\r\n") for line in self.lines]

    # ------------------------------------------------------------ what replaces what

    def replacement(self, old: str, new: str, hint: int | None) -> Change:
        """The change that puts ``new`` where ``old`` is: near the line ``hint`` where there are several such places.

        Raises Unclear where there is none.
        """
        old_lines, new_lines = _clean(old), _clean(new)
        if not any(line.strip() for line in old_lines):
            return self._insertion(new_lines, hint)
        for same in (_exact, _stripped):
            starts = _places(self.bare, old_lines, same)
            if starts:
                start = self._nearest(starts, hint)
                return Change(start, start + len(old_lines), tuple(new_lines))
        return self._within_line(old, new, hint)

    def _insertion(self, new_lines: Sequence[str], hint: int | None) -> Change:
        """Lines put before the one that was named."""
        if hint is None or not 0 <= hint - self.first <= len(self.lines):
            raise Unclear("an edit says neither what it replaces nor where")
        place = hint - self.first
        return Change(place, place, tuple(new_lines))

    def _within_line(self, old: str, new: str, hint: int | None) -> Change:
        """The change of a part of a line."""
        if "\n" in old.strip("\n") or "\n" in new.strip("\n"):
            raise Unclear("an edit is of lines that are not among those shown")
        old, new = old.strip("\n"), new.strip("\n")
        found = [number for number, line in enumerate(self.bare) if old in line]
        if not found:
            raise Unclear("an edit is of lines that are not among those shown")
        number = self._nearest(found, hint)
        line = self.bare[number]
        if line.count(old) > 1:
            raise Unclear("an edit is of a part that its line has twice")
        return Change(number, number + 1, (line.replace(old, new),))

    def _nearest(self, places: Sequence[int], hint: int | None) -> int:
        if len(places) > 1 and hint is None:
            raise Unclear("an edit fits in several places")
        return min(places, key=lambda place: abs(place + self.first - (hint or 0)))

    # ------------------------------------------------------------ whole pieces

    def rewritten(self, code: str, whole: str) -> str:
        """The text where the code stands for all lines, for a stretch of them, or for the ``whole`` file around them.

        Raises Unclear where it stands for none of these, or for more than one.
        """
        lines = _trimmed(_clean(code))
        if not lines:
            raise Unclear("the answer holds no code")
        if len(lines) > len(self.lines) and whole:
            lines = _trimmed(self._part_of_file(lines, whole))
        start, end = self._stretch(lines)
        return self.with_changes([Change(start, end, tuple(lines))])

    def _stretch(self, lines: Sequence[str]) -> tuple[int, int]:
        """Which lines these stand for: those with the same beginning and end, else about as many as are shown."""
        bare = self.bare
        kept = _trimmed(bare)
        first = next((number for number, line in enumerate(bare) if line.strip()), 0)
        everything = (first, first + len(kept))
        if kept and _stripped(lines[0], kept[0]) and _stripped(lines[-1], kept[-1]):
            return everything
        for same in (_exact, _stripped):
            starts = [number for number, line in enumerate(bare) if same(line, lines[0])]
            ends = [number + 1 for number, line in enumerate(bare) if same(line, lines[-1])]
            pairs = [(start, end) for start in starts for end in ends if start < end][:MOST_STRETCHES]
            alike = sorted(((_likeness(lines, bare[start:end]), start, end) for start, end in pairs), reverse=True)
            if alike and alike[0][0] >= LEAST_ALIKE and (len(alike) == 1 or alike[1][0] < alike[0][0]):
                return alike[0][1:]
        if abs(len(lines) - len(kept)) <= MOST_LINES_MORE and _likeness(lines, kept) >= LEAST_ALIKE:
            return everything
        raise Unclear("the answer is code of which it does not say what it replaces")

    def _part_of_file(self, lines: list[str], whole: str) -> list[str]:
        """Of a rewritten file the lines that stand for those shown; all of the lines where it is none."""
        before = Shown.of(whole).bare
        above, below = before[: self.first - 1], before[self.first - 1 + len(self.lines) :]
        if _likeness(lines, before) < LEAST_ALIKE:
            return lines
        rest_above, rest_below = _trimmed(above), _trimmed(below)
        head = _common(lines, rest_above)
        tail = _common(lines[::-1], rest_below[::-1])
        if (head, tail) != (len(rest_above), len(rest_below)) or head + tail > len(lines):
            raise Unclear("the answer changes lines that were not shown")
        return lines[head : len(lines) - tail]

    # ------------------------------------------------------------ the new text

    def with_changes(self, changes: Iterable[Change]) -> str:
        """The text with all changes made. Raises Unclear where two of them overlap."""
        pieces: list[str] = []
        position = 0
        ordered = sorted(changes)
        for before, change in zip([None, *ordered], ordered, strict=False):
            overlaps = change.start < position or (before is not None and before[:2] == change[:2])
            if overlaps or change.end > len(self.lines):
                raise Unclear("two edits are of the same lines")
            pieces += self.lines[position : change.start]
            pieces += self._merged(change)
            position = change.end
        pieces += self.lines[position:]
        return self._with_last_break("".join(pieces))

    def _merged(self, change: Change) -> list[str]:
        """The new lines, with those of the old ones that stay as they are, white space and line break included."""
        old = self.lines[change.start : change.end]
        merged: list[str] = []
        for kind, i, i_end, j, j_end in _matcher(old, change.lines).get_opcodes():
            if kind == "equal":
                merged += [line if line.endswith("\n") else line + self._break for line in old[i:i_end]]
            else:
                new = [line.rstrip("\r") for line in change.lines[j:j_end]]
                if i_end - i == len(new):  # line by line, so that only what was meant changes
                    new = [_indented_as(line, before) for line, before in zip(new, old[i:i_end], strict=True)]
                merged += [line + self._break for line in new]
        return merged

    @property
    def _break(self) -> str:
        """The line break that most lines have."""
        crlf = sum(line.endswith("\r\n") for line in self.lines)
        return "\r\n" if 2 * crlf > len(self.lines) else "\n"

    def _with_last_break(self, text: str) -> str:
        """The text with a line break at its end if, and only if, the lines had one."""
        if self.lines and self.lines[-1].endswith("\n"):
            return text
        return text.removesuffix("\n").removesuffix("\r")


def _key(line: str) -> str:
    return line.strip()


def _indented_as(line: str, other: str) -> str:
    body = line.lstrip()
    return other[: len(other) - len(other.lstrip())] + body if body and other.strip() else line


def _exact(one: str, other: str) -> bool:
    return one.rstrip() == other.rstrip()


def _stripped(one: str, other: str) -> bool:
    return one.strip() == other.strip()


def _clean(text: str) -> list[str]:
    """The lines of what a model wrote, without the numbers that it may have copied."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    filled = [line for line in lines if line.strip()]
    if filled and all(_NUMBERED.match(line) for line in filled):
        lines = [_NUMBERED.sub("", line) for line in lines]
    return lines


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Without the blank lines at both ends."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def _places(lines: Sequence[str], wanted: Sequence[str], same: Callable[[str, str], bool]) -> list[int]:
    """Where these lines stand among others."""
    return [
        start
        for start in range(len(lines) - len(wanted) + 1)
        if all(same(lines[start + offset], line) for offset, line in enumerate(wanted))
    ]


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """What part of the lines two pieces share, from 0 to 1."""
    return _matcher(one, other).ratio()


def _matcher(one: Sequence[str], other: Sequence[str]) -> SequenceMatcher[str]:
    """Two pieces to compare line by line. Raises Unclear where that would take long."""
    from difflib import SequenceMatcher

    first, second = [_key(line) for line in one], [_key(line) for line in other]
    counts = Counter(second)
    if sum(count * counts[line] for line, count in Counter(first).items()) > MOST_PAIRS:
        raise Unclear("the answer has too many equal lines")
    return SequenceMatcher(None, first, second, autojunk=False)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for first, second in zip(one, other, strict=False):
        if not _stripped(first, second):
            break
        length += 1
    return length
