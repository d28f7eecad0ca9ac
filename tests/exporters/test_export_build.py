from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from thea_exporters import manifest, parity, quantise
from thea_exporters.build import Job, export
from thea_exporters.interfaces import INTERFACES, Arrays, made_up_windows

from thea_hook.errors import ModelError
from thea_hook.lab.architectures.tagger import Tagger
from thea_hook.lab.checkpoint import Checkpoint
from thea_hook.ml.manifest import Model, read_manifest
from thea_hook.ml.session import Resources, Session

CPU = Resources("cpu", 1)
TAGGER = INTERFACES[Tagger]


def windows(checkpoint: Checkpoint) -> list[Arrays]:
    return made_up_windows(TAGGER, checkpoint.config)


def test_the_export_says_what_torch_says(checkpoint: Checkpoint, exact: Model) -> None:
    found = parity.compare(Session(exact, "torch", CPU), Session(exact, resources=CPU), TAGGER, windows(checkpoint))
    assert found.max_difference <= 1e-4
    assert found.agreement == {"lexemes": 1.0, "edits": 1.0}


def test_the_manifest_names_what_varies_and_what_does_not(exact: Model) -> None:
    assert exact.inputs["features"] == ("int64", ("batch", "length", 7))
    assert exact.outputs == {
        "position": ("float32", ("batch", "length + 1")),
        "tag": ("float32", ("batch", "length", 9)),
    }
    assert exact.opset == onnx.load(exact.network.path).opset_import[0].version


def test_nothing_of_the_exporting_machine_is_in_the_file(exact: Model, small: Model) -> None:
    for model in (exact, small):
        content = model.network.read()
        assert b"site-packages" not in content
        assert b"thea_hook" not in content
        assert str(Path(__file__).parents[2]).encode() not in content


def test_int8_leaves_no_fp32_product_with_weights(small: Model) -> None:
    graph = onnx.load(small.network.path).graph
    fp32 = {tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT}
    products = [node for node in graph.node if node.op_type in ("MatMul", "FusedMatMul", "Gather")]
    assert not [node.name for node in products if fp32 & set(node.input)]
    assert len([node for node in products if "MatMul" in node.op_type]) == 2  # query with key, and with value
    assert [weights.shape for weights in int8_weights(small)].count((32, 96)) == 3  # a mixer's first, one a layer


def test_int8_weights_of_products_cannot_overflow_16_bits(small: Model) -> None:
    assert max(int(np.abs(weights.astype(int)).max()) for weights in int8_weights(small)) <= 64


def int8_weights(model: Model) -> list[np.ndarray]:
    """The second factors of the integer products, whatever ONNX Runtime has made of these."""
    graph = onnx.load(model.network.path).graph
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    integer = ("MatMulInteger", "DynamicQuantizeMatMul", "MatMulIntegerToFloat")
    weights = [tensors[node.input[1]] for node in graph.node if node.op_type in integer]
    assert {array.dtype.name for array in weights} == {"int8"}
    return weights


def test_int8_is_optimised_for_any_version_of_the_runtime(exact: Model, small: Model) -> None:
    assert small.optimised
    assert not exact.optimised
    assert {opset.domain for opset in onnx.load(small.network.path).opset_import} == {"", "com.microsoft"}


def test_int8_is_near_fp32(checkpoint: Checkpoint, exact: Model, small: Model) -> None:
    for batch in windows(checkpoint):
        expected, found = (
            Session(exact, resources=CPU).run(batch)["tag"],
            Session(small, resources=CPU).run(batch)["tag"],
        )
        assert np.abs(expected - found).mean() < 0.05 * expected.std()


def test_the_files_and_the_training_are_in_the_manifest(small: Model, checkpoint: Checkpoint) -> None:
    assert small.file("subtokens").read() == b"[]"
    assert small.training == {"lexemes": 5, "steps": 7, "parameters": checkpoint.parameters}
    assert small.licence == "Apache-2.0"
    assert small.versions["torch"]
    assert small.parity["fp32"]["windows"] == 5


def test_only_the_fp32_export_has_the_reference_it_was_asked_for(exact: Model, small: Model) -> None:
    assert {path.name for path in exact.network.path.parent.iterdir()} == {"manifest.json", "tagger.onnx", "tagger.pt"}
    assert {path.name for path in small.network.path.parent.iterdir()} == {
        "manifest.json",
        "subtokens.json",
        "tagger.onnx",
    }


@pytest.mark.usefixtures("quick_export")
def test_int8_that_decides_otherwise_is_not_written(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parity, "MIN_AGREEMENT", {"lexemes": 0.0, "edits": 1.01})
    with pytest.raises(ModelError, match="export it with --fp32"):
        export(Job(checkpoint, "tagger"), windows(checkpoint), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("quick_export")
def test_an_export_that_differs_from_torch_is_not_written(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parity, "MAX_DIFFERENCE", -1.0)
    with pytest.raises(ModelError, match="differs from torch"):
        export(Job(checkpoint, "tagger", "fp32"), [], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_added_stays_until_other_weights_come(small: Model, tmp_path: Path) -> None:
    entry = json.loads((small.network.path.parent / "manifest.json").read_bytes())["models"]["tagger"]
    (tmp_path / "calibration.json").write_text("{}", "utf-8")
    out = tmp_path / "weights"
    out.mkdir()
    manifest.write_entry(out, "tagger", entry)
    manifest.amend(out, "tagger", files={"calibration": tmp_path / "calibration.json"}, scores={"exact": 0.9})
    manifest.write_entry(out, "scorer", entry)
    tagger = read_manifest(out).model("tagger")
    assert tagger.scores == {"exact": 0.9}
    assert set(tagger.files) == {"subtokens", "calibration"}
    assert tagger.file("calibration").read() == b"{}"
    manifest.write_entry(out, "tagger", entry)
    assert read_manifest(out).model("tagger").scores == {}
    assert set(read_manifest(out).models) == {"scorer", "tagger"}


def test_nothing_is_added_to_a_model_that_is_not_there(tmp_path: Path) -> None:
    manifest.write_entry(tmp_path, "tagger", {})
    with pytest.raises(ModelError, match="no model `scorer`"):
        manifest.amend(tmp_path, "scorer", files={})


@pytest.mark.filterwarnings("ignore")
def test_optimum_makes_the_same_file(exact: Model, tmp_path: Path) -> None:
    pytest.importorskip("optimum.onnxruntime")
    for route in quantise.ROUTES:
        quantise.quantise(exact.network.path, tmp_path / f"{route}.onnx", route)
    assert (tmp_path / "optimum.onnx").read_bytes() == (tmp_path / "onnxruntime.onnx").read_bytes()


def test_cuda_says_what_the_processor_says(checkpoint: Checkpoint, exact: Model) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("no CUDA here")
    cuda = Session(exact, resources=replace(CPU, device="cuda"))
    found = parity.compare(Session(exact, resources=CPU), cuda, TAGGER, windows(checkpoint))
    assert found.max_difference <= 1e-3
    assert min(found.agreement.values()) >= 0.995
