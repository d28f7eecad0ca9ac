"""Results of earlier runs, found again by content.

One file a project, to which a run appends what it found. Reading it whole costs 1 ms for 5,000 files and needs no
library; sqlite3 takes 2.5 ms to import before it opens anything, and a file per result 5,000 inodes. Concurrent runs
append whole blocks (``O_APPEND``); what a simultaneous rewrite loses is computed again. A record carries a checksum:
a damaged one ends the reading, and the next run writes the file anew. Payloads are the caller's bytes, never code:
a cache may come from another job of a CI system.
"""

from __future__ import annotations

import os
import struct
import sys
import zlib
from contextlib import suppress

MAX_BYTES = 16 << 20
"""Size above which the older half goes; results of 5,000 clean files take 0.2 MB."""

_MAGIC = b"thea-hook cache 1\n"
_STALE_SECONDS = 30 * 24 * 3600
_NAME_LENGTH = 2 * 16 + len(".cache")
_RECORD = struct.Struct("<16sII")  # key, length of the payload, CRC-32 of key and payload


def cache_folder() -> str:
    """Where this system keeps caches of the user."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(base, "thea-hook")


def digest(*parts: bytes) -> bytes:
    """16 bytes that stand for the parts; where one part ends and the next begins makes a difference."""
    try:
        from _blake2 import blake2b  # the same function; hashlib loads OpenSSL first, which takes 3 ms
    except ImportError:
        from hashlib import blake2b

    state = blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


class Cache:
    """Payloads by key. Storage that cannot be read or written makes an empty cache: nothing here raises OSError."""

    def __init__(self, path: str, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._load()
        self._used: dict[bytes, bytes] = {}
        self._new: dict[bytes, bytes] = {}

    @classmethod
    def open(cls, folder: str, project: str, version: str, max_bytes: int = MAX_BYTES) -> Cache:
        """The cache of a project for one version of everything that makes results: program, rules, models.

        ``project`` only keeps big projects out of each other's way; a folder that serves one project, and may be
        restored in a checkout at another place, takes an empty one.
        """
        name = digest(os.fsencode(project), version.encode()).hex()
        return cls(os.path.join(folder, f"{name}.cache"), max_bytes)

    def get(self, key: bytes) -> bytes | None:
        """The payload that was put under the key, or None."""
        known = self._new.get(key, self._used.get(key))
        place = self._index.get(key)
        if known is not None or place is None:
            return known
        start, end, checksum = place
        payload = self._data[start:end]
        if _checksum(key, payload) != checksum:
            return None  # the record that will be put now takes its place
        self._used[key] = payload
        return payload

    def put(self, key: bytes, payload: bytes) -> None:
        """Remember a payload; a later run finds it once :meth:`flush` was called."""
        self._new[key] = payload

    def flush(self) -> None:
        """Write what was put since the last time."""
        if not self._new:
            return
        block = b"".join(_record(key, payload) for key, payload in self._new.items())
        with suppress(OSError):
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            if not self._can_append(block):
                self._load()  # what looked cut short may have been another run's writing
            if self._can_append(block):
                self._append(block)
            else:
                self._rewrite(block)
                _remove_stale(os.path.dirname(self._path))
        self._used.update(self._new)
        self._new.clear()

    def _load(self) -> None:
        self._data = _read(self._path, limit=2 * self._max_bytes)
        self._index, self._intact = _index_records(self._data)

    def _can_append(self, block: bytes) -> bool:
        return self._intact and len(self._data) + len(block) <= self._max_bytes

    def _append(self, block: bytes) -> None:
        """One write, so that blocks of runs at the same time do not mix."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        try:
            os.write(descriptor, block)
        finally:
            os.close(descriptor)

    def _rewrite(self, block: bytes) -> None:
        """A new file: what this run used and found, and of the rest the newest that half the bound has room for."""
        kept = [block, *(_record(key, payload) for key, payload in self._used.items() if key not in self._new)]
        room = self._max_bytes // 2 - sum(map(len, kept))
        for key, (start, end, checksum) in reversed(self._index.items()):
            payload = self._data[start:end]
            if key in self._used or key in self._new or _checksum(key, payload) != checksum:
                continue
            room -= _RECORD.size + len(payload)
            if room < 0:
                break
            kept.append(_record(key, payload))
        temporary = f"{self._path}.{os.urandom(6).hex()}"
        try:
            with open(temporary, "xb") as file:
                file.write(_MAGIC + b"".join(reversed(kept)))  # oldest first, as appending would have left them
            os.replace(temporary, self._path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def _remove_stale(folder: str) -> None:
    """Remove the caches of projects and versions that nobody added to for a month."""
    from time import time

    with os.scandir(folder) as entries:
        for entry in entries:
            # A folder that the user chose may hold other programs' caches.
            is_ours = len(entry.name) == _NAME_LENGTH and entry.name.endswith(".cache")
            if is_ours and time() - entry.stat().st_mtime > _STALE_SECONDS:
                os.unlink(entry.path)


def _read(path: str, limit: int) -> bytes:
    """The file's bytes; empty where there is none or it is beyond any size of ours."""
    try:
        with open(path, "rb") as file:
            return file.read() if os.fstat(file.fileno()).st_size <= limit else b""
    except OSError:
        return b""


def _index_records(data: bytes) -> tuple[dict[bytes, tuple[int, int, int]], bool]:
    """Key -> where its payload is and its checksum, and whether records can be appended behind the last one."""
    if not data.startswith(_MAGIC):
        return {}, False
    index: dict[bytes, tuple[int, int, int]] = {}
    position, size = len(_MAGIC), len(data)
    while position + _RECORD.size <= size:
        key, length, checksum = _RECORD.unpack_from(data, position)
        start = position + _RECORD.size
        position = start + length
        if position > size:
            return index, False
        index[key] = (start, position, checksum)
    return index, position == size


def _record(key: bytes, payload: bytes) -> bytes:
    return _RECORD.pack(key, len(payload), _checksum(key, payload)) + payload


def _checksum(key: bytes, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(key))
