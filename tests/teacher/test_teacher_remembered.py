"""The teacher's repairs in the memory: kept when they are shown, without asking again, and without what was hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine
from questions import BAD_LINE, BROKEN, GOOD_LINE, MENDED
from servers import edits, ollama, running

from thea_hook.memory.records import Record, mended_context
from thea_hook.memory.store import memory_path, read_records

pytest.importorskip("httpcore2", reason="the teacher's HTTP client is not installed")

ARGUMENTS = ("--select", "syntax", "--models", "none", "--no-cache", "a.mjs", "--teacher", "ollama", "--teacher-url")
GOOD = edits((7, BAD_LINE, GOOD_LINE))


@pytest.fixture
def broken(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that only the teacher can mend, and a memory that nobody has written to."""
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(project.parent / "data"))
    (project / "a.mjs").write_bytes(BROKEN)
    return project


def kept() -> list[Record]:
    return read_records(memory_path())


def test_a_repair_that_was_shown_is_kept_as_the_teachers(thea: CommandLine, broken: Path) -> None:
    with running(ollama(GOOD)) as server:
        assert thea(*ARGUMENTS, server.url, "--memory").code == 1
    (record,) = kept()
    assert (record.origin, record.source, record.rule) == ("teacher", "teacher:qwen3-coder:30b", "syntax-error")
    assert mended_context(record) is not None
    assert GOOD_LINE in record.correct_diff


def test_a_vote_goes_to_the_teacher_without_asking_it_again(thea: CommandLine, broken: Path) -> None:
    with running(ollama(GOOD)) as server:
        done = thea(*ARGUMENTS, server.url, "--memory")
        before = len(server.log)
        (record,) = kept()
        assert f"thea-hook feedback up|down {record.fingerprint[:16]}" in done.out
        assert thea("feedback", "up", record.fingerprint[:16]).code == 0
        assert len(server.log) == before
    assert [record.vote for record in kept()] == ["up"]


def test_a_repair_that_was_applied_is_kept_as_applied(thea: CommandLine, broken: Path) -> None:
    with running(ollama(GOOD)) as server:
        assert thea(*ARGUMENTS, server.url, "--memory", "--fix", "--unsafe-fixes").code == 0
    assert (broken / "a.mjs").read_bytes() == MENDED
    assert [record.origin for record in kept()] == ["applied"]


def test_an_answer_that_was_refused_is_not_kept(thea: CommandLine, broken: Path) -> None:
    with running(ollama(edits((7, BAD_LINE, "")))) as server:
        assert thea(*ARGUMENTS, server.url, "--memory").code == 1
    assert kept() == []
