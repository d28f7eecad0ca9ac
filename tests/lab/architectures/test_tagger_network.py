from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from thea_hook.lab.architectures.tagger import Tagger, TaggerConfig  # noqa: E402

CONFIG = TaggerConfig(
    classes=12,
    tags=9,
    features=(3, 4),
    subtokens=40,
    dim=32,
    layers="cam",
    kernel=5,
    head_dim=16,
    length=32,
    filter_order=8,
)


@pytest.fixture
def tagger() -> Tagger:
    torch.manual_seed(0)
    return Tagger(CONFIG)


def test_padding_changes_no_answer_and_is_never_chosen(tagger: Tagger) -> None:
    features = CONFIG.example(2, 15)
    position, tag = tagger(features)
    padded_position, padded_tag = tagger(functional.pad(features, (0, 0, 0, 6)))
    assert torch.allclose(padded_tag[:, :15], tag, atol=1e-5)
    assert torch.allclose(padded_position[:, :15], position[:, :15], atol=1e-5)
    assert torch.allclose(padded_position[:, -1], position[:, -1], atol=1e-5)
    assert not padded_position.softmax(-1)[:, 15:-1].any()


def test_tags_of_chosen_lexemes_are_those_of_all(tagger: Tagger) -> None:
    features = CONFIG.example(3, 15)
    rows = (torch.tensor([0, 2, 2]), torch.tensor([14, 0, 7]))
    position, tag = tagger(features)
    chosen_position, chosen_tag = tagger(features, rows)
    assert torch.allclose(chosen_tag, tag[rows], atol=1e-6)
    assert torch.equal(chosen_position, position)


def test_an_absent_subtoken_says_nothing_even_after_training(tagger: Tagger) -> None:
    features = CONFIG.example(2, 15)
    features[:, :, 1:5] = 0
    optimiser = torch.optim.AdamW(tagger.parameters(), lr=0.1)
    tagger(features)[0].sum().backward()
    optimiser.step()
    assert not tagger.embedding.table[0].any()


def test_a_column_has_rows_of_its_own(tagger: Tagger) -> None:
    features = CONFIG.example(1, 1)
    sums = tagger.embedding(features)
    rows = [features[0, 0, 1], features[0, 0, 2], features[0, 0, 3], features[0, 0, 4]]
    rows += [40 + features[0, 0, 0], 52 + features[0, 0, 5], 55 + features[0, 0, 6]]
    assert len(tagger.embedding.table) == 40 + 12 + 3 + 4
    assert torch.allclose(sums[0, 0], tagger.embedding.table[torch.stack(rows)].sum(0), atol=1e-6)


def test_dilations_go_to_the_convolutions_in_turn() -> None:
    config = TaggerConfig(classes=2, tags=2, dim=32, layers="caccc", head_dim=16, dilations=(1, 2, 4))
    assert [getattr(mixer, "dilation", None) for mixer in config.mixers()] == [1, None, 2, 4, 1]


def test_an_unknown_letter_is_named() -> None:
    with pytest.raises(ValueError, match="letter 'x'"):
        Tagger(TaggerConfig(classes=2, tags=2, layers="cxc"))
