"""Findings as an editor shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lsprotocol import types

from thea_hook.core.finding import Finding, Severity
from thea_hook.core.source import Span
from thea_hook.ruleset.rule import UNUSED_SUPPRESSION
from thea_hook.server.documents import Checked
from thea_hook.server.text import Place

SOURCE = "thea-hook"
RULES = "https://github.com/thea-hook/thea-hook/blob/main/rules"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}

# What these point at is code that could go: editors show it faded.
_UNNECESSARY = frozenset(
    {
        "no-extra-semi",
        "no-unreachable",
        "no-unused-labels",
        "no-unused-private-class-members",
        "no-unused-vars",
        "no-useless-empty-export",
        "no-useless-return",
        UNUSED_SUPPRESSION,
    }
)


class Abilities(NamedTuple):
    """What the editor can do with a diagnostic."""

    related: bool = False
    tags: bool = False
    links: bool = False
    data: bool = False

    @classmethod
    def of(cls, client: types.ClientCapabilities) -> Abilities:
        """As the editor says when it starts; for pulled diagnostics it may say so in another place."""
        text = client.text_document
        said = [one for one in (text and text.publish_diagnostics, text and text.diagnostic) if one]

        def any_has(name: str) -> bool:
            return any(bool(getattr(one, name, None)) for one in said)

        return cls(
            related=any_has("related_information"),
            tags=any_has("tag_support"),
            links=any_has("code_description_support"),
            data=any_has("data_support"),
        )


def diagnostics_of(checked: Checked, uri: str, abilities: Abilities) -> list[types.Diagnostic]:
    """One diagnostic for each finding, in the order of the text."""
    places = checked.text.places(offset for finding in checked.findings for offset in _offsets(finding))
    return [_diagnostic(finding, places, uri, abilities) for finding in checked.findings]


def range_of(span: Span, places: Mapping[int, Place]) -> types.Range:
    """The span as a range of positions."""
    return types.Range(types.Position(*places[span.start]), types.Position(*places[span.end]))


def _diagnostic(finding: Finding, places: Mapping[int, Place], uri: str, abilities: Abilities) -> types.Diagnostic:
    tags = [types.DiagnosticTag.Unnecessary] if finding.rule_id in _UNNECESSARY and abilities.tags else None
    return types.Diagnostic(
        range=range_of(finding.span, places),
        severity=_SEVERITIES[finding.severity],
        code=finding.rule_id,
        code_description=types.CodeDescription(documentation(finding)) if abilities.links else None,
        source=SOURCE,
        message=finding.message,
        tags=tags,
        related_information=list(_related(finding, places, uri)) or None if abilities.related else None,
        data=_data(finding) if abilities.data else None,
    )


def documentation(finding: Finding) -> str:
    """Where the rule is described."""
    return f"{RULES}/{finding.category}/{finding.rule_id}.yaml"


def _data(finding: Finding) -> dict[str, Any]:
    return {
        "confidence": finding.confidence,
        "source": finding.source,
        "fix": None if finding.fix is None else str(finding.fix.applicability),
    }


def _related(finding: Finding, places: Mapping[int, Place], uri: str) -> Iterator[types.DiagnosticRelatedInformation]:
    for span in finding.related:
        yield types.DiagnosticRelatedInformation(types.Location(uri, range_of(span, places)), "this belongs to it")


def _offsets(finding: Finding) -> Iterable[int]:
    for span in (finding.span, *finding.related):
        yield from span
