from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("torch")

from thea_hook.core.source import SourceFile
from thea_hook.lab.cli import main
from thea_hook.lab.corpus.store import Document
from thea_hook.lab.evaluation.cases import Case
from thea_hook.lab.evaluation.decomposition import (
    LINES,
    Mended,
    Taken,
    figures,
    mended,
    scattered,
    table,
    table_of_many,
    taken_apart,
)
from thea_hook.lab.training.fixer import Fixer
from thea_hook.lab.training.trials import Question, Trial
from thea_hook.languages.oracle import available, judge
from thea_hook.ml.repair import Repair
from thea_hook.ml.tasks import Candidate, Request

needs_parser = pytest.mark.skipif(not available(), reason="needs the second parser")


class Adds:
    """A decomposer that always has the same texts to add."""

    def __init__(self, **texts: float) -> None:
        self.new = [Candidate(text.encode(), "ml:rlm", (), {"tagger": score}) for text, score in texts.items()]

    def solve(self, request: Request) -> list[Candidate]:
        return [*request.candidates, *self.new]


@needs_parser
def test_new_candidates_count_when_they_pass_verification() -> None:
    file = SourceFile("a.js", b"f(a;\ng(b;\n", "javascript")
    question = Question("synthetic-n", "r/one", file, (b"f(a);\ng(b);\n",))
    trial = Trial(question, judge([file])[0], (Repair(b"f(a);\ng();\n", (), -2.0),))
    (found,) = taken_apart([trial], Adds(**{"f(a);\ng(b);\n": -1.0, "f(a;\ng(b);\n": -0.5}))
    assert (found.given, found.new, found.is_first_right) == ((False,), (True,), True)


def test_shares_are_those_without_and_with_the_decomposer() -> None:
    rows = figures([
        Taken("synthetic-n", "r/one", (True, False), (), True, 0.2),
        Taken("synthetic-n", "r/two", (False,), (False, True), False, 0.4),
        Taken("real", "r/one", (), (), False, 0.6),
    ])  # fmt: skip
    first, second = rows
    assert [share.hits for share in (first.first, first.first_with, first.among, first.among_with)] == [1, 1, 1, 2]
    assert (first.candidates, first.first.total, second.among_with.hits) == (1.0, 2, 0)
    assert table(rows).splitlines()[2].startswith("| synthetic-n | 2 | 50.0 % (")


def test_mistakes_are_scattered_over_one_long_file_of_each_repository() -> None:
    text = b"".join(b"call(first, %d);\n" % number for number in range(LINES[0]))
    documents = [Document(name, path, "javascript", text) for name in ("r/one", "r/two") for path in ("a.js", "b.js")]
    documents.insert(0, Document("r/short", "c.js", "javascript", b"f();\n"))
    found = scattered(documents, 5, 8, random.Random(3))
    assert [(case.repository, case.path, len(case.kinds)) for case in found] == [
        ("r/one", "a.js", 8),
        ("r/two", "a.js", 8),
    ]
    broken = [index for index, line in enumerate(found[0].before.split(b"\n")) if not line.startswith(b"call(first, ")]
    assert max(broken) - min(broken) > 40


@needs_parser
def test_what_is_left_of_many_mistakes_is_counted() -> None:
    class NoIdea:
        tagger = subtokens = None

        def repairs(self, file: SourceFile, verdict: object) -> list[Repair]:
            return []

    case = Case("r/one", "a.js", "javascript", b"f(a;\ng(b;\n", b"f(a);\ng(b);\n")
    (row,) = mended([case], NoIdea(), Adds(**{"f(a);\ng();\n": -1.0}))  # type: ignore[arg-type]
    assert row._replace(seconds=0.0) == Mended(2, None, 1, 0.0)
    assert table_of_many([row], 2).splitlines()[2:] == ["| tagger | 0 | - | 0 |", "| decomposer | 1 | 1 | 0 |"]


def test_without_trials_the_command_says_how_to_make_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixer = Fixer(None, None, "0123456789ab")  # type: ignore[arg-type]
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    monkeypatch.setattr("thea_hook.lab.evaluation.decomposition.from_weights", lambda folder: fixer)
    assert main(["evaluate", "decomposition", "--weights", str(tmp_path)]) == 2
