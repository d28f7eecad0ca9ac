from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from thea_hook.errors import ModelError  # noqa: E402
from thea_hook.lab.architectures.m2_bert import M2Bert, M2BertConfig, load_m2_bert  # noqa: E402

SMALL = M2BertConfig(vocabulary=40, positions=64, length=32, dim=32, layers=2, inner=64, filter_order=8)
Shapes = Iterator[tuple[str, tuple[int, ...]]]


def linear(name: str, inputs: int, outputs: int) -> Shapes:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def norm(name: str, d: int) -> Shapes:
    yield f"{name}.weight", (d,)
    yield f"{name}.bias", (d,)


def filter_shapes(name: str, config: M2BertConfig) -> Shapes:
    order = config.filter_order
    yield f"{name}.bias", (config.dim,)
    yield f"{name}.pos_emb.z", (1, config.positions, 5)
    yield f"{name}.pos_emb.t", (1, config.positions, 1)
    yield f"{name}.modulation.deltas", (1, 1, config.dim)
    for network in ("implicit_filter", "implicit_filter_rev"):
        yield from linear(f"{name}.{network}.0", 5, order)
        yield from linear(f"{name}.{network}.2", order, order)
        yield from linear(f"{name}.{network}.4", order, order)
        yield f"{name}.{network}.6.weight", (config.dim, order)
        for index in (1, 3, 5):
            yield f"{name}.{network}.{index}.freq", (1, order)


def published_shapes(config: M2BertConfig) -> Shapes:
    """Every name and shape of a published retrieval checkpoint."""
    d = config.dim
    yield "bert.embeddings.word_embeddings.weight", (config.vocabulary, d)
    yield "bert.embeddings.position_embeddings.weight", (config.positions, d)
    yield "bert.embeddings.token_type_embeddings.weight", (2, d)
    yield from norm("bert.embeddings.LayerNorm", d)
    for index in range(config.layers):
        layer = f"bert.encoder.layer.{index}"
        yield from linear(f"{layer}.attention.in_linear", d, 3 * d)
        yield from linear(f"{layer}.attention.out_linear", d, d)
        yield f"{layer}.attention.short_filter.weight", (3 * d, 1, 3)
        yield f"{layer}.attention.short_filter.bias", (3 * d,)
        yield from filter_shapes(f"{layer}.attention.filter_fn", config)
        yield from filter_shapes(f"{layer}.attention.filter_fn2", config)
        yield f"{layer}.mlp.gated_layers.weight", (4, 2 * config.inner // 4, d // 4)
        yield f"{layer}.mlp.wo.weight", (4, d // 4, config.inner // 4)
        yield f"{layer}.mlp.wo.bias", (d,)
        yield from norm(f"{layer}.mlp.layernorm", d)
    yield from linear("bert.pooler.dense", d, d)


def checkpoint(config: M2BertConfig) -> dict[str, Tensor]:
    torch.manual_seed(0)
    tensors = {name: 0.1 * torch.randn(shape) for name, shape in published_shapes(config)}
    for name in tensors:
        if name.endswith("freq"):  # one parameter for the six sines of a filter
            tensors[name] = tensors[f"{name.rpartition('.implicit_filter')[0]}.implicit_filter.1.freq"]
    return tensors


def test_the_published_configuration_has_every_name_and_shape_and_109_million_parameters() -> None:
    with torch.device("meta"):
        network = M2Bert(M2BertConfig())
    assert {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()} == dict(
        published_shapes(M2BertConfig())
    )
    assert round(sum(parameter.numel() for parameter in network.parameters()) / 1e6, 1) == 109.2


def test_a_checkpoint_loads_and_its_weights_decide() -> None:
    words = torch.arange(1, 21)[None]
    weights = checkpoint(SMALL)
    network = load_m2_bert(weights, SMALL)
    hidden = network(words)
    assert network.state_dict().keys() == weights.keys()
    assert network.pooled(hidden).shape == (1, 32)
    weights["bert.encoder.layer.1.attention.filter_fn2.bias"] += 1
    assert not torch.allclose(load_m2_bert(weights, SMALL)(words), hidden)


@pytest.mark.parametrize("prefix", ["model.", "module.", "model.module."])
def test_prefixes_of_training_frameworks_are_stripped(prefix: str) -> None:
    weights = checkpoint(SMALL)
    wrapped = {f"{prefix}{name}": tensor for name, tensor in weights.items()}
    words = torch.arange(1, 9)[None]
    expected = load_m2_bert(weights, SMALL)(words)
    assert torch.equal(load_m2_bert({"state": {"model": wrapped}}, SMALL)(words), expected)
    assert torch.equal(load_m2_bert(wrapped, SMALL)(words), expected)


def test_a_shared_parameter_may_be_stored_under_one_name() -> None:
    weights = checkpoint(SMALL)
    for name in [name for name in weights if name.endswith(".freq") and "implicit_filter.1" not in name]:
        del weights[name]
    weights["bert.embeddings.position_ids"] = torch.arange(64)[None]
    words = torch.arange(1, 9)[None]
    assert torch.equal(load_m2_bert(weights, SMALL)(words), load_m2_bert(checkpoint(SMALL), SMALL)(words))


def test_the_heads_are_those_of_the_checkpoint() -> None:
    weights = checkpoint(SMALL)
    del weights["bert.pooler.dense.weight"], weights["bert.pooler.dense.bias"]
    weights |= {name: torch.randn(shape) for name, shape in linear("cls.predictions.transform.dense", 32, 32)}
    weights |= {name: torch.randn(shape) for name, shape in norm("cls.predictions.transform.LayerNorm", 32)}
    weights["cls.predictions.decoder.bias"] = torch.zeros(40)  # its weight is that of the words
    network = load_m2_bert(weights, SMALL)
    hidden = network(torch.arange(1, 9)[None])
    assert network.word_logits(hidden).shape == (1, 8, 40)
    weights = checkpoint(SMALL) | {"classifier.weight": torch.randn(3, 32), "classifier.bias": torch.zeros(3)}
    assert load_m2_bert(weights, SMALL).class_logits(hidden).shape == (1, 3)


def test_what_does_not_fit_is_named() -> None:
    missing = checkpoint(SMALL)
    del missing["bert.encoder.layer.1.mlp.wo.bias"]
    with pytest.raises(ModelError, match=r"has no bert\.encoder\.layer\.1\.mlp\.wo\.bias$"):
        load_m2_bert(missing, SMALL)
    with pytest.raises(ModelError, match=r"layout has not, bert\.encoder\.layer\.2\..* and 56 more$"):
        load_m2_bert(checkpoint(replace(SMALL, layers=3)), SMALL)
    with pytest.raises(ModelError, match=r"position_embeddings\.weight \[128, 32\], not \[64, 32\]"):
        load_m2_bert(checkpoint(replace(SMALL, positions=128)), SMALL)


def test_a_text_does_not_depend_on_the_length_it_is_run_at() -> None:
    weights = checkpoint(SMALL)
    words = torch.arange(1, 21)[None]
    short = load_m2_bert(weights, SMALL)(words)
    assert torch.allclose(load_m2_bert(weights, replace(SMALL, length=64))(words), short, atol=1e-5)


def test_it_runs_32768_positions() -> None:
    config = M2BertConfig(vocabulary=100, dim=32, layers=2, inner=64, filter_order=16)
    network = M2Bert(config).eval()
    with torch.no_grad():
        hidden = network(config.example(1, 32768))
    assert hidden.shape == (1, 32768, 32)
    assert hidden.isfinite().all()
