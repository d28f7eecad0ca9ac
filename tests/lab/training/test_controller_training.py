"""Runs cut from trials, and a liquid network fitted to them that the run-time reads."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from thea_hook.core.source import SourceFile  # noqa: E402
from thea_hook.errors import UsageError  # noqa: E402
from thea_hook.lab.architectures.liquid import Liquid, LiquidConfig  # noqa: E402
from thea_hook.lab.training import controller as training  # noqa: E402
from thea_hook.lab.training.calibration import Sample, fold_of  # noqa: E402
from thea_hook.lab.training.controller import (  # noqa: E402
    LONGEST_RUN,
    Case,
    Scaling,
    Trained,
    as_weights,
    batch_of,
    cases_of,
    main,
    read_cases,
    rows_of,
    runs_of,
    train,
    with_confidence,
)
from thea_hook.lab.training.trials import Question, one_by_one, try_all  # noqa: E402
from thea_hook.languages.oracle import Verdict  # noqa: E402
from thea_hook.ml.controller import REPAIR_FIGURES, Controller, Observation  # noqa: E402
from thea_hook.ml.edits import Step  # noqa: E402
from thea_hook.ml.repair import Repair  # noqa: E402
from thea_hook.ml.vocabulary import Action, Tag  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


def drawn(count: int, seed: int = 1) -> list[Case]:
    """Repairs of whose log-odds the calibration is right; every second repository has real ones."""
    chance = random.Random(seed)
    cases = []
    for number in range(count):
        odds = chance.uniform(-3, 5)
        is_exact = chance.random() < 1 / (1 + math.exp(-odds))
        repository = number % 20
        sample = Sample((odds, 0.0, 1.0, 0.0), "delete", is_exact, repository % 2 == 0, f"r{repository}")
        message = chance.choice(["Expected `,`", "Unexpected"])
        cases.append(Case(sample, Observation(odds, sample.figures, 1.0, 0.7, message, "delete")))
    return cases


# ------------------------------------------------------------------ runs


def test_a_run_is_of_one_repository_and_either_real_or_not() -> None:
    cases = drawn(200)
    runs = runs_of(cases, seed=3)
    assert sorted(map(id, (case for run in runs for case in run))) == sorted(map(id, cases))
    for run in runs:
        assert len({(case.sample.repository, case.sample.is_real) for case in run}) == 1
    assert {len(run) for run in runs} == set(range(1, LONGEST_RUN + 1))
    assert runs == runs_of(cases, seed=3)
    assert runs != runs_of(cases, seed=4)


def test_no_outcome_is_among_what_a_network_reads() -> None:
    run = drawn(5)
    others = [case._replace(sample=case.sample._replace(is_exact=not case.sample.is_exact)) for case in run]
    assert rows_of(run) == rows_of(others)


def test_confidences_come_from_other_repositories_and_other_folds() -> None:
    """Every repair of one repository is wrong: only fits that have seen it doubt the others for it."""
    names = [f"r{number}" for number in range(40)]
    bad = next(name for name in names if fold_of(name) == 0)
    sample = Sample((2.0, 0.0, 1.0, 0.0), "delete", True, False, "")
    seen = Observation(0.0, sample.figures, 1.0, 0.7, "", "delete")
    cases = [Case(sample._replace(repository=name, is_exact=name != bad), seen) for name in names for _ in range(20)]
    by_name = {case.sample.repository: case.seen.confidence for case in with_confidence(cases)}
    assert by_name[bad] > max(value for name, value in by_name.items() if fold_of(name) != 0)
    without = {case.sample.repository: case.seen.confidence for case in with_confidence(cases, held_out=0)}
    assert min(without.values()) == pytest.approx(without[bad], abs=1.0)
    doubted = max(value for name, value in by_name.items() if fold_of(name) != 0)
    assert min(without.values()) > doubted + 1


def test_runs_are_filled_up_to_one_length() -> None:
    runs = [drawn(3), drawn(1)]
    batch = batch_of(runs, Scaling.of(runs))
    assert batch.figures.shape == (2, 3, len(REPAIR_FIGURES))
    assert batch.real.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert not batch.figures[1, 1:].any()
    assert batch.right[0].tolist() == [float(case.sample.is_exact) for case in runs[0]]


# ------------------------------------------------------------------ networks


def cross_entropy(odds: list[list[float]], runs: list[list[Case]]) -> float:
    losses = [
        math.log1p(math.exp(-value if case.sample.is_exact else value))
        for of_run, run in zip(odds, runs, strict=True)
        for value, case in zip(of_run, run, strict=True)
    ]
    return sum(losses) / len(losses)


def test_a_network_corrects_a_confidence_that_is_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "STEPS", 40)
    monkeypatch.setattr(training, "RUNS_A_STEP", 16)
    cases = [case._replace(seen=case.seen._replace(confidence=case.seen.confidence + 3)) for case in drawn(600)]
    runs = runs_of(cases, seed=5)
    before = [[case.seen.confidence for case in run] for run in runs]
    for cell in ("cfc", "ltc"):
        after = train(cases, cell).judge(runs)
        assert cross_entropy(after, runs) < cross_entropy(before, runs) - 0.2


def test_without_a_memory_every_repair_is_judged_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "STEPS", 3)
    trained = train(drawn(50), "cfc", memory=False)
    earlier = [REPAIR_FIGURES.index(name) for name in ("same_message", "same_class", "earlier")]
    assert trained.scaling.middle[earlier].tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_run_time_computes_what_torch_does(seed: int) -> None:
    torch.manual_seed(seed)
    cases = drawn(60, seed)
    runs = runs_of(cases, seed=6)
    network = Liquid(LiquidConfig(len(REPAIR_FIGURES)))
    for parameter in network.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    trained = Trained(network, Scaling.of(runs))
    written = json.dumps(as_weights(trained))
    assert len(written) < 50_000
    controller = Controller(json.loads(written))
    for run, odds in zip(runs, trained.judge(runs), strict=True):
        controller.begin()
        for row, value in zip(rows_of(run), odds, strict=True):
            assert controller.step(row) == pytest.approx(1 / (1 + math.exp(-value)), abs=1e-4)


def test_neurons_that_need_a_solver_are_not_written() -> None:
    runs = [drawn(4)]
    network = Liquid(LiquidConfig(len(REPAIR_FIGURES), "ltc"))
    with pytest.raises(ValueError, match="CfC neurons alone"):
        as_weights(Trained(network, Scaling.of(runs)))


# ------------------------------------------------------------------ command


class Fake:
    """A fixer that closes parentheses."""

    def repairs(self, file: SourceFile, verdict: Verdict) -> list[Repair]:
        insert, delete = Step(3, Tag(Action.INSERT, b")")), Step(2, Tag(Action.DELETE))
        return [Repair(file.text.replace(b";", b");"), (insert,), -0.2), Repair(b"f;\n", (delete,), -2.0)]


def trials(path: Path, count: int) -> Path:
    asked = [
        Question(
            "real",
            f"owner/{number % 7}",
            SourceFile(f"{number}.js", b"f(a;\n" * (1 + number % 2), "javascript"),
            (b"f(a);\n",),
        )
        for number in range(count)
    ]
    try_all(asked, one_by_one(Fake()), path, seconds=60.0)
    return path


def test_the_command_writes_what_the_run_time_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "STEPS", 3)
    out = tmp_path / "made" / "controller.json"
    assert main(["--trials", str(trials(tmp_path / "trials.jsonl", 20)), "--out", str(out)]) == 0
    assert Controller(json.loads(out.read_text("utf-8"))).figures == REPAIR_FIGURES
    assert "20 repairs of 7 repositories" in capsys.readouterr().out


def test_cases_are_of_trials_with_a_repair(tmp_path: Path) -> None:
    path = trials(tmp_path / "trials.jsonl", 4)
    cases = read_cases(path)
    assert [case.sample.is_exact for case in cases] == [True, False, True, False]
    assert cases[0].seen.message
    assert cases_of([]) == []


def test_too_few_trials_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no trials of these weights"):
        read_cases(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="1 repairs are too few"):
        read_cases(trials(tmp_path / "trials.jsonl", 1))
