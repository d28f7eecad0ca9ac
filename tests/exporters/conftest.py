"""A small untrained tagger, exported once."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from thea_exporters import build  # noqa: E402
from thea_exporters.build import Job, export  # noqa: E402

from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint  # noqa: E402
from thea_hook.ml.manifest import Model  # noqa: E402


@pytest.fixture(scope="session")
def checkpoint() -> Checkpoint:
    torch.manual_seed(0)
    architecture = ARCHITECTURES["tagger"]
    return Checkpoint(architecture.build(architecture.small).eval(), "tagger", architecture.small, 7)


@pytest.fixture(scope="session")
def exact(checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Its fp32 export, with the reference."""
    out = tmp_path_factory.mktemp("exact")
    return export(Job(checkpoint, "tagger", "fp32", with_reference=True), [], out)


def copies_of(exact: Model) -> SimpleNamespace:
    """An exporter that copies this export: torch takes seconds to make one."""

    def export(network: object, inputs: object, outputs: object, path: Path, *_: object) -> None:
        shutil.copyfile(exact.network.path, path)

    return SimpleNamespace(export=export)


@pytest.fixture
def quick_export(exact: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every further export copies the fp32 one."""
    monkeypatch.setattr(build, "onnx", copies_of(exact))


@pytest.fixture(scope="session")
def small(checkpoint: Checkpoint, exact: Model, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Its int8 export, with a file beside it."""
    out = tmp_path_factory.mktemp("small")
    subtokens = tmp_path_factory.mktemp("vocabulary") / "subtokens.json"
    subtokens.write_text("[]", "utf-8")
    job = Job(checkpoint, "tagger", files={"subtokens": subtokens}, facts={"training": {"lexemes": 5}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "onnx", copies_of(exact))
        return export(job, [], out)
