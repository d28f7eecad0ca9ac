"""How sure a repair is: from the scores of a search to a probability that was measured on held-out code.

A logistic regression over a few figures of the search, fitted by ``thea-lab train calibration``; and for each class of
repairs the confidence from which on at least 99 % of them were exactly what a person wrote.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thea_hook.ml.edits import Step
from thea_hook.ml.repair import Repair
from thea_hook.ml.vocabulary import KEYWORDS, QUOTES, Action

_BRACKETS, _SEPARATORS = frozenset(b"( ) [ ] { } ${".split()), frozenset(b", ; : .".split())
_WORDS = frozenset(KEYWORDS)


def class_of(steps: Sequence[Step]) -> str:
    """The name of a kind of repair: ``insert bracket``, ``delete operator``, ``merge``, ``several``."""
    if len(steps) != 1:
        return "several"
    action, text = steps[0].tag
    name = action.name.lower().replace("_", "-")
    if action in (Action.INSERT, Action.CLOSE, Action.REPLACE, Action.SPLIT):
        return f"{name} {_group(text)}"
    return name


def _group(text: bytes) -> str:
    if text in _BRACKETS:
        return "bracket"
    if text in _SEPARATORS:
        return "separator"
    if text in QUOTES:
        return "quote"
    return "word" if text in _WORDS else "operator"


FIGURES = ("score", "share", "margin", "steps", "found")
"""What the confidence rests on, besides the class."""


def figures_of(repairs: Sequence[Repair]) -> tuple[float, ...]:
    """Of the first of some repairs: its log-probability, its share among all, the lead over the next, its steps, how
    many there are."""
    scores = [repair.score for repair in repairs]
    best = scores[0]
    total = sum(math.exp(min(score - best, 0.0)) for score in scores)
    margin = min(best - scores[1], 8.0) if len(scores) > 1 else 8.0
    return (max(best, -15.0), -math.log(total), margin, float(len(repairs[0].steps)), math.log(len(repairs)))


class Calibration(NamedTuple):
    """``weights`` of FIGURES, ``offsets`` of the classes, and the confidence from which on a class is SAFE."""

    bias: float
    weights: Mapping[str, float]
    offsets: Mapping[str, float]
    safe_from: Mapping[str, float]

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Calibration:
        return cls(**{name: values[name] for name in cls._fields})  # type: ignore[arg-type]

    def confidence(self, repairs: Sequence[Repair]) -> float:
        """The probability that the first repair is the right one."""
        figures = zip(FIGURES, figures_of(repairs), strict=True)
        logit = self.bias + sum(self.weights[name] * value for name, value in figures)
        logit += self.offsets.get(class_of(repairs[0].steps), 0.0)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))

    def is_safe(self, repairs: Sequence[Repair], confidence: float) -> bool:
        return confidence >= self.safe_from.get(class_of(repairs[0].steps), 2.0)


UNCALIBRATED = Calibration(0.0, {"score": 1.0, "share": 1.0, "margin": 0.0, "steps": 0.0, "found": 0.0}, {}, {})
"""For a model whose confidence nobody has measured: nothing is SAFE."""
