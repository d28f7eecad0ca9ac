"""``thea-lab train ablations``: what each part of the tagger is worth, by training small rivals for equal minutes.

Every variant differs from the first in one thing. Equal time rather than equal steps: a cheaper network sees more text,
which is part of what it is worth. Runs that are done are not repeated.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from thea_hook.lab.architectures.device import choose_device
from thea_hook.lab.architectures.tagger import TaggerConfig
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.tagger import TaggerTrainer
from thea_hook.lab.training.trainer import Recipe
from thea_hook.ml.features import INPUT_SIZES
from thea_hook.ml.vocabulary import CLASSES, TAGS


class Variant(NamedTuple):
    """A name for the table and what is different: mixers, width, layout."""

    name: str
    layers: str = "ccacca"
    dim: int = 192
    layout: bool = True


VARIANTS = (
    Variant("convolutions, two layers of attention"),
    Variant("convolutions alone", layers="cccccc"),
    Variant("attention alone", layers="aaaaaa"),
    Variant("Monarch long convolutions alone", layers="mmmmmm"),
    Variant("convolutions, two Monarch layers", layers="ccmccm"),
    Variant("without layout", layout=False),
    Variant("narrower", dim=128),
    Variant("wider", dim=256),
    Variant("fewer layers", layers="cca"),
)


def run(variant: Variant, root: Path, minutes: float, device: str) -> dict[str, float]:
    """The last evaluation of a variant, and its size in millions of parameters."""
    config = TaggerConfig(classes=CLASSES, features=INPUT_SIZES, tags=len(TAGS), dim=variant.dim, layers=variant.layers)
    folder = root / "models" / f"ablation-{variant.layers}-{variant.dim}{'' if variant.layout else '-bare'}"
    recipe = Recipe(minutes=minutes, layout=variant.layout)
    trainer = TaggerTrainer(config, recipe, folder, choose_device(device))
    trainer.resume()
    if trainer.seconds < 60 * minutes:
        trainer.run(root / "windows", evaluate_every=60 * minutes, stop_after=7200)
    size = sum(parameter.numel() for parameter in trainer.model.parameters()) / 1e6
    return {**trainer.log[-1], "size": size}


def table(results: Sequence[tuple[Variant, dict[str, float]]]) -> str:
    """The figures as Markdown."""
    lines = [
        "| variant | parameters | steps | loss | right place first | right edit first |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for variant, found in results:
        lines.append(
            f"| {variant.name} | {found['size']:.1f} M | {found['step']:.0f} | {found['loss']:.3f} "
            f"| {found['place']:.1%} | {found['edit']:.1%} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train every variant and print the table."""
    parser = argparse.ArgumentParser(prog="thea-lab train ablations", description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="of training for each variant (default: 3)")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args(arguments)
    results = []
    for variant in VARIANTS:
        results.append((variant, run(variant, data_folder(), options.minutes, options.device)))
        print(table(results), flush=True)
    return 0
