"""How well known the words are that a candidate writes: in the rest of its file, and in those beside it.

A repair that joins ``nam e`` or fills in a call writes a name, and nothing in the grammar tells a right one from a
wrong one. People use a name more than once, so a word that stands nowhere else speaks against the repair.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from thea_hook.core.source import SourceFile
from thea_hook.languages.words import WORD, WORD_BYTES, occurrences
from thea_hook.ml.calibration import common_ends
from thea_hook.ml.tasks import Candidate
from thea_hook.ml.vocabulary import KEYWORDS

WRITES_NAME, NAMES, NAMES_ELSEWHERE = "writes_name", "names", "names_elsewhere"
"""Names of evidence: a flag, which tells a word that stands nowhere from no word at all, and logarithms of counts."""

ENOUGH = 2
"""How far it is worth counting: words that stand nowhere are hardly ever right, and those that stand somewhere are so
about as often, however often they do."""

TYPICAL_ELSEWHERE = 0.46
"""The mean of the logarithm over the words that candidates for unseen code write. What nobody can count is as good as
that; a flag for it would tell the fit which of its texts are real, since few of those come with their repository."""

Elsewhere = Callable[[bytes], "int | None"]
"""How often a word stands in other files of the repository; None where nobody can say."""

_KEYWORDS = frozenset(KEYWORDS)


def with_names(
    file: SourceFile, candidates: Sequence[Candidate], elsewhere: Elsewhere | None = None
) -> list[Candidate]:
    """The candidates for a broken text, those that write a word with how often the rarest of their words stands in the
    text, and ``elsewhere``. Nothing is counted, nor ``elsewhere`` asked, unless some candidate writes one.
    """
    here = cache(lambda word: occurrences(word, file.text))
    beyond = None if elsewhere is None else cache(elsewhere)
    return [
        one.with_evidence(**_evidence(words, here, beyond)) if words else one
        for one, words in ((one, written_words(file.text, one.text)) for one in candidates)
    ]


def _evidence(words: Sequence[bytes], here: Callable[[bytes], int], beyond: Elsewhere | None) -> Mapping[str, float]:
    found = {WRITES_NAME: 1.0, NAMES: _logarithm(map(here, words))}
    counts = [None] if beyond is None else list(map(beyond, words))
    known = [count for count in counts if count is not None]
    if len(known) == len(counts):
        found[NAMES_ELSEWHERE] = _logarithm(known) - TYPICAL_ELSEWHERE
    return found


def _logarithm(counts: Iterable[int]) -> float:
    return math.log1p(min(ENOUGH, *counts))


def written_words(before: bytes, after: bytes) -> list[bytes]:
    """The words, other than keywords, that a text has more often than it had before; those of comments too."""
    start, tail = common_ends(before, after)
    # from the start of a word to the end of one
    start = len(before[:start].rstrip(WORD_BYTES))
    tail = len(before[len(before) - tail :].lstrip(WORD_BYTES))
    more = Counter(WORD.findall(after, start, len(after) - tail))
    more -= Counter(WORD.findall(before, start, len(before) - tail))
    return sorted(more.keys() - _KEYWORDS)
