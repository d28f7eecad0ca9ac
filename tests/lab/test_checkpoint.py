from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from thea_hook.errors import ModelError  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, load_checkpoint, save_checkpoint  # noqa: E402


def untrained() -> Checkpoint:
    architecture = ARCHITECTURES["tagger"]
    return Checkpoint(architecture.build(architecture.small).eval(), "tagger", architecture.small, 7)


def state(**changes: Any) -> dict[str, Any]:
    made = untrained()
    fields = {"architecture": "tagger", **made.config.to_dict()}
    return {"config": fields, "model": made.network.state_dict(), "step": 7, **changes}


def test_a_checkpoint_comes_back_as_it_went(tmp_path: Path) -> None:
    made = untrained()
    save_checkpoint(made, tmp_path / "a.pt")
    back = load_checkpoint(tmp_path / "a.pt")
    assert (back.architecture, back.config, back.step) == ("tagger", made.config, 7)
    assert not back.network.training
    features = made.config.example(2, 9)
    for one, other in zip(made.network(features), back.network(features), strict=True):
        assert torch.equal(one, other)


def test_what_only_training_needs_is_passed_over(tmp_path: Path) -> None:
    torch.save(state(optimisers=[{}], log=[{"loss": 1.0}]), tmp_path / "a.pt")
    assert load_checkpoint(tmp_path / "a.pt").step == 7


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"a\.pt cannot be read \(No such file"):
        load_checkpoint(tmp_path / "a.pt")


@pytest.mark.parametrize("content", [b"", b"text", b"\x80\x04N."])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(ModelError, match="is no checkpoint"):
        load_checkpoint(tmp_path / "a.pt")


@pytest.mark.parametrize("content", [{}, {"config": {}}, {"config": {}, "model": {}}, [1]])
def test_a_file_of_torch_with_something_else_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(ModelError, match="is no checkpoint"):
        load_checkpoint(tmp_path / "a.pt")


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    torch.save(state(extra=print), tmp_path / "a.pt")
    with pytest.raises(ModelError, match="is no checkpoint"):
        load_checkpoint(tmp_path / "a.pt")


def test_an_unknown_architecture_is_named(tmp_path: Path) -> None:
    torch.save(state(config={"architecture": "retnet"}), tmp_path / "a.pt")
    with pytest.raises(ModelError, match="no architecture `retnet`"):
        load_checkpoint(tmp_path / "a.pt")


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    weights = {name: value[:1] for name, value in state()["model"].items()}
    torch.save(state(model=weights), tmp_path / "a.pt")
    with pytest.raises(ModelError, match="does not fit the architecture `tagger`"):
        load_checkpoint(tmp_path / "a.pt")
