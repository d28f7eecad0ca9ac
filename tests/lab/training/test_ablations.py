"""The rivals of the tagger."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from thea_hook.lab.architectures.tagger import TaggerConfig
from thea_hook.lab.training.ablations import VARIANTS, table


def test_every_variant_differs_from_the_first_in_one_thing() -> None:
    first = VARIANTS[0]
    for variant in VARIANTS[1:]:
        assert sum(one != other for one, other in zip(first[1:], variant[1:], strict=True)) == 1


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: str(variant.name))
def test_every_variant_can_be_built(variant: object) -> None:
    layers, dim = variant.layers, variant.dim  # type: ignore[attr-defined]
    assert len(TaggerConfig(classes=10, tags=10, dim=dim, layers=layers).mixers()) == len(layers)


def test_the_table_has_a_line_for_each() -> None:
    found = {"size": 3.95, "step": 200.0, "loss": 1.25, "place": 0.8, "edit": 0.7}
    lines = table([(VARIANTS[0], found), (VARIANTS[1], found)]).splitlines()
    assert lines[2] == f"| {VARIANTS[0].name} | 4.0 M | 200 | 1.250 | 80.0% | 70.0% |"
    assert len(lines) == 4
