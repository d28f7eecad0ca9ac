"""Positions of the protocol and byte offsets, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thea_hook.core.source import Span
from thea_hook.server.text import Place, Text

ENCODINGS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
contents = st.text(st.sampled_from("ab \t\r\n\f\u2028\x85é语👍\u200d\ufeff"), max_size=40)
encodings = st.sampled_from(sorted(ENCODINGS))


def by_hand(content: str, index: int, encoding: str) -> Place:
    """The position of a character, found by a walk over the text."""
    codec, width = ENCODINGS[encoding]
    before = content[:index].replace("\r\n", "\n").replace("\r", "\n")
    if content[index - 1 : index + 1] == "\r\n":  # inside of a line end: still on its line
        before = content[: index - 1].replace("\r\n", "\n").replace("\r", "\n") + "\r"
    line = before.rpartition("\n")[2]
    return Place(before.count("\n"), len(line.encode(codec)) // width)


@settings(deadline=None)
@given(contents, encodings)
def test_a_position_counts_lines_and_units_as_the_protocol_says(content: str, encoding: str) -> None:
    text = Text.of(content, encoding)
    offsets = {index: len(content[:index].encode()) for index in range(len(content) + 1)}
    places = text.places(offsets.values())
    for index, offset in offsets.items():
        if content[index - 1 : index + 1] != "\r\n":
            assert places[offset] == by_hand(content, index, encoding)


@settings(deadline=None)
@given(contents, encodings)
def test_an_offset_comes_back_from_its_position(content: str, encoding: str) -> None:
    text = Text.of(content, encoding)
    for index in range(len(content) + 1):
        if content[index - 1 : index + 1] == "\r\n":
            continue
        offset = len(content[:index].encode())
        assert text.offset(*text.places([offset])[offset]) == offset


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_positions_that_do_not_exist_are_the_nearest_end(encoding: str) -> None:
    text = Text.of("é👍\r\nb", encoding)
    assert text.offset(0, 99) == len("é👍".encode())
    assert text.offset(1, 99) == text.offset(9, 0) == len(text.content)


@pytest.mark.parametrize(("encoding", "inside"), [("utf-8", 3), ("utf-16", 2)])
def test_a_position_inside_of_a_character_is_its_beginning(encoding: str, inside: int) -> None:
    assert Text.of("é👍x", encoding).offset(0, inside) == len("é".encode())


def test_half_a_pair_that_an_editor_sends_is_kept_and_counted() -> None:
    text = Text.of("\ud83dx👍y", "utf-16")
    assert text.offset(0, 2) == 4
    assert text.offset(0, 4) == 8
    assert text.replaced(Span(4, 8), "z").content.decode("utf-8", "surrogatepass") == "\ud83dxzy"
