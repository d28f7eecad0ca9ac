from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

np = pytest.importorskip("numpy")

from thea_hook.lab.evaluation.mad import tasks  # noqa: E402
from thea_hook.lab.evaluation.mad.tasks import IGNORED, TASKS, Setting  # noqa: E402

SMALL = {
    "in-context-recall": Setting("in-context-recall", 16, 32, 200),
    "fuzzy-in-context-recall": Setting("fuzzy-in-context-recall", 16, 48, 200),
    "noisy-in-context-recall": Setting("noisy-in-context-recall", 32, 64, 200, noise=0.4, noise_vocabulary=16),
    "selective-copying": Setting("selective-copying", 16, 40, 200, copied=8),
    "compression": Setting("compression", 16, 12, 200),
    "memorization": Setting("memorization", 32, 16, 200),
}
RECALLS = [name for name in SMALL if name.endswith("recall")]
ROWS = 200

Pair = tuple[tuple[int, ...], tuple[int, ...]]


def unseen(name: str) -> Iterator[tuple[list[int], list[int]]]:
    examples = tasks.unseen_examples(SMALL[name], ROWS, seed=1)
    yield from zip(examples.inputs.tolist(), examples.targets.tolist(), strict=True)


def asked(targets: Sequence[int]) -> list[int]:
    return [place for place, target in enumerate(targets) if target != IGNORED]


def pairs(tokens: Sequence[int], keys: range, values: range) -> Iterator[Pair]:
    """Keys and their values in the order of a sequence, whatever stands between them left out."""
    key: tuple[int, ...] = ()
    value: tuple[int, ...] = ()
    for token in tokens:
        if token in values:
            value += (token,)
            continue
        if value:
            yield key, value
            key, value = (), ()
        if token in keys:
            key += (token,)
    yield key, value


def test_the_tasks_are_the_six_of_the_paper() -> None:
    assert set(TASKS) == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_a_seed_always_makes_the_same_examples_and_another_seed_others(name: str) -> None:
    first, again, other = (tasks.training_examples(SMALL[name], seed) for seed in (1, 1, 2))
    assert (first.inputs == again.inputs).all()
    assert (first.targets == again.targets).all()
    assert (first.inputs != other.inputs).any()


@pytest.mark.parametrize("name", SMALL)
def test_every_token_is_of_the_vocabulary_and_every_sequence_asks(name: str) -> None:
    setting = SMALL[name]
    for examples in (tasks.training_examples(setting, 1), tasks.unseen_examples(setting, ROWS, 1)):
        assert examples.inputs.shape == examples.targets.shape == (200, examples.inputs.shape[1])
        assert examples.inputs.min() >= 0
        assert examples.inputs.max() < setting.vocabulary
        is_asked = examples.targets != IGNORED
        assert is_asked.any(axis=1).all()
        assert examples.targets[is_asked].min() >= 0
        assert examples.targets.max() < setting.vocabulary


@pytest.mark.parametrize("name", [name for name in SMALL if name != "memorization"])
def test_no_test_example_was_trained_on(name: str) -> None:
    trained = {tuple(row) for row in tasks.training_examples(SMALL[name], 1).inputs.tolist()}
    assert not trained & {tuple(inputs) for inputs, _ in unseen(name)}


@pytest.mark.parametrize("name", RECALLS)
def test_training_on_recall_asks_for_every_next_token(name: str) -> None:
    examples = tasks.training_examples(SMALL[name], 1)
    assert (examples.inputs[:, 1:] == examples.targets[:, :-1]).all()


@pytest.mark.parametrize("name", ["in-context-recall", "noisy-in-context-recall"])
def test_every_answer_is_the_value_that_the_key_had_before(name: str) -> None:
    for inputs, targets in unseen(name):
        value_of: dict[int, int] = {}
        questions = asked(targets)
        assert questions[-1] == len(inputs) - 1
        for place in range(0, len(inputs), 2):
            key = inputs[place]
            assert (place in questions) == (key in value_of)
            if place in questions:
                assert targets[place] == value_of[key]
            if key < 8 and place + 1 < len(inputs):
                assert value_of.setdefault(key, inputs[place + 1]) == inputs[place + 1]


