from __future__ import annotations

import json
from pathlib import Path

import pytest

from thea_hook.ml.subtokens import FIRST_PIECE, UNKNOWN, SubTokens, parts

PIECES = ["foo", "Bar", "HTML", "2", "get", "User", "Name", "_", "un", "##do", "##able", "u", "##n", "##d", "Id"]


@pytest.fixture
def subtokens() -> SubTokens:
    return SubTokens(PIECES)


def named(subtokens: SubTokens, word: bytes) -> list[str]:
    return [subtokens.pieces[index - FIRST_PIECE] if index > UNKNOWN else "?" for index in subtokens(word)]


@pytest.mark.parametrize(
    "word, expected",
    [
        ("fooBarHTML2", ["foo", "Bar", "HTML", "2"]),
        ("HTMLParser", ["HTML", "Parser"]),
        ("MAX_VALUE", ["MAX", "_", "VALUE"]),
        ("$scope", ["$", "scope"]),
        ("__proto__", ["_", "_", "proto", "_", "_"]),
        ("utf8decode", ["utf", "8", "decode"]),
        ("#private", ["#", "private"]),
        ("größeÄndern", ["gr", "öß", "e", "Ä", "ndern"]),
        ("", []),
    ],
)
def test_words_are_cut_where_their_writer_joined_them(word: str, expected: list[str]) -> None:
    assert parts(word) == expected
    assert "".join(parts(word)) == word


def test_the_longest_piece_wins(subtokens: SubTokens) -> None:
    assert named(subtokens, b"undoable") == ["un", "##do", "##able"]


def test_a_part_that_the_pieces_do_not_cover_is_one_unknown(subtokens: SubTokens) -> None:
    assert named(subtokens, b"fooUnknowable2") == ["foo", "?", "2"]


def test_a_piece_inside_a_part_is_another_than_at_its_start(subtokens: SubTokens) -> None:
    assert named(subtokens, b"unfoo") == ["?"]


def test_of_a_long_word_the_first_three_pieces_and_the_last_are_kept(subtokens: SubTokens) -> None:
    assert named(subtokens, b"get_User_Name_Id") == ["get", "_", "User", "Id"]
    assert len(subtokens.encode("get_User_Name_Id")) == 7


def test_any_bytes_have_ids(subtokens: SubTokens) -> None:
    assert subtokens(b"\xff\xfe") == (UNKNOWN, UNKNOWN)
    assert subtokens(b"a" * 100_000) == (UNKNOWN,)
    assert subtokens(b"") == ()


def test_padding_and_unknown_are_counted(subtokens: SubTokens) -> None:
    assert len(subtokens) == len(PIECES) + 2


def test_the_vocabulary_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "subtokens.json"
    file.write_text(json.dumps(PIECES), "utf-8")
    assert SubTokens.load(file).pieces == tuple(PIECES)
