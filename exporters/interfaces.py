"""What goes into a network and what comes out: names, and windows to try it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.m2_bert import M2Bert
from thea_hook.lab.architectures.mamba import Mamba, MambaConfig
from thea_hook.lab.architectures.mamba_reader import MambaReader, state_shape
from thea_hook.lab.architectures.tagger import Tagger
from thea_hook.lab.architectures.tiny_recursive import (
    RecursiveConfig,
    RecursiveEncoder,
    RecursiveIteration,
    TinyRecursive,
    part_of,
)
from thea_hook.lab.checkpoint import Checkpoint

from .onnx import VARYING, Dimensions

Arrays = dict[str, NDArray[Any]]


def _features(config: Configuration, batch: int, length: int) -> tuple[Tensor, ...]:
    return (config.example(batch, length),)


class Interface(NamedTuple):
    """The names of a network's inputs and of its outputs, in their order, and what follows from its outputs.

    ``decide`` takes the first input and the outputs, and gives one number for each decision, by the kind of decision;
    ``example`` makes inputs that mean nothing; ``varying`` has the inputs that are not one row for each position.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    decide: Callable[[NDArray[Any], Arrays], Arrays]
    example: Callable[[Any, int, int], tuple[Tensor, ...]] = _features
    varying: Mapping[str, Dimensions] = {}


def tagger_decisions(features: NDArray[Any], outputs: Arrays) -> Arrays:
    """For each lexeme, to leave it or the tag it gets; for each window, its likeliest edit or that nothing is wrong.

    What a tagger says of the tag where it sees no mistake does not count: nobody asks, and it was never taught.
    """
    places, tags = _softmax(outputs["position"]), outputs["tag"].argmax(-1)
    is_real = features[:, :, 0] != 0
    lexemes = np.where(places[:, :-1] >= _CONSIDERED, tags + 1, 0)[is_real]
    best = places.argmax(-1)
    with_end = np.pad(tags, ((0, 0), (0, 1)))  # behind the last lexeme there is no tag
    edits = best * outputs["tag"].shape[-1] + np.take_along_axis(with_end, best[:, None], 1)[:, 0]
    return {"lexemes": lexemes, "edits": edits}


