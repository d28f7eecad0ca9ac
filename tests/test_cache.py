"""A cache that forgets rather than fails."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thea_hook import cache as cache_module
from thea_hook.cache import Cache, cache_folder, digest

KEY, OTHER = digest(b"a"), digest(b"b")


def opened(folder: Path, project: str = "/project", version: str = "1", max_bytes: int = 1 << 20) -> Cache:
    return Cache.open(str(folder), project, version, max_bytes)


def put(folder: Path, *items: tuple[bytes, bytes], max_bytes: int = 1 << 20) -> None:
    cache = opened(folder, max_bytes=max_bytes)
    for key, payload in items:
        cache.put(key, payload)
    cache.flush()


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_later_run_finds_what_was_put(tmp_path: Path) -> None:
    put(tmp_path / "made", (KEY, b"findings"), (OTHER, b""))
    cache = opened(tmp_path / "made")
    assert (cache.get(KEY), cache.get(OTHER), cache.get(digest(b"c"))) == (b"findings", b"", None)


def test_the_same_run_finds_it_before_and_after_writing(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    cache.put(KEY, b"x")
    assert cache.get(KEY) == b"x"
    cache.flush()
    assert cache.get(KEY) == b"x"
    cache.put(OTHER, b"y")
    cache.flush()
    assert [opened(tmp_path).get(key) for key in (KEY, OTHER)] == [b"x", b"y"]


def test_a_newer_payload_replaces_the_older(tmp_path: Path) -> None:
    put(tmp_path, (KEY, b"old"))
    put(tmp_path, (KEY, b"new"))
    assert opened(tmp_path).get(KEY) == b"new"


def test_another_version_and_another_project_find_nothing(tmp_path: Path) -> None:
    put(tmp_path, (KEY, b"x"))
    assert opened(tmp_path, version="2").get(KEY) is None
    assert opened(tmp_path, project="/other").get(KEY) is None


def test_nothing_is_written_where_nothing_is_new(tmp_path: Path) -> None:
    put(tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_the_parts_of_a_key_do_not_run_together() -> None:
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
    assert len(digest(b"")) == 16


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize("size", [0, 5, 18, 30, 42, 60])
def test_a_file_cut_short_keeps_what_is_whole_and_is_mended(tmp_path: Path, size: int) -> None:
    put(tmp_path, (KEY, b"12345678"), (OTHER, b"x" * 40))
    with only_file(tmp_path).open("r+b") as file:
        file.truncate(size)
    whole = size >= 18 + 24 + 8
    assert opened(tmp_path).get(KEY) == (b"12345678" if whole else None)
    put(tmp_path, (OTHER, b"again"))
    cache = opened(tmp_path)
    assert (cache.get(KEY), cache.get(OTHER)) == (b"12345678" if whole else None, b"again")


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    put(tmp_path, (KEY, b"findings"), (OTHER, b"others"))
    data = bytearray(only_file(tmp_path).read_bytes())
    data[data.index(b"findings")] ^= 1
    only_file(tmp_path).write_bytes(data)
    cache = opened(tmp_path)
    assert (cache.get(KEY), cache.get(OTHER)) == (None, b"others")
    cache.put(KEY, b"findings")
    cache.flush()
    assert [opened(tmp_path).get(key) for key in (KEY, OTHER)] == [b"findings", b"others"]


def test_a_record_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    put(tmp_path, (OTHER, b"kept"))
    with only_file(tmp_path).open("ab") as file:
        file.write(struct.pack("<16sII", KEY, 2**32 - 1, 0) + b"x")
    cache = opened(tmp_path)
    assert (cache.get(KEY), cache.get(OTHER)) == (None, b"kept")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200), headed=st.booleans())
def test_no_file_whatever_makes_it_fail(tmp_path: Path, data: bytes, headed: bool) -> None:
    put(tmp_path, (KEY, b"x"))
    header = only_file(tmp_path).read_bytes()[:18]
    only_file(tmp_path).write_bytes(header + data if headed else data)
    assert opened(tmp_path).get(KEY) is None
    put(tmp_path, (OTHER, b"y"))
    assert opened(tmp_path).get(OTHER) == b"y"


def test_storage_that_cannot_be_used_is_an_empty_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    put(tmp_path / "file", (KEY, b"x"))
    assert opened(tmp_path / "file").get(KEY) is None


def test_a_full_disk_leaves_the_old_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, (KEY, b"x"))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        patch.setattr(os, "replace", refuse)
        put(tmp_path, (OTHER, b"y"))
        put(tmp_path, (OTHER, b"y" * 2_000_000))
    assert len(os.listdir(tmp_path)) == 1
    assert (opened(tmp_path).get(KEY), opened(tmp_path).get(OTHER)) == (b"x", None)


# ------------------------------------------------------------------ size and age


def test_the_size_is_bounded_and_the_newest_stay(tmp_path: Path) -> None:
    for number in range(100):
        put(tmp_path, (digest(b"%d" % number), b"x" * 100), max_bytes=4_000)
        assert only_file(tmp_path).stat().st_size <= 4_000
    cache = opened(tmp_path)
    assert [number for number in range(100) if cache.get(digest(b"%d" % number))][-10:] == list(range(90, 100))
    assert cache.get(digest(b"0")) is None


def test_what_a_run_used_outlives_what_it_did_not(tmp_path: Path) -> None:
    put(tmp_path, *((digest(b"%d" % number), b"x" * 100) for number in range(30)), max_bytes=4_000)
    cache = opened(tmp_path, max_bytes=4_000)
    assert cache.get(digest(b"0")) is not None
    cache.put(KEY, b"y" * 500)
    cache.flush()
    after = opened(tmp_path)
    assert after.get(digest(b"0")) is not None
    assert after.get(digest(b"29")) is not None
    assert after.get(digest(b"1")) is None


def test_caches_that_nobody_uses_any_more_are_removed(tmp_path: Path) -> None:
    put(tmp_path, (KEY, b"x"))
    old = only_file(tmp_path)
    os.utime(old, (0, time.time() - 31 * 24 * 3600))
    theirs = tmp_path / "theirs.cache"
    theirs.write_bytes(b"x")
    os.utime(theirs, (0, 0))
    other = opened(tmp_path, project="/other")
    other.put(KEY, b"x")
    other.flush()
    assert not old.exists()
    assert theirs.exists(), "a folder may hold more than ours"
    assert len(os.listdir(tmp_path)) == 2


# ------------------------------------------------------------------ runs at the same time


def test_runs_at_the_same_time_never_damage_the_cache(tmp_path: Path) -> None:
    """Four processes write 50 times each. A record may be lost to a rewrite, but none is ever wrong."""
    program = """
