from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("optimum.exporters.onnx")
runtime = pytest.importorskip("onnxruntime")

from thea_exporters import onnx  # noqa: E402
from thea_exporters.m2_bert import HubConfig, export_with_optimum  # noqa: E402

from thea_hook.lab.architectures.m2_bert import M2Bert, M2BertConfig  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def encoder() -> M2Bert:
    torch.manual_seed(0)
    config = ARCHITECTURES["m2-bert"].small
    assert isinstance(config, M2BertConfig)
    return M2Bert(config).eval()


@pytest.mark.parametrize("batch,length", [(2, 16), (1, 5), (3, 31)])
def test_optimum_and_torch_export_the_same_numbers(
    encoder: M2Bert, both: tuple[Path, Path], batch: int, length: int
) -> None:
    words = encoder.config.example(batch, length)
    types = torch.zeros_like(words)
    with torch.no_grad():
        expected = encoder(words).numpy()
    ours, optimum = (runtime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in both)
    (by_torch,) = ours.run(["hidden"], {"words": words.numpy()})
    (by_optimum,) = optimum.run(["last_hidden_state"], {"input_ids": words.numpy(), "token_type_ids": types.numpy()})
    assert np.abs(by_torch - expected).max() <= 1e-4
    assert np.abs(by_optimum - expected).max() <= 1e-4
    assert np.abs(by_optimum - by_torch).max() <= 1e-4


@pytest.fixture(scope="module")
def both(encoder: M2Bert, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The encoder exported by torch, and by Optimum."""
    folder = tmp_path_factory.mktemp("m2_bert")
    onnx.export(encoder, {"words": encoder.config.example(2, 16)}, ["hidden"], folder / "torch.onnx")
    export_with_optimum(encoder, folder / "optimum.onnx")
    return folder / "torch.onnx", folder / "optimum.onnx"


def test_a_published_configuration_is_read(tmp_path: Path) -> None:
    published = {
        "model_type": "m2_bert",
        "vocab_size": 30528,
        "max_position_embeddings": 8192,
        "hidden_size": 768,
        "hyena_filter_order": 64,
        "alibi_starting_size": 512,
    }
    (tmp_path / "config.json").write_text(json.dumps(published), "utf-8")
    config = HubConfig.from_pretrained(tmp_path)
    assert config.to_ours() == M2BertConfig(positions=8192, length=8192, filter_order=64)
    assert config.to_ours(2048).length == 2048


def test_the_words_of_the_hub_and_ours_say_the_same() -> None:
    config = ARCHITECTURES["m2-bert"].small
    assert isinstance(config, M2BertConfig)
    assert HubConfig.of(config).to_ours(config.length) == config
