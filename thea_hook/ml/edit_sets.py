"""Whole sets of edits: how likely each is by what a network believes of every lexeme, and the text that it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language
from thea_hook.languages.difference import edits_between, repairs_between
from thea_hook.languages.lexemes import Lexemes, lex
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.steps import set_of
from thea_hook.ml.vocabulary import TAG_INDEX, TAGS

if TYPE_CHECKING:
    from thea_hook.ml.tagger import Floats

CONSIDERED = -4.0
"""Log-probability of being edited, from which on an edit that a set leaves out is tried."""
TAGS_TRIED, FLIPS_COMBINED = 4, 12


class Beliefs(NamedTuple):
    """What a network believes of the lexemes of a text, as natural logarithms of probabilities.

    ``leave`` and ``edit`` [n] are those of leaving a lexeme alone or not, and ``tags`` [n, t] those of each tag where
    it is edited.
    """

    leave: Floats
    edit: Floats
    tags: Floats


class EditSet(NamedTuple):
    """Steps of one text, all of which are made, from its end to its beginning; and their joint log-probability."""

    steps: tuple[Step, ...]
    score: float


def likeliest_sets(beliefs: Beliefs, count: int) -> list[EditSet]:
    """The set in which every lexeme has what is likeliest for it, then those that differ at one place or at two."""
    edited = (beliefs.edit > beliefs.leave).nonzero()[0].tolist()
    chosen = {place: int(beliefs.tags[place].argmax()) for place in edited}
    flips = sorted(_flips(beliefs, chosen), key=lambda flip: flip.cost)[: max(count, FLIPS_COMBINED)]
    pairs = combinations(flips[:FLIPS_COMBINED], 2)
    ways: list[tuple[_Flip, ...]] = [(flip,) for flip in flips]
    ways += [pair for pair in pairs if pair[0].place != pair[1].place]
    best = sorted(ways, key=lambda way: sum(flip.cost for flip in way))
    score = _score(beliefs, chosen.items())
    sets = [_edit_set(chosen, (), score)]
    sets += [_edit_set(chosen, way, score - sum(flip.cost for flip in way)) for way in best]
    return [each for each in sets if each.steps][:count]


class _Flip(NamedTuple):
    """Another decision at a place: a tag, or None for leaving it; and what that costs of the log-probability."""

    place: int
    tag: int | None
    cost: float


def _flips(beliefs: Beliefs, chosen: dict[int, int]) -> Iterable[_Flip]:
    for place in (beliefs.edit > CONSIDERED).nonzero()[0].tolist():
        leave, edit = float(beliefs.leave[place]), float(beliefs.edit[place])
        tags = beliefs.tags[place]
        now = chosen.get(place)
        value = leave if now is None else edit + float(tags[now])
        if now is not None:
            yield _Flip(place, None, value - leave)
        for tag in (-tags).argsort()[:TAGS_TRIED].tolist():
            if tag != now:
                yield _Flip(place, tag, value - edit - float(tags[tag]))


def _edit_set(chosen: dict[int, int], way: Iterable[_Flip], score: float) -> EditSet:
    decided: dict[int, int | None] = {**chosen, **{flip.place: flip.tag for flip in way}}
    steps = [Step(place, TAGS[tag]) for place, tag in sorted(decided.items(), reverse=True) if tag is not None]
    return EditSet(tuple(steps), score)


def _score(beliefs: Beliefs, decided: Iterable[tuple[int, int]]) -> float:
    total = float(beliefs.leave.sum())
    for place, tag in decided:
        total += float(beliefs.edit[place] + beliefs.tags[place, tag] - beliefs.leave[place])
    return total


def score_of(beliefs: Beliefs, lexemes: Lexemes, text: bytes, language: Language) -> float:
    """The log-probability of the edits between the text of the lexemes and another one."""
    edits = repairs_between(lexemes.text, text, language) or edits_between(lexemes.text, text, language)
    likeliest: dict[int, float] = {}
    for place, tag in set_of(lexemes, edits):  # several tags at a place are alternatives
        value = float(beliefs.tags[place, TAG_INDEX[tag]])
        likeliest[place] = max(value, likeliest.get(place, value))
    total = float(beliefs.leave.sum())
    for place, value in likeliest.items():
        total += float(beliefs.edit[place] - beliefs.leave[place]) + value
    return total


def applied(lexemes: Lexemes, steps: Sequence[Step], language: Language) -> bytes | None:
    """The text after all of the steps, which come from its end to its beginning; None where one makes no sense."""
    edits = [edit_of(lexemes, step) for step in steps]
    if None in edits:
        return None
    try:
        return apply_edits(lexemes.text, [edit for edit in reversed(edits) if edit is not None])
    except ValueError:  # they touch the same bytes: one after the other, then
        return _applied_in_turn(lexemes, steps, language)


def _applied_in_turn(lexemes: Lexemes, steps: Sequence[Step], language: Language) -> bytes | None:
    for step in steps:
        edit = edit_of(lexemes, step) if step.place <= len(lexemes) else None
        if edit is None:
            return None
        lexemes = lex(apply_edits(lexemes.text, [edit]), language)
    return lexemes.text
