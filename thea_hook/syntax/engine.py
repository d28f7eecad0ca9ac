"""Says what does not parse, and how it could be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from thea_hook.core.finding import Finding, Severity
from thea_hook.core.source import SourceFile
from thea_hook.languages.grammars import module_of
from thea_hook.languages.oracle import Answer, Verdict, fingerprint, judge
from thea_hook.ruleset.engine import ActiveRule

SYNTAX_ERROR = "syntax-error"


class SyntaxEngine:
    """The engine of the ``syntax`` category."""

    name = "syntax"

    def __init__(self, rules: Iterable[ActiveRule]) -> None:
        self._rules = tuple(rules)
        self.version = fingerprint()

    def check(self, file: SourceFile) -> Iterator[Finding]:
        """One ``syntax-error`` where the file is broken, and a finding for each known kind of mistake in it."""
        if not module_of(file).root.has_error:
            return
        verdict = judge([file])[0]
        if verdict.answer is not Answer.BROKEN:
            return
        yield _syntax_error(verdict)


def _syntax_error(verdict: Verdict) -> Finding:
    problem = verdict.problems[0]
    return Finding(
        rule_id=SYNTAX_ERROR,
        category="syntax",
        span=problem.span,
        message=problem.message,
        severity=Severity.ERROR,
        confidence=1.0 if verdict.is_certain else 0.6,
        related=problem.related,
    )
