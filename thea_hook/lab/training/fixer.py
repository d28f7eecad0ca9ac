"""A tagger from a checkpoint or from exported weights, for the parts of the lab that run the fixer many times."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thea_hook.core.source import SourceFile
from thea_hook.lab.checkpoint import load_checkpoint
from thea_hook.lab.training.trainer import has_bfloat16
from thea_hook.languages.oracle import Verdict
from thea_hook.ml.manifest import read_manifest, sha256
from thea_hook.ml.mender import found_repairs
from thea_hook.ml.repair import Repair
from thea_hook.ml.session import Resources, Session
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tagger import Floats, Tagger

CONTEXT_LENGTH = 8_192
RESOURCES = Resources("cpu", threads=1, seconds=600.0)
"""Of what runs many times, in several processes: one thread, and no hurry."""


class Fixer(NamedTuple):
    """A tagger that runs, its sub-tokens, and a name that changes when its weights do."""

    tagger: Tagger
    subtokens: SubTokens
    key: str

    def repairs(self, file: SourceFile, verdict: Verdict) -> list[Repair]:
        """What the product would choose from: the repairs that pass verification, the likeliest first."""
        return found_repairs(file, verdict, self.tagger)


def from_checkpoint(path: Path, subtokens: SubTokens, device: torch.device) -> Fixer:
    """The fixer of a network in training; on a processor it uses one thread. Raises ModelError."""
    if device.type == "cpu":
        torch.set_num_threads(1)
    network = _Network(load_checkpoint(path).network.to(device), device)
    tagger = Tagger(network, subtokens, context_length=CONTEXT_LENGTH)
    return Fixer(tagger, subtokens, sha256(path.read_bytes())[:12])


def from_weights(folder: Path) -> Fixer:
    """The fixer of what ``thea-lab export`` wrote, on one thread. Raises ModelError."""
    model = read_manifest(folder).model("tagger")
    session = Session(model, resources=RESOURCES)
    subtokens = SubTokens.load(model.file("subtokens").path)
    return Fixer(Tagger(session, subtokens, context_length=CONTEXT_LENGTH), subtokens, model.network.sha256[:12])


class _Network:
    """A network as the tagger asks it, in mixed precision where that is faster."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network, self._device = network, device

    def run(self, inputs: dict[str, NDArray[np.int64]]) -> dict[str, Floats]:
        rows = torch.from_numpy(inputs["features"]).to(self._device)
        with (
            torch.inference_mode(),
            torch.autocast(self._device.type, torch.bfloat16, enabled=has_bfloat16(self._device)),
        ):
            position, tag = self._network(rows)
        return {"position": position.float().cpu().numpy(), "tag": tag.float().cpu().numpy()}
