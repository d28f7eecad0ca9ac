"""The optimisations of ONNX Runtime, done once at export and not in every run.

A session is then ready in half the time: 13 instead of 27 ms of processor time for a tagger of 4 million parameters.
"""

from __future__ import annotations

from pathlib import Path

import onnx

from .onnx import strip


def optimise(source: Path, target: Path) -> None:
    """Write a network with ONNX Runtime's fused operators, for its CPU provider on any processor.

    The level above this one lays tensors out for the processor at hand.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    model = onnx.load(target)
    strip(model)
    # The file names every domain that this version of ONNX Runtime knows, some of which an older one does not.
    used = {node.domain for node in model.graph.node}
    domains = [domain for domain in model.opset_import if domain.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(domains)
    target.write_bytes(model.SerializeToString())
