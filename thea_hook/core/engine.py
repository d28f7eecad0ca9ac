"""The one interface of everything that finds something: rules, the syntax check, models, a teacher."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from thea_hook.core.finding import Finding
from thea_hook.core.source import SourceFile


class Engine(Protocol):
    """A source of findings. ``version`` changes whenever its answers can change: it is part of the cache key."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def check(self, file: SourceFile) -> Iterable[Finding]:
        """Findings in any order. Raises nothing for any bytes that are valid UTF-8."""
        ...
