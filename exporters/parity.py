"""Whether an exported network says what the trained one says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from thea_hook.ml.session import Session

from .interfaces import Arrays, Interface

MAX_DIFFERENCE = 1e-4
"""How far any output of an fp32 export may be from torch's."""

MIN_AGREEMENT: Mapping[str, float] = {
    "lexemes": 0.995,
    "edits": 0.98,
    "sets": 0.95,
    "next": 0.95,
    "ratios": 0.99,
}
"""The share of decisions that an int8 network must share with the fp32 one.

Where two edits are about as likely, int8 tips the scale either way: of 512 real windows 6 changed their likeliest edit
with a half-trained tagger, 2 with a better one, and in both cases one fewer was right.
"""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far two networks are apart over some windows, and the share of equal decisions of each kind."""

    max_difference: float
    agreement: Mapping[str, float]
    windows: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def compare(reference: Session, candidate: Session, interface: Interface, batches: Sequence[Arrays]) -> Parity:
    """Run both on the same windows."""
    difference, windows = 0.0, 0
    equal: dict[str, list[bool]] = {}
    for batch in batches:
        rows = batch[interface.inputs[0]]
        expected, found = reference.run(batch), candidate.run(batch)
        windows += len(rows)
        difference = max(difference, *(float(np.abs(expected[name] - found[name]).max()) for name in expected))
        ours, theirs = interface.decide(rows, found), interface.decide(rows, expected)
        for kind in ours:
            equal.setdefault(kind, []).extend(ours[kind] == theirs[kind])
    return Parity(difference, {kind: float(np.mean(values)) for kind, values in equal.items()}, windows)
