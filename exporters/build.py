"""From a checkpoint to a folder of weights: export, quantise, optimise, compare, and only then write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from thea_hook.errors import ModelError
from thea_hook.lab.checkpoint import Checkpoint, save_checkpoint
from thea_hook.ml.manifest import Model, read_manifest
from thea_hook.ml.session import Resources, Session

from . import manifest, onnx, parity, quantise
from .folding import folded
from .interfaces import INTERFACES, Arrays, Interface, made_up_windows
from .optimise import optimise

_CPU = Resources(device="cpu")


@dataclass(frozen=True, slots=True)
class Job:
    """What to export, and how; ``files`` go beside the network, by their purpose, and ``facts`` into the manifest."""

    checkpoint: Checkpoint
    name: str
    precision: str = "int8"
    through: str = "onnxruntime"
    files: Mapping[str, Path] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    with_reference: bool = False


def export(job: Job, windows: Sequence[Arrays], out: Path) -> Model:
    """Write a model into a folder of weights. ``windows`` are real ones, to see what int8 changes.

    Raises ModelError, and writes nothing, where the export does not say what the checkpoint says.
    """
    with TemporaryDirectory() as folder:
        model = _written_fp32(job, Path(folder, "fp32"))
        report = {"fp32": _compared_with_torch(job, model)}
        if job.precision == "int8":
            exact, model = model, _written_int8(job, model, Path(folder, "int8"))
            if windows:
                report["int8"] = _compared_with_fp32(job, exact, model, windows)
            else:
                _tried(job, model)
        return _published(job, model, report, out)


def _written_fp32(job: Job, folder: Path) -> Model:
    interface = _interface(job)
    path = folder / f"{job.name}.onnx"
    folder.mkdir()
    example = interface.example(job.checkpoint.config, 2, 16)
    inputs = dict(zip(interface.inputs, example, strict=True))
    onnx.export(job.checkpoint.network, inputs, interface.outputs, path, interface.varying)
    save_checkpoint(job.checkpoint, path.with_suffix(".pt"))
    return _entered(job, path, "fp32", {})


def _written_int8(job: Job, exact: Model, folder: Path) -> Model:
    folder.mkdir()
    whole, plain, path = folder / "folded.onnx", folder / "plain.onnx", folder / f"{job.name}.onnx"
    folded(exact.network.path, whole)
    quantise.quantise(whole, plain, job.through)
    optimise(plain, path)
    return _entered(job, path, "int8", {"optimised": True})


def _interface(job: Job) -> Interface:
    return INTERFACES[type(job.checkpoint.network)]


def _tried(job: Job, model: Model) -> None:
    session = Session(model, resources=_CPU)
    for windows in made_up_windows(_interface(job), job.checkpoint.config):
        session.run(windows)


def _compared_with_torch(job: Job, model: Model) -> dict[str, Any]:
    windows = made_up_windows(_interface(job), job.checkpoint.config)
    found = parity.compare(Session(model, "torch", _CPU), Session(model, resources=_CPU), _interface(job), windows)
    if found.max_difference > parity.MAX_DIFFERENCE:
        raise ModelError(
            f"the ONNX form of `{job.name}` differs from torch by {found.max_difference:.2g}, "
            f"more than {parity.MAX_DIFFERENCE:g}",
            "output",
        )
    return found.to_dict()


def _compared_with_fp32(job: Job, exact: Model, model: Model, windows: Sequence[Arrays]) -> dict[str, Any]:
    found = parity.compare(Session(exact, resources=_CPU), Session(model, resources=_CPU), _interface(job), windows)
    for kind, share in found.agreement.items():
        if share < parity.MIN_AGREEMENT[kind]:
            raise ModelError(
                f"the int8 form of `{model.name}` agrees with fp32 on {share:.2%} of the decisions about {kind}, "
                f"less than {parity.MIN_AGREEMENT[kind]:.1%}: export it with --fp32",
                "output",
            )
    return found.to_dict()


def _published(job: Job, model: Model, report: Mapping[str, Any], out: Path) -> Model:
    out.mkdir(parents=True, exist_ok=True)
    path = manifest.copy_into(out, model.network.path)
    files = {purpose: manifest.copy_into(out, source) for purpose, source in job.files.items()}
    if job.with_reference:
        save_checkpoint(job.checkpoint, path.with_suffix(".pt"))
    training = {
        **job.facts.get("training", {}),
        "steps": job.checkpoint.step,
        "parameters": job.checkpoint.parameters,
    }
    facts = {**job.facts, "optimised": model.optimised, "training": training, "parity": report}
    return _entered(job, path, model.precision, facts, files)


def _entered(
    job: Job, network: Path, precision: str, facts: Mapping[str, Any], files: Mapping[str, Path] | None = None
) -> Model:
    """The model as the manifest beside it describes it from now on."""
    entry = manifest.describe(
        network,
        architecture=job.checkpoint.architecture,
        config=job.checkpoint.config.to_dict(),
        precision=precision,
        files=files or {},
    )
    manifest.write_entry(network.parent, job.name, {**entry, **facts})
    return read_manifest(network.parent).model(job.name)
