"""Learning from a memory: a tiny network on a tiny corpus, adopted and refused."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from thea_hook.core.diff import unified_diff  # noqa: E402
from thea_hook.core.source import SourceFile  # noqa: E402
from thea_hook.errors import UsageError  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.architectures.tagger import TaggerConfig  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, load_checkpoint, save_checkpoint  # noqa: E402
from thea_hook.lab.training import continuous, windows  # noqa: E402
from thea_hook.lab.training.continuous import (  # noqa: E402
    Figures,
    learn,
    lessons_of,
    main,
    mixed,
    objects_to,
    read_memory,
    replayed,
    unbroken_files,
)
from thea_hook.lab.training.self_training import Plan  # noqa: E402
from thea_hook.lab.training.trials import Question  # noqa: E402
from thea_hook.lab.training.windows import make_windows  # noqa: E402
from thea_hook.languages.oracle import Answer, Verdict, available, judge  # noqa: E402
from thea_hook.memory.records import Origin, Record, Vote  # noqa: E402
from thea_hook.ml.features import INPUT_SIZES  # noqa: E402
from thea_hook.ml.repair import Repair  # noqa: E402
from thea_hook.ml.subtokens import SubTokens  # noqa: E402
from thea_hook.ml.vocabulary import CLASSES, TAGS  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(not available(), reason="needs the second parser"),
]

CONFIG = TaggerConfig(CLASSES, len(TAGS), INPUT_SIZES, subtokens=64, dim=32, layers="c", head_dim=16)
CPU = torch.device("cpu")
PLAN = Plan(0, 0.0, 0.002, {"synthetic-1": 3, "real": 3}, batch_lexemes=512)
BROKEN, MENDED = "start(1 2);\nstop();\nrun(1, [2, 3];\n", "start(1, 2);\nstop();\nrun(1, [2, 3]);\n"


def record(before: str = BROKEN, after: str = MENDED, *, vote: Vote = Vote.NONE, file: str = "a.js") -> Record:
    diff = unified_diff(file, before.encode(), after.encode()).decode()
    return Record(
        "It does not parse.", file, 1, before, diff, "2024-01-01T00:00:00+00:00",
        "syntax-error", "ml:tagger", 0.9, "0" * 64, vote, Origin.APPLIED,
    )  # fmt: skip


def write(path: Path, *records: Record) -> Path:
    path.write_text(json.dumps([one.as_dict() for one in records]), "utf-8")
    return path


# ------------------------------------------------------------------ lessons


def test_a_repair_that_was_accepted_is_a_lesson() -> None:
    (trial,), left_out = lessons_of([record(), record()], [])
    assert trial.question.file == SourceFile("a.js", BROKEN.encode(), "javascript")
    assert [repair.text for repair in trial.repairs] == [MENDED.encode()]
    assert trial.verdict.answer is Answer.BROKEN
    assert not left_out


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (record(vote=Vote.DOWN), "voted down"),
        (record()._replace(context="f();\n"), "the diff does not fit"),
        (record(file="notes.txt"), "the diff does not fit"),
        (record("var x = 1;\n", "let x = 1;\n"), "parses as it is"),
        (record("f(1 2;\n", "f(1, 2;\n"), "does not parse alone when mended"),
        (record("f() g();\n", "f()\ng();\n"), "only white space differs"),
        (record("f();\n" * 4_000 + BROKEN, "f();\n" * 4_000 + MENDED), "too long"),
        (record()._replace(correct_diff="@@ -1 +1 @@\n-start(1 2);\n+start(1, 2);\n"), "the diff does not fit"),
        (record()._replace(correct_diff=record().correct_diff * 2), "the diff does not fit"),
        (record(file="../../../etc/passwd"), "the diff does not fit"),
    ],
)
def test_what_is_no_lesson_is_counted_with_its_reason(one: Record, reason: str) -> None:
    assert lessons_of([one], []) == ([], {reason: 1})


def test_what_is_held_out_is_no_lesson() -> None:
    exam = Question("real", "a/b", SourceFile("b.js", f"// here\n{BROKEN}".encode(), "javascript"), ())
    assert lessons_of([record()], [exam]) == ([], {"held out": 1})


def test_what_mends_into_a_held_out_text_is_no_lesson() -> None:
    exam = Question("real", "a/b", SourceFile("b.js", b"f(;", "javascript"), (f"// here\n{MENDED}".encode(),))
    assert lessons_of([record()], [exam]) == ([], {"held out": 1})


def test_the_last_word_on_a_suggestion_counts() -> None:
    later = record(vote=Vote.DOWN)._replace(timestamp="2024-02-01T00:00:00+00:00")
    assert lessons_of([later, record()], []) == ([], {"voted down": 1})


def test_a_name_that_leads_elsewhere_is_only_a_name() -> None:
    (trial,), left_out = lessons_of([record(file="../../../\0/a.js")], [])
    assert (trial.question.file.path, left_out) == ("../../../\0/a.js", {})


@pytest.mark.parametrize("name", ["no.json", "."])
def test_a_memory_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_memory(tmp_path / name)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("context", 1), ("context", None), ("context", "\ud800"), ("correct_diff", ["x"]), ("file", "\udcff.js"),
        ("line", 0), ("line", "1"), ("line", True), ("context_line", -1), ("confidence", float("nan")),
        ("confidence", 10**400), ("confidence", "1"), ("vote", "sideways"), ("origin", "nowhere"), ("timestamp", 0),
    ],
)  # fmt: skip
def test_a_record_with_a_value_of_no_use_is_named(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "memory.json"
    path.write_text(json.dumps([record().as_dict(), record().as_dict() | {key: value}]), "utf-8")
    with pytest.raises(UsageError, match="record 2: "):
        read_memory(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[" * 100_000, "nested too deeply|not JSON"),
        ("{", "not JSON"),
        ("{}", "no list of records"),
        ("[1]", "no list of records"),
        ("[{}]", "record 1: `error`"),
    ],
)
def test_a_file_that_is_no_memory_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "memory.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=complaint):
        read_memory(path)


# ------------------------------------------------------------------ replay


def test_the_mixture_has_the_share_of_old_windows_that_was_asked_for() -> None:
    def windows_named(name: int) -> Iterator[Any]:
        while True:
            yield name

    drawn = list(islice(mixed(windows_named(1), windows_named(0), 0.75, random.Random(1)), 2_000))
    assert sum(drawn) == pytest.approx(500, abs=60)
    assert set(islice(mixed(windows_named(1), windows_named(0), 0.0, random.Random(1)), 100)) == {1}


def test_replayed_windows_are_those_of_the_shards(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "SHARD", 6)
    make_windows("train", data / "windows", seed=0, shards=1, vocabulary=data / "subtokens.json")
    shard = windows.load_shard(next((data / "windows" / "train").glob("*.npz")))
    found = list(islice(replayed(data / "windows" / "train", random.Random(1)), 6))
    assert sorted(len(window.rows) for window in found) == sorted(shard.lengths.tolist())
    assert sum(len(window.targets) for window in found) == int((shard.targets[:, :, 0] >= 0).sum())
    with pytest.raises(FileNotFoundError, match="thea-lab train windows"):
        next(replayed(data / "nowhere", random.Random(1)))


# ------------------------------------------------------------------ figures


def network(likes: float) -> Any:
    """An untrained tagger that all but always (or never) says that nothing is wrong."""
    torch.manual_seed(1)
    model = ARCHITECTURES["tagger"].build(CONFIG).eval()

    class Decided(torch.nn.Module):
        def forward(self, rows: Any) -> Any:
            position, tag = model(rows)
            position = position.clone()
            position[:, -1] += likes
            return position, tag

    return Decided()


def test_a_model_objects_where_it_would_rather_edit_than_not() -> None:
    file = SourceFile("a.js", b"f();\n" * 400, "javascript")
    subtokens = SubTokens(["line", "path"])
    assert objects_to(network(-1e4), file, subtokens)
    assert not objects_to(network(1e4), file, subtokens)


def test_unbroken_files_are_held_out_and_parse(data: Path) -> None:
    files = unbroken_files(5, seed=1)
    assert 0 < len(files) <= 5
    assert files == unbroken_files(5, seed=1)
    assert {verdict.answer for verdict in judge(files)} == {Answer.PARSES}


def test_a_fall_in_one_figure_is_enough_to_fall_behind() -> None:
    before = Figures({"real": 3, "synthetic-1": 5}, {"real": 10, "synthetic-1": 10}, 10, 1)
    assert before.falls_behind(before) == []
    better = before._replace(exact={"real": 4, "synthetic-1": 5}, objections=0)
    assert better.falls_behind(before) == []
    assert before.falls_behind(better) == [
        "real: exact 4 -> 3 of 10",
        "files without a mistake objected to: 0 -> 1",
    ]
    with_memory = Figures({"real": 3, "memory": 5}, {"real": 10, "memory": 10}, 10, 1)
    assert with_memory._replace(exact={"real": 3, "memory": 0}).falls_behind(with_memory) == []
    mixed_blessing = before._replace(exact={"real": 9, "synthetic-1": 4})
    assert mixed_blessing.falls_behind(before) == ["synthetic-1: exact 5 -> 4 of 10"]


# ------------------------------------------------------------------ a run


class Known:
    """A fixer that restores what it was told, or nothing."""

    def __init__(self, key: str, answers: dict[bytes, bytes]) -> None:
        self.key = key
        self._answers = answers

    def repairs(self, file: SourceFile, verdict: Verdict) -> list[Repair]:
        right = self._answers.get(file.text)
        return [] if right is None else [Repair(right, (), -0.1)]


@pytest.fixture
def start(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny untrained checkpoint that is in use, and ordinary windows."""
    monkeypatch.setattr(windows, "SHARD", 8)
    make_windows("train", data / "windows", seed=0, shards=1, vocabulary=data / "subtokens.json")
    path = data / "models" / "tagger" / "checkpoint.pt"
    path.parent.mkdir(parents=True)
    torch.manual_seed(1)
    save_checkpoint(Checkpoint(ARCHITECTURES["tagger"].build(CONFIG), "tagger", CONFIG, 5), path)
    return path


