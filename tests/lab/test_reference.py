from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from thea_hook.errors import ModelError  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, save_checkpoint  # noqa: E402
from thea_hook.ml.manifest import Model, StoredFile, TensorType  # noqa: E402
from thea_hook.ml.session import Resources, Session  # noqa: E402

CPU = Resources("cpu", 1)


def described(folder: Path, columns: int = 7) -> Model:
    """What a manifest would say of a small tagger. The torch backend never reads the ONNX file."""
    return Model(
        name="tagger",
        network=StoredFile(folder / "tagger.onnx", "", 0),
        architecture="tagger",
        config={},
        precision="fp32",
        opset=20,
        inputs={"features": TensorType("int64", ("batch", "length", columns))},
        outputs={
            "position": TensorType("float32", ("batch", "length + 1")),
            "tag": TensorType("float32", ("batch", "length", 9)),
        },
    )


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    architecture = ARCHITECTURES["tagger"]
    made = Checkpoint(architecture.build(architecture.small).eval(), "tagger", architecture.small, 0)
    save_checkpoint(made, tmp_path / "tagger.pt")
    return made


def test_the_torch_backend_answers_as_the_network_does(checkpoint: Checkpoint, tmp_path: Path) -> None:
    features = checkpoint.config.example(2, 9)
    found = Session(described(tmp_path), "torch", CPU).run({"features": features.numpy()})
    with torch.no_grad():
        position, tag = checkpoint.network(features)
    np.testing.assert_array_equal(found["position"], position.numpy())
    np.testing.assert_array_equal(found["tag"], tag.numpy())


def test_without_the_reference_it_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tagger\.pt is missing: .* --reference") as raised:
        Session(described(tmp_path), "torch", CPU)
    assert raised.value.reason == "backend"


@pytest.mark.usefixtures("checkpoint")
def test_values_out_of_range_are_an_error_of_ours(tmp_path: Path) -> None:
    session = Session(described(tmp_path), "torch", CPU)
    with pytest.raises(ModelError) as raised:
        session.run({"features": np.full((1, 3, 7), 10_000, np.int64)})
    assert raised.value.reason == "output"


@pytest.mark.usefixtures("checkpoint")
def test_inputs_are_checked_as_for_any_backend(tmp_path: Path) -> None:
    session = Session(described(tmp_path), "torch", CPU)
    with pytest.raises(ModelError) as raised:
        session.run({"features": np.zeros((1, 3, 8), np.int64)})
    assert raised.value.reason == "input"


@pytest.mark.usefixtures("checkpoint")
def test_a_device_that_torch_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="device `coreml`"):
        Session(described(tmp_path), "torch", Resources("coreml"))
