"""Repairs that something other than a rule proposes, in the findings of the syntax engine."""

from __future__ import annotations

from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Answer, Verdict
from thea_hook.ruleset.engine import ActiveRule
from thea_hook.ruleset.loader import load
from thea_hook.syntax.engine import SyntaxEngine
from thea_hook.syntax.mender import Mended


class Fixed:
    """Always has the same repair, or none."""

    version = "1"

    def __init__(self, fix: Fix | None) -> None:
        self.fix = fix
        self.asked: list[Verdict] = []

    def mend(self, file: SourceFile, verdict: Verdict) -> Mended | None:
        self.asked.append(verdict)
        return Mended(self.fix, "ml:test") if self.fix else None


def fix(text: bytes, at: int, confidence: float = 0.9, grade: Applicability = Applicability.SAFE) -> Fix:
    return Fix("insert it", (Edit(Span(at, at), text),), grade, confidence)


def findings(text: bytes, mender: Fixed | None) -> list[Finding]:
    rules = [ActiveRule.of(rule) for rule in load().values()]
    return list(SyntaxEngine(rules, mender).check(SourceFile("a.js", text, "javascript")))


def test_the_syntax_error_carries_the_repair() -> None:
    mender = Fixed(fix(b")", 3))
    (error,) = findings(b"f(a;\n", mender)
    assert (error.rule_id, error.source, error.fix) == ("syntax-error", "ml:test", mender.fix)
    assert [verdict.answer for verdict in mender.asked] == [Answer.BROKEN]


def test_without_a_repair_the_error_is_a_plain_finding() -> None:
    (error,) = findings(b"f(a;\n", Fixed(None))
    assert (error.rule_id, error.source, error.fix) == ("syntax-error", "rules", None)


def test_what_rules_mend_mechanically_is_not_asked_about() -> None:
    mender = Fixed(fix(b"x", 0))
    found = findings(b"a = = b;\n", mender)
    assert [finding.rule_id for finding in found] == ["syntax-error", "no-spaced-operators"]
    assert mender.asked == []


def test_what_parses_is_not_asked_about() -> None:
    mender = Fixed(fix(b"x", 0))
    assert findings(b"f(a);\n", mender) == []
    assert mender.asked == []


def test_an_engine_with_another_mender_has_another_version() -> None:
    assert SyntaxEngine((), Fixed(None)).version != SyntaxEngine(()).version
