from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

pytest.importorskip("torch")

from thea_hook.core.source import SourceFile
from thea_hook.lab.cli import main
from thea_hook.lab.evaluation.scorer import RULES, Judgement, figures, filled, judgements, table
from thea_hook.lab.training.trials import Question, Trial
from thea_hook.languages.oracle import Answer, Verdict
from thea_hook.ml.repair import Repair
from thea_hook.ml.scorer import Scorer
from thea_hook.ml.tasks import Candidate, Request


def judgement(number: int, *candidates: tuple[float, float, bool]) -> Judgement:
    """One of a repository of its own; candidates are the tagger's score, the ratio, and whether they are right."""
    found = tuple(
        Candidate(b"%d" % index, "ml:tagger", (), {"tagger": score, "mamba": ratio, "mamba_tail": ratio,
                                                   "mamba_tokens": 1.0, "mamba_scaled": ratio / 5**0.5})
        for index, (score, ratio, _) in enumerate(candidates)
    )  # fmt: skip
    return Judgement("real", f"r/{number}", found, tuple(right for *_, right in candidates))


def test_a_model_that_knows_what_is_right_rejects_all_that_is_wrong() -> None:
    found = [judgement(n, (-0.5, 4.0 if n % 2 else -4.0, bool(n % 2))) for n in range(40)]
    by_rule = {row.rule: row.rejected for row in figures(found) if row.set == "all"}
    assert by_rule.keys() == RULES.keys()
    assert by_rule["tagger"].value == 0.0
    assert by_rule["mamba: ratio"].value == by_rule["tagger and mamba"].value == 1.0
    assert by_rule["mamba: ratio"].total == 20


def test_the_right_one_is_sought_among_several_alone() -> None:
    found = [judgement(n, (-0.1, 1.0, False), (-2.0, 3.0, True)) for n in range(10)]
    found += [judgement(20, (-0.1, 1.0, True)), judgement(21, (-0.1, 1.0, False), (-0.2, 1.0, False))]
    first = {row.rule: row.first for row in figures(found) if row.set == "real"}
    assert (first["tagger"].hits, first["mamba: ratio"].hits, first["tagger"].total) == (0, 10, 10)
    assert "| mamba: ratio | real |" in table(figures(found))


def test_candidates_are_those_of_the_trials() -> None:
    class Judge:
        def solve(self, request: Request) -> list[Candidate]:
            return [one.with_evidence(mamba=1.0) for one in request.candidates]

    file = SourceFile("a.js", b"f(", "javascript")
    question = Question("real", "r/1", file, (b"f()",))
    trials = [
        Trial(question, Verdict(Answer.BROKEN), (Repair(b"f[", (), -1.0), Repair(b"f()", (), -2.0))),
        Trial(question, Verdict(Answer.BROKEN), ()),
    ]
    (found,) = judgements(trials, Judge())  # type: ignore[arg-type]
    assert found.right == (False, True)
    assert [one.evidence for one in found.candidates] == [
        {"tagger": -1.0, "mamba": 1.0},
        {"tagger": -2.0, "mamba": 1.0},
    ]


def test_spans_are_cut_out_of_what_is_right() -> None:
    text = b"foo(x);\n" * 60

    class Writer:
        def complete(self, prefix: bytes, suffix: bytes, language: str) -> list[tuple[bytes, float]]:
            assert text.startswith(prefix)
            assert text.endswith(suffix)
            missing = text[len(prefix) : len(text) - len(suffix)]
            return [(b"", -1.0), (missing.replace(b"\n", b" "), -2.0)]

    file = SourceFile("a.js", b"f(", "javascript")
    texts = [Question("real", f"r/{n}", file, (text if n else b"short",)) for n in range(21)]
    rows = filled(texts, Writer(), random.Random(1))  # type: ignore[arg-type]
    assert [row.lexemes for row in rows] == ["1 or 2", "3 to 5"]
    assert sum(row.among.total for row in rows) == 20
    assert [(row.first.value, row.among.value) for row in rows] == [(0.0, 1.0), (0.0, 1.0)]


def test_without_trials_the_command_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1, "models": {}}), "utf-8")
    assert main(["evaluate", "scorer", "--weights", str(tmp_path), "--tagger", "0123"]) == 2
    assert "train calibration" in capsys.readouterr().err


def test_without_candidates_the_command_asks_for_more_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    monkeypatch.setattr(Scorer, "of", lambda *_: None)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1, "models": {}}), "utf-8")
    (tmp_path / "calibration").mkdir()
    (tmp_path / "calibration" / "0123.jsonl").touch()
    assert main(["evaluate", "scorer", "--weights", str(tmp_path), "--tagger", "0123"]) == 2
    assert "ask for more texts" in capsys.readouterr().err
