"""Sequence mixers of one signature, by name, and the residual block round them.

Letters: b batch, l length, d width, h heads, k taps of a kernel.

A mixer takes the hidden states [b, l, d] and ``real`` [b, l], 1 at positions of the text and 0 at padding, and returns
[b, l, d]. It reads both directions, or nothing that comes later where it is to be ``causal``. Padding is zero in every
hidden state: a block has no bias, so a zero stays a zero, and a mixer that would put something there takes it away
again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.convolution import depthwise_convolution
from thea_hook.lab.architectures.monarch_mixer import BlockDiagonalLinear, MonarchSequenceMixer, MonarchTransform

FAR_BELOW = -1e4
"""A logit that no softmax gives weight to, and that half precision still holds."""

_ROTARY_BASE = 10_000.0


@dataclass(frozen=True, slots=True)
class MixerConfig:
    """What one mixer needs to know; each kind reads the fields that are its own."""

    dim: int
    kernel: int = 9
    dilation: int = 1
    head_dim: int = 64
    length: int = 512
    filter_order: int = 32
    causal: bool = False


class GatedConvolution(nn.Module):
    """The short convolution of LFM2, centred unless causal: gate, convolve each channel, gate, mix the channels."""

    def __init__(self, config: MixerConfig) -> None:
        super().__init__()
        if config.kernel % 2 == 0:
            raise ValueError(
                f"a kernel that reads both directions alike has an odd number of taps, not {config.kernel}"
            )
        self.dilation = config.dilation
        self.delay = config.kernel // 2 * config.dilation if config.causal else 0
        self.in_proj = nn.Linear(config.dim, 3 * config.dim, bias=False)
        self.taps = nn.Parameter(torch.empty(config.kernel, config.dim).uniform_(-1, 1) * config.kernel**-0.5)
        self.out_proj = nn.Linear(config.dim, config.dim, bias=False)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        before, after, value = self.in_proj(x).chunk(3, dim=-1)
        signal = functional.pad(before * value, (0, 0, self.delay, -self.delay)) if self.delay else before * value
        mixed = depthwise_convolution(signal, self.taps, self.dilation)
        output: Tensor = self.out_proj(after * mixed)
        return output


class Attention(nn.Module):
    """Multi-head attention over the whole length, with rotary positions."""

    def __init__(self, config: MixerConfig) -> None:
        super().__init__()
        if config.dim % config.head_dim or config.head_dim % 2:
            raise ValueError(f"width {config.dim} does not divide into heads of the even width {config.head_dim}")
        self.head_dim = config.head_dim
        self.causal = config.causal
        self.in_proj = nn.Linear(config.dim, 3 * config.dim, bias=False)
        self.out_proj = nn.Linear(config.dim, config.dim, bias=False)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        batch, length, dim = x.shape
        heads = self.in_proj(x).view(batch, length, 3, -1, self.head_dim)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # [b, h, l, d / h] each
        cos, sin = (wave.to(query.dtype) for wave in _waves(length, self.head_dim, x.device))
        bias = ((1 - real) * FAR_BELOW).to(query.dtype)[:, None, None, :]
        if self.causal:
            bias = bias + torch.full((length, length), FAR_BELOW, dtype=bias.dtype, device=x.device).triu(1)
        mixed = _attend(_rotated(query, cos, sin), _rotated(key, cos, sin), value, bias)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, dim)) * real.unsqueeze(-1)  # type: ignore[no-any-return]


def _attend(query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
    """Attention; on the CPU as two plain products, which train up to three times faster than the fused kernel there.

    [32, 256, 192] in bf16 on 2 threads, forward and backward: 3 heads 11 against 34 ms, 6 heads 25 against 49 ms.
    """
    if query.is_cuda:
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2) + bias
    mixed: Tensor = scores.softmax(-1).to(value.dtype) @ value
    return mixed


def _waves(length: int, head_dim: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines [l, head_dim / 2] by which positions turn the halves of a head."""
    rates = torch.pow(_ROTARY_BASE, -torch.arange(0, head_dim, 2, device=device) / head_dim)
    angles = torch.arange(length, device=device).unsqueeze(1) * rates
    return angles.cos(), angles.sin()


def _rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Monarch(MonarchSequenceMixer):
    """The long convolution of M2, without the second one that stands for a residual: the block has its own."""

    def __init__(self, config: MixerConfig) -> None:
        transform = MonarchTransform(config.length)
        super().__init__(
            config.dim, config.length, transform, order=config.filter_order, residual=False, causal=config.causal
        )

    def forward(self, x: Tensor, real: Tensor | None = None) -> Tensor:
        mixed = super().forward(x, real)
        return mixed if real is None else mixed * real.unsqueeze(-1)


MIXERS: dict[str, Callable[[MixerConfig], nn.Module]] = {
    "gated_conv": GatedConvolution,
    "attention": Attention,
    "monarch": Monarch,
}

LETTERS = {"c": "gated_conv", "a": "attention", "m": "monarch"}
"""A model's layers are written as a word of these."""


class SwiGLU(nn.Module):
    """A gated MLP of ``multiple`` times the width; with ``blocks`` > 1 its weights are block-diagonal, as in M2."""

    def __init__(self, dim: int, multiple: float, blocks: int = 1) -> None:
        super().__init__()
        inner = round(dim * multiple)
        self.gate_and_value = _linear(dim, 2 * inner, blocks)
        self.down = _linear(inner, dim, blocks)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.gate_and_value(x).chunk(2, dim=-1)
        return self.down(functional.silu(gate) * value)  # type: ignore[no-any-return]


def _linear(inputs: int, outputs: int, blocks: int) -> nn.Module:
    return nn.Linear(inputs, outputs, bias=False) if blocks == 1 else BlockDiagonalLinear(inputs, outputs, blocks)


class Block(nn.Module):
    """A mixer and an MLP, each read through a norm and added to the stream.

    The norm is LayerNorm without a bias: it has a fused kernel in torch on the CPU and in ONNX Runtime, where RMSNorm
    takes 4 times as long (3.4 against 0.8 ms at [32, 256, 192], forward and backward) for the same use.
    """

    def __init__(self, mixer: nn.Module, dim: int, multiple: float, blocks: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.mixer_norm = nn.LayerNorm(dim, bias=False)
        self.mixer = mixer
        self.mlp_norm = nn.LayerNorm(dim, bias=False)
        self.mlp = SwiGLU(dim, multiple, blocks)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        x = x + self.dropout(self.mixer(self.mixer_norm(x), real))
        return x + self.dropout(self.mlp(self.mlp_norm(x)))  # type: ignore[no-any-return]
