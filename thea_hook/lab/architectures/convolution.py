"""Depthwise convolution along the positions, in the form that trains fastest and the form that exports."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def depthwise_convolution(x: Tensor, taps: Tensor, dilation: int = 1) -> Tensor:
    """Each channel of x [b, l, d] convolved with its column of ``taps`` [k, d], k odd; zeros beyond the ends."""
    if torch.compiler.is_compiling():
        margin = len(taps) // 2 * dilation
        kernels = taps.t().unsqueeze(1)
        channels_first = functional.conv1d(
            x.transpose(1, 2), kernels, padding=margin, dilation=dilation, groups=x.shape[2]
        )
        return channels_first.transpose(1, 2)
    result: Tensor = _ShiftedProducts.apply(x, taps, dilation)  # type: ignore[no-untyped-call]
    return result


class _ShiftedProducts(torch.autograd.Function):
    """The convolution as k shifted multiply-adds in place.

    Forward and backward of [32, 256, 192] with 9 taps on 2 threads take 4.3 ms in fp32 and 4.8 ms in bf16 at any
    dilation; ``conv1d`` takes 18 and 7 ms, dilated 32 and 18 ms, and the same sum left to autograd 8 and 7 ms.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, taps: Tensor, dilation: int) -> Tensor:
        x = _with_margin(x, taps, dilation)
        ctx.save_for_backward(x, taps)
        ctx.dilation = dilation
        return _weighted_sum(x, taps.to(x.dtype), dilation)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        x, taps = ctx.saved_tensors
        length, dilation = grad.shape[1], ctx.dilation
        for_x = _weighted_sum(_with_margin(grad, taps, dilation), taps.flip(0).to(grad.dtype), dilation)
        shifts = range(0, len(taps) * dilation, dilation)
        for_taps = torch.stack([(x[:, shift : shift + length] * grad).sum((0, 1)) for shift in shifts])
        return for_x, for_taps.to(taps.dtype), None


def _with_margin(x: Tensor, taps: Tensor, dilation: int) -> Tensor:
    margin = len(taps) // 2 * dilation
    return functional.pad(x, (0, 0, margin, margin))


def _weighted_sum(x: Tensor, taps: Tensor, dilation: int) -> Tensor:
    length = x.shape[1] - (len(taps) - 1) * dilation
    total = x[:, :length] * taps[0]
    for index, tap in enumerate(taps[1:], start=1):
        total.addcmul_(x[:, index * dilation : index * dilation + length], tap)
    return total
