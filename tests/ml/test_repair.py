"""The search for a repair, with a tagger whose mind is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.languages.oracle import available, judge
from thea_hook.ml.edits import Step
from thea_hook.ml.repair import Effort, Repair, find_repairs
from thea_hook.ml.tagger import Broken, Suggestion
from thea_hook.ml.vocabulary import Action, Tag

pytestmark = pytest.mark.skipif(not available(), reason="needs the second parser")

EFFORT = Effort()

Mind = Callable[[Broken], list[tuple[int, Tag, float]]]


class Scripted:
    """Suggests what a function says."""

    def __init__(self, mind: Mind) -> None:
        self.mind = mind
        self.asked: list[bytes] = []

    def suggest(self, texts: Sequence[Broken], count: int) -> list[list[Suggestion]]:
        self.asked += [text.lexemes.text for text in texts]
        return [
            [Suggestion(Step(place, tag), probability) for place, tag, probability in self.mind(text)[:count]]
            for text in texts
        ]


def insert(text: bytes) -> Tag:
    return Tag(Action.INSERT, text)


def repair(text: bytes, mind: Mind, effort: Effort = EFFORT) -> list[bytes]:
    file = SourceFile("a.js", text, "javascript")
    verdict = judge([file])[0]
    return [found.text for found in find_repairs(file, verdict, Scripted(mind), judge, effort)]


def test_what_parses_is_a_repair_and_what_does_not_is_none() -> None:
    found = repair(b"f(a;\n", lambda text: [(3, insert(b"]"), 0.6), (3, insert(b")"), 0.3), (0, insert(b"}"), 0.1)])
    assert found == [b"f(a);\n"]


def test_the_likelier_of_two_repairs_comes_first() -> None:
    found = repair(b"f(a b)\n", lambda text: [(3, insert(b"+"), 0.2), (3, insert(b","), 0.7)])
    assert found == [b"f(a, b)\n", b"f(a + b)\n"]


def test_ways_to_one_text_count_together() -> None:
    delete = Tag(Action.DELETE)
    ways = [(4, delete, 0.3), (5, delete, 0.3), (1, delete, 0.4)]
    found = find_all(b"f((a)));\n", ways)
    assert found[0].text == b"f((a));\n"
    assert found[0].score == pytest.approx(-0.51, abs=0.01)


def find_all(text: bytes, ways: list[tuple[int, Tag, float]]) -> list[Repair]:
    file = SourceFile("a.js", text, "javascript")
    return find_repairs(file, judge([file])[0], Scripted(lambda _: ways), judge)


def test_several_mistakes_are_mended_one_after_the_other() -> None:
    def mind(text: Broken) -> list[tuple[int, Tag, float]]:
        content = text.lexemes.text
        if b"f(a;" in content:
            return [(3, insert(b")"), 0.9)]
        return [(text.lexemes.texts.index(b"c"), insert(b","), 0.9)]

    assert repair(b"f(a;\ng(b c);\n", mind) == [b"f(a);\ng(b, c);\n"]


def test_an_unlikely_repair_does_not_end_the_search_for_a_likelier_one_of_two_steps() -> None:
    def mind(text: Broken) -> list[tuple[int, Tag, float]]:
        if b"if (a" in text.lexemes.text:
            return [(3, insert(b")"), 0.95)]
        return [(1, insert(b"("), 0.9), (0, Tag(Action.DELETE_LINE), 0.01)]

    assert repair(b"if a b();\n", mind) == [b"if (a) b();\n", b""]


def test_the_search_ends_after_so_many_edits() -> None:
    tagger = Scripted(lambda text: [(0, insert(b"("), 1.0)])
    file = SourceFile("a.js", b"f(", "javascript")
    assert find_repairs(file, judge([file])[0], tagger, judge, Effort(edits=3)) == []
    assert len(tagger.asked) == 3


def test_the_search_ends_where_the_bytes_are_spent() -> None:
    tagger = Scripted(lambda text: [(0, insert(b"("), 1.0)])
    file = SourceFile("a.js", b"f(" + b" " * 100, "javascript")
    find_repairs(file, judge([file])[0], tagger, judge, Effort(bytes=250))
    assert len(tagger.asked) == 3
