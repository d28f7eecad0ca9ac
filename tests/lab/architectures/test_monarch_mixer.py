from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from thea_hook.lab.architectures.monarch_mixer import (  # noqa: E402
    BlockDiagonalLinear,
    ImplicitFilter,
    MonarchSequenceMixer,
    MonarchTransform,
)


def by_fft(x: Tensor, taps: Tensor) -> Tensor:
    n = len(taps)
    product = torch.fft.rfft(x, n=n, dim=1) * torch.fft.rfft(taps, n=n, dim=0)
    return torch.fft.irfft(product, n=n, dim=1)[:, : x.shape[1]]


def directly(x: Tensor, taps: Tensor) -> Tensor:
    """Each output is the sum over all inputs, with the tap of their distance; a negative index counts from the end."""
    length = x.shape[1]
    y = torch.zeros_like(x)
    for at in range(length):
        for source in range(length):
            y[:, at] += taps[at - source] * x[:, source]
    return y


@pytest.mark.parametrize("length", [8, 16, 64, 512, 2048])
def test_monarch_products_fft_and_direct_sum_are_the_same_convolution(length: int) -> None:
    torch.manual_seed(0)
    transform, filter_fn = MonarchTransform(length), ImplicitFilter(3, length, order=8)
    x = torch.randn(2, length, 3)
    with torch.no_grad():
        taps = filter_fn.taps(length)
        y = filter_fn(x, transform) - x * filter_fn.bias
        reference = by_fft(x, taps)
        scale = reference.abs().max()
        assert (y - reference).abs().max() < 3e-6 * scale
        if length <= 64:
            assert (y - directly(x, taps)).abs().max() < 3e-6 * scale


def test_the_transform_is_the_dft() -> None:
    x = torch.randn(32, 1)
    spectrum = MonarchTransform(16).spectrum(x)
    half, parts, _ = spectrum.shape
    n2 = parts // 2
    n1 = 2 * (half - 1)
    expected = torch.fft.fft(x[:, 0])
    for k1 in range(half):
        for k2 in range(n2):
            value = torch.complex(spectrum[k1, k2, 0], spectrum[k1, n2 + k2, 0])
            assert torch.isclose(value, expected[k1 + n1 * k2], atol=1e-4)


def test_a_shorter_text_is_one_with_zeros_after_it() -> None:
    transform, filter_fn = MonarchTransform(32), ImplicitFilter(4, 32, order=8)
    x = torch.randn(1, 32, 4)
    x[:, 11:] = 0
    assert torch.allclose(filter_fn(x[:, :11], transform), filter_fn(x, transform)[:, :11], atol=1e-6)


def test_the_backward_filter_begins_at_the_next_position() -> None:
    filter_fn = ImplicitFilter(1, 16, order=8)
    z, t = filter_fn.pos_emb.z[0], filter_fn.pos_emb.t[0]
    decay = filter_fn.modulation(t)
    taps = filter_fn.taps(16)
    assert torch.equal(taps[0], (filter_fn.implicit_filter(z) * decay)[0])
    assert torch.equal(taps[-1], (filter_fn.implicit_filter_rev(z) * decay)[0])


def test_a_precomputed_filter_gives_the_same_answer() -> None:
    mixer = MonarchSequenceMixer(8, 32, MonarchTransform(32), order=8, residual=True)
    x = torch.randn(2, 20, 8)
    before = mixer(x)
    mixer.precompute()
    for filter_fn in (mixer.filter_fn, mixer.filter_fn2):
        assert filter_fn is not None
        filter_fn.implicit_filter[0].weight.data.zero_()  # no longer asked
    assert torch.allclose(mixer(x), before, atol=1e-6)
    assert not any("precomputed" in name for name in mixer.state_dict())


def test_the_short_filter_is_the_convolution_of_the_published_model() -> None:
    mixer = MonarchSequenceMixer(4, 32, MonarchTransform(32), order=8, residual=False)
    x = torch.randn(2, 20, 12)
    published = mixer.short_filter(x.transpose(1, 2))[..., :20].transpose(1, 2)
    assert torch.allclose(mixer._shortly_filtered(x), published, atol=1e-6)


def test_blocks_of_a_block_diagonal_map_see_only_themselves() -> None:
    linear = BlockDiagonalLinear(8, 12, blocks=4, bias=True)
    x = torch.randn(3, 5, 8)
    dense = torch.block_diag(*linear.weight)
    assert linear.bias is not None
    assert torch.allclose(linear(x), x @ dense.t() + linear.bias, atol=1e-6)
    with pytest.raises(ValueError, match="do not divide"):
        BlockDiagonalLinear(8, 10, blocks=4)
