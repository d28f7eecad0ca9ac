"""The configuration of every file in an editor that has several folders open, and changes their files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from thea_hook.config import Configuration
from thea_hook.core.source import SourceFile
from thea_hook.files import Skip, as_source
from thea_hook.paths import below
from thea_hook.settings import Settings

WATCHED = ("**/*.toml", "**/package.json")
"""Globs of everything that may be or be extended by a configuration file."""


class Configurations:
    """A ``Configuration`` for each folder of the workspace, read when the first file asks and again after a change."""

    def __init__(self, folders: Callable[[], Iterable[str]]) -> None:
        self._folders = folders
        self._known: dict[str, Configuration] = {}

    def forget(self) -> None:
        """Read everything again."""
        self._known.clear()

    def of(self, path: str) -> Configuration:
        """The configuration that a run in the file's workspace folder would have. Raises ConfigError."""
        from thea_hook.ruleset.selection import known_selectors

        root = self.root_of(path)
        if root not in self._known:
            self._known[root] = Configuration.load(root, known_rules=known_selectors)
        return self._known[root]

    def root_of(self, path: str) -> str:
        """The innermost workspace folder that has the file in it; its own folder where none has."""
        around = [folder for folder in self._folders() if below(path, folder) is not None]
        return max(around, key=len, default=os.path.dirname(path))

    def source(self, path: str, text: bytes) -> tuple[SourceFile | Skip, Settings]:
        """The text as a run over its folder would take it, with its settings. Raises ConfigError."""
        configuration = self.of(path)
        settings = configuration.settings(path)
        if configuration.excluded(path):
            return Skip(path, "excluded"), settings
        return as_source(path, text, max_size=settings.max_file_size), settings
