"""What a check says about a file, and what would mend it. Values only.

The values of the whole program are named tuples rather than dataclasses: importing ``dataclasses`` and building twenty
classes with it takes as long as everything else in a run over unchanged files.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import NamedTuple

from thea_hook.core.source import Span


class Severity(str, Enum):
    """How much a finding matters, the most severe first. All of them count for the exit code, unless told otherwise."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    def __str__(self) -> str:
        return self.value


class Applicability(IntEnum):
    """How far a fix can be trusted; the order is the order of trust.

    SAFE keeps what the program does and its comments: ``--fix`` applies it. UNSAFE is probably what was meant, but
    changes behaviour or drops a comment: ``--unsafe-fixes`` adds it. DISPLAY is one of several ways out: it is shown,
    never applied.
    """

    DISPLAY = 0
    UNSAFE = 1
    SAFE = 2

    def __str__(self) -> str:
        return self.name.lower()


class Edit(NamedTuple):
    """Replace the bytes of ``span`` with ``text``."""

    span: Span
    text: bytes


class Fix(NamedTuple):
    """Edits that belong together: all of them are applied, or none. They do not overlap and are in order.

    ``confidence`` is the probability that this is what a person would have written, where a model proposed it.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability
    confidence: float = 1.0

    @property
    def span(self) -> Span:
        """From the first byte touched to the last."""
        return Span(self.edits[0].span.start, max(edit.span.end for edit in self.edits))


class Finding(NamedTuple):
    """One thing found at one place.

    ``confidence`` is the probability that this is a real problem, from 0 to 1. ``source`` says who found it: ``rules``,
    ``ml:tagger``, ``teacher:qwen3``. ``related`` are further places the message speaks of.
    """

    rule_id: str
    category: str
    span: Span
    message: str
    severity: Severity = Severity.ERROR
    confidence: float = 1.0
    source: str = "rules"
    fix: Fix | None = None
    related: tuple[Span, ...] = ()

    @property
    def sort_key(self) -> tuple[int, int, str]:
        return (self.span.start, self.span.end, self.rule_id)
