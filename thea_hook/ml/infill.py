"""What could stand between two pieces of a text: a beam search over the spans that the language model writes there.

The model was trained to read prefix, suffix and span in this order, each behind a mark (Bavarian et al., 2022).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from thea_hook.core.source import Language
from thea_hook.languages.lexemes import lex
from thea_hook.ml.language_model import LanguageModel, Reading
from thea_hook.ml.language_tokens import MARK, Place, decode, encode
from thea_hook.ml.subtokens import SubTokens

PREFIX, SUFFIX = 400, 64
"""Ids that are read on both sides."""
BEAM, BRANCHES, LONGEST = 4, 6, 24
"""Spans that are followed at once, ids that are tried behind each, and ids of a span: it was taught no longer ones."""


class _Draft(NamedTuple):
    ids: tuple[int, ...]
    score: float
    reading: Reading


def fill_in(
    model: LanguageModel,
    subtokens: SubTokens,
    prefix: bytes,
    suffix: bytes,
    language: Language,
    *,
    deadline: float = math.inf,
) -> list[tuple[bytes, float]]:
    """Texts that may stand between the two, each with its log-probability, the likeliest first.

    Whether they parse is for others to say. Raises ModelError.
    """
    before, after = lex(prefix, language), lex(suffix, language)
    place = Place.behind(before)
    known = encode(before, subtokens, place.unit).ids
    following = encode(after, subtokens, place.unit, place.indent).ids
    frame = [MARK.PREFIX, *known[-PREFIX:], MARK.SUFFIX, *following[:SUFFIX], MARK.MIDDLE]
    spans = _spans(model, model.read(frame, deadline=deadline), deadline)
    texts = ((decode(ids, subtokens, place), score) for ids, score in spans)
    return [(_fitted(text, prefix), score) for text, score in texts if text is not None]


def _spans(model: LanguageModel, start: Reading, deadline: float) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest spans that come to an end; no draft is followed that is less likely than ``BEAM`` of these."""
    drafts, ended = [_Draft((), 0.0, start)], list[tuple[tuple[int, ...], float]]()
    for _ in range(LONGEST + 1):
        further: list[tuple[float, _Draft, int]] = []
        for draft in drafts:
            ended.append((draft.ids, draft.score + float(draft.reading.next[MARK.SPAN_END])))
            for item in np.argsort(-draft.reading.next)[:BRANCHES]:
                if item != MARK.SPAN_END:
                    further.append((draft.score + float(draft.reading.next[item]), draft, int(item)))
        ended = sorted(ended, key=lambda span: -span[1])[:BEAM]
        least = ended[-1][1] if len(ended) == BEAM else -math.inf
        chosen = sorted((one for one in further if one[0] > least), key=lambda one: -one[0])[:BEAM]
        if not chosen:
            break
        readings = model.step(
            [draft.reading for _, draft, _ in chosen], [item for *_, item in chosen], deadline=deadline
        )
        drafts = [
            _Draft((*draft.ids, item), score, reading)
            for (score, draft, item), reading in zip(chosen, readings, strict=True)
        ]
    return ended


def _fitted(text: bytes, prefix: bytes) -> bytes:
    """Without white space of its own where there is some already."""
    return text.lstrip() if prefix[-1:].isspace() else text
