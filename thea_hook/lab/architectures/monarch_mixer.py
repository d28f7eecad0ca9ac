"""Monarch Mixer: gated long convolutions in both directions, and block-diagonal linear maps.

Letters: b batch, l length of the input, m longest length (a power of two), n = 2 m, d width.

A circular convolution of length n holds a linear one of length m. Its DFT is the order-2 Monarch factorisation: with
n = n1 n2, position j = n2 j1 + j2 and frequency k = k1 + n1 k2, sums over j1, then over j2. Both are real matrix
products here, real and imaginary parts side by side, so the graph has plain ``MatMul`` and the widths are full:

    step 1   [2 k1, j1] @ [j1, j2 d]              the DFT over j1; the half k1 <= n1 / 2 is enough for real signals
    step 2   [k1, 2 k2, 2 j2] @ [k1, 2 j2, d]     the DFT over j2, its twiddle factors multiplied in

The inverse is the transposed matrices in the other order. Zeros to pad with and positions to cut off are never
computed: step 1 has no columns for them.

The names of modules and parameters are those of the published M2-BERT checkpoints.
Paper: Fu et al., "Monarch Mixer", arXiv 2310.12109. The filters are those of Hyena, arXiv 2302.10866.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.convolution import depthwise_convolution

_SLOWEST_DECAY, _FASTEST_DECAY = math.log(100) / 1.5, math.log(100) / 0.3
"""The envelopes of the filters: between these two rates, at 1 % after 1.5 and 0.3 times the longest length."""

_FIRST_FREQUENCY = 10.0


class BlockDiagonalLinear(nn.Module):
    """A linear map whose weight is block-diagonal: each of ``blocks`` groups of channels sees only itself."""

    def __init__(self, inputs: int, outputs: int, blocks: int = 4, *, bias: bool = False) -> None:
        super().__init__()
        if inputs % blocks or outputs % blocks:
            raise ValueError(f"widths {inputs} and {outputs} do not divide into {blocks} blocks")
        bound = (inputs // blocks) ** -0.5
        self.weight = nn.Parameter(torch.empty(blocks, outputs // blocks, inputs // blocks).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        blocks, outputs, inputs = self.weight.shape
        groups = x.reshape(-1, blocks, inputs).transpose(0, 1)
        y = (groups @ self.weight.transpose(1, 2)).transpose(0, 1).reshape(*x.shape[:-1], blocks * outputs)
        return y if self.bias is None else y + self.bias.to(y.dtype)


class MonarchTransform(nn.Module):
    """The DFT of length n = 2 m as two real matrix products; spectra are [.., k1, 2 k2, d], real parts first."""

    step_1: Tensor
    step_2: Tensor
    weights: Tensor

    def __init__(self, length: int) -> None:
        super().__init__()
        if length < 8 or length & (length - 1):
            raise ValueError(f"the Monarch transform takes a power of two of at least 8 positions, not {length}")
        self.length = length
        n = 2 * length
        n1 = 1 << (n.bit_length() + 1) // 2  # twice n2 to four times: there the two steps cost about the same
        n2 = n // n1
        k1 = torch.arange(n1 // 2 + 1)
        j1, j2 = torch.arange(n1), torch.arange(n2)
        over_j1 = _unit(k1[:, None] * j1, n1)  # [k1, j1]
        over_j2 = _unit(j2[:, None] * j2, n2) * _unit(k1[:, None] * j2, n)[:, None]  # [k1, k2, j2]
        step_1 = torch.stack((over_j1.real, over_j1.imag), dim=1).flatten(0, 1)
        first, second = torch.cat((over_j2.real, -over_j2.imag), 2), torch.cat((over_j2.imag, over_j2.real), 2)
        halves = torch.full((n1 // 2 + 1,), 2 / n)  # each row also stands for its mirror image,
        halves[[0, -1]] = 1 / n  # but the first and the last are their own
        self.register_buffer("step_1", step_1.float(), persistent=False)
        self.register_buffer("step_2", torch.cat((first, second), 1).float(), persistent=False)
        self.register_buffer("weights", halves[:, None, None], persistent=False)

    def spectrum(self, x: Tensor) -> Tensor:
        """The spectrum [.., k1, 2 k2, d] of signals [.., m, d] with zeros after them, or of signals [.., n, d]."""
        *batch, positions, d = x.shape
        rows, columns = self.step_1.shape
        n2 = 2 * self.length // columns
        used = positions // n2
        y = self.step_1[:, :used] @ x.reshape(*batch, used, n2 * d)
        return self.step_2 @ y.reshape(*batch, rows // 2, 2 * n2, d)

    def signal(self, spectrum: Tensor) -> Tensor:
        """The first m positions [.., m, d] of the signal that has this spectrum."""
        *batch, half, parts, d = spectrum.shape
        y = self.step_2.transpose(1, 2) @ spectrum
        y = (y * self.weights.to(y.dtype)).reshape(*batch, 2 * half, parts // 2 * d)
        used = self.step_1.shape[1] // 2
        return (self.step_1[:, :used].t() @ y).reshape(*batch, self.length, d)


def _unit(turns: Tensor, whole: int) -> Tensor:
    """exp(-2 pi i turns / whole), exact for large products since whole turns are taken off first."""
    angle = -2 * math.pi * (turns % whole).double() / whole
    return torch.complex(angle.cos(), angle.sin())


def _product(first: Tensor, second: Tensor) -> Tensor:
    """The product of two spectra, frequency by frequency."""
    (a, b), (c, d) = first.chunk(2, dim=-2), second.chunk(2, dim=-2)
    return torch.cat((a * c - b * d, a * d + b * c), dim=-2)


class _Sine(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.freq = nn.Parameter(torch.full((1, width), _FIRST_FREQUENCY))

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(self.freq * x)


class _Positions(nn.Module):
    """What a filter knows of a position: ``t`` from 0 to 1, and ``z`` = t, cosines and sines of a few frequencies."""

    t: Tensor

    def __init__(self, features: int, positions: int) -> None:
        super().__init__()
        t = torch.linspace(0, 1, positions)[None, :, None]
        bands = (features - 1) // 2
        angles = 2 * math.pi * torch.arange(positions)[:, None] / positions * torch.linspace(1e-4, bands - 1, bands)
        self.z = nn.Parameter(torch.cat((t, angles.cos()[None], -angles.sin()[None]), dim=-1))
        self.register_buffer("t", t)


class _Decay(nn.Module):
    deltas: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("deltas", -torch.linspace(_SLOWEST_DECAY, _FASTEST_DECAY, width)[None, None])

    def forward(self, t: Tensor) -> Tensor:
        return torch.exp(-t * self.deltas[0].abs())


class ImplicitFilter(nn.Module):
    """A long filter in both directions for each channel, as small networks of the position; and a weight for lag 0.

    The backward filter begins at the next position: lag 0 is the forward filter's and ``bias``. A ``causal`` one has no
    backward filter, which makes it that of Hyena.
    """

    precomputed: Tensor | None

    def __init__(self, width: int, positions: int, *, order: int, features: int = 5, causal: bool = False) -> None:
        super().__init__()
        self.register_buffer("precomputed", None, persistent=False)
        self.bias = nn.Parameter(torch.randn(width))
        self.pos_emb = _Positions(features, positions)
        sine = _Sine(order)  # one for all layers of both networks
        self.implicit_filter = _filter_network(features, order, width, sine)
        self.implicit_filter_rev = None if causal else _filter_network(features, order, width, sine)
        self.modulation = _Decay(width)

    def forward(self, x: Tensor, transform: MonarchTransform) -> Tensor:
        """x [b, l, d] convolved along the positions, l at most the length of the transform."""
        length = x.shape[1]
        if length > transform.length:
            raise ValueError(f"{length} positions do not fit into a transform of {transform.length}")
        padded = functional.pad(x, (0, 0, 0, transform.length - length))
        spectrum = self.spectrum(transform) if self.precomputed is None else self.precomputed
        convolved = transform.signal(_product(transform.spectrum(padded), spectrum.to(x.dtype)))
        return convolved[:, :length] + x * self.bias.to(x.dtype)

    def precompute(self, transform: MonarchTransform) -> None:
        """Keep the spectrum instead of computing it at each call: faster, and 8 d bytes a position larger."""
        with torch.no_grad():
            self.precomputed = self.spectrum(transform)

    def spectrum(self, transform: MonarchTransform) -> Tensor:
        """The spectrum of the filter, [k1, 2 k2, d]; in full precision, which the fast sines need."""
        with torch.autocast(self.bias.device.type, enabled=False):
            return transform.spectrum(self.taps(transform.length))

    def taps(self, length: int) -> Tensor:
        """The filter [2 length, d] as a circular convolution takes it: lags 0, 1, .., and lag -1 at the end."""
        z, t = self.pos_emb.z[0, :length], self.pos_emb.t[0, :length]
        decay = self.modulation(t)
        forward = self.implicit_filter(z) * decay
        if self.implicit_filter_rev is None:
            return torch.cat((forward, torch.zeros_like(forward)))
        return torch.cat((forward, (self.implicit_filter_rev(z) * decay).flip(0)))


def _filter_network(features: int, order: int, width: int, sine: nn.Module) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(features, order),
        sine,
        nn.Linear(order, order),
        sine,
        nn.Linear(order, order),
        sine,
        nn.Linear(order, width, bias=False),
    )


class MonarchSequenceMixer(nn.Module):
    """Gate, convolve over the whole length, gate, mix the channels; ``residual`` adds a convolution past the gates."""

    def __init__(
        self,
        width: int,
        positions: int,
        transform: MonarchTransform,
        *,
        order: int,
        residual: bool,
        causal: bool = False,
    ) -> None:
        super().__init__()
        if transform.length > positions:
            raise ValueError(f"a filter over {positions} positions does not reach over {transform.length}")
        self.transform = transform
        self.in_linear = nn.Linear(width, 3 * width)
        self.short_filter = nn.Conv1d(3 * width, 3 * width, kernel_size=3, groups=3 * width, padding=2)
        self.filter_fn = ImplicitFilter(width, positions, order=order, causal=causal)
        self.filter_fn2 = ImplicitFilter(width, positions, order=order, causal=causal) if residual else None
        self.out_linear = nn.Linear(width, width)

    def forward(self, x: Tensor, real: Tensor | None = None) -> Tensor:
        """Mix x [b, l, d]; where ``real`` [b, l] is 0, a position has nothing to say."""
        after, before, value = self._shortly_filtered(self.in_linear(x)).chunk(3, dim=-1)
        value = value * before
        if real is not None:
            value = value * real.unsqueeze(-1).to(value.dtype)
        mixed = self.filter_fn(value, self.transform) * after
        if self.filter_fn2 is not None:
            mixed = mixed + self.filter_fn2(x, self.transform)
        output: Tensor = self.out_linear(mixed)
        return output

    def precompute(self) -> None:
        """Keep the spectra of the filters, for export at this length."""
        for filter_fn in (self.filter_fn, self.filter_fn2):
            if filter_fn is not None:
                filter_fn.precompute(self.transform)

    def _shortly_filtered(self, x: Tensor) -> Tensor:
        """Each channel over a position and the two before it, which is what the published model does."""
        late = functional.pad(x, (0, 0, 1, 0))
        taps, bias = self.short_filter.weight.squeeze(1).t(), self.short_filter.bias
        filtered = depthwise_convolution(late, taps)[:, : x.shape[1]]
        return filtered if bias is None else filtered + bias.to(filtered.dtype)
