"""What a linter is to the rest of the package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from thea_hook.core.source import SourceFile
from thea_hook.others.findings import Answer


class Rewrite(NamedTuple):
    """A text after all of a linter's own fixes, or with ``is_fix`` False after its suggestions too."""

    title: str
    text: bytes
    is_fix: bool


class Linter(Protocol):
    """A linter that can be asked about texts which are not what the disk has."""

    name: str

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        """What it says about each text, under the configuration of its path; None for a path that it ignores.

        One path may come several times, with other texts. Raises LinterError.
        """
        ...

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        """What it makes of a text, for a linter whose report does not say how it would mend each finding."""
        ...
