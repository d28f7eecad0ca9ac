"""Where broken texts are taken apart."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Answer, Verdict, available, judge
from thea_hook.ml.regions import LONG, Part, broken_parts, changed_parts, touching

needs_parser = pytest.mark.skipif(not available(), reason="needs the second parser")


def file_of(text: bytes) -> SourceFile:
    return SourceFile("a.js", text, "javascript")


def never(files: Sequence[SourceFile]) -> list[Verdict]:
    raise AssertionError("no need to ask a parser")


def regions(text: bytes) -> list[bytes]:
    return [text[slice(*part.region)] for part in broken_parts(file_of(text), judge)]


# ------------------------------------------------------------------ by a repair


def test_edits_with_only_white_space_between_them_are_one_group() -> None:
    edits = [Edit(Span(6, 7), b""), Edit(Span(2, 2), b"("), Edit(Span(4, 5), b"x")]
    assert touching(b"a b   c d", edits) == [(edits[1],), (edits[2], edits[0])]


def test_a_group_is_looked_at_with_the_others_made() -> None:
    groups = touching(b"f(a; g(b; h(c;", [Edit(Span(place, place), b")") for place in (3, 8, 13)])
    _, part, _ = changed_parts(file_of(b"f(a; g(b; h(c;"), groups, never)
    assert part.file.text == b"f(a); g(b; h(c);"
    assert part.start == 9


def part_of(text: bytes, region: tuple[int, int], *rest: tuple[int, int, bytes]) -> Part:
    return Part.of(file_of(text), Span(*region), [Edit(Span(start, end), new) for start, end, new in rest])


def test_edits_of_a_part_are_moved_to_where_they_are_in_the_whole() -> None:
    text = b"f(a; g(b; h(c;"
    part = part_of(text, (8, 8), (3, 3, b")"), (10, 12, b""))
    moved = part.on_whole([Edit(Span(0, 1), b"e"), Edit(Span(9, 9), b")"), Edit(Span(11, 12), b"k")])
    assert moved == (Edit(Span(0, 1), b"e"), Edit(Span(8, 8), b")"), Edit(Span(12, 13), b"k"))


@pytest.mark.parametrize("span", [(3, 4), (2, 5), (9, 12)])
def test_edits_that_touch_what_others_mend_are_none(span: tuple[int, int]) -> None:
    part = part_of(b"f(a; g(b; h(c;", (8, 8), (3, 3, b"))"), (10, 12, b""))
    assert part.on_whole([Edit(Span(*span), b"")]) is None


def test_what_others_replaced_by_as_many_bytes_is_not_touched_either() -> None:
    part = part_of(b"f(a; g(b; h(c;", (8, 8), (2, 3, b"x"))
    assert part.on_whole([Edit(Span(1, 4), b"")]) is None
    assert part.on_whole([Edit(Span(3, 4), b"")]) == (Edit(Span(3, 4), b""),)


texts = st.binary(min_size=4, max_size=12)


@given(texts, st.data())
def test_what_is_moved_to_the_whole_is_the_same_change_of_the_part(text: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
    spans = [Span(*pair) for pair in zip(cuts[::2], cuts[1::2])]  # noqa: B905
    region = data.draw(st.sampled_from(spans))
    part = Part.of(file_of(text), region, [Edit(span, data.draw(texts)[:3]) for span in spans if span != region])
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(part.file.text))] * 2)))
    edit = Edit(Span(start, end), b"!")
    moved = part.on_whole([edit])
    if moved is not None:
        assert part.with_edits(moved) == apply_edits(part.file.text, [edit])


def test_at_a_cut_the_region_has_the_first_call() -> None:
    text = b"cut\nkept\ncut\n"
    part = part_of(text, (4, 9), (0, 4, b""), (9, 13, b""))
    edits = part.on_whole([Edit(Span(0, 0), b"<"), Edit(Span(5, 5), b">")])
    assert edits is not None
    assert apply_edits(text, edits) == b"cut\n<kept\n>cut\n"


@needs_parser
def test_in_a_long_text_a_group_is_looked_at_without_what_is_far_from_it() -> None:
    filler = b"".join(b"filler(%d);\n" % number for number in range(LONG // 8))
    text = b"f(a;\n" + filler + b"g(b;\n"
    groups = touching(text, [Edit(Span(place, place), b")") for place in (3, len(text) - 2)])
    first, last = changed_parts(file_of(text), groups, judge)
    assert first.file.text.startswith(b"f(a;\nfiller(0);\n")
    assert last.file.text.endswith(b"g(b;\n")
    assert b"f(a" not in last.file.text
    assert len(last.file.text) < len(text) / 2
    assert last.on_whole([Edit(Span(len(last.file.text) - 2, len(last.file.text) - 2), b")")]) == groups[1]


@needs_parser
def test_a_long_text_that_cannot_do_without_the_rest_is_looked_at_whole() -> None:
    text = b"f(a;\n" + b"`" + b"line\n" * LONG + b"`;\ng(b;\n"
    groups = touching(text, [Edit(Span(place, place), b")") for place in (3, len(text) - 2)])
    _, last = changed_parts(file_of(text), groups, lambda files: [Verdict(Answer.BROKEN) for _ in files])
    assert last.file.text == text.replace(b"f(a", b"f(a)")


# ------------------------------------------------------------------ by lines


@needs_parser
def test_statements_that_parse_alone_belong_to_no_region() -> None:
    assert regions(b"f(a;\ng(b);\nh(c;\n") == [b"f(a;\n", b"h(c;\n"]


@needs_parser
def test_one_region_is_no_reason_to_take_a_text_apart() -> None:
    assert regions(b"f(a);\ng(b;\nh(c);\n") == []


@needs_parser
def test_members_and_the_statements_in_them_are_regions_of_their_own() -> None:
    text = b"class A {\n  one() {\n    f(a;\n    g();\n  }\n\n  two() {\n    h();\n    if k();\n    l(\n  }\n}\n"
    assert regions(text) == [b"    f(a;\n", b"    if k();\n", b"    l(\n"]


@needs_parser
def test_what_cannot_stand_without_its_inner_lines_is_one_region() -> None:
    text = b"const a = b ? (\n  c d\n) : (\n  e f\n);\ng(;\n"
    assert regions(text) == [text[:-4], b"g(;\n"]


@needs_parser
def test_a_block_whose_brace_is_missing_is_one_region() -> None:
    assert regions(b"function f() {\n  a(b c);\n\nfunction g() {\n  d(;\n}\n") == [
        b"function f() {\n  a(b c);\n\n",
        b"  d(;\n",
    ]


@needs_parser
def test_a_part_has_nothing_wrong_but_in_its_region() -> None:
    parts = broken_parts(file_of(b"f(a;\ng(b);\nh(c;\n"), judge)
    assert [part.file.text for part in parts] == [b"f(a;\ng(b);\n", b"g(b);\nh(c;\n"]


@needs_parser
def test_prose_is_not_taken_apart() -> None:
    assert regions(b"".join(b"line %d of some text\n" % number for number in range(40))) == []


@needs_parser
def test_far_from_a_region_only_declarations_of_its_names_are_kept() -> None:
    filler = b"".join(b"filler(%d);\n" % number for number in range(LONG // 8))
    used, unused = b"const used = 1;\n", b"const unused = 2;\n"
    text = used + unused + b"f(a;\n" + filler + b"g(used;\n"
    first, last = broken_parts(file_of(text), judge)
    assert used in last.file.text
    assert unused not in last.file.text
    assert len(last.file.text) < len(text) / 2
    assert first.file.text.startswith(used + unused + b"f(a;\n")
    assert text[slice(*last.region)] == b"g(used;\n" == last.file.text[last.start :]


@needs_parser
def test_an_empty_text_has_no_parts() -> None:
    assert broken_parts(file_of(b" \n"), judge) == []
