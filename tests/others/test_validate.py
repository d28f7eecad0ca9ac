from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from git_repository import Repository
from linter_double import install

from thea_hook.core.diff import unified_diff
from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.lab.validate import Change, judged, main
from thea_hook.languages import oracle
from thea_hook.others.linters import linter_named
from thea_hook.teacher.base import Deadline, Message, TeacherSettings
from thea_hook.teacher.teacher import Teacher

pytestmark = pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")

BROKEN, MENDED = b"const a = [1, 2;\nf(a);\n", b"const a = [1, 2];\nf(a);\n"


def write(project: Path, before: bytes, after: bytes, path: str = "a.js") -> None:
    (project / "change.diff").write_bytes(unified_diff(path, before, after))
    (project / path).write_bytes(before)


@pytest.mark.parametrize("is_made", [False, True])
def test_a_repair_is_good_whether_or_not_it_was_made(
    project: Path, capsys: pytest.CaptureFixture[str], is_made: bool
) -> None:
    write(project, BROKEN, MENDED)
    on_disk = MENDED if is_made else BROKEN
    (project / "a.js").write_bytes(on_disk)
    assert main(["change.diff"]) == 0
    assert capsys.readouterr().out == "a.js: good: broken before, parses after; validation: no objection\n"
    assert (project / "a.js").read_bytes() == on_disk


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (MENDED, BROKEN, "parses before, broken after"),
        (BROKEN, b"// const a = [1, 2;\nf(a);\n", "validation: it makes code a comment"),
        (b"f(a);\ng(a);\n", b"// @ts-ignore\nf(a);\ng(a);\n", "validation: it "),
    ],
)
def test_what_is_no_repair_is_bad(
    project: Path, capsys: pytest.CaptureFixture[str], before: bytes, after: bytes, said: str
) -> None:
    write(project, before, after)
    assert main(["change.diff"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("a.js: bad: ")
    assert said in out


def test_every_file_of_a_diff_is_judged(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a.js").write_bytes(BROKEN)
    (project / "b.js").write_bytes(MENDED)
    parts = [b"diff --git a/%b b/%b\n" % (name, name) for name in (b"a.js", b"b.js")]
    diffs = unified_diff("a.js", BROKEN, MENDED), unified_diff("b.js", MENDED, BROKEN)
    (project / "change.diff").write_bytes(b"".join(map(b"".join, zip(parts, diffs, strict=True))))
    assert main(["change.diff"]) == 1
    assert [line.split(":")[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["a.js", " good"],
        ["b.js", " bad"],
    ]


def test_two_texts_are_a_change(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "old").write_bytes(BROKEN)
    (project / "a.js").write_bytes(MENDED)
    assert main(["--before", "old", "a.js"]) == 0
    assert capsys.readouterr().out.startswith("a.js: good: ")


@pytest.mark.parametrize("is_made", [False, True])
def test_the_lines_of_a_diff_are_taken_as_they_are(
    project: Path, capsys: pytest.CaptureFixture[str], is_made: bool
) -> None:
    around = "-- i;\nf('\x0c\u2028');\r\n%s// end".encode()
    before, after = around % b"const a = [1, 2;\r\n++ j;\n", around % b"const a = [1, 2];\r\n++ j;\n"
    write(project, before, after)
    (project / "a.js").write_bytes(after if is_made else before)
    assert main(["change.diff"]) == 0
    assert capsys.readouterr().out.startswith("a.js: good: broken before, parses after")


@pytest.mark.parametrize("is_made", [False, True])
def test_files_that_come_go_and_move_are_judged(
    repository: Repository, capsys: pytest.CaptureFixture[str], is_made: bool
) -> None:
    long = b"".join(b"f%d();\n" % number for number in range(9))
    for name, text in (("old.js", long + BROKEN), ("gone.js", MENDED), ("same.js", b"x();\n"), ("x.png", b"\0")):
        repository.stage(name, text)
    repository.git("commit", "-q", "-m", "before")
    repository.git("mv", "old.js", "new.js")
    repository.git("mv", "same.js", "still.js")
    repository.git("rm", "-q", "gone.js")
    texts = {"new.js": long + MENDED, "come.js": BROKEN, "notes.md": b"words\n", "x.png": b"\0\1"}
    for name, text in texts.items():
        repository.stage(name, text)
    diff = repository.git("diff", "--cached", "-M")
    (repository.folder / "change.diff").write_text(diff + "\n")
    if not is_made:
        repository.git("reset", "-q", "--hard")
    assert main(["change.diff"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "notes.md: not judged: not JavaScript or TypeScript",
        "come.js: bad: parses before, broken after; validation: no objection",
        "gone.js: bad: parses before, parses after; validation: it removes the rest of the file",
        "new.js: good: broken before, parses after; validation: no objection",
    ]


def test_an_empty_diff_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, BROKEN, BROKEN)
    assert main(["change.diff"]) == 0
    assert capsys.readouterr().out == "change.diff: not judged: it changes nothing\n"


def test_a_diff_cannot_write_to_the_terminal(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "change.diff").write_bytes(unified_diff("\x1b[2J.md", b"a\n", b"b\n"))
    assert main(["change.diff"]) == 0
    assert "\x1b" not in capsys.readouterr().out
    (project / "change.diff").write_bytes(unified_diff("\x1b[2J.js", b"a\n", b"b\n"))
    with pytest.raises(UsageError, match=r"^change.diff: \\x1b\[2J.js: the diff does not fit$"):
        main(["change.diff"])


@pytest.mark.skipif(sys.platform == "win32", reason="the double is a script with a #! line")
@pytest.mark.parametrize(
    ("new", "said"),
    [("f(a === b);", "the same"), ("f(b === a);", "another repair"), ("", "no usable answer: ")],
)
def test_of_a_text_that_parses_the_teacher_is_told_what_the_linter_found(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: str, said: str
) -> None:
    asked: list[str] = []

    class Backend:
        def complete(self, messages: tuple[Message, ...], deadline: Deadline) -> str:
            asked.append(messages[-1].content)
            return json.dumps({"edits": [{"line": 1, "old": "f(a == b);", "new": new}] if new else []})

        def check(self, deadline: Deadline) -> str:
            return ""

    install(project, tmp_path / "programs")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    teacher = Teacher(TeacherSettings("openai"), backend=Backend())
    change = Change(*(SourceFile("a.js", text, "javascript") for text in (b"f(a == b);\n", b"f(a === b);\n")))
    assert judged(change, linter_named("eslint", str(project)), teacher).teacher.startswith(said)
    assert "eqeqeq here" in asked[0]
    assert "===" not in asked[0]
    asked.clear()
    assert judged(change, None, teacher).teacher == "not asked, as nothing is known to be wrong with the text"
    assert asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="the double is a script with a #! line")
@pytest.mark.parametrize(
    ("after", "code", "said"),
    [
        (b"f(a === b);\n", 0, "linter: gone eqeqeq; new nothing"),
        (b"f(foo == b);\n", 1, "linter: gone nothing; new no-foo"),
    ],
)
def test_the_linter_says_what_goes_and_what_comes(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    after: bytes,
    code: int,
    said: str,
) -> None:
    install(project, tmp_path / "programs")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    write(project, b"f(a == b);\n", after)
    assert main(["--with", "eslint", "change.diff"]) == code
    assert said in capsys.readouterr().out


def test_a_teacher_that_nobody_can_reach_has_no_say(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, BROKEN, MENDED)
    assert main(["--teacher", "openai", "--teacher-url", "http://127.0.0.1:9/v1", "change.diff"]) == 0
    assert "; teacher: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "diff",
    [
        b"hello\n",
        unified_diff("a.js", b"x();\n", b"y();\n"),
        b"\xff",
        b"--- a/a.js\n+++ b/a.js\n@@ -1,9 +1 @@\n-x\n",
    ],
)
def test_what_does_not_fit_is_said(project: Path, diff: bytes) -> None:
    (project / "a.js").write_bytes(MENDED)
    (project / "change.diff").write_bytes(diff)
    with pytest.raises(UsageError):
        main(["change.diff"])
