"""The selective scan of Mamba: the recurrence that mixes the positions, in a form that trains.

Letters: b batch, l length, d channels, n states.

On a processor the scan is a kernel in C, compiled when it is first needed and kept in the user's cache; on other
devices, and where there is no compiler, it is written in tensors, chunk by chunk. Forward and backward of
[16, 512, 512] with 8 states take the kernel 0.06 s and the tensors 2.5 s on one thread.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

LANES = 16
"""Channels come in multiples of this to the kernel."""
MAX_STATES = 64
CHUNK = 16
_SOURCE = Path(__file__).with_suffix(".c")
_COMPILE = ("-O3", "-march=native", "-ffast-math", "-fopenmp", "-fPIC", "-c")
_LINK = ("-shared", "-fopenmp")
"""Without -ffast-math: with it gcc links in what makes the whole process take the smallest numbers for zero."""


def selective_scan(u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, state: Tensor | None = None) -> Tensor:
    """y [b, l, d] of u, dt [b, l, d], a [d, n] (negative), b and c [b, l, n]; ``state`` [b, d, n] is that before, to
    which no gradient goes. Raises ValueError where the shapes are others."""
    if state is None:
        state = u.new_zeros(u.shape[0], *a.shape)
    u, dt, a, b, c, state = (value.float() for value in (u, dt, a, b, c, state.detach()))
    inner = (*u.shape[:2], a.shape[1])
    if (dt.shape, len(a), b.shape, c.shape, state.shape) != (u.shape, u.shape[2], inner, inner, (len(u), *a.shape)):
        raise ValueError(f"no scan has the shapes {', '.join(str(tuple(x.shape)) for x in (u, dt, a, b, c, state))}")
    if u.device.type == "cpu" and u.shape[2] % LANES == 0 and a.shape[1] <= MAX_STATES and kernel() is not None:
        result: Tensor = _Scan.apply(u, dt, a, b, c, state)  # type: ignore[no-untyped-call]
        return result
    return scan_in_tensors(u, dt, a, b, c, state)


def scan_in_tensors(u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, state: Tensor) -> Tensor:
    """The same in tensors alone: all chunks at once position by position, then their states from chunk to chunk."""
    batch, length, channels = u.shape
    chunks = -(-length // CHUNK)
    missing = chunks * CHUNK - length

    def chunked(x: Tensor) -> Tensor:
        padded = torch.nn.functional.pad(x, (0, 0, 0, missing))
        return padded.view(batch, chunks, CHUNK, x.shape[2])

    u, dt, b, c = map(chunked, (u, dt, b, c))
    decay = torch.exp(dt.unsqueeze(-1) * a)  # [b, chunks, CHUNK, d, n]
    inputs = (dt * u).unsqueeze(-1) * b.unsqueeze(3)
    own = torch.zeros_like(inputs[:, :, 0])
    since = torch.ones_like(own)
    states, carried = [], []
    for position in range(CHUNK):
        own = decay[:, :, position] * own + inputs[:, :, position]
        since = since * decay[:, :, position]
        states.append(own)
        carried.append(since)
    before = [state]
    for chunk in range(chunks):
        before.append(since[:, chunk] * before[-1] + own[:, chunk])
    entering = torch.stack(before[:-1], 1).unsqueeze(2)
    every = torch.stack(states, 2) + torch.stack(carried, 2) * entering
    y = (every * c.unsqueeze(3)).sum(-1)
    return y.reshape(batch, chunks * CHUNK, channels)[:, :length]


# ------------------------------------------------------------------ the kernel


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> Tensor:
        u, dt, a, b, c, state = (value.detach().contiguous() for value in inputs)
        ctx.save_for_backward(u, dt, a, b, c, state)
        y, last = torch.empty_like(u), state.clone()
        library = kernel()
        assert library is not None
        library.scan_forward(*map(_pointer, (u, dt, a, b, c, last, y)), *u.shape, a.shape[1])
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        u, dt, a, b, c, state = ctx.saved_tensors
        du, ddt = torch.empty_like(u), torch.empty_like(dt)
        da, db, dc = torch.zeros_like(a), torch.zeros_like(b), torch.zeros_like(c)
        dy = dy.float().contiguous()
        tensors = (u, dt, a, b, c, state, dy, du, ddt, da, db, dc)
        library = kernel()
        assert library is not None
        if library.scan_backward(*map(_pointer, tensors), *u.shape, a.shape[1]):
            raise MemoryError("the selective scan has no memory for the states of a text")
        return du, ddt, da, db, dc, None


def _pointer(tensor: Tensor) -> ctypes.c_void_p:
    return ctypes.c_void_p(tensor.data_ptr())


@cache
def kernel() -> ctypes.CDLL | None:
    """The compiled kernel; None where there is no C compiler, or it fails."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "thea-lab")
    library = folder / f"selective_scan-{_key()}.so"
    try:
        if not library.exists():
            _compile(compiler, library)
        loaded = ctypes.CDLL(str(library))
    except (OSError, subprocess.CalledProcessError):
        return None
    sizes = (ctypes.c_long,) * 4
    loaded.scan_forward.argtypes = (*(ctypes.c_void_p,) * 7, *sizes)
    loaded.scan_backward.argtypes = (*(ctypes.c_void_p,) * 12, *sizes)
    loaded.scan_backward.restype = ctypes.c_int
    return loaded


def _key() -> str:
    """Changes with the source and its flags, and with the processor: the kernel uses all of its instructions."""
    processor = platform.processor() or platform.machine()
    try:
        facts = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        processor = next((fact for fact in facts if fact.startswith(("flags", "Features"))), processor)
    except OSError:
        pass  # only Linux says more
    content = (_SOURCE.read_text("utf-8"), *_COMPILE, *_LINK, processor)
    return sha256("\0".join(content).encode()).hexdigest()[:16]


def _compile(compiler: str, library: Path) -> None:
    """Make the library, whole or not at all. Raises OSError or CalledProcessError."""
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
        compiled, linked = Path(scratch, "scan.o"), Path(scratch, library.name)
        for command in ((*_COMPILE, _SOURCE, "-o", compiled), (*_LINK, compiled, "-o", linked, "-lm")):
            subprocess.run([compiler, *map(str, command)], check=True, capture_output=True)
        linked.replace(library)
