"""A language model for tests that costs nothing: what is likely depends on the last id, and on all ids before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from thea_hook.ml.language_model import LanguageModel
from thea_hook.ml.language_tokens import VOCABULARY

SHAPE = (1, 2, 1)


class Toy:
    """The state is a checksum of what was read, and the last id. ``likes`` are log-probabilities of pairs in a row,
    and those of all others follow from the checksum."""

    def __init__(self, likes: Mapping[tuple[int, int], float] | None = None, *, constant: float | None = None) -> None:
        self._likes = dict(likes or {})
        self._constant = constant
        self.positions = 0
        """How many were read, padding included."""

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        ids, rows, state = inputs["ids"], inputs["rows"], inputs["state"].copy()
        assert state.shape[1] == len(ids)
        self.positions += ids.size
        logs = np.empty((*ids.shape, VOCABULARY), np.float32)
        for row, text in enumerate(ids):
            for position, item in enumerate(text):
                state[0, row] = [[(state[0, row, 0, 0] * 31 + item) % 8191], [item]]
                logs[row, position] = self._logs(state[0, row, 0, 0], int(item))
        return {"logs": logs.reshape(-1, VOCABULARY)[rows], "next_state": state}

    def _logs(self, checksum: float, last: int) -> Any:
        if self._constant is None:
            logs = -((np.arange(VOCABULARY) * 7 + checksum) % 97) / 10
        else:
            logs = np.full(VOCABULARY, self._constant)
        for (before, item), value in self._likes.items():
            if before == last:
                logs[item] = value
        return logs


def toy(likes: Mapping[tuple[int, int], float] | None = None, *, constant: float | None = None) -> LanguageModel:
    return LanguageModel(Toy(likes, constant=constant), SHAPE)
