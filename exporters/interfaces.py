"""What goes into a network and what comes out: names, and windows to try it with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.m2_bert import M2Bert
from thea_hook.lab.architectures.tagger import Tagger

Arrays = dict[str, NDArray[Any]]


class Interface(NamedTuple):
    """The names of a network's input and of its outputs, in their order."""

    input: str
    outputs: tuple[str, ...]


INTERFACES: Mapping[type[nn.Module], Interface] = {
    Tagger: Interface("features", ("position", "tag")),
    M2Bert: Interface("words", ("hidden",)),
}

# Windows and their length, other than those that a network is exported with.
_SHAPES = ((1, 1), (1, 7), (3, 29))


def made_up_windows(interface: Interface, config: Configuration) -> list[Arrays]:
    """Windows that mean nothing, the same each time, some of them padded."""
    batches = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for count, length in _SHAPES:
            rows = config.example(count, length)
            for index in range(1, count):
                rows[index, length - 5 * index :] = 0
            batches.append({interface.input: rows.numpy()})
    return batches


def stored_windows(path: Path, count: int, size: int = 8) -> list[Arrays]:
    """The first windows of a shard of ``thea-lab train windows``, in batches."""
    from thea_hook.lab.training.windows import load_shard

    shard = load_shard(path)
    batches = []
    for first in range(0, min(count, len(shard.lengths)), size):
        chosen = slice(first, min(first + size, count))
        length = int(shard.lengths[chosen].max())
        batches.append({"features": shard.rows[chosen, :length].astype(np.int64)})
    return batches
