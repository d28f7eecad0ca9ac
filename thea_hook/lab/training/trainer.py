"""What the training of all models over windows has in common: time, checkpoints, averages, reports.

Training goes on for a number of minutes, and can go on at any moment.
"""

from __future__ import annotations

import json
import math
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.training.windows import Shard, load_shard
from thea_hook.ml.features import FIRST_FEATURE, LAYOUT

EMA_DECAY = 0.998
WARM_UP = 0.03
PARSER_DROPOUT = 0.1
SAVE_EVERY = 180.0
"""Seconds of training that may be lost."""
STEP = 32
"""The lengths of batches are multiples of this."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is trained. ``minutes`` is time spent in training steps, over all runs."""

    minutes: float = 60.0
    batch_lexemes: int = 16_384
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    seed: int = 1
    layout: bool = True


@dataclass(slots=True)
class Batch:
    """rows [B, L, COLUMNS], targets [B, K, 2] (-1 where there is none)."""

    rows: Tensor
    targets: Tensor


def batches(shard: Shard, lexemes: int, chance: random.Random) -> Iterator[Batch]:
    """The windows of a shard in batches of windows of about one length, in random order.

    Batches have few shapes: for every new one, the kernels are made anew.
    """
    order = np.argsort(-(shard.lengths + np.array([chance.random() * STEP for _ in shard.lengths])))
    groups: list[tuple[int, NDArray[np.int64]]] = []
    while len(order):
        length = -(-int(shard.lengths[order].max()) // STEP) * STEP
        size = max(1, lexemes // length)
        groups.append((length, np.resize(order[:size], size)))  # the last batch has windows twice
        order = order[size:]
    chance.shuffle(groups)
    for length, group in groups:
        rows = torch.from_numpy(shard.rows[group, :length].astype(np.int64))
        yield Batch(rows, torch.from_numpy(shard.targets[group].astype(np.int64)))


def each_once(shard: Shard, count: int = 32) -> Iterator[Batch]:
    """All windows of a shard in their order, so many at a time: none twice, as in ``batches``, for exact figures."""
    for start in range(0, len(shard.lengths), count):
        some = slice(start, start + count)
        rows = torch.from_numpy(shard.rows[some, : int(shard.lengths[some].max())].astype(np.int64))
        yield Batch(rows, torch.from_numpy(shard.targets[some].astype(np.int64)))


def without_features(rows: Tensor, *, layout: bool, chance: torch.Generator | None) -> Tensor:
    """The rows without what the parser says, for some windows; without layout, for an ablation, for all."""
    first_of_parser = FIRST_FEATURE + len(LAYOUT)
    if chance is not None:
        dropped = torch.rand(len(rows), generator=chance) < PARSER_DROPOUT
        rows[dropped, :, first_of_parser:] = 0
    if not layout:
        rows[:, :, FIRST_FEATURE:first_of_parser] = 0
    return rows


Config = TypeVar("Config", bound=Configuration)
Network = TypeVar("Network", bound=nn.Module)


class Trainer(ABC, Generic[Config, Network]):
    """One model in training: what a checkpoint holds, and the steps between two of them."""

    architecture: ClassVar[str]

    def __init__(self, config: Config, recipe: Recipe, folder: Path, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.config, self.recipe, self.folder, self.device = config, recipe, folder, device
        self.model = self.network().to(device)
        self.average = _copied(self.model)
        self.optimiser = self.new_optimiser()
        self.seconds, self.step, self.shards_seen = 0.0, 0, 0
        self.log: list[dict[str, float]] = []

    @abstractmethod
    def network(self) -> Network:
        """A new network of the configuration."""

    @abstractmethod
    def learn_from(self, batch: Batch) -> float:
        """Take a step with ``learn`` or ``improve``; the loss."""

    @abstractmethod
    def figures(self, model: Network, shards: Sequence[Shard]) -> dict[str, float]:
        """How well a network that is not in training does."""

    def new_optimiser(self) -> torch.optim.Optimizer:
        return optimiser_of(self.model, self.recipe)

    # -------------------------------------------------------------- checkpoints

    @property
    def path(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        state = {
            "config": {"architecture": self.architecture, **self.config.to_dict()},
            "model": self.average,
            "raw": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "seconds": self.seconds,
            "step": self.step,
            "shards_seen": self.shards_seen,
            "log": self.log,
        }
        write_checkpoint(self.path, state)

    def resume(self) -> bool:
        """Go on from the checkpoint of this folder, if there is one."""
        if not self.path.exists():
            return False
        state: dict[str, Any] = torch.load(self.path, map_location=self.device)
        self.model.load_state_dict(state["raw"])
        self.average = state["model"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.seconds, self.step, self.shards_seen = state["seconds"], state["step"], state["shards_seen"]
        self.log = state["log"]
        return True

    def begin_anew(self) -> None:
        """Let the average be what the weights are now, as those of another run were put there."""
        self.average = _copied(self.model)

    # -------------------------------------------------------------- training

    def rate(self) -> float:
        """The factor of the learning rate: linear warm-up, then a cosine to nothing over the minutes of the recipe."""
        return schedule(self.seconds / (60 * self.recipe.minutes), WARM_UP)

    def train_on(self, batch: Batch) -> float:
        """Learn from a batch, and count the time; the loss."""
        began = time.monotonic()
        self.model.train()
        loss = self.learn_from(batch)
        self.seconds += time.monotonic() - began
        return loss

    def learn(self, loss: Tensor) -> None:
        """One step of the optimiser, by the gradients of a loss."""
        loss.backward()  # type: ignore[no-untyped-call]
        self.improve()

    def improve(self) -> None:
        """One step of the optimiser, and of the average, by the gradients there are."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * max(self.rate(), 1e-3) * group.get("share", 1.0)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - decay)

    def evaluate(self, shards: Sequence[Shard]) -> dict[str, float]:
        """How well the averaged model does."""
        model = self.network().to(self.device)
        model.load_state_dict(self.average)
        model.eval()
        with torch.no_grad(), mixed_precision(self.device):
            return self.figures(model, shards)

    def run(self, folder: Path, *, evaluate_every: float, stop_after: float) -> None:
        """Train on the shards of a folder, again and again and as new ones come, until the minutes are over.

        Between two reports, which come at the end of a shard, the model is saved every few minutes.
        """
        valid = [load_shard(path) for path in _shards_of(folder / "valid")]
        generator = torch.Generator().manual_seed(self.recipe.seed + self.step)
        next_report, stop = self.seconds + evaluate_every, time.monotonic() + stop_after
        next_save = self.seconds + SAVE_EVERY
        recent: list[float] = []
        lexemes, began = 0, time.monotonic()
        while self.seconds < 60 * self.recipe.minutes and time.monotonic() < stop:
            shard = load_shard(pick_shard(folder / "train", self.shards_seen, self.recipe.seed))
            for batch in batches(shard, self.recipe.batch_lexemes, random.Random(self.shards_seen)):
                lexemes += batch.rows.shape[0] * batch.rows.shape[1]
                batch.rows = without_features(batch.rows, layout=self.recipe.layout, chance=generator)
                recent.append(self.train_on(batch))
                if self.seconds >= next_save:
                    next_save = self.seconds + SAVE_EVERY
                    self.save()
            self.shards_seen += 1
            if self.seconds >= next_report:
                next_report = self.seconds + evaluate_every
                speed = lexemes / (time.monotonic() - began)
                self.report(valid, sum(recent) / len(recent), speed)
                recent, lexemes, began = [], 0, time.monotonic()
        self.report(valid, sum(recent) / len(recent) if recent else math.nan, math.nan)

    def report(self, valid: Sequence[Shard], train_loss: float, speed: float) -> None:
        entry = {
            "step": float(self.step),
            "minutes": self.seconds / 60,
            "train_loss": train_loss,
            "lexemes_per_second": speed,
            **self.evaluate(valid),
        }
        self.log.append(entry)
        self.save()
        print(" ".join(f"{name} {value:.4g}" for name, value in entry.items()), flush=True)


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint, whole or not at all, and its ``log`` beside it for people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    torch.save(dict(state), partial)
    partial.replace(path)
    path.with_name("log.json").write_text(json.dumps(state["log"], indent=1), "utf-8")


def schedule(done: float, warm_up: float) -> float:
    """The factor of the learning rate when this share of the training is done: it rises until ``warm_up``, and falls
    in a cosine to nothing."""
    if done < warm_up:
        return done / warm_up
    return 0.5 * (1 + math.cos(math.pi * (min(done, 1.0) - warm_up) / (1 - warm_up)))


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def optimiser_of(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; biases and norms do not decay."""
    decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    plain = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)


def has_bfloat16(device: torch.device) -> bool:
    """Whether mixed precision is worth it: without instructions of its own it is three times slower on a processor."""
    if device.type != "cpu":
        return device.type == "cuda"
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def mixed_precision(device: torch.device) -> torch.autocast:
    """Products in bfloat16 where that is faster."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device))


def pick_shard(folder: Path, turn: int, seed: int) -> Path:
    """The shard of a turn: every shard once, in an order of the epoch's own, and new ones as they come."""
    order = _shards_of(folder)
    random.Random(seed + turn // len(order)).shuffle(order)
    return order[turn % len(order)]


def _shards_of(folder: Path) -> list[Path]:
    """In the order of their names. Raises FileNotFoundError where there are none."""
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise FileNotFoundError(f"{folder}: no windows; make them with `thea-lab train windows`")
    return paths
