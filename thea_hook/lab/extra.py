"""What only the extra ``[lab]`` brings, and how to say so."""

from __future__ import annotations

PACKAGES = frozenset(
    "torch numpy onnx onnxruntime onnxscript tokenizers matplotlib optimum transformers thea_exporters".split()
)
INSTALL = "pip install 'thea-hook[lab]'"


def missing_package(error: ModuleNotFoundError) -> str | None:
    """The package of the extra that is not installed, or None where the error has another reason."""
    package = (error.name or "").partition(".")[0]
    return package if package in PACKAGES else None
