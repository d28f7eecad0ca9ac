"""Every architecture by name. A new one is a file beside this and an entry here; the tests then walk over it.

The budget is in parameters of the full shape, the one that ships or is published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import nn

from thea_hook.errors import ModelError
from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.m2_bert import M2Bert, M2BertConfig
from thea_hook.lab.architectures.tagger import Tagger, TaggerConfig


class Architecture(NamedTuple):
    """A network, the configurations it is built from, and how large it may become.

    ``small`` is a shape of the same kind for tests and smoke runs, at home in a few positions.
    """

    build: Callable[[Any], nn.Module]
    full: Configuration
    small: Configuration
    budget: int


def _tagger(layers: str) -> Architecture:
    features = (5, 33, 18, 18, 16, 5, 13, 27, 4, 128)
    full = TaggerConfig(classes=256, tags=1024, features=features, layers=layers)
    small = TaggerConfig(
        classes=12,
        tags=9,
        features=(3, 4),
        subtokens=40,
        dim=32,
        layers=layers[:3],
        head_dim=16,
        length=32,
        filter_order=8,
    )
    return Architecture(Tagger, full, small, budget=5_000_000)


ARCHITECTURES: dict[str, Architecture] = {
    "tagger": _tagger("ccacca"),
    "tagger-convolution": _tagger("cccccc"),
    "tagger-attention": _tagger("aaaaaa"),
    "tagger-monarch": _tagger("mmmmmm"),
    "m2-bert": Architecture(
        M2Bert,
        full=M2BertConfig(),
        small=M2BertConfig(vocabulary=40, positions=64, length=32, dim=32, layers=2, inner=64, filter_order=8),
        budget=110_000_000,
    ),
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
