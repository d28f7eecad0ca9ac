"""Trains the tagger on shards of windows, for a number of minutes, and can go on at any moment.

The loss is the negative log-likelihood that the next edit is any of those that are right: a softmax over the places of
a window and "nothing wrong", times a softmax over the tags at the place.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from thea_hook.lab.architectures.tagger import Tagger, TaggerConfig
from thea_hook.lab.training.trainer import Batch, Recipe, Trainer, batches, mixed_precision, without_features
from thea_hook.lab.training.windows import Shard
from thea_hook.ml.features import INPUT_SIZES
from thea_hook.ml.vocabulary import CLASSES, TAGS


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


class TaggerTrainer(Trainer[TaggerConfig, Tagger]):
    """A tagger in training."""

    architecture = "tagger"

    def network(self) -> Tagger:
        return Tagger(self.config)

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
        self.begin_anew()
        return sorted(set(self.average) - set(kept))

    def learn_from(self, batch: Batch) -> float:
        rows = batch.rows.to(self.device, non_blocking=True)
        with mixed_precision(self.device):
            loss, _ = loss_of(self.model, Batch(rows, batch.targets.to(self.device)))
        self.learn(loss)
        return float(loss.detach())

    def figures(self, model: Tagger, shards: Sequence[Shard]) -> dict[str, float]:
        """Loss, share of right places and share of right first edits."""
        losses, right, count = 0.0, np.zeros(2), 0
        for shard in shards:
            for batch in batches(shard, self.recipe.batch_lexemes, random.Random(0)):
                rows = without_features(batch.rows, layout=self.recipe.layout, chance=None).to(self.device)
                loss, hits = loss_of(model, Batch(rows, batch.targets.to(self.device)))
                losses += float(loss) * len(rows)
                right += hits.float().sum(0).cpu().numpy()
                count += len(rows)
        return {"loss": losses / count, "place": float(right[0] / count), "edit": float(right[1] / count)}


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
    trainer = TaggerTrainer(config_of(options), recipe, root / "models" / options.name, choose_device(options.device))
    if trainer.resume():
        print(f"going on after {trainer.step} steps, {trainer.seconds / 60:.1f} minutes", flush=True)
    elif options.start_from:
        print(f"new: {', '.join(trainer.start_from(options.start_from)) or 'nothing'}", flush=True)
    trainer.run(root / "windows", evaluate_every=60 * options.evaluate_every, stop_after=60 * options.stop_after)
    plot(trainer.log, trainer.folder / "curves.png")
    return 0
