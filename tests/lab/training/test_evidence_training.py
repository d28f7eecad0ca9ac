"""The fit of what the words of several models weigh."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from thea_hook.core.source import SourceFile  # noqa: E402
from thea_hook.errors import UsageError  # noqa: E402
from thea_hook.lab.corpus import store  # noqa: E402
from thea_hook.lab.training.evidence import (  # noqa: E402
    alone,
    choices,
    fit,
    named,
    reliability_of,
    report,
    sets_of_models,
)
from thea_hook.lab.training.hearings import (  # noqa: E402
    Hearing,
    chosen_trials,
    heard,
    hearing_as_json,
    hearing_from_json,
)
from thea_hook.lab.training.names import Corpus  # noqa: E402
from thea_hook.lab.training.trials import Question  # noqa: E402
from thea_hook.ml.evidence import Evidence, judged  # noqa: E402
from thea_hook.ml.tasks import Candidate  # noqa: E402

RIGHT, WRONG, OTHER = b"right(a)", b"wrong(a)", b"other(a)"


def candidate(text: bytes, source: str = "ml:tagger", **figures: float) -> Candidate:
    return Candidate(text, source, (), figures)


def hearing(number: int, *candidates: Candidate, right: bytes = RIGHT, confidence: float = 0.5) -> Hearing:
    name = "real" if number % 2 else "synthetic-1"
    question = Question(name, f"r{number % 20}", SourceFile("a.js", b"(a", "javascript"), (right,))
    return Hearing(question, confidence, candidates)


def drawn(count: int) -> list[Hearing]:
    """Two candidates of which the tagger knows nothing, and the scorer says by its ratio how likely each is."""
    chance = random.Random(1)
    found = []
    for number in range(count):
        ratios = chance.gauss(0, 1.5), chance.gauss(0, 1.5)
        weights = [math.exp(ratio) for ratio in ratios]
        answer = chance.choices([RIGHT, WRONG, OTHER], [*weights, 1.0])[0]
        both = [candidate(text, tagger=-1.0, mamba=ratio) for text, ratio in zip((RIGHT, WRONG), ratios, strict=True)]
        found.append(hearing(number, *both, right=answer))
    return found


def test_a_fit_finds_the_weights_that_the_answers_were_drawn_with() -> None:
    weighing = fit(drawn(4_000), ["mamba"])
    assert weighing.weights["mamba"] == pytest.approx(1.0, abs=0.1)
    sure = judged(b"(a", [candidate(RIGHT, tagger=-1.0, mamba=2.0)], weighing)[0].probability
    assert sure == pytest.approx(math.exp(2) / (1 + math.exp(2)), abs=0.04)


def test_choices_by_what_the_scorer_says_beat_those_without() -> None:
    hearings = drawn(1_000)
    first = sum(choice.is_exact for choice in alone(hearings))
    chosen = choices(hearings, ["mamba"], 0.9)
    assert sum(choice.is_exact for choice in chosen) > 1.2 * first
    assert reliability_of(chosen).error < 0.06


def test_where_the_tagger_is_sure_its_first_choice_stays() -> None:
    hearings = [one._replace(confidence=0.95) for one in drawn(200)]
    chosen = choices([*hearings, *drawn(100)], ["mamba"], 0.9)
    sure = [choice for choice in chosen if choice.hearing.confidence == 0.95]
    assert {choice.probability for choice in sure} == {0.95}
    assert [choice.is_exact for choice in sure].count(True) == [choice.is_exact for choice in alone(hearings)].count(
        True
    )


def test_what_is_safe_is_settled_however_sure_the_tagger_is() -> None:
    one = hearing(0, candidate(WRONG, tagger=-1.0, mamba=-9.0), candidate(RIGHT, tagger=-2.0, mamba=9.0))
    chosen = choices([one._replace(is_safe=True), *drawn(100)], ["mamba"], 0.9)
    settled = [choice for choice in chosen if choice.hearing.is_safe]
    assert [(choice.probability, choice.is_exact) for choice in settled] == [(0.5, False)]


def test_what_models_that_were_not_asked_said_is_not_heard() -> None:
    one = hearing(0, candidate(RIGHT, tagger=-1.0, mamba=2.0, trm=-3.0), candidate(WRONG, "ml:trm", trm=-1.0))
    assert [dict(it.evidence) for it in heard(one, ["mamba"])] == [{"tagger": -1.0, "mamba": 2.0}]
    assert [it.source for it in heard(one, ["trm"])] == ["ml:tagger", "ml:trm"]


def test_hearings_are_kept_in_a_file(tmp_path: Path) -> None:
    one = hearing(0, candidate(RIGHT, tagger=-1.0))._replace(is_safe=True)
    row = json.loads(json.dumps(hearing_as_json(one)))
    assert hearing_from_json(row) == one


def test_the_report_has_every_set_of_models(capsys: pytest.CaptureFixture[str]) -> None:
    found = report(drawn(200), 0.9)
    assert len(found) == len(sets_of_models()) + 1
    assert found["mamba"]["exact"].keys() == {"real", "synthetic-1"}
    assert sum(row["repairs"] for row in found["mamba"]["reliability"]) == 200
    assert "mamba+rlm+trm" in capsys.readouterr().out
    json.dumps(found)
    assert Evidence.from_dict({"weighings": {"mamba": fit(drawn(50), ["mamba"])._asdict()}, "sure_from": 0.9})


def test_without_trials_it_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="train calibration"):
        chosen_trials(tmp_path / "none.jsonl", {"real": 1})


def test_names_are_counted_in_the_other_documents_of_the_repository(tmp_path: Path) -> None:
    documents = [("r0", "a.js", b"right right"), ("r0", "b.js", b"right"), ("r1", "c.js", b"wrong")]
    store.write("valid", [store.Document(name, path, "javascript", text) for name, path, text in documents], tmp_path)
    hearings = [hearing(number, candidate(RIGHT), candidate(WRONG)) for number in (0, 1, 2)]
    known, of_other, unknown = named(hearings, Corpus("valid", tmp_path))
    found = [one.evidence["names_elsewhere"] for one in known.candidates]
    assert found[0] - found[1] == pytest.approx(math.log(2))
    assert of_other.candidates[1].evidence["names_elsewhere"] == found[0]
    assert "names_elsewhere" not in unknown.candidates[0].evidence
    assert heard(known, []) == list(known.candidates)
