"""The fit of confidences and thresholds to trials of held-out texts."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from thea_hook.core.source import SourceFile  # noqa: E402
from thea_hook.lab.training import trials  # noqa: E402
from thea_hook.lab.training.calibration import (  # noqa: E402
    FEWEST,
    FOLDS,
    Claim,
    Sample,
    calibrated,
    class_figures,
    fit,
    fold_of,
    held_out,
    honest_precision,
    is_precise,
    lower_bound,
    report,
    sample_of,
    thresholds,
)
from thea_hook.lab.training.trials import (  # noqa: E402
    Question,
    Trial,
    in_processes,
    one_by_one,
    questions,
    read,
    try_all,
)
from thea_hook.languages.oracle import Answer, Verdict, judge  # noqa: E402
from thea_hook.ml.calibration import SAFE_ODDS, Calibration  # noqa: E402
from thea_hook.ml.edits import Step  # noqa: E402
from thea_hook.ml.repair import Repair  # noqa: E402
from thea_hook.ml.vocabulary import Action, Tag  # noqa: E402

DELETE, INSERT = Step(0, Tag(Action.DELETE)), Step(3, Tag(Action.INSERT, b","))


def sample(
    odds: float, *, exact: bool, kind: str = "delete", real: bool = False, repository: str = "a", rivals: int = 1
) -> Sample:
    return Sample((odds, math.log(rivals), 1.0, 0.0), kind, exact, real, repository)


def drawn(count: int, seed: int = 1) -> list[Sample]:
    """Samples whose odds are true for synthetic ones, and as often wrong again for real ones."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        odds = chance.uniform(-4, 8)
        real = number % 3 == 0
        right = chance.random() < 1 / (1 + math.exp(-odds)) and not (real and chance.random() < 0.3)
        found.append(sample(odds, exact=right, real=real, repository=f"r{number % 40}"))
    return found


# ------------------------------------------------------------------ fit


def test_a_fit_finds_the_probability_that_samples_were_drawn_with() -> None:
    synthetic = [one for one in drawn(6_000) if not one.is_real]
    fitted = fit(synthetic)
    for odds in (-2.0, 0.0, 3.0):
        claimed = fitted.probability((odds, 0.0, 1.0, 0.0), "delete")
        assert claimed == pytest.approx(1 / (1 + math.exp(-odds)), abs=0.05)


def test_real_and_synthetic_samples_weigh_the_same() -> None:
    """However many there are of either."""
    samples = [sample(0.0, exact=True) for _ in range(900)] + [sample(0.0, exact=False, real=True) for _ in range(100)]
    assert fit(samples).probability((0.0, 0.0, 1.0, 0.0), "delete") == pytest.approx(0.5, abs=0.02)


def test_a_rare_class_stays_near_the_others() -> None:
    common = [sample(0.0, exact=bool(number % 2)) for number in range(200)]
    rare = [sample(0.0, exact=True, kind="merge") for _ in range(2)]
    fitted = fit([*common, *rare])
    assert 0.5 < fitted.probability((0.0, 0.0, 1.0, 0.0), "merge") < 0.7


def test_confidences_come_from_fits_to_other_repositories() -> None:
    """In every fold another repository is always wrong, and no fit to it has a say about it."""
    names = [f"r{number}" for number in range(40)]
    wrong = next(name for name in names if fold_of(name) == 0)
    samples = [sample(2.0, exact=name != wrong, repository=name) for name in names for _ in range(20)]
    confidences = held_out(samples)
    of_wrong = [one for one, drawn in zip(confidences, samples, strict=True) if drawn.repository == wrong]
    assert min(of_wrong) > 0.95
    assert fit(samples).probability(samples[0].figures, "delete") < min(of_wrong)


def test_folds_are_of_whole_repositories_and_stay() -> None:
    assert {fold_of(f"r{number}") for number in range(100)} == set(range(FOLDS))
    assert fold_of("owner/name") == fold_of("owner/name")


# ------------------------------------------------------------------ thresholds


def claims(*groups: tuple[float, int, int], kind: str = "delete", real: bool = False, odds: float = 5.0) -> list[Claim]:
    """(confidence, right ones, wrong ones)"""
    return [
        Claim(confidence, sample(odds, exact=exact, kind=kind, real=real))
        for confidence, right, wrong in groups
        for exact in [True] * right + [False] * wrong
    ]


