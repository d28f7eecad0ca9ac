"""From a torch network to an ONNX file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from .quiet import quiet

OPSET = 20
"""What torch's exporter writes without a conversion, and ONNX Runtime has kernels for since 1.17."""

Dimensions = Mapping[int, str]
"""The names of the dimensions of an input that vary, by their index; all others are fixed."""

VARYING: Dimensions = {0: "batch", 1: "length"}


def export(
    network: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    path: Path,
    varying: Mapping[str, Dimensions] | None = None,
) -> None:
    """Write a network to a file. ``varying`` is for inputs whose dimensions that vary are not those of ``VARYING``.

    ``inputs`` are examples: of the values only the types and the fixed dimensions matter.
    """
    names = [(varying or {}).get(name, VARYING) for name in inputs]
    known = {name: torch.export.Dim(name) for dimensions in names for name in dimensions.values()}
    was_training = network.training
    with quiet():
        program = torch.onnx.export(
            network.eval(),
            tuple(inputs.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=tuple({index: known[name] for index, name in dimensions.items()} for dimensions in names),
            verbose=False,
        )
    network.train(was_training)
    assert program is not None  # None is the answer of the older exporter
    model = program.model_proto
    strip(model)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def strip(model: onnx.ModelProto) -> None:
    """Drop what only a reader of the graph wants: where in the source a node comes from, and inferred shapes.

    The paths in a stack trace are those of whoever exports. The shapes are those before quantisation, which refuses a
    graph whose nodes have others by then.
    """
    del model.graph.value_info[:]
    del model.metadata_props[:]
    for part in (model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    model.doc_string = ""
