"""The networks that MAD compares: all alike but for what mixes the positions.

Letters: b batch, l length, d width, v vocabulary.

Two blocks of a mixer and an MLP, as published. A question comes before its answer, and so nothing may be seen that
comes later: the mixers that read both directions in other models have their causal form here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from thea_hook.lab.architectures.mamba import MambaConfig, MambaMixer
from thea_hook.lab.architectures.mixers import MIXERS, Block, MixerConfig
from thea_hook.lab.evaluation.mad.tasks import TASKS, Setting

LAYERS = 2
_MULTIPLE = 8 / 3
_HEAD_DIM = 16
_MAMBA_STATES = 4
_INITIAL_SCALE = 1.0


class SelectiveStates(nn.Module):
    """Mamba's mixer among the others; sequences of MAD have no padding to hide from it."""

    def __init__(self, config: MixerConfig) -> None:
        super().__init__()
        self.mixer = MambaMixer(MambaConfig(dim=config.dim, states=_MAMBA_STATES))

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        return self.mixer(x)  # type: ignore[no-any-return]


CAUSAL_MIXERS: dict[str, Callable[[MixerConfig], nn.Module]] = {**MIXERS, "mamba": SelectiveStates}
"""Whoever is in here takes part, alone and together with attention."""

ATTENTION = "attention"
JOINED = " + "


class Architecture(NamedTuple):
    """The mixer of each layer."""

    mixers: tuple[str, ...]

    @property
    def name(self) -> str:
        return JOINED.join(dict.fromkeys(self.mixers))


def architectures() -> list[Architecture]:
    """Every mixer alone, then every one before a layer of attention."""
    alone = [Architecture((mixer,) * LAYERS) for mixer in CAUSAL_MIXERS]
    hybrids = [Architecture((mixer, ATTENTION)) for mixer in CAUSAL_MIXERS if mixer != ATTENTION]
    return [*alone, *hybrids]


class Stack(nn.Module):
    """The blocks, from hidden states [b, l, d] to hidden states behind the last norm."""

    def __init__(self, mixers: Sequence[str], config: MixerConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(CAUSAL_MIXERS[name](config), config.dim, _MULTIPLE) for name in mixers)
        self.norm = nn.LayerNorm(config.dim)

    def forward(self, x: Tensor) -> Tensor:
        real = x.new_ones(x.shape[:2])
        for block in self.blocks:
            x = block(x, real)
        return self.norm(x)  # type: ignore[no-any-return]


class LanguageModel(nn.Module):
    """From tokens [b, l] to logits [b, l, v] at each of them."""

    def __init__(self, vocabulary: int, stack: Stack, dim: int) -> None:
        super().__init__()
        self.embedding = _embedding(vocabulary, dim)
        self.stack = stack
        self.head = nn.Linear(dim, vocabulary)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.stack(self.embedding(tokens)))  # type: ignore[no-any-return]


class AutoEncoder(nn.Module):
    """From tokens [b, l] to logits [b, l, v] of the same tokens, with the last hidden state for all that is known.

    A small MLP reads from that state and the waves of a position which token was there.
    """

    waves: Tensor

    def __init__(self, vocabulary: int, stack: Stack, dim: int, length: int) -> None:
        super().__init__()
        self.embedding = _embedding(vocabulary, dim)
        self.stack = stack
        self.decoder = nn.Sequential(
            nn.LayerNorm(dim),
            nn.Linear(dim, dim),
            nn.GELU(),
            nn.LayerNorm(dim),
            nn.Linear(dim, dim),
            nn.GELU(),
            nn.LayerNorm(dim),
            nn.Linear(dim, vocabulary),
        )
        rates = 10_000.0 ** (-torch.arange(0, dim, 2) / dim)
        angles = torch.arange(length)[:, None] * rates
        self.register_buffer("waves", torch.cat((angles.sin(), angles.cos()), dim=1), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        summary = self.stack(self.embedding(tokens))[:, -1:]
        return self.decoder(summary + self.waves)  # type: ignore[no-any-return]


def _embedding(vocabulary: int, dim: int) -> nn.Embedding:
    embedding = nn.Embedding(vocabulary, dim)
    nn.init.normal_(embedding.weight, std=_INITIAL_SCALE)
    return embedding


def network(architecture: Architecture, setting: Setting, dim: int) -> nn.Module:
    """A new network of the right shape for the task; its weights come from torch's generator."""
    length = 1 << max(3, (setting.length - 1).bit_length())  # a power of two, for the Fourier transforms of Monarch
    stack = Stack(architecture.mixers, MixerConfig(dim, head_dim=_HEAD_DIM, length=length, causal=True))
    if TASKS[setting.task].is_reconstruction:
        return AutoEncoder(setting.vocabulary, stack, dim, setting.length)
    return LanguageModel(setting.vocabulary, stack, dim)
