"""What a word that a repair writes is worth: how often it stands in the rest of the file, and in other files."""

from __future__ import annotations

import math

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.ml.names import NAMES, NAMES_ELSEWHERE, TYPICAL_ELSEWHERE, WRITES_NAME, with_names, written_words
from thea_hook.ml.tasks import Candidate

FILE = SourceFile("a.js", b"let name = 1\nf(nam e)\nlet fooBar\n", "javascript")


def candidate(text: bytes) -> Candidate:
    return Candidate(text, "ml:tagger", (), {"tagger": -1.0})


JOINED = candidate(FILE.text.replace(b"nam e", b"name"))
FILLED_IN = candidate(FILE.text.replace(b"nam e", b"nam, neverSeen"))
WITHOUT_WORD = candidate(FILE.text.replace(b"nam e", b"nam, e"))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b"f(nam e)", b"f(name)", [b"name"]),
        (b"f(fooBar)", b"f(foo, Bar)", [b"Bar", b"foo"]),
        (b"f(a; a", b"f(a); a", []),
        (b"f(a b)", b"f(b, a)", []),
        (b"x y", b"return y", []),
        (b"a(", b"a($el, _b, \xc3\xa4h, 1e3)", [b"$el", b"_b", b"\xc3\xa4h"]),
        (b"names", b"names, name", [b"name"]),
        (b"a.na(", b"a.name(", [b"name"]),
        (b"ame(", b"name(", [b"name"]),
        (b"", b"", []),
    ],
)
def test_a_word_is_written_that_was_not_there_so_often(before: bytes, after: bytes, words: list[bytes]) -> None:
    assert written_words(before, after) == words


def test_a_word_of_the_file_is_told_from_one_that_stands_nowhere() -> None:
    joined, filled_in, without = with_names(FILE, [JOINED, FILLED_IN, WITHOUT_WORD])
    assert joined.evidence == {"tagger": -1.0, WRITES_NAME: 1.0, NAMES: pytest.approx(math.log(2))}
    assert (filled_in.evidence[WRITES_NAME], filled_in.evidence[NAMES]) == (1.0, 0.0)
    assert without == WITHOUT_WORD


def test_the_rarest_word_decides() -> None:
    both = candidate(FILE.text.replace(b"nam e", b"name(neverSeen)"))
    found = with_names(FILE, [both], {b"name": 7, b"neverSeen": 1}.get)[0].evidence
    assert found[NAMES] == 0.0
    assert found[NAMES_ELSEWHERE] == pytest.approx(math.log(2) - TYPICAL_ELSEWHERE)


def test_many_uses_are_worth_as_much_as_two() -> None:
    two, many = (with_names(FILE, [JOINED], lambda _, count=count: count)[0].evidence for count in (2, 2_000))
    assert two == many
    assert two[NAMES_ELSEWHERE] > 0 > with_names(FILE, [JOINED], lambda _: 0)[0].evidence[NAMES_ELSEWHERE]


def test_what_nobody_can_count_is_left_out() -> None:
    both = candidate(FILE.text.replace(b"nam e", b"name(neverSeen)"))
    assert NAMES_ELSEWHERE not in with_names(FILE, [both], {b"name": 7}.get)[0].evidence


def test_other_files_are_asked_once_a_word_and_only_where_one_is_written() -> None:
    asked: list[bytes] = []

    def elsewhere(word: bytes) -> int:
        asked.append(word)
        return 1

    with_names(FILE, [WITHOUT_WORD], elsewhere)
    assert asked == []
    with_names(FILE, [JOINED, WITHOUT_WORD, JOINED], elsewhere)
    assert asked == [b"name"]
