"""Repairs of models in whole runs: grades, HEAD, the cache."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from thea_hook import checking
from thea_hook.cli import main
from thea_hook.core.finding import Applicability, Edit, Fix
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Verdict, available
from thea_hook.syntax.mender import Mended

pytestmark = pytest.mark.skipif(not available(), reason="needs the second parser")


class Closes:
    """Inserts a parenthesis at offset 3, and is as sure as it is told to be."""

    version = "test"

    def __init__(self, grade: Applicability, confidence: float) -> None:
        self.grade, self.confidence = grade, confidence

    def mend(self, file: SourceFile, verdict: Verdict) -> Mended:
        return Mended(Fix("Insert `)`", (Edit(Span(3, 3), b")"),), self.grade, self.confidence), "ml:test")


@pytest.fixture
def broken(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that lacks a parenthesis, in a git repository, and a model that is sure of it."""
    mender = Closes(Applicability.SAFE, 0.99)
    monkeypatch.setattr(checking.Checker, "_mender", lambda self: mender)
    checking._CHECKERS.clear()
    (project / "a.js").write_text("f(a;\n")
    yield project / "a.js"
    checking._CHECKERS.clear()


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    subprocess.run(("git", *identity, *arguments), cwd=folder, check=True, capture_output=True)


def fix(*arguments: str) -> int:
    return main(["--fix", "--no-cache", "--select", "syntax", *arguments])


def test_a_safe_repair_is_applied(broken: Path) -> None:
    assert fix("a.js") == 0
    assert broken.read_text() == "f(a);\n"


def test_an_unsafe_repair_waits_for_leave(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mender = Closes(Applicability.UNSAFE, 0.6)
    monkeypatch.setattr(checking.Checker, "_mender", lambda self: mender)
    assert fix("a.js") == 1
    assert fix("--unsafe-fixes", "--confidence", "0.7", "a.js") == 1
    assert broken.read_text() == "f(a;\n"
    assert fix("--unsafe-fixes", "a.js") == 0
    assert broken.read_text() == "f(a);\n"


def test_an_error_that_head_has_is_left_alone(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(broken.parent, "init", "--quiet")
    git(broken.parent, "add", "a.js")
    git(broken.parent, "commit", "--quiet", "-m", "It runs here")
    assert fix("a.js") == 1
    assert broken.read_text() == "f(a;\n"
    broken.write_text("f(b;\n")  # another error than the one that was committed
    assert fix("a.js") == 0
    assert broken.read_text() == "f(b);\n"


def test_a_new_file_has_no_past(broken: Path) -> None:
    git(broken.parent, "init", "--quiet")
    (broken.parent / "b.js").write_text("g();\n")
    git(broken.parent, "add", "b.js")
    git(broken.parent, "commit", "--quiet", "-m", "Begin")
    assert fix("a.js") == 0
