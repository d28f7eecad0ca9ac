"""The torch backend: the network as it was trained, to compare with what ships, and to run without an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from thea_hook.errors import ModelError
from thea_hook.lab.architectures.device import choose_device
from thea_hook.lab.checkpoint import load_checkpoint
from thea_hook.ml.manifest import Model
from thea_hook.ml.session import Resources

if TYPE_CHECKING:
    from thea_hook.ml.session import Arrays, Network


def torch_network(model: Model, resources: Resources) -> Network:
    """The model in torch, from ``<name>.pt`` beside the ONNX file. It takes its time: there is no limit on a run."""
    path = model.network.path.with_suffix(".pt")
    if not path.exists():
        raise ModelError(f"{path} is missing: export the model again with `thea-lab export --reference`", "backend")
    device = choose_device(resources.device)
    network = load_checkpoint(path).network.to(device)
    torch.set_num_threads(resources.threads)

    def run(inputs: Arrays) -> dict[str, NDArray[Any]]:
        tensors = [torch.from_numpy(np.ascontiguousarray(inputs[name])).to(device) for name in model.inputs]
        try:
            with torch.inference_mode():
                found = network(*tensors)
        except (RuntimeError, IndexError) as exc:
            raise ModelError(f"the model `{model.name}` failed ({exc})", "output") from exc
        outputs = found if isinstance(found, tuple) else (found,)
        return {name: value.float().cpu().numpy() for name, value in zip(model.outputs, outputs, strict=True)}

    return run
