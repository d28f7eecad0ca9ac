from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from linter_double import install

from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.systems import settings_for
from thea_hook.lab.training.eslint import learn, main
from thea_hook.languages import oracle
from thea_hook.memory.records import from_dict, mended_context
from thea_hook.memory.store import memory_path, open_memory
from thea_hook.others.linters import linter_named
from thea_hook.others.programs import LinterError
from thea_hook.others.verify import ask
from thea_hook.teacher.base import Deadline, Message, TeacherSettings
from thea_hook.teacher.teacher import Teacher

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the double is a script with a #! line")


@pytest.fixture
def eslint(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the double as its ESLint, and a memory of its own."""
    install(project, tmp_path / "programs")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    for name in ("XDG_DATA_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return project


def test_what_the_linter_agrees_to_is_kept_and_the_file_stays(eslint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (eslint / "a.js").write_text("f(a == b);\n\ng(foo);\n")
    assert main(["--models", "none", "--output", "records.json", "a.js"]) == 0
    records = [from_dict(row) for row in json.loads((eslint / "records.json").read_text("utf-8"))]
    assert {(one.rule, mended_context(one)) for one in records} == {
        ("eslint/eqeqeq", b"f(a === b);\n"),
        ("eslint/no-foo", b"g(bar);\n"),
    }
    assert (eslint / "a.js").read_text() == "f(a == b);\n\ng(foo);\n"
    assert capsys.readouterr().out.startswith("2 of 2 findings mended, 2 records")


def test_a_repair_that_brings_or_silences_a_finding_is_no_record(
    eslint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (eslint / "a.js").write_text("f(foo2);\n\ng(eval(a));\n")
    assert main(["--models", "none", "--output", "records.json", "a.js"]) == 0
    assert json.loads((eslint / "records.json").read_text("utf-8")) == []
    assert capsys.readouterr().out.startswith("0 of 2 findings mended")


@pytest.mark.parametrize("name", [".", "nowhere/records.json"])
def test_an_output_that_cannot_be_written_is_said_before_anything_is_asked(eslint: Path, name: str) -> None:
    (eslint / "a.js").write_text("g(foo);\n")
    with pytest.raises(UsageError, match="cannot be written"):
        main(["--models", "none", "--output", name, "a.js"])
    assert not (eslint / "asked.log").exists()


def test_records_go_into_the_memory(eslint: Path) -> None:
    (eslint / "a.js").write_text("g(foo);\n")
    assert main(["--models", "none", "a.js"]) == 0
    with open_memory(memory_path()) as memory:
        assert [(one.rule, one.origin) for one in memory.records()] == [("eslint/no-foo", "linter")]


@pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")
def test_what_does_not_parse_is_mended_by_our_own_engines(eslint: Path) -> None:
    pytest.importorskip("onnxruntime")
    (eslint / "a.js").write_text("function f() {\n  return 1;\n")
    assert main(["--output", "records.json", "a.js"]) == 0
    (row,) = json.loads((eslint / "records.json").read_text("utf-8"))
    assert (row["rule"], mended_context(from_dict(row))) == ("eslint/parse-error", b"function f() {\n  return 1;\n}\n")


@pytest.mark.parametrize(("new", "rules"), [("f(bar);", ["eslint/no-bar2"]), ("f(foo);", []), ("f({);", [])])
def test_the_teacher_mends_what_nobody_else_does_if_the_linter_agrees(eslint: Path, new: str, rules: list[str]) -> None:
    class Backend:
        def complete(self, messages: tuple[Message, ...], deadline: Deadline) -> str:
            return json.dumps({"edits": [{"line": 1, "old": "f(bar2);", "new": new}]})

        def check(self, deadline: Deadline) -> str:
            return ""

    file = SourceFile("a.js", b"f(bar2);\n", "javascript")
    teacher = Teacher(TeacherSettings("openai"), backend=Backend())
    linter = linter_named("eslint", str(eslint))
    lessons = ask(linter, {"a.js": learn(linter, file, settings_for("none"), teacher)})["a.js"]
    assert [one.rule for one in lessons.records()] == rules
    assert all(one.source.startswith("teacher:") for one in lessons.records())


def test_a_teacher_that_nobody_can_reach_changes_nothing(eslint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (eslint / "a.js").write_text("g(eval(a));\n\nf(foo);\n")
    flags = ["--models", "none", "--teacher", "openai", "--teacher-url", "http://127.0.0.1:9/v1"]
    assert main([*flags, "--output", "records.json", "a.js"]) == 0
    shown = capsys.readouterr()
    assert "the teacher is on" in shown.err
    assert shown.out.startswith("1 of 2 findings mended, 1 records")


def test_without_the_linter_or_the_file_it_says_so(project: Path) -> None:
    (project / "a.js").write_text("f();\n")
    with pytest.raises(LinterError):
        main(["a.js"])
    with pytest.raises(UsageError):
        main(["nothing.js"])


def test_a_text_that_the_linter_stumbles_over_is_no_finding(eslint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUBLE", "stumble")
    (eslint / "a.js").write_text("f(a === b);\n")
    with pytest.raises(LinterError, match=r"a\.js: ESLint failed: TypeError: a rule of yours"):
        main(["--models", "none", "a.js"])
