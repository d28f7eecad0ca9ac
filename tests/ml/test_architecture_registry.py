"""What is known of the architectures, and when they are made."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from thea_hook.errors import ModelError
from thea_hook.ml.index import UnifiedIndex
from thea_hook.ml.registry import REMEMBERED, ArchitectureRegistry, Capability, Performance, Role
from thea_hook.ml.tasks import Attempt, Candidate, Outcome, Request

ANYTHING = Capability(Role.PROPOSER, {})


class Silent:
    def solve(self, request: Request) -> Sequence[Candidate]:
        return request.candidates


def test_an_architecture_is_made_when_it_is_first_asked_for_and_once() -> None:
    made: list[Silent] = []

    def factory() -> Silent:
        made.append(Silent())
        return made[-1]

    registry = ArchitectureRegistry()
    registry.register("silent", ANYTHING, factory)
    assert (list(registry), "silent" in registry, made) == (["silent"], True, [])
    assert not registry.is_loaded("silent")
    assert registry.solver("silent") is registry.solver("silent")
    assert len(made) == 1
    assert registry.is_loaded("silent")


def test_a_name_is_taken_once() -> None:
    registry = ArchitectureRegistry()
    registry.register("silent", ANYTHING, Silent)
    with pytest.raises(ValueError, match="an architecture `silent` already"):
        registry.register("silent", ANYTHING, Silent)


def test_an_architecture_that_nobody_registered_is_absent() -> None:
    with pytest.raises(ModelError, match="no architecture `trm`") as raised:
        ArchitectureRegistry().solver("trm")
    assert raised.value.reason == "absent"


def test_the_history_counts_what_came_of_the_last_attempts() -> None:
    registry = ArchitectureRegistry()
    registry.register("silent", ANYTHING, Silent)
    assert registry.performance("silent") == Performance()
    for outcome, seconds in (
        (Outcome.ANSWERED, 0.1),
        (Outcome.ANSWERED, 0.3),
        (Outcome.FAILED, 9.0),
        (Outcome.ABSTAINED, 0.2),
        (Outcome.SKIPPED, 0.0),
    ):
        registry.record(Attempt("silent", outcome, "", seconds))
    assert registry.performance("silent") == Performance(asked=4, answered=2, failed=1, seconds=0.2)
    registry.record(Attempt("another", Outcome.FAILED, ""))
    for _ in range(REMEMBERED):
        registry.record(Attempt("silent", Outcome.FAILED, ""))
    assert registry.performance("silent") == Performance(asked=REMEMBERED, failed=REMEMBERED)


def test_the_index_leads_from_a_technique_to_the_architectures_and_back() -> None:
    registry = ArchitectureRegistry()
    registry.register("trm", ANYTHING._replace(techniques=("recursion", "attention"), config={"blocks": 6}), Silent)
    registry.register("rlm", ANYTHING._replace(techniques=("recursion",), config={"depth": 3}), Silent)
    index = UnifiedIndex.of(registry.capabilities)
    assert list(index.entries) == ["recursion", "attention"]
    assert index.architectures("recursion") == (("trm", {"blocks": 6}), ("rlm", {"depth": 3}))
    assert index.architectures("convolution") == ()
    assert index.techniques("trm") == ("recursion", "attention")
    assert index.techniques("nobody") == ()
