"""Calibrates when the refiner stops: its own judgement of an answer, fitted to how often such answers are right.

On held-out windows the judgement after each iteration is compared with the truth; a scale and an offset make a
probability of it. Both go into the weights of its head, so that whoever runs the network has nothing to know of it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from thea_hook.errors import UsageError
from thea_hook.lab.architectures.tiny_recursive import TinyRecursive
from thea_hook.lab.checkpoint import load_checkpoint, save_checkpoint
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.refiner import judged
from thea_hook.lab.training.trainer import each_once
from thea_hook.lab.training.windows import PURPOSES, Shard, load_shard

ITERATIONS = 8
HALT_AT = 0.95


class Observed(NamedTuple):
    """Judgements as logits, and whether the answers were right [n], every iteration of every window."""

    logits: Tensor
    is_right: Tensor


class Halting(NamedTuple):
    """How good the judgement is before and after calibration, on windows that it was not fitted to."""

    scale: float
    offset: float
    answers: int
    loss_before: float
    loss_after: float
    sure: float
    """Share of answers that it calls right with a probability above ``HALT_AT``."""
    right_of_sure: float


def observed(network: TinyRecursive, shard: Shard) -> Observed:
    """The judgements on a shard, in full precision: half of it would round what is fitted, and what ships does not."""
    logits, is_right = [], []
    with torch.inference_mode():
        for batch in each_once(shard):
            x, real = network.encode(batch.rows)
            state = network.start(x, real)
            for _ in range(ITERATIONS):
                state = network.iterate(x, state, real)
                answer = network.answer(state.y, real)
                logits.append(answer.halt.float())
                is_right.append(judged(answer, batch.targets, real).is_right)
    return Observed(torch.cat(logits), torch.cat(is_right))


def fitted(known: Observed) -> tuple[float, float]:
    """The scale and the offset under which the judgements are likeliest; the scale is positive."""
    log_scale, offset = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
    optimiser = torch.optim.LBFGS([log_scale, offset], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = _loss(known, log_scale.exp(), offset)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return float(log_scale.detach().exp()), float(offset.detach())


def _loss(known: Observed, scale: Tensor | float, offset: Tensor | float) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(known.logits * scale + offset, known.is_right.float())


def calibrate(network: TinyRecursive, shards: Sequence[Shard]) -> Halting:
    """Fit the head of a network to every other window of the shards, and measure it on the rest."""
    known = [observed(network, Shard(*(values[0::2] for values in shard))) for shard in shards]
    others = [observed(network, Shard(*(values[1::2] for values in shard))) for shard in shards]
    fitting, measuring = _joined(known), _joined(others)
    scale, offset = fitted(fitting)
    with torch.no_grad():
        network.halt.weight.mul_(scale)
        network.halt.bias.mul_(scale).add_(offset)
    sure = torch.sigmoid(measuring.logits * scale + offset) > HALT_AT
    return Halting(
        scale,
        offset,
        len(measuring.logits),
        float(_loss(measuring, 1.0, 0.0)),
        float(_loss(measuring, scale, offset)),
        float(sure.float().mean()),
        float(measuring.is_right[sure].float().mean()) if sure.any() else 0.0,
    )


def _joined(parts: Sequence[Observed]) -> Observed:
    return Observed(torch.cat([part.logits for part in parts]), torch.cat([part.is_right for part in parts]))


def main(arguments: Sequence[str] | None = None) -> int:
    """``thea-lab train halting``: calibrate a refiner, and write the checkpoint that is to be exported."""
    parser = argparse.ArgumentParser(prog="thea-lab train halting", description=main.__doc__)
    parser.add_argument("--checkpoint", type=Path, help="(default: models/trm/checkpoint.pt)")
    parser.add_argument("--out", type=Path, help="(default: refiner.pt beside the checkpoint)")
    parser.add_argument("--windows", type=int, default=400, help="of each held-out shard but the first")
    options = parser.parse_args(arguments)
    root = data_folder()
    path = options.checkpoint or root / "models" / "trm" / "checkpoint.pt"
    checkpoint = load_checkpoint(path)
    network = checkpoint.network
    if not isinstance(network, TinyRecursive):
        raise UsageError(f"{path} is a checkpoint of `{checkpoint.architecture}`, which does not judge its answers")
    paths = sorted((root / PURPOSES["refiner"].folder / "valid").glob("*.npz"))[1:]  # the first one is for reports
    shards = [Shard(*(values[: options.windows] for values in load_shard(each))) for each in paths]
    if not shards:
        raise UsageError("no held-out windows: make shards with `thea-lab train windows --for refiner --split valid`")
    found = calibrate(network, shards)
    out = options.out or path.with_name("refiner.pt")
    save_checkpoint(replace(checkpoint, network=network), out)
    out.with_suffix(".json").write_text(json.dumps(found._asdict(), indent=1) + "\n", "utf-8")
    print(json.dumps(found._asdict()))
    return 0
