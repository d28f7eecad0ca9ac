"""How long models may take."""

from __future__ import annotations

import math
import multiprocessing
import sys
import time

import pytest

from thea_hook import budget
from thea_hook.budget import UNLIMITED, Allowance, Budget, allowance, current, spending

START_METHODS = ("spawn",) if sys.platform == "win32" else ("fork", "spawn")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", UNLIMITED),
        ("10", Allowance(10, 10)),
        ("10/2", Allowance(10, 2)),
        ("0.5/0.25", Allowance(0.5, 0.25)),
        ("0", Allowance(0, 0)),
    ],
)
def test_a_budget_is_seconds_of_the_run_and_of_a_file(text: str, meaning: Allowance) -> None:
    assert allowance(text) == meaning


@pytest.mark.parametrize("text", ["x", "/", "10/", "/2", "2/10", "-1", "10/-1", "nan", "inf", "10/nan", "1/2/3", "10s"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        allowance(text)


def test_without_a_limit_there_is_no_deadline() -> None:
    free = Budget()
    free.spend(1e9)
    assert (free.left, free.deadline()) == (math.inf, math.inf)
    assert free.shared(2) is free


def test_a_file_gets_its_share_while_there_is_as_much_left() -> None:
    spent = Budget(Allowance(10, 2))
    assert spent.deadline() - time.monotonic() == pytest.approx(2, abs=0.5)
    spent.spend(9)
    assert spent.left == 1
    assert spent.deadline() - time.monotonic() == pytest.approx(1, abs=0.5)
    spent.spend(9)
    assert spent.left == 0
    assert spent.deadline() <= time.monotonic()


def test_what_many_leave_is_for_the_one_who_goes_on_alone() -> None:
    shared = Budget(Allowance(12, 12)).shared(3)
    shared.spend(3)
    assert shared.deadline() - time.monotonic() == pytest.approx(3, abs=0.5)
    assert shared.alone().deadline() - time.monotonic() == pytest.approx(9, abs=0.5)


def test_every_run_has_its_own() -> None:
    with spending(Allowance(10)):
        outer = current()
        outer.spend(4)
        with spending(Allowance(3)):
            current().spend(1)
            assert current().left == 2
        assert current() is outer
        assert current().left == 6
    assert current().left == math.inf


def spend(shared: Budget, seconds: float) -> None:
    budget.join(shared)
    current().spend(seconds)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", START_METHODS)
def test_processes_spend_from_the_same(method: str) -> None:
    context = multiprocessing.get_context(method)
    mine = Budget(Allowance(10, 2))
    mine.spend(1)
    shared = mine.shared(2)
    for seconds in (2.0, 3.0):
        process = context.Process(target=spend, args=(shared, seconds))
        process.start()
        process.join()
        assert process.exitcode == 0
    assert (shared.left, shared.allowed.file) == (4, 2)


def test_processes_that_begin_at_once_do_not_spend_more_than_there_is() -> None:
    shared = Budget(Allowance(10)).shared(4)
    assert 4 * (shared.deadline() - time.monotonic()) <= 10
    shared.spend(9)
    assert 4 * (shared.deadline() - time.monotonic()) <= 1
