"""How many processors a container leaves, by files like those of Linux."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from thea_hook import processors


@pytest.fixture(autouse=True)
def big_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "_visible", lambda: 64)


def system(root: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return str(root)


V1 = "11:cpuset:/\n4:cpu,cpuacct:{0}\n1:name=systemd:{0}\n0::/"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, 64, id="no control groups"),
        pytest.param({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"}, 64, id="no quota"),
        pytest.param({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "200000 100000"}, 2, id="--cpus 2"),
        pytest.param({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "150000 100000"}, 2, id="--cpus 1.5"),
        pytest.param({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "10000 100000"}, 1, id="--cpus 0.1"),
        pytest.param(
            {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "9900000 100000"}, 64, id="more than there is"
        ),
        pytest.param(
            {
                "proc/self/cgroup": "0::/kubepods/pod1/c1",
                "sys/fs/cgroup/kubepods/pod1/c1/cpu.max": "max 100000",
                "sys/fs/cgroup/kubepods/pod1/cpu.max": "400000 100000",
                "sys/fs/cgroup/kubepods/cpu.max": "800000 100000",
            },
            4,
            id="the quota of a parent",
        ),
        pytest.param(
            {
                "proc/self/cgroup": V1.format("/docker/0a1b"),
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "300000",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
            },
            3,
            id="version 1 in a container, where the path is the host's",
        ),
        pytest.param(
            {
                "proc/self/cgroup": V1.format("/"),
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            64,
            id="version 1 without a quota",
        ),
        pytest.param({"proc/self/cgroup": "nonsense", "sys/fs/cgroup/cpu.max": "nonsense"}, 64, id="nonsense"),
        pytest.param({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "5 0"}, 64, id="a period of nothing"),
    ],
)
def test_a_quota_limits_the_processors(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    assert processors.available(system(tmp_path, files)) == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no CPU sets")
def test_a_cpu_set_limits_the_processors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert processors.available(str(tmp_path)) == 1
    finally:
        os.sched_setaffinity(0, before)
