"""How sure a repair is, with the repairs before it in a run in mind: nineteen liquid neurons that carry a state along.

They correct the log-odds that the calibration gives a repair. A step is three small matrix products, so it needs numpy
and no graph. An option that is off by default: a threshold on the calibrated confidence alone does better
(docs/models.md).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.oracle import Verdict
from thea_hook.ml.calibration import FIGURES as SEARCH_FIGURES
from thea_hook.ml.calibration import class_of, figures_of
from thea_hook.ml.repair import Repair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thea_hook.ml.manifest import StoredFile

    Floats = NDArray[np.float64]


# ------------------------------------------------------------------ the network


class Controller:
    """CfC neurons. ``figures`` are the names of what a step reads, of which the first are log-odds; whoever keeps the
    ``state`` can go back to it."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        """From what ``thea-lab train controller`` wrote. Raises ValueError, KeyError or TypeError for other things."""
        self.figures: tuple[str, ...] = tuple(weights["figures"])
        self._middle, self._scale = (_vector(weights[name], len(self.figures)) for name in ("middle", "scale"))
        self._layers = [_layer(values) for values in weights["layers"]]
        self._gain, self._offset = (_vector(weights[name], 2) for name in ("gain", "offset"))
        sizes = [len(self.figures), *(len(bias) // 4 for _, bias in self._layers)]
        heard = [weight.shape[1] for weight, _ in self._layers]
        if heard != [before + own for before, own in pairwise(sizes)] or sizes[-1] != 2:
            raise ValueError("the layers do not fit each other")
        self.begin()

    def begin(self) -> None:
        """Forget what was seen: another sequence begins."""
        self.state: tuple[Floats, ...] = tuple(np.zeros(len(bias) // 4) for _, bias in self._layers)

    def step(self, figures: Sequence[float]) -> float:
        """The probability after one more step of the sequence."""
        heard = (np.asarray(figures, float) - self._middle) / self._scale
        after = []
        for (weight, bias), before in zip(self._layers, self.state, strict=True):
            values = weight @ np.concatenate((heard, before)) + bias
            first, second, pace, place = values.reshape(4, -1)
            gate = 0.5 + 0.5 * np.tanh((pace + place) / 2)  # a sigmoid that does not overflow
            heard = np.tanh(first) * (1 - gate) + np.tanh(second) * gate
            after.append(heard)
        self.state = tuple(after)
        against, for_it = heard * self._gain + self._offset
        return _sigmoid(figures[0] + float(for_it - against))


def _vector(values: object, length: int) -> Floats:
    vector = np.asarray(values, float)
    if vector.shape != (length,):
        raise ValueError(f"{vector.shape} numbers where there must be {length}")
    return vector


def _layer(values: Mapping[str, Any]) -> tuple[Floats, Floats]:
    weight, bias = np.asarray(values["weight"], float), np.asarray(values["bias"], float)
    if weight.ndim != 2 or bias.shape != weight.shape[:1] or len(bias) % 4:
        raise ValueError(f"a layer has weights {weight.shape} and biases {bias.shape}")
    return weight, bias


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


def log_odds(probability: float) -> float:
    """Of a probability that may be rounded to 0 or 1."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded) - math.log1p(-bounded)


def _loaded(file: StoredFile, figures: tuple[str, ...]) -> Controller:
    """The controller of a file that reads these figures. Raises ModelError."""
    try:
        controller = Controller(json.loads(file.read()))
    except (KeyError, TypeError, ValueError) as exc:
        raise ModelError(f"{file.path} is no controller ({exc}): use weights of the same release") from exc
    if controller.figures != figures:
        raise ModelError(f"{file.path}: made for other figures: use weights of the same release")
    return controller


# ------------------------------------------------------------------ repairs of a run

_MOST_MARGIN = 12.0

REPAIR_FIGURES = ("confidence", *SEARCH_FIGURES, "margin", "problems", "same_message", "same_class", "earlier")
"""What is known of a repair in a run. Whether earlier ones were right is not: nobody says so before the run ends."""


class Observation(NamedTuple):
    """A repair as it looks by itself; ``confidence`` are the log-odds that the calibration gives it."""

    confidence: float
    search: tuple[float, ...]
    margin: float
    """By how much the first candidate is likelier than the second, in natural logarithms."""
    problems: float
    message: str
    kind: str


def observe(file: SourceFile, verdict: Verdict, repairs: Sequence[Repair], confidence: float) -> Observation:
    """The first of the repairs of a file, of which there is at least one."""
    rival = repairs[1].score if len(repairs) > 1 else -math.inf
    return Observation(
        log_odds(confidence),
        figures_of(file.text, repairs),
        min(_MOST_MARGIN, repairs[0].score - rival),
        math.log1p(len(verdict.problems)),
        verdict.problems[0].message if verdict.problems else "",
        class_of(file.text, repairs[0]),
    )


class Run:
    """The repairs of a run so far."""

    def __init__(self) -> None:
        self._messages: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._confidence = 0.0

    def figures(self, seen: Observation) -> tuple[float, ...]:
        """REPAIR_FIGURES of the next repair: also which share of the earlier ones had the same message of the parser,
        which the same class, and how sure they were."""
        earlier = self._messages.total()
        same_message, same_kind = self._messages[seen.message], self._kinds[seen.kind]
        figures = (
            seen.confidence,
            *seen.search,
            seen.margin,
            seen.problems,
            same_message / max(earlier, 1),
            same_kind / max(earlier, 1),
            self._confidence / (earlier + 1),
        )
        self._messages[seen.message] += 1
        self._kinds[seen.kind] += 1
        self._confidence += seen.confidence
        return figures


class RunConfidence:
    """How sure repairs are, each with those before it in mind."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.begin()

    @classmethod
    def of(cls, file: StoredFile) -> RunConfidence:
        """From a file of a folder of weights. Raises ModelError."""
        return cls(_loaded(file, REPAIR_FIGURES))

    def begin(self) -> None:
        """Another run begins."""
        self._run = Run()
        self._controller.begin()
        self._path: str | None = None
        self._before = (self._run, self._controller.state)

    def confidence(self, file: SourceFile, verdict: Verdict, repairs: Sequence[Repair], confidence: float) -> float:
        """How sure the first of the repairs of the next file is, of which the calibration says ``confidence``."""
        if file.path == self._path:  # the same file once more, after a fix or in an editor, takes its own place
            self._run, self._controller.state = self._before
        self._path, self._before = file.path, (deepcopy(self._run), self._controller.state)
        return self._controller.step(self._run.figures(observe(file, verdict, repairs, confidence)))
