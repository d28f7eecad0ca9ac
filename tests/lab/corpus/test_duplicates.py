from __future__ import annotations

from thea_hook.lab.corpus.duplicates import Duplicates, line_hashes

TEXT = b"".join(b"export const value%d = compute(%d);\n" % (number, number) for number in range(10))


def changed(lines: int) -> bytes:
    """The text with so many of its ten lines rewritten."""
    return b"".join(
        b"export const other%d = another(%d);\n" % (number, number) if number < lines else line
        for number, line in enumerate(TEXT.splitlines(keepends=True))
    )


def test_the_same_text_is_not_admitted_twice() -> None:
    duplicates = Duplicates()
    assert duplicates.admit(TEXT)
    assert not duplicates.admit(TEXT)


def test_white_space_does_not_make_a_text_new() -> None:
    duplicates = Duplicates()
    assert duplicates.admit(b"if (a) {\n  b();\n}\n")
    assert not duplicates.admit(b"if (a) { b(); }\r\n")


def test_a_text_goes_when_more_than_seven_tenths_of_its_lines_are_in_another() -> None:
    duplicates = Duplicates()
    assert duplicates.admit(TEXT)
    assert not duplicates.admit(changed(2))
    assert duplicates.admit(changed(3))


def test_lines_spread_over_several_files_do_not_make_a_copy() -> None:
    duplicates = Duplicates()
    lines = TEXT.splitlines(keepends=True)
    assert duplicates.admit(b"".join(lines[:5]))
    assert duplicates.admit(b"".join(lines[5:]))
    assert duplicates.admit(TEXT)


def test_a_text_that_was_not_admitted_is_no_reason_to_drop_another() -> None:
    duplicates = Duplicates()
    assert duplicates.admit(TEXT)
    copy = changed(2) + b"".join(b"export function added%d() {}\n" % number for number in range(3))
    assert not duplicates.admit(changed(2))
    assert duplicates.admit(copy)


def test_short_lines_and_indentation_say_nothing() -> None:
    assert line_hashes(b"}\n  });\nreturn;\n") == frozenset()
    assert line_hashes(b"    const a = list[0];\r\n") == line_hashes(b"const  a = list[0];")
