from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from thea_exporters.interfaces import Interface, tagger_decisions
from thea_exporters.parity import compare

from thea_hook.ml.session import Session

TAGGER = Interface(("features",), ("position", "tag"), tagger_decisions)

FEATURES = np.array([[[1, 5], [2, 0], [0, 0]]])  # two lexemes, and one of padding
POSITION = [[9.0, 0.0, -1e4, 0.0]]
TAG = [[[1.0, 2.0], [4.0, 3.0], [0.0, 1.0]]]


def answers(**outputs: Any) -> Session:
    """A session that has its answers from the start."""
    arrays = {name: np.array(value, np.float32) for name, value in outputs.items()}
    return cast(Session, SimpleNamespace(run=lambda inputs: arrays))


def agreement(position: Any, tag: Any) -> dict[str, float]:
    found = compare(
        answers(position=POSITION, tag=TAG), answers(position=position, tag=tag), TAGGER, [{"features": FEATURES}]
    )
    return dict(found.agreement)


def test_equal_answers_agree() -> None:
    session = answers(position=POSITION, tag=TAG)
    found = compare(session, session, TAGGER, [{"features": FEATURES}] * 2)
    assert found.max_difference == 0
    assert found.agreement == {"lexemes": 1, "edits": 1}
    assert found.windows == 2


def test_the_largest_difference_anywhere_counts() -> None:
    found = compare(
        answers(position=POSITION, tag=TAG),
        answers(position=[[9.5, 0, -1e4, 0]], tag=[[[1, 2], [4, 3], [0, 3]]]),
        TAGGER,
        [{"features": FEATURES}],
    )
    assert found.max_difference == 2


def test_another_tag_at_the_place_is_another_decision() -> None:
    assert agreement(POSITION, [[[2, 1], [4, 3], [0, 1]]]) == {"lexemes": 0.5, "edits": 0}


def test_another_tag_where_nothing_is_wrong_is_none() -> None:
    assert agreement(POSITION, [[[1, 2], [3, 4], [1, 0]]]) == {"lexemes": 1, "edits": 1}


def test_a_place_that_becomes_possible_is_another_decision() -> None:
    assert agreement([[9, 8, -1e4, 0]], TAG) == {"lexemes": 0.5, "edits": 1}


def test_nothing_wrong_is_a_decision() -> None:
    assert agreement([[0, 0, -1e4, 9]], TAG) == {"lexemes": 0.5, "edits": 0}


def test_the_same_tag_at_another_place_is_another_decision() -> None:
    same_tags = [[[1, 2], [1, 2], [0, 1]]]
    one, other = answers(position=POSITION, tag=same_tags), answers(position=[[0, 9, -1e4, 0]], tag=same_tags)
    assert compare(one, other, TAGGER, [{"features": FEATURES}]).agreement == {"lexemes": 0, "edits": 0}
