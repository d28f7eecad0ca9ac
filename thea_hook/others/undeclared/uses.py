"""The uses of an undeclared name in a file, and what a way out of them is."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.languages.grammars import Module
from thea_hook.languages.scope import Reference


class Use(NamedTuple):
    """An undeclared name, with every reference to it in order."""

    name: str
    references: tuple[Reference, ...]

    @property
    def is_written(self) -> bool:
        return any(reference.is_write for reference in self.references)


class Way(NamedTuple):
    """What may mend all the uses of a name. Several names may share one: then the edits are the same.

    ``is_entry`` where others may be made at the same place, ``is_declaration`` where a comment is all that it changes.
    """

    title: str
    edits: tuple[Edit, ...]
    is_entry: bool = False
    is_declaration: bool = False


def uses_of(module: Module, names: Collection[str]) -> list[Use]:
    """The uses of these names that nothing in the file declares, in the order of the text."""
    found: dict[str, list[Reference]] = {}
    for reference in module.scopes.unresolved:
        if reference.name in names:
            found.setdefault(reference.name, []).append(reference)
    return [Use(name, tuple(references)) for name, references in found.items()]
