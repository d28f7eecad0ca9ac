from __future__ import annotations

import pytest

from thea_hook.lab.evaluation.calibration import calibration


def test_honest_claims_have_no_error() -> None:
    found = calibration([(0.75, True), (0.75, True), (0.75, True), (0.75, False)])
    assert found.error == 0
    assert [(row.low, row.repairs, row.right) for row in found.bins] == [(0.7, 4, 0.75)]


def test_the_error_is_the_distance_between_claim_and_truth_by_weight() -> None:
    found = calibration([(1.0, True), (1.0, False), (0.0, False), (0.0, False)])
    assert found.error == pytest.approx(0.25)
    assert [row.high for row in found.bins] == [0.1, 1.0]


def test_no_claims_are_well_calibrated() -> None:
    assert calibration([]) == ((), 0.0)
