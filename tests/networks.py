"""Small networks in the layout of a folder of weights."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from thea_hook.ml.manifest import Model, read_manifest

onnx = pytest.importorskip("onnx")
helper = onnx.helper


def write_model(folder: Path, graph: Any, **changes: Any) -> Model:
    """A folder with one model, ``tiny``; ``changes`` replace what its entry in the manifest would say."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    content = model.SerializeToString()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.onnx").write_bytes(content)
    entry = {
        "network": {"file": "tiny.onnx", "bytes": len(content), "sha256": sha256(content).hexdigest()},
        "architecture": "none",
        "config": {},
        "precision": "fp32",
        "opset": 20,
        "inputs": {"x": {"dtype": "int64", "shape": ["batch", "length"]}},
        "outputs": {"y": {"dtype": "float32", "shape": ["batch", "length"]}},
        **changes,
    }
    write_manifest(folder, {"format": 1, "models": {"tiny": entry}})
    return read_manifest(folder).model("tiny")


def write_manifest(folder: Path, content: Any) -> None:
    (folder / "manifest.json").write_text(json.dumps(content), "utf-8")


def logarithm() -> Any:
    """y = log(x): numbers for positive integers, none for others."""
    nodes = [helper.make_node("Cast", ["x"], ["f"], to=onnx.TensorProto.FLOAT), helper.make_node("Log", ["f"], ["y"])]
    return _graph(nodes)


def endless() -> Any:
    """Counts to the largest integer, which would take thousands of years."""
    tensor = helper.make_tensor_value_info
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["on"], ["still_on"]),
            helper.make_node("Add", ["sum", "sum"], ["twice"]),
        ],
        "body",
        [tensor("turn", onnx.TensorProto.INT64, []), tensor("on", onnx.TensorProto.BOOL, []),
         tensor("sum", onnx.TensorProto.FLOAT, None)],
        [tensor("still_on", onnx.TensorProto.BOOL, []), tensor("twice", onnx.TensorProto.FLOAT, None)],
    )  # fmt: skip
    nodes = [
        helper.make_node("Cast", ["x"], ["f"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Loop", ["turns", "", "f"], ["y"], body=body),
    ]
    turns = helper.make_tensor("turns", onnx.TensorProto.INT64, [], [2**63 - 1])
    return _graph(nodes, turns)


def int8_product() -> Any:
    """y = x times 64 weights of 127: with x = 255, two products of int8 do not fit into 16 bits together."""
    nodes = [
        helper.make_node("Cast", ["x"], ["u"], to=onnx.TensorProto.UINT8),
        helper.make_node("MatMulInteger", ["u", "weights"], ["i"]),
        helper.make_node("Cast", ["i"], ["y"], to=onnx.TensorProto.FLOAT),
    ]
    return _graph(nodes, helper.make_tensor("weights", onnx.TensorProto.INT8, [64, 8], [127] * 512))


def _graph(nodes: list[Any], *weights: Any) -> Any:
    return helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", onnx.TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["batch", None])],
        list(weights),
    )
