from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from thea_hook.lab.architectures.convolution import depthwise_convolution  # noqa: E402
from thea_hook.lab.architectures.mixers import LETTERS, MIXERS, MixerConfig, SwiGLU  # noqa: E402

CONFIG = MixerConfig(32, kernel=5, dilation=2, head_dim=16, length=32, filter_order=8)


@pytest.mark.parametrize("dilation", [1, 3])
def test_shifted_products_are_a_depthwise_convolution(dilation: int) -> None:
    torch.manual_seed(0)
    x, taps = torch.randn(2, 17, 4), torch.randn(5, 4)
    reference = functional.conv1d(
        x.transpose(1, 2), taps.t().unsqueeze(1), padding=2 * dilation, dilation=dilation, groups=4
    )
    assert torch.allclose(depthwise_convolution(x, taps, dilation), reference.transpose(1, 2), atol=1e-6)


@pytest.mark.parametrize("dilation", [1, 3])
def test_the_gradients_of_shifted_products_are_right(dilation: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 9, 3, dtype=torch.double, requires_grad=True)
    taps = torch.randn(5, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, taps: depthwise_convolution(x, taps, dilation), (x, taps))


def test_every_letter_names_a_mixer() -> None:
    assert set(LETTERS.values()) == set(MIXERS)


@pytest.mark.parametrize("name", MIXERS)
def test_a_mixer_reads_what_comes_before_and_after(name: str) -> None:
    torch.manual_seed(0)
    mixer, real = MIXERS[name](CONFIG), torch.ones(1, 20)
    x = torch.randn(1, 20, 32, requires_grad=True)
    mixer(x, real)[0, 10].sum().backward()
    assert x.grad is not None
    for neighbour in (8, 12):
        assert x.grad[0, neighbour].abs().sum() > 0


@pytest.mark.parametrize("name", MIXERS)
def test_a_causal_mixer_reads_nothing_that_comes_later(name: str) -> None:
    torch.manual_seed(0)
    mixer = MIXERS[name](replace(CONFIG, causal=True))
    x = torch.randn(1, 20, 32, requires_grad=True)
    mixer(x, torch.ones(1, 20))[0, 10].sum().backward()
    assert x.grad is not None
    assert x.grad[0, 8].abs().sum() > 0
    assert x.grad[0, 11:].abs().max() < 1e-6  # a convolution by Fourier transforms leaves rounding errors


@pytest.mark.parametrize("name", MIXERS)
def test_padding_changes_nothing_and_stays_zero(name: str) -> None:
    torch.manual_seed(0)
    mixer = MIXERS[name](CONFIG)
    for parameter in mixer.parameters():
        parameter.data.add_(0.01)  # so that no bias is zero
    x, real = torch.randn(2, 20, 32), torch.ones(2, 20)
    alone = mixer(x, real)
    padded = mixer(functional.pad(x, (0, 0, 0, 7)), functional.pad(real, (0, 7)))
    assert torch.allclose(padded[:, :20], alone, atol=1e-5)
    assert not padded[:, 20:].any()


def test_attention_looks_at_distances_not_at_places() -> None:
    torch.manual_seed(0)
    mixer = MIXERS["attention"](CONFIG)
    x = torch.randn(1, 6, 32)
    shifted = functional.pad(x, (0, 0, 9, 0))
    real = torch.tensor([[0.0] * 9 + [1.0] * 6])
    assert torch.allclose(mixer(shifted, real)[:, 9:], mixer(x, torch.ones(1, 6)), atol=1e-5)


def test_shapes_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        MIXERS["gated_conv"](MixerConfig(32, kernel=4))
    with pytest.raises(ValueError, match="heads"):
        MIXERS["attention"](MixerConfig(32, head_dim=24))
    with pytest.raises(ValueError, match="power of two"):
        MIXERS["monarch"](MixerConfig(32, length=100))


def test_a_text_longer_than_the_monarch_transform_is_refused() -> None:
    with pytest.raises(ValueError, match="33 positions"):
        MIXERS["monarch"](CONFIG)(torch.randn(1, 33, 32), torch.ones(1, 33))


def test_a_block_diagonal_mlp_has_its_share_of_the_weights() -> None:
    dense, blocks = SwiGLU(32, 2.0), SwiGLU(32, 2.0, blocks=4)
    sizes = [sum(parameter.numel() for parameter in mlp.parameters()) for mlp in (dense, blocks)]
    assert sizes[0] == 4 * sizes[1] == 3 * 32 * 64
    assert blocks(torch.randn(2, 5, 32)).shape == (2, 5, 32)
