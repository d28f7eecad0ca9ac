"""What could stand between two pieces of a text: a language model writes behind the one, and the other decides.

By Bayes' rule a span is as likely as it is behind the prefix, times what it makes of the suffix. The model was taught
to fill in a frame of marks as well, but of the ids that it learned from only one in a hundred stood in such a span: of
44 spans of one or two lexemes it found none in that way, and 18 in this one.
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

PREFIX, SUFFIX = 600, 12
"""Ids that are read before the span, and judged behind it."""
BEAM, BRANCHES, LONGEST = 4, 8, 16
"""Spans that are followed at once, ids that are tried behind each, and ids of a span."""


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
    """Texts that may stand between the two, each with its log-probability among all that were considered, the likeliest
    first. Whether they parse is for others to say. Raises ModelError.
    """
    before, after = lex(prefix, language), lex(suffix, language)
    place = Place.behind(before)
    known = [MARK.END, *encode(before, subtokens, place.unit).ids]
    following = [*encode(after, subtokens, place.unit, place.indent).ids, MARK.END][:SUFFIX]
    drafts = _drafts(model, model.read(known[-PREFIX:], deadline=deadline), deadline)
    texts = [(decode(draft.ids, subtokens, place), draft) for draft in drafts]
    written = [(_fitted(text, prefix), draft) for text, draft in texts if text is not None]
    behind = model.likelihoods([(draft.reading, following) for _, draft in written], deadline=deadline)
    totals = np.array([draft.score + values.sum() for (_, draft), values in zip(written, behind, strict=True)])
    shares = totals - np.logaddexp.reduce(totals)
    best = np.argsort(-shares)[:BEAM]
    return [(written[index][0], float(shares[index])) for index in best]


def _drafts(model: LanguageModel, start: Reading, deadline: float) -> list[_Draft]:
    """Nothing, and the likeliest spans of each length."""
    drafts = [_Draft((), 0.0, start)]
    found = list(drafts)
    for _ in range(LONGEST):
        further = [
            (draft.score + float(draft.reading.next[item]), draft, int(item))
            for draft in drafts
            for item in np.argsort(-draft.reading.next)[:BRANCHES]
            if item != MARK.END
        ]
        chosen = sorted(further, key=lambda one: -one[0])[:BEAM]
        readings = model.step(
            [draft.reading for _, draft, _ in chosen], [item for *_, item in chosen], deadline=deadline
        )
        drafts = [
            _Draft((*draft.ids, item), score, reading)
            for (score, draft, item), reading in zip(chosen, readings, strict=True)
        ]
        found += drafts
    return found


def _fitted(text: bytes, prefix: bytes) -> bytes:
    """Without white space of its own where there is some already."""
    return text.lstrip() if prefix[-1:].isspace() else text
