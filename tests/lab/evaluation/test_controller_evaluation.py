"""How rankings of repairs are compared: by the figures of each, in repositories that no system has seen."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("torch")

from thea_hook.lab.evaluation import controller as evaluation  # noqa: E402
from thea_hook.lab.evaluation.controller import (  # noqa: E402
    SYSTEMS,
    THRESHOLD,
    Claim,
    Ranking,
    claims_of,
    compared,
    figures,
    main,
    markdown,
)
from thea_hook.lab.training.calibration import Sample, fold_of  # noqa: E402
from thea_hook.lab.training.controller import Case  # noqa: E402
from thea_hook.ml.controller import Observation  # noqa: E402


def case(odds: float, *, exact: bool, repository: str = "a", real: bool = False) -> Case:
    sample = Sample((odds, 0.0, 1.0, 0.0), "delete", exact, real, repository)
    return Case(sample, Observation(odds, sample.figures, 1.0, 0.7, "Unexpected", "delete"))


def claims(*right: bool) -> list[Claim]:
    """The surest first."""
    return [Claim(-float(number), case(0.0, exact=one)) for number, one in enumerate(right)]


def drawn(count: int, *, real: bool = False) -> list[Case]:
    chance = random.Random(1)
    odds = [chance.uniform(-3, 5) for _ in range(count)]
    return [
        case(one, exact=chance.random() < 1 / (1 + math.exp(-one)), repository=f"r{number % 20}", real=real)
        for number, one in enumerate(odds)
    ]


def test_the_area_is_the_mean_share_of_wrong_ones_among_the_surest() -> None:
    ranking = Ranking.of(claims(True, False, True, True))
    assert ranking.area(np.ones(4)) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    twice = Ranking.of([claim for claim in claims(True, False, True) for _ in range(2)])
    weighed = Ranking.of(claims(True, False, True)).area(np.full(3, 2.0))
    assert weighed == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    assert twice.area(np.ones(6)) == pytest.approx((0 + 0 + 1 / 3 + 2 / 4 + 2 / 5 + 2 / 6) / 6)


def test_coverage_is_the_largest_share_that_is_precise_enough() -> None:
    ranking = Ranking.of(claims(True, False, True, True, True, False))
    assert ranking.coverage(np.ones(6), 1.0) == pytest.approx(1 / 6)
    assert ranking.coverage(np.ones(6), 0.8) == pytest.approx(5 / 6)
    assert ranking.coverage(np.ones(6), 0.5) == 1
    assert Ranking.of(claims(False, True)).coverage(np.ones(2), 0.9) == 0


def test_repositories_that_are_not_drawn_do_not_count() -> None:
    ranking = Ranking.of(
        [Claim(2.0, case(0, exact=False, repository="a")), Claim(1.0, case(0, exact=True, repository="b"))]
    )
    times = np.array([0.0, 3.0])
    assert ranking.area(times[ranking.repository]) == 0
    assert ranking.coverage(times[ranking.repository], 0.99) == 1


def test_every_figure_lies_in_its_interval_and_the_threshold_differs_from_itself_by_nothing() -> None:
    some = [Claim(one.seen.confidence, one) for one in drawn(400)]
    worse = [claim._replace(odds=-claim.odds) for claim in some]
    found = figures({THRESHOLD: Ranking.of(some), "worse": Ranking.of(worse)})
    for row in found.values():
        for figure in row.values():
            assert figure.low <= figure.value <= figure.high
    assert set(found[THRESHOLD]["area, less the threshold's"]) == {0.0}
    assert found["worse"]["area, less the threshold's"].low > 0.2


def test_no_system_has_seen_the_repository_of_its_claims() -> None:
    seen: list[tuple[set[str], set[str]]] = []

    def spy(known: Sequence[Case], runs: Sequence[Sequence[Case]]) -> list[list[float]]:
        seen.append(({one.sample.repository for one in known}, {one.sample.repository for run in runs for one in run}))
        return [[0.0] * len(run) for run in runs]

    cases = drawn(100)
    found = claims_of({"spy": spy}, cases)["spy"]
    assert sorted(claim.case.sample.figures[0] for claim in found) == sorted(one.sample.figures[0] for one in cases)
    for known, asked in seen:
        assert not known & asked
        assert len({fold_of(name) for name in asked}) == 1


def test_regressions_find_what_there_is_to_find() -> None:
    """The log-odds are true, so that a regression can add next to nothing to the threshold."""
    names = (THRESHOLD, "logistic regression", "confidence and earlier outcomes")
    found = compared(drawn(800), {name: SYSTEMS[name] for name in names})
    assert list(found) == ["synthetic"]
    for row in found["synthetic"].values():
        assert abs(row["area, less the threshold's"].value) < 0.02


def test_told_outcomes_help_where_repositories_differ() -> None:
    """In every other repository nothing is right, however sure the calibration is."""
    cases = [
        one._replace(sample=one.sample._replace(is_exact=one.sample.is_exact and one.sample.repository[-1] in "02468"))
        for one in drawn(800)
    ]
    names = (THRESHOLD, "logistic regression", "confidence and earlier outcomes")
    rows = compared(cases, {name: SYSTEMS[name] for name in names})["synthetic"]
    assert rows[names[2]]["area, less the threshold's"].high < 0


def test_liquid_networks_are_compared_as_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cases = [*drawn(120), *drawn(60, real=True)]
    monkeypatch.setattr(evaluation, "read_cases", lambda path: cases)
    monkeypatch.setattr(evaluation, "ROUNDS", 40)
    monkeypatch.setattr("thea_hook.lab.training.controller.STEPS", 2)
    assert main(["--trials", "trials.jsonl", "--json", str(tmp_path / "figures.json")]) == 0
    printed = capsys.readouterr().out
    assert (
        f"real: 60 repairs of 20 repositories, {sum(one.sample.is_exact for one in cases[120:])} of them exact"
        in printed
    )
    written = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert set(written) == {"real", "synthetic"}
    assert set(written["real"]) == set(SYSTEMS)
    for name, row in written["synthetic"].items():
        assert f"| {name} |" in printed
        assert 0 < row["area"]["value"] < 0.5


def test_tables_are_of_percentages() -> None:
    cases = drawn(50)
    found = compared(cases, {THRESHOLD: SYSTEMS[THRESHOLD]})
    area = found["synthetic"][THRESHOLD]["area"]
    assert f"| {100 * area.value:.1f} ({100 * area.low:.1f} to {100 * area.high:.1f}) |" in markdown(found, cases)
