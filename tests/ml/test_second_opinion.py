"""Where the tagger is not sure, others are asked: when they are, what becomes of their answers, and what never does."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from test_fallback import Behaviour, Scripted, raises
from test_repair import Scripted as ScriptedTagger
from test_repair import insert

from thea_hook.core.finding import Applicability
from thea_hook.core.patch import apply_edits
from thea_hook.core.routing import Outcome, Routing
from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.oracle import available, judge
from thea_hook.ml import manifest, mender
from thea_hook.ml.calibration import UNCALIBRATED
from thea_hook.ml.decomposer import Decomposer
from thea_hook.ml.evidence import Evidence, Weighing
from thea_hook.ml.manifest import Model, StoredFile
from thea_hook.ml.mender import TaggerMender
from thea_hook.ml.names import Elsewhere
from thea_hook.ml.repair import Repair
from thea_hook.ml.second_opinion import NamesElsewhere, load_evidence, second_opinion, solvers
from thea_hook.ml.session import Resources
from thea_hook.ml.tasks import Candidate, Request
from thea_hook.ml.vocabulary import Action, Tag
from thea_hook.syntax.mender import Mended

pytestmark = pytest.mark.skipif(not available(), reason="needs the second parser")

FILE = SourceFile("a.js", b"f(a;\n", "javascript")
FIRST, SECOND = b"f(a);\n", b"f(a,a);\n"
PREFERS_MAMBA = {name: Weighing({"mamba": 1.0}, {}) for name in ("", "mamba", "mamba+trm", "trm")}
EVIDENCE = Evidence(PREFERS_MAMBA, sure_from=0.9)


def proposes(text: bytes) -> Behaviour:
    return lambda request: [*request.candidates, Candidate(text, "ml:trm")]


def prefers(text: bytes) -> Behaviour:
    def judged(request: Request) -> Sequence[Candidate]:
        return [one.with_evidence(mamba=4.0 if one.text == text else -4.0) for one in request.candidates]

    return judged


def mend(
    *, confidence: float, deadline: float = math.inf, safe: bool = False, **asked: Behaviour
) -> tuple[Mended | None, Routing, list[Scripted]]:
    """The repair of FILE, of which the tagger is this sure, when these can be asked."""
    solvers = {name: Scripted(behaviour) for name, behaviour in asked.items()}
    made = {name: (lambda solver=solver: solver) for name, solver in solvers.items()}
    taken_down: list[Routing] = []
    bias = math.log(confidence / (1 - confidence))
    safe_from = {"insert bracket": confidence} if safe else {}
    calibration = UNCALIBRATED._replace(
        bias=bias, weights=dict.fromkeys(UNCALIBRATED.weights, 0.0), safe_from=safe_from
    )
    tagger = ScriptedTagger(lambda broken: [(3, insert(b")"), 0.99)])
    asking = TaggerMender(tagger, calibration, taken_down.append, second_opinion(EVIDENCE, made))
    mended = asking.mend(FILE, judge([FILE])[0], deadline)
    return mended, taken_down[0], list(solvers.values())


def text_of(mended: Mended | None) -> bytes:
    assert mended is not None
    return apply_edits(FILE.text, mended.fix.edits)


def test_nobody_is_asked_where_the_tagger_is_sure() -> None:
    mended, routing, asked = mend(confidence=0.95, trm=proposes(SECOND), mamba=prefers(SECOND))
    assert (text_of(mended), routing.reason) == (FIRST, "the tagger is sure enough")
    assert all(solver.asked == [] for solver in asked)


def test_nobody_is_asked_where_the_class_has_proved_to_be_right() -> None:
    mended, routing, asked = mend(confidence=0.6, safe=True, trm=proposes(SECOND), mamba=prefers(SECOND))
    assert mended is not None
    assert (text_of(mended), mended.fix.applicability) == (FIRST, Applicability.SAFE)
    assert routing.reason == "the tagger is sure enough"
    assert all(solver.asked == [] for solver in asked)


def test_what_others_propose_and_prefer_is_offered() -> None:
    mended, routing, _ = mend(confidence=0.5, trm=proposes(SECOND), mamba=prefers(SECOND))
    assert text_of(mended) == SECOND
    assert mended is not None
    assert (mended.source, mended.fix.applicability) == ("ml:trm", Applicability.UNSAFE)
    assert routing.answer == "ml:trm"
    assert [attempt.architecture for attempt in routing.attempts] == ["tagger", "trm", "mamba"]


def test_its_confidence_is_what_the_evidence_comes_to() -> None:
    mended, _, _ = mend(confidence=0.5, mamba=prefers(FIRST))
    assert mended is not None
    assert mended.fix.confidence == pytest.approx(math.exp(4) / (1 + math.exp(4)), abs=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [b"", b"// f(a;\n", b"f(b;\n", FILE.text, b"g(zzz);\n"],
    ids=["nothing left", "commented out", "still broken", "unchanged", "unknown names"],
)
def test_a_proposal_that_verification_refuses_is_never_chosen(wrong: bytes) -> None:
    mended, _, _ = mend(confidence=0.5, trm=proposes(wrong), mamba=prefers(wrong))
    assert text_of(mended) == FIRST


def test_where_all_fail_the_first_choice_stays() -> None:
    fail = raises(ModelError("the weights are broken", "output"))
    mended, routing, _ = mend(confidence=0.5, trm=fail, mamba=fail)
    assert (text_of(mended), routing.answer) == (FIRST, "ml:tagger")
    failed = [attempt for attempt in routing.attempts if attempt.outcome is Outcome.FAILED]
    assert [attempt.architecture for attempt in failed] == ["trm", "mamba"]
    assert "the weights are broken" in failed[0].reason


def test_after_the_deadline_nobody_is_asked() -> None:
    mended, routing, asked = mend(confidence=0.5, deadline=time.monotonic() - 1, trm=proposes(SECOND))
    assert asked[0].asked == []
    assert not routing.in_time
    assert mended is None


def test_what_one_found_that_had_no_time_for_more_is_not_kept() -> None:
    def dawdles(request: Request) -> Sequence[Candidate]:
        time.sleep(max(0.0, request.deadline - time.monotonic()))
        return [*request.candidates, Candidate(SECOND, "ml:trm")]

    _, routing, _ = mend(confidence=0.5, deadline=time.monotonic() + 1.5, trm=dawdles, mamba=prefers(SECOND))
    assert [attempt.outcome for attempt in routing.attempts] == [Outcome.ANSWERED] * 3
    assert (routing.in_time, routing.is_final) == (False, False)


def test_a_second_opinion_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    deadlines: list[float] = []

    def noted(request: Request) -> Sequence[Candidate]:
        deadlines.append(request.deadline)
        return request.candidates

    monkeypatch.setattr(mender, "LONGEST_OPINION", 5.0)
    mend(confidence=0.5, trm=noted)
    assert deadlines[0] < time.monotonic() + 5.0


def test_a_text_without_a_first_choice_can_have_a_second() -> None:
    tagger = ScriptedTagger(lambda broken: [(0, Tag(Action.DELETE), 0.9)])
    solver = Scripted(proposes(FIRST))
    asking = TaggerMender(tagger, UNCALIBRATED, None, second_opinion(EVIDENCE, {"trm": lambda: solver}))
    assert text_of(asking.mend(FILE, judge([FILE])[0])) == FIRST


def test_weights_of_evidence_that_are_none_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps({"weighings": 3}), "utf-8")
    stored = StoredFile(path, manifest.sha256(path.read_bytes()), path.stat().st_size)
    model = Model("tagger", stored, "tagger", {}, "fp32", 18, {}, {}, files={"evidence": stored})
    with pytest.raises(ModelError, match=r"evidence\.json: no weights of evidence .* reinstall"):
        load_evidence(model)


# ------------------------------------------------------------------ names


PREFERS_NAMES = Evidence({"": Weighing({"names": 1.0, "names_elsewhere": 8.0}, {})}, sure_from=0.9)
NAMING, OF_OTHERS = Repair(b"f(name);\n", (), -1.0), Repair(b"f(other);\n", (), -1.0)


def counting(asked: list[SourceFile]) -> NamesElsewhere:
    def elsewhere(file: SourceFile) -> Elsewhere:
        asked.append(file)
        return {b"name": 0, b"other": 5, b"a": 1}.get

    return elsewhere


def test_a_name_that_other_files_have_is_preferred_and_other_files_then_had_a_say() -> None:
    opinion = second_opinion(PREFERS_NAMES, {}, counting([])).ask(FILE, judge([FILE])[0], [NAMING, OF_OTHERS])
    assert [one.candidate.text for one in opinion.judged] == [OF_OTHERS.text, NAMING.text]
    assert not opinion.by_itself


def test_without_a_written_word_a_file_is_judged_by_itself() -> None:
    closed = Repair(FIRST, (), -1.0)
    assert second_opinion(PREFERS_NAMES, {}, counting([])).ask(FILE, judge([FILE])[0], [closed]).by_itself


def test_a_word_that_nobody_can_count_today_may_be_counted_tomorrow() -> None:
    for elsewhere in (lambda file: None, lambda file: lambda word: None):
        assert not second_opinion(PREFERS_NAMES, {}, elsewhere).ask(FILE, judge([FILE])[0], [NAMING]).by_itself


def test_other_files_are_not_read_for_weights_that_do_not_use_them() -> None:
    asked: list[SourceFile] = []
    opinion = second_opinion(EVIDENCE, {}, counting(asked)).ask(FILE, judge([FILE])[0], [NAMING])
    assert asked == []
    assert opinion.by_itself


def test_what_other_files_had_a_say_in_is_not_kept() -> None:
    taken_down: list[Routing] = []
    tagger = ScriptedTagger(lambda broken: [(3, insert(b")"), 0.9)])
    for evidence in (PREFERS_NAMES._replace(sure_from=1.0), EVIDENCE._replace(sure_from=1.0)):
        opinion = second_opinion(evidence, {"trm": lambda: Scripted(proposes(SECOND))}, counting([]))
        TaggerMender(tagger, UNCALIBRATED, taken_down.append, opinion).mend(FILE, judge([FILE])[0])
    assert [routing.is_final for routing in taken_down] == [False, True]


@pytest.mark.parametrize("infill", [True, False])
def test_the_language_model_writes_for_the_decomposer_where_that_is_asked_for(infill: bool) -> None:
    weights = manifest.read_manifest()
    tagger = ScriptedTagger(lambda broken: [])
    made = solvers(weights, "onnxruntime", Resources("cpu"), context_length=8192, tagger=tagger, infill=infill)
    decomposer = made["rlm"]()
    assert isinstance(decomposer, Decomposer)
    assert decomposer._writer is (made["mamba"]() if infill else None)
