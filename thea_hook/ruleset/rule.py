"""A rule as read from its file, and what a check reports. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from thea_hook.core.finding import Applicability, Edit, Severity
from thea_hook.core.source import Language, Span

ALL_LANGUAGES: tuple[Language, ...] = ("javascript", "typescript", "tsx")
SYNTAX_ERROR = "syntax-error"
"""The rule without code of its own: the parsers find it."""
UNUSED_SUPPRESSION = "unused-suppression"
"""The rule about our own comments: what it finds follows from the findings of all the others."""
CATEGORIES = ("syntax", "correctness", "suspicious", "style", "performance", "security")


class Option(NamedTuple):
    """A setting of a rule. A user's value has the default's type, and is one of ``choices`` where there are any."""

    default: Any
    summary: str
    choices: tuple[Any, ...] = ()


class Rule(NamedTuple):
    """One rule. Its text and cases are in ``rules/<category>/<id>.yaml``; CONTRIBUTING.md describes every key.

    A rule has either a ``query`` (declarative: predicates decide, ``fix`` is a template) or a ``check``, the dotted
    name of a function below ``thea_hook.ruleset.checks`` that is called for each node of a kind in ``nodes``, or a
    ``repair``, one below ``thea_hook.syntax.repairs`` that is called for a text that does not parse.
    """

    id: str
    category: str
    summary: str
    why: str
    message: str
    messages: Mapping[str, str] = {}
    safety: str = ""
    languages: tuple[Language, ...] = ALL_LANGUAGES
    severity: Severity = Severity.ERROR
    confidence: float = 1.0
    recommended_for: tuple[Language, ...] = ()
    sources: tuple[str, ...] = ()
    query: str | None = None
    patterns: int = 0
    """How many patterns the query has."""
    fix: str | None = None
    fix_title: str = ""
    applicability: Applicability | None = None
    """Grade of the rule's fixes; None where it has none. A check may grade a single fix differently."""
    nodes: tuple[str, ...] = ()
    check: str | None = None
    repair: str | None = None
    needs: Mapping[str, tuple[str, ...]] = {}
    """Kind in ``nodes`` -> texts: the check need not look at such nodes in a file that has none of the texts."""
    whole_file: bool = False
    """Concludes from what the rest of the file does not say: silent while a part of the file cannot be read."""
    options: Mapping[str, Option] = {}

    @property
    def recommended(self) -> bool:
        return bool(self.recommended_for)


class Problem(NamedTuple):
    """What a check yields: a place, which of the rule's messages, and the edits that mend it.

    ``message`` names an entry of the rule's ``messages`` (empty: the rule's ``message``); ``data`` fills its
    ``@{holes}``. ``applicability`` overrides the rule's grade for this one fix.
    """

    span: Span
    data: Mapping[str, str] = {}
    message: str = ""
    edits: tuple[Edit, ...] = ()
    title: str = ""
    applicability: Applicability | None = None
    confidence: float | None = None
    related: tuple[Span, ...] = ()
