"""How sure a repair is, and when the hook may apply it."""

from __future__ import annotations

import math

import pytest

from thea_hook.ml.calibration import FIGURES, UNCALIBRATED, Calibration, class_of, common_ends, figures_of
from thea_hook.ml.edits import Step
from thea_hook.ml.repair import Repair
from thea_hook.ml.vocabulary import Action, Tag

COMMA = Step(3, Tag(Action.INSERT, b","))


def repair(text: bytes, probability: float, *steps: Step) -> Repair:
    return Repair(text, steps or (COMMA,), math.log(probability))


def figure(name: str, text: bytes, *repairs: Repair) -> float:
    return dict(zip(FIGURES, figures_of(text, repairs), strict=True))[name]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        (Tag(Action.INSERT, b"}"), "insert bracket"),
        (Tag(Action.INSERT, b","), "insert separator"),
        (Tag(Action.REPLACE, b"=>"), "replace operator"),
        (Tag(Action.REPLACE, b"const"), "replace word"),
        (Tag(Action.CLOSE, b"'"), "close quote"),
        (Tag(Action.DELETE), "delete"),
        (Tag(Action.DELETE_LINE), "delete-line"),
    ],
)
def test_repairs_of_one_kind_are_a_class(tag: Tag, name: str) -> None:
    assert class_of(b"f(a b)", repair(b"f(c b)", 0.5, Step(0, tag))) == name


def test_repairs_of_several_steps_are_a_class_of_their_own() -> None:
    assert class_of(b"f(a b)", repair(b"f(c b)", 0.5, COMMA, COMMA)) == "several"


def test_the_surer_the_tagger_the_greater_the_odds() -> None:
    odds = [figure("odds", b"f(a b)", repair(b"f(a, b)", share)) for share in (1e-9, 0.1, 0.5, 0.99, 0.9999)]
    assert odds == sorted(odds)
    assert odds[2] == pytest.approx(0)
    assert odds[3] == pytest.approx(math.log(99))
    assert len(set(odds)) == 5


def test_a_sum_of_ways_above_one_is_no_error() -> None:
    assert figure("odds", b"f(a b)", repair(b"f(a, b)", 1.2)) == 9.0


@pytest.mark.parametrize(
    ("before", "after", "is_at_line_break"),
    [
        (b"f(a b);\ng();\n", b"f(a, b);\ng();\n", False),
        (b"f(a, b;\ng();\n", b"f(a, b);\ng();\n", False),
        (b"f(a, b)\ng();\n", b"f(a, b);\ng();\n", True),
        (b"if (a) {\n  b();\n\nc();\n", b"if (a) {\n  b();\n}\n\nc();\n", True),
        (b"wip\nc();\n", b"c();\n", True),
        (b"f(", b"f()", True),
    ],
)
def test_a_repair_at_a_line_break_is_known(before: bytes, after: bytes, is_at_line_break: bool) -> None:
    assert figure("line_break", before, repair(after, 0.5)) == is_at_line_break
    assert class_of(before, repair(after, 0.5)).endswith("at line break") == is_at_line_break


def test_what_two_texts_have_in_common() -> None:
    assert common_ends(b"f(a b)", b"f(a, b)") == (3, 3)
    assert common_ends(b"aa", b"aaa") == (2, 0)
    assert common_ends(b"", b"a") == (0, 0)


# ------------------------------------------------------------------ confidence

CALIBRATION = Calibration.from_dict(
    {
        "bias": -1.0,
        "weights": {"odds": 1.0, "found": -1.0, "steps": 0.0, "line_break": -2.0},
        "offsets": {"insert separator": 1.0},
        "safe_from": {"insert separator": 0.9},
        "held_out": {"repairs": 1},
    }
)


def test_confidence_is_a_probability_from_figures_and_class() -> None:
    assert CALIBRATION.confidence(b"f(a b)", [repair(b"f(a, b)", 0.8)]) == pytest.approx(0.8)
    rival = repair(b"f(a + b)", 0.1)
    assert CALIBRATION.confidence(b"f(a b)", [repair(b"f(a, b)", 0.8), rival]) == pytest.approx(2 / 3)
    assert CALIBRATION.confidence(b"f(a b)", [repair(b"f(a + b)", 0.8, Step(3, Tag(Action.INSERT, b"+")))]) < 0.8


def test_extreme_figures_are_no_error() -> None:
    sure = CALIBRATION._replace(bias=1e9)
    assert sure.confidence(b"f(a b)", [repair(b"f(a, b)", 0.8)]) == pytest.approx(1.0)


def test_a_class_is_safe_from_its_threshold_on() -> None:
    repairs = [repair(b"f(a, b)", 0.99)]
    assert CALIBRATION.is_safe(b"f(a b)", repairs, 0.9)
    assert not CALIBRATION.is_safe(b"f(a b)", repairs, 0.89)


def test_what_the_tagger_doubts_is_not_safe() -> None:
    assert not CALIBRATION.is_safe(b"f(a b)", [repair(b"f(a, b)", 0.9)], 1.0)


def test_a_class_without_a_threshold_is_never_safe() -> None:
    assert not CALIBRATION.is_safe(b"f(a b)", [repair(b"f()", 0.99, COMMA, COMMA)], 1.0)


def test_nothing_is_safe_where_nobody_measured() -> None:
    repairs = [repair(b"f(a, b)", 0.8)]
    assert UNCALIBRATED.confidence(b"f(a b)", repairs) == pytest.approx(0.8)
    assert not UNCALIBRATED.is_safe(b"f(a b)", repairs, 1.0)
