from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thea_hook.errors import ModelError
from thea_hook.ml.manifest import SHIPPED, read_manifest, sha256

CONTENT = b"weights"


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "network": {"file": "a.onnx", "bytes": len(CONTENT), "sha256": sha256(CONTENT)},
        "architecture": "tagger",
        "config": {"dim": 192},
        "precision": "int8",
        "opset": 20,
        "inputs": {"features": {"dtype": "int64", "shape": ["batch", "length", 15]}},
        "outputs": {"tag": {"dtype": "float32", "shape": ["batch", "length", 300]}},
        "files": {"subtokens": {"file": "subtokens.json", "bytes": 2, "sha256": sha256(b"[]")}},
        **changes,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.onnx").write_bytes(CONTENT)
    (tmp_path / "subtokens.json").write_bytes(b"[]")
    write(tmp_path, {"format": 1, "models": {"tagger": entry()}})
    return tmp_path


def write(folder: Path, content: Any) -> None:
    (folder / "manifest.json").write_text(json.dumps(content), "utf-8")


def message(act: Callable[[], object]) -> str:
    with pytest.raises(ModelError) as raised:
        act()
    assert raised.value.reason == "weights"
    return str(raised.value)


def test_a_model_is_what_the_manifest_says(folder: Path) -> None:
    model = read_manifest(folder).model("tagger")
    assert model.inputs["features"].shape == ("batch", "length", 15)
    assert model.outputs["tag"].dtype == "float32"
    assert model.config == {"dim": 192}
    assert model.network.read() == CONTENT
    assert model.file("subtokens").read() == b"[]"


def test_what_evaluation_adds_later_may_be_missing(folder: Path) -> None:
    model = read_manifest(folder).model("tagger")
    assert (model.scores, model.training, model.parity, model.licence) == ({}, {}, {}, "")


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    said = message(lambda: read_manifest(tmp_path / "nowhere"))
    assert said.startswith(str(tmp_path / "nowhere" / "manifest.json"))
    assert "No such file" in said
    assert "`model-path`" in said


def test_a_missing_network_is_found_when_it_is_read(folder: Path) -> None:
    model = read_manifest(folder).model("tagger")
    (folder / "a.onnx").unlink()
    assert str(folder / "a.onnx") in message(model.network.read)


@pytest.mark.parametrize(
    "content,said", [(CONTENT[:-1], "6 bytes where the manifest says 7"), (b"WEIGHTS", "SHA-256 differs")]
)
def test_a_damaged_network_is_not_used(folder: Path, content: bytes, said: str) -> None:
    (folder / "a.onnx").write_bytes(content)
    assert said in message(read_manifest(folder).model("tagger").network.read)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_format_is_refused(folder: Path, version: object) -> None:
    write(folder, {"format": version, "models": {}})
    assert "use weights and thea-hook of the same release" in message(lambda: read_manifest(folder))


def test_a_manifest_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_text("{", "utf-8")
    assert "is not JSON" in message(lambda: read_manifest(folder))


@pytest.mark.parametrize("content", [[], "text", 1, {"models": {}}])
def test_json_of_something_else_is_refused(folder: Path, content: object) -> None:
    write(folder, content)
    assert "format" in message(lambda: read_manifest(folder))


@pytest.mark.parametrize("key", ["network", "architecture", "config", "precision", "opset", "inputs", "outputs"])
def test_a_missing_key_is_named(folder: Path, key: str) -> None:
    broken = entry()
    del broken[key]
    write(folder, {"format": 1, "models": {"tagger": broken}})
    assert f"lacks the key '{key}'" in message(lambda: read_manifest(folder))


@pytest.mark.parametrize(
    "changes",
    [
        {"opset": "20"},
        {"config": []},
        {"inputs": []},
        {"scores": 1},
        {"inputs": {"x": {"dtype": "int64", "shape": [1.5]}}},
    ],
)
def test_a_value_of_another_type_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    write(folder, {"format": 1, "models": {"tagger": entry(**changes)}})
    assert "makes no sense" in message(lambda: read_manifest(folder))


@pytest.mark.parametrize("name", ["../a.onnx", "/etc/passwd", "sub/a.onnx", ""])
def test_a_manifest_names_only_files_of_its_folder(folder: Path, name: str) -> None:
    network = {"file": name, "bytes": 7, "sha256": sha256(CONTENT)}
    write(folder, {"format": 1, "models": {"tagger": entry(network=network)}})
    assert "is not the name of a file in this folder" in message(lambda: read_manifest(folder))


def test_a_name_nearly_right_gets_a_hint(folder: Path) -> None:
    assert "Did you mean `tagger`?" in message(lambda: read_manifest(folder).model("taggr"))


def test_a_file_that_the_model_does_not_have_is_named(folder: Path) -> None:
    assert "no file for `merges`" in message(lambda: read_manifest(folder).model("tagger").file("merges"))


def test_the_usual_architectures_are_those_of_the_manifest(folder: Path) -> None:
    assert read_manifest(folder).default_path == ("tagger",)
    write(folder, {"format": 1, "models": {"tagger": entry()}, "default_path": ["tagger", "trm", "mamba"]})
    manifest = read_manifest(folder)
    assert manifest.asked_for(["all"]) == ("tagger", "trm", "mamba")
    assert manifest.asked_for(["all", "rlm"]) == ("tagger", "trm", "mamba", "rlm")
    assert manifest.asked_for(["mamba", "tagger"]) == ("mamba", "tagger")


@pytest.mark.parametrize("value", ["tagger", [1], {"tagger": 1}, None])
def test_usual_architectures_that_are_no_names_are_refused(folder: Path, value: object) -> None:
    write(folder, {"format": 1, "models": {"tagger": entry()}, "default_path": value})
    with pytest.raises(ModelError, match="has a value that makes no sense"):
        read_manifest(folder)


def test_shipped_weights_say_to_reinstall(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("thea_hook.ml.manifest.SHIPPED", tmp_path)
    assert message(read_manifest).endswith("reinstall thea-hook")


def test_shipped_weights_are_whole_and_small() -> None:
    files = [file for model in read_manifest().models.values() for file in (model.network, *model.files.values())]
    assert sum(len(file.read()) for file in files) < 20e6
    assert {path.name for path in SHIPPED.iterdir()} == {"manifest.json", *(file.path.name for file in files)}
