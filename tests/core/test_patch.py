from __future__ import annotations

import pytest

from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.fingerprint import fingerprints
from thea_hook.core.patch import Patch, apply_edits, select_edits
from thea_hook.core.source import SourceFile, Span


def found(start: int, end: int, *edits: Edit, rule: str = "no-var") -> Finding:
    fix = Fix("mend it", edits, Applicability.SAFE) if edits else None
    return Finding(rule, "style", Span(start, end), "message", fix=fix)


def replace(start: int, end: int, text: bytes) -> Edit:
    return Edit(Span(start, end), text)


def test_edits_are_made_whatever_their_order() -> None:
    edits = [replace(4, 5, b"X"), replace(0, 1, b""), replace(2, 2, b"++")]
    assert apply_edits(b"abcde", edits) == b"b++cdX"


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply_edits(b"ab", [replace(1, 1, b"1"), replace(1, 1, b"2")]) == b"a12b"


@pytest.mark.parametrize("edits", [[replace(0, 2, b""), replace(1, 3, b"")], [replace(2, 9, b"")]])
def test_overlapping_or_outside_edits_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps an earlier one or lies outside"):
        apply_edits(b"abc", edits)


def test_a_fix_that_touches_an_earlier_one_waits() -> None:
    first = found(0, 3, replace(0, 3, b"let"))
    touching = found(3, 4, replace(3, 4, b""), rule="no-extra-semi")
    apart = found(6, 7, replace(6, 7, b""))
    silent = found(5, 6)
    chosen, skipped = select_edits([apart, silent, touching, first])
    assert chosen == [first, apart]
    assert skipped == [(touching, "overlaps an earlier fix")]


def test_a_patch_without_a_change_has_no_diff() -> None:
    assert Patch("a.js", b"x", b"x").unified_diff() == b""


def names(text: str, *spans: tuple[int, int], path: str = "a.js") -> list[str]:
    return fingerprints(SourceFile(path, text.encode(), "javascript"), [found(*span) for span in spans])


def test_a_fingerprint_survives_lines_above_and_new_indentation() -> None:
    assert names("var a;\n", (0, 3)) == names("// new\n\nif (x) {\n\t var   a;\n}\n", (19, 22))


def test_equal_findings_have_different_fingerprints_and_the_first_goes_last() -> None:
    three = names("var a;\nvar a;\nvar a;\n", (0, 3), (7, 10), (14, 17))
    assert len(set(three)) == 3
    assert names("\nvar a;\nvar a;\n", (1, 4), (8, 11)) == three[:2]


def test_fingerprints_follow_the_text_not_the_order_given() -> None:
    assert names("var a;\nvar a;\n", (7, 10), (0, 3)) == names("var a;\nvar a;\n", (0, 3), (7, 10))[::-1]


def test_another_path_rule_or_line_is_another_fingerprint() -> None:
    here = names("var a;\n", (0, 3))
    assert names("var a;\n", (0, 3), path="b.js") != here
    assert names("var b;\n", (0, 3)) != here
    source = SourceFile("a.js", b"var a;\n", "javascript")
    assert fingerprints(source, [found(0, 3, rule="no-undef")]) != here


def test_a_file_name_that_is_not_unicode_has_a_fingerprint() -> None:
    assert len(names("var a;\n", (0, 3), path="a\udcff.js")[0]) == 64
