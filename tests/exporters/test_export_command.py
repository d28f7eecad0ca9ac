from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from thea_exporters.cli import main

from thea_hook.errors import ModelError, UsageError
from thea_hook.lab.checkpoint import Checkpoint, save_checkpoint
from thea_hook.ml.manifest import Model, read_manifest


@pytest.fixture
def stored(checkpoint: Checkpoint, tmp_path: Path) -> Path:
    save_checkpoint(checkpoint, tmp_path / "checkpoint.pt")
    return tmp_path / "checkpoint.pt"


@pytest.mark.usefixtures("quick_export")
def test_a_checkpoint_becomes_a_folder_of_weights(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.json").write_text("[]", "utf-8")
    (tmp_path / "training.json").write_text('{"lexemes": 9}', "utf-8")
    out = tmp_path / "weights"
    arguments = ["--checkpoint", stored, "--out", out, "--file", f"subtokens={tmp_path / 'words.json'}", "--fp32"]
    assert main([str(argument) for argument in (*arguments, "--training", tmp_path / "training.json")]) == 0
    model = read_manifest(out).model("tagger")
    assert model.file("subtokens").path == out / "words.json"
    assert model.training["lexemes"] == 9
    said = capsys.readouterr()
    assert str(out / "tagger.onnx") in said.out
    assert model.network.sha256 in said.out
    assert "operators that CoreML leaves to the CPU: Equal, Gather, Not, Range" in said.out
    assert said.err == ""


def test_scores_are_added_without_a_checkpoint(
    small: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "weights"
    shutil.copytree(small.network.path.parent, out)
    (tmp_path / "scores.json").write_text('{"exact": 0.5}', "utf-8")
    assert main(["--out", str(out), "--scores", str(tmp_path / "scores.json")]) == 0
    after = read_manifest(out).model("tagger")
    assert after.scores == {"exact": 0.5}
    assert after.training == small.training
    assert after.network.sha256 == small.network.sha256
    assert "int8 is not compared with fp32" in capsys.readouterr().out


def test_nothing_to_do_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to do"):
        main(["--out", str(tmp_path)])


def test_scores_are_a_json_object(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text("[]", "utf-8")
    with pytest.raises(UsageError, match="JSON object"):
        main(["--out", str(tmp_path), "--scores", str(tmp_path / "scores.json")])


@pytest.mark.parametrize("argument", ["subtokens", "=words.json", "subtokens="])
def test_a_file_without_a_purpose_is_refused(stored: Path, tmp_path: Path, argument: str) -> None:
    with pytest.raises(UsageError, match="PURPOSE=PATH"):
        main(["--checkpoint", str(stored), "--out", str(tmp_path / "weights"), "--file", argument])


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"none")
    with pytest.raises(ModelError, match=r"checkpoint\.pt is no checkpoint"):
        main(["--checkpoint", str(tmp_path / "checkpoint.pt"), "--out", str(tmp_path / "weights")])
    assert not (tmp_path / "weights").exists()


def test_the_usual_architectures_are_entered_in_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 1, "models": {}}', "utf-8")
    main(["--out", str(tmp_path), "--default-path", "tagger,trm"])
    assert read_manifest(tmp_path).default_path == ("tagger", "trm")
    main(["--out", str(tmp_path), "--default-path", "tagger"])
    assert read_manifest(tmp_path).default_path == ("tagger",)