def test_a_class_is_safe_from_where_it_is_precise() -> None:
    found = thresholds(claims((0.99, 100, 0), (0.9, 50, 0), (0.8, 50, 30)))
    assert found == {"delete": 0.9}


def test_an_early_mistake_is_made_good_by_many_that_are_right() -> None:
    assert thresholds(claims((0.99, 30, 1), (0.9, 300, 0))) == {"delete": 0.9}


def test_a_class_that_is_never_precise_has_no_threshold() -> None:
    assert thresholds(claims((0.99, 97, 3), (0.9, 50, 0))) == {}


def test_what_the_tagger_doubts_is_never_safe() -> None:
    assert thresholds(claims((0.99, 300, 0), odds=SAFE_ODDS - 0.1)) == {}
    sure, unsure = (claims((0.9, 1, 0), odds=SAFE_ODDS + change)[0] for change in (0.1, -0.1))
    assert sure.is_safe({"delete": 0.9})
    assert not sure.is_safe({"merge": 0.9})
    assert not unsure.is_safe({"delete": 0.9})


def test_few_cases_prove_nothing() -> None:
    assert thresholds(claims((0.99, FEWEST - 1, 0))) == {}
    assert thresholds(claims((0.99, FEWEST, 0))) == {"delete": 0.99}


def test_repairs_of_equal_confidence_are_safe_together_or_not_at_all() -> None:
    assert thresholds(claims((0.99, 80, 40))) == {}


def test_real_mistakes_are_not_hidden_by_synthetic_ones() -> None:
    assert thresholds([*claims((0.99, 1_000, 0)), *claims((0.99, 18, 2), real=True)]) == {}
    assert thresholds([*claims((0.99, 1_000, 0)), *claims((0.99, 19, 1), real=True)]) == {"delete": 0.99}


def test_rare_classes_share_a_threshold_without_those_that_fail_it() -> None:
    found = thresholds(
        [
            *claims((0.95, 40, 0), kind="merge"),
            *claims((0.95, 80, 1), kind="split word")[:58],
            *claims((0.96, 59, 1), kind="escape")[-59:],
        ]
    )
    assert found == {"merge": 0.95, "split word": 0.95}


def test_the_bound_of_wilson() -> None:
    assert lower_bound(60, 60) == pytest.approx(60 / (60 + 1.2816**2))
    assert lower_bound(50, 100) == pytest.approx(0.4366, abs=1e-3)
    assert not is_precise([sample(0.0, exact=index > 0) for index in range(FEWEST)])


def test_a_calibration_has_thresholds_that_hold_where_repositories_were_held_out() -> None:
    samples = drawn(4_000)
    honest = [one for one in samples if not one.is_real]
    fitted = calibrated(honest)
    (threshold,) = fitted.safe_from.values()
    assert 0.9 < threshold < 1
    safe = [one for one in honest if fitted.probability(one.figures, one.kind) >= threshold]
    assert sum(one.is_exact for one in safe) >= 0.99 * len(safe)
    assert calibrated(samples).safe_from == {}, "three real ones in ten are wrong, however sure the tagger is"


def test_the_report_says_what_thresholds_do(capsys: pytest.CaptureFixture[str]) -> None:
    samples = [one for one in drawn(3_000) if not one.is_real]
    fitted = calibrated(samples)
    figures = report(samples, fitted, unanswered=7)
    printed = capsys.readouterr().out
    assert f"{len(samples)} repairs" in printed
    assert "7 texts without one" in printed
    assert "delete" in printed
    json.dumps(figures)
    safe, exact = honest_precision(samples, held_out(samples))
    assert 0.97 * safe < exact <= safe
    assert safe > 200
    sure = [one for one in samples if one.figures[0] >= SAFE_ODDS]
    of_class = class_figures([Claim(1.0, one) for one in samples], fitted.safe_from)["delete"]
    assert (of_class.samples, of_class.safe, of_class.safe_real) == (len(samples), len(sure), 0)


# ------------------------------------------------------------------ trials


