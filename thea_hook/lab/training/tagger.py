"""Trains the tagger on shards of windows, for a number of minutes, and can go on at any moment.

The loss is the negative log-likelihood that the next edit is any of those that are right: a softmax over the places of
a window and "nothing wrong", times a softmax over the tags at the place.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.tagger import Tagger, TaggerConfig
from thea_hook.lab.training.windows import Shard, load_shard
from thea_hook.ml.features import FIRST_FEATURE, INPUT_SIZES, LAYOUT
from thea_hook.ml.vocabulary import CLASSES, TAGS

EMA_DECAY = 0.998
WARM_UP = 0.03
PARSER_DROPOUT = 0.1
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


def loss_of(model: Tagger, batch: Batch) -> tuple[Tensor, Tensor]:
    """The mean loss of a batch, and for each window whether the likeliest edit is a right one."""
    hidden, real = model.encode(batch.rows)
    places = functional.log_softmax(model.positions(hidden, real).float(), -1)  # [B, L + 1]
    is_target = batch.targets[..., 0] >= 0
    index = batch.targets[..., 0].clamp(min=0)
    window = torch.arange(len(index), device=index.device)[:, None].expand_as(index)
    tags = functional.log_softmax(model.tags_at(hidden, window[is_target], index[is_target]).float(), -1)  # [n, T]
    of_tag = tags.gather(1, batch.targets[..., 1][is_target][:, None])[:, 0]
    joint = torch.full(index.shape, -torch.inf, device=index.device)
    joint[is_target] = places.gather(1, index)[is_target] + of_tag
    nothing = ~is_target.any(1)
    likelihood = torch.where(nothing, places[:, -1], joint.masked_fill(nothing[:, None], 0.0).logsumexp(1))
    with torch.no_grad():
        best_place = places.argmax(1)
        hit_place = torch.where(nothing, best_place == places.shape[1] - 1, _any_equal(index, is_target, best_place))
        best_tag = torch.full(index.shape, -2, device=index.device)
        best_tag[is_target] = tags.argmax(1)
        hit = ((index == best_place[:, None]) & (best_tag == batch.targets[..., 1]) & is_target).any(1)
        right = torch.stack([hit_place, torch.where(nothing, hit_place, hit)], 1)
    return -likelihood.mean(), right


def _any_equal(index: Tensor, is_target: Tensor, place: Tensor) -> Tensor:
    return ((index == place[:, None]) & is_target).any(1)


def without_features(rows: Tensor, *, layout: bool, chance: torch.Generator | None) -> Tensor:
    """The rows without what the parser says, for some windows; without layout, for an ablation, for all."""
    first_of_parser = FIRST_FEATURE + len(LAYOUT)
    if chance is not None:
        dropped = torch.rand(len(rows), generator=chance) < PARSER_DROPOUT
        rows[dropped, :, first_of_parser:] = 0
    if not layout:
        rows[:, :, FIRST_FEATURE:first_of_parser] = 0
    return rows


class Trainer:
    """One model in training: what a checkpoint holds, and the steps between two of them."""

    def __init__(self, config: TaggerConfig, recipe: Recipe, folder: Path, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.config, self.recipe, self.folder, self.device = config, recipe, folder, device
        self.model = Tagger(config).to(device)
        self.average = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.optimiser = optimiser_of(self.model, recipe)
        self.seconds, self.step, self.shards_seen = 0.0, 0, 0
        self.log: list[dict[str, float]] = []

    # -------------------------------------------------------------- checkpoints

    @property
    def path(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "config": {"architecture": "tagger", **self.config.to_dict()},
            "model": self.average,
            "raw": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "seconds": self.seconds,
            "step": self.step,
            "shards_seen": self.shards_seen,
            "log": self.log,
        }
        partial = self.path.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.path)
        (self.folder / "log.json").write_text(json.dumps(self.log, indent=1), "utf-8")

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

    def start_from(self, checkpoint: Path) -> list[str]:
        """Begin with the averaged weights of another run, but for mixers of another kind; the names of what is new."""
        state: dict[str, Any] = torch.load(checkpoint, map_location=self.device)
        changed = tuple(
            f"blocks.{number}.mixer."
            for number, (old, new) in enumerate(zip(state["config"]["layers"], self.config.layers, strict=True))
            if old != new
        )
        kept = {name: value for name, value in state["model"].items() if not name.startswith(changed)}
        self.model.load_state_dict(kept, strict=False)
        self.average = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        return sorted(set(self.average) - set(kept))

    # -------------------------------------------------------------- training

    def rate(self) -> float:
        """The factor of the learning rate: linear warm-up, then a cosine to nothing over the minutes of the recipe."""
        done = min(1.0, self.seconds / (60 * self.recipe.minutes))
        return done / WARM_UP if done < WARM_UP else 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))

    def train_on(self, batch: Batch) -> float:
        began = time.monotonic()
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * max(self.rate(), 1e-3)
        rows = batch.rows.to(self.device, non_blocking=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=has_bfloat16(self.device)):
            loss, _ = loss_of(self.model, Batch(rows, batch.targets.to(self.device)))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - decay)
        self.seconds += time.monotonic() - began
        return float(loss.detach())

    def evaluate(self, shards: Sequence[Shard]) -> dict[str, float]:
        """Loss, share of right places and share of right first edits of the averaged model."""
        model = Tagger(self.config).to(self.device)
        model.load_state_dict(self.average)
        model.eval()
        losses, right, count = 0.0, np.zeros(2), 0
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16, enabled=has_bfloat16(self.device)):
            for shard in shards:
                for batch in batches(shard, self.recipe.batch_lexemes, random.Random(0)):
                    rows = without_features(batch.rows, layout=self.recipe.layout, chance=None).to(self.device)
                    loss, hits = loss_of(model, Batch(rows, batch.targets.to(self.device)))
                    losses += float(loss) * len(rows)
                    right += hits.float().sum(0).cpu().numpy()
                    count += len(rows)
        return {"loss": losses / count, "place": float(right[0] / count), "edit": float(right[1] / count)}

    def run(self, folder: Path, *, evaluate_every: float, stop_after: float) -> None:
        """Train on the shards of a folder, again and again and as new ones come, until the minutes are over."""
        valid = [load_shard(path) for path in sorted((folder / "valid").glob("*.npz"))]
        generator = torch.Generator().manual_seed(self.recipe.seed + self.step)
        next_report, stop = self.seconds + evaluate_every, time.monotonic() + stop_after
        recent: list[float] = []
        lexemes, began = 0, time.monotonic()
        while self.seconds < 60 * self.recipe.minutes and time.monotonic() < stop:
            shard = load_shard(pick_shard(folder / "train", self.shards_seen, self.recipe.seed))
            for batch in batches(shard, self.recipe.batch_lexemes, random.Random(self.shards_seen)):
                lexemes += batch.rows.shape[0] * batch.rows.shape[1]
                batch.rows = without_features(batch.rows, layout=self.recipe.layout, chance=generator)
                recent.append(self.train_on(batch))
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


def pick_shard(folder: Path, turn: int, seed: int) -> Path:
    """The shard of a turn: every shard once, in an order of the epoch's own, and new ones as they come."""
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise FileNotFoundError(f"{folder}: no windows to train on; make them with `thea-lab train windows`")
    order = list(paths)
    random.Random(seed + turn // len(paths)).shuffle(order)
    return order[turn % len(paths)]


def plot(log: Sequence[dict[str, float]], path: Path) -> None:
    """The learning curves as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    minutes = [entry["minutes"] for entry in log]
    for name in ("train_loss", "loss"):
        left.plot(minutes, [entry[name] for entry in log], label=name)
    for name in ("place", "edit"):
        right.plot(minutes, [entry[name] for entry in log], label=name)
    for axes, title in ((left, "loss"), (right, "share right, first suggestion")):
        axes.set(xlabel="minutes of training", title=title)
        axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def config_of(options: argparse.Namespace) -> TaggerConfig:
    return TaggerConfig(
        classes=CLASSES,
        features=INPUT_SIZES,
        tags=len(TAGS),
        dim=options.dim,
        layers=options.layers,
        kernel=options.kernel,
        dilations=options.dilations,
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab train tagger``: train the tagger, or go on with training it."""
    from thea_hook.lab.architectures.device import choose_device
    from thea_hook.lab.paths import data_folder

    parser = argparse.ArgumentParser(prog="thea-lab train tagger", description=main.__doc__)
    parser.add_argument("--name", default="tagger", help="folder of the run below models/")
    parser.add_argument("--minutes", type=float, default=60.0, help="minutes of training in all (default: 60)")
    parser.add_argument("--stop-after", type=float, default=math.inf, help="minutes after which to stop for now")
    parser.add_argument("--dim", type=int, default=192)
    parser.add_argument("--layers", default="cccccc", help="mixers: c gated convolution, a attention, m Monarch")
    parser.add_argument("--kernel", type=int, default=9)
    parser.add_argument(
        "--dilations", type=_numbers, default=(1, 2, 1, 4, 8, 1), metavar="N,N,...", help="of the convolutions"
    )
    parser.add_argument("--start-from", type=Path, metavar="FILE", help="begin with the weights of this checkpoint")
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-layout", action="store_true", help="without the features of layout, for an ablation")
    parser.add_argument("--evaluate-every", type=float, default=3.0, metavar="MINUTES")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args(arguments)
    recipe = Recipe(
        minutes=options.minutes,
        learning_rate=options.learning_rate,
        seed=options.seed,
        layout=not options.no_layout,
    )
    root = data_folder()
    trainer = Trainer(config_of(options), recipe, root / "models" / options.name, choose_device(options.device))
    if trainer.resume():
        print(f"going on after {trainer.step} steps, {trainer.seconds / 60:.1f} minutes", flush=True)
    elif options.start_from:
        print(f"new: {', '.join(trainer.start_from(options.start_from)) or 'nothing'}", flush=True)
    trainer.run(root / "windows", evaluate_every=60 * options.evaluate_every, stop_after=60 * options.stop_after)
    plot(trainer.log, trainer.folder / "curves.png")
    return 0
