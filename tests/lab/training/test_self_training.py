"""Rounds of learning from own repairs, with a fixer whose mind is known."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path

import pytest
from small_corpus import documents

torch = pytest.importorskip("torch")

from thea_hook.core.patch import apply_edits  # noqa: E402
from thea_hook.core.source import SourceFile  # noqa: E402
from thea_hook.errors import UsageError  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.architectures.tagger import TaggerConfig  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, load_checkpoint, save_checkpoint  # noqa: E402
from thea_hook.lab.training import self_training, windows  # noqa: E402
from thea_hook.lab.training.self_training import (  # noqa: E402
    MOST_OPEN,
    Gain,
    Plan,
    broken_texts,
    certain,
    fine_tune,
    gains,
    half_typed,
    main,
    play,
    windows_from,
)
from thea_hook.lab.training.trials import Question, Trial  # noqa: E402
from thea_hook.lab.training.windows import make_windows  # noqa: E402
from thea_hook.languages.lexemes import lex  # noqa: E402
from thea_hook.languages.oracle import Answer, Verdict, available, judge  # noqa: E402
from thea_hook.ml.calibration import UNCALIBRATED  # noqa: E402
from thea_hook.ml.edits import Step, edit_of  # noqa: E402
from thea_hook.ml.features import INPUT_SIZES  # noqa: E402
from thea_hook.ml.repair import Repair  # noqa: E402
from thea_hook.ml.subtokens import SubTokens  # noqa: E402
from thea_hook.ml.vocabulary import CLASSES, TAGS, Action, Tag  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(not available(), reason="needs the second parser"),
]

CONFIG = TaggerConfig(CLASSES, len(TAGS), INPUT_SIZES, subtokens=64, dim=32, layers="c", head_dim=16)
CPU = torch.device("cpu")
PLAN = Plan(
    texts=4,
    confidence=0.0,
    minutes=0.002,
    counts={"synthetic-1": 3, "synthetic-n": 2, "real": 3},
    batch_lexemes=512,
)


class Closer:
    """A fixer that closes every open bracket at the end of the text."""

    subtokens = SubTokens(["line", "path"])

    def __init__(self, key: str = "closer") -> None:
        self.key = key

    def repairs(self, file: SourceFile, verdict: Verdict) -> list[Repair]:
        lexemes = lex(file.text, file.language)
        stack: list[bytes] = []
        for text in lexemes.texts:
            if text in PAIRS:
                stack.append(PAIRS[text])
            elif stack and text == stack[-1]:
                stack.pop()
        steps = tuple(Step(len(lexemes), Tag(Action.INSERT, text)) for text in reversed(stack))
        return [Repair(file.text + b"".join(reversed(stack)), steps, -0.1)] if steps else []


PAIRS = {b"(": b")", b"[": b"]", b"{": b"}"}


def trial(text: bytes, right: bytes, *, name: str = "broken", found: bool = True, score: float = -0.1) -> Trial:
    file = SourceFile("a.js", text, "javascript")
    repairs = (Repair(right, (Step(0, Tag(Action.DELETE)),), score),) if found else ()
    return Trial(Question(name, "a/b", file, (right,)), judge([file])[0], repairs)


# ------------------------------------------------------------------ broken texts


def test_half_typed_texts_end_where_somebody_might_be_typing() -> None:
    some = documents("train")
    found = list(half_typed(some, random.Random(1)))
    assert len(found) == len(some)
    for question, document in zip(found, some, strict=True):
        text = question.file.text
        assert document.text.startswith(text.removesuffix(b"\n"))
        texts = lex(text, document.language).texts
        open_brackets = sum((one in (b"(", b"[", b"{", b"${")) - (one in (b")", b"]", b"}")) for one in texts)
        assert 0 < open_brackets <= MOST_OPEN
        assert question.right == (), "the rest of the file must not be looked at"


def test_broken_texts_are_of_the_training_split_and_do_not_parse(data: Path) -> None:
    found = broken_texts(3, seed=1)
    assert {question.repository.partition("/")[0] for question in found} == {"train"}
    assert {verdict.answer for verdict in judge([question.file for question in found])} == {Answer.BROKEN}
    assert sum(question.file.path == "a.js" for question in found) == 3, "versions of histories"
    assert len(found) > 3
    assert [question.key for question in broken_texts(3, seed=1)] == [question.key for question in found]
    assert [question.key for question in broken_texts(3, seed=2)] != [question.key for question in found]


# ------------------------------------------------------------------ what is learned


def test_only_sure_repairs_are_learned_from() -> None:
    sure, unsure, none = (
        trial(b"f(;\n", b"f();\n", score=-0.01),
        trial(b"f(;\n", b"f();\n", score=-2.0),
        trial(b"f(;\n", b"f();\n", found=False),
    )
    assert certain([unsure, sure, none], UNCALIBRATED, 0.9) == [sure]


def test_windows_lead_to_the_own_repair() -> None:
    kept = [trial(b"f(a;\n", b"f(a);\n"), trial(b"g(a b);\n", b"g(a, b);\n")]
    found = list(islice(windows_from(kept, Closer.subtokens, random.Random(1)), 6))
    assert len(found) == 6
    reached = set()
    for one in kept:
        lexemes = lex(one.question.file.text, "javascript")
        for window in found:
            for place, tag in window.targets:
                edit = edit_of(lexemes, Step(int(place), TAGS[tag])) if len(window.rows) == len(lexemes) + 1 else None
                reached.add(edit and apply_edits(one.question.file.text, [edit]))
    assert {b"f(a);\n", b"g(a, b);\n"} <= reached


def test_the_gain_counts_what_is_restored_and_what_is_exact() -> None:
    trials = [
        trial(b"f(;\n", b"f();\n", name="real"),
        trial(b"f(;\n", b"f();\n", name="real", found=False),
        trial(b"f(a;\n", b"f(a);\n", name="synthetic-1"),
    ]
    wrong = trials[0]._replace(repairs=(Repair(b"", (), -0.1), *trials[0].repairs))
    assert gains([*trials, wrong]) == {"real": Gain(3, 2, 1, 2), "synthetic-1": Gain(1, 1, 1, 1)}


# ------------------------------------------------------------------ a round


@pytest.fixture
def start(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An untrained checkpoint, ordinary windows, and a fixer that does not need it."""
    monkeypatch.setattr(windows, "SHARD", 8)
    monkeypatch.setattr(self_training, "from_checkpoint", lambda path, subtokens, device: Closer(path.parent.name))
    make_windows("train", data / "windows", seed=0, shards=1, vocabulary=data / "subtokens.json")
    path = data / "models" / "tagger" / "checkpoint.pt"
    path.parent.mkdir(parents=True)
    torch.manual_seed(1)
    save_checkpoint(Checkpoint(ARCHITECTURES["tagger"].build(CONFIG), "tagger", CONFIG, 5), path)
    return path


