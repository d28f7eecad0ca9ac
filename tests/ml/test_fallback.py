"""What is kept of an architecture's failure, and who is asked after it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.oracle import Answer, Verdict
from thea_hook.ml.fallback import MOST_IN_A_ROW, SHARE, FallbackHandler, merged
from thea_hook.ml.registry import ArchitectureRegistry, Capability, Performance, Role
from thea_hook.ml.tasks import Candidate, Outcome, Request, Solver, TaskType

Behaviour = Callable[[Request], Sequence[Candidate]]

FILE = SourceFile("a.js", b"f(a;\n", "javascript")
GIVEN = (Candidate(b"f(a);\n", "ml:tagger", evidence={"tagger": -0.5}), Candidate(b"f(a,b);\n", "ml:tagger"))
NEW = Candidate(b"f(a)\n", "ml:trm", evidence={"trm": -0.1})
REQUEST = Request(TaskType.CODE_REPAIR, FILE, Verdict(Answer.BROKEN), GIVEN)


class Scripted:
    """Does what it is told, and keeps what it was asked."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.asked: list[Request] = []

    def solve(self, request: Request) -> Sequence[Candidate]:
        self.asked.append(request)
        return self.behaviour(request)


def proposes(request: Request) -> Sequence[Candidate]:
    return [NEW]


def abstains(request: Request) -> Sequence[Candidate]:
    return request.candidates


def raises(error: BaseException) -> Behaviour:
    def behaviour(request: Request) -> Sequence[Candidate]:
        raise error

    return behaviour


def registry(**solvers: Behaviour | Solver) -> ArchitectureRegistry:
    made = ArchitectureRegistry()
    for name, given_ in solvers.items():
        solver = Scripted(given_) if callable(given_) else given_
        made.register(name, Capability(Role.PROPOSER, {}), lambda solver=solver: solver)  # type: ignore[misc]
    return made


def handler() -> FallbackHandler:
    return FallbackHandler(sleep=lambda seconds: None)


def test_an_answer_has_the_given_candidates_and_the_new_ones() -> None:
    candidates, attempt = handler().ask("trm", registry(trm=proposes), REQUEST)
    assert candidates == (*GIVEN, NEW)
    assert attempt[:3] == ("trm", Outcome.ANSWERED, "proposed 1")


def test_more_evidence_is_an_answer_and_nothing_at_all_is_none() -> None:
    judged = handler().ask("trm", registry(trm=lambda it: [GIVEN[0].with_evidence(trm=-2.0), NEW]), REQUEST)
    assert judged.candidates[0].evidence == {"tagger": -0.5, "trm": -2.0}
    assert judged.attempt.reason == "proposed 1 and judged 1"
    _, attempt = handler().ask("trm", registry(trm=abstains), REQUEST)
    assert attempt[:3] == ("trm", Outcome.ABSTAINED, "it had nothing to add")
    assert handler().ask("trm", registry(trm=lambda request: []), REQUEST)[1].outcome is Outcome.ABSTAINED


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelError("trm.onnx: cannot be read", "weights"), "trm.onnx: cannot be read"),
        (MemoryError(), "there was not enough memory"),
        (TimeoutError(), "it took too long"),
        (RecursionError("too deep"), "RecursionError: too deep"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_whatever_is_raised_the_next_one_is_asked(error: Exception, reason: str) -> None:
    candidates, attempts = handler().first_answer(("trm", "rlm"), registry(trm=raises(error), rlm=proposes), REQUEST)
    assert candidates == (*GIVEN, NEW)
    assert [attempt[:3] for attempt in attempts] == [
        ("trm", Outcome.FAILED, reason),
        ("rlm", Outcome.ANSWERED, "proposed 1"),
    ]


@pytest.mark.parametrize("answer", [None, 7, [None], [b"f(a);\n"], [Candidate("f(a);\n", "ml:trm")]])  # type: ignore[arg-type]
def test_an_answer_that_is_none_is_a_failure(answer: object) -> None:
    candidates, attempt = handler().ask("trm", registry(trm=lambda request: answer), REQUEST)  # type: ignore[arg-type, return-value]
    assert (candidates, attempt.outcome) == (GIVEN, Outcome.FAILED)


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf])
def test_evidence_that_is_no_number_is_a_failure(figure: float) -> None:
    candidates, attempt = handler().ask("trm", registry(trm=lambda it: [NEW.with_evidence(trm=figure)]), REQUEST)
    assert (candidates, attempt.outcome) == (GIVEN, Outcome.FAILED)
    assert attempt.reason == f"its figure `trm` is {figure}, which is no number to compare with"


