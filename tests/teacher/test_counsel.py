"""A teacher that is asked about what the linter of ``--with`` finds and nothing else mends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from linter_double import install
from servers import Behaviour, Double, Handler, edits, ollama, running

pytest.importorskip("httpcore2", reason="the teacher's HTTP client is not installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the double is a script with a #! line")

TEXT = "f(bar2);\n"
GOOD = edits((1, "f(bar2);", "f(bar);"))
LINTED = ("--with", "eslint", "--select", "no-var", "--no-cache")


@pytest.fixture
def eslint(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the double as its ESLint, which finds `bar2` in a file and cannot mend it."""
    install(project, tmp_path / "programs")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    (project / "a.js").write_text(f"{TEXT}let bar;\n")
    return project


def asks(server: Double) -> int:
    return sum(asked.path == "/api/chat" for asked in server.log)


def teacher(server: Double, *more: str) -> tuple[str, ...]:
    return (*LINTED, "--teacher", "ollama", "--teacher-url", server.url, *more)


def test_its_repair_is_shown_if_the_linter_agrees(eslint: Path, thea: CommandLine) -> None:
    with running(ollama(GOOD)) as server:
        done = thea.json(*teacher(server), "a.js")
    assert done.code == 1
    (finding,) = done.json["findings"]
    assert (finding["rule"], finding["source"]) == ("eslint/no-bar2", "teacher:qwen3-coder:30b")
    assert (finding["fix"]["applicability"], finding["fix"]["confidence"]) == ("unsafe", 0.5)
    assert (eslint / "a.js").read_text() == "f(bar2);\nlet bar;\n"


def test_its_repair_is_made_with_unsafe_fixes_alone(eslint: Path, thea: CommandLine) -> None:
    with running(ollama(GOOD)) as server:
        assert thea(*teacher(server, "--fix"), "a.js").code == 1
        assert (eslint / "a.js").read_text() == "f(bar2);\nlet bar;\n"
        assert thea(*teacher(server, "--fix", "--unsafe-fixes", "--confidence", "0.6"), "a.js").code == 1
        assert (eslint / "a.js").read_text() == "f(bar2);\nlet bar;\n"
        assert thea(*teacher(server, "--fix", "--unsafe-fixes"), "a.js").code == 0
    assert (eslint / "a.js").read_text() == "f(bar);\nlet bar;\n"


def test_the_rest_is_mended_without_it(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(a == b, foo);\n")
    with running(ollama(GOOD)) as server:
        assert thea(*teacher(server, "--fix", "--unsafe-fixes"), "a.js").code == 0
        assert asks(server) == 0
    assert (eslint / "a.js").read_text() == "f(a === b, bar);\n"


def test_a_repair_that_leads_to_another_finding_is_refused(eslint: Path, thea: CommandLine) -> None:
    with running(ollama(edits((1, "f(bar2);", "f(bar == bar);")))) as server:
        assert thea(*teacher(server, "--fix", "--unsafe-fixes"), "a.js").code == 1
        assert asks(server) == 1, "nothing but the linter has anything against it"
    assert (eslint / "a.js").read_text() == "f(bar2);\nlet bar;\n"


def hang_up(handler: Handler, asked: object) -> None:
    handler.hang_up(b"")


@pytest.mark.parametrize(
    "serve",
    [
        ollama("no JSON"),
        ollama(edits((1, "f(bar2);", ""))),
        ollama(edits((1, "f(bar2);", "// f(bar2);"))),
        ollama(edits((1, "f(bar2);", "f(bar2); /* eslint-disable */"))),
        ollama(edits((1, "f(bar2);", "f(eval(bar));"))),
        ollama(edits((2, "let bar;", "let bar = 1;"))),
        ollama(edits((1, "f(bar2);", "f(bar2);"))),
        ollama(hang_up),
        hang_up,
    ],
)
@pytest.mark.parametrize("flags", [(), ("--fix",), ("--fix", "--unsafe-fixes"), ("--diff", "--unsafe-fixes")])
def test_a_run_with_a_useless_teacher_is_a_run_without_one(
    eslint: Path, thea: CommandLine, serve: Behaviour, flags: tuple[str, ...]
) -> None:
    text = "f(bar2);\nlet bar;\ng(foo, a == b);\n"
    (eslint / "a.js").write_text(text)
    alone = thea(*LINTED, *flags, "a.js")
    after = (eslint / "a.js").read_text()
    (eslint / "a.js").write_text(text)
    with running(serve) as server:
        taught = thea(*teacher(server, *flags), "a.js")
    assert (taught.code, taught.stdout) == (alone.code, alone.stdout)
    assert (eslint / "a.js").read_text() == after


def test_all_its_questions_of_a_run_are_counted_together(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(bar2);\n\ng(bar2);\n\nh(bar2);\n")
    (eslint / "b.js").write_text("f(;\n")
    with running(ollama(edits())) as server:
        limited = teacher(server, "--teacher-questions", "2", "--models", "none", "--extend-select", "syntax")
        err = thea(*limited, "--show-routing", "a.js", "b.js").err
        assert asks(server) == 2
    assert "as many as a run may ask" in err


def test_a_server_that_is_gone_is_given_up(eslint: Path, thea: CommandLine) -> None:
    (eslint / "a.js").write_text("f(bar2);\n" * 20)
    with running(hang_up) as server:
        err = thea(*teacher(server, "--show-routing"), "a.js").err
    assert err.count("the teacher is asked about what nothing mends") == 1
    assert err.count("teacher failed") == 2, "and not once for each finding"


def test_no_report_alone_asks_it(eslint: Path, thea: CommandLine) -> None:
    report = [{"filePath": str(eslint / "a.js"), "messages": [{"ruleId": "x", "message": "m", "line": 1, "column": 1}]}]
    (eslint / "report.json").write_text(json.dumps(report))
    with running(ollama(GOOD)) as server:
        flags = teacher(server)[2:]
        assert thea("--findings", "report.json", *flags, "a.js").code == 1
        assert asks(server) == 0


def test_what_is_sent_is_announced(eslint: Path, thea: CommandLine) -> None:
    with running(ollama(GOOD)) as server:
        err = thea(*teacher(server), "a.js").err
    assert "and of what --with finds and nothing mends" in err
