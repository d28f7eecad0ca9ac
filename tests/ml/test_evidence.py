"""What several models say of a repair, weighed: figures, probabilities, and which weighing is for whom."""

from __future__ import annotations

import math

import pytest

from thea_hook.ml.edits import Step
from thea_hook.ml.evidence import Evidence, Weighing, figures_of, judged, name_of, probabilities
from thea_hook.ml.tasks import Candidate
from thea_hook.ml.vocabulary import Action, Tag

TEXT = b"f(1;\n"
CLOSE = Candidate(b"f(1);\n", "ml:tagger", (Step(3, Tag(Action.INSERT, b")")),), {"tagger": -0.5, "mamba": 2.0})
DELETE = Candidate(b"f;\n", "ml:trm", (Step(1, Tag(Action.DELETE)), Step(1, Tag(Action.DELETE))), {"mamba": -3.0})


def test_figures_are_what_was_said_within_bounds() -> None:
    figures = figures_of(TEXT, CLOSE.with_evidence(mamba=1e6, tagger=-1e6))
    assert figures["mamba"] == 40.0
    assert figures["tagger"] == -16.0
    assert (figures["new"], figures["steps"], figures["bias"], figures["line_break"]) == (0.0, 1.0, 1.0, 0.0)


def test_a_candidate_that_the_tagger_did_not_find_is_new() -> None:
    assert figures_of(TEXT, DELETE)["new"] == 1.0
    assert figures_of(TEXT, DELETE)["tagger"] == 0.0


def test_probabilities_leave_room_for_none_of_these() -> None:
    shares = probabilities([0.0, 0.0])
    assert shares == pytest.approx([1 / 3, 1 / 3])
    assert probabilities([math.log(3)]) == pytest.approx([0.75])
    assert probabilities([800.0, -800.0]) == pytest.approx([1.0, 0.0])


def test_the_likeliest_comes_first_whoever_proposed_it() -> None:
    weighing = Weighing({"mamba": -1.0, "bias": 0.0}, {})
    assert [one.candidate for one in judged(TEXT, [CLOSE, DELETE], weighing)] == [DELETE, CLOSE]


def test_the_first_choice_of_the_tagger_gives_way_to_what_is_clearly_likelier_alone() -> None:
    rival = DELETE.with_evidence(mamba=math.log(1.4) + 2.0)
    weighing = Weighing({"mamba": 1.0}, {})
    assert [one.candidate for one in judged(TEXT, [CLOSE, rival], weighing)] == [CLOSE, rival]
    assert [one.candidate for one in judged(TEXT, [CLOSE, rival], weighing, margin=1.0)] == [rival, CLOSE]
    assert [one.candidate for one in judged(TEXT, [rival, CLOSE], weighing)] == [rival, CLOSE]


def test_a_class_has_an_offset_of_its_own() -> None:
    plain = judged(TEXT, [CLOSE], Weighing({}, {}))[0].probability
    trusted = judged(TEXT, [CLOSE], Weighing({}, {"insert bracket": 2.0}))[0].probability
    assert (plain, trusted) == pytest.approx((0.5, 1 / (1 + math.exp(-2.0))))


def test_every_set_of_models_has_its_weighing() -> None:
    evidence = Evidence({"": Weighing({"bias": 1.0}, {}), "mamba+trm": Weighing({"bias": -1.0}, {})}, 0.9)
    sure = evidence.judge(TEXT, [CLOSE], [])[0].probability
    unsure = evidence.judge(TEXT, [CLOSE], ["trm", "mamba"])[0].probability
    assert sure > 0.5 > unsure
    assert evidence.judge(TEXT, [CLOSE], ["mamba"]) == []
    assert evidence.judge(TEXT, [], []) == []


def test_a_name_does_not_depend_on_the_order() -> None:
    assert name_of(["trm", "mamba"]) == name_of({"mamba", "trm"}) == "mamba+trm"


def test_evidence_goes_to_json_and_back() -> None:
    values = {"weighings": {"trm": {"weights": {"trm": 0.5}, "offsets": {}}}, "sure_from": 0.8, "held_out": {}}
    assert Evidence.from_dict(values) == Evidence({"trm": Weighing({"trm": 0.5}, {})}, 0.8)
    with pytest.raises(TypeError, match="weighings"):
        Evidence.from_dict({"weighings": [], "sure_from": 0.8})


def test_a_figure_without_weight_is_not_worth_finding_out() -> None:
    evidence = Evidence({"": Weighing({"names": 1.0, "names_elsewhere": 0.0}, {})}, 0.9)
    assert (evidence.weighs("names"), evidence.weighs("names_elsewhere"), evidence.weighs("trm")) == (
        True,
        False,
        False,
    )
