"""A project with another text in one file, for a linter that reads files and nothing else.

The folders on the way to the file are real, all else in them is links to the project, so that configuration, plugins
and neighbours are where the linter looks for them. The project itself is not touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from thea_hook.core.source import SourceFile
from thea_hook.git import find_root
from thea_hook.others.programs import LinterError
from thea_hook.paths import below


class Shadow:
    """Such a project; ``cwd`` is the working folder in it, and ``path`` the file as the linter is to be told."""

    def __init__(self, folder: str, file: SourceFile, cwd: str) -> None:
        root = find_root(cwd) or cwd
        way = below(os.path.abspath(file.path), root)
        if way is None:
            raise LinterError(f"--with: {file.path} lies outside of the project")
        self.path = os.path.join(folder, *way.split("/"))
        self.cwd = os.path.join(folder, *(below(cwd, root) or ".").split("/"))
        _link(root, folder, way.split("/"))
        os.makedirs(self.cwd, exist_ok=True)
        with open(self.path, "wb") as stream:
            stream.write(file.text)

    def text(self) -> bytes:
        """What the linter made of the file."""
        with open(self.path, "rb") as stream:
            return stream.read()


@contextmanager
def shadow_of(file: SourceFile, cwd: str) -> Iterator[Shadow]:
    """A project in a folder for temporary files, gone at the end. Raises LinterError where there can be none."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="thea-hook-") as folder:
        try:
            shadow = Shadow(os.path.realpath(folder), file, cwd)
        except OSError as exc:
            raise LinterError(f"--with: no copy of the project for {file.path}: {exc.strerror or exc}") from exc
        yield shadow


def _link(real: str, folder: str, way: list[str]) -> None:
    """Links to all that a folder has, but for what is on the way: that is a folder again, and at the end nothing."""
    os.makedirs(folder, exist_ok=True)
    for entry in os.scandir(real) if os.path.isdir(real) else ():
        if entry.name not in (way[0], ".git"):
            os.symlink(entry.path, os.path.join(folder, entry.name), target_is_directory=entry.is_dir())
    if len(way) > 1:
        _link(os.path.join(real, way[0]), os.path.join(folder, way[0]), way[1:])
