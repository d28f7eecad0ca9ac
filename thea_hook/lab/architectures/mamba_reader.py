"""What ships of a Mamba: a network that goes on reading from a state, any number of positions at a time.

Letters: l length, b batch, d width, e inner width, n states, k taps, r rows, v vocabulary.

The state is all that is known of the text so far, and its size does not depend on how long that was. Inside, positions
come first, as the scan wants them.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.nn import functional

from thea_hook.lab.architectures.mamba import Mamba, MambaBlock, MambaConfig, MambaMixer

READER = "reader"
"""The ``part`` of a configuration whose network is this one."""


def mamba(config: MambaConfig) -> Mamba | MambaReader:
    """The network of a configuration, or the part of it that the configuration names."""
    if config.part not in ("", READER):
        raise ValueError(f"a Mamba has no part {config.part!r}")
    network = Mamba(config)
    return MambaReader(network) if config.part else network


def state_shape(config: MambaConfig, batch: int) -> tuple[int, int, int, int]:
    """The state before any text is zeros of this shape: the scan's, and then the last inputs of the convolution."""
    return config.layers, batch, config.states + config.kernel - 1, config.channels


class MambaReader(nn.Module):
    """From ids [b, l] and the state before them to the state behind them [layers, b, n + k - 1, e].

    Of the ``rows`` [r], counted through all texts of the batch, it gives the log-probability of each id that may
    follow [r, v]: the head is as large as half of the layers, and nobody asks what follows inside of a context.
    """

    def __init__(self, network: Mamba) -> None:
        super().__init__()
        self.config = replace(network.config, part=READER)
        self.layers = nn.ModuleList(_ReadingBlock(layer) for layer in network.blocks())
        self.norm = network.backbone.norm_f
        # One table for what is looked up and what is multiplied: it is a third of the file.
        self.table = nn.Parameter(network.lm_head.weight.detach().t().contiguous())

    def forward(self, ids: Tensor, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        x = self.table.index_select(1, ids.t().flatten()).t().reshape(ids.shape[1], ids.shape[0], -1)
        behind = []
        for layer, before in zip(self.layers, state.unbind(), strict=True):
            x, after = layer(x, before)
            behind.append(after)
        hidden = self.norm(x).transpose(0, 1).flatten(0, 1).index_select(0, rows)
        return functional.log_softmax(hidden @ self.table, -1), torch.stack(behind)


class _ReadingBlock(nn.Module):
    """A block that goes on from a state [b, n + k - 1, e], for x [l, b, d]."""

    def __init__(self, block: MambaBlock) -> None:
        super().__init__()
        self.norm = block.norm
        self.mixer = _ReadingMixer(block.mixer)

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        y, behind = self.mixer(self.norm(x), before)
        return x + y, behind


class _ReadingMixer(nn.Module):
    """The weights of a mixer, brought into the form in which each run wants them."""

    def __init__(self, mixer: MambaMixer) -> None:
        super().__init__()
        self.rank, self.states = mixer.rank, mixer.states
        self.in_proj, self.x_proj, self.dt_proj, self.out_proj = (
            mixer.in_proj, mixer.x_proj, mixer.dt_proj, mixer.out_proj
        )  # fmt: skip
        assert mixer.conv1d.bias is not None
        self.taps = nn.Parameter(mixer.conv1d.weight.detach().squeeze(1).t().contiguous())
        self.bias = mixer.conv1d.bias
        self.decay = nn.Parameter(-torch.exp(mixer.A_log.detach().float()).t().contiguous())
        self.D = mixer.D

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        u, gate = self.in_proj(x).chunk(2, dim=-1)
        state, recent = before[:, : self.states], before[:, self.states :]
        window = torch.cat((recent.transpose(0, 1), u))
        u = functional.silu(self._convolved(window, x.shape[0]))
        low, b, c = self.x_proj(u).split([self.rank, self.states, self.states], dim=-1)
        dt = -functional.logsigmoid(-self.dt_proj(low))  # softplus, whose kernel in ONNX Runtime is ten times slower
        kept = torch.exp(dt.unsqueeze(2) * self.decay)
        states = _scanned(state.contiguous(), kept, (dt * u).unsqueeze(2) * b.unsqueeze(3))
        y = (c.unsqueeze(2) @ states).squeeze(2) + self.D * u
        behind = torch.cat((states[-1], window[x.shape[0] :].transpose(0, 1)), dim=1)
        return self._projected(y * functional.silu(gate)), behind

    def _convolved(self, window: Tensor, length: int) -> Tensor:
        total = window[:length] * self.taps[0] + self.bias
        for index in range(1, len(self.taps)):
            total = total + window[index : index + length] * self.taps[index]
        return total

    def _projected(self, y: Tensor) -> Tensor:
        """The output, each position of which is multiplied at the same scale.

        A few positions are ten times as loud as most. As int8 has one scale for all, they would cost the others three
        quarters of their precision, and what a text says would depend on what is read together with it.
        """
        scale = y.abs().amax(-1, keepdim=True) + _SILENCE
        projected: Tensor = self.out_proj(y / scale)
        return projected * scale


_SILENCE = 1e-6
"""Instead of dividing by nothing."""


def _scanned(state: Tensor, kept: Tensor, new: Tensor) -> Tensor:
    """The state [b, n, e] behind each position of kept and new [l, b, n, e]."""
    if torch.compiler.is_exporting():
        states: Tensor = scan(_recur, state, (kept, new))[1]  # one operator; a loop would be unrolled
        return states
    every = []
    for inputs in zip(kept, new, strict=True):
        state = _recur(state, inputs)[0]
        every.append(state)
    return torch.stack(every)


def _recur(state: Tensor, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    kept, new = inputs
    state = kept * state + new
    return state, state.clone()
