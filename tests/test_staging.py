"""Fixes found in the index, carried to a work tree that has other text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Span
from thea_hook.staging import carry_changes, keep_common_fixes

NUMBERED = [f"line {number};\n" for number in range(1, 21)]


def text(lines: list[str], **changed: str) -> bytes:
    """The lines, where ``l7="x"`` replaces the seventh."""
    return "".join(changed.get(f"l{number}", line) for number, line in enumerate(lines, 1)).encode()


@pytest.mark.parametrize("distance", [1, 2, 3, 4, 10])
@pytest.mark.parametrize("side", [-1, 1])
def test_an_unstaged_edit_beside_a_fix_survives_it(distance: int, side: int) -> None:
    """Git's own patches need three equal lines around; a fix needs only the lines that it touches."""
    unstaged = {f"l{11 + side * distance}": "unstaged;\n"}
    done, left = carry_changes(text(NUMBERED), text(NUMBERED, l11="fixed;\n"), text(NUMBERED, **unstaged))
    assert done == text(NUMBERED, l11="fixed;\n", **unstaged)
    assert left == []


def test_a_fix_on_an_edited_line_is_left_out() -> None:
    work_tree = text(NUMBERED, l11="line 11; // unstaged\n")
    done, left = carry_changes(text(NUMBERED), text(NUMBERED, l11="fixed;\n"), work_tree)
    assert done == work_tree
    assert [edit.text for edit in left] == [b"fixed;\n"]


def test_lines_added_and_removed_above_move_a_fix() -> None:
    work_tree = text(NUMBERED, l1="new 1;\nnew 2;\n", l5="")
    done, left = carry_changes(text(NUMBERED), text(NUMBERED, l11="fixed;\n"), work_tree)
    assert done == text(NUMBERED, l1="new 1;\nnew 2;\n", l5="", l11="fixed;\n")
    assert left == []


def test_a_fix_over_lines_that_the_work_tree_has_pulled_apart_is_left_out() -> None:
    fixed = text(NUMBERED, l11="fixed;\n", l12="")
    work_tree = text(NUMBERED, l11="line 11;\nunstaged;\n")
    done, left = carry_changes(text(NUMBERED), fixed, work_tree)
    assert (done, len(left)) == (work_tree, 1)


def test_index_text_with_lf_is_carried_to_a_work_tree_with_crlf() -> None:
    work_tree = text(NUMBERED, l3="unstaged;\n").replace(b"\n", b"\r\n")
    done, left = carry_changes(text(NUMBERED), text(NUMBERED, l11="fixed;\ntwice;\n", l15=""), work_tree)
    assert done == text(NUMBERED, l3="unstaged;\n", l11="fixed;\ntwice;\n", l15="").replace(b"\n", b"\r\n")
    assert left == []


def test_a_removed_last_line_goes_where_the_line_end_is_the_same() -> None:
    assert carry_changes(b"a\nb\n", b"a\n", b"x\na\nb\n") == (b"x\na\n", [])
    done, left = carry_changes(b"a\nb\n", b"a\n", b"a\nb")
    assert (done, len(left)) == (b"a\nb", 1)


def test_a_line_added_at_the_end_follows_its_last_line() -> None:
    assert carry_changes(b"a\nb\n", b"a\nb\nc\n", b"x\na\nb\n") == (b"x\na\nb\nc\n", [])
    done, left = carry_changes(b"a\nb\n", b"a\nb\nc\n", b"a\nother\n")
    assert (done, len(left)) == (b"a\nother\n", 1)


def finding(rule: str, *edits: Edit) -> Finding:
    fix = Fix("Mend it", edits, Applicability.SAFE) if edits else None
    return Finding(rule, "style", edits[0].span if edits else Span(0, 1), "Wrong.", fix=fix)


def test_a_fix_is_kept_where_the_work_tree_asks_for_the_same() -> None:
    staged, work_tree = b"let x = 1;\n", b"// new\nlet x = 1;\n"
    here = finding("prefer-const", Edit(Span(0, 3), b"const"))
    there = finding("prefer-const", Edit(Span(7, 10), b"const"))
    assert keep_common_fixes([here], staged, work_tree, [there]) == [here]


