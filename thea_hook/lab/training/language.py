"""Trains the language model that judges repairs: next ids of source text, and spans to be filled in."""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.mamba import Mamba, MambaConfig
from thea_hook.lab.training.language_data import Ids, samples
from thea_hook.lab.training.trainer import has_bfloat16, schedule, write_checkpoint
from thea_hook.ml.language_tokens import VOCABULARY

WARM_UP = 0.02
HEAD_ROWS = 1_024
"""How many positions have logits at once: all of them would take a gigabyte."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is trained. ``minutes`` is time spent in training steps, over all runs."""

    minutes: float = 60.0
    length: int = 512
    batch: int = 16
    learning_rate: float = 3e-3
    weight_decay: float = 0.1
    seed: int = 1


class _HeadLoss(torch.autograd.Function):
    """Cross-entropy of a linear head, a few rows at a time, with the gradients made on the way."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        is_training = hidden.requires_grad
        half = weight.to(hidden.dtype)
        for_hidden, for_weight = torch.empty_like(hidden), torch.zeros_like(weight)
        total = hidden.new_zeros((), dtype=torch.float32)
        for start in range(0, len(hidden), HEAD_ROWS):
            rows = hidden[start : start + HEAD_ROWS]
            wanted = targets[start : start + HEAD_ROWS, None]
            logs = functional.log_softmax((rows @ half.t()).float(), -1)
            total -= logs.gather(1, wanted).sum()
            if is_training:
                grads = logs.exp_().scatter_add_(1, wanted, torch.full(wanted.shape, -1.0, device=rows.device))
                grads = grads.to(hidden.dtype)
                for_hidden[start : start + HEAD_ROWS] = grads @ half
                for_weight += grads.t() @ rows
        ctx.save_for_backward(for_hidden / len(hidden), for_weight / len(hidden))
        return total / len(hidden)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        for_hidden, for_weight = ctx.saved_tensors
        return for_hidden * grad, for_weight * grad, None


def loss_of(model: Mamba, ids: Tensor) -> Tensor:
    """The mean of the negative log-likelihood of each id [b, l] but the first."""
    device = ids.device.type
    with torch.autocast(device, torch.bfloat16, enabled=has_bfloat16(ids.device)):
        hidden = model.hidden(ids[:, :-1])
    if has_bfloat16(ids.device):
        hidden = hidden.to(torch.bfloat16)
    loss: Tensor = _HeadLoss.apply(  # type: ignore[no-untyped-call]
        hidden.flatten(0, 1), model.lm_head.weight, ids[:, 1:].flatten()
    )
    return loss


class Trainer:
    """One model in training: what a checkpoint holds, and the steps between two of them."""

    def __init__(self, config: MambaConfig, recipe: Recipe, folder: Path, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.config, self.recipe, self.folder, self.device = config, recipe, folder, device
        self.model = Mamba(config).to(device)
        self.optimiser = optimiser_of(self.model, recipe)
        self.seconds, self.step = 0.0, 0
        self.log: list[dict[str, float]] = []

    @property
    def path(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        state = {
            "config": {"architecture": "mamba", **self.config.to_dict()},
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "seconds": self.seconds,
            "step": self.step,
            "log": self.log,
        }
        write_checkpoint(self.path, state)

    def resume(self) -> bool:
        """Go on from the checkpoint of this folder, if there is one."""
        if not self.path.exists():
            return False
        state: dict[str, Any] = torch.load(self.path, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.seconds, self.step, self.log = state["seconds"], state["step"], state["log"]
        return True

    def rate(self) -> float:
        """The factor of the learning rate."""
        return schedule(self.seconds / (60 * self.recipe.minutes), WARM_UP)

    def train_on(self, rows: NDArray[np.int64]) -> float:
        began = time.monotonic()
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * max(self.rate(), 1e-2)
        loss = loss_of(self.model, torch.from_numpy(rows).to(self.device))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self.seconds += time.monotonic() - began
        return float(loss.detach())

    @torch.no_grad()
    def evaluate(self, valid: Sequence[NDArray[np.int64]]) -> float:
        self.model.eval()
        losses = [float(loss_of(self.model, torch.from_numpy(rows).to(self.device))) for rows in valid]
        return sum(losses) / len(losses)

    def run(self, train: Ids, valid: Ids, *, evaluate_every: float, stop_after: float) -> None:
        """Train until the minutes are over, or until it is time to stop for now."""
        recipe = self.recipe
        held_out = list(islice(_batches(valid, recipe, random.Random("valid"), 0.0), 16))
        to_fill = list(islice(_batches(valid, recipe, random.Random("fill"), 1.0), 8))
        stream = _batches(train, recipe, random.Random(f"{recipe.seed}-{self.step}"), None)
        began = time.monotonic()
        next_report, recent = self.seconds + evaluate_every, [math.nan]
        while self.seconds < 60 * recipe.minutes and time.monotonic() - began < stop_after:
            recent.append(self.train_on(next(stream)))
            if self.seconds >= next_report:
                next_report = self.seconds + evaluate_every
                self.report(held_out, to_fill, recent)
                recent = []
        self.report(held_out, to_fill, recent)

    def report(
        self, held_out: Sequence[NDArray[np.int64]], to_fill: Sequence[NDArray[np.int64]], recent: Sequence[float]
    ) -> None:
        entry = {
            "step": float(self.step),
            "minutes": self.seconds / 60,
            "train_loss": float(np.nanmean(recent)) if recent else math.nan,
            "loss": self.evaluate(held_out),
            "fill_loss": self.evaluate(to_fill),
        }
        self.log.append(entry)
        self.save()
        print(" ".join(f"{name} {value:.4g}" for name, value in entry.items()), flush=True)


def _batches(
    tokens: Ids, recipe: Recipe, chance: random.Random, fill_share: float | None
) -> Iterator[NDArray[np.int64]]:
    rows = (
        samples(tokens, recipe.length, chance)
        if fill_share is None
        else samples(tokens, recipe.length, chance, fill_share)
    )
    while True:
        yield np.stack(list(islice(rows, recipe.batch)))


def optimiser_of(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; biases, norms and the diagonals of the state space (A_log, D) do not decay."""
    named = dict(model.named_parameters())
    plain = [value for name, value in named.items() if value.ndim <= 1 or name.endswith("A_log")]
    decayed = [value for name, value in named.items() if value.ndim > 1 and not name.endswith("A_log")]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.95), fused=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab train language``: train the language model, or go on with training it."""
    from thea_hook.lab.architectures.device import choose_device
    from thea_hook.lab.paths import data_folder

    parser = argparse.ArgumentParser(prog="thea-lab train language", description=main.__doc__)
    parser.add_argument("--name", default="mamba", help="folder of the run below models/")
    parser.add_argument("--minutes", type=float, default=60.0, help="minutes of training in all (default: 60)")
    parser.add_argument("--stop-after", type=float, default=math.inf, help="minutes after which to stop for now")
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--states", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--evaluate-every", type=float, default=3.0, metavar="MINUTES")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args(arguments)
    recipe = Recipe(minutes=options.minutes, learning_rate=options.learning_rate, seed=options.seed)
    config = MambaConfig(VOCABULARY, options.dim, options.layers, options.states)
    root = data_folder()
    trainer = Trainer(config, recipe, root / "models" / options.name, choose_device(options.device))
    if trainer.resume():
        print(f"going on after {trainer.step} steps, {trainer.seconds / 60:.1f} minutes", flush=True)
    train, valid = (np.load(root / "tokens" / f"{split}.npy", mmap_mode="r") for split in ("train", "valid"))
    trainer.run(train, valid, evaluate_every=60 * options.evaluate_every, stop_after=60 * options.stop_after)
    return 0
