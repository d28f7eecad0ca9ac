"""The host of the recursive network, with networks that have their answers from the start."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.oracle import Answer, Verdict, judge
from thea_hook.ml.manifest import Manifest, read_manifest
from thea_hook.ml.refiner import Refiner
from thea_hook.ml.session import Resources
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tagger import WINDOW
from thea_hook.ml.tasks import Candidate, Request, TaskType
from thea_hook.ml.vocabulary import TAG_INDEX, TAGS, Action, Tag, class_of

CLOSE, COMMA = Tag(Action.INSERT, b")"), Tag(Action.INSERT, b",")
DIM = 4

Likes = Mapping[bytes, Tag]


class Encoder:
    """Passes the class of each lexeme on as what is known of it."""

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        classes = inputs["features"][:, :, 0]
        x = np.repeat(classes[:, :, None], DIM, 2).astype(np.float32)
        return {"x": x, "z": np.zeros_like(x)}


class Thinker:
    """Inserts a tag before every lexeme of some classes; ``halt`` says after how many iterations it is sure.

    ``y`` counts the iterations, and ``z`` has those of the call before.
    """

    def __init__(self, likes: Likes, halt: Callable[[int], float] = lambda turn: 9.0, sure: float = 6.0) -> None:
        self._likes = {class_of(0, text): TAG_INDEX[tag] for text, tag in likes.items()}
        self._halt, self._sure = halt, sure
        self.batches: list[int] = []

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        x, turn = inputs["x"], len(self.batches)
        self.batches.append(len(x))
        edit = np.full(x.shape[:2], -9.0, np.float32)
        tag = np.zeros((*x.shape[:2], len(TAGS)), np.float32)
        for number, chosen in self._likes.items():
            at = x[:, :, 0] == number
            edit[at] = self._sure
            tag[at, chosen] = 12.0
        halt = np.full(len(x), self._halt(turn + 1), np.float32)
        return {"next_y": inputs["y"] + 1, "next_z": inputs["y"], "edit": edit, "tag": tag, "halt": halt}


def refiner(thinker: Thinker, **options: Any) -> Refiner:
    return Refiner(Encoder(), thinker, SubTokens(["a"]), **options)


def request(text: bytes, *candidates: Candidate, deadline: float = math.inf) -> Request:
    file = SourceFile("a.js", text, "javascript")
    return Request(TaskType.CODE_REPAIR, file, judge([file])[0], candidates, deadline)


def test_all_edits_are_proposed_at_once() -> None:
    (best, *others) = refiner(Thinker({b";": CLOSE})).solve(request(b"f(a;\ng(b;\nh(c;\n"))
    assert best.text == b"f(a);\ng(b);\nh(c);\n"
    assert best.source == "ml:trm"
    assert [step.tag for step in best.steps] == [CLOSE] * 3
    assert not others, "no other text parses"
    assert -0.1 < best.evidence["trm"] < 0
    assert best.evidence["trm_halt"] == pytest.approx(-math.log1p(math.exp(-9)), rel=1e-3)


def test_candidates_of_others_come_back_with_its_opinion() -> None:
    right = Candidate(b"f(a);\ng(b);\n", "ml:tagger", evidence={"tagger": -1.0})
    wrong = Candidate(b"f(a);\ng(b;;)\n", "ml:tagger", evidence={"tagger": -0.5})
    found = refiner(Thinker({b";": CLOSE})).solve(request(b"f(a;\ng(b;\n", right, wrong))
    assert [candidate.text for candidate in found] == [right.text, wrong.text], "what is known is not proposed again"
    assert [candidate.evidence["tagger"] for candidate in found] == [-1.0, -0.5]
    assert found[0].evidence["trm"] > -0.1
    assert found[1].evidence["trm"] < -5


def test_it_stops_thinking_when_it_is_sure() -> None:
    thinker = Thinker({b";": CLOSE}, halt=lambda turn: 2.0 if turn < 3 else 3.0)  # 88 %, then 95.3 %
    refiner(thinker).solve(request(b"f(a;\n"))
    assert len(thinker.batches) == 3


def test_it_thinks_no_more_than_it_may() -> None:
    thinker = Thinker({b";": CLOSE}, halt=lambda turn: -9.0)
    found = refiner(thinker, iterations=5).solve(request(b"f(a;\n"))
    assert len(thinker.batches) == 5
    assert found[0].evidence["trm_halt"] == pytest.approx(-9, abs=0.01)


def test_of_its_answers_it_keeps_the_one_that_it_is_surest_of() -> None:
    class ChangesItsMind(Thinker):
        def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
            found = super().run(inputs)
            if len(self.batches) != 2:
                found["edit"][:] = -9.0
            return found

    thinker = ChangesItsMind({b";": CLOSE}, halt=lambda turn: 1.0 if turn == 2 else 0.0)
    found = refiner(thinker, iterations=4).solve(request(b"f(a;\n"))
    assert [candidate.text for candidate in found] == [b"f(a);\n"]
    assert found[0].evidence["trm_halt"] == pytest.approx(-math.log1p(math.exp(-1)), rel=1e-3)


def test_a_window_that_is_done_is_not_thought_over_again() -> None:
    class SureOfTheFirst(Thinker):
        def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
            found = super().run(inputs)
            found["halt"][1:] = -9.0
            return found

    thinker = SureOfTheFirst({b"while": COMMA})
    text = b"f(a;\n" + b"a;\n" * WINDOW
    refiner(thinker).solve(request(text))
    count = thinker.batches[0]
    assert count > 2
    assert thinker.batches[:count] == list(range(count, 0, -1))


def test_the_end_of_a_long_text_is_read_too() -> None:
    text = b"a;\n" * 2 * WINDOW + b"if (b\nwhile (c) d();\n"
    found = refiner(Thinker({b"while": CLOSE})).solve(request(text))
    assert [candidate.text for candidate in found] == [text.replace(b"(b", b"(b)")]


def test_what_still_does_not_parse_is_read_again() -> None:
    class OneAfterTheOther(Thinker):
        """Sees the second mistake only when the first is mended."""

        def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
            found = super().run(inputs)
            is_last = np.cumsum(found["edit"][:, ::-1] > 0, 1)[:, ::-1] > 1
            found["edit"][is_last] = -9.0
            return found

    text = b"f(a;\nb = [c;\n"
    thinker = Thinker({b";": CLOSE})
    assert refiner(thinker).solve(request(text)) == []
    found = refiner(Twice()).solve(request(text))
    assert [candidate.text for candidate in found] == [b"f(a);\nb = [c];\n"]
    assert [str(step.tag) for step in found[0].steps] == ["insert )", "insert ]"]


class Twice:
    """The first text gets a bracket at its first semicolon, the second one at its last."""

    def __init__(self) -> None:
        self.turn = 0

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        self.turn += 1
        semicolons = np.flatnonzero(inputs["x"][0, :, 0] == class_of(0, b";"))
        edit = np.full(inputs["x"].shape[:2], -9.0, np.float32)
        edit[0, semicolons[0 if self.turn == 1 else -1]] = 9.0
        tag = np.zeros((*edit.shape, len(TAGS)), np.float32)
        tag[:, :, TAG_INDEX[CLOSE if self.turn == 1 else Tag(Action.INSERT, b"]")]] = 20.0
        halt = np.full(1, 9.0, np.float32)
        return {"next_y": inputs["y"], "next_z": inputs["z"], "edit": edit, "tag": tag, "halt": halt}


def test_it_says_nothing_of_a_text_of_a_size_that_nobody_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thea_hook.ml.refiner.MOST_LEXEMES", 3)
    given = Candidate(b"f(a);", "ml:tagger", evidence={"tagger": -1.0})
    thinker = Thinker({b";": CLOSE})
    assert refiner(thinker).solve(request(b"f(a;", given)) == [given]
    assert thinker.batches == []


def test_without_time_it_does_not_begin() -> None:
    with pytest.raises(ModelError, match="time"):
        refiner(Thinker({b";": CLOSE})).solve(request(b"f(a;\n", deadline=time.monotonic() - 1))


def test_when_the_time_is_over_it_answers_with_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, *[10.0] * 50])
    monkeypatch.setattr(time, "monotonic", lambda: next(times))
    thinker = Thinker({b";": CLOSE}, halt=lambda turn: -9.0)
    found = refiner(thinker).solve(request(b"f(a;\n", deadline=5.0))
    assert len(thinker.batches) == 1
    assert [candidate.text for candidate in found] == [b"f(a);\n"]


def test_an_answer_of_another_shape_is_an_error() -> None:
    class Short(Thinker):
        def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
            found = super().run(inputs)
            return {**found, "tag": found["tag"][:, :, :-1]}

    with pytest.raises(ModelError, match="`tag`"):
        refiner(Short({b";": CLOSE})).solve(request(b"f(a;\n"))


def test_what_does_not_parse_is_not_proposed() -> None:
    def never(files: Sequence[SourceFile]) -> list[Verdict]:
        return [Verdict(Answer.BROKEN) for _ in files]

    assert refiner(Thinker({b";": CLOSE}), judge=never).solve(request(b"f(a;\n")) == []


def test_a_folder_without_its_weights_says_that_they_are_absent() -> None:
    manifest = Manifest(read_manifest().folder, {})
    with pytest.raises(ModelError, match="no model `trm-encoder`") as caught:
        Refiner.of(manifest, "onnxruntime", Resources("cpu"), context_length=8192)
    assert caught.value.reason == "absent"
