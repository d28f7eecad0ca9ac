"""The linters that can be asked, by name. Adding one is adding a module and a line."""

from __future__ import annotations

from importlib import import_module

from thea_hook.others.base import Linter

LINTERS = {
    "eslint": ("eslint", "ESLint"),
    "oxlint": ("oxlint", "Oxlint"),
    "biome": ("biome", "Biome"),
    "tsc": ("tsc", "TypeScript"),
}
"""Name -> module and class."""


def linter_named(name: str, cwd: str) -> Linter:
    """The linter as the project in a folder has it. Raises LinterError where it does not."""
    module, kind = LINTERS[name]
    made: Linter = getattr(import_module(f"thea_hook.others.{module}"), kind)(cwd)
    return made
