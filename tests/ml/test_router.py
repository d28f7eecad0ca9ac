"""Who a request goes to, and by which figures."""

from __future__ import annotations

import math

import pytest

from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Answer, SyntaxProblem, Verdict
from thea_hook.ml.edits import Step
from thea_hook.ml.registry import (
    AFFINITY,
    ArchitectureRegistry,
    Capability,
    Role,
    Strength,
    affinity_of,
)
from thea_hook.ml.router import LONG_TEXT, Analysis, Score, TaskRouter, analyse, request_of, score
from thea_hook.ml.tasks import Candidate, Request, TaskType
from thea_hook.ml.vocabulary import Action, Tag

DELETE = Step(0, Tag(Action.DELETE))


def broken(size: int = 100, *places: int) -> tuple[SourceFile, Verdict]:
    problems = tuple(SyntaxProblem(Span(place, place + 1), "unexpected token") for place in places)
    return SourceFile("a.js", b"x" * size, "javascript"), Verdict(Answer.BROKEN, problems, "oxlint")


def candidate(*steps: Step) -> Candidate:
    return Candidate(b"y", "ml:tagger", steps)


def never() -> None:
    raise AssertionError("nobody is loaded to be chosen")


def registry(**capabilities: Capability) -> ArchitectureRegistry:
    made = ArchitectureRegistry()
    for name, capability in capabilities.items():
        made.register(name, capability, never)  # type: ignore[arg-type]
    return made


TRM = Capability(
    Role.PROPOSER | Role.SCORER,
    affinity_of("trm"),
    frozenset({Strength.ITERATION, Strength.MANY_MISTAKES}),
    seconds=0.2,
    context=8_000,
)
RLM = Capability(
    Role.PROPOSER,
    affinity_of("rlm"),
    frozenset({Strength.LONG_INPUT, Strength.MANY_MISTAKES, Strength.SYNTHESIS}),
    seconds=0.8,
)
MAMBA = Capability(Role.SCORER, affinity_of("mamba"), frozenset({Strength.LONG_INPUT, Strength.STREAMING}), seconds=0.4)


# ------------------------------------------------------------------ the task


@pytest.mark.parametrize(
    ("size", "places", "candidates", "task"),
    [
        (100, [5], [candidate(DELETE)], TaskType.CODE_REPAIR),
        (100, [5, 60], [candidate(DELETE)], TaskType.ITERATIVE_REFINEMENT),
        (100, [5], [candidate(DELETE, DELETE)], TaskType.ITERATIVE_REFINEMENT),
        (100, [5], [candidate(DELETE), candidate(DELETE, DELETE)], TaskType.CODE_REPAIR),
        (100, [5, 60], [], TaskType.CODE_GENERATION),
        (LONG_TEXT + 1, [5, 60], [], TaskType.LONG_CONTEXT),
        (LONG_TEXT, [], [], TaskType.CODE_GENERATION),
    ],
)
def test_the_task_follows_from_what_can_be_counted(
    size: int, places: list[int], candidates: list[Candidate], task: TaskType
) -> None:
    request = request_of(*broken(size, *places), candidates)
    assert (request.task, request.candidates, request.deadline) == (task, tuple(candidates), math.inf)


def test_the_reasons_are_facts_in_words() -> None:
    analysis = analyse(request_of(*broken(1500, 3, 9), [candidate(DELETE, DELETE, DELETE)]))
    assert ", ".join(analysis.reasons) == (
        "a text of 1,500 bytes, 2 complaints of the parser, 1 candidate, the likeliest with 3 edits"
    )
    assert "no complaints of the parser, no candidates" in ", ".join(analyse(request_of(*broken())).reasons)


def test_complexity_grows_with_the_mistakes_up_to_one() -> None:
    def complexity(*places: int) -> float:
        return analyse(request_of(*broken(100, *places), [candidate(DELETE)])).complexity

    assert [complexity(*range(count)) for count in (0, 1, 2, 3, 5, 9)] == [0, 0, 0.25, 0.5, 1, 1]


