"""What the teacher adds to the findings of a text."""

from __future__ import annotations

import pytest
from questions import BAD_LINE, BROKEN, GOOD_LINE, MENDED, request, teacher
from servers import Asked, Behaviour, edits, ollama, running

from thea_hook.budget import Allowance, current, spending
from thea_hook.checking import Checker
from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.patch import apply_edits
from thea_hook.core.routing import Outcome
from thea_hook.core.source import SourceFile, Span
from thea_hook.settings import Settings
from thea_hook.teacher.advice import CONFIDENCE, TITLE, Advice, Adviser

pytest.importorskip("httpcore2", reason="the teacher's HTTP client is not installed")

GOOD = edits((7, BAD_LINE, GOOD_LINE))


def found(text: bytes = BROKEN, path: str = "a.mjs") -> tuple[SourceFile, tuple[Finding, ...]]:
    """What the rules find in a broken text."""
    file = request(text, path).file
    return file, Checker(Settings("", select=("syntax",), models=("none",))).check(file).findings


def advise(serve: Behaviour, least_confidence: float = 0.5) -> tuple[Advice, list[Asked]]:
    with running(serve) as server:
        return Adviser(teacher(server)).advise(*found(), least_confidence), server.log


def mended_by_models(confidence: float, grade: Applicability = Applicability.UNSAFE) -> tuple[Finding, ...]:
    (error,) = found()[1]
    place = BROKEN.index(b" {\n    if")
    return (error._replace(fix=Fix("Insert `)`", (Edit(Span(place, place), b")"),), grade, confidence)),)


def is_wanted(file: SourceFile, findings: tuple[Finding, ...]) -> bool:
    with running(ollama(GOOD)) as server:
        wanted = Adviser(teacher(server)).is_wanted(file, findings)
        assert server.log == []
    return wanted


def test_it_mends_what_nobody_else_can() -> None:
    advice, _ = advise(ollama(GOOD))
    (finding,) = advice.findings
    assert finding.fix is not None
    assert finding.fix[:1] + finding.fix[2:] == (TITLE, Applicability.UNSAFE, CONFIDENCE)
    assert apply_edits(BROKEN, finding.fix.edits) == MENDED
    assert finding.source == advice.routing.answer == "teacher:qwen3-coder:30b"
    assert advice.routing.attempts[0].outcome is Outcome.ANSWERED


def test_its_repairs_are_only_shown_to_those_who_want_surer_ones() -> None:
    (finding,) = advise(ollama(GOOD), least_confidence=0.6)[0].findings
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.DISPLAY


def test_it_is_wanted_where_nobody_mends_a_text() -> None:
    assert is_wanted(*found())


@pytest.mark.parametrize(("confidence", "wanted"), [(0.4, True), (0.5, False), (0.9, False)])
def test_it_is_wanted_where_the_models_are_less_sure_than_it(confidence: float, wanted: bool) -> None:
    assert is_wanted(found()[0], mended_by_models(confidence)) is wanted


def test_it_is_not_wanted_where_a_repair_is_safe() -> None:
    assert not is_wanted(found()[0], mended_by_models(0.1, Applicability.SAFE))


@pytest.mark.parametrize("text", [b"if (a = = b) f();\n", b"a = 1;\n", b"if (a => b) {\n  f(;\n}}\n"])
def test_it_is_wanted_only_where_the_rules_do_not_make_a_text_parse(text: bytes) -> None:
    file, findings = found(text)
    edits = [edit for one in findings if one.fix and one.fix.applicability for edit in one.fix.edits]
    assert is_wanted(file, findings) is (bool(findings) and b"f(;" in apply_edits(text, edits))


def test_types_in_javascript_are_no_question_for_it() -> None:
    file, findings = found(b"function f(a: string): number {\n  return a.length;\n}\n", "a.js")
    assert [finding.rule_id for finding in findings] == ["syntax-error"]
    assert not is_wanted(file, findings)


def test_without_an_answer_the_findings_stay() -> None:
    advice, _ = advise(ollama("no idea"))
    assert advice.findings == found()[1]
    assert (advice.routing.answer, advice.routing.is_final) == ("", True)
    assert advice.routing.attempts[0].outcome is Outcome.ABSTAINED


def test_a_server_that_fails_leaves_the_findings_and_a_result_that_is_not_final() -> None:
    advice, _ = advise(ollama(lambda handler, asked: handler.reply({"error": "x"}, 500)))
    assert advice.findings == found()[1]
    assert (advice.routing.attempts[0].outcome, advice.routing.is_final) == (Outcome.FAILED, False)


def test_nobody_is_asked_when_the_time_of_the_run_is_over_and_the_result_is_not_final() -> None:
    with spending(Allowance(0.0, 0.0)):
        advice, log = advise(ollama(GOOD))
    assert (advice.findings, log) == (found()[1], [])
    assert not advice.routing.is_final


def test_its_time_comes_out_of_that_of_the_run() -> None:
    with spending(Allowance(10.0, 10.0)):
        advise(ollama(GOOD))
        assert 0 < current().left < 10
