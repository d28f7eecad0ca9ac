"""Whether an exported network says what the trained one says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thea_hook.ml.session import Session

MAX_DIFFERENCE = 1e-4
"""How far any output of an fp32 export may be from torch's."""

MIN_AGREEMENT = 0.995
"""The share of positions at which an int8 network must decide as the fp32 one does."""

Outputs = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Parity:
    """What a comparison over some windows found; ``agreement`` is the share of equal decisions of each output."""

    max_difference: float
    agreement: Mapping[str, float]
    windows: int
    positions: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "max_difference": self.max_difference,
            "agreement": dict(self.agreement),
            "windows": self.windows,
            "positions": self.positions,
        }


def compare(reference: Session, candidate: Session, batches: Sequence[Mapping[str, NDArray[Any]]]) -> Parity:
    """Run both on the same windows.

    A decision is the largest logit: of a tag at each lexeme, of a position once a window. Padding, rows of zeros in
    the first input, does not count.
    """
    difference, windows, positions = 0.0, 0, 0
    equal: dict[str, int] = dict.fromkeys(reference.model.outputs, 0)
    decisions: dict[str, int] = dict(equal)
    for batch in batches:
        first = next(iter(batch.values()))
        real = first.any(-1) if first.ndim == 3 else first != 0
        expected, found = reference.run(batch), candidate.run(batch)
        windows += len(first)
        positions += int(real.sum())
        for name in equal:
            difference = max(difference, float(np.abs(expected[name] - found[name]).max()))
            same = expected[name].argmax(-1) == found[name].argmax(-1)
            if same.ndim == 2:
                same = same[real]
            equal[name] += int(same.sum())
            decisions[name] += same.size
    agreement = {name: equal[name] / decisions[name] for name in equal}
    return Parity(difference, agreement, windows, positions)