def _softmax(logits: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    shares: NDArray[Any] = powers / powers.sum(-1, keepdims=True)
    return shares


def set_decisions(x: NDArray[Any], outputs: Arrays) -> Arrays:
    """For each lexeme, to leave it or the tag it gets; for each window, all of these together."""
    lexemes = np.where(outputs["edit"] > 0, outputs["tag"].argmax(-1) + 1, 0)
    is_real = np.abs(x).max(-1) > 0
    sets = (lexemes * is_real * np.arange(1, x.shape[1] + 1)).sum(-1)
    return {"lexemes": lexemes[is_real], "sets": sets}


def _states(config: RecursiveConfig, batch: int, length: int) -> tuple[Tensor, ...]:
    return tuple(functional.layer_norm(torch.randn(batch, length, config.dim), (config.dim,)) for _ in range(3))


def reading_decisions(ids: NDArray[Any], outputs: Arrays) -> Arrays:
    """For each id but the last of a text, the likeliest to follow; and whether the one that does is likelier than the
    next but one, as after a lexeme too many or too few. The outputs are those of all positions."""
    logs = outputs["logs"].reshape(*ids.shape, -1)[:, :-2]
    following, skipped = (
        np.take_along_axis(logs, ids[:, shift : shift + logs.shape[1], None], -1)[..., 0] for shift in (1, 2)
    )
    different = ids[:, 1:-1] != ids[:, 2:]
    return {"next": logs.argmax(-1).ravel(), "ratios": (following > skipped)[different]}


def _reading(config: MambaConfig, batch: int, length: int) -> tuple[Tensor, ...]:
    state = torch.randn(state_shape(config, batch))
    return config.example(batch, length), torch.arange(batch * length), state


def _no_decisions(words: NDArray[Any], outputs: Arrays) -> Arrays:
    return {}


INTERFACES: Mapping[type[nn.Module], Interface] = {
    Tagger: Interface(("features",), ("position", "tag"), tagger_decisions),
    RecursiveEncoder: Interface(("features",), ("x", "z"), _no_decisions),
    RecursiveIteration: Interface(
        ("x", "y", "z"), ("next_y", "next_z", "edit", "tag", "halt"), set_decisions, example=_states
    ),
    MambaReader: Interface(
        ("ids", "rows", "state"),
        ("logs", "next_state"),
        reading_decisions,
        example=_reading,
        varying={"rows": {0: "rows"}, "state": {1: "batch"}},
    ),
    M2Bert: Interface(("words",), ("hidden",), _no_decisions),
}


class Part(NamedTuple):
    """A network that is exported under a name, and real windows for it."""

    name: str
    checkpoint: Checkpoint
    windows: Sequence[Arrays]


def parts_of(name: str, checkpoint: Checkpoint, windows: Sequence[Arrays]) -> list[Part]:
    """The networks that a checkpoint becomes: of a recursive one ``<name>-encoder`` and its iteration, of a Mamba its
    reader."""
    whole = checkpoint.network
    if isinstance(whole, Mamba):
        reader = MambaReader(whole).eval()
        return [Part(name, replace(checkpoint, network=reader, config=reader.config), windows)]
    if not isinstance(whole, TinyRecursive):
        return [Part(name, checkpoint, windows)]
    encoder, iteration = (
        Checkpoint(part, checkpoint.architecture, part.config, checkpoint.step)
        for part in (part_of(whole, "encoder"), part_of(whole, "iteration"))
    )
    begun = []
    for batch in windows:
        with torch.inference_mode():
            x, z = (state.numpy() for state in encoder.network(torch.from_numpy(batch["features"])))
        begun.append({"x": x, "y": x, "z": z})
    return [Part(f"{name}-encoder", encoder, windows), Part(name, iteration, begun)]


# The probability from which on a tagger counts as wanting to edit at a place.
_CONSIDERED = 0.05

TEXT_LENGTH = 64
"""Ids of a real text for a Mamba."""

# Windows and their length, other than those that a network is exported with.
_SHAPES = ((1, 1), (1, 7), (3, 29))


def made_up_windows(interface: Interface, config: Configuration) -> list[Arrays]:
    """Windows that mean nothing, the same each time, some of them padded."""
    batches = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for count, length in _SHAPES:
            inputs = interface.example(config, count, length)
            for index in range(1, count):
                for name, rows in zip(interface.inputs, inputs, strict=True):
                    if interface.varying.get(name, VARYING) == VARYING:
                        rows[index, length - 5 * index :] = 0
            batches.append({name: rows.numpy() for name, rows in zip(interface.inputs, inputs, strict=True)})
    return batches


def stored_windows(path: Path, count: int, config: Configuration, size: int = 8) -> list[Arrays]:
    """The first windows of a shard of ``thea-lab train windows``, or for a Mamba of ``thea-lab train tokens``, in
    batches."""
    if isinstance(config, MambaConfig):
        return _stored_texts(path, count, config, size)
    from thea_hook.lab.training.windows import load_shard

    shard = load_shard(path)
    batches = []
    for first in range(0, min(count, len(shard.lengths)), size):
        chosen = slice(first, min(first + size, count))
        length = int(shard.lengths[chosen].max())
        batches.append({"features": shard.rows[chosen, :length].astype(np.int64)})
    return batches


def _stored_texts(path: Path, count: int, config: MambaConfig, size: int) -> list[Arrays]:
    from thea_hook.lab.training.language_data import without_bits

    tokens = np.load(path, mmap_mode="r")
    rows = np.arange(size * TEXT_LENGTH)
    state = np.zeros(state_shape(config, size), np.float32)
    batches: list[Arrays] = []
    for first in range(0, min(count * TEXT_LENGTH, len(tokens) - len(rows) + 1), len(rows)):
        ids = without_bits(tokens[first : first + len(rows)]).reshape(size, TEXT_LENGTH)
        batches.append({"ids": ids, "rows": rows, "state": state})
    return batches
