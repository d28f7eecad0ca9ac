"""The scan in three forms: the kernel, in tensors, and position by position as the paper has it."""

from __future__ import annotations

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from thea_hook.lab.architectures import selective_scan as module  # noqa: E402
from thea_hook.lab.architectures.selective_scan import CHUNK, LANES, scan_in_tensors, selective_scan  # noqa: E402

CHANNELS, STATES = 2 * LANES, 3


def inputs(length: int, channels: int = CHANNELS) -> list[Tensor]:
    """u, dt, a, b, c and a state, whose gradients can be asked for."""
    torch.manual_seed(length)
    u, dt = torch.randn(2, length, channels), torch.rand(2, length, channels)
    a, b, c = -torch.rand(channels, STATES) - 0.1, torch.randn(2, length, STATES), torch.randn(2, length, STATES)
    return [value.requires_grad_() for value in (u, dt, a, b, c)] + [torch.randn(2, channels, STATES)]


def by_position(u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, state: Tensor) -> Tensor:
    rows = []
    for t in range(u.shape[1]):
        state = torch.exp(dt[:, t, :, None] * a) * state + (dt[:, t] * u[:, t])[:, :, None] * b[:, t, None]
        rows.append((state * c[:, t, None]).sum(-1))
    return torch.stack(rows, 1)


def gradients(y: Tensor, of: list[Tensor]) -> tuple[Tensor, ...]:
    weights = torch.linspace(-1, 1, y.numel()).view(y.shape)
    return torch.autograd.grad((y * weights).sum(), of)


@pytest.mark.parametrize("length", [1, CHUNK - 1, CHUNK, 2 * CHUNK + 5])
def test_in_tensors_it_is_the_recurrence_with_its_gradients(length: int) -> None:
    given = inputs(length)
    expected, found = by_position(*given), scan_in_tensors(*given)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    for one, other in zip(gradients(found, given[:5]), gradients(expected, given[:5]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("length", [1, 37])
def test_the_kernel_is_the_recurrence_with_its_gradients(length: int) -> None:
    if module.kernel() is None:
        pytest.skip("there is no C compiler")
    given = inputs(length)
    expected, found = by_position(*given), selective_scan(*given)
    assert "Scan" in type(found.grad_fn).__name__
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    for one, other in zip(gradients(found, given[:5]), gradients(expected, given[:5]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_channels_that_fill_no_register_are_scanned_in_tensors() -> None:
    given = inputs(9, channels=LANES + 1)
    torch.testing.assert_close(selective_scan(*given), by_position(*given), rtol=1e-4, atol=1e-5)


def test_without_a_compiler_it_is_scanned_in_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "kernel", lambda: None)
    given = inputs(20)
    torch.testing.assert_close(selective_scan(*given), by_position(*given), rtol=1e-4, atol=1e-5)


def test_a_compiler_that_fails_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("CC", "false")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert module.kernel.__wrapped__() is None


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_a_state_of_any_precision_goes_to_the_kernel(kind: torch.dtype) -> None:
    *given, state = inputs(5)
    rounded = state.to(kind)
    torch.testing.assert_close(selective_scan(*given, rounded), selective_scan(*given, rounded.float()))


@pytest.mark.parametrize("index", range(6))
def test_tensors_that_do_not_fit_each_other_are_refused(index: int) -> None:
    given = inputs(5)
    given[index] = given[index][:1]  # the kernel would read behind its end
    with pytest.raises(ValueError, match="no scan has the shapes"):
        selective_scan(*given)


NUMBERS = """
import sys
from thea_hook.lab.architectures.selective_scan import kernel
library = kernel()
small = sys.float_info.min
print("no compiler" if library is None else small / 4 > 0)
"""


def test_the_kernel_leaves_the_smallest_numbers_of_the_process_alone() -> None:
    found = subprocess.run([sys.executable, "-c", NUMBERS], capture_output=True, text=True, check=True).stdout.strip()
    if found == "no compiler":
        pytest.skip("there is no C compiler")
    assert found == "True"


def test_the_state_before_is_nothing_unless_it_is_given() -> None:
    *given, state = inputs(5)
    torch.testing.assert_close(selective_scan(*given), selective_scan(*given, torch.zeros_like(state)))
