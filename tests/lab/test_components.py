from __future__ import annotations

import pytest

from thea_hook.errors import UsageError
from thea_hook.lab import components
from thea_hook.lab.checks import Failure
from thea_hook.lab.components import COMPONENTS, Component, main

TORCH = ("mixers", "architectures", "mamba", "trm", "liquid", "trainer", "refiner", "language", "evidence", "mad")


@pytest.mark.parametrize("name", ["lexemes", "second-parser", "chaos", "verify", "repair"])
def test_components_without_torch_work(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--component", name]) == 0
    assert capsys.readouterr().out.startswith(f"ok       {name}")


@pytest.mark.parametrize("name", TORCH)
def test_components_with_torch_work(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    assert main(["--component", name]) == 0, capsys.readouterr().out


def test_the_export_of_a_small_network_works(capsys: pytest.CaptureFixture[str]) -> None:
    for package in ("torch", "onnxscript", "onnxruntime", "thea_exporters"):
        pytest.importorskip(package)
    assert main(["--component", "export"]) == 0, capsys.readouterr().out


def test_the_list_names_every_component(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-components"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(COMPONENTS)


def test_a_component_that_fails_does_not_hide_the_next(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise Failure("it gives no numbers")

    def crash() -> str:
        raise ZeroDivisionError("by zero")

    def lack() -> str:
        raise ModuleNotFoundError(name="torch")

    tried = {"fails": fail, "crashes": crash, "lacks": lack, "works": lambda: "fine"}
    made = {name: Component("", check) for name, check in tried.items()}
    monkeypatch.setattr(components, "COMPONENTS", made)
    assert main([]) == 1
    lines = [line.split(maxsplit=4) for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], line[1], line[4]) for line in lines] == [
        ("failed", "fails", "it gives no numbers"),
        ("failed", "crashes", "ZeroDivisionError: by zero"),
        ("missing", "lacks", "needs torch: pip install 'thea-hook[lab]'"),
        ("ok", "works", "fine"),
    ]


def test_a_component_asked_for_by_name_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def lack() -> str:
        raise ModuleNotFoundError(name="torch")

    monkeypatch.setattr(components, "COMPONENTS", {"lacks": Component("", lack)})
    with pytest.raises(ModuleNotFoundError):
        main(["--component", "lacks"])


def test_an_unknown_component_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="Did you mean `trainer`"):
        main(["--component", "trainr"])