def test_a_fix_that_the_rest_of_the_work_tree_makes_wrong_is_dropped_but_reported() -> None:
    staged, work_tree = b"let x = 1;\n", b"let x = 1;\nx = 2;\n"
    here = finding("prefer-const", Edit(Span(0, 3), b"const"))
    (kept,) = keep_common_fixes([here], staged, work_tree, [])
    assert kept.fix is None
    assert (kept.rule_id, kept.span) == (here.rule_id, here.span)


def test_the_edits_of_a_fix_stay_together() -> None:
    staged, work_tree = b"if (a)\nb();\n", b"if (a)\nunstaged();\n"
    here = finding("curly", Edit(Span(6, 6), b" {"), Edit(Span(11, 11), b"\n}"))
    there = finding("curly", Edit(Span(6, 6), b" {"))
    (kept,) = keep_common_fixes([here], staged, work_tree, [there])
    assert kept.fix is None


def test_a_finding_without_a_fix_stays_as_it_is() -> None:
    plain = finding("no-undef")
    assert keep_common_fixes([plain], b"a", b"b", []) == [plain]


LINES = st.lists(
    st.sampled_from([b"a;\n", b"b;\n", b"}\n", b"\n", b"\xc3\xa9;\r\n", b"c;\n", b"d;\n", b"e"]), max_size=14
)


@given(LINES, st.data())
def test_the_same_text_takes_every_change(lines: list[bytes], data: st.DataObject) -> None:
    staged = b"".join(lines)
    fixed = b"".join(data.draw(LINES))
    assert carry_changes(staged, fixed, staged) == (fixed, [])


@given(LINES, LINES)
def test_nothing_fixed_changes_nothing(staged: list[bytes], work_tree: list[bytes]) -> None:
    assert carry_changes(b"".join(staged), b"".join(staged), b"".join(work_tree)) == (b"".join(work_tree), [])


UNIQUE = st.integers(min_value=0, max_value=12)


@given(
    count=st.integers(min_value=1, max_value=12),
    fixes=st.dictionaries(UNIQUE, st.sampled_from([b"", b"FIXED\n", b"FIXED\nTWICE\n"])),
    unstaged=st.dictionaries(UNIQUE, st.sampled_from([b"", b"edited %d\n", b"before\n%b", b"%bafter\n"])),
    crlf=st.booleans(),
)
def test_every_unstaged_line_survives_and_every_carried_fix_is_whole(
    count: int, fixes: dict[int, bytes], unstaged: dict[int, bytes], crlf: bool
) -> None:
    """Lines that differ from each other: then it is plain which ones the two texts share."""
    lines = [b"line %d\n" % number for number in range(count)]
    edited = dict(enumerate(lines))
    for number, change in unstaged.items():
        if number < count:
            edited[number] = change.replace(b"%b", lines[number]).replace(b"%d", b"%d" % number)
    mended = [fixes.get(number, line) for number, line in enumerate(lines)]
    work_tree = b"".join(edited.values())
    expected = b"".join(
        edited[number].replace(lines[number], mended[number]) if lines[number] in edited[number] else edited[number]
        for number in range(count)
    )
    if crlf:
        work_tree, expected = work_tree.replace(b"\n", b"\r\n"), expected.replace(b"\n", b"\r\n")
    done, left = carry_changes(b"".join(lines), b"".join(mended), work_tree)
    if left:
        untouched = [number for number in range(count) if number not in fixes]
        assert all(edited[number].rstrip(b"\n") in done.replace(b"\r\n", b"\n") for number in untouched)
        assert done.count(b"edited") == work_tree.count(b"edited")
        assert done.count(b"before") == work_tree.count(b"before")
        assert done.count(b"after") == work_tree.count(b"after")
    else:
        assert done == expected


@given(LINES, LINES, LINES)
def test_where_everything_is_left_out_the_work_tree_stays(
    staged: list[bytes], fixed: list[bytes], work_tree: list[bytes]
) -> None:
    before, after, disk = b"".join(staged), b"".join(fixed), b"".join(work_tree)
    done, left = carry_changes(before, after, disk)
    if apply_edits(before, left) == after:
        assert done == disk
