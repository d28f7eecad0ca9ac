"""Fixes applied until nothing changes, and every pass checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thea_hook.checking import Checker
from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.source import SourceFile, Span
from thea_hook.fixer import fix_both, fix_until_stable, shift
from thea_hook.settings import Settings

Check = Callable[[SourceFile, Sequence[Span] | None], list[Finding]]
SAFE = Applicability.SAFE


def source(text: str) -> SourceFile:
    return SourceFile("a.mjs", text.encode(), "javascript")


def replacing(pattern: str, replacement: str, rule: str = "fake", grade: Applicability = SAFE) -> Check:
    """A rule that wants every match of the pattern replaced."""

    def check(file: SourceFile, region: Sequence[Span] | None) -> list[Finding]:
        found = []
        for match in re.finditer(pattern.encode(), file.text):
            if region is None or any(span.start <= match.start() <= span.end for span in region):
                edit = Edit(Span(*match.span()), match.expand(replacement.encode()))
                found.append(Finding(rule, "style", edit.span, "m", fix=Fix("t", (edit,), grade)))
        return found

    return check


def all_of(*checks: Check) -> Check:
    return lambda file, region: [finding for check in checks for finding in check(file, region)]


def test_passes_follow_one_another_until_nothing_is_found() -> None:
    fixed = fix_until_stable(source("aaaa;"), replacing("aa", "a"), least=SAFE)
    assert (fixed.file.text, len(fixed.applied), fixed.findings, fixed.refused) == (b"a;", 3, (), ())


def test_a_fix_below_the_grade_is_left() -> None:
    check = replacing("a", "b", grade=Applicability.UNSAFE)
    fixed = fix_until_stable(source("a;"), check, least=SAFE)
    assert (fixed.file.text, fixed.applied, len(fixed.findings)) == (b"a;", (), 1)
    assert fix_until_stable(source("a;"), check, least=Applicability.UNSAFE).file.text == b"b;"


def test_a_fix_that_breaks_the_file_is_taken_back_and_named_and_the_others_stay() -> None:
    check = all_of(replacing("a", "(", "breaks"), replacing("c", "d", "mends"))
    fixed = fix_until_stable(source("a; c;"), check, least=SAFE)
    assert fixed.file.text == b"a; d;"
    assert [finding.rule_id for finding in fixed.applied] == ["mends"]
    assert [(finding.rule_id, reason) for finding, reason in fixed.refused] == [
        ("breaks", "the result would not parse")
    ]
    assert [finding.rule_id for finding in fixed.findings] == ["breaks"]


def test_a_fix_that_leaves_as_many_syntax_errors_as_it_found_counts() -> None:
    """A file that does not parse yet is mended step by step."""
    fixed = fix_until_stable(source("a = = 1; b;"), replacing("b;", "c;"), least=SAFE)
    assert fixed.file.text == b"a = = 1; c;"


def test_rules_that_undo_each_other_change_nothing() -> None:
    check = all_of(replacing("a", "b", "there"), replacing("b", "a", "back"))
    for text in ("a;", "b;"):
        fixed = fix_until_stable(source(text), check, least=SAFE)
        assert (fixed.file.text.decode(), fixed.applied) == (text, ())
        assert [reason for _, reason in fixed.refused] == ["another fix takes it back"]


def test_a_fix_that_makes_the_file_grow_for_ever_is_taken_back() -> None:
    fixed = fix_until_stable(source("a;"), replacing("a", "a" * 1000), least=SAFE)
    assert (fixed.file.text, fixed.applied) == (b"a;", ())
    assert {reason for _, reason in fixed.refused} == {"the file would keep growing"}


def test_only_the_region_is_fixed_and_it_moves_with_the_text() -> None:
    check = all_of(replacing("long_name", "x"), replacing("a", "b"))
    text = "long_name; a;\na;\na;\n"
    region = [Span(text.index("a;\na"), text.index("\na;\n", 14))]  # from the first `a;` to the end of line 2
    fixed = fix_until_stable(source(text), check, least=SAFE, region=region)
    assert fixed.file.text == b"long_name; b;\nb;\na;\n"


@pytest.mark.parametrize(
    ("span", "edit", "moved"),
    [
        ((5, 9), Edit(Span(0, 2), b""), (3, 7)),
        ((5, 9), Edit(Span(0, 2), b"xxxx"), (7, 11)),
        ((5, 9), Edit(Span(6, 7), b"xxx"), (5, 11)),
        ((5, 9), Edit(Span(12, 13), b""), (5, 9)),
        ((5, 9), Edit(Span(5, 5), b"xx"), (5, 11)),
        ((5, 5), Edit(Span(5, 5), b"xx"), (5, 7)),
        ((5, 9), Edit(Span(6, 30), b""), (5, 5)),
    ],
)
def test_a_span_moves_with_the_edits(span: tuple[int, int], edit: Edit, moved: tuple[int, int]) -> None:
    assert shift(Span(*span), [edit]) == moved


# ------------------------------------------------------------------ a partially staged file


def both(staged: str, disk: str, check: Check) -> tuple[str, str, list[str]]:
    """Index after the fixes, work tree after the fixes, and why fixes were not made."""
    fixed, after = fix_both(source(staged), disk.encode(), check, least=SAFE)
    return fixed.file.text.decode(), after.decode(), [reason for _, reason in fixed.refused]


def test_a_fix_is_carried_where_the_line_is_the_same() -> None:
    assert both("a;\nx;\n", "a;\nx;\nnew;\n", replacing("a", "b")) == ("b;\nx;\n", "b;\nx;\nnew;\n", [])


def test_a_fix_is_not_carried_to_a_line_that_was_edited() -> None:
    assert both("a;\nx;\n", "a + 1;\nx;\n", replacing("a;", "b;")) == ("a;\nx;\n", "a + 1;\nx;\n", [])


def test_a_fix_that_the_work_tree_does_not_ask_for_is_not_made() -> None:
    def unless_written(file: SourceFile, region: Sequence[Span] | None) -> list[Finding]:
        return [] if b"written" in file.text else replacing("let", "const")(file, region)

    assert both("let a;\n", "let a;\nwritten;\n", unless_written) == ("let a;\n", "let a;\nwritten;\n", [])


def test_line_ends_of_the_work_tree_stay() -> None:
    assert both("a;\nx;\n", "a;\r\nx;\r\n", replacing("a", "b")) == ("b;\nx;\n", "b;\r\nx;\r\n", [])


def test_a_fix_that_breaks_a_partially_staged_file_is_named() -> None:
    text = "a;\nx;\n"
    assert both(text, text + "y;\n", replacing("a", "(")) == (text, text + "y;\n", ["the result would not parse"])


def test_endless_fixes_leave_a_partially_staged_file_as_it_was() -> None:
    circle = all_of(replacing("a", "b"), replacing("b", "a"))
    assert both("a;\n", "a;\ny;\n", circle) == ("a;\n", "a;\ny;\n", ["another fix takes it back"])
    _, disk, reasons = both("a;\n", "a;\ny;\n", replacing("a", "a" * 1000))
    assert (disk, set(reasons)) == ("a;\ny;\n", {"the file would keep growing"})


# ------------------------------------------------------------------ with real rules

STATEMENTS = (
    "var a = 1;", "let b = 2; f(b);", "if (!!c) { g(); }", "debugger;", "const d = { e: e };", "x = x + 1;",
    "if (p) { q(); } else { if (r) { s(); } }", "'a' + t + 'b';", "(function () { return; })();", ";;",
    "foo: for (;;) { break foo; }", "// thea-ignore no-var", "if (a = = b) f();", "new Object;",
)  # fmt: skip


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker(Settings(root="/", select=("all",)))


@given(st.lists(st.sampled_from(STATEMENTS), max_size=8), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=40, deadline=None)
def test_fixing_twice_changes_nothing(checker: Checker, lines: list[str], line_end: str) -> None:
    def check(file: SourceFile, region: Sequence[Span] | None) -> Sequence[Finding]:
        return checker.check(file).findings

    once = fix_until_stable(source(line_end.join(lines)), check, least=Applicability.UNSAFE).file
    assert fix_until_stable(once, check, least=Applicability.UNSAFE).file.text == once.text


def test_the_order_of_findings_does_not_matter() -> None:
    def backwards(check: Check) -> Check:
        def turned(file: SourceFile, region: Sequence[Span] | None) -> list[Finding]:
            return list(_reversed(check(file, region)))

        return turned

    check = all_of(replacing("ab", "c", "one"), replacing("bc", "d", "two"))
    assert (
        fix_until_stable(source("abc;"), check, least=SAFE).file
        == fix_until_stable(source("abc;"), backwards(check), least=SAFE).file
    )


def _reversed(findings: Sequence[Finding]) -> Iterator[Finding]:
    return reversed(findings)
