"""The scorer: how much more natural each candidate is than the broken text, by a language model of code.

Around every change both texts are read, the old one and the new one, from a state that is kept before the change until
some way behind it. The difference of their log-likelihoods is the evidence: a repair that belongs there makes what
follows less surprising, and one that only silences the parser does not.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import Language
from thea_hook.errors import ModelError
from thea_hook.languages.difference import common_length
from thea_hook.languages.lexemes import lex
from thea_hook.ml.infill import fill_in
from thea_hook.ml.language_model import LanguageModel, Reading
from thea_hook.ml.language_tokens import MARK, VOCABULARY, encode, unit_of
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tasks import Candidate, Request

if TYPE_CHECKING:
    from thea_hook.ml.manifest import Manifest
    from thea_hook.ml.session import Resources

MODEL = "mamba"
"""Its name in a manifest, and what the names of its evidence begin with."""
CONTEXT, TAIL = 600, 24
"""How many ids are read before a change, and how many are judged behind it."""
LONGEST = 96
"""Ids of a change that are judged: where a quote is missing, two texts have little in common from there on."""
FAR = 48
"""Changes with so many lexemes between them are judged one by one, each as if the others were not made."""
COMPARED = 2_000
"""Lexemes in which changes are told apart: the matcher is quadratic."""


class Scorer:
    """What a language model says of candidates."""

    def __init__(self, model: LanguageModel, subtokens: SubTokens) -> None:
        self.model = model
        self.subtokens = subtokens

    @classmethod
    def of(cls, manifest: Manifest, backend: str, resources: Resources) -> Scorer:
        """The scorer of a folder of weights. Raises ModelError, with the reason ``absent`` where it has none."""
        from thea_hook.ml.session import Session

        if MODEL not in manifest.models:
            raise ModelError(f"{manifest.folder} has no model `{MODEL}`", "absent")
        model = manifest.model(MODEL)
        state = model.inputs["state"].shape if "state" in model.inputs else ()
        if model.config.get("vocabulary") != VOCABULARY or len(state) != 4:
            raise ModelError(f"{model.network.path}: made for another vocabulary: use weights of the same release")
        shape = [length for length in state if isinstance(length, int)]
        subtokens = SubTokens(json.loads(model.file("subtokens").read()))
        return cls(LanguageModel(Session(model, backend, resources), shape), subtokens)

    def solve(self, request: Request) -> list[Candidate]:
        """The candidates of the request with its evidence.

        ``mamba`` is the log-likelihood ratio of a candidate to the text as it is, over all changes and what follows
        each, ``mamba_tail`` the part of it that is about what follows, and ``mamba_tokens`` how many ids the changes
        have in both texts. The ratio alone favours those that delete, and grows with what is changed: ``mamba_scaled``
        is what remains of it in units of its own spread. Raises ModelError.
        """
        if not request.candidates:
            return []
        original = self._pieces(request.file.text, request.file.language)
        changes = [
            list(changes_between(original, self._pieces(candidate.text, request.file.language, original.unit)))
            for candidate in request.candidates
        ]
        ratios = self._ratios(original, [change for some in changes for change in some], request.deadline)
        return [
            candidate.with_evidence(**_figures([ratios[change] for change in some], sum(each.size for each in some)))
            for candidate, some in zip(request.candidates, changes, strict=True)
        ]

    def complete(self, prefix: bytes, suffix: bytes, language: Language) -> list[tuple[bytes, float]]:
        """Texts that may stand between the two, with log-probabilities, the likeliest first. Raises ModelError."""
        return fill_in(self.model, self.subtokens, prefix, suffix, language)

    def _pieces(self, text: bytes, language: Language, unit: int = 0) -> Pieces:
        lexemes = lex(text, language)
        unit = unit or unit_of(lexemes)
        ids, starts = encode(lexemes, self.subtokens, unit)
        pieces = [tuple(ids[start:end]) for start, end in pairwise(starts)]
        return Pieces([*pieces, (MARK.END,)], [*lexemes.ends, len(text)], unit)

    def _ratios(self, original: Pieces, changes: Sequence[Change], deadline: float) -> dict[Change, Ratio]:
        readings = self._readings(original, sorted({change.start for change in changes}), deadline)
        rows = list(dict.fromkeys((change.start, ids) for change in changes for ids in (change.old, change.new) if ids))
        found = self.model.likelihoods([(readings[start], ids) for start, ids in rows], deadline=deadline)
        likelihoods = dict(zip(rows, found, strict=True))

        def total(change: Change, ids: tuple[int, ...], first: int) -> float:
            return float(likelihoods[change.start, ids][first:].sum()) if ids else 0.0

        def ratio(change: Change) -> Ratio:
            (_, old, new, _, tail) = change
            behind = total(change, new, len(new) - tail) - total(change, old, len(old) - tail)
            return Ratio(total(change, new, 0) - total(change, old, 0), behind)

        return {change: ratio(change) for change in changes}

    def _readings(self, text: Pieces, places: Sequence[int], deadline: float) -> dict[int, Reading]:
        """What the model knows at each of some lexemes, in their order: nothing is read twice."""
        ids = [MARK.END]
        ends = [1]  # of the ids before each lexeme
        for piece in text.pieces:
            ids += piece
            ends.append(len(ids))
        readings: dict[int, Reading] = {}
        reading: Reading | None = None
        read = 0
        for place in places:
            if reading is None or ends[place] - read > CONTEXT:
                reading, read = None, max(0, ends[place] - CONTEXT)
            if ends[place] > read or reading is None:
                reading = self.model.read(ids[read : ends[place]], reading, deadline=deadline)
                read = ends[place]
            readings[place] = reading
        return readings


class Ratio(NamedTuple):
    """By how much a change makes a text likelier, and by how much only what follows the change."""

    whole: float
    behind: float


def _figures(ratios: Sequence[Ratio], size: int) -> dict[str, float]:
    whole = sum(ratio.whole for ratio in ratios)
    return {
        "mamba": whole,
        "mamba_tail": sum(ratio.behind for ratio in ratios),
        "mamba_tokens": float(size),
        "mamba_scaled": whole / math.sqrt(size + _LEAST_SPREAD),
    }


_LEAST_SPREAD = 4
"""Ids by which the ratio of the smallest change already varies."""


# ------------------------------------------------------------------ changes


class Pieces(NamedTuple):
    """A text as the ids of each of its lexemes and of its end; where each ends in the text; its unit of indentation."""

    pieces: list[tuple[int, ...]]
    ends: list[int]
    unit: int

    def end_before(self, index: int) -> int:
        """Where the lexeme before this one ends."""
        return self.ends[index - 1] if index else 0


class Change(NamedTuple):
    """A difference of two texts: the lexeme of the old one where it begins, and the ids from there on until both
    have been the same for a while. ``size`` of them are not the same, and the last ``tail`` of each are."""

    start: int
    old: tuple[int, ...]
    new: tuple[int, ...]
    size: int
    tail: int


def changes_between(old: Pieces, new: Pieces) -> Iterator[Change]:
    """What differs, in order; differences near each other are one."""
    for (start, old_end), (new_start, new_end) in _spans(old.pieces, new.pieces):
        before, after = _joined(old.pieces[start:old_end]), _joined(new.pieces[new_start:new_end])
        if max(len(before), len(after)) > LONGEST:
            yield _beginning(old, start, new, new_start)
            continue
        tail = _first_ids(new.pieces, new_end, TAIL)
        yield Change(start, before + tail, after + tail, len(before) + len(after), len(tail))


Range = tuple[int, int]


def _spans(old: list[tuple[int, ...]], new: list[tuple[int, ...]]) -> list[tuple[Range, Range]]:
    """Ranges of lexemes that differ."""
    head = common_length(old, new)
    tail = common_length(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    size = old_end + new_end - 2 * head
    if not size:
        return []
    if size <= FAR or size > COMPARED:
        return [((head, old_end), (head, new_end))]
    from difflib import SequenceMatcher

    spans: list[tuple[Range, Range]] = []
    matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        (i, i_end), (j, j_end) = (head + i, head + i_end), (head + j, head + j_end)
        if spans and i - spans[-1][0][1] < FAR:
            (i, _), (j, _) = spans.pop()
        spans.append(((i, i_end), (j, j_end)))
    return spans


def _beginning(old: Pieces, start: int, new: Pieces, new_start: int) -> Change:
    """The first ids of a long change, as many of both texts as stand for about the same bytes of code."""
    shift = new.end_before(new_start) - old.end_before(start)
    last, new_last = _reach(old.pieces, start, LONGEST), _reach(new.pieces, new_start, LONGEST)
    end = min(old.ends[last - 1], new.ends[new_last - 1] - shift)
    before = _joined(old.pieces[at] for at in range(start, last) if old.end_before(at) < end)
    after = _joined(new.pieces[at] for at in range(new_start, new_last) if new.end_before(at) - shift < end)
    return Change(start, before, after, len(before) + len(after), 0)


def _joined(pieces: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(chain.from_iterable(pieces))


def _reach(pieces: Sequence[tuple[int, ...]], start: int, count: int) -> int:
    """The lexeme before which there are at least so many ids from ``start`` on, or the end."""
    while count > 0 and start < len(pieces):
        count -= len(pieces[start])
        start += 1
    return start


def _first_ids(pieces: Sequence[tuple[int, ...]], start: int, count: int) -> tuple[int, ...]:
    """The ids of whole lexemes, so many at least."""
    return _joined(pieces[start : _reach(pieces, start, count)])