def test_a_round_ends_in_a_trained_checkpoint_and_its_figures(
    start: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = data / "models" / "tagger-self" / "round-1"
    path = play(start, 1, folder, PLAN, CPU)
    trained, untrained = load_checkpoint(path).network.state_dict(), load_checkpoint(start).network.state_dict()
    assert any(not torch.equal(value, untrained[name]) for name, value in trained.items())
    figures = json.loads((folder / "round.json").read_text("utf-8"))
    assert figures["before"] == figures["after"], "this fixer learns nothing"
    assert {name: row["texts"] for name, row in figures["before"].items()} == PLAN.counts
    assert 0 < figures["learned from"] <= figures["texts"]
    assert "synthetic-n" in capsys.readouterr().out
    assert list((data / "windows" / "self-1" / "tagger").glob("*.npz"))


def test_fine_tuning_begins_with_the_weights_and_goes_on_after_a_stop(start: Path, data: Path) -> None:
    ordinary = data / "windows" / "train"
    none = Plan(4, 0.0, 0.0, {})
    fine_tune(start, ordinary, ordinary, data / "none", none, CPU)
    before, after = (load_checkpoint(path).network.state_dict() for path in (start, data / "none" / "checkpoint.pt"))
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    path = fine_tune(start, ordinary, ordinary, data / "some", PLAN, CPU)
    steps = load_checkpoint(path).step
    assert steps > 0
    fine_tune(start, ordinary, ordinary, data / "some", PLAN, CPU)
    assert load_checkpoint(path).step == steps


def test_a_checkpoint_of_another_network_is_refused(data: Path) -> None:
    small = ARCHITECTURES["m2-bert"]
    save_checkpoint(Checkpoint(small.build(small.small), "m2-bert", small.small, 0), data / "other.pt")
    with pytest.raises(UsageError, match="`m2-bert`, not of a tagger"):
        fine_tune(data / "other.pt", data, data, data / "run", PLAN, CPU)


def test_without_a_sure_repair_it_says_what_to_do(start: Path, data: Path) -> None:
    with pytest.raises(UsageError, match=r"no repair reaches a confidence of 1\.1"):
        play(start, 1, data / "run", Plan(4, 1.1, 0.0, PLAN.counts), CPU)


def test_the_next_round_begins_where_the_last_one_ended(
    start: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = []

    def note(path: Path, number: int, folder: Path, plan: Plan, device: torch.device) -> Path:
        played.append((path.parent.name, number))
        folder.mkdir(parents=True)
        (folder / "round.json").touch()
        return folder / "checkpoint.pt"

    monkeypatch.setattr(self_training, "play", note)
    assert main(["--rounds", "2"]) == 0
    assert main(["--rounds", "3"]) == 0
    assert played == [("tagger", 1), ("round-1", 2), ("round-2", 3)]
