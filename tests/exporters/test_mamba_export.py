"""Mamba as a graph that goes on from a state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from thea_exporters import parity
from thea_exporters.build import Job, export
from thea_exporters.cli import main
from thea_exporters.interfaces import INTERFACES, Part, made_up_windows, parts_of, reading_decisions, stored_windows
from thea_exporters.quantise import PASSES, left_alone

torch = pytest.importorskip("torch")

from thea_hook.lab.architectures.mamba import Mamba, MambaConfig  # noqa: E402
from thea_hook.lab.architectures.mamba_reader import MambaReader, state_shape  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, save_checkpoint  # noqa: E402
from thea_hook.ml.manifest import Model, read_manifest  # noqa: E402
from thea_hook.ml.session import Resources, Session  # noqa: E402

CPU = Resources("cpu", 1)
CONFIG = MambaConfig(vocabulary=48, dim=32, layers=2, states=4)
READER = INTERFACES[MambaReader]


@pytest.fixture(scope="module")
def whole() -> Checkpoint:
    torch.manual_seed(0)
    return Checkpoint(Mamba(CONFIG).eval(), "mamba", CONFIG, 7)


@pytest.fixture(scope="module")
def part(whole: Checkpoint) -> Part:
    (found,) = parts_of("mamba", whole, [])
    return found


@pytest.fixture(scope="module")
def exact(part: Part, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return export(Job(part.checkpoint, "mamba", "fp32", with_reference=True), [], tmp_path_factory.mktemp("exact"))


@pytest.fixture(scope="module")
def small(whole: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Its int8 form, by the command."""
    out = tmp_path_factory.mktemp("small")
    save_checkpoint(whole, out / "checkpoint.pt")
    np.save(out / "valid.npy", np.random.default_rng(0).integers(0, 48, 2_000).astype(np.uint16))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(parity.MIN_AGREEMENT, "next", 0.5)  # type: ignore[arg-type]  # untrained, all is about as likely
        patch.setitem(parity.MIN_AGREEMENT, "ratios", 0.5)  # type: ignore[arg-type]
        command = ["--checkpoint", str(out / "checkpoint.pt"), "--out", str(out), "--name", "mamba"]
        assert main([*command, "--windows", str(out / "valid.npy")]) == 0
    return read_manifest(out).model("mamba")


def said(session: Session, ids: np.ndarray, state: np.ndarray) -> dict[str, np.ndarray]:
    return session.run({"ids": ids, "rows": np.arange(ids.size), "state": state})


def test_the_export_says_what_torch_says(exact: Model) -> None:
    windows = made_up_windows(READER, CONFIG)
    found = parity.compare(Session(exact, "torch", CPU), Session(exact, resources=CPU), READER, windows)
    assert found.max_difference <= 1e-4
    assert found.agreement == {"next": 1.0, "ratios": 1.0}


def test_the_export_says_what_the_whole_network_says(whole: Checkpoint, exact: Model) -> None:
    ids = CONFIG.example(3, 20)
    found = said(Session(exact, resources=CPU), ids.numpy(), np.zeros(state_shape(CONFIG, 3), np.float32))
    with torch.no_grad():
        expected = whole.network(ids).log_softmax(-1).flatten(0, 1).numpy()
    assert np.abs(found["logs"] - expected).max() <= 1e-4


def test_step_by_step_it_comes_to_the_same_state(exact: Model) -> None:
    session, ids = Session(exact, resources=CPU), CONFIG.example(1, 12).numpy()
    start = np.zeros(state_shape(CONFIG, 1), np.float32)
    at_once, state = said(session, ids, start), start
    for position in range(12):
        outputs = said(session, ids[:, position : position + 1], state)
        assert np.abs(outputs["logs"][0] - at_once["logs"][position]).max() <= 1e-4
        state = outputs["next_state"]
    assert np.abs(state - at_once["next_state"]).max() <= 1e-4


def test_the_manifest_names_what_varies_and_what_does_not(small: Model) -> None:
    assert small.inputs == {
        "ids": ("int64", ("batch", "length")),
        "rows": ("int64", ("rows",)),
        "state": ("float32", (2, "batch", 7, 64)),
    }
    assert small.outputs == {"logs": ("float32", ("rows", 48)), "next_state": ("float32", (2, "batch", 7, 64))}
    assert small.config["part"] == "reader"


def test_int8_has_one_table_for_what_is_read_and_what_is_said(small: Model) -> None:
    graph = onnx.load(small.network.path).graph
    tables = [tensor for tensor in graph.initializer if sorted(tensor.dims) == [32, 48]]
    assert len(tables) == 1
    assert onnx.numpy_helper.to_array(tables[0]).dtype.itemsize == 1
    assert {node.op_type for node in graph.node if tables[0].name in node.input} >= {"Gather"}


def test_the_step_size_stays_exact(exact: Model, small: Model) -> None:
    graph = onnx.load(exact.network.path).graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    left = set(left_alone(exact.network.path, PASSES[0]))
    products = [node for node in graph.node if node.op_type == "MatMul" and set(node.input) & set(shapes)]
    exact_ones = {shapes[node.input[1]] for node in products if node.name in left}
    assert exact_ones == {(2, 64)}
    assert small.network.size < exact.network.size / 2


def test_int8_does_not_depend_on_what_is_read_together(small: Model) -> None:
    session, ids = Session(small, resources=CPU), CONFIG.example(4, 24).numpy()
    together = said(session, ids, np.zeros(state_shape(CONFIG, 4), np.float32))["logs"].reshape(4, 24, -1)
    for row in range(4):
        alone = said(session, ids[row : row + 1], np.zeros(state_shape(CONFIG, 1), np.float32))["logs"]
        assert np.abs(alone - together[row]).max() < 0.1


def test_decisions_are_what_follows_and_what_is_likelier() -> None:
    ids = np.array([[1, 2, 3, 3, 0]])
    logs = np.full((5, 4), -5.0)
    logs[0, 2] = logs[1, 0] = -1.0
    found = reading_decisions(ids, {"logs": logs})
    assert found["next"].tolist()[:2] == [2, 0]
    # 2 against 3 behind the 1; of 3 and 3 none is likelier; 3 against 0
    assert found["ratios"].tolist() == [True, False]


def test_real_texts_are_read_from_the_start(tmp_path: Path) -> None:
    np.save(tmp_path / "valid.npy", np.arange(2_000, dtype=np.uint16) | np.uint16(1 << 15))
    windows = stored_windows(tmp_path / "valid.npy", 16, CONFIG)
    assert [window["ids"].shape for window in windows] == [(8, 64), (8, 64)]
    assert windows[1]["ids"][0, 0] == 512
    assert not windows[0]["state"].any()
