"""The linters that can be asked, by name. Adding one is adding a module and a line."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from thea_hook.core.source import SourceFile
from thea_hook.others.base import Linter, Rewrite
from thea_hook.others.findings import Answer

LINTERS = {
    "eslint": ("eslint", "ESLint"),
    "oxlint": ("oxlint", "Oxlint"),
    "biome": ("biome", "Biome"),
    "tsc": ("tsc", "TypeScript"),
}
"""Name -> module and class."""

MOST_REMEMBERED = 2048
"""Texts, with all that was said about them."""


def linter_named(name: str, cwd: str) -> Linter:
    """The linter as the project in a folder has it. Raises LinterError where it does not."""
    module, kind = LINTERS[name]
    return Remembering(getattr(import_module(f"thea_hook.others.{module}"), kind)(cwd))


class Remembering:
    """A linter that is asked no question twice: each pass begins with a text that the last one asked about, and every
    search for what mends a finding with the same sets."""

    def __init__(self, linter: Linter) -> None:
        self.name = linter.name
        self._linter = linter
        self._known: dict[SourceFile, Answer | None] = {}

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        new = [file for file in dict.fromkeys(files) if file not in self._known]
        found = dict(zip(new, self._linter.lint(new), strict=True)) if new else {}
        answers = [found[file] if file in found else self._known[file] for file in files]
        self._known.update(found)
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        return answers

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return self._linter.rewrites(file)
