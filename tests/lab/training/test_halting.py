"""The calibration of the refiner's judgement of its own answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from thea_hook.errors import UsageError  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.architectures.tiny_recursive import TinyRecursive  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, load_checkpoint, save_checkpoint  # noqa: E402
from thea_hook.lab.training.halting import ITERATIONS, Observed, calibrate, fitted, main, observed  # noqa: E402
from thea_hook.lab.training.windows import Shard  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

NAME = "tiny-recursive-packed"


def untrained() -> TinyRecursive:
    torch.manual_seed(0)
    network = ARCHITECTURES[NAME].build(ARCHITECTURES[NAME].small)
    assert isinstance(network, TinyRecursive)
    return network


def shard(count: int = 24, length: int = 12) -> Shard:
    """Windows that mean nothing, in half of which nothing is wrong."""
    torch.manual_seed(1)
    rows = ARCHITECTURES[NAME].small.example(count, length).numpy().astype(np.int16)
    targets = np.full((count, 4, 2), -1, np.int16)
    targets[::2, 0] = (3, 2)
    return Shard(rows, np.full(count, length, np.int16), targets)


def test_the_fit_finds_how_sure_one_may_be() -> None:
    torch.manual_seed(0)
    claimed = torch.randn(20_000) * 3
    known = Observed(claimed, torch.rand(20_000) < torch.sigmoid(0.5 * claimed - 1.0))
    scale, offset = fitted(known)
    assert scale == pytest.approx(0.5, abs=0.05)
    assert offset == pytest.approx(-1.0, abs=0.1)


def test_every_iteration_of_every_window_is_observed() -> None:
    known = observed(untrained().eval(), shard())
    assert known.logits.shape == known.is_right.shape == (24 * ITERATIONS,)


def test_the_fitted_numbers_are_in_the_weights() -> None:
    network, some = untrained().eval(), shard()
    with torch.no_grad():
        network.halt.bias.fill_(20.0)  # it thinks too much of itself
    before = observed(network, some).logits
    found = calibrate(network, [some])
    after = observed(network, some).logits
    torch.testing.assert_close(after, before * found.scale + found.offset, atol=1e-4, rtol=1e-4)
    assert found.answers == 12 * ITERATIONS
    assert found.loss_after < found.loss_before


def test_the_command_writes_what_is_to_be_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    folder, valid = tmp_path / "models" / "trm", tmp_path / "windows-refiner" / "valid"
    folder.mkdir(parents=True)
    valid.mkdir(parents=True)
    save_checkpoint(Checkpoint(untrained(), NAME, ARCHITECTURES[NAME].small, 3), folder / "checkpoint.pt")
    with pytest.raises(UsageError, match=r"held-out.*--for refiner --split valid"):
        main([])
    for number in range(2):
        np.savez(valid / f"{number}.npz", **shard()._asdict())
    assert main([]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads((folder / "refiner.json").read_text("utf-8"))
    written = load_checkpoint(folder / "refiner.pt").network.halt.bias
    assert isinstance(written, torch.Tensor)
    assert float(written.detach()) == pytest.approx(found["offset"], abs=1e-5)


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    small = ARCHITECTURES["tagger"].small
    save_checkpoint(Checkpoint(ARCHITECTURES["tagger"].build(small), "tagger", small, 3), tmp_path / "a.pt")
    with pytest.raises(UsageError, match="does not judge"):
        main(["--checkpoint", str(tmp_path / "a.pt")])
