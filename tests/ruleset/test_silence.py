"""Comments that silence a finding, put where they can stand."""

from __future__ import annotations

import pytest

from thea_hook.checking import checker_for
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile
from thea_hook.ruleset.silence import silencing_edit
from thea_hook.settings import Settings

CHECKER = checker_for(Settings(root="/", models=("none",)))


def silenced(text: str, rule: str) -> str | None:
    """The text with the first finding of the rule silenced, checked to be silent; None where that cannot be."""
    file = SourceFile("a.tsx", text.encode(), "tsx")
    findings = CHECKER.check(file).findings
    finding = next(finding for finding in findings if finding.rule_id == rule)
    edit = silencing_edit(file, finding)
    if edit is None:
        return None
    after = SourceFile("a.tsx", apply_edits(file.text, [edit]), "tsx")
    left = [found.rule_id for found in CHECKER.check(after).findings]
    expected = [found.rule_id for found in findings if found is not finding]
    assert sorted(left) == sorted(expected)
    return after.text.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\tdebugger;\n", "\t// thea-ignore-next-line no-debugger\n\tdebugger;\n"),
        ("\ufeffdebugger;", "\ufeff// thea-ignore-next-line no-debugger\ndebugger;"),
        ("f();\r\ndebugger;\r\n", "f();\r\n// thea-ignore-next-line no-debugger\r\ndebugger;\r\n"),
        ("f(); debugger; // why\n", "// thea-ignore-next-line no-debugger\nf(); debugger; // why\n"),
        (
            "/* @ts-expect-error-next-line */\ndebugger;\n",
            "/* @ts-expect-error-next-line */\ndebugger; // thea-ignore no-debugger\n",
        ),
        (
            "var x = 1; debugger; f(x); // thea-ignore no-var: older than us\n",
            "var x = 1; debugger; f(x); // thea-ignore no-var, no-debugger: older than us\n",
        ),
    ],
)
def test_a_comment_stands_where_a_person_would_put_it(before: str, after: str) -> None:
    assert silenced(before, "no-debugger") == after


def test_in_jsx_the_comment_has_braces() -> None:
    assert silenced("f(<a>\n  {!!!g()}\n</a>);\n", "no-extra-boolean-cast") == (
        "f(<a>\n  {/* thea-ignore-next-line no-extra-boolean-cast */}\n  {!!!g()}\n</a>);\n"
    )


def test_after_a_template_the_comment_is_behind_the_code() -> None:
    assert silenced("f(`\n`, !!!g());\n", "no-extra-boolean-cast") == (
        "f(`\n`, !!!g()); // thea-ignore no-extra-boolean-cast\n"
    )


def test_inside_of_a_template_no_comment_can_stand() -> None:
    assert silenced("f(`\n${!!!g()}\n`);\n", "no-extra-boolean-cast") is None


@pytest.mark.parametrize(
    ("text", "rule"), [("f(;\n", "syntax-error"), ("// thea-ignore no-var\nf();\n", "unused-suppression")]
)
def test_what_comments_cannot_silence_is_left(text: str, rule: str) -> None:
    assert silenced(text, rule) is None
