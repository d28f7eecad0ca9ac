"""A project with another text in some files, for a linter that reads files and nothing else.

The folders on the way to a file are real, all else in them is links to the project, so that configuration, plugins and
neighbours are where the linter looks for them. The project itself is not touched.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from thea_hook.core.source import SourceFile
from thea_hook.git import find_root
from thea_hook.others.programs import LinterError
from thea_hook.paths import below


class Shadow:
    """Such a project; ``cwd`` is the working folder in it, and ``paths`` the files as the linter is to be told."""

    def __init__(self, folder: str, files: Sequence[SourceFile], cwd: str) -> None:
        self._root = find_root(cwd) or cwd
        self._folder = folder
        ways = [self._way(file) for file in files]
        self.paths = [os.path.join(folder, *way) for way in ways]
        self.cwd = os.path.join(folder, *(below(cwd, self._root) or ".").split("/"))
        _link(self._root, folder, ways)
        os.makedirs(self.cwd, exist_ok=True)
        for path, file in zip(self.paths, files, strict=True):
            with open(path, "wb") as stream:
                stream.write(file.text)

    def _way(self, file: SourceFile) -> list[str]:
        way = below(os.path.abspath(file.path), self._root)
        if way is None:
            raise LinterError(f"--with: {file.path} lies outside of the project")
        return way.split("/")

    def named(self, said: str) -> str:
        """What a linter says in here, with the names that things have in the project."""
        return said.replace(self._folder, self._root)

    def text(self) -> bytes:
        """What the linter made of the first file."""
        with open(self.paths[0], "rb") as stream:
            return stream.read()


@contextmanager
def shadow_of(files: Sequence[SourceFile], cwd: str) -> Iterator[Shadow]:
    """A project in a folder for temporary files, gone at the end. Raises LinterError where there can be none.

    Each file has a path of its own.
    """
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="thea-hook-") as folder:
        try:
            shadow = Shadow(os.path.realpath(folder), files, cwd)
        except OSError as exc:
            raise LinterError(f"--with: no copy of the project for {files[0].path}: {exc.strerror or exc}") from exc
        yield shadow


def _link(real: str, folder: str, ways: Sequence[list[str]]) -> None:
    """Links to all that a folder has, but for what is on the ways: that is a folder again, and at the end nothing."""
    below_here: dict[str, list[list[str]]] = defaultdict(list)
    for way in ways:
        below_here[way[0]].append(way[1:])
    os.makedirs(folder, exist_ok=True)
    for entry in os.scandir(real) if os.path.isdir(real) else ():
        if entry.name not in below_here and entry.name != ".git":
            os.symlink(entry.path, os.path.join(folder, entry.name), target_is_directory=entry.is_dir())
    for name, rest in below_here.items():
        if any(rest):
            _link(os.path.join(real, name), os.path.join(folder, name), [way for way in rest if way])
