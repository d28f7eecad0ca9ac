"""Trains the refiner: a recursive network that says the whole set of edits of a window, and when it has got it right.

The loss of an answer is the negative log-likelihood of the set: for each lexeme that it is edited or left, and at the
places of edits the tag. A few steps of training follow one another on a batch, each from the state that the one before
left (deep supervision).
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from thea_hook.errors import UsageError
from thea_hook.lab.architectures.tagger import Tagger
from thea_hook.lab.architectures.tiny_recursive import Answer, RecursiveConfig, TinyRecursive
from thea_hook.lab.checkpoint import load_checkpoint
from thea_hook.lab.training.trainer import Batch, Recipe, Trainer, batches, mixed_precision, without_features
from thea_hook.lab.training.windows import PURPOSES, Shard

HALT_SHARE = 0.5
"""How much the judgement of an answer counts beside the answer."""
ENCODER_SHARE = 0.3
"""Of the learning rate, for what was trained before."""
EVALUATED = 400
"""Windows of the report while it trains."""
ITERATIONS = (0, 1, 2, 4, 8)


class Judged(NamedTuple):
    """Of each window [b]: the negative log-likelihood of the right set, and whether the answer is that set."""

    loss: Tensor
    is_right: Tensor


def judged(answer: Answer, targets: Tensor, real: Tensor) -> Judged:
    """The answer beside the targets [b, k, 2], lexeme and tag, -1 for none; tags of one lexeme are alternatives."""
    is_target = targets[..., 0] >= 0
    place, wanted = targets[..., 0].clamp(min=0), targets[..., 1]
    is_edited = torch.zeros_like(answer.edit).scatter_add_(1, place, is_target.to(answer.edit.dtype)) > 0
    of_places = functional.binary_cross_entropy_with_logits(
        answer.edit, is_edited.to(answer.edit.dtype), reduction="none"
    )
    window = torch.arange(len(place), device=place.device)[:, None].expand_as(place)
    at_targets = answer.tag[window[is_target], place[is_target]].float()  # [n, t]
    chosen = torch.full(place.shape, -2, device=place.device)
    chosen[is_target] = at_targets.argmax(-1)
    said = torch.full(place.shape, -torch.inf, device=place.device)
    said[is_target] = at_targets.log_softmax(-1).gather(1, wanted[is_target][:, None])[:, 0]
    is_same = (place[:, :, None] == place[:, None, :]) & is_target[:, None, :]  # alternatives of each target
    of_tags = said[:, None, :].expand(is_same.shape).masked_fill(~is_same, -1e4).logsumexp(-1)
    share = is_target / is_same.sum(-1).clamp(min=1)  # a place counts once, whatever its alternatives
    loss = (of_places * real).sum(1) - (of_tags * share).masked_fill(~is_target, 0.0).sum(1)
    is_found = ((chosen == wanted)[:, None, :] & is_same).any(-1) | ~is_target
    is_right = (((answer.edit > 0) == is_edited) | (real == 0)).all(1) & is_found.all(1)
    return Judged(loss, is_right)


class RefinerTrainer(Trainer[RecursiveConfig, TinyRecursive]):
    """A refiner in training."""

    architecture = "tiny-recursive-packed"

    def network(self) -> TinyRecursive:
        return TinyRecursive(self.config)

    def new_optimiser(self) -> torch.optim.Optimizer:
        """AdamW, slower for the encoder; biases do not decay."""
        groups: list[dict[str, object]] = []
        for part, share in ((self.model.encoder, ENCODER_SHARE), (None, 1.0)):
            own = [
                parameter
                for name, parameter in self.model.named_parameters()
                if name.startswith("encoder.") == (part is not None)
            ]
            for decay, chosen in (
                (self.recipe.weight_decay, [parameter for parameter in own if parameter.ndim > 1]),
                (0.0, [parameter for parameter in own if parameter.ndim <= 1]),
            ):
                if chosen:
                    groups.append({"params": chosen, "weight_decay": decay, "share": share})
        return torch.optim.AdamW(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.95), fused=True)

    def start_from(self, tagger: Tagger) -> None:
        """Begin with what a tagger knows."""
        self.model.begin_with(tagger)
        self.begin_anew()

    def learn_from(self, batch: Batch) -> float:
        """One step of the optimiser, by all steps of supervision: one after each would learn the batch by heart."""
        rows, targets = batch.rows.to(self.device), batch.targets.to(self.device)
        chance, turns = random.Random(self.step), self.config.supervised
        with mixed_precision(self.device):
            x, real = self.model.encode(rows)
            known = x.detach().requires_grad_()  # all steps have gradients for the encoder, which goes back once
            state = self.model.start(known, real)
            first = judged(self.model.answer(known, real), targets, real).loss.mean()
        first.backward()  # type: ignore[no-untyped-call]
        total = 0.0
        for _ in range(turns):
            with mixed_precision(self.device):
                state = self.model.cycle(known, state, real, chance.randint(1, self.config.cycles))
                answer = self.model.answer(state.y, real)
                loss, is_right = judged(answer, targets, real)
                halt = functional.binary_cross_entropy_with_logits(answer.halt.float(), is_right.float())
                whole = loss.mean() + HALT_SHARE * halt
            whole.backward()  # type: ignore[no-untyped-call]
            state = state.detached()
            total += float(loss.detach().mean())
        x.backward(known.grad)  # type: ignore[no-untyped-call]
        self.improve()
        return total / turns

    def figures(self, model: TinyRecursive, shards: Sequence[Shard]) -> dict[str, float]:
        """Loss and share of windows whose whole set is right, after some iterations, and how well it judges itself."""
        sums = torch.zeros(len(ITERATIONS), 3)
        count = 0
        shard = Shard(*(values[:EVALUATED] for values in shards[0]))
        for batch in batches(shard, self.recipe.batch_lexemes, random.Random(0)):
            rows = without_features(batch.rows, layout=self.recipe.layout, chance=None).to(self.device)
            sums += len(rows) * measured(model, rows, batch.targets.to(self.device), ITERATIONS)
            count += len(rows)
        found = {}
        for number, (loss, right, halt) in zip(ITERATIONS, (sums / count).tolist(), strict=True):
            found.update({f"loss_{number}": loss, f"right_{number}": right, f"halt_{number}": halt})
        return found


def measured(model: TinyRecursive, rows: Tensor, targets: Tensor, iterations: Sequence[int]) -> Tensor:
    """Mean loss, share right and loss of the judgement [n, 3], after each of these numbers of iterations."""
    x, real = model.encode(rows)
    state, found = model.start(x, real), []
    for number in range(max(iterations) + 1):
        if number:
            state = model.iterate(x, state, real)
        if number in iterations:
            answer = model.answer(state.y, real)
            loss, is_right = judged(answer, targets, real)
            halt = functional.binary_cross_entropy_with_logits(answer.halt.float(), is_right.float())
            found.append(torch.stack((loss.mean(), is_right.float().mean(), halt)))
    return torch.stack(found).cpu()


def config_of(tagger: Tagger, options: argparse.Namespace) -> RecursiveConfig:
    """A refiner with an encoder of the shape of this tagger."""
    return RecursiveConfig.from_dict(
        {
            **tagger.config.to_dict(),
            "core": options.core,
            "inner": options.inner,
            "cycles": options.cycles,
            "supervised": options.supervised,
        }
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab train refiner``: train the refiner, or go on with training it."""
    from thea_hook.lab.architectures.device import choose_device
    from thea_hook.lab.paths import data_folder

    parser = argparse.ArgumentParser(prog="thea-lab train refiner", description=main.__doc__)
    parser.add_argument("--name", default="trm", help="folder of the run below models/")
    parser.add_argument("--tagger", type=Path, metavar="FILE", help="checkpoint to begin with (default: models/tagger)")
    parser.add_argument("--minutes", type=float, default=60.0, help="minutes of training in all (default: 60)")
    parser.add_argument("--stop-after", type=float, default=math.inf, help="minutes after which to stop for now")
    parser.add_argument("--core", default="ca", help="mixers of the core: c gated convolution, a attention")
    parser.add_argument("--inner", type=int, default=2, help="updates of the scratch state an iteration")
    parser.add_argument("--cycles", type=int, default=3, help="most iterations a step; only the last one has gradients")
    parser.add_argument("--supervised", type=int, default=3, help="steps in a row on a batch")
    parser.add_argument("--batch-lexemes", type=int, default=4_096)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--evaluate-every", type=float, default=5.0, metavar="MINUTES")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args(arguments)
    root = data_folder()
    tagger = load_checkpoint(options.tagger or root / "models" / "tagger" / "checkpoint.pt").network
    if not isinstance(tagger, Tagger):
        raise UsageError("the refiner begins with a tagger, and this is a checkpoint of something else")
    recipe = Recipe(
        minutes=options.minutes,
        batch_lexemes=options.batch_lexemes,
        learning_rate=options.learning_rate,
        seed=options.seed,
    )
    folder = root / "models" / options.name
    trainer = RefinerTrainer(config_of(tagger, options), recipe, folder, choose_device(options.device))
    if trainer.resume():
        print(f"going on after {trainer.step} steps, {trainer.seconds / 60:.1f} minutes", flush=True)
    else:
        trainer.start_from(tagger)
    trainer.run(
        root / PURPOSES["refiner"].folder,
        evaluate_every=60 * options.evaluate_every,
        stop_after=60 * options.stop_after,
    )
    return 0
