from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from thea_hook.errors import ModelError  # noqa: E402
from thea_hook.lab.architectures.device import choose_device, compiled  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402


def test_the_fastest_device_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    has = {"cuda": True, "mps": True}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has["cuda"])
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: has["mps"])
    chosen = []
    for kind in ("cuda", "mps", "cpu"):
        chosen.append(choose_device().type)
        has[kind] = False
    assert chosen == ["cuda", "mps", "cpu"]


def test_a_device_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="finds none here"):
        choose_device("cuda:1")
    with pytest.raises(ModelError, match="choose auto, cuda, mps, cpu"):
        choose_device("abacus")


@pytest.mark.filterwarnings("ignore")
def test_a_compiled_network_gives_the_same_answers() -> None:
    torch.manual_seed(0)
    architecture = ARCHITECTURES["tagger"]
    network, features = architecture.build(architecture.small), architecture.small.example(2, 20)
    with torch.no_grad():
        for one, other in zip(compiled(network, backend="eager")(features), network(features), strict=True):
            assert torch.allclose(one, other, atol=1e-5)
