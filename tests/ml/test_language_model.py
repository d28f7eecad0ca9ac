from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from language_models import SHAPE, Toy, toy

from thea_hook.errors import ModelError
from thea_hook.ml.language_model import AT_ONCE, TOGETHER, LanguageModel


def ids(count: int, seed: int = 0) -> list[int]:
    return np.random.default_rng(seed).integers(0, 8000, count).tolist()


@pytest.mark.parametrize("cut", [1, AT_ONCE, AT_ONCE + 3])
def test_a_text_read_in_two_parts_is_a_text_read(cut: int) -> None:
    model, text = toy(), ids(2 * AT_ONCE + 5)
    whole, parts = model.read(text), model.read(text[cut:], model.read(text[:cut]))
    assert np.array_equal(whole.state, parts.state)
    assert np.array_equal(whole.next, parts.next)


def test_likelihoods_are_those_of_a_walk_through_each_text() -> None:
    model = toy()
    start = model.read([7])
    rows = [(start, ids(length, length)) for length in (1, 2, AT_ONCE + 1, 3 * AT_ONCE, *range(3, 3 + TOGETHER))]
    for (_, text), found in zip(rows, model.likelihoods(rows), strict=True):
        reading = start
        for item, value in zip(text, found, strict=True):
            assert value == reading.next[item]
            reading = model.read([item], reading)


def test_rows_may_go_on_from_different_readings() -> None:
    model = toy()
    starts = [model.read(ids(count)) for count in (3, 40)]
    together = model.likelihoods([(start, [5, 6, 7]) for start in starts])
    for start, found in zip(starts, together, strict=True):
        assert np.array_equal(found, model.likelihoods([(start, [5, 6, 7])])[0])


def test_a_step_goes_on_with_each_reading() -> None:
    model = toy()
    readings = [model.read([1]), model.read([2])]
    for stepped, reading, item in zip(model.step(readings, [8, 9]), readings, [8, 9], strict=True):
        expected = model.read([item], reading)
        assert np.array_equal(stepped.state, expected.state)
        assert np.array_equal(stepped.next, expected.next)


def test_what_was_read_is_not_read_again() -> None:
    network = Toy()
    model = LanguageModel(network, SHAPE)
    reading = model.read(ids(500))
    before = network.positions
    model.likelihoods([(reading, ids(10)), (reading, ids(4))])
    assert network.positions - before == 2 * 9  # what follows the last id is not asked


def test_nothing_is_likely_to_be_no_text() -> None:
    assert toy().likelihoods([]) == []


def test_after_the_deadline_nothing_is_read() -> None:
    with pytest.raises(ModelError, match="time was over") as caught:
        toy().read([1], deadline=time.monotonic() - 1)
    assert caught.value.reason == "deadline"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda outputs: {**outputs, "logs": outputs["logs"][:, :100]},
        lambda outputs: {**outputs, "logs": outputs["logs"][:0]},
        lambda outputs: {**outputs, "next_state": outputs["next_state"][:, :, :1]},
    ],
)
def test_an_answer_of_another_shape_is_refused(spoil: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    class Spoilt(Toy):
        def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
            return spoil(super().run(inputs))

    with pytest.raises(ModelError, match="same release") as caught:
        LanguageModel(Spoilt(), SHAPE).read([1, 2])
    assert caught.value.reason == "output"