def test_what_is_far_from_every_complaint_need_not_be_read() -> None:
    def context(size: int, *places: int) -> int:
        return analyse(request_of(*broken(size, *places), [candidate(DELETE)])).context_length

    assert context(500, 100) == 500
    assert context(50_000, 100) == 2 * 1024 + 1
    assert context(50_000, 100, 30_099) == 30_000 + 2 * 1024
    assert context(LONG_TEXT + 1, 100) == LONG_TEXT + 1


def test_a_bracket_that_the_parser_refers_to_belongs_to_the_place() -> None:
    file, _ = broken(50_000)
    problem = SyntaxProblem(Span(20_000, 20_001), "unexpected token", (Span(100, 101),))
    verdict = Verdict(Answer.BROKEN, (problem,), "oxlint")
    assert analyse(request_of(file, verdict)).context_length == 19_901 + 2 * 1024


# ------------------------------------------------------------------ the score


def analysis(task: TaskType, complexity: float = 0.0, length: int = 2_000, *, iterative: bool = False) -> Analysis:
    return Analysis(task, complexity, length, iterative, task is TaskType.STREAMING, ())


@pytest.mark.parametrize(
    ("capability", "request_", "figures", "total"),
    [
        (TRM, analysis(TaskType.CODE_REPAIR), (1.0, 1.0, 0.9, 0.75), 0.93),
        (RLM, analysis(TaskType.CODE_REPAIR), (0.5, 1.0, 0.6, 1.0), 0.72),
        (MAMBA, analysis(TaskType.CODE_REPAIR), (0.0, 1.0, 0.8, 1.0), 0.56),
        (TRM, analysis(TaskType.ITERATIVE_REFINEMENT, 0.5, iterative=True), (1.0, 1.0, 0.9, 0.75), 0.93),
        (RLM, analysis(TaskType.ITERATIVE_REFINEMENT, 0.25, iterative=True), (0.0, 0.5, 0.6, 1.0), 0.42),
        (RLM, analysis(TaskType.ITERATIVE_REFINEMENT, 0.2, iterative=True), (0.0, 0.0, 0.6, 1.0), 0.32),
        (TRM, analysis(TaskType.CODE_GENERATION), (0.0, 0.0, 0.9, 0.75), 0.33),
        (RLM, analysis(TaskType.CODE_GENERATION), (1.0, 1.0, 0.6, 1.0), 0.92),
        (MAMBA, analysis(TaskType.TEXT_GENERATION), (1.0, 0.0, 0.8, 1.0), 0.76),
        (TRM, analysis(TaskType.LONG_CONTEXT, length=200_000), (0.0, 0.0, 0.9, 0.0), 0.18),
        (RLM, analysis(TaskType.LONG_CONTEXT, length=200_000), (0.0, 1.0, 0.6, 1.0), 0.52),
        (MAMBA, analysis(TaskType.LONG_CONTEXT, length=200_000), (1.0, 1.0, 0.8, 1.0), 0.96),
        (MAMBA, analysis(TaskType.STREAMING), (1.0, 1.0, 0.8, 1.0), 0.96),
        (MAMBA._replace(seconds=60.0), analysis(TaskType.STREAMING), (1.0, 1.0, 0.0, 1.0), 0.8),
    ],
)
def test_the_score_is_the_weighted_sum_of_four_figures(
    capability: Capability, request_: Analysis, figures: tuple[float, ...], total: float
) -> None:
    found = score(request_, capability)
    assert tuple(found) == pytest.approx(figures)
    assert found.total == pytest.approx(total)


def test_the_task_weighs_as_much_as_two_of_the_others() -> None:
    ones = [Score(*(float(place == other) for other in range(4))).total for place in range(4)]
    assert ones == [0.4, 0.2, 0.2, 0.2]
    assert Score(1, 1, 1, 1).total == pytest.approx(1)


