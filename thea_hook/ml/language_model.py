"""The language model: from ids of a text to the likelihood of what follows, going on from a state that is kept.

The network gives the state behind what it was told, and it is as large after ten ids as after a million: what was read
once is never read again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thea_hook.errors import ModelError
from thea_hook.ml.language_tokens import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Network(Protocol):
        """A trained network. Raises ``ModelError`` where it cannot answer."""

        def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.float32]]: ...


Floats = NDArray[np.float32]

AT_ONCE = 32
"""Positions of one run: longer runs leave the cache of the processor."""
TOGETHER = 16
"""Texts of one run."""


class Reading(NamedTuple):
    """Where the model is in a text: its state [layers, 1, ...], and the log-probability of each id to follow."""

    state: Floats
    next: Floats


class LanguageModel:
    """A network ready to read. ``deadline`` is a time of ``time.monotonic()``; behind it a ModelError is raised."""

    def __init__(self, network: Network, state_shape: Sequence[int]) -> None:
        """``state_shape`` is that of the state of one text, without the number of texts: layers, and what each has."""
        self._network = network
        layers, *rest = state_shape
        self._empty = np.zeros((layers, 1, *rest), np.float32)

    def read(self, ids: Sequence[int], after: Reading | None = None, *, deadline: float = math.inf) -> Reading:
        """Go on behind another reading, or begin. There is one id at least."""
        state = self._empty if after is None else after.state
        for start in range(0, len(ids), AT_ONCE):
            part = np.array([ids[start : start + AT_ONCE]], np.int64)
            logs, state = self._run(part, np.array([part.shape[1] - 1]), state, deadline)
        return Reading(state, logs[0])

    def step(self, readings: Sequence[Reading], ids: Sequence[int], *, deadline: float = math.inf) -> list[Reading]:
        """Each of the readings after one more id of its own."""
        state = np.concatenate([reading.state for reading in readings], axis=1)
        logs, state = self._run(np.array(ids, np.int64)[:, None], np.arange(len(ids)), state, deadline)
        return [Reading(state[:, row : row + 1], logs[row]) for row in range(len(ids))]

    def likelihoods(self, rows: Sequence[tuple[Reading, Sequence[int]]], *, deadline: float = math.inf) -> list[Floats]:
        """The log-probability of each of some ids that follow a reading, one array for each row."""
        found: list[Floats] = []
        for start in range(0, len(rows), TOGETHER):
            found += self._likelihoods(rows[start : start + TOGETHER], deadline)
        return found

    def _likelihoods(self, rows: Sequence[tuple[Reading, Sequence[int]]], deadline: float) -> list[Floats]:
        """Of so many rows as fit into a run, which all are as long as the longest there."""
        lengths = np.array([len(ids) for _, ids in rows])
        batch = np.zeros((len(rows), max(1, *lengths)), np.int64)
        for row, (_, ids) in enumerate(rows):
            batch[row, : len(ids)] = ids
        found = np.zeros(batch.shape, np.float32)
        found[:, 0] = [reading.next[first] for (reading, _), first in zip(rows, batch[:, 0], strict=True)]
        state = np.concatenate([reading.state for reading, _ in rows], axis=1)
        for start in range(0, batch.shape[1] - 1, AT_ONCE):
            part = batch[:, start : min(start + AT_ONCE, batch.shape[1] - 1)]
            of_row, position = np.nonzero(start + 1 + np.arange(part.shape[1]) < lengths[:, None])
            logs, state = self._run(part, of_row * part.shape[1] + position, state, deadline)
            wanted = batch[of_row, start + 1 + position]
            found[of_row, start + 1 + position] = logs[np.arange(len(wanted)), wanted]
        return [found[row, :length] for row, length in enumerate(lengths)]

    def _run(
        self, ids: NDArray[np.int64], rows: NDArray[np.int64], state: Floats, deadline: float
    ) -> tuple[Floats, Floats]:
        if time.monotonic() > deadline:
            raise ModelError("the language model was still reading when the time was over", "deadline")
        outputs = self._network.run({"ids": ids, "rows": rows, "state": state})
        logs, after = outputs["logs"], outputs["next_state"]
        if logs.shape != (len(rows), VOCABULARY) or after.shape != state.shape:
            raise ModelError(
                f"the language model answers with {list(logs.shape)} log-probabilities and a state of "
                f"{list(after.shape)}: use weights of the same release",
                "output",
            )
        return logs, after
