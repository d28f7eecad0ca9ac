"""The repair of a file, from the tagger's suggestions to a graded fix."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from test_repair import Mind, Scripted, insert

from thea_hook.core.finding import Applicability
from thea_hook.core.patch import apply_edits
from thea_hook.core.routing import Outcome, Routing
from thea_hook.core.source import SourceFile
from thea_hook.languages.oracle import UNKNOWN, Verdict, available, judge
from thea_hook.ml import mender
from thea_hook.ml.calibration import UNCALIBRATED, Calibration
from thea_hook.ml.controller import RunConfidence
from thea_hook.ml.edits import Step
from thea_hook.ml.mender import TaggerMender, title_of
from thea_hook.ml.repair import Effort, Repair
from thea_hook.ml.verify import verified
from thea_hook.ml.vocabulary import TAGS, Action, Tag
from thea_hook.syntax.mender import Mended

needs_oracle = pytest.mark.skipif(not available(), reason="needs the second parser")


def mend(text: bytes, mind: Mind, calibration: Calibration = UNCALIBRATED) -> Mended | None:
    file = SourceFile("a.js", text, "javascript")
    return TaggerMender(Scripted(mind), calibration).mend(file, judge([file])[0])


@needs_oracle
def test_the_likeliest_repair_that_is_verified_is_the_fix() -> None:
    comment, close = Tag(Action.COMMENT_LINE), insert(b")")
    text = b"const total = sum(a, b;\nuse(total);\n"
    mended = mend(text, lambda broken: [(0, comment, 0.6), (8, close, 0.4)])
    assert mended is not None
    assert apply_edits(text, mended.fix.edits) == b"const total = sum(a, b);\nuse(total);\n"
    assert (mended.fix.title, mended.source) == ("Insert `)`", "ml:tagger")


@needs_oracle
def test_nothing_is_safe_whose_class_was_not_measured() -> None:
    sure = UNCALIBRATED._replace(bias=20.0)
    safe = sure._replace(safe_from={"insert bracket": 0.9})
    mind: Mind = lambda broken: [(3, insert(b")"), 0.99)]  # noqa: E731
    for calibration, grade in ((sure, Applicability.UNSAFE), (safe, Applicability.SAFE)):
        mended = mend(b"f(a;\n", mind, calibration)
        assert mended is not None
        assert mended.fix.applicability is grade


@needs_oracle
def test_without_a_repair_there_is_no_fix() -> None:
    assert mend(b"f(a;\n", lambda broken: [(0, Tag(Action.DELETE), 0.9)]) is None


@needs_oracle
def test_what_came_of_a_text_is_taken_down() -> None:
    heard: list[Routing] = []
    file = SourceFile("a.js", b"f(a;\n", "javascript")
    for tag in (insert(b")"), Tag(Action.DELETE)):
        mind: Mind = lambda broken, tag=tag: [(3, tag, 0.9)]  # type: ignore[misc]  # noqa: E731
        TaggerMender(Scripted(mind), UNCALIBRATED, heard.append).mend(file, judge([file])[0])
    assert [(routing.answer, routing.in_time, routing.is_final) for routing in heard] == [
        ("ml:tagger", True, True),
        ("", True, True),
    ]
    (answered,), (abstained,) = (routing.attempts for routing in heard)
    assert (answered.outcome, answered.reason[:11]) == (Outcome.ANSWERED, "Insert `)`,")
    assert (abstained.outcome, abstained.reason) == (
        Outcome.ABSTAINED,
        "it found no text that parses and passes verification",
    )


class Doubts(RunConfidence):
    """Believes the first repair of a run, and half as much of each one after it."""

    def __init__(self) -> None:
        self.share = 2.0

    def confidence(self, file: SourceFile, verdict: Verdict, repairs: Sequence[Repair], confidence: float) -> float:
        self.share /= 2
        return confidence * self.share


@needs_oracle
def test_the_repairs_before_may_have_a_say_in_how_sure_one_is() -> None:
    heard: list[Routing] = []
    file = SourceFile("a.js", b"f(a;\n", "javascript")
    calibration = UNCALIBRATED._replace(bias=20.0, safe_from={"insert bracket": 0.9})
    tagger = Scripted(lambda broken: [(3, insert(b")"), 0.99)])
    in_a_run = TaggerMender(tagger, calibration, heard.append, run=Doubts())
    found = [in_a_run.mend(file, judge([file])[0]) for _ in range(3)]
    assert [one and one.fix.confidence for one in found] == pytest.approx([1.0, 0.5, 0.25])
    assert {one and one.fix.applicability for one in found} == {Applicability.SAFE}, "which the calibration decides"
    assert [attempt.architecture for attempt in heard[2].attempts] == ["tagger", "liquid"]
    assert heard[2].attempts[1].reason == "100% sure by itself, 25% in this run"
    assert not any(routing.is_final for routing in heard)


@needs_oracle
def test_after_the_deadline_nothing_is_searched_for() -> None:
    heard: list[Routing] = []
    tagger = Scripted(lambda broken: [(3, insert(b")"), 0.9)])
    file = SourceFile("a.js", b"f(a;\n", "javascript")
    mender = TaggerMender(tagger, UNCALIBRATED, heard.append)
    assert mender.mend(file, judge([file])[0], time.monotonic() - 1) is None
    assert (tagger.asked, heard[0].in_time) == ([], False)
    assert heard[0].attempts[0].reason.endswith(" in time")


def test_a_text_of_a_size_that_nobody_writes_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mender, "MOST_LEXEMES", 3)
    asked = Scripted(lambda broken: [(3, insert(b")"), 0.9)])
    assert mender.found_repairs(SourceFile("a.js", b"f(a;", "javascript"), UNKNOWN, asked) == []
    assert asked.asked == []


@needs_oracle
def test_a_side_of_a_conflict_is_kept_where_no_person_chooses() -> None:
    text = b"<<<<<<< HEAD\nlet a = 1;\n=======\nlet a = 2;\n>>>>>>> other\nuse(a);\n"
    mended = mend(text, lambda broken: [])
    assert mended is not None
    assert apply_edits(text, mended.fix.edits) == b"let a = 1;\nuse(a);\n"
    assert (mended.fix.title, mended.fix.applicability) == ("Keep `ours` of the conflict", Applicability.UNSAFE)


@pytest.mark.parametrize("tag", [*TAGS, Tag(Action.RESOLVE, b"ours")], ids=str)
def test_every_tag_has_a_title(tag: Tag) -> None:
    title = title_of(Repair(b"", (Step(0, tag),), 0.0))
    assert title[0].isupper()
    assert "{" not in title or tag.text in (b"{", b"${")


@needs_oracle
def test_where_the_first_candidates_are_refused_the_next_are_looked_at() -> None:
    file = SourceFile("a.js", b"const total = sum(a, b;\nuse(total);\n", "javascript")
    commented = Repair(b"// const total = sum(a, b;\nuse(total);\n", (), -0.1)
    closed = Repair(b"const total = sum(a, b);\nuse(total);\n", (), -2.0)
    assert verified(file, [commented, closed], at_once=1) == [closed]
    assert verified(file, [commented, closed], at_once=1, most=1) == []


@needs_oracle
def test_after_the_deadline_the_first_that_passes_has_to_do_and_nothing_unverified_is_let_through() -> None:
    file = SourceFile("a.js", b"f(a;\n", "javascript")
    closed, filled = Repair(b"f(a);\n", (), -1.0), Repair(b"f(a,a);\n", (), -2.0)
    assert verified(file, [closed, filled]) == [closed, filled]
    assert verified(file, [closed, filled], deadline=time.monotonic() - 1) == [closed]


@needs_oracle
def test_a_search_without_luck_is_repeated_with_more_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mender, "EFFORT", Effort(first=1))
    text = b"f(a;\n"
    mended = mend(text, lambda broken: [(0, insert(b"}"), 0.6), (3, insert(b")"), 0.4)])
    assert mended is not None
    assert apply_edits(text, mended.fix.edits) == b"f(a);\n"