def tried_by(monkeypatch: pytest.MonkeyPatch, start: Path, *, before: bool, after: bool) -> None:
    """Let the model in use, or the trained one, mend every held-out text, and the other none."""
    answers = {question.file.text: question.right[0] for question in continuous.questions(PLAN.counts, seed=PLAN.seed)}

    def known(path: Path, subtokens: SubTokens, device: Any) -> Known:
        is_start = path == start
        return Known("before" if is_start else path.parent.name, answers if (before if is_start else after) else {})

    monkeypatch.setattr(continuous, "from_checkpoint", known)
    monkeypatch.setattr(continuous, "objects_to", lambda network, file, subtokens: False)


def test_a_model_that_does_no_worse_is_adopted(
    start: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried_by(monkeypatch, start, before=False, after=True)
    folder = data / "models" / "tagger-continuous"
    memory = write(data / "memory.json", record(), record("var x = 1;\n", "let x = 1;\n"))
    assert learn(memory, folder, PLAN, replay=0.5, files=12, device=CPU)
    trained, untrained = load_checkpoint(folder / "checkpoint.pt").network, load_checkpoint(start).network
    assert any(not torch.equal(value, untrained.state_dict()[name]) for name, value in trained.state_dict().items())
    (report,) = folder.glob("candidates/*/report.json")
    figures = json.loads(report.read_text("utf-8"))
    assert figures["adopted"]
    assert figures["before"]["exact"] == {"real": 0, "synthetic-1": 0, "memory": 0}
    assert figures["after"]["exact"] == {"real": 3, "synthetic-1": 3, "memory": 0}
    assert (figures["learned from"], figures["left out"]) == (1, {"parses as it is": 1})
    assert capsys.readouterr().out.endswith("adopted\n")


def test_the_next_run_begins_with_the_adopted_model(start: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried_by(monkeypatch, start, before=False, after=True)
    folder = data / "models" / "tagger-continuous"
    memory = write(data / "memory.json", record())
    assert learn(memory, folder, PLAN, replay=0.5, files=12, device=CPU)
    first = (folder / "checkpoint.pt").read_bytes()
    tried_by(monkeypatch, folder / "checkpoint.pt", before=True, after=True)
    assert learn(memory, folder, PLAN, replay=0.5, files=12, device=CPU)
    assert (folder / "checkpoint.pt").read_bytes() != first
    assert len(list(folder.glob("candidates/*/report.json"))) == 2


def test_a_model_that_does_worse_is_refused_with_a_report(
    start: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried_by(monkeypatch, start, before=True, after=False)
    folder = data / "models" / "tagger-continuous"
    shipped = start.read_bytes()
    assert not learn(write(data / "memory.json", record()), folder, PLAN, replay=0.5, files=12, device=CPU)
    assert not (folder / "checkpoint.pt").exists()
    assert start.read_bytes() == shipped
    (report,) = folder.glob("candidates/*/report.json")
    figures = json.loads(report.read_text("utf-8"))
    assert not figures["adopted"]
    assert "real: exact 3 -> 0 of 3" in figures["worse"]
    assert "refused: " in capsys.readouterr().out


def test_a_model_that_objects_to_good_files_is_refused(
    start: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried_by(monkeypatch, start, before=True, after=True)
    measured: list[Any] = []

    def objects_the_second_time(network: Any, file: SourceFile, subtokens: SubTokens) -> bool:
        if not any(network is known for known in measured):
            measured.append(network)
        return network is not measured[0]

    monkeypatch.setattr(continuous, "objects_to", objects_the_second_time)
    folder = data / "models" / "tagger-continuous"
    assert not learn(write(data / "memory.json", record()), folder, PLAN, replay=0.5, files=12, device=CPU)


def test_the_command_measures_a_trained_network_by_itself(start: Path, data: Path) -> None:
    memory = write(data / "memory.json", record())
    counts = ("--single", "2", "--multiple", "1", "--real", "1", "--unbroken", "2")
    code = main([str(memory), "--minutes", "0.001", "--device", "cpu", *counts])
    (report,) = (data / "models" / "tagger-continuous").glob("candidates/*/report.json")
    figures = json.loads(report.read_text("utf-8"))
    assert code == (0 if figures["adopted"] else 1)
    assert figures["before"]["texts"] == {"synthetic-1": 2, "synthetic-n": 1, "real": 1, "memory": 1}
    assert figures["adopted"] == (not figures["worse"])


def test_a_memory_without_a_repair_says_so(start: Path, data: Path) -> None:
    memory = write(data / "memory.json", record("var x = 1;\n", "let x = 1;\n"))
    with pytest.raises(UsageError, match="nothing in it is a repair"):
        main([str(memory), "--single", "1", "--multiple", "1", "--real", "1"])


def test_a_share_of_everything_is_no_mixture(data: Path) -> None:
    with pytest.raises(UsageError, match="--replay is a share"):
        main(["memory.json", "--replay", "1"])
