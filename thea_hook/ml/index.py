"""Which architectures are made of what: technique -> architectures, with the configuration of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from thea_hook.ml.registry import Capability


class Entry(NamedTuple):
    """An architecture that uses a technique."""

    architecture: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnifiedIndex:
    """The techniques in the order in which they were first named, each with the architectures that use it."""

    entries: Mapping[str, tuple[Entry, ...]]

    @classmethod
    def of(cls, capabilities: Mapping[str, Capability]) -> UnifiedIndex:
        """The index of some architectures, such as the ``capabilities`` of a registry."""
        entries: dict[str, tuple[Entry, ...]] = {}
        for name, capability in capabilities.items():
            for technique in capability.techniques:
                entries[technique] = (*entries.get(technique, ()), Entry(name, capability.config))
        return cls(entries)

    def architectures(self, technique: str) -> tuple[Entry, ...]:
        """Those that use a technique; none for one that nobody knows."""
        return self.entries.get(technique, ())

    def techniques(self, architecture: str) -> tuple[str, ...]:
        """What an architecture is made of."""
        return tuple(
            technique
            for technique, entries in self.entries.items()
            if any(entry.architecture == architecture for entry in entries)
        )
