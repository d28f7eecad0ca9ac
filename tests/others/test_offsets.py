"""Places as other tools count them."""

from __future__ import annotations

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.others.offsets import Offsets, Unit

TEXT = "f('é😀');\r\nlet x = '😀' == y;\u2028g();\n"


def offsets(unit: Unit, text: str = TEXT) -> Offsets:
    return Offsets(SourceFile("a.js", text.encode(), "javascript"), unit)


@pytest.mark.parametrize(("unit", "column"), [("utf-16", 14), ("code-points", 13), ("bytes", 16)])
def test_a_column_is_counted_in_the_unit_of_the_tool(unit: Unit, column: int) -> None:
    assert TEXT.encode()[offsets(unit).of(2, column) :].startswith(b"== y")


@pytest.mark.parametrize("unit", ["utf-16", "code-points", "bytes"])
def test_each_offset_is_where_the_same_text_begins(unit: Unit) -> None:
    sizes = {
        "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
        "code-points": len,
        "bytes": lambda text: len(text.encode()),
    }
    for index in range(len(TEXT) + 1):
        assert offsets(unit).at(sizes[unit](TEXT[:index])) == len(TEXT[:index].encode())


def test_a_byte_order_mark_counts_for_no_tool() -> None:
    marked = offsets("utf-16", "\ufeffa == b;\n")
    assert marked.of(1, 3) == marked.at(2) == 5
    assert marked.at(-1) == 0


def test_lines_end_as_in_the_standard() -> None:
    assert TEXT.encode()[offsets("utf-16").of(3, 1) :] == b"g();\n"


def test_a_place_beyond_the_end_is_the_end() -> None:
    assert offsets("utf-16").of(99, 1) == offsets("utf-16").at(999) == len(TEXT.encode())
    assert offsets("utf-16").span(1, 2, 1, 999) == (1, len("f('é😀');".encode()))


def test_a_text_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        Offsets(SourceFile("a.js", b"'\xff'", "javascript"), "utf-16")
