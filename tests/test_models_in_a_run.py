"""Repairs of models in whole runs: grades, HEAD, the cache."""

from __future__ import annotations

import math
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine, Done

from thea_hook import checking
from thea_hook.cli import main
from thea_hook.core.finding import Applicability, Edit, Fix
from thea_hook.core.routing import Attempt, Note, Outcome, Routing
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import Verdict, available
from thea_hook.ml import load
from thea_hook.settings import Settings
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


# ------------------------------------------------------------------ the budget, and what is said about models


class Network:
    """Loaded in place of the networks: closes the bracket, unless it is told to fare otherwise or to take its time."""

    def __init__(self) -> None:
        self.outcome = Outcome.ANSWERED
        self.seconds = 0.0
        self.deadlines: list[float] = []
        self._note: Note | None = None

    def load(self, folder: str, settings: Settings, note: Note | None) -> Network:
        self._note = note
        return self

    def mend(self, file: SourceFile, verdict: Verdict, deadline: float) -> Mended | None:
        self.deadlines.append(deadline)
        time.sleep(self.seconds)
        mended = self.outcome is Outcome.ANSWERED
        assert self._note is not None
        attempt = Attempt("test", self.outcome, "it was told to")
        self._note(Routing("there is no other", (attempt,), "ml:test" if mended else ""))
        fix = Fix("Insert `)`", (Edit(Span(3, 3), b")"),), Applicability.UNSAFE, 0.9)
        return Mended(fix, "ml:test") if mended else None


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, project: Path) -> Iterator[Network]:
    """Two broken files, and whom they are given to."""
    made = Network()
    monkeypatch.setattr(load, "load_mender", made.load)
    checking._CHECKERS.clear()
    for name in ("a.js", "b.js"):
        (project / name).write_text("f(a;\n")
    yield made
    checking._CHECKERS.clear()


def sources(done: Done) -> list[str]:
    return [finding["source"] for finding in done.json["findings"]]


def test_a_model_is_asked_until_the_time_of_the_run_is_over(thea: CommandLine, network: Network) -> None:
    network.seconds = 0.2
    done = thea.json("--budget", "0.1", "--select", "syntax", ".")
    assert sources(done) == ["ml:test", "rules"]
    assert done.err == "thea-hook: 1 file was not mended: the time of the models was over (budget: 0.1)\n"


def test_what_was_not_mended_for_lack_of_time_is_not_kept(thea: CommandLine, network: Network) -> None:
    none = thea.json("--budget", "0", "--select", "syntax", ".")
    assert (sources(none), network.deadlines) == (["rules", "rules"], [])
    assert "2 files were not mended" in none.err
    assert sources(thea.json("--select", "syntax", ".")) == ["ml:test", "ml:test"]
    kept = thea.json("--budget", "0", "--select", "syntax", ".")
    assert sources(kept) == ["ml:test", "ml:test"], "what is in the cache costs no time"
    assert kept.err == ""


def test_a_failure_of_a_model_is_not_kept(thea: CommandLine, network: Network) -> None:
    network.outcome = Outcome.FAILED
    assert sources(thea.json("--select", "syntax", ".")) == ["rules", "rules"]
    assert thea.json("--select", "syntax", ".").json["stats"]["cached"] == 0
    network.outcome = Outcome.ANSWERED
    assert sources(thea.json("--select", "syntax", ".")) == ["ml:test", "ml:test"]


def test_a_file_has_its_own_limit(thea: CommandLine, network: Network) -> None:
    began = time.monotonic()
    thea("--budget", "1000/100", "--select", "syntax", ".")
    assert network.deadlines == pytest.approx([began + 100] * 2, abs=30)


def test_without_a_budget_nothing_ends_a_search(thea: CommandLine, network: Network) -> None:
    thea("--select", "syntax", ".")
    assert network.deadlines == [math.inf, math.inf]


def test_the_configuration_may_have_the_budget(thea: CommandLine, project: Path, network: Network) -> None:
    (project / "thea-hook.toml").write_text("budget = 0\n")
    assert "2 files were not mended" in thea(".").err
    assert thea("--budget", "100", ".").err == ""


def test_the_routing_is_shown_where_it_is_asked_for(thea: CommandLine, network: Network) -> None:
    assert thea("--select", "syntax", "--no-cache", "a.js").err == ""
    assert thea("--select", "syntax", "--show-routing", "a.js").err.splitlines() == [
        "thea-hook: a.js: there is no other",
        "thea-hook:   test answered: it was told to",
        "thea-hook:   the repair of ml:test",
    ]
    again = thea.json("--select", "syntax", "--show-routing", "a.js")
    assert again.err == (
        "thea-hook: a.js: its result is from the cache, and no model was asked; --no-cache asks again\n"
    )
    assert again.json["files"][0]["routing"] is None


def test_a_fixed_file_says_who_mended_it(thea: CommandLine, project: Path, network: Network) -> None:
    done = thea.json("--fix", "--unsafe-fixes", "--show-routing", "--select", "syntax", "--no-cache", "a.js")
    assert (project / "a.js").read_text() == "f(a);\n"
    assert [routing["answer"] for routing in done.json["files"][0]["routing"]] == ["ml:test"]
