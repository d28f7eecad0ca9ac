"""A small untrained tagger, exported once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from thea_exporters import onnx  # noqa: E402
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


@pytest.fixture(scope="session")
def quick_export(exact: Model) -> Iterator[None]:
    """Every further export copies this one: torch takes seconds for it."""

    def copy(network: object, inputs: object, outputs: object, path: Path) -> None:
        shutil.copyfile(exact.network.path, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx, "export", copy)
        yield


@pytest.fixture(scope="session")
def small(checkpoint: Checkpoint, quick_export: None, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Its int8 export, with a file beside it."""
    out = tmp_path_factory.mktemp("small")
    subtokens = tmp_path_factory.mktemp("vocabulary") / "subtokens.json"
    subtokens.write_text("[]", "utf-8")
    return export(
        Job(checkpoint, "tagger", files={"subtokens": subtokens}, facts={"training": {"lexemes": 5}}), [], out
    )
