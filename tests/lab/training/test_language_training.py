"""The trainer of the language model, on a text that says the same again and again."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from thea_hook.lab.architectures.mamba import Mamba, MambaConfig  # noqa: E402
from thea_hook.lab.checkpoint import load_checkpoint  # noqa: E402
from thea_hook.lab.training import language  # noqa: E402
from thea_hook.lab.training.language import Recipe, Trainer, loss_of, optimiser_of  # noqa: E402
from thea_hook.ml.language_tokens import VOCABULARY  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

CONFIG = MambaConfig(VOCABULARY, dim=32, layers=1, states=4)
RECIPE = Recipe(minutes=1.0, length=128, batch=2, learning_rate=1e-2)
CPU = torch.device("cpu")
TOKENS = np.tile(np.arange(10, 90, dtype=np.uint16) | np.uint16(1 << 15), 60)


@pytest.fixture
def trainer(tmp_path: Path) -> Trainer:
    return Trainer(CONFIG, RECIPE, tmp_path, CPU)


@pytest.mark.parametrize("rows", [5, 17])
def test_the_loss_is_the_cross_entropy_with_its_gradients(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(language, "HEAD_ROWS", 8)
    monkeypatch.setattr(language, "has_bfloat16", lambda device: False)
    torch.manual_seed(0)
    model = Mamba(replace(CONFIG, vocabulary=50))
    ids = torch.randint(0, 50, (2, rows + 1))
    losses = loss_of(model, ids), functional.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
    torch.testing.assert_close(*losses)
    ours, theirs = (torch.autograd.grad(loss, list(model.parameters())) for loss in losses)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_it_learns(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "rate", lambda self: 1.0)  # the schedule goes by a clock
    stream = language._batches(TOKENS, RECIPE, random.Random(1), 0.0)
    losses = [trainer.train_on(next(stream)) for _ in range(30)]
    assert losses[-1] < 0.7 * losses[0]
    assert trainer.step == 30
    assert trainer.seconds > 0


def test_a_checkpoint_is_gone_on_from_and_can_be_exported(trainer: Trainer, tmp_path: Path) -> None:
    trainer.run(TOKENS, TOKENS, evaluate_every=60.0, stop_after=0.05)
    again = Trainer(CONFIG, RECIPE, tmp_path, CPU)
    assert again.resume()
    assert (again.step, again.seconds, again.log) == (trainer.step, trainer.seconds, trainer.log)
    for name, value in trainer.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], value)
    checkpoint = load_checkpoint(tmp_path / "checkpoint.pt")
    assert (checkpoint.architecture, checkpoint.config, checkpoint.step) == ("mamba", CONFIG, trainer.step)
    assert json.loads((tmp_path / "log.json").read_text("utf-8"))[-1]["fill_loss"] > 0


def test_there_is_nothing_to_go_on_from_at_first(trainer: Trainer) -> None:
    assert not trainer.resume()


@pytest.mark.parametrize(("minutes", "factor"), [(0.01, 0.5), (0.02, 1.0), (0.51, 0.5), (1.0, 0.0), (9.0, 0.0)])
def test_the_learning_rate_rises_and_falls_with_the_time(trainer: Trainer, minutes: float, factor: float) -> None:
    trainer.seconds = 60 * minutes
    assert trainer.rate() == pytest.approx(factor, abs=1e-3)


def test_what_decides_about_forgetting_does_not_decay() -> None:
    model = Mamba(CONFIG)
    decayed, plain = ({id(value) for value in group["params"]} for group in optimiser_of(model, RECIPE).param_groups)
    named = dict(model.named_parameters())
    assert all((id(value) in plain) == name.endswith(("A_log", "D", "bias", "norm.weight", "norm_f.weight"))
               for name, value in named.items())  # fmt: skip
    assert len(decayed) + len(plain) == len(named)
