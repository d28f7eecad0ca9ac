from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from thea_exporters.parity import compare


class Answers:
    """A session that has its answers from the start."""

    def __init__(self, **outputs: Any) -> None:
        self.model = SimpleNamespace(outputs=dict.fromkeys(outputs))
        self.outputs = {name: np.array(value, np.float32) for name, value in outputs.items()}

    def run(self, inputs: object) -> dict[str, Any]:
        return self.outputs


TWO_LEXEMES = {"features": np.array([[[1, 5], [2, 0], [0, 0]]])}  # and one of padding


def test_equal_answers_agree() -> None:
    session = Answers(position=[[0.5, 2, 1]], tag=[[[1, 2], [4, 3], [0, 0]]])
    found = compare(session, session, [TWO_LEXEMES, TWO_LEXEMES])  # type: ignore[arg-type]
    assert found.max_difference == 0
    assert found.agreement == {"position": 1, "tag": 1}
    assert (found.windows, found.positions) == (2, 4)


def test_the_largest_difference_anywhere_counts() -> None:
    found = compare(Answers(y=[[1, 2]]), Answers(y=[[1.25, 1]]), [TWO_LEXEMES])  # type: ignore[arg-type]
    assert found.max_difference == 1
    assert found.agreement == {"y": 0}


def test_decisions_at_padding_do_not_count() -> None:
    one = Answers(tag=[[[1, 2], [4, 3], [0, 1]]])
    other = Answers(tag=[[[1, 2], [3, 4], [1, 0]]])
    assert compare(one, other, [TWO_LEXEMES]).agreement == {"tag": 0.5}  # type: ignore[arg-type]


def test_position_is_one_decision_a_window() -> None:
    batch = {"features": np.ones((2, 1, 1), np.int64)}
    one, other = Answers(position=[[1, 0], [0, 1]]), Answers(position=[[2, 1], [3, 1]])
    assert compare(one, other, [batch]).agreement == {"position": 0.5}  # type: ignore[arg-type]