class Fake:
    """A fixer that closes every parenthesis, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def repairs(self, file: SourceFile, verdict: Verdict) -> list[Repair]:
        self.asked += 1
        text = file.text.replace(b";", b");", 1)
        return [Repair(text, (INSERT,), -0.1), Repair(b"", (DELETE, INSERT), -3.0)]


def ask(name: str, text: bytes, *right: bytes) -> Question:
    return Question(name, "owner/name", SourceFile("ä.js", text, "javascript"), right)


QUESTIONS = [
    ask("synthetic-1", "f('ü';\n".encode(), "f('ü');\n".encode()),
    ask("real", b"g(a;\n", b"g();\n", b"g(a);\n"),
    ask("real", b"h(a;\n", b"i();\n"),
]


@pytest.mark.usefixtures("data")
def test_questions_take_turns_and_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"synthetic-1": 4, "real": 2}
    asked = questions(counts)
    assert [question.set for question in asked[:3]] == ["synthetic-1", "real", "synthetic-1"]
    assert {verdict.answer for verdict in judge([question.file for question in asked])} == {Answer.BROKEN}
    monkeypatch.setattr(trials, "SETS", {})
    assert questions(counts) == asked
    assert [question.set for question in questions({"synthetic-1": 2})] == ["synthetic-1"] * 2


def test_trials_come_back_as_they_went(tmp_path: Path) -> None:
    path = tmp_path / "trials" / "a.jsonl"
    made = try_all(QUESTIONS, one_by_one(Fake()), path, seconds=60.0)
    assert [trial.is_exact for trial in made] == [True, True, False]
    assert [trial.is_real for trial in made] == [False, True, True]
    assert list(read(path)) == [
        trial._replace(verdict=Verdict(Answer.BROKEN, trial.verdict.problems, trial.verdict.parser)) for trial in made
    ]


def test_what_was_tried_is_not_tried_again(tmp_path: Path) -> None:
    fixer = Fake()
    path = tmp_path / "a.jsonl"
    first = try_all(QUESTIONS[:1], one_by_one(fixer), path, seconds=60.0)
    with path.open("a", encoding="utf-8") as lines:
        lines.write('{"set": "real", "repos')  # killed while writing
    both = try_all(QUESTIONS[:2], one_by_one(fixer), path, seconds=60.0)
    assert fixer.asked == 2
    assert both[0] == first[0]


def test_another_answer_may_be_right_by_now(tmp_path: Path) -> None:
    (trial,) = try_all(QUESTIONS[:1], one_by_one(Fake()), tmp_path / "a.jsonl", seconds=60.0)
    asked = trial.question._replace(right=(b"another",))
    (again,) = try_all([asked], one_by_one(Fake()), tmp_path / "a.jsonl", seconds=60.0)
    assert (trial.is_exact, again.is_exact) == (True, False)


def test_no_new_trial_begins_when_the_time_is_over(tmp_path: Path) -> None:
    assert len(try_all(QUESTIONS, one_by_one(Fake()), tmp_path / "a.jsonl", seconds=0.0)) == 1


def test_trials_in_several_processes_are_the_same(tmp_path: Path) -> None:
    here = try_all(QUESTIONS, one_by_one(Fake()), tmp_path / "a.jsonl", seconds=60.0)
    there = try_all(QUESTIONS, in_processes(Fake, 2), tmp_path / "b.jsonl", seconds=60.0)
    assert here == there


def test_a_sample_is_of_the_first_repair() -> None:
    question = QUESTIONS[1]
    verdict = judge([question.file])[0]
    trial = Trial(question, verdict, tuple(Fake().repairs(question.file, verdict)))
    assert sample_of(trial) == Sample(
        (pytest.approx(math.log(math.exp(-0.1) / (1 - math.exp(-0.1)))), math.log(2), 1.0, 0.0),  # type: ignore[arg-type]
        "insert separator",
        True,
        True,
        "owner/name",
    )
    assert sample_of(trial._replace(repairs=())) is None


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    fitted = calibrated([one for one in drawn(2_000) if not one.is_real])
    again = Calibration.from_dict(json.loads(json.dumps({**fitted._asdict(), "held_out": {}})))
    assert again == fitted
