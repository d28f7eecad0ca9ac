"""What our rules offer for a finding of ESLint about a statement, and what is refused although it leaves no finding.

«» marks what the finding points at.
"""

from __future__ import annotations

import pytest

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.others.findings import Proposal, Reported
from thea_hook.others.refusals import refusal
from thea_hook.others.repair import candidates
from thea_hook.settings import Settings

SETTINGS = Settings(root=".", models=("none",))


def offered(rule: str, marked: str, suggestion: str | None = None) -> list[str]:
    """The texts that may mend the marked finding, which the linter suggests to replace by something."""
    head, _, rest = marked.partition("«")
    place, _, tail = rest.partition("»")
    file = SourceFile("a.mjs", f"{head}{place}{tail}".encode(), "javascript")
    span = Span(len(head.encode()), len(f"{head}{place}".encode()))
    proposals = () if suggestion is None else (Proposal("Do this", (Edit(span, suggestion.encode()),), False),)
    found = candidates(file, (Reported("eslint", rule, rule, file.path, span, proposals=proposals),), SETTINGS)[0]
    return [apply_edits(file.text, one.edits).decode() for one in found if refusal(file, one) is None]


@pytest.mark.parametrize(
    ("rule", "marked", "after"),
    [
        (
            "guard-for-in",
            "«for (const a in b) { f(a); }»",
            "for (const a in b) { if (Object.prototype.hasOwnProperty.call(b, a)) { f(a); } }",
        ),
        ("no-return-assign", "const f = «() => a = b»;", "const f = () => { a = b; return a; };"),
        ("no-console", "export const a = 1;\n«console.log»(a);\nf();", "export const a = 1;\nf();"),
        (
            "no-promise-executor-return",
            "new Promise((a, b) => { if (c) { «return b(c);» } f(a); });",
            "new Promise((a, b) => { if (c) { b(c); return; } f(a); });",
        ),
        (
            "array-callback-return",
            "const b = a.some(«function»(c) { if (c) { return true; } });",
            "const b = a.some(function(c) { if (c) { return true; } return false; });",
        ),
        ("no-cond-assign", "while («a = b()») f(a);", "while ((a = b())) f(a);"),
        ("no-empty", "if (a) { f(); } else «{}»", "if (a) { f(); }"),
        ("no-unreachable", "for (;;) { f(); break; «break;» }", "for (;;) { f(); break; }"),
        ("no-useless-catch", "«try { f(); } catch (a) { throw a; }»", "f();"),
        (
            "no-fallthrough",
            "switch (a) { case 1: f(); break; case 2: g(); «case 3: h();» }",
            "switch (a) { case 1: f(); break; case 2: g(); break; case 3: h(); }",
        ),
        (
            "no-setter-return",
            "class A { set a(b) { this.b = b; «return b;» } }",
            "class A { set a(b) { this.b = b; } }",
        ),
        (
            "no-constructor-return",
            "class A { constructor() { f(); «return this;» } }",
            "class A { constructor() { f(); } }",
        ),
    ],
)
def test_what_our_rule_does_is_offered_for_a_finding_of_that_name(rule: str, marked: str, after: str) -> None:
    assert offered(rule, marked) == [after]


@pytest.mark.parametrize(
    ("rule", "marked", "suggestion"),
    [
        ("no-empty", "try { f(); } catch (a) «{\n}»", "{ /* empty */ }"),
        ("no-console", "#!/usr/bin/env node\nf();\n«console.log(a);»", ""),
        ("no-console", "try { f(); } catch (a) { «console.warn(a);» g(); }", ""),
    ],
)
def test_what_only_silences_the_rule_is_not_offered(rule: str, marked: str, suggestion: str) -> None:
    assert offered(rule, marked, suggestion) == []
