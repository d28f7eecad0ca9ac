"""Paths as people and patterns read them: relative to a folder, with forward slashes, on every system."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from types import ModuleType


def below(path: str, folder: str, flavour: ModuleType = os.path) -> str | None:
    """The way from a folder down to a path, both absolute; ``.`` for the folder itself, None for a path elsewhere.

    On Windows, drives and folders may be written in any case. ``flavour`` is ``posixpath`` or ``ntpath``.
    """
    prefix = flavour.join(folder, "")
    if flavour.normcase(path).startswith(flavour.normcase(prefix)):
        return path[len(prefix) :].replace(flavour.sep, "/") or os.curdir
    return os.curdir if flavour.normcase(path + flavour.sep) == flavour.normcase(prefix) else None


def as_if_below(path: str, folder: str, flavour: ModuleType = os.path) -> str:
    """Like ``below``; for a path elsewhere, the part of it that the folder does not share."""
    inside = below(path, folder, flavour)
    if inside is not None:
        return inside
    try:
        way = flavour.relpath(path, folder)
    except ValueError:  # on another drive
        way = flavour.splitdrive(path)[1].lstrip("\\/")
    return re.sub(r"^(?:\.\./)+", "", way.replace(flavour.sep, "/"))


def upwards(folder: str) -> Iterator[str]:
    """An absolute folder and those that it is in, the nearest first."""
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder
