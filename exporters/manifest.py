"""Writes the manifest of a folder of weights, which ``thea_hook.ml.manifest`` reads."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import onnx

from thea_hook import __version__
from thea_hook.errors import ModelError
from thea_hook.ml.manifest import FILE_NAME, FORMAT, sha256

LICENCE = "Apache-2.0"
PACKAGES = ("numpy", "onnx", "onnxruntime", "optimum-onnx", "torch")

Entry = dict[str, Any]


def describe(
    network: Path, *, architecture: str, config: Mapping[str, Any], precision: str, files: Mapping[str, Path]
) -> Entry:
    """The entry of a model: its files with their checksums, and what the graph says of its inputs and outputs."""
    model = onnx.load(network)
    return {
        "network": describe_file(network),
        "architecture": architecture,
        "config": dict(config),
        "precision": precision,
        "opset": next(opset.version for opset in model.opset_import if opset.domain in ("", "ai.onnx")),
        "inputs": {value.name: _tensor(value) for value in model.graph.input},
        "outputs": {value.name: _tensor(value) for value in model.graph.output},
        "files": {purpose: describe_file(path) for purpose, path in sorted(files.items())},
        "licence": LICENCE,
        "versions": _versions(),
    }


def describe_file(path: Path) -> Entry:
    """The name, size and checksum of a file."""
    content = path.read_bytes()
    return {"file": path.name, "bytes": len(content), "sha256": sha256(content)}


def write_entry(folder: Path, name: str, entry: Mapping[str, Any]) -> None:
    """Put a model into the manifest of a folder, in the place of what it had under that name."""
    path = folder / FILE_NAME
    content: Entry = json.loads(path.read_bytes()) if path.exists() else {"format": FORMAT, "models": {}}
    content["models"] = dict(sorted({**content["models"], name: entry}.items()))
    _write(path, content)


def amend(folder: Path, name: str, *, files: Mapping[str, Path], **facts: Mapping[str, Any]) -> None:
    """Add to the entry of a model what is known only after its export: files fitted to its answers, and its scores.

    The files are copied into the folder. All that was added goes when other weights come under the name.
    """
    path = folder / FILE_NAME
    content = json.loads(path.read_bytes())
    if name not in content["models"]:
        raise ModelError(f"{path} has no model `{name}`: export it first")
    entry = content["models"][name]
    added = {purpose: describe_file(copy_into(folder, source)) for purpose, source in files.items()}
    for section, more in {"files": added, **facts}.items():
        entry[section] = {**entry.get(section, {}), **more}
    _write(path, content)


def set_default_path(folder: Path, architectures: Sequence[str]) -> None:
    """Say which architectures run where nobody asks for certain ones; the tagger, as long as nothing is said."""
    path = folder / FILE_NAME
    _write(path, {**json.loads(path.read_bytes()), "default_path": list(architectures)})


def copy_into(folder: Path, source: Path) -> Path:
    """A copy of a file in the folder, under its own name."""
    target = folder / source.name
    if source.resolve() != target.resolve():
        shutil.copyfile(source, target)
    return target


def _write(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    partial.replace(path)


def _tensor(value: onnx.ValueInfoProto) -> Entry:
    kind = value.type.tensor_type
    dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type).name
    return {"dtype": dtype, "shape": [axis.dim_param or axis.dim_value for axis in kind.shape.dim]}


def _versions() -> dict[str, str]:
    found = {"thea-hook": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
