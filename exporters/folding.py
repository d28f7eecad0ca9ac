"""Weights in the form in which they are multiplied, which the quantiser has to find in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def folded(source: Path, target: Path) -> None:
    """Write a graph in which no weights are transposed at run time.

    torch folds this itself, but not for weights that several products use, as in a layer that is run several times.
    """
    model = onnx.load(source)
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    transposed = [node for node in graph.node if node.op_type == "Transpose" and node.input[0] in weights]
    for node in transposed:
        axes = next(tuple(attribute.ints) for attribute in node.attribute if attribute.name == "perm")
        value = np.ascontiguousarray(numpy_helper.to_array(weights[node.input[0]]).transpose(axes))
        graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    target.write_bytes(model.SerializeToString())
