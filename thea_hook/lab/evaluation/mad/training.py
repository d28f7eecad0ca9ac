"""A network trained on a setting of MAD, and the share of answers it gets right in examples it has not seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.evaluation.mad.networks import Architecture, network
from thea_hook.lab.evaluation.mad.tasks import IGNORED, Examples, Setting

LAST_RATE = 1e-6


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: ``epochs`` over its examples, but no fewer steps than ``least_steps``."""

    dim: int
    batch: int
    epochs: int
    learning_rate: float
    decay: float
    least_steps: int = 0
    seed: int = 1

    def steps(self, setting: Setting) -> int:
        return max(self.epochs * -(-setting.examples // self.batch), self.least_steps)


class Outcome(NamedTuple):
    """What came of a training."""

    accuracy: float
    seconds: float  # of this process on the processor: others on the machine do not count
    parameters: int


def train(
    architecture: Architecture, setting: Setting, recipe: Recipe, data: Examples, test: Examples, device: torch.device
) -> Outcome:
    """Train on ``data`` and judge on ``test``; the same seed gives the same network on the same machine."""
    started = time.process_time()
    torch.manual_seed(recipe.seed)
    model = network(architecture, setting, recipe.dim).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.decay, fused=True)
    steps = recipe.steps(setting)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=LAST_RATE)
    inputs, targets = _on(data, device)
    for rows in _batches(len(inputs), recipe, steps):
        chosen = rows.to(device)
        loss = functional.cross_entropy(model(inputs[chosen]).flatten(0, 1), targets[chosen].flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    size = sum(parameter.numel() for parameter in model.parameters())
    return Outcome(accuracy(model, _on(test, device), recipe.batch), time.process_time() - started, size)


def accuracy(model: nn.Module, test: tuple[Tensor, Tensor], batch: int) -> float:
    """The share of the targets that are likeliest to the model."""
    right = asked = 0
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(test[0]), batch):
            inputs, targets = (tensor[start : start + batch] for tensor in test)
            is_asked = targets != IGNORED
            right += int((model(inputs).argmax(-1)[is_asked] == targets[is_asked]).sum())
            asked += int(is_asked.sum())
    return right / asked


def _on(examples: Examples, device: torch.device) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(examples.inputs).to(device), torch.from_numpy(examples.targets).to(device)


def _batches(count: int, recipe: Recipe, steps: int) -> Iterator[Tensor]:
    """Rows of each batch: every epoch all of them, in an order of its own."""
    chance = torch.Generator().manual_seed(recipe.seed)
    starts = range(0, count, recipe.batch)
    for step in range(steps):
        if step % len(starts) == 0:
            order = torch.randperm(count, generator=chance)
        start = starts[step % len(starts)]
        yield order[start : start + recipe.batch]