def test_the_affinity_of_an_architecture_is_read_off_the_table() -> None:
    assert affinity_of("trm") == {
        TaskType.CODE_REPAIR: 1.0,
        TaskType.ITERATIVE_REFINEMENT: 1.0,
        TaskType.CODE_ANALYSIS: 0.5,
        TaskType.REASONING: 1.0,
    }
    assert affinity_of("rlm")[TaskType.CODE_REPAIR] == 0.5
    assert affinity_of("nobody") == {}
    assert set(AFFINITY) == set(TaskType)


# ------------------------------------------------------------------ the route


def test_the_best_proposer_is_asked_first_and_the_others_after_it() -> None:
    decision = TaskRouter(registry(rlm=RLM, mamba=MAMBA, trm=TRM)).route(request_of(*broken(100, 5), [candidate()]))
    assert (decision.primary, decision.fallbacks) == ("trm", ("rlm",))
    assert (decision.path, decision.scorers) == (("trm",), ("mamba",))
    assert list(decision.scores) == ["trm", "rlm", "mamba"]
    assert decision.confidence == pytest.approx(decision.scores["trm"] / (decision.scores["trm"] + 0.72))


def test_where_nothing_was_found_the_one_that_writes_is_asked_first() -> None:
    decision = TaskRouter(registry(trm=TRM, mamba=MAMBA, rlm=RLM)).route(request_of(*broken(100, 5)))
    assert (decision.primary, decision.path, decision.fallbacks) == ("rlm", ("rlm",), ("trm",))
    assert decision.scorers == ("trm", "mamba"), "what was written is judged by all who can"


def test_several_mistakes_are_taken_apart_then_refined_and_then_judged() -> None:
    for request in (
        request_of(*broken(100, 5, 60), [candidate(DELETE)]),
        request_of(*broken(100, 5), [candidate(DELETE, DELETE)]),
    ):
        decision = TaskRouter(registry(mamba=MAMBA, trm=TRM, rlm=RLM)).route(request)
        assert (decision.primary, decision.path) == ("trm", ("rlm", "trm"))
        assert (decision.fallbacks, decision.scorers) == ((), ("mamba",))


def test_a_long_text_is_taken_apart_and_judged_as_a_whole() -> None:
    request = request_of(*broken(LONG_TEXT + 1, 5), [candidate()])
    decision = TaskRouter(registry(trm=TRM, mamba=MAMBA, rlm=RLM)).route(request)
    assert (decision.primary, decision.path, decision.scorers) == ("rlm", ("rlm",), ("trm", "mamba"))
    assert decision.scores["mamba"] > decision.scores["rlm"]


def test_of_equals_the_one_registered_first_is_asked_first() -> None:
    request = request_of(*broken(100, 5), [candidate()])
    assert TaskRouter(registry(one=TRM, two=TRM)).route(request).primary == "one"
    assert TaskRouter(registry(two=TRM, one=TRM)).route(request) == TaskRouter(registry(two=TRM, one=TRM)).route(
        request
    )
    assert TaskRouter(registry(one=TRM, two=TRM)).route(request).confidence == 0.5


def test_one_without_an_alternative_is_certain_and_none_is_no_choice() -> None:
    request = request_of(*broken(100, 5), [candidate()])
    assert TaskRouter(registry(trm=TRM)).route(request).confidence == 1.0
    nobody = TaskRouter(registry(mamba=MAMBA)).route(request)
    assert (nobody.primary, nobody.fallbacks, nobody.confidence) == ("", (), 0.0)
    assert nobody.reason.endswith("no architecture proposes candidates")


def test_the_reason_has_the_facts_and_the_figures() -> None:
    request: Request = request_of(*broken(100, 5), [candidate()])
    assert TaskRouter(registry(trm=TRM, rlm=RLM)).route(request).reason == (
        "code_repair: a text of 100 bytes, 1 complaint of the parser, 1 candidate; "
        "trm 0.98 (task 1.00, strengths 1.00, resources 0.90, context 0.99), rlm 0.72"
    )
