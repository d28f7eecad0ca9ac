"""``thea-lab list``: which architectures there are, and which texts, checkpoints and weights are on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from thea_hook.errors import ModelError
from thea_hook.lab.components import COMPONENTS
from thea_hook.lab.extra import INSTALL
from thea_hook.lab.paths import data_folder
from thea_hook.ml.manifest import read_manifest


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the list; 0."""
    parser = argparse.ArgumentParser(prog="thea-lab list", description="List what there is to work with.")
    parser.parse_args(arguments)
    folder = data_folder()
    for title, rows in (
        ("architectures", list(architectures())),
        (f"corpora and cases in {folder}", list(data_sets(folder))),
        (f"checkpoints in {folder / 'models'}", list(checkpoints(folder))),
        ("weights", list(weights())),
        ("components (thea-lab test)", [(name, component.summary) for name, component in COMPONENTS.items()]),
    ):
        print(title)
        width = max((len(name) for name, _ in rows), default=0)
        for name, text in rows:
            print(f"  {name:{width}}  {text}".rstrip())
        if not rows:
            print("  none")
    return 0


def architectures() -> Iterator[tuple[str, str]]:
    """Each network of the registry, with how many parameters it has in its full shape."""
    try:
        import torch
    except ModuleNotFoundError:
        yield "unknown", f"they need torch: {INSTALL}"
        return
    from thea_hook.lab.architectures.registry import ARCHITECTURES

    for name, architecture in ARCHITECTURES.items():
        with torch.device("meta"):
            network = architecture.build(architecture.full)
        count = sum(parameter.numel() for parameter in network.parameters())
        yield name, f"{count / 1e6:.1f} million parameters" if count > 100_000 else f"{count:,} parameters"


def data_sets(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file of texts, with how many it holds."""
    for pattern in ("corpus/*.jsonl", "broken/*.jsonl", "evaluation/*/*.jsonl"):
        for path in sorted(folder.glob(pattern)):
            count, size = _lines(path), path.stat().st_size / 1e6
            yield path.relative_to(folder).as_posix(), f"{count:,} texts, {size:.1f} MB"


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def checkpoints(folder: Path) -> Iterator[tuple[str, str]]:
    """Each training run that can go on."""
    for path in sorted(folder.glob("models/*/checkpoint.pt")):
        yield path.parent.name, f"{path.stat().st_size / 1e6:.1f} MB"


def weights() -> Iterator[tuple[str, str]]:
    """Each model that the hook ships."""
    try:
        models = read_manifest().models
    except ModelError:
        return
    for name, model in models.items():
        yield name, f"{model.architecture}, {model.precision}, {model.network.size / 1e6:.1f} MB, {model.licence}"
