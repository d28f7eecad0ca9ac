"""Texts with several mistakes, taken apart for a tagger whose mind is known."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import pytest
from test_repair import Mind, Scripted, insert

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Verdict, available, judge
from thea_hook.ml.decomposer import Decomposer, Writer
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.tagger import Broken
from thea_hook.ml.tasks import Candidate, Request, Solver, TaskType
from thea_hook.ml.vocabulary import Action, Tag

pytestmark = pytest.mark.skipif(not available(), reason="needs the second parser")


def stumbles(text: Broken) -> int:
    """The lexeme at which the parser stumbles first."""
    ends = text.lexemes.ends
    return next((index for index, end in enumerate(ends) if end > text.problems[0].span.start), len(ends))


def closes(text: Broken) -> list[tuple[int, Tag, float]]:
    """Makes `f(a);` of `f(a;`, or else `f();`."""
    place = stumbles(text)
    return [(place, insert(b")"), 0.8), (place - 1, Tag(Action.REPLACE, b")"), 0.2)]


def request_for(text: bytes, *candidates: Candidate, deadline: float = math.inf) -> Request:
    file = SourceFile("a.js", text, "javascript")
    return Request(TaskType.CODE_REPAIR, file, judge([file])[0], candidates, deadline)


def of_tagger(text: bytes, score: float = -3.0) -> Candidate:
    return Candidate(text, "ml:tagger", (), {"tagger": score})


def solved(
    request: Request,
    mind: Mind = closes,
    *,
    refiner: Solver | None = None,
    scorer: Solver | None = None,
    writer: Writer | None = None,
) -> list[Candidate]:
    return Decomposer(Scripted(mind), judge, refiner, scorer, writer).solve(request)  # type: ignore[arg-type]


# ------------------------------------------------------------------ with candidates


def test_regions_of_a_candidate_get_alternatives_and_the_likeliest_texts_come_first() -> None:
    given = of_tagger(b"f(a);\ng();\n")
    found = solved(request_for(b"f(a;\ng(b;\n", given))
    new = [b"f(a);\ng(b);\n", b"f();\ng(b);\n", b"f();\ng();\n"]
    assert [one.text for one in found] == [b"f(a);\ng();\n", *new]
    assert {one.source for one in found[1:]} == {"ml:rlm"}


def test_the_given_candidates_come_back_first_and_know_their_regions() -> None:
    given = [of_tagger(b"f(a);\ng(b);\n"), of_tagger(b"f();\n", -4.0)]
    found = solved(request_for(b"f(a;\ng(b;\n", *given))
    assert [one._replace(evidence={}) for one in found[:2]] == [one._replace(evidence={}) for one in given]
    assert [one.evidence["regions"] for one in found[:2]] == [2.0, 1.0]
    assert found[0].evidence["tagger"] == -3.0


def test_figures_of_the_tagger_compare_with_that_of_the_candidate_it_began_with() -> None:
    found = solved(request_for(b"f(a;\ng(b;\n", of_tagger(b"f(a);\ng();\n", -5.0)))
    figures = {one.text: one.evidence["tagger"] for one in found}
    assert figures[b"f(a);\ng();\n"] == -5.0
    assert figures[b"f();\ng();\n"] == pytest.approx(-5.0 - math.log(4))
    assert figures[b"f(a);\ng(b);\n"] == pytest.approx(-5.0 + math.log(4))


def test_a_repair_that_its_region_does_not_lead_to_is_not_outranked_for_that() -> None:
    found = solved(request_for(b"f(a;\ng(b;\n", of_tagger(b"f(a);\ng(b, 1);\n", -1.0)))
    figures = {one.text: one.evidence["tagger"] for one in found}
    assert figures[b"f(a);\ng(b);\n"] == -1.0
    assert figures[b"f();\ng(b);\n"] == pytest.approx(-1.0 - math.log(4))


def test_a_repair_counts_as_found_however_its_edits_are_cut() -> None:
    """Of two parentheses in a row it does not matter which one is new."""

    def mind(text: Broken) -> list[tuple[int, Tag, float]]:
        return [(text.lexemes.texts.index(b"))"[:1]), insert(b")"), 0.5), (stumbles(text), insert(b")"), 0.25)]

    found = solved(request_for(b"f(g(a);\ng(b;\n", of_tagger(b"f(g(a));\ng(b);\n", -1.0)), mind)
    assert max(one.evidence["tagger"] for one in found) == -1.0


def test_the_steps_of_a_candidate_lead_to_it_one_after_the_other() -> None:
    text = b"f(a;\ng(b;\nh(c;\n"
    found = solved(request_for(text, of_tagger(b"f(a);\ng();\nh(c);\n")))
    for candidate in found[1:]:
        assert replayed(text, candidate.steps) == candidate.text


def replayed(text: bytes, steps: Sequence[Step]) -> bytes:
    for step in steps:
        edit = edit_of(lex(text, "javascript"), step)
        assert edit is not None
        text = apply_edits(text, [edit])
    return text


def test_what_comes_out_is_taken_apart_again() -> None:
    """The repair begun with took a whole line away; only without it is there a second mistake to be seen."""

    def mind(text: Broken) -> list[tuple[int, Tag, float]]:
        place = stumbles(text)
        tag = insert(b",") if text.lexemes.texts[place] == b"k" else insert(b")")
        return [(place, tag, 0.9)]

    text = b"f(a;\ng(b, h(c k);\n"
    found = solved(request_for(text, of_tagger(b"f(a);\n;\n")), mind)
    assert b"f(a);\ng(b, h(c, k));\n" in [one.text for one in found]


def test_a_candidate_with_one_region_is_what_the_search_found_already() -> None:
    tagger = Scripted(closes)
    found = Decomposer(tagger).solve(request_for(b"f(a;\n", of_tagger(b"f(a);\n")))  # type: ignore[arg-type]
    assert [one.text for one in found] == [b"f(a);\n"]
    assert tagger.asked == []


# ------------------------------------------------------------------ without


def test_without_candidates_every_region_of_lines_is_mended_alone() -> None:
    mistakes = b"".join(b"f%d(a;\n\n" % number for number in range(9))
    found = solved(request_for(mistakes))
    assert found[0].text == mistakes.replace(b"a;", b"a);")
    assert found[0].evidence["regions"] == 9.0
    assert found[0].evidence["tagger"] == pytest.approx(9 * math.log(0.8))


def test_what_cannot_be_taken_apart_is_searched_as_a_whole() -> None:
    found = solved(request_for(b"f(a;\n"))
    assert [one.text for one in found] == [b"f(a);\n", b"f();\n"]


def test_nothing_comes_of_a_tagger_that_has_no_idea() -> None:
    assert solved(request_for(b"f(a;\ng(b;\n"), lambda text: []) == []


def test_after_the_deadline_the_candidates_come_back_as_they_are() -> None:
    given = of_tagger(b"f(a);\ng();\n")
    request = request_for(b"f(a;\ng(b;\n", given, deadline=time.monotonic())
    assert [one.text for one in solved(request)] == [given.text]


def test_the_parser_reads_no_more_than_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    def counting(files: Sequence[SourceFile]) -> list[Verdict]:
        nonlocal read
        read += sum(len(file.text) for file in files)
        return judge(files)

    monkeypatch.setattr("thea_hook.ml.decomposer.BYTES", 100)
    request = request_for(b"f(a;\ng(b;\n", of_tagger(b"f(a);\ng();\n"))
    Decomposer(Scripted(closes), counting).solve(request)  # type: ignore[arg-type]
    assert 50 < read <= 100


# ------------------------------------------------------------------ other models


class Opinion:
    """Gives every candidate a figure, and proposes some."""

    def __init__(self, name: str, figure: Callable[[bytes], float], *proposed: tuple[bytes, bytes]) -> None:
        self.name, self.figure, self.proposed = name, figure, proposed

    def solve(self, request: Request) -> list[Candidate]:
        text = request.file.text
        new = [Candidate(text.replace(*change), "ml:trm") for change in self.proposed if change[0] in text]
        return [one.with_evidence(**{self.name: self.figure(one.text)}) for one in (*request.candidates, *new)]


class Failing:
    def solve(self, request: Request) -> list[Candidate]:
        raise ModelError("no weights")

    def complete(self, prefix: bytes, suffix: bytes, language: Language) -> list[tuple[bytes, float]]:
        raise ModelError("no weights")


def test_the_scorer_has_a_say_in_the_order_of_what_is_put_together() -> None:
    scorer = Opinion("mamba", lambda text: -20.0 * text.count(b"(a)"))
    found = solved(request_for(b"f(a;\ng(b;\n", of_tagger(b"f(a);\ng(b);\n")), scorer=scorer)
    assert found[1].text == b"f();\ng(b);\n"
    assert found[1].evidence["tagger"] == pytest.approx(-3.0 - math.log(4))


def test_the_refiner_adds_alternatives_which_the_tagger_has_no_figure_for() -> None:
    refiner = Opinion("trm", lambda text: -0.1, (b"g(b;", b"g(b, 1);"))
    found = solved(request_for(b"f(a;\ng(b;\n", of_tagger(b"f(a);\ng();\n")), refiner=refiner)
    refined = next(one for one in found if one.text == b"f(a);\ng(b, 1);\n")
    assert refined.source == "ml:rlm"
    assert "tagger" not in refined.evidence


def test_models_that_fail_are_passed_over() -> None:
    failing = Failing()
    request = request_for(b"f(a;\ng(b;\n", of_tagger(b"f(a);\ng();\n"))
    found = solved(request, refiner=failing, scorer=failing, writer=failing)
    assert found == solved(request)


# ------------------------------------------------------------------ spans


class Scripture:
    """Writes what it was told to, and notes where."""

    def __init__(self, *written: bytes) -> None:
        self.written = written
        self.asked: list[tuple[bytes, bytes]] = []

    def complete(self, prefix: bytes, suffix: bytes, language: Language) -> list[tuple[bytes, float]]:
        self.asked.append((prefix, suffix))
        return [(text, -1.0) for text in self.written]


def test_where_the_tagger_is_not_sure_a_span_is_written() -> None:
    text = b"event.\n\nconst a = 1;\n"
    writer = Scripture(b"preventDefault();", b"(")
    dot = Tag(Action.DELETE)
    found = solved(request_for(text, of_tagger(b"event\n\nconst a = 1;\n")), lambda _: [(1, dot, 0.01)], writer=writer)
    written = next(one for one in found if one.text == b"event.preventDefault();\n\nconst a = 1;\n")
    assert written.source == "ml:mamba"
    assert "tagger" not in written.evidence
    assert set(writer.asked) >= {(b"event", b".\n\nconst a = 1;\n"), (b"event.", b"\n\nconst a = 1;\n")}


def test_where_the_tagger_is_sure_nothing_is_written() -> None:
    writer = Scripture(b"x")
    solved(request_for(b"f(a;\ng(b;\n", of_tagger(b"f(a);\ng();\n")), writer=writer)
    assert writer.asked == []


def test_a_tag_that_says_nothing_calls_for_the_writer() -> None:
    def mind(text: Broken) -> list[tuple[int, Tag, float]]:
        return [(stumbles(text), Tag(Action.OTHER), 0.5), *closes(text)]

    found = solved(request_for(b"f(a;\ng(b, ;\n", of_tagger(b"f(a);\ng();\n")), mind, writer=Scripture(b"d)"))
    assert b"f(a);\ng(b,d) ;\n" in [one.text for one in found]
