"""Files that change, vanish or refuse while they are being written: each is old or new, never half."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from thea_hook import files
from thea_hook.errors import FileAccessError
from thea_hook.files import write_atomic

OLD, NEW = b"let a = 1;\n" * 1_000, b"const a = 1;\n" * 1_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.js").write_bytes(OLD)
    return tmp_path


def assert_untouched(folder: Path) -> None:
    assert (folder / "a.js").read_bytes() == OLD
    assert os.listdir(folder) == ["a.js"], "no temporary file is left behind"


@pytest.mark.parametrize("now", [b"", b"let other;\n", OLD + b"x", OLD[:-1]])
def test_a_file_that_changed_since_it_was_read_is_not_overwritten(folder: Path, now: bytes) -> None:
    (folder / "a.js").write_bytes(now)
    with pytest.raises(FileAccessError, match=r"cannot write a\.js: it changed while it was being checked; run again"):
        write_atomic("a.js", NEW, OLD)
    assert (folder / "a.js").read_bytes() == now


def test_a_file_that_changes_during_the_write_is_not_overwritten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def edit_meanwhile(descriptor: int) -> None:
        sync(descriptor)
        (folder / "a.js").write_bytes(b"typed meanwhile\n")

    monkeypatch.setattr(os, "fsync", edit_meanwhile)
    with pytest.raises(FileAccessError, match="it changed while it was being checked"):
        write_atomic("a.js", NEW, OLD)
    assert (folder / "a.js").read_bytes() == b"typed meanwhile\n"
    assert os.listdir(folder) == ["a.js"]


def test_a_file_that_is_gone_is_not_made_again(folder: Path) -> None:
    (folder / "a.js").unlink()
    with pytest.raises(FileAccessError, match=r"cannot write a\.js: No such file or directory; it is unchanged"):
        write_atomic("a.js", NEW, OLD)
    assert os.listdir(folder) == []


def test_a_read_only_file_stays(folder: Path) -> None:
    (folder / "a.js").chmod(0o444)
    with pytest.raises(FileAccessError, match=r"cannot write a\.js: it is read-only"):
        write_atomic("a.js", NEW, OLD)
    assert_untouched(folder)


def test_a_file_that_became_a_link_is_not_written_through(folder: Path) -> None:
    (folder / "a.js").rename(folder / "target.js")
    (folder / "a.js").symlink_to("target.js")
    with pytest.raises(FileAccessError, match="it is not a regular file"):
        write_atomic("a.js", NEW, OLD)
    assert (folder / "target.js").read_bytes() == OLD
    assert (folder / "a.js").is_symlink()


def failing(code: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("step", ["open", "fsync", "chmod", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_whatever_step_fails_the_file_is_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, step, failing(code))
        with pytest.raises(FileAccessError, match=rf"cannot write a\.js: {os.strerror(code)}; it is unchanged"):
            write_atomic("a.js", NEW, OLD)
    assert_untouched(folder)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_disk_that_fills_up_during_the_write_leaves_the_old_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def open_full(path: str, flags: int, mode: int = 0o777) -> int:
        os.close(opened(path, flags, mode))
        return opened("/dev/full", os.O_WRONLY)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", open_full)
        with pytest.raises(FileAccessError, match=r"cannot write a\.js: No space left on device; it is unchanged"):
            write_atomic("a.js", NEW, OLD)
    assert_untouched(folder)


def test_ctrl_c_during_the_write_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic("a.js", NEW, OLD)
    assert_untouched(folder)


def test_an_owner_that_cannot_be_kept_does_not_stop_the_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "fchown"):
        pytest.skip("this system has no owners")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(os, "fchown", failing(errno.EPERM))
    write_atomic("a.js", NEW, OLD)
    assert (folder / "a.js").read_bytes() == NEW


def test_nobody_else_can_read_the_new_file_before_it_has_its_mode(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.js").chmod(0o640)
    modes: list[int] = []
    change = os.chmod

    def note(path: str, mode: int) -> None:
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        change(path, mode)

    monkeypatch.setattr(os, "chmod", note)
    write_atomic("a.js", NEW, OLD)
    assert modes == [0o600]
    assert stat.S_IMODE((folder / "a.js").stat().st_mode) == 0o640


WRITER = """
import sys
from thea_hook.files import write_atomic
old, new = b"let a = 1;\\n" * 1_000, b"const a = 1;\\n" * 1_000
print("ready", flush=True)
for number in range(200):
    write_atomic(f"{number}.js", new, old)
"""


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay", [0.0, 0.005, 0.02])
def test_a_run_that_is_killed_leaves_every_file_old_or_new(folder: Path, kill: signal.Signals, delay: float) -> None:
    for number in range(200):
        (folder / f"{number}.js").write_bytes(OLD)
    environment = {**os.environ, "PYTHONPATH": str(Path(files.__file__).parent.parent)}
    with subprocess.Popen(
        (sys.executable, "-c", WRITER), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay)
        writer.send_signal(kill)
        writer.wait()
    contents = [(folder / f"{number}.js").read_bytes() for number in range(200)]
    assert set(contents) <= {OLD, NEW}
    done = contents.count(NEW)
    assert contents == [NEW] * done + [OLD] * (200 - done)
    left_over = [name for name in os.listdir(folder) if not name.endswith(".js")]
    assert len(left_over) <= (0 if kill == signal.SIGINT else 1)
    assert all(name.startswith(".thea-hook-") and name.endswith(".tmp") for name in left_over)