def test_noise_is_of_its_own_tokens_and_is_never_asked_for() -> None:
    noise = range(16, 32)
    shares = []
    for inputs, targets in unseen("noisy-in-context-recall"):
        assert not {targets[place] for place in asked(targets)} & set(noise)
        shares.append(sum(token in noise for token in inputs) / len(inputs))
    assert 0.33 < sum(shares) / len(shares) < 0.43


def test_fuzzy_answers_are_the_whole_value_that_the_whole_key_had_before() -> None:
    keys, values = range(7), range(7, 15)
    sizes = set()
    for inputs, targets in unseen("fuzzy-in-context-recall"):
        tokens = [*inputs, targets[-1]]
        value_of: dict[tuple[int, ...], tuple[int, ...]] = {}
        answers: list[int] = []
        for key, value in pairs(tokens, keys, values):
            assert len(key) == 3
            assert len(set(key)) == 3
            sizes.add(len(value))
            if key in value_of:
                assert value_of[key] == value
                answers += value
            value_of[key] = value
        assert [targets[place] for place in asked(targets)] == answers
        assert targets[-1] != IGNORED
    assert sizes == {1, 2, 3}


def test_fuzzy_keys_are_of_all_lengths_in_training() -> None:
    examples = tasks.training_examples(SMALL["fuzzy-in-context-recall"], 1)
    found = {len(key) for row in examples.inputs.tolist() for key, _ in list(pairs(row, range(7), range(7, 15)))[:-1]}
    assert {1, 2, 3} <= found <= {1, 2, 3}


def test_what_is_copied_stands_in_its_order_among_blanks() -> None:
    blank, sign = 14, 15
    places = set()
    for inputs, targets in unseen("selective-copying"):
        assert asked(targets) == list(range(32, 40))
        assert inputs.index(sign) == 31
        assert [token for token in inputs[:31] if token != blank] == targets[32:]
        assert set(inputs[32:]) == {blank}
        places.add(next(place for place, token in enumerate(inputs) if token != blank))
    assert len(places) > 5


def test_compression_asks_for_its_own_input() -> None:
    for inputs, targets in unseen("compression"):
        assert inputs == targets
        assert inputs.index(15) == len(inputs) - 1


def test_memorised_facts_are_the_same_in_training_and_test_and_never_shown() -> None:
    setting = SMALL["memorization"]
    facts: dict[int, int] = {}
    for seed in (1, 2):
        for examples in (tasks.training_examples(setting, seed), tasks.unseen_examples(setting, ROWS, seed)):
            for inputs, targets in zip(examples.inputs.tolist(), examples.targets.tolist(), strict=True):
                assert set(inputs[1::2]) == {31}
                assert asked(targets) == list(range(1, setting.length, 2))
                for key, value in zip(inputs[::2], targets[1::2], strict=True):
                    assert facts.setdefault(key, value) == value
                    assert value not in inputs
    assert len(facts) == len(set(facts.values())) == 15


@pytest.mark.parametrize("name", SMALL)
def test_chance_is_how_often_the_commonest_answer_is_right_at_the_most(name: str) -> None:
    setting = SMALL[name]
    targets = tasks.unseen_examples(setting, 2000, 1).targets
    if name == "compression":
        targets = targets[:, :-1]
    commonest = np.bincount(targets[targets != IGNORED]).max() / (targets != IGNORED).sum()
    chance = TASKS[name].chance(setting)
    if name == "compression":
        chance = (chance * setting.length - 1) / (setting.length - 1)
    assert chance == pytest.approx(commonest, rel=0.15)
