"""Mamba: a causal language model of selective state spaces (Gu and Dao, 2023), with the parameter names published.

Letters: b batch, l length, d width, e inner width (channels), n states, k taps, r rank of the step size, v vocabulary.

Training reads all positions of a text at once, through the selective scan; inference goes on from a state whose size
does not depend on what was read, one position at a time (``Mamba.step``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.selective_scan import selective_scan

_STEP_MIN, _STEP_MAX, _STEP_FLOOR = 1e-3, 0.1, 1e-4
_VOCABULARY_MULTIPLE = 8


@dataclass(frozen=True)
class MambaConfig(Configuration):
    """The shape of a Mamba; the default is the published 130M one. ``rank`` 0 means a sixteenth of the width.

    ``part`` is empty but for the configuration of the network that ships.
    """

    vocabulary: int = 50_277
    dim: int = 768
    layers: int = 24
    states: int = 16
    kernel: int = 4
    expand: int = 2
    rank: int = 0
    part: str = ""

    @property
    def channels(self) -> int:
        return self.expand * self.dim

    @property
    def step_rank(self) -> int:
        return self.rank or math.ceil(self.dim / 16)

    @property
    def padded_vocabulary(self) -> int:
        """Rounded up as the published weights are: 50,277 to 50,280."""
        return -(-self.vocabulary // _VOCABULARY_MULTIPLE) * _VOCABULARY_MULTIPLE

    def example(self, batch: int, length: int) -> Tensor:
        """Ids of the right shape that mean nothing [batch, length]."""
        return torch.randint(0, self.vocabulary, (batch, length))


class MambaMixer(nn.Module):
    """The selective state space with its convolution and gate, from x [b, l, d] to [b, l, d]."""

    def __init__(self, config: MambaConfig) -> None:
        super().__init__()
        channels, states, rank = config.channels, config.states, config.step_rank
        self.rank, self.states = rank, states
        self.in_proj = nn.Linear(config.dim, 2 * channels, bias=False)
        self.conv1d = nn.Conv1d(channels, channels, config.kernel, groups=channels, padding=config.kernel - 1)
        self.x_proj = nn.Linear(channels, rank + 2 * states, bias=False)
        self.dt_proj = nn.Linear(rank, channels)
        self.A_log = nn.Parameter(torch.log(torch.arange(1, states + 1).float()).repeat(channels, 1))
        self.D = nn.Parameter(torch.ones(channels))
        self.out_proj = nn.Linear(channels, config.dim, bias=False)
        nn.init.uniform_(self.dt_proj.weight, -(rank**-0.5), rank**-0.5)
        step = torch.exp(torch.empty(channels).uniform_(math.log(_STEP_MIN), math.log(_STEP_MAX))).clamp(_STEP_FLOOR)
        with torch.no_grad():
            self.dt_proj.bias.copy_(step + torch.log(-torch.expm1(-step)))  # the inverse of softplus

    def forward(self, x: Tensor) -> Tensor:
        u, gate = self.in_proj(x).chunk(2, dim=-1)
        u = functional.silu(self._convolved(u))
        dt, b, c = self._selected(u)
        y = selective_scan(u, dt, -torch.exp(self.A_log.float()), b, c) + self.D * u
        return self.out_proj(y.to(gate.dtype) * functional.silu(gate))  # type: ignore[no-any-return]

    def _convolved(self, u: Tensor) -> Tensor:
        """Each channel [b, l, e] with its own taps over what came before, as shifted sums: ``conv1d`` is slower."""
        taps = self.conv1d.weight.squeeze(1).t()
        padded = functional.pad(u, (0, 0, len(taps) - 1, 0))
        total = padded[:, : u.shape[1]] * taps[0].to(u.dtype) + self.conv1d.bias.to(u.dtype)  # type: ignore[union-attr]
        for index in range(1, len(taps)):
            total = torch.addcmul(total, padded[:, index : index + u.shape[1]], taps[index].to(u.dtype))
        return total

    def _selected(self, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Step sizes [.., e] and the directions in and out of the state [.., n], as the input chooses them."""
        low, b, c = self.x_proj(u).split([self.rank, self.states, self.states], dim=-1)
        # small differences of step sizes decide what is remembered: never in half precision
        with torch.autocast(u.device.type, enabled=False):
            dt = functional.softplus(self.dt_proj(low.float()))
        return dt, b, c

    def step(self, x: Tensor, recent: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One position x [b, d], given the last inputs of the convolution [b, e, k - 1] and the state [b, e, n]."""
        u, gate = self.in_proj(x).chunk(2, dim=-1)
        window = torch.cat((recent, u.unsqueeze(-1)), dim=-1)
        u = functional.silu((window * self.conv1d.weight.squeeze(1)).sum(-1) + self.conv1d.bias)  # type: ignore[operator]
        dt, b, c = self._selected(u)
        decay = torch.exp(dt.unsqueeze(-1) * -torch.exp(self.A_log.float()))
        state = decay * state + (dt * u).unsqueeze(-1) * b.unsqueeze(1)
        y = (state * c.unsqueeze(1)).sum(-1) + self.D * u
        return self.out_proj(y * functional.silu(gate)), window[:, :, 1:], state


class MambaBlock(nn.Module):
    """The mixer, read through a norm and added to the stream, which stays in full precision."""

    def __init__(self, config: MambaConfig) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(config.dim, eps=1e-5)
        self.mixer = MambaMixer(config)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.mixer(self.norm(x))  # type: ignore[no-any-return]


class Backbone(nn.Module):
    """Embedding, blocks and the last norm, under the published names."""

    def __init__(self, config: MambaConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.padded_vocabulary, config.dim)
        self.layers = nn.ModuleList(MambaBlock(config) for _ in range(config.layers))
        self.norm_f = nn.RMSNorm(config.dim, eps=1e-5)


class Mamba(nn.Module):
    """From ids [b, l] to the logits [b, l, v] of the id that follows each."""

    def __init__(self, config: MambaConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Backbone(config)
        self.lm_head = nn.Linear(config.dim, config.padded_vocabulary, bias=False)
        nn.init.normal_(self.backbone.embedding.weight, std=0.02)
        self.lm_head.weight = self.backbone.embedding.weight
        for name, parameter in self.named_parameters():  # a deep stream begins no louder than a shallow one
            if name.endswith("out_proj.weight"):
                parameter.data.mul_(config.layers**-0.5)

    def forward(self, ids: Tensor) -> Tensor:
        return self.lm_head(self.hidden(ids))  # type: ignore[no-any-return]

    def hidden(self, ids: Tensor) -> Tensor:
        """What the head reads [b, l, d]."""
        x = self.backbone.embedding(ids)
        for block in self.blocks():
            x = block(x)
        return self.backbone.norm_f(x)  # type: ignore[no-any-return]

    def blocks(self) -> Iterator[MambaBlock]:
        for layer in self.backbone.layers:
            assert isinstance(layer, MambaBlock)
            yield layer

    def start(self, batch: int) -> tuple[Tensor, Tensor]:
        """The states before any text: the convolutions' [layers, b, e, k - 1] and the scans' [layers, b, e, n]."""
        shape = self.config.layers, batch, self.config.channels
        return torch.zeros(*shape, self.config.kernel - 1), torch.zeros(*shape, self.config.states)

    def step(self, ids: Tensor, recent: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [b, v] of what follows one more id [b], and the states behind it."""
        x = self.backbone.embedding(ids)
        recents, states = [], []
        for index, block in enumerate(self.blocks()):
            y, window, after = block.mixer.step(block.norm(x), recent[index], state[index])
            x = x + y
            recents.append(window)
            states.append(after)
        return self.lm_head(self.backbone.norm_f(x)), torch.stack(recents), torch.stack(states)


def load_published(network: Mamba, weights: dict[str, Any]) -> None:
    """Load weights under the published names, those of the ``-hf`` conversions (``backbone.embeddings``) included.

    The head is the embedding, whether the file has it twice or once. Raises RuntimeError where something is missing.
    """
    renamed = {name.replace("backbone.embeddings.", "backbone.embedding."): value for name, value in weights.items()}
    renamed.setdefault("lm_head.weight", renamed.get("backbone.embedding.weight"))
    network.load_state_dict(renamed)
