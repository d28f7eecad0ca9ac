"""What another linter reported, as a value that does not depend on which linter it was."""

from __future__ import annotations

from typing import NamedTuple

from thea_hook.core.finding import Edit, Severity
from thea_hook.core.source import Span

PARSE_ERROR = "parse-error"
"""The rule of what a linter says about a text that it cannot read; such findings have no rule of their own."""

STUMBLE = "stumble"
"""The rule of what a linter says where one of its rules fails, or nobody can understand what it says."""


class Proposal(NamedTuple):
    """Edits that the linter itself proposes. ``is_fix`` is False for a suggestion: one of several ways out, which its
    command line does not make."""

    title: str
    edits: tuple[Edit, ...]
    is_fix: bool


class Reported(NamedTuple):
    """One finding of another linter; ``span`` is in bytes, in whatever units the linter counted."""

    tool: str
    rule: str
    message: str
    path: str
    span: Span
    severity: Severity = Severity.ERROR
    proposals: tuple[Proposal, ...] = ()


Answer = tuple[Reported, ...]
"""All that a linter has to say about one text."""


def stumble(tool: str, path: str, message: str) -> Answer:
    """The answer about a text that a linter stumbles over."""
    return (Reported(tool, STUMBLE, message, path, Span(0, 0)),)
