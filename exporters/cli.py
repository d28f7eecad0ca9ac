"""``thea-lab export``: a folder of weights, which the hook can use, from a checkpoint."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thea_hook.errors import UsageError
from thea_hook.lab.checkpoint import load_checkpoint
from thea_hook.ml.manifest import SHIPPED, Model, read_manifest

from .build import Job, export
from .coreml import unsupported_operators
from .interfaces import parts_of, stored_windows
from .manifest import amend, set_default_path
from .quantise import ROUTES

WINDOWS = 512
"""Real windows on which int8 is compared with fp32: some 200,000 lexemes."""


def main(argv: Sequence[str] | None = None) -> int:
    """Export a trained model to ONNX and enter it in the manifest of a folder of weights.

    Without --checkpoint, add files or scores to the model that the folder has.
    """
    options = _parser().parse_args(argv)
    files = dict(map(_file, options.file))
    facts = {key: _read(getattr(options, key)) for key in ("scores", "training") if getattr(options, key)}
    if options.checkpoint:
        whole = load_checkpoint(options.checkpoint)
        windows = stored_windows(options.windows, WINDOWS, whole.config) if options.windows else []
        precision = "fp32" if options.fp32 else "int8"
        for name, checkpoint, its_windows in parts_of(options.name, whole, windows):
            job = Job(checkpoint, name, precision, options.through, files, facts, options.reference)
            exported = export(job, its_windows, options.out)
            print(summary(exported))
    elif files or facts:
        amend(options.out, options.name, files=files, **facts)
        print(summary(read_manifest(options.out).model(options.name)))
    elif not options.default_path:
        raise UsageError("nothing to do: name a --checkpoint, or a --file or --scores to add")
    if options.default_path:
        set_default_path(options.out, options.default_path.replace(",", " ").split())
    return 0


def summary(model: Model) -> str:
    """What an export made, in a few lines."""
    lines = [
        f"{model.network.path}: {model.precision}, {model.network.size / 1e6:.2f} MB, opset {model.opset}",
        f"sha256 {model.network.sha256}",
    ]
    for precision, found in model.parity.items():
        shares = "".join(f", {share:.2%} of {kind} the same" for kind, share in found["agreement"].items())
        against = "torch" if precision == "fp32" else "fp32"
        distance = f"at most {found['max_difference']:.2g} apart"
        lines.append(f"{precision} against {against}, {found['windows']} windows: {distance}{shares}")
    if model.precision == "int8" and "int8" not in model.parity:
        lines.append("int8 is not compared with fp32: name real windows with --windows")
    if model.precision == "fp32":
        left = unsupported_operators(model.network.path)
        lines.append(f"operators that CoreML leaves to the CPU: {', '.join(sorted(left)) or 'none'}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="thea-lab export", description=main.__doc__)
    parser.add_argument("--checkpoint", type=Path, help="what `thea-lab train` wrote")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of weights (default: that of the package)")
    parser.add_argument("--name", default="tagger", help="name of the model in the manifest (default: tagger)")
    precision = parser.add_mutually_exclusive_group()
    precision.add_argument("--int8", action="store_true", help="int8 weights and activations (default)")
    precision.add_argument("--fp32", action="store_true", help="the weights as they were trained, for GPUs")
    parser.add_argument("--through", choices=sorted(ROUTES), default="onnxruntime", help="the tool that makes it int8")
    parser.add_argument("--windows", type=Path, metavar="NPZ", help="real windows on which to compare int8 with fp32")
    parser.add_argument(
        "--file", action="append", default=[], metavar="PURPOSE=PATH", help="a file the model needs beside the network"
    )
    parser.add_argument("--training", type=Path, metavar="JSON", help="what to say of the training data")
    parser.add_argument("--scores", type=Path, metavar="JSON", help="what an evaluation found")
    parser.add_argument(
        "--default-path", metavar="NAMES", help="what runs where nobody asks for certain models: tagger,trm,mamba,rlm"
    )
    parser.add_argument("--reference", action="store_true", help="also write what the torch backend reads")
    return parser


def _read(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        raise UsageError(f"{path}: this is to be a JSON object")
    return content


def _file(argument: str) -> tuple[str, Path]:
    purpose, equals, path = argument.partition("=")
    if not (purpose and equals and path):
        raise UsageError(f"--file {argument}: write it as PURPOSE=PATH, such as subtokens=subtokens.json")
    return purpose, Path(path)
