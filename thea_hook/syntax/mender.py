"""The interface of whatever mends a text that the rules cannot: a model, a teacher."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from thea_hook.core.finding import Fix
from thea_hook.core.source import SourceFile
from thea_hook.languages.oracle import Verdict


class Mended(NamedTuple):
    """A repair that was verified, with its confidence, and who proposed it: ``ml:tagger``."""

    fix: Fix
    source: str


class Mender(Protocol):
    """Proposes repairs. ``version`` changes whenever its answers can change."""

    @property
    def version(self) -> str: ...

    def mend(self, file: SourceFile, verdict: Verdict) -> Mended | None:
        """The likeliest repair of a text that the second parser calls broken, or None. Raises nothing."""
        ...
