"""The recursive network as two graphs, which a host runs in a loop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from thea_exporters import parity
from thea_exporters.build import Job, export
from thea_exporters.cli import main
from thea_exporters.interfaces import Part, parts_of, set_decisions

torch = pytest.importorskip("torch")

from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, save_checkpoint  # noqa: E402
from thea_hook.ml.manifest import Model, read_manifest  # noqa: E402
from thea_hook.ml.session import Resources, Session  # noqa: E402

CPU = Resources("cpu", 1)
NAMES = ("trm-encoder", "trm")


@pytest.fixture(scope="module")
def whole() -> Checkpoint:
    torch.manual_seed(0)
    architecture = ARCHITECTURES["tiny-recursive-packed"]
    return Checkpoint(architecture.build(architecture.small).eval(), "tiny-recursive-packed", architecture.small, 7)


@pytest.fixture(scope="module")
def features(whole: Checkpoint) -> np.ndarray:
    torch.manual_seed(1)
    rows = whole.config.example(3, 24)
    rows[1, 20:] = 0
    found: np.ndarray = rows.numpy()
    return found


@pytest.fixture(scope="module")
def folder(whole: Checkpoint, features: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both graphs in int8, compared with fp32 on windows, with the torch reference."""
    out: Path = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parity, "MIN_AGREEMENT", dict.fromkeys(parity.MIN_AGREEMENT, 0.5))  # it is not trained
        for name, checkpoint, windows in parts_of("trm", whole, [{"features": features}]):
            export(Job(checkpoint, name, with_reference=True), windows, out)
    return out


def thought_over(encoder: Session, iteration: Session, features: np.ndarray, times: int) -> dict[str, np.ndarray]:
    begun = encoder.run({"features": features})
    x, y, z = begun["x"], begun["x"], begun["z"]
    found = {}
    for _ in range(times):
        found = iteration.run({"x": x, "y": y, "z": z})
        y, z = found["next_y"], found["next_z"]
    return found


def sessions(folder: Path, backend: str) -> tuple[Session, Session]:
    manifest = read_manifest(folder)
    encoder, iteration = (Session(manifest.model(name), backend, CPU) for name in NAMES)
    return encoder, iteration


def test_a_checkpoint_becomes_two_models(folder: Path) -> None:
    models: list[Model] = [read_manifest(folder).model(name) for name in NAMES]
    assert [tuple(model.inputs) for model in models] == [("features",), ("x", "y", "z")]
    assert [tuple(model.outputs) for model in models] == [("x", "z"), ("next_y", "next_z", "edit", "tag", "halt")]
    assert models[1].inputs["x"].shape == ("batch", "length", 32)
    assert models[1].outputs["halt"].shape == ("batch",)
    assert all(model.parity["fp32"]["max_difference"] < 1e-4 for model in models)


def test_the_loop_over_the_parts_says_what_the_whole_says(
    folder: Path, whole: Checkpoint, features: np.ndarray
) -> None:
    found = thought_over(*sessions(folder, "torch"), features, 3)
    with torch.inference_mode():
        edit, tag = whole.network(torch.from_numpy(features), iterations=3)
    is_real = features[:, :, 0] != 0
    np.testing.assert_allclose(found["edit"][is_real], edit.numpy()[is_real], atol=1e-4)
    np.testing.assert_allclose(found["tag"][is_real], tag.numpy()[is_real], atol=1e-4)


def test_int8_stays_near_after_some_iterations(folder: Path, features: np.ndarray) -> None:
    exact = thought_over(*sessions(folder, "torch"), features, 4)
    small = thought_over(*sessions(folder, "onnxruntime"), features, 4)
    is_real = features[:, :, 0] != 0
    assert np.abs(exact["tag"] - small["tag"])[is_real].mean() < 0.2 * exact["tag"][is_real].std()


def test_weights_that_run_several_times_are_int8_too(folder: Path) -> None:
    graph = onnx.load(read_manifest(folder).model("trm").network.path).graph
    shapes = [tuple(tensor.dims) for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
    assert (32, 96) in shapes, "the first product of a block"
    fp32 = {tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT}
    assert not [node.name for node in graph.node if node.op_type == "MatMul" and fp32 & set(node.input)]


@pytest.mark.filterwarnings("ignore")
def test_one_iteration_of_the_grid_runs(tmp_path: Path) -> None:
    """With attention along lines and columns, and the norm of the specification."""
    architecture = ARCHITECTURES["tiny-recursive"]
    torch.manual_seed(0)
    checkpoint = Checkpoint(architecture.build(architecture.small).eval(), "tiny-recursive", architecture.small, 1)
    iteration: Part = parts_of("grid", checkpoint, [])[1]
    model = export(Job(iteration.checkpoint, "grid", "fp32"), [], tmp_path)
    assert iteration.name == "grid"
    assert model.parity["fp32"]["max_difference"] < 1e-4


def test_padding_is_no_decision() -> None:
    x = np.ones((1, 3, 2), np.float32)
    x[0, 2] = 0
    tag = np.zeros((1, 3, 4), np.float32)
    tag[0, :, 2] = 1.0
    decided = set_decisions(x, {"edit": np.array([[-1.0, 2.0, 5.0]]), "tag": tag})
    assert decided["lexemes"].tolist() == [0, 3]
    assert decided["sets"].tolist() == [6]


def test_the_command_exports_both(
    whole: Checkpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    exported: list[Job] = []
    monkeypatch.setattr("thea_exporters.cli.export", lambda job, windows, out: exported.append(job))
    monkeypatch.setattr("thea_exporters.cli.summary", lambda model: "done")
    save_checkpoint(replace(whole, step=9), tmp_path / "trm.pt")
    assert main(["--checkpoint", str(tmp_path / "trm.pt"), "--name", "trm", "--out", str(tmp_path)]) == 0
    assert [(job.name, job.checkpoint.step) for job in exported] == [("trm-encoder", 9), ("trm", 9)]
    assert capsys.readouterr().out == "done\ndone\n"
