from __future__ import annotations

from thea_hook.lab.evaluation.intervals import share


def test_a_share_counts_cases_and_not_repositories() -> None:
    found = share([("a", True), ("a", True), ("a", False), ("b", False)])
    assert (found.hits, found.total, found.value) == (2, 4, 0.5)


def test_the_interval_holds_the_share_and_comes_out_the_same_again() -> None:
    outcomes = [(f"repository {number % 20}", number % 3 > 0) for number in range(200)]
    found = share(outcomes)
    assert found.low < found.value < found.high
    assert share(outcomes) == found
    assert share(reversed(outcomes)) == found


def test_cases_of_one_repository_count_as_one_draw() -> None:
    spread = share([(f"repository {number}", number % 2 == 0) for number in range(40)])
    alike = share([(f"repository {number % 4}", number % 4 < 2) for number in range(40)])
    assert alike.high - alike.low > spread.high - spread.low


def test_where_all_agree_the_interval_is_a_point() -> None:
    assert share([("a", True), ("b", True)])[2:] == (1.0, 1.0)


def test_nothing_to_count_is_shown_as_a_dash() -> None:
    assert str(share([])) == "-"
    assert str(share([("a", True)])) == "100.0 % (100.0 to 100.0)"
