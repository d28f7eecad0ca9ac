"""Every architecture by name. A new one is a file beside this and an entry here; the tests then walk over it.

The budget is in parameters of the full shape, the one that ships or is published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import nn

from thea_hook.errors import ModelError
from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.liquid import Liquid, LiquidConfig
from thea_hook.lab.architectures.m2_bert import M2Bert, M2BertConfig
from thea_hook.lab.architectures.mamba import MambaConfig
from thea_hook.lab.architectures.mamba_reader import mamba
from thea_hook.lab.architectures.tagger import Tagger, TaggerConfig
from thea_hook.lab.architectures.tiny_recursive import RecursiveConfig, recursive


class Architecture(NamedTuple):
    """A network, the configurations it is built from, and how large it may become.

    ``small`` is a shape of the same kind for tests and smoke runs, at home in a few positions. One that takes a step
    after the other, and so cannot be a graph for texts of any length, is not ``exported``; of a Mamba a part is.
    """

    build: Callable[[Any], nn.Module]
    full: Configuration
    small: Configuration
    budget: int
    exported: bool = True


_FEATURES = (5, 33, 18, 18, 16, 5, 13, 27, 4, 128)
_SMALL: dict[str, Any] = {
    "classes": 12,
    "tags": 9,
    "features": (3, 4),
    "subtokens": 40,
    "dim": 32,
    "head_dim": 16,
    "length": 32,
    "filter_order": 8,
}


def _tagger(layers: str) -> Architecture:
    full = TaggerConfig(classes=256, tags=1024, features=_FEATURES, layers=layers)
    return Architecture(Tagger, full, TaggerConfig(**_SMALL, layers=layers[:3]), budget=5_000_000)


def _liquid(cell: str) -> Architecture:
    full, small = LiquidConfig(inputs=10, cell=cell), LiquidConfig(inputs=4, cell=cell, unfolds=2)
    return Architecture(Liquid, full, small, budget=3_000, exported=False)


def _recursive_grid() -> Architecture:
    """The shape of the specification: 64 lines of 48 cells, six blocks of which one pass is an update."""
    grid: dict[str, Any] = {"layers": "", "norm": "rms", "inner": 1, "cycles": 8}
    full = RecursiveConfig(
        256, 1024, _FEATURES, dim=256, core="hvhvhv", core_multiple=3.0, lines=64, columns=48, **grid
    )
    small = RecursiveConfig(**_SMALL, core="hv", lines=4, columns=8, **grid)
    return Architecture(recursive, full, small, budget=8_000_000)


def _recursive_packed() -> Architecture:
    """The shape that ships: the rows of the tagger, its layers as the encoder, and a core of two blocks."""
    full = RecursiveConfig(256, 512, _FEATURES, layers="cccccc", dilations=(1, 2, 1, 4, 8, 1), core="ca")
    small = RecursiveConfig(**_SMALL, layers="c", core="ca")
    return Architecture(recursive, full, small, budget=5_000_000)


ARCHITECTURES: dict[str, Architecture] = {
    "tagger": _tagger("ccacca"),
    "tagger-convolution": _tagger("cccccc"),
    "tagger-attention": _tagger("aaaaaa"),
    "tagger-monarch": _tagger("mmmmmm"),
    "tiny-recursive": _recursive_grid(),
    "tiny-recursive-packed": _recursive_packed(),
    "m2-bert": Architecture(
        M2Bert,
        full=M2BertConfig(),
        small=M2BertConfig(vocabulary=40, positions=64, length=32, dim=32, layers=2, inner=64, filter_order=8),
        budget=110_000_000,
    ),
    "mamba": Architecture(
        mamba,
        full=MambaConfig(vocabulary=8_384, dim=256, layers=8, states=8),
        small=MambaConfig(vocabulary=40, dim=32, layers=2, states=4),
        budget=6_000_000,
        exported=False,
    ),
    "mamba-130m": Architecture(
        mamba,
        full=MambaConfig(),
        small=MambaConfig(vocabulary=40, dim=32, layers=2),
        budget=130_000_000,
        exported=False,
    ),
    "liquid-cfc": _liquid("cfc"),
    "liquid-ltc": _liquid("ltc"),
}


def build(name: str, fields: Mapping[str, Any]) -> nn.Module:
    """A new network of the architecture, from its configuration as JSON has it. Raises ``ModelError``."""
    if name not in ARCHITECTURES:
        raise ModelError(f"there is no architecture `{name}`, but {', '.join(ARCHITECTURES)}")
    architecture = ARCHITECTURES[name]
    try:
        return architecture.build(type(architecture.full).from_dict(fields))
    except (TypeError, ValueError) as exc:
        raise ModelError(f"the configuration is none of the architecture `{name}` ({exc})") from exc
