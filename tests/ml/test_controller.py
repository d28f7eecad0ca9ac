"""Liquid neurons at run time, and what they see of a run."""

from __future__ import annotations

import json
import math
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import ModelError
from thea_hook.languages.oracle import Answer, SyntaxProblem, Verdict
from thea_hook.ml.controller import REPAIR_FIGURES, Controller, Run, RunConfidence, log_odds, observe
from thea_hook.ml.edits import Step
from thea_hook.ml.manifest import StoredFile
from thea_hook.ml.repair import Repair
from thea_hook.ml.vocabulary import Action, Tag

SIZES = (11, 6, 2)
FILE = SourceFile("a.js", b"f(a b);\n", "javascript")


def weights(seed: int | None = 1, figures: tuple[str, ...] = REPAIR_FIGURES) -> dict[str, Any]:
    """A network of chance, or without a seed one that corrects nothing."""
    chance = random.Random(seed)

    def drawn(*shape: int) -> Any:
        if not shape:
            return chance.uniform(-0.5, 0.5) if seed is not None else 0.0
        return [drawn(*shape[1:]) for _ in range(shape[0])]

    heard = (len(figures), *SIZES)
    return {
        "figures": list(figures),
        "middle": drawn(len(figures)),
        "scale": [2.0] * len(figures),
        "layers": [
            {"weight": drawn(4 * size, before + size), "bias": drawn(4 * size)}
            for before, size in zip(heard, SIZES, strict=False)
        ],
        "gain": [1.0, 1.0],
        "offset": [0.0, 0.0],
    }


def repair(text: bytes, probability: float, action: Action = Action.INSERT) -> Repair:
    return Repair(text, (Step(3, Tag(action, b"," if action is Action.INSERT else b"")),), math.log(probability))


def verdict(*messages: str) -> Verdict:
    return Verdict(Answer.BROKEN, tuple(SyntaxProblem(Span(3, 4), message) for message in messages), "oxlint")


COMMA = [repair(b"f(a, b);\n", 0.8), repair(b"f(a);\n", 0.1)]


# ------------------------------------------------------------------ the network


def test_neurons_that_correct_nothing_leave_the_confidence_as_it_is() -> None:
    controller = Controller(weights(None))
    for probability in (0.02, 0.5, 0.9):
        assert controller.step([log_odds(probability), *[1.0] * 9]) == pytest.approx(probability)


def test_the_answer_depends_on_what_came_before_until_another_run_begins() -> None:
    controller = Controller(weights())
    low, high = [-1.0] * 10, [1.5] * 10
    first, second = controller.step(low), controller.step(low)
    assert first != second
    controller.begin()
    assert controller.step(low) == first
    controller.begin()
    controller.step(high)
    assert controller.step(low) != second


def test_no_input_is_too_large() -> None:
    assert Controller(weights()).step([1e6] * 10) == pytest.approx(1.0)


def test_log_odds_of_what_was_rounded_are_finite() -> None:
    assert log_odds(0.5) == 0
    assert log_odds(0.99) == pytest.approx(math.log(99))
    assert (log_odds(0.0), log_odds(1.0)) == pytest.approx((math.log(1e-6), -math.log(1e-6)), abs=1e-5)


# ------------------------------------------------------------------ runs


def figure(name: str, row: tuple[float, ...]) -> float:
    return dict(zip(REPAIR_FIGURES, row, strict=True))[name]


def test_a_repair_is_seen_with_its_rival_and_the_complaint() -> None:
    seen = observe(FILE, verdict("Expected `,`", "Unexpected"), COMMA, 0.9)
    assert seen.confidence == pytest.approx(math.log(9))
    assert seen.margin == pytest.approx(math.log(8))
    assert seen.problems == pytest.approx(math.log(3))
    assert (seen.message, seen.kind) == ("Expected `,`", "insert separator")


def test_a_repair_without_a_rival_or_a_complaint_is_seen_all_the_same() -> None:
    seen = observe(FILE, verdict(), COMMA[:1], 0.9)
    assert (seen.margin, seen.problems, seen.message) == (12.0, 0.0, "")


def test_a_run_remembers_messages_and_classes_and_how_sure_it_was() -> None:
    run = Run()
    comma = observe(FILE, verdict("Expected `,`"), COMMA, 0.9)
    deletion = observe(FILE, verdict("Expected `,`"), [repair(b"f(a);\n", 0.6, Action.DELETE)], 0.5)
    first, second, third = run.figures(comma), run.figures(deletion), run.figures(comma)
    names = ("same_message", "same_class", "earlier")
    assert [figure(name, first) for name in names] == [0, 0, 0]
    assert [figure(name, second) for name in names] == [1, 0, pytest.approx(math.log(9) / 2)]
    assert [figure(name, third) for name in names] == [1, 0.5, pytest.approx(math.log(9) / 3)]
    assert figure("confidence", first) == figure("confidence", third)
    assert len(first) == len(REPAIR_FIGURES)


# ------------------------------------------------------------------ files


def stored(path: Path, content: str) -> StoredFile:
    path.write_text(content, "utf-8")
    return StoredFile(path, sha256(content.encode()).hexdigest(), len(content.encode()))


def test_a_run_begins_anew(tmp_path: Path) -> None:
    sure = RunConfidence.of(stored(tmp_path / "controller.json", json.dumps(weights())))
    asked = (verdict("Expected `,`"), COMMA, 0.7)
    first, second = (sure.confidence(FILE._replace(path=path), *asked) for path in ("a.js", "b.js"))
    assert first != second
    sure.begin()
    assert sure.confidence(FILE._replace(path="b.js"), *asked) == first


def test_the_same_file_once_more_is_no_further_file_of_the_run(tmp_path: Path) -> None:
    sure = RunConfidence.of(stored(tmp_path / "controller.json", json.dumps(weights())))
    asked = (verdict("Expected `,`"), COMMA, 0.7)
    first = [sure.confidence(FILE._replace(path=path), *asked) for path in ("a.js", "b.js", "c.js")]
    sure.begin()
    again = [sure.confidence(FILE._replace(path=path), *asked) for path in ("a.js", "b.js", "b.js", "b.js", "c.js")]
    assert again == [first[0], first[1], first[1], first[1], first[2]]


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        json.dumps({**weights(), "layers": weights()["layers"][:2]}),
        json.dumps({**weights(), "gain": [1.0]}),
        json.dumps({**weights(), "middle": [0.0]}),
        json.dumps({**weights(), "layers": [{"weight": [[1.0]], "bias": [1.0, 2.0]}]}),
        json.dumps({**weights(), "scale": ["x"] * 10}),
        json.dumps({key: value for key, value in weights().items() if key != "offset"}),
        json.dumps(weights(figures=("confidence", "odds"))),
    ],
)
def test_what_is_no_controller_of_this_version_is_named(tmp_path: Path, content: str) -> None:
    with pytest.raises(ModelError, match=r"controller\.json.*use weights of the same release"):
        RunConfidence.of(stored(tmp_path / "controller.json", content))
