"""Segments of a code path, and the forks that hold alternatives until they join.

The meaning is that of ESLint's code path analysis, whose rules people know: a *segment* is a run of code without a
jump into or out of it, a *fork* is a choice between segments. Where a ``finally`` block runs both after normal
completion and on the way out, its code lies on several parallel segments at once; a fork therefore holds lists of
``width`` segments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Segment:
    """A run of code that is executed from its first node to its last, or not at all.

    ``next`` and ``previous`` connect segments that can be reached; ``all_next`` and ``all_previous`` the others too.
    """

    __slots__ = ("all_next", "all_previous", "looped_from", "next", "previous", "reachable", "used")

    def __init__(self, all_previous: list[Segment], reachable: bool) -> None:
        self.reachable = reachable
        self.all_previous = all_previous
        self.previous = [segment for segment in all_previous if segment.reachable]
        self.next: list[Segment] = []
        self.all_next: list[Segment] = []
        self.looped_from: list[Segment] = []
        self.used = False

    @classmethod
    def after(cls, previous: list[Segment]) -> Segment:
        """A segment that follows others; it is reachable if one of them is."""
        return cls(without_unused(previous), any(segment.reachable for segment in previous))

    @classmethod
    def unreachable(cls, previous: list[Segment]) -> Segment:
        segment = cls(without_unused(previous), False)
        segment.mark_used()
        return segment

    @classmethod
    def disconnected(cls, previous: list[Segment]) -> Segment:
        """A segment whose way in is not known yet (the update of a ``for`` comes before its body)."""
        return cls([], any(segment.reachable for segment in previous))

    def mark_used(self) -> None:
        """Makes the segment part of the graph: until then those before it do not know it."""
        if self.used:
            return
        self.used = True
        for previous in self.all_previous:
            previous.all_next.append(self)
            if self.reachable:
                previous.next.append(self)


def without_unused(segments: Iterable[Segment]) -> list[Segment]:
    """The segments in order, each once; one that no code came to lie on is replaced by those before it."""
    found: dict[Segment, None] = {}
    for segment in segments:
        if segment in found:
            continue
        if segment.used:
            found[segment] = None
        else:
            found.update(dict.fromkeys(segment.all_previous))
    return list(found)


class Fork:
    """Alternatives that join later: a list of lists of ``width`` parallel segments. The last list is the head."""

    __slots__ = ("lists", "upper", "width")

    def __init__(self, upper: Fork | None, width: int) -> None:
        self.upper = upper or self
        self.width = width
        self.lists: list[list[Segment]] = []

    @classmethod
    def root(cls) -> Fork:
        fork = cls(None, 1)
        fork.lists.append([Segment([], True)])
        return fork

    @classmethod
    def under(cls, parent: Fork, *, doubled: bool = False) -> Fork:
        return cls(parent, parent.width * 2 if doubled else parent.width)

    @property
    def head(self) -> list[Segment]:
        return self.lists[-1] if self.lists else []

    @property
    def reachable(self) -> bool:
        return any(segment.reachable for segment in self.head)

    def _previous(self, begin: int) -> list[list[Segment]]:
        lists = self.lists[begin:]
        return [[segments[i] for segments in lists] for i in range(self.width)]

    def joined(self) -> list[Segment]:
        """New segments after all alternatives."""
        return [Segment.after(previous) for previous in self._previous(0)]

    def after_head(self) -> list[Segment]:
        return [Segment.after(previous) for previous in self._previous(-1)]

    def unreachable_after_head(self) -> list[Segment]:
        return [Segment.unreachable(previous) for previous in self._previous(-1)]

    def disconnected(self) -> list[Segment]:
        return [Segment.disconnected(previous) for previous in self._previous(-1)]

    def _fitted(self, segments: list[Segment]) -> list[Segment]:
        while len(segments) > self.width:
            half = len(segments) // 2
            segments = [Segment.after([segments[i], segments[i + half]]) for i in range(half)]
        return segments

    def add(self, segments: list[Segment]) -> None:
        self.lists.append(self._fitted(segments))

    def replace_head(self, segments: list[Segment]) -> None:
        self.lists[-1:] = [self._fitted(segments)]

    def add_all(self, other: Fork) -> None:
        self.lists.extend(other.lists)


class Exits:
    """Where a whole code path is left, by ``return`` or by ``throw``; takes segments as a fork does."""

    __slots__ = ("segments",)

    def __init__(self) -> None:
        self.segments: list[Segment] = []

    def add(self, segments: list[Segment]) -> None:
        self.segments.extend(segments)


def traverse(first: Segment, visit: Callable[[Segment], bool], last: Segment | None = None) -> None:
    """Calls ``visit`` for each segment that follows ``first``, once all before it, but for ways back, were visited.

    What lies behind a segment for which ``visit`` answers False is not visited, unless another way leads there; nor
    what lies behind ``last``.
    """
    visited: set[Segment] = set()
    skipped: set[Segment] = set()
    stack = [first]
    while stack:
        segment = stack.pop()
        if segment in visited:
            continue
        entering = [previous for previous in segment.previous if previous not in segment.looped_from]
        if segment is not first and not all(previous in visited for previous in entering):
            continue
        visited.add(segment)
        is_behind_skipped = bool(skipped and segment.previous) and all(previous in skipped for previous in entering)
        if is_behind_skipped or not visit(segment) or segment is last:
            skipped.add(segment)
        stack.extend(reversed(segment.next))
