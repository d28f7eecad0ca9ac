"""From an fp32 network to an int8 one: int8 weights, and activations that become uint8 as they come.

There are two ways to the same file: ONNX Runtime's own tool, and Optimum's ``ORTQuantizer`` around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from .quiet import quiet


class Pass(NamedTuple):
    """Kinds of operators to quantise, and whether their weights keep to 7 of the 8 bits."""

    operators: tuple[str, ...]
    reduce_range: bool


PASSES = (
    # x86 adds pairs of int8 products in 16 bits, which overflow on processors before VNNI, those of most CI services
    # among them. With 7 bits they cannot: the same numbers everywhere, at twice the speed of the kernels that ONNX
    # Runtime has against it, for an error that grows by a tenth.
    Pass(("MatMul", "Gather"), reduce_range=True),  # the Gather of a table that is a head as well: both use one copy
    Pass(("Gather",), reduce_range=False),  # embeddings, which are looked up, not multiplied
)
"""Nearly all of a network's weights. The last layer is a Gemm and stays fp32: it is a few per cent of the size."""


def quantise(source: Path, target: Path, through: str = "onnxruntime") -> None:
    """Write the int8 form of an fp32 network; ``through`` names the tool, one of ``ROUTES``."""
    with TemporaryDirectory() as folder, quiet():  # of advice to prepare what torch has optimised already
        for index, step in enumerate(PASSES):
            made = Path(folder, f"{index}.onnx")
            ROUTES[through](source, made, step, left_alone(source, step))
            source = made
        target.write_bytes(source.read_bytes())


SMALLEST = 32
"""Products with fewer terms stay fp32: they are no work, and such a bottleneck has nothing to spare."""


def left_alone(path: Path, step: Pass) -> list[str]:
    """The nodes of its kinds that a pass leaves as they are.

    Those that multiply two activations, as in attention: int8 would gain nothing there and lose most. Small products.
    And of what is looked up, in the pass over products what is no factor of one, later what is not fp32 any more.
    """
    import onnx

    graph = onnx.load(path).graph
    weights = {tensor.name: tensor for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT}
    nodes = [node for node in graph.node if node.op_type in step.operators]
    if "MatMul" in step.operators:
        factors = {name for node in nodes if node.op_type == "MatMul" for name in node.input if name in weights}
        weights = {name: weights[name] for name in factors if weights[name].dims[0] >= SMALLEST}
    return [node.name for node in nodes if not weights.keys() & set(node.input)]


def _through_onnxruntime(source: Path, target: Path, step: Pass, excluded: list[str]) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=list(step.operators),
        nodes_to_exclude=excluded,
        reduce_range=step.reduce_range,
        weight_type=QuantType.QInt8,  # signed activations instead are 20 times slower
    )


def _through_optimum(source: Path, target: Path, step: Pass, excluded: list[str]) -> None:
    from onnxruntime.quantization import QuantFormat, QuantizationMode, QuantType
    from optimum.onnxruntime import ORTQuantizer
    from optimum.onnxruntime.configuration import QuantizationConfig

    config = QuantizationConfig(
        is_static=False,
        format=QuantFormat.QOperator,
        mode=QuantizationMode.IntegerOps,
        activations_dtype=QuantType.QUInt8,
        weights_dtype=QuantType.QInt8,
        operators_to_quantize=list(step.operators),
        nodes_to_exclude=excluded,
        reduce_range=step.reduce_range,
    )
    quantizer = ORTQuantizer.from_pretrained(source.parent, file_name=source.name)
    with TemporaryDirectory() as folder:
        quantizer.quantize(config, save_dir=folder, file_suffix="int8")
        target.write_bytes(Path(folder, f"{source.stem}_int8.onnx").read_bytes())


ROUTES: Mapping[str, Callable[[Path, Path, Pass, list[str]], None]] = {
    "onnxruntime": _through_onnxruntime,
    "optimum": _through_optimum,
}
