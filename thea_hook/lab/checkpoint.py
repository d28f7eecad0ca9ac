"""Trained networks as files: what training wrote, and the network it makes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from thea_hook.errors import ModelError
from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.registry import ARCHITECTURES, build


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network ready to answer, its architecture and configuration, and how many steps it was trained for."""

    network: nn.Module
    architecture: str
    config: Configuration
    step: int

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.network.parameters())


def load_checkpoint(path: Path) -> Checkpoint:
    """The network of a checkpoint. Raises ModelError where the file is none, or does not fit this version."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about files that are none of torch's, which are an error all the same
            state = torch.load(path, map_location="cpu", weights_only=True)
        fields, weights, step = dict(state["config"]), state["model"], int(state.get("step", 0))
        architecture = fields.pop("architecture")
    except OSError as exc:
        raise ModelError(f"{path} cannot be read ({exc.strerror or exc}): train a model or name another file") from exc
    except Exception as exc:  # what unpickling raises depends on the bytes
        raise ModelError(f"{path} is no checkpoint of `thea-lab train` ({type(exc).__name__})") from exc
    network = build(architecture, fields)
    try:
        network.load_state_dict(weights)
    except RuntimeError as exc:
        raise ModelError(f"{path} does not fit the architecture `{architecture}` of this version ({exc})") from exc
    config = type(ARCHITECTURES[architecture].full).from_dict(fields)
    return Checkpoint(network.eval(), architecture, config, step)


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write it without what only training needs: this is what the torch backend reads."""
    fields = {"architecture": checkpoint.architecture, **checkpoint.config.to_dict()}
    torch.save({"config": fields, "model": checkpoint.network.state_dict(), "step": checkpoint.step}, path)
