"""The six tasks of MAD: what they ask, and examples of them by the thousand.

Letters: n examples, l positions, p pairs of a key and its value.

The definitions are those of the published suite with many queries in a sequence. Keys, values, noise and the few tokens
that mean something else come from ranges of their own, in this order. Where a sequence is read as text (the kinds of
recall), a network learns to predict every next token and is tested on the values of keys that have been there before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

IGNORED = -100
"""The target where nothing is asked; the loss of torch passes over it."""

_FACTS = 12345
"""What is to be memorised is the same for training and test: it has a seed of its own."""


@dataclass(frozen=True)
class Setting:
    """A task at one difficulty; each task reads the fields that are its own."""

    task: str
    vocabulary: int = 16
    length: int = 128
    examples: int = 12_800
    noise: float = 0.0
    noise_vocabulary: int = 0
    copied: int = 16
    motif: int = 3

    def __str__(self) -> str:
        """The fields that matter to the task."""
        own = {
            "noisy-in-context-recall": f", {self.noise:.0%} noise of {self.noise_vocabulary} tokens",
            "selective-copying": f", {self.copied} copied",
            "fuzzy-in-context-recall": f", keys and values of up to {self.motif}",
        }
        size = f"{self.vocabulary} tokens, length {self.length}, {self.examples:,} examples"
        return size + own.get(self.task, "")


class Examples(NamedTuple):
    """Tokens [n, l], and which token a network should name at each position [n, l], ``IGNORED`` where none."""

    inputs: Integers
    targets: Integers


class Task(NamedTuple):
    """How examples are made, and how often a guess is right that knows the kind of answer but not the example."""

    generate: Callable[[Setting, int, np.random.Generator, bool], Examples]
    chance: Callable[[Setting], float]
    is_reconstruction: bool = False
    """All of the sequence is to be read from the state of its last position."""


def training_examples(setting: Setting, seed: int) -> Examples:
    """As many examples to train on as the setting has."""
    return TASKS[setting.task].generate(setting, setting.examples, np.random.default_rng((seed, 0)), True)


def unseen_examples(setting: Setting, count: int, seed: int) -> Examples:
    """Examples that were not trained on, with only the answers for targets."""
    return TASKS[setting.task].generate(setting, count, np.random.default_rng((seed, 1)), False)


def _keys_and_values(vocabulary: int) -> tuple[int, int]:
    """How many tokens are keys, and how many are values behind them."""
    return vocabulary // 2, vocabulary - vocabulary // 2


def _recall(setting: Setting, count: int, rng: np.random.Generator, training: bool) -> Examples:
    """Pairs of a key and its value, here and there a pair of noise, and last a pair that was there before."""
    meaningful = setting.vocabulary - setting.noise_vocabulary
    n_keys, n_values = _keys_and_values(meaningful)
    pairs = setting.length // 2
    rows = np.arange(count)
    value_of = rng.integers(n_keys, n_keys + n_values, (count, n_keys))
    keys = rng.integers(0, n_keys, (count, pairs))
    is_noise = rng.random((count, pairs)) < setting.noise
    is_noise[rows, rng.integers(0, pairs - 1, count)] = False  # there is something to recall
    is_noise[:, -1] = False
    keys[:, -1] = _any_present(keys[:, :-1], ~is_noise[:, :-1], n_keys, rng)
    tokens = np.stack((keys, value_of[rows[:, None], keys]), axis=2)
    noise = rng.integers(meaningful, setting.vocabulary, tokens.shape) if setting.noise else tokens
    tokens = np.where(is_noise[:, :, None], noise, tokens)
    answers = np.full_like(tokens, IGNORED)
    is_asked = _seen_before(keys, ~is_noise, n_keys)
    answers[is_asked, 1] = tokens[is_asked, 1]
    return _as_text(tokens.reshape(count, -1), answers.reshape(count, -1), training)


def _any_present(keys: Integers, counts: Flags, n_keys: int, rng: np.random.Generator) -> Integers:
    """For each row one of the keys in it, all of these alike likely however often they are there."""
    rows = np.broadcast_to(np.arange(len(keys))[:, None], keys.shape)
    present = np.zeros((len(keys), n_keys), bool)
    present[rows[counts], keys[counts]] = True
    return np.asarray(np.where(present, rng.random(present.shape), -1.0).argmax(axis=1), np.int64)


def _seen_before(keys: Integers, counts: Flags, n_keys: int) -> Flags:
    """Where a key stands that stood in the same row before."""
    seen = np.zeros((len(keys), n_keys), bool)
    result = np.zeros(keys.shape, bool)
    rows = np.arange(len(keys))
    for place in range(keys.shape[1]):
        result[:, place] = seen[rows, keys[:, place]] & counts[:, place]
        seen[rows, keys[:, place]] |= counts[:, place]
    return result


def _as_text(tokens: Integers, answers: Integers, training: bool) -> Examples:
    """Every token but the last, with the next one for a target; in a test only where that is an answer."""
    return Examples(tokens[:, :-1], tokens[:, 1:] if training else answers[:, 1:])


def _fuzzy_recall(setting: Setting, count: int, rng: np.random.Generator, training: bool) -> Examples:
    sequences = [_fuzzy_sequence(setting, rng, training) for _ in range(count)]
    tokens, answers = (np.stack(columns) for columns in zip(*sequences, strict=True))
    return _as_text(tokens, answers, training)


def _fuzzy_sequence(setting: Setting, rng: np.random.Generator, training: bool) -> tuple[Integers, Integers]:
    """Keys and values of one to ``motif`` tokens each, in a test only the longest keys; padding comes first.

    The pair to ask for last is put in at a random place early enough: in the published generator a place near the end
    may be skipped, and the last question has no answer then.
    """
    n_keys, n_values = _keys_and_values(setting.vocabulary - 1)
    padding = setting.vocabulary - 1
    longest = 2 * setting.motif

    def word(first: int, size: int, shortest: int) -> tuple[int, ...]:
        length = int(rng.integers(shortest, setting.motif + 1))
        return tuple(first + rng.permutation(size)[:length])

    def key() -> tuple[int, ...]:
        return word(0, n_keys, 1 if training else setting.motif)

    def value() -> tuple[int, ...]:
        return word(n_keys, n_values, 1)

    asked = key()
    value_of = {asked: value()}
    room = setting.length - len(asked + value_of[asked]) - longest
    place = rng.integers(room - longest + 1)
    tokens: list[int] = []
    answers: list[int] = []
    presented: set[tuple[int, ...]] = set()

    def present(name: tuple[int, ...]) -> None:
        known = value_of.setdefault(name, value())
        tokens.extend(name + known)
        answers.extend([IGNORED] * len(name))
        answers.extend(known if name in presented else [IGNORED] * len(known))
        presented.add(name)

    while len(tokens) < room:
        present(asked if asked not in presented and len(tokens) >= place else key())
    present(asked)
    missing = setting.length + 1 - len(tokens)
    return np.array([padding] * missing + tokens), np.array([IGNORED] * missing + answers)


def _selective_copying(setting: Setting, count: int, rng: np.random.Generator, training: bool) -> Examples:
    """Tokens among blanks, then a sign, then as many blanks again: at these the tokens are asked for in their order."""
    blank, sign = setting.vocabulary - 2, setting.vocabulary - 1
    copied = setting.copied
    blanks = setting.length - 2 * copied - 1
    inputs = np.full((count, setting.length), blank)
    tokens = rng.integers(0, blank, (count, copied))
    gaps = rng.multinomial(blanks, [1 / copied] * copied, size=count)
    places = np.cumsum(gaps + 1, axis=1) - 1
    inputs[np.arange(count)[:, None], places] = tokens
    inputs[:, blanks + copied] = sign
    targets = np.full_like(inputs, IGNORED)
    targets[:, -copied:] = tokens
    return Examples(inputs, targets)


def _compression(setting: Setting, count: int, rng: np.random.Generator, training: bool) -> Examples:
    """Random tokens and a last one that stands for the whole: all of them are to be told from its state."""
    tokens = rng.integers(0, setting.vocabulary - 1, (count, setting.length))
    tokens[:, -1] = setting.vocabulary - 1
    return Examples(tokens, tokens)


def _memorization(setting: Setting, count: int, rng: np.random.Generator, training: bool) -> Examples:
    """Keys, each with a sign behind it; at the sign its value is asked for, which no sequence ever shows."""
    n_keys, n_values = _keys_and_values(setting.vocabulary - 1)
    facts = n_keys + np.random.default_rng(_FACTS).permutation(n_values)[:n_keys]
    keys = rng.integers(0, n_keys, (count, setting.length // 2))
    inputs = np.stack((keys, np.full_like(keys, setting.vocabulary - 1)), axis=2)
    targets = np.stack((np.full_like(keys, IGNORED), facts[keys]), axis=2)
    return Examples(inputs.reshape(count, -1), targets.reshape(count, -1))


def _one_value(setting: Setting) -> float:
    return 1 / _keys_and_values(setting.vocabulary - setting.noise_vocabulary)[1]


def _one_value_but_padding(setting: Setting) -> float:
    return 1 / _keys_and_values(setting.vocabulary - 1)[1]


TASKS: dict[str, Task] = {
    "in-context-recall": Task(_recall, _one_value),
    "fuzzy-in-context-recall": Task(_fuzzy_recall, _one_value_but_padding),
    "noisy-in-context-recall": Task(_recall, _one_value),
    "selective-copying": Task(_selective_copying, lambda setting: 1 / (setting.vocabulary - 2)),
    "compression": Task(
        _compression,
        lambda setting: (1 + (setting.length - 1) / (setting.vocabulary - 1)) / setting.length,
        is_reconstruction=True,
    ),
    "memorization": Task(_memorization, lambda setting: 1 / _keys_and_values(setting.vocabulary - 1)[1]),
}