import sys
from thea_hook.cache import Cache, digest
for number in range(50):
    cache = Cache.open(sys.argv[1], "/project", "1", 60_000)
    cache.put(digest(sys.argv[2].encode(), b"%d" % number), sys.argv[2].encode() * 500)
    cache.flush()
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(cache_module.__file__).parent.parent)}
    runs = [subprocess.Popen((sys.executable, "-c", program, str(tmp_path), name), env=environment) for name in "abcd"]
    assert [run.wait() for run in runs] == [0] * 4
    cache = opened(tmp_path)
    found = {
        (name, number): cache.get(digest(name, b"%d" % number))
        for name in (b"a", b"b", b"c", b"d")
        for number in range(50)
    }
    kept = {key: payload for key, payload in found.items() if payload is not None}
    assert all(payload == name * 500 for (name, _), payload in kept.items())
    assert len(kept) >= 40
    assert sum(name.endswith(".cache") for name in os.listdir(tmp_path)) == len(os.listdir(tmp_path)) == 1


# ------------------------------------------------------------------ where it is


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.cache/thea-hook"),
        ("linux", {"HOME": "/home/ada", "XDG_CACHE_HOME": "/var/cache/ada"}, "/var/cache/ada/thea-hook"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Caches/thea-hook"),
    ],
)
def test_the_folder_is_where_the_system_keeps_caches(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == expected
