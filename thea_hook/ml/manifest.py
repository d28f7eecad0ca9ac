"""The weights of the models: which files a folder has, what is in them, and whether they are whole.

A folder of weights holds ``manifest.json`` and the files that it names. The exporters write it; here it is read and
checked, and whatever is wrong with it is a sentence that names the file and says what to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from thea_hook import ml
from thea_hook.errors import ModelError, did_you_mean

FORMAT = 1
FILE_NAME = ml.MANIFEST
SHIPPED = Path(ml.SHIPPED)

Shape = tuple[int | str, ...]
"""The length of each dimension, or a name such as ``batch`` where it varies."""


class TensorType(NamedTuple):
    """An input or output of a network; ``dtype`` is numpy's name for the type of its elements."""

    dtype: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a folder of weights, as the manifest knows it."""

    path: Path
    sha256: str
    size: int

    def read(self) -> bytes:
        """What is in the file; it is exactly what the manifest was written for."""
        try:
            content = self.path.read_bytes()
        except OSError as exc:
            raise _unusable(self.path, f"cannot be read ({exc.strerror or exc})") from exc
        if len(content) != self.size:
            raise _unusable(self.path, f"has {len(content)} bytes where the manifest says {self.size}")
        if sha256(content) != self.sha256:
            raise _unusable(self.path, "is not what the manifest was written for (its SHA-256 differs)")
        return content


@dataclass(frozen=True, slots=True)
class Model:
    """What the manifest says about one model.

    ``files`` are what it needs besides the network, by their purpose. A network is ``optimised`` where ONNX Runtime has
    nothing left to do before it runs.
    """

    name: str
    network: StoredFile
    architecture: str
    config: Mapping[str, Any]
    precision: str
    opset: int
    inputs: Mapping[str, TensorType]
    outputs: Mapping[str, TensorType]
    optimised: bool = False
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    parity: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""

    def file(self, purpose: str) -> StoredFile:
        """The file for a purpose, such as ``subtokens``."""
        if purpose not in self.files:
            path = self.network.path.parent / FILE_NAME
            raise _unusable(path, f"names no file for `{purpose}` of the model `{self.name}`")
        return self.files[purpose]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models of a folder of weights, by name, and the architectures that run where nobody asks for certain ones."""

    folder: Path
    models: Mapping[str, Model]
    default_path: tuple[str, ...] = ("tagger",)

    def asked_for(self, names: Iterable[str]) -> tuple[str, ...]:
        """The architectures that a setting such as ``all`` or ``tagger, trm`` stands for."""
        wanted = (self.default_path if name == "all" else (name,) for name in names)
        return tuple(dict.fromkeys(name for some in wanted for name in some))

    def model(self, name: str) -> Model:
        """The model of a name."""
        if name not in self.models:
            hint = did_you_mean(name, self.models)
            raise _unusable(self.folder / FILE_NAME, f"has no model `{name}`, only {_listed(self.models)}.{hint}")
        return self.models[name]


def read_manifest(folder: Path | str | None = None) -> Manifest:
    """The manifest of a folder of weights, of the shipped ones by default. The files themselves are not read yet."""
    folder = SHIPPED if folder is None else Path(folder)
    path = folder / FILE_NAME
    try:
        content = json.loads(path.read_bytes())
    except OSError as exc:
        raise _unusable(path, f"cannot be read ({exc.strerror or exc})") from exc
    except ValueError as exc:
        raise _unusable(path, f"is not JSON ({exc})") from exc
    version = content.get("format") if isinstance(content, dict) else None
    if version != FORMAT:
        raise ModelError(
            f"{path}: this version of thea-hook reads weights of format {FORMAT}, not {version!r}: "
            "use weights and thea-hook of the same release"
        )
    try:
        models = {name: _model(folder, name, entry) for name, entry in content["models"].items()}
        default_path = tuple(_typed(name, str) for name in _typed(content.get("default_path", ["tagger"]), list))
    except KeyError as exc:
        raise _unusable(path, f"lacks the key {exc}") from exc
    except (AttributeError, TypeError, ValueError) as exc:
        raise _unusable(path, f"has a value that makes no sense ({exc})") from exc
    return Manifest(folder, models, default_path)


def sha256(content: bytes) -> str:
    """The checksum that the manifest has of a file."""
    from hashlib import sha256 as digest

    return digest(content).hexdigest()


_Value = TypeVar("_Value")


def _model(folder: Path, name: str, entry: Mapping[str, Any]) -> Model:
    return Model(
        name=name,
        network=_file(folder, entry["network"]),
        architecture=_typed(entry["architecture"], str),
        config=_typed(entry["config"], dict),
        precision=_typed(entry["precision"], str),
        opset=_typed(entry["opset"], int),
        inputs={key: _tensor(value) for key, value in entry["inputs"].items()},
        outputs={key: _tensor(value) for key, value in entry["outputs"].items()},
        optimised=_typed(entry.get("optimised", False), bool),
        files={key: _file(folder, value) for key, value in entry.get("files", {}).items()},
        scores=_typed(entry.get("scores", {}), dict),
        training=_typed(entry.get("training", {}), dict),
        parity=_typed(entry.get("parity", {}), dict),
        versions=_typed(entry.get("versions", {}), dict),
        licence=_typed(entry.get("licence", ""), str),
    )


def _file(folder: Path, entry: Mapping[str, Any]) -> StoredFile:
    name = _typed(entry["file"], str)
    if not name or Path(name).name != name:
        raise ValueError(f"`{name}` is not the name of a file in this folder")
    return StoredFile(folder / name, _typed(entry["sha256"], str), _typed(entry["bytes"], int))


def _tensor(entry: Mapping[str, Any]) -> TensorType:
    shape = tuple(_typed(length, (int, str)) for length in entry["shape"])
    return TensorType(_typed(entry["dtype"], str), shape)


def _typed(value: _Value, kind: type | tuple[type, ...]) -> _Value:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is a {type(value).__name__}")
    return value


def _listed(names: Mapping[str, Model]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _unusable(path: Path, what: str) -> ModelError:
    """Says what to do with it: weights come with the package, or from the folder that the user named."""
    remedy = (
        "reinstall thea-hook"
        if path.parent == SHIPPED
        else "export the weights again with `thea-lab export`, or leave `model-path` out to use the shipped ones"
    )
    return ModelError(f"{path} {what}: {remedy}")
