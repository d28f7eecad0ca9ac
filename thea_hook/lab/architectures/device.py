"""Where a network runs, and whether it is compiled first."""

from __future__ import annotations

from typing import TypeVar, cast

import torch
from torch import nn

from thea_hook.errors import ModelError

AUTO = "auto"

Network = TypeVar("Network", bound=nn.Module)


def choose_device(name: str = AUTO) -> torch.device:
    """The device of that name; for ``auto`` the fastest there is: CUDA, then MPS, then the processor.

    Raises ``ModelError`` for one that torch does not know or this machine does not have.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == AUTO:
        return torch.device(next(kind for kind, is_here in present.items() if is_here))
    try:
        device = torch.device(name)
    except RuntimeError as exc:
        raise ModelError(f"device `{name}`: choose {AUTO}, {', '.join(present)}", "backend") from exc
    if not present.get(device.type, False):
        raise ModelError(f"device `{name}`: torch finds none here", "backend")
    return device


def compiled(network: Network, *, backend: str = "inductor") -> Network:
    """The network with ``torch.compile`` round it: the same parameters and the same answers.

    On request only: on the processor it brought nothing (2,880 against 3,050 tokens a second, after a minute of
    compiling), and on a GPU each new length compiles anew until the lengths are taken as dynamic.
    """
    return cast(Network, torch.compile(network, backend=backend))
