"""Which parts of a network Apple's CoreML can run, as far as that can be told without a Mac.

ONNX Runtime hands CoreML the operators that it supports and keeps the others on the CPU, at a copy for each change.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import onnx

_ROW = re.compile(r"^\|(?:ai\.onnx|com\.microsoft)[:.](\w+)\|", re.MULTILINE)
# The list spells one operator otherwise than the standard does.
_SPELLING = {"Argmax": "ArgMax"}


@cache
def supported_operators() -> frozenset[str]:
    """The operators of CoreML's ML programs, from the list that comes with the installed ONNX Runtime."""
    import onnxruntime.tools.mobile_helpers as helpers

    text = Path(helpers.__file__).with_name("coreml_supported_mlprogram_ops.md").read_text("utf-8")
    return frozenset(_SPELLING.get(name, name) for name in _ROW.findall(text))


def unsupported_operators(path: Path) -> Counter[str]:
    """The operators of a network that stay on the CPU, and how many nodes each has."""
    graph = onnx.load(path).graph
    return Counter(node.op_type for node in graph.node if node.op_type not in supported_operators())
