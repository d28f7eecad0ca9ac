"""Runs a network: one interface to ONNX Runtime and to the torch reference.

Whatever goes wrong is a ``ModelError``, and nothing is printed, so a caller can always go on without the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thea_hook.errors import ModelError
from thea_hook.ml.manifest import Model, TensorType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]
    Network = Callable[[Arrays], dict[str, NDArray[Any]]]

BACKENDS: Mapping[str, str] = {
    "onnxruntime": "thea_hook.ml.session:onnx_network",
    # A name, not an import: the reference needs the lab, which the hook must run without.
    "torch": "thea_hook.lab.reference:torch_network",
}


@dataclass(frozen=True, slots=True)
class Resources:
    """What a network may use. ``device`` is that of the settings; a run that takes longer than ``seconds`` ends.

    Two threads and no more, since pre-commit runs several processes at once, and CI machines have two or four cores.
    """

    device: str = "auto"
    threads: int = 2
    seconds: float = 20.0


class Session:
    """A model ready to run."""

    def __init__(self, model: Model, backend: str = "onnxruntime", resources: Resources = Resources()) -> None:
        """Load it. Raises ModelError where the weights or the backend cannot be used."""
        self.model = model
        self._network: Network = _open(backend)(model, resources)

    def run(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        """All outputs for some inputs, by name. Raises ModelError for inputs that the model does not take, for numbers
        that are none, and where the run fails or takes too long."""
        for name, kind in self.model.inputs.items():
            _check_shape(name, kind, inputs)
        outputs = self._network(inputs)
        for name, kind in self.model.outputs.items():
            _check_values(self.model.name, name, kind, outputs)
        return outputs


def _open(backend: str) -> Callable[[Model, Resources], Network]:
    from importlib import import_module

    if backend not in BACKENDS:
        raise ModelError(f"no backend is called `{backend}`; there are {', '.join(BACKENDS)}", "backend")
    module, _, function = BACKENDS[backend].partition(":")
    try:
        found: Callable[[Model, Resources], Network] = getattr(import_module(module), function)
    except ImportError as exc:
        remedy = "install `thea-hook[lab]`" if backend == "torch" else "reinstall thea-hook"
        raise ModelError(f"the backend `{backend}` cannot be imported ({exc}): {remedy}", "backend") from exc
    return found


def _check_shape(name: str, kind: TensorType, inputs: Arrays) -> None:
    value = inputs.get(name)
    if value is None:
        raise ModelError(f"the input `{name}` is missing", "input")
    if value.dtype.name != kind.dtype or not _fits(value.shape, kind.shape) or not value.size:
        raise ModelError(
            f"the input `{name}` is {value.dtype}{list(value.shape)}, not {kind.dtype}{list(kind.shape)}", "input"
        )


def _fits(shape: tuple[int, ...], expected: tuple[int | str, ...]) -> bool:
    return len(shape) == len(expected) and all(
        isinstance(wanted, str) or length == wanted for length, wanted in zip(shape, expected, strict=True)
    )


def _check_values(model: str, name: str, kind: TensorType, outputs: Arrays) -> None:
    import numpy as np

    value = outputs.get(name)
    if value is None or not _fits(value.shape, kind.shape):
        found = "missing" if value is None else f"of the shape {list(value.shape)}"
        raise ModelError(f"the output `{name}` of the model `{model}` is {found}: export it again", "output")
    if not np.isfinite(value).all():
        raise ModelError(f"the output `{name}` of the model `{model}` has values that are no numbers", "output")


# ------------------------------------------------------------------ ONNX Runtime

_CPU = "CPUExecutionProvider"
_PROVIDERS = {"cuda": "CUDAExecutionProvider", "coreml": "CoreMLExecutionProvider"}
_PROVIDER_OPTIONS: Mapping[str, Mapping[str, str]] = {"CoreMLExecutionProvider": {"ModelFormat": "MLProgram"}}
_SILENT = 4  # severity 3 still prints errors, which we report ourselves


def choose_providers(device: str, precision: str, available: list[str]) -> list[str]:
    """The execution providers of ONNX Runtime to use, the first one first.

    ``auto`` takes what is installed, in the order CUDA, CoreML, CPU. An int8 network stays on the CPU, though: neither
    of the others has the integer operators, so every layer would be copied to and fro.
    """
    if device == "auto":
        wanted = [] if precision == "int8" else [name for name in _PROVIDERS.values() if name in available]
        return [*wanted, _CPU]
    if device == "cpu":
        return [_CPU]
    name = _PROVIDERS.get(device)
    if name is None or name not in available:
        package = "`onnxruntime-gpu`" if device == "cuda" else "onnxruntime for macOS"
        raise ModelError(f"device `{device}`: ONNX Runtime has no provider for it here: install {package}", "backend")
    return [name, _CPU]


def onnx_network(model: Model, resources: Resources) -> Network:
    """The model in ONNX Runtime."""
    try:
        import onnxruntime
    except ImportError as exc:
        raise ModelError(f"ONNX Runtime cannot be imported ({exc}): install `onnxruntime`", "backend") from exc
    content = model.network.read()
    providers = choose_providers(resources.device, model.precision, onnxruntime.get_available_providers())
    onnxruntime.set_default_logger_severity(_SILENT)
    try:
        session = onnxruntime.InferenceSession(
            content,
            _session_options(model, resources),
            providers=[(name, dict(_PROVIDER_OPTIONS.get(name, {}))) for name in providers],
            enable_fallback=0,  # its fallback prints
        )
    except Exception as exc:  # the classes of its errors have no base of their own
        if resources.device == "auto" and providers != [_CPU]:
            return onnx_network(model, Resources("cpu", resources.threads, resources.seconds))
        raise ModelError(f"{model.network.path}: ONNX Runtime cannot load it ({exc})", "backend") from exc
    if resources.device != "auto" and session.get_providers()[0] != providers[0]:
        raise ModelError(f"device `{resources.device}`: ONNX Runtime could not start it", "backend")
    names = list(model.outputs)

    def run(inputs: Arrays) -> dict[str, NDArray[Any]]:
        options = onnxruntime.RunOptions()
        options.log_severity_level = _SILENT
        with _time_limit(options, resources.seconds) as expired:
            try:
                values = session.run(names, dict(inputs), options)
            except Exception as exc:  # as above
                if expired:
                    raise ModelError(f"the model `{model.name}` took over {resources.seconds:g} s", "timeout") from exc
                raise ModelError(f"the model `{model.name}` failed ({exc})", "output") from exc
        return dict(zip(names, values, strict=True))

    return run


def _session_options(model: Model, resources: Resources) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = resources.threads
    options.inter_op_num_threads = 1
    # Threads that spin between two operators take the cores from the other processes of a hook.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without it products with all 8 bits overflow on x86 before VNNI, as on many CI machines (onnxruntime#12088).
    options.add_session_config_entry("session.x64quantprecision", "1")
    if model.optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


@contextmanager
def _time_limit(options: Any, seconds: float) -> Iterator[list[bool]]:
    """Ends the run of these options after the time; the list is then no longer empty."""
    from threading import Timer

    expired: list[bool] = []

    def stop() -> None:
        expired.append(True)
        options.terminate = True

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
