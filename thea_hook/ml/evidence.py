"""Which of several candidates is right, and how sure that is, from what all models say about each of them.

A conditional logit (McFadden, 1974) with an option of its own for "none of these": a candidate's utility is a weighted
sum of its figures, and its probability is that utility's share. The weights are fitted by ``thea-lab train evidence``
to candidates for texts of repositories that no model has seen, once for each set of models that may have spoken.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from thea_hook.ml.calibration import class_of, is_at_line_break
from thea_hook.ml.names import NAMES, NAMES_ELSEWHERE, WRITES_NAME
from thea_hook.ml.tasks import Candidate

TAGGER_SOURCE = "ml:tagger"
TAGGER, REFINER, SCORER = "tagger", "trm", "mamba"
"""Names of evidence, which are those of the models that it comes from."""

FIGURES = (
    *("tagger", "new", "trm", "trm_halt", "mamba", "mamba_tail", "mamba_scaled", "mamba_tokens"),
    *(WRITES_NAME, NAMES, NAMES_ELSEWHERE),
    *("regions", "steps", "line_break", "bias"),
)
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "tagger": (-16.0, 0.0),
    "trm": (-24.0, 0.0),
    "mamba": (-20.0, 40.0),
    "mamba_tail": (-20.0, 40.0),
    "mamba_scaled": (-6.0, 8.0),
    "mamba_tokens": (0.0, 60.0),
    "regions": (0.0, 6.0),
    "steps": (0.0, 8.0),
}


def figures_of(text: bytes, candidate: Candidate) -> dict[str, float]:
    """FIGURES of a candidate for a text; 0 stands for what nobody said.

    ``new`` says that the tagger's own search did not find it, and ``bias`` is 1, against "none of these".
    """
    figures = {name: _within(name, candidate.evidence.get(name, 0.0)) for name in FIGURES}
    figures["new"] = float(TAGGER not in candidate.evidence)
    figures["steps"] = _within("steps", float(len(candidate.steps)))
    figures["line_break"] = float(is_at_line_break(text, candidate.text))
    figures["bias"] = 1.0
    return figures


def _within(name: str, value: float) -> float:
    low, high = _BOUNDS.get(name, (-math.inf, math.inf))
    return max(low, min(high, value))


def name_of(models: Iterable[str]) -> str:
    """The name of the fit for these models besides the tagger: ``mamba+trm``; empty for none."""
    return "+".join(sorted(models))


class Judged(NamedTuple):
    """A candidate, and the probability that it is the right one."""

    candidate: Candidate
    probability: float


class Weighing(NamedTuple):
    """Weights of FIGURES, and offsets of the classes of repairs, for one set of models.

    ``scale`` and ``offset`` turn the log-odds of a candidate's share into those of its being right (Platt, 1999): the
    margin that the tagger's choice is given, and candidates that are alike, make shares too small or too large.
    """

    weights: Mapping[str, float]
    offsets: Mapping[str, float]
    scale: float = 1.0
    offset: float = 0.0

    def utility(self, figures: Mapping[str, float], kind: str) -> float:
        """What speaks for a candidate, on the scale of log-odds against "none of these"."""
        return sum(self.weights.get(name, 0.0) * value for name, value in figures.items()) + self.offsets.get(kind, 0.0)

    def calibrated(self, share: float) -> float:
        """The probability that a candidate with this share is right."""
        share = min(max(share, 1e-9), 1 - 1e-9)
        return 1 / (1 + math.exp(-(self.scale * math.log(share / (1 - share)) + self.offset)))


class Evidence(NamedTuple):
    """Weighings by the name of the models that spoke, and the confidence of the tagger from which on none is asked."""

    weighings: Mapping[str, Weighing]
    sure_from: float

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Evidence:
        weighings, sure_from = values["weighings"], values["sure_from"]
        if not isinstance(weighings, dict) or not isinstance(sure_from, float):
            raise TypeError("it is to have a table of weighings and a number `sure_from`")
        return cls({name: Weighing(**fields) for name, fields in weighings.items()}, sure_from)

    def weighs(self, figure: str) -> bool:
        """Whether the figure tells anything, so that it is worth finding out."""
        return any(weighing.weights.get(figure) for weighing in self.weighings.values())

    def judge(self, text: bytes, candidates: Sequence[Candidate], models: Iterable[str]) -> list[Judged]:
        """The candidates for a text with their probabilities, the choice first, when these models have spoken;
        empty where there is no candidate, or no fit for them."""
        weighing = self.weighings.get(name_of(models))
        return judged(text, candidates, weighing) if weighing is not None and candidates else []


MARGIN = 1.5
"""How many times as likely as the tagger's own first choice another candidate has to be to be chosen instead.

Chosen on the validation split. At 1, texts with made-up mistakes gain a little more, but real ones lose: there, what
reads more naturally is often not what the author wrote.
"""


def judged(text: bytes, candidates: Sequence[Candidate], weighing: Weighing, margin: float = MARGIN) -> list[Judged]:
    """The candidates for a text, of which there is one at least, with their probabilities.

    The first one is the choice: the likeliest, or the first of those given where it is the tagger's and the likeliest
    is not likelier by the margin. The others follow in the order of their probabilities.
    """
    utilities = [weighing.utility(figures_of(text, one), class_of(text, one)) for one in candidates]
    shares = probabilities(utilities)
    found = [Judged(candidate, share) for candidate, share in zip(candidates, shares, strict=True)]
    return [one._replace(probability=weighing.calibrated(one.probability)) for one in _ordered(found, margin)]


def _ordered(found: list[Judged], margin: float) -> list[Judged]:
    """By their shares, but for the tagger's first choice, which gives way only to what is likelier by the margin."""
    first = found[0]
    found = sorted(found, key=lambda one: -one.probability)
    if first.candidate.source == TAGGER_SOURCE and found[0].probability < margin * first.probability:
        found.remove(first)
        found.insert(0, first)
    return found


def probabilities(utilities: Sequence[float]) -> list[float]:
    """The share of each, beside that of "none of these", whose utility is 0."""
    top = max(0.0, *utilities)
    weights = [math.exp(utility - top) for utility in utilities]
    total = math.exp(-top) + sum(weights)
    return [weight / total for weight in weights]
