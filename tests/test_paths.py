"""Paths of POSIX and of Windows, whatever system runs the tests."""

from __future__ import annotations

import ntpath
import posixpath
from pathlib import Path

import pytest

from thea_hook.paths import as_if_below, below, upwards


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("/p/src/a.js", "/p", "src/a.js"),
        ("/p/src/a.js", "/", "p/src/a.js"),
        ("/p", "/p", "."),
        ("/", "/", "."),
        ("/project/a.js", "/p", None),
        ("/P/a.js", "/p", None),
        ("/p/back\\slash.js", "/p", "back\\slash.js"),
    ],
)
def test_the_way_down_on_posix(path: str, folder: str, expected: str | None) -> None:
    assert below(path, folder, posixpath) == expected


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("C:\\p\\src\\a.js", "C:\\p", "src/a.js"),
        ("c:\\P\\Src\\a.js", "C:\\p", "Src/a.js"),
        ("C:\\p\\a.js", "C:\\", "p/a.js"),
        ("C:\\p", "c:\\P", "."),
        ("D:\\p\\a.js", "C:\\p", None),
        ("\\\\server\\share\\p\\a.js", "\\\\server\\share\\p", "a.js"),
    ],
)
def test_the_way_down_on_windows_has_forward_slashes(path: str, folder: str, expected: str | None) -> None:
    assert below(path, folder, ntpath) == expected


def test_a_path_elsewhere_keeps_what_the_folder_does_not_share() -> None:
    assert as_if_below("/other/a.js", "/p/q", posixpath) == "other/a.js"
    assert as_if_below("/p/a.js", "/p/q", posixpath) == "a.js"
    assert as_if_below("C:\\p\\a.js", "C:\\p\\q", ntpath) == "a.js"


def test_a_path_on_another_drive_is_no_error() -> None:
    assert as_if_below("D:\\dist\\a.js", "C:\\p", ntpath) == "dist/a.js"


def test_the_way_up_ends_at_the_top(tmp_path: Path) -> None:
    assert list(upwards(str(tmp_path))) == [str(tmp_path), *map(str, tmp_path.parents)]
