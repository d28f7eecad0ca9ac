"""The second opinion as a whole: real networks that fail in every way there is, and what is left of the request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("onnxruntime")
import networks
import numpy as np
from test_fallback import FILE, GIVEN, NEW, REQUEST, Scripted, abstains, proposes, raises

from thea_hook.core.source import Span
from thea_hook.languages.oracle import Answer, SyntaxProblem, Verdict
from thea_hook.ml import fallback
from thea_hook.ml.fallback import FallbackHandler
from thea_hook.ml.manifest import Model
from thea_hook.ml.orchestrator import MLOrchestrator
from thea_hook.ml.registry import ArchitectureRegistry, Capability, Role, Strength, affinity_of
from thea_hook.ml.router import request_of
from thea_hook.ml.session import Resources, Session
from thea_hook.ml.tasks import Candidate, Outcome, Request, Solver

TWO_PROBLEMS = Verdict(Answer.BROKEN, tuple(SyntaxProblem(Span(place, place), "no") for place in (1, 4)), "oxlint")
PROPOSER, SCORER = Capability(Role.PROPOSER, {}), Capability(Role.SCORER, {})


def orchestrator(**made: tuple[Capability, Callable[[], Solver]]) -> MLOrchestrator:
    registry = ArchitectureRegistry()
    for name, (capability, factory) in made.items():
        registry.register(name, capability, factory)
    return MLOrchestrator(registry, FallbackHandler(sleep=lambda seconds: None))


def judges(request: Request) -> Sequence[Candidate]:
    return [candidate.with_evidence(mamba=-1.0) for candidate in request.candidates]


def test_a_scorer_judges_what_a_proposer_found() -> None:
    response = orchestrator(
        trm=(PROPOSER, lambda: Scripted(proposes)), mamba=(SCORER, lambda: Scripted(judges))
    ).handle(REQUEST)
    assert [candidate.evidence.get("mamba") for candidate in response.candidates] == [-1.0, -1.0, -1.0]
    assert [candidate.text for candidate in response.candidates] == [*(it.text for it in GIVEN), NEW.text]
    assert [attempt[:3] for attempt in response.attempts] == [
        ("trm", Outcome.ANSWERED, "proposed 1"),
        ("mamba", Outcome.ANSWERED, "judged 3"),
    ]
    assert response.decision.primary == "trm"
    assert response.seconds >= sum(attempt.seconds for attempt in response.attempts)


def test_a_scorer_without_a_candidate_is_not_asked() -> None:
    scorer = Scripted(judges)
    asked = orchestrator(trm=(PROPOSER, lambda: Scripted(abstains)), mamba=(SCORER, lambda: scorer))
    response = asked.handle(REQUEST._replace(candidates=()))
    assert (response.candidates, scorer.asked) == ((), [])
    assert response.attempts[1][:3] == ("mamba", Outcome.SKIPPED, "there was no candidate to judge")


def test_a_scorer_that_fails_takes_nothing_away() -> None:
    response = orchestrator(
        trm=(PROPOSER, lambda: Scripted(proposes)), mamba=(SCORER, lambda: Scripted(raises(ValueError("no"))))
    ).handle(REQUEST)
    assert response.candidates == (*GIVEN, NEW)
    assert response.attempts[1][:3] == ("mamba", Outcome.FAILED, "ValueError: no")


BOTH = Role.PROPOSER | Role.SCORER


def noting(name: str, asked: list[str]) -> Callable[[], Solver]:
    """One that proposes a text of its name, and keeps in what order it was asked."""

    def behaviour(request: Request) -> Sequence[Candidate]:
        asked.append(name)
        return [it.with_evidence(**{name: -1.0}) for it in (*request.candidates, Candidate(name.encode(), name))]

    return lambda: Scripted(behaviour)


def test_those_who_help_are_asked_first_and_everybody_after_them_sees_what_they_found() -> None:
    asked: list[str] = []
    several = Capability(Role.PROPOSER, {}, frozenset({Strength.MANY_MISTAKES}))
    response = orchestrator(
        mamba=(SCORER, lambda: Scripted(judges)),
        trm=(several._replace(role=BOTH, tasks=affinity_of("trm")), noting("trm", asked)),
        rlm=(several, noting("rlm", asked)),
    ).handle(request_of(FILE, TWO_PROBLEMS, GIVEN))
    assert (response.decision.primary, asked) == ("trm", ["rlm", "trm"])
    assert [sorted(candidate.evidence) for candidate in response.candidates] == [
        ["mamba", "rlm", "tagger", "trm"],
        ["mamba", "rlm", "trm"],
        ["mamba", "rlm", "trm"],
        ["mamba", "trm"],
    ]


def test_where_the_primary_fails_what_its_helper_found_is_left() -> None:
    several = Capability(Role.PROPOSER, {}, frozenset({Strength.MANY_MISTAKES}))
    response = orchestrator(
        trm=(several._replace(tasks=affinity_of("trm")), lambda: Scripted(raises(ValueError("no")))),
        rlm=(several, lambda: Scripted(proposes)),
        spare=(PROPOSER, lambda: Scripted(raises(AssertionError("nobody needs it")))),
    ).handle(request_of(FILE, TWO_PROBLEMS, GIVEN))
    assert response.candidates == (*GIVEN, NEW)
    assert [(attempt.architecture, attempt.outcome) for attempt in response.attempts] == [
        ("trm", Outcome.FAILED),
        ("rlm", Outcome.ANSWERED),
    ]


def test_one_that_proposes_and_judges_judges_what_others_wrote() -> None:
    asked: list[str] = []
    made = orchestrator(
        trm=(Capability(BOTH, affinity_of("trm")), noting("trm", asked)),
        rlm=(Capability(Role.PROPOSER, affinity_of("rlm")), noting("rlm", asked)),
    )
    response = made.handle(request_of(FILE, REQUEST.verdict))
    assert (response.decision.primary, asked) == ("rlm", ["rlm", "trm"])
    assert response.candidates[0].evidence == {"trm": -1.0, "rlm": -1.0}


def test_nobody_is_asked_twice() -> None:
    asked: list[str] = []
    made = orchestrator(
        trm=(Capability(BOTH, affinity_of("trm")), noting("trm", asked)),
        rlm=(Capability(Role.PROPOSER, affinity_of("rlm")), lambda: Scripted(raises(ValueError("no")))),
    )
    response = made.handle(request_of(FILE, REQUEST.verdict))
    assert asked == ["trm"]
    assert [attempt.architecture for attempt in response.attempts] == ["rlm", "trm"]


def test_without_architectures_the_request_is_the_answer() -> None:
    response = orchestrator().handle(REQUEST)
    assert (response.candidates, response.attempts, response.decision.primary) == (GIVEN, (), "")


# ------------------------------------------------------------------ failures of real networks


class Network:
    """A model that proposes something if its network gives a number for what it is fed."""

    def __init__(self, session: Session, fed: object) -> None:
        self.session, self.fed = session, fed

    def solve(self, request: Request) -> Sequence[Candidate]:
        output = self.session.run({"x": np.asarray(self.fed)})["y"]
        return [NEW.with_evidence(trm=float(output[0, 0]))]


def logarithm(folder: Path, **changes: object) -> Model:
    return networks.write_model(folder, networks.logarithm(), **changes)


def works(folder: Path) -> Solver:
    return Network(Session(logarithm(folder)), [[1]])


def lacks_its_weights(folder: Path) -> Solver:
    model = logarithm(folder)
    model.network.path.unlink()
    return Network(Session(model), [[1]])


def has_a_corrupt_file(folder: Path) -> Solver:
    model = logarithm(folder)
    content = bytearray(model.network.path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    model.network.path.write_bytes(content)
    return Network(Session(model), [[1]])


def has_half_a_file(folder: Path) -> Solver:
    model = logarithm(folder)
    model.network.path.write_bytes(model.network.path.read_bytes()[:50])
    return Network(Session(model), [[1]])


def is_fed_another_shape(folder: Path) -> Solver:
    return Network(Session(logarithm(folder)), [1])


def answers_in_another_shape(folder: Path) -> Solver:
    outputs = {"y": {"dtype": "float32", "shape": ["batch", "length", 300]}}
    return Network(Session(logarithm(folder, outputs=outputs)), [[1]])


def answers_with_no_number(folder: Path) -> Solver:
    return Network(Session(logarithm(folder)), [[-1]])


def does_not_end(folder: Path) -> Solver:
    model = networks.write_model(folder, networks.endless())
    return Network(Session(model, resources=Resources("cpu", 1, 0.2)), [[1]])


def runs_out_of_memory(folder: Path) -> Solver:
    return Scripted(raises(MemoryError()))


def has_a_mistake(folder: Path) -> Solver:
    return Scripted(lambda request: request.candidates[99:100] or [request.candidates[99]])


FAILURES = {
    lacks_its_weights: "cannot be read",
    has_a_corrupt_file: "SHA-256 differs",
    has_half_a_file: "has 50 bytes where the manifest says",
    is_fed_another_shape: "the input `x` is int64[1], not int64['batch', 'length']",
    answers_in_another_shape: "is of the shape [1, 1]",
    answers_with_no_number: "has values that are no numbers",
    does_not_end: "0.2 s",
    runs_out_of_memory: "there was not enough memory",
    has_a_mistake: "IndexError",
}


def test_the_network_of_these_tests_answers(tmp_path: Path) -> None:
    response = orchestrator(trm=(PROPOSER, lambda: works(tmp_path))).handle(REQUEST)
    assert response.candidates == (*GIVEN, NEW.with_evidence(trm=0.0))


@pytest.mark.parametrize("failing", FAILURES, ids=lambda failing: failing.__name__)
def test_a_failure_leads_to_the_next_architecture_and_is_kept(
    tmp_path: Path, failing: Callable[[Path], Solver]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    response = orchestrator(
        trm=(PROPOSER, lambda: failing(first)),
        rlm=(PROPOSER, lambda: works(second)),
        mamba=(SCORER, lambda: Scripted(judges)),
    ).handle(REQUEST)
    assert [attempt.outcome for attempt in response.attempts] == [Outcome.FAILED, Outcome.ANSWERED, Outcome.ANSWERED]
    assert FAILURES[failing] in response.attempts[0].reason
    assert response.candidates[:2] == tuple(judges(REQUEST))
    assert response.candidates[2:] == (NEW.with_evidence(trm=0.0, mamba=-1.0),)


@pytest.mark.parametrize("failing", FAILURES, ids=lambda failing: failing.__name__)
def test_where_everything_fails_the_request_is_the_answer(tmp_path: Path, failing: Callable[[Path], Solver]) -> None:
    asked = orchestrator(trm=(PROPOSER, lambda: failing(tmp_path)), mamba=(SCORER, lambda: failing(tmp_path)))
    response = asked.handle(REQUEST)
    assert response.candidates == GIVEN
    assert {attempt.outcome for attempt in response.attempts} == {Outcome.FAILED}


def test_ctrl_c_passes() -> None:
    with pytest.raises(KeyboardInterrupt):
        orchestrator(trm=(PROPOSER, lambda: Scripted(raises(KeyboardInterrupt())))).handle(REQUEST)


def test_one_that_takes_its_time_leaves_some_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(fallback, "time", SimpleNamespace(monotonic=lambda: now))

    def dawdles(request: Request) -> Sequence[Candidate]:
        nonlocal now
        now = request.deadline
        raise TimeoutError

    asked = orchestrator(
        trm=(PROPOSER, lambda: Scripted(dawdles)),
        rlm=(PROPOSER, lambda: Scripted(dawdles)),
        mamba=(SCORER, lambda: Scripted(dawdles)),
        late=(SCORER, lambda: Scripted(judges)),
    )
    response = asked.handle(REQUEST._replace(deadline=109.0))
    assert [(attempt.outcome, attempt.seconds) for attempt in response.attempts] == [
        (Outcome.FAILED, pytest.approx(6)),
        (Outcome.FAILED, pytest.approx(2)),
        (Outcome.FAILED, pytest.approx(2 / 3)),
        (Outcome.ANSWERED, 0),
    ]


# ------------------------------------------------------------------ batches


def test_a_batch_is_answered_in_order_and_by_one_architecture_after_the_other() -> None:
    asked: list[tuple[str, bytes]] = []

    def by(name: str) -> Callable[[], Solver]:
        def behaviour(request: Request) -> Sequence[Candidate]:
            asked.append((name, request.file.text))
            return [NEW]

        return lambda: Scripted(behaviour)

    repairs = Capability(Role.PROPOSER, affinity_of("trm"))
    writes = Capability(Role.PROPOSER, affinity_of("rlm"))
    texts = [b"a(", b"b(", b"c(", b"d("]
    requests = [
        request_of(FILE._replace(text=text), REQUEST.verdict, GIVEN if has_candidates else ())
        for text, has_candidates in zip(texts, (True, False, True, False), strict=True)
    ]
    batch = orchestrator(trm=(repairs, by("trm")), rlm=(writes, by("rlm")))
    responses = batch.handle_all(requests)
    assert asked == [("rlm", b"b("), ("rlm", b"d("), ("trm", b"a("), ("trm", b"c(")]
    assert [response.decision.primary for response in responses] == ["trm", "rlm", "trm", "rlm"]
    assert [len(response.candidates) for response in responses] == [3, 1, 3, 1]
    assert batch.handle_all([]) == []


def test_a_failure_in_a_batch_stays_with_its_file() -> None:
    def stumbles(request: Request) -> Sequence[Candidate]:
        if request.file.text == b"b(":
            raise ValueError("not this one")
        return [NEW]

    requests = [REQUEST._replace(file=FILE._replace(text=text)) for text in (b"a(", b"b(", b"c(")]
    responses = orchestrator(trm=(PROPOSER, lambda: Scripted(stumbles))).handle_all(requests)
    assert [response.attempts[0].outcome for response in responses] == [
        Outcome.ANSWERED,
        Outcome.FAILED,
        Outcome.ANSWERED,
    ]