def test_nobody_else_is_asked_after_an_answer() -> None:
    second = Scripted(proposes)
    _, attempts = handler().first_answer(("trm", "rlm"), registry(trm=proposes, rlm=second), REQUEST)
    assert ([attempt.architecture for attempt in attempts], second.asked) == (["trm"], [])


def test_where_nobody_answers_the_candidates_stay_as_they_are() -> None:
    both = registry(trm=abstains, rlm=raises(ValueError("no")))
    candidates, attempts = handler().first_answer(("trm", "rlm"), both, REQUEST)
    assert candidates == GIVEN
    assert [attempt.outcome for attempt in attempts] == [Outcome.ABSTAINED, Outcome.FAILED]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_is_to_end_the_program_ends_it(error: type[BaseException]) -> None:
    with pytest.raises(error):
        handler().ask("trm", registry(trm=raises(error())), REQUEST)


# ------------------------------------------------------------------ trying again, and giving up


def test_a_lack_of_memory_may_pass() -> None:
    answers = iter([MemoryError(), None])

    def behaviour(request: Request) -> Sequence[Candidate]:
        error = next(answers)
        if error is not None:
            raise error
        return [NEW]

    slept: list[float] = []
    patient = FallbackHandler(max_attempts=2, retry_delay=0.25, sleep=slept.append)
    assert patient.ask("trm", registry(trm=behaviour), REQUEST).candidates == (*GIVEN, NEW)
    assert (slept, patient.failures("trm")) == ([0.25], ())


def test_it_is_tried_as_often_as_was_said() -> None:
    solver = Scripted(raises(MemoryError()))
    patient = FallbackHandler(max_attempts=3, sleep=lambda seconds: None)
    assert patient.ask("trm", registry(trm=solver), REQUEST).attempt.outcome is Outcome.FAILED
    assert len(solver.asked) == 3


def test_other_failures_do_not_pass_by_themselves() -> None:
    solver = Scripted(raises(ValueError("no")))
    handler().ask("trm", registry(trm=solver), REQUEST)
    assert len(solver.asked) == 1


def test_an_architecture_that_cannot_be_made_is_not_tried_again() -> None:
    made: list[str] = []

    def factory() -> Solver:
        made.append("trm")
        raise ModelError("trm.onnx: cannot be read")

    broken = ArchitectureRegistry()
    broken.register("trm", Capability(Role.PROPOSER, {}), factory)
    careful = handler()
    outcomes = [careful.ask("trm", broken, REQUEST).attempt for _ in range(3)]
    assert [attempt[:3] for attempt in outcomes] == [
        ("trm", Outcome.FAILED, "trm.onnx: cannot be read"),
        ("trm", Outcome.FAILED, "trm.onnx: cannot be read"),
        ("trm", Outcome.FAILED, "trm.onnx: cannot be read"),
    ]
    assert [attempt.seconds > 0 for attempt in outcomes] == [True, False, False]
    assert (made, careful.given_up("trm")) == (["trm"], "trm.onnx: cannot be read")
    assert broken.performance("trm") == Performance(asked=1, failed=1)


def test_an_architecture_that_is_not_there_is_skipped() -> None:
    careful = handler()
    for _ in range(2):
        _, attempt = careful.ask("trm", registry(), REQUEST)
        assert attempt[:3] == ("trm", Outcome.SKIPPED, "there is no architecture `trm`")


def test_one_that_keeps_failing_is_given_up() -> None:
    solver = Scripted(raises(ValueError("no")))
    careful, broken = handler(), registry(trm=solver)
    attempts = [careful.ask("trm", broken, REQUEST).attempt for _ in range(MOST_IN_A_ROW + 2)]
    assert {attempt.outcome for attempt in attempts} == {Outcome.FAILED}
    assert attempts[-1].reason == "it failed 3 times in a row, the last time so: ValueError: no"
    assert len(solver.asked) == MOST_IN_A_ROW


