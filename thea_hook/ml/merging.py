"""What can be done about each region of a text, put together: combinations from the likeliest on."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile
from thea_hook.languages.oracle import Answer, Judge
from thea_hook.ml.edits import Step

MOST_TRIED = 400
"""How many combinations are made at most; some lead to one text, in others the edits of two regions overlap."""


class Alternative(NamedTuple):
    """What can be done about one region, as edits of the whole text.

    ``score`` ranks it; ``tagger`` is its log-probability for the tagger, None where that did not propose it. ``steps``
    lead to it, if tags do, and ``is_written`` says that a language model wrote it.
    """

    edits: tuple[Edit, ...]
    score: float
    tagger: float | None = None
    steps: tuple[Step, ...] = ()
    is_written: bool = False


class Merged(NamedTuple):
    """A text with one alternative of each region."""

    text: bytes
    chosen: tuple[Alternative, ...]

    @property
    def score(self) -> float:
        return sum(one.score for one in self.chosen)

    @property
    def tagger(self) -> float | None:
        """The log-probability of all for the tagger; None where that did not propose each."""
        figures = [one.tagger for one in self.chosen if one.tagger is not None]
        return sum(figures) if len(figures) == len(self.chosen) else None


def likeliest(regions: Sequence[Sequence[Alternative]]) -> Iterator[tuple[Alternative, ...]]:
    """One alternative of each region, in the order of their sums; each region's come with the likeliest first."""

    def score(choice: tuple[int, ...]) -> float:
        return sum(region[index].score for region, index in zip(regions, choice, strict=True))

    first = (0,) * len(regions)
    heap = [(-score(first), first)] if all(regions) else []
    known = {first}
    while heap:
        _, choice = heapq.heappop(heap)
        yield tuple(region[index] for region, index in zip(regions, choice, strict=True))
        for place, index in enumerate(choice):
            following = (*choice[:place], index + 1, *choice[place + 1 :])
            if index + 1 < len(regions[place]) and following not in known:
                known.add(following)
                heapq.heappush(heap, (-score(following), following))


def merged(file: SourceFile, regions: Sequence[Sequence[Alternative]], judge: Judge, count: int) -> list[Merged]:
    """Of the ``count`` likeliest texts those that parse as a whole, in their order. Where the edits of two regions
    overlap, the combination is none."""
    made: dict[bytes, Merged] = {}
    for chosen in islice(likeliest(regions), MOST_TRIED):
        try:
            text = apply_edits(file.text, [edit for one in chosen for edit in one.edits])
        except ValueError:
            continue
        made.setdefault(text, Merged(text, chosen))
        if len(made) == count:
            break
    verdicts = judge([file._replace(text=text) for text in made]) if made else []
    return [one for one, verdict in zip(made.values(), verdicts, strict=True) if verdict.answer is Answer.PARSES]
