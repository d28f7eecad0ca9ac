from __future__ import annotations

import os
import shutil

import pytest

from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.cases import Case
from thea_hook.lab.evaluation.peers import PEERS, Peer
from thea_hook.lab.evaluation.scores import Score, evaluate

PACKAGES = os.environ.get("THEA_NODE_PACKAGES", "")

CASES = [
    Case("a/a", "a.ts", "typescript", b"let a: number = (1;\nf(a);\n", b"let a: number = (1);\nf(a);\n"),
    Case("a/a", "b.js", "javascript", b"f(= );\n", b"f();\n"),
    Case("a/a", "c.tsx", "tsx", b"const a = <b>;\n", b"const a = <b></b>;\n"),
]


def scores_of(name: str, monkeypatch: pytest.MonkeyPatch) -> list[Score]:
    if shutil.which("node") is None or not PACKAGES:
        pytest.skip("needs node, and THEA_NODE_PACKAGES naming a folder with the packages of benchmarks/peers")
    monkeypatch.setenv("THEA_NODE_PACKAGES", PACKAGES)
    return evaluate(Peer(name, PEERS[name]), CASES)


@pytest.mark.node
@pytest.mark.parametrize("name", ["eslint", "oxlint"])
def test_these_stop_at_a_syntax_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = scores_of(name, monkeypatch)
    assert [score.restored for score in scores] == [False, False, False]
    assert [score.outcome.best for score in scores] == [case.before for case in CASES]


@pytest.mark.node
def test_biome_formats_what_it_can_and_restores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(score.exact for score in scores_of("biome", monkeypatch))


@pytest.mark.node
def test_typescript_prints_the_bracket_that_was_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    missing, _, unclosed = scores_of("typescript", monkeypatch)
    assert missing.exact
    assert not unclosed.exact


def test_without_the_packages_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="THEA_NODE_PACKAGES"):
        Peer("eslint", PEERS["eslint"])
    monkeypatch.setenv("THEA_NODE_PACKAGES", os.curdir)
    with pytest.raises(UsageError, match="benchmarks/peers"):
        Peer("eslint", PEERS["eslint"])