def test_an_answer_in_between_is_a_new_beginning() -> None:
    errors: Iterable[Exception | None] = iter(
        [ValueError("1"), ValueError("2"), None, ValueError("3"), ValueError("4")]
    )

    def behaviour(request: Request) -> Sequence[Candidate]:
        error = next(errors)  # type: ignore[call-overload]
        if error is not None:
            raise error
        return [NEW]

    careful, flaky = handler(), registry(trm=behaviour)
    for _ in range(5):
        careful.ask("trm", flaky, REQUEST)
    assert (careful.failures("trm"), careful.given_up("trm")) == (("ValueError: 3", "ValueError: 4"), "")


# ------------------------------------------------------------------ time


def test_nobody_is_asked_when_the_time_is_over() -> None:
    solver = Scripted(proposes)
    late = REQUEST._replace(deadline=time.monotonic() - 1)
    candidates, attempt = handler().ask("trm", registry(trm=solver), late)
    assert (candidates, attempt[:3], solver.asked) == (GIVEN, ("trm", Outcome.SKIPPED, "no time was left"), [])


def test_who_is_asked_leaves_time_for_those_who_wait() -> None:
    first, second = Scripted(raises(TimeoutError())), Scripted(proposes)
    began = time.monotonic()
    request = REQUEST._replace(deadline=began + 100)
    handler().first_answer(("trm", "rlm"), registry(trm=first, rlm=second), request)
    assert first.asked[0].deadline == pytest.approx(began + 100 * SHARE, abs=5)
    assert second.asked[0].deadline == began + 100


def test_one_whose_time_is_over_is_asked_again_for_the_next_text() -> None:
    solver = Scripted(raises(ModelError("still reading", "deadline")))
    hasty, slow = handler(), registry(trm=solver)
    attempts = [hasty.ask("trm", slow, REQUEST).attempt for _ in range(MOST_IN_A_ROW + 2)]
    assert [attempt[1:3] for attempt in attempts] == [(Outcome.SKIPPED, "still reading")] * (MOST_IN_A_ROW + 2)
    assert (len(solver.asked), hasty.given_up("trm")) == (MOST_IN_A_ROW + 2, "")


def test_one_that_goes_on_until_its_share_of_the_time_is_over_may_have_more_to_say() -> None:
    def dawdles(request: Request) -> Sequence[Candidate]:
        time.sleep(max(0.0, request.deadline - time.monotonic()))
        return [NEW]

    for behaviour, in_time in ((dawdles, False), (proposes, True)):
        request = REQUEST._replace(deadline=time.monotonic() + 0.05)
        attempt = handler().ask("trm", registry(trm=behaviour), request, others_wait=True).attempt
        assert (attempt.outcome, attempt.in_time) == (Outcome.ANSWERED, in_time)


def test_without_a_deadline_there_is_none_to_share() -> None:
    solver = Scripted(proposes)
    handler().ask("trm", registry(trm=solver), REQUEST, others_wait=True)
    assert solver.asked[0].deadline == math.inf


# ------------------------------------------------------------------ merging

texts = st.sampled_from([b"a", b"b", b"c", b"d"])
figures = st.dictionaries(st.sampled_from(["tagger", "trm", "mamba"]), st.floats(-50, 0), max_size=3)
candidates_ = st.builds(Candidate, texts, st.sampled_from(["ml:tagger", "ml:trm"]), evidence=figures)
unlike_each_other = st.lists(candidates_, max_size=3, unique_by=lambda candidate: candidate.text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(unlike_each_other, st.lists(candidates_, max_size=4))
def test_no_candidate_and_nothing_said_of_it_is_ever_lost(given_: list[Candidate], answer: list[Candidate]) -> None:
    found = merged(given_, answer)
    assert [candidate.text for candidate in found[: len(given_)]] == [candidate.text for candidate in given_]
    assert {candidate.text for candidate in found} == {candidate.text for candidate in (*given_, *answer)}
    assert len({candidate.text for candidate in found}) == len(found)
    for before, after in zip(given_, found, strict=False):
        assert (after.source, after.steps) == (before.source, before.steps)
        assert before.evidence.items() <= after.evidence.items()
