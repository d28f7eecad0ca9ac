"""How sure a repair is: from the scores of a search to a probability that was measured on held-out code.

A logistic regression over a few figures of the search, fitted by ``thea-lab train calibration``; and for each class of
repairs the confidence from which on at least 99 % of them were exactly what a person wrote.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from thea_hook.ml.edits import Step
from thea_hook.ml.repair import Repair
from thea_hook.ml.vocabulary import KEYWORDS, QUOTES, Action, Tag

_BRACKETS, _SEPARATORS = frozenset(b"( ) [ ] { } ${".split()), frozenset(b", ; : .".split())
_WORDS = frozenset(KEYWORDS)


class Proposal(Protocol):
    """A text to have in place of another, and the edits in a row that lead to it."""

    @property
    def text(self) -> bytes: ...

    @property
    def steps(self) -> Sequence[Step]: ...


def class_of(text: bytes, repair: Proposal) -> str:
    """The name of a kind of repair of a text: ``insert bracket``, ``delete at line break``, ``merge``, ``several``.

    At the beginning or end of a line people differ: in how they lay out the same code, and in whether a line that makes
    no sense is to go at all.
    """
    name = "several" if len(repair.steps) != 1 else _name(repair.steps[0].tag)
    return f"{name} at line break" if is_at_line_break(text, repair.text) else name


def _name(tag: Tag) -> str:
    name = tag.action.name.lower().replace("_", "-")
    if tag.action in (Action.INSERT, Action.CLOSE, Action.REPLACE, Action.SPLIT):
        return f"{name} {_group(tag.text)}"
    return name


def _group(text: bytes) -> str:
    if text in _BRACKETS:
        return "bracket"
    if text in _SEPARATORS:
        return "separator"
    if text in QUOTES:
        return "quote"
    return "word" if text in _WORDS else "operator"


FIGURES = ("odds", "found", "steps", "line_break")
"""What the confidence rests on, besides the class."""

_LEAST_ODDS, _MOST_ODDS = -12.0, 9.0
SAFE_ODDS = 3.5
"""No repair is SAFE of which the tagger itself is less sure than this: 97 %.

Without it, classes that are right more often than the tagger thinks had thresholds that new repositories broke: of
what was SAFE in repositories that were held out, 96 % was exact; with it, 99 %.
"""


def figures_of(text: bytes, repairs: Sequence[Repair]) -> tuple[float, ...]:
    """Of the first of the repairs of a text: the log-odds that the tagger gives it, the logarithm of how many there
    are, its steps, and whether it is at a line break."""
    best = repairs[0]
    probability = math.exp(min(best.score, -1e-6))  # several ways to one text may come to more than 1
    odds = best.score - math.log(1 - probability)
    return (
        max(_LEAST_ODDS, min(_MOST_ODDS, odds)),
        math.log(len(repairs)),
        float(len(best.steps)),
        float(is_at_line_break(text, best.text)),
    )


def is_at_line_break(before: bytes, after: bytes) -> bool:
    """Whether what differs begins or ends a line."""
    start, tail = common_ends(before, after)
    above, below = before[:start].rstrip(b" \t"), before[len(before) - tail :].lstrip(b" \t\r")
    return not above or not below or above.endswith(b"\n") or below.startswith(b"\n")


def common_ends(one: bytes, other: bytes) -> tuple[int, int]:
    """How many bytes two texts have in common at the beginning, and how many of the others at the end."""
    start = _common(one, other)
    return start, _common(one[start:][::-1], other[start:][::-1])


def _common(one: bytes, other: bytes) -> int:
    # by halves: slices of long texts are compared far faster than their bytes one by one
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def is_safe(safe_from: Mapping[str, float], kind: str, figures: Sequence[float], confidence: float) -> bool:
    """Whether a repair may be applied unasked: by the threshold of its class, and by the tagger's odds."""
    threshold = safe_from.get(kind)
    return threshold is not None and confidence >= threshold and figures[0] >= SAFE_ODDS


class Calibration(NamedTuple):
    """``weights`` of FIGURES, ``offsets`` of the classes, and the confidence from which on a class is SAFE."""

    bias: float
    weights: Mapping[str, float]
    offsets: Mapping[str, float]
    safe_from: Mapping[str, float]

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Calibration:
        return cls(**{name: values[name] for name in cls._fields})  # type: ignore[arg-type]

    def confidence(self, text: bytes, repairs: Sequence[Repair]) -> float:
        """The probability that the first of the repairs of a text is the right one."""
        return self.probability(figures_of(text, repairs), class_of(text, repairs[0]))

    def probability(self, figures: Sequence[float], kind: str) -> float:
        """The same from the FIGURES of a search and the class of its first repair."""
        logit = self.bias + sum(self.weights[name] * value for name, value in zip(FIGURES, figures, strict=True))
        logit += self.offsets.get(kind, 0.0)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))

    def is_safe(self, text: bytes, repairs: Sequence[Repair], confidence: float) -> bool:
        """Whether repairs of this class were precise enough from this confidence on."""
        return is_safe(self.safe_from, class_of(text, repairs[0]), figures_of(text, repairs), confidence)


UNCALIBRATED = Calibration(0.0, {"odds": 1.0, "found": 0.0, "steps": 0.0, "line_break": 0.0}, {}, {})
"""For a model whose confidence nobody has measured: nothing is SAFE."""
