"""The parts of Monarch Mixer: a block-diagonal linear map."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
        blocks, _, inner = self.weight.shape
        groups = x.reshape(-1, blocks, inner).transpose(0, 1)
        y = (groups @ self.weight.transpose(1, 2)).transpose(0, 1).reshape(*x.shape[:-1], -1)
        return y if self.bias is None else y + self.bias
