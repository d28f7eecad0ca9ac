from __future__ import annotations

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from thea_hook.lab.architectures.mamba import Mamba, MambaConfig, load_published  # noqa: E402
from thea_hook.lab.architectures.mamba_reader import MambaReader, mamba, state_shape  # noqa: E402

SMALL = MambaConfig(vocabulary=37, dim=32, layers=2, states=4)

PUBLISHED = {
    "norm.weight": (768,),
    "mixer.A_log": (1536, 16),
    "mixer.D": (1536,),
    "mixer.in_proj.weight": (3072, 768),
    "mixer.conv1d.weight": (1536, 1, 4),
    "mixer.conv1d.bias": (1536,),
    "mixer.x_proj.weight": (80, 1536),
    "mixer.dt_proj.weight": (1536, 48),
    "mixer.dt_proj.bias": (1536,),
    "mixer.out_proj.weight": (768, 1536),
}
"""The weights of a layer of state-spaces/mamba-130m, which has 24 of them."""


@pytest.fixture
def small() -> Mamba:
    torch.manual_seed(0)
    return Mamba(SMALL).eval()


def published(layers: int, **others: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"backbone.layers.{n}.{name}": shape for n in range(layers) for name, shape in PUBLISHED.items()} | others


def test_the_published_weights_have_these_names_and_shapes() -> None:
    with torch.device("meta"):
        network = Mamba(MambaConfig())
    expected = published(
        24,
        **{"backbone.embedding.weight": (50280, 768), "backbone.norm_f.weight": (768,), "lm_head.weight": (50280, 768)},
    )
    assert {name: tuple(value.shape) for name, value in network.state_dict().items()} == expected
    assert sum(parameter.numel() for parameter in network.parameters()) == 129_135_360


@pytest.mark.parametrize("embedding", ["embedding", "embeddings"])
@pytest.mark.parametrize("has_head", [True, False])
def test_published_weights_are_loaded_whatever_they_call_the_embedding(embedding: str, has_head: bool) -> None:
    torch.manual_seed(1)
    config = MambaConfig(vocabulary=61, layers=1)
    table = torch.randn(64, 768)
    weights = {name: torch.randn(shape) for name, shape in published(1, **{"backbone.norm_f.weight": (768,)}).items()}
    weights[f"backbone.{embedding}.weight"] = table
    if has_head:
        weights["lm_head.weight"] = table
    network = Mamba(config)
    load_published(network, weights)
    assert network.lm_head.weight is network.backbone.embedding.weight
    assert torch.equal(network.lm_head.weight, table)
    name = "backbone.layers.0.mixer.A_log"
    assert torch.equal(network.state_dict()[name], weights[name])


def test_weights_that_lack_something_are_refused(small: Mamba) -> None:
    weights = small.state_dict()
    del weights["backbone.layers.1.mixer.D"]
    with pytest.raises(RuntimeError, match=r"layers\.1\.mixer\.D"):
        load_published(small, weights)


def test_step_by_step_it_says_what_it_says_of_a_whole_text(small: Mamba) -> None:
    ids = SMALL.example(3, 40)
    recent, state = small.start(3)
    found = []
    with torch.no_grad():
        for position in range(ids.shape[1]):
            logits, recent, state = small.step(ids[:, position], recent, state)
            found.append(logits)
        torch.testing.assert_close(torch.stack(found, 1), small(ids), rtol=1e-4, atol=1e-4)


def test_what_follows_changes_nothing_before(small: Mamba) -> None:
    ids = SMALL.example(1, 20)
    other = ids.clone()
    other[0, 12:] = (other[0, 12:] + 1) % SMALL.vocabulary
    with torch.no_grad():
        one, two = small(ids), small(other)
    assert torch.equal(one[:, :12], two[:, :12])
    assert not torch.allclose(one[:, 12], two[:, 12])


def test_step_sizes_begin_between_a_thousandth_and_a_tenth() -> None:
    steps = [torch.nn.functional.softplus(block.mixer.dt_proj.bias.detach()) for block in Mamba(SMALL).blocks()]
    assert all(float(each.min()) >= 0.9e-3 and float(each.max()) <= 0.11 for each in steps)
    assert math.isclose(float(-torch.exp(next(Mamba(SMALL).blocks()).mixer.A_log.detach())[0, 3]), -4, rel_tol=1e-5)


# ------------------------------------------------------------------ the part that ships


@pytest.fixture
def reader(small: Mamba) -> MambaReader:
    return MambaReader(small).eval()


def nothing(batch: int) -> torch.Tensor:
    return torch.zeros(state_shape(SMALL, batch))


def test_the_reader_says_what_the_network_says(small: Mamba, reader: MambaReader) -> None:
    ids, rows = SMALL.example(3, 9), torch.tensor([0, 8, 9, 25])
    with torch.no_grad():
        logs, _ = reader(ids, rows, nothing(3))
        expected = small(ids).log_softmax(-1).flatten(0, 1)[rows]
    torch.testing.assert_close(logs, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cuts", [(1,) * 12, (5, 7), (2, 1, 9)])
def test_it_makes_no_difference_how_much_is_read_at_once(reader: MambaReader, cuts: tuple[int, ...]) -> None:
    ids, last = SMALL.example(2, 12), torch.tensor([0])
    with torch.no_grad():
        _, expected = reader(ids, last, nothing(2))
        state = nothing(2)
        for part in ids.split(list(cuts), 1):
            _, state = reader(part, last, state)
    torch.testing.assert_close(state, expected, rtol=1e-4, atol=1e-5)


def test_the_state_is_as_large_after_a_long_text_as_after_a_short_one(reader: MambaReader) -> None:
    with torch.no_grad():
        sizes = {reader(SMALL.example(1, length), torch.tensor([0]), nothing(1))[1].shape for length in (1, 3, 300)}
    assert sizes == {torch.Size(state_shape(SMALL, 1))}


def test_the_reader_has_each_weight_once(small: Mamba, reader: MambaReader) -> None:
    count = sum(parameter.numel() for parameter in small.parameters())
    assert sum(parameter.numel() for parameter in reader.parameters()) == count


def test_the_reader_is_built_from_its_configuration(reader: MambaReader) -> None:
    again = mamba(MambaConfig.from_dict(reader.config.to_dict()))
    assert isinstance(again, MambaReader)
    again.load_state_dict(reader.state_dict())
    assert isinstance(mamba(SMALL), Mamba)


def test_a_part_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="writer"):
        mamba(replace(SMALL, part="writer"))
