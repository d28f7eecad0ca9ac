"""How many processors this process may use: fewer than the machine has, in a container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil


def available(root: str = os.sep) -> int:
    """Processors for this process: what the system, a CPU set (``taskset``) and a quota (``docker --cpus``) leave.

    A quota is time, not processors: a container with ``--cpus 2`` sees all 64 of its host, and 64 processes would share
    the time of two. ``root`` is where the files of the system are.
    """
    return max(1, min([_visible(), *map(ceil, _quotas(root))]))


def _visible() -> int:
    """The processors that the scheduler may put this process on."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13; heeds PYTHON_CPU_COUNT
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: str) -> Iterator[float]:
    """The quota of each control group that this process is in, in processors; a group's parents limit it, too."""
    for line in _read(root, "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0":
            mounts = [("sys/fs/cgroup", _quota_of_v2), ("sys/fs/cgroup/unified", _quota_of_v2)]
        elif "cpu" in controllers.split(","):
            mounts = [(f"sys/fs/cgroup/{controllers}", _quota_of_v1), ("sys/fs/cgroup/cpu", _quota_of_v1)]
        else:
            continue
        parts = [part for part in group.split("/") if part not in ("", "..")]
        for mount, quota_of in mounts:
            # From inside a container, its own group is often what is mounted at the top.
            for depth in range(len(parts), -1, -1):
                quota = quota_of(root, "/".join((mount, *parts[:depth])))
                if quota > 0:
                    yield quota


def _quota_of_v2(root: str, folder: str) -> float:
    """Quota of a group in processors; 0 where there is none: the file reads ``max 100000`` or ``200000 100000``."""
    quota, _, period = _read(root, f"{folder}/cpu.max").partition(" ")
    return _ratio(quota, period)


def _quota_of_v1(root: str, folder: str) -> float:
    """The same for the older control groups, where no quota is -1."""
    return _ratio(_read(root, f"{folder}/cpu.cfs_quota_us"), _read(root, f"{folder}/cpu.cfs_period_us"))


def _ratio(quota: str, period: str) -> float:
    return int(quota) / int(period) if quota.strip().isdigit() and int(period.strip() or 0) else 0.0


def _read(root: str, name: str) -> str:
    try:
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""
