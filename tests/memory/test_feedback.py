"""Memory on the command line: off unless wanted, and without a say in how a run ends."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from git_repository import Repository
from linter_double import install
from suggestions import record

from thea_hook.memory.recorder import remember
from thea_hook.memory.records import Origin, Vote
from thea_hook.memory.store import read_records

CODE = "var a = 1;\nf(a);\n"
CHECK = ("--select", "no-var")


@pytest.fixture
def code(project: Path) -> Path:
    (project / "a.mjs").write_text(CODE)
    return project


def fingerprint(thea: CommandLine, *paths: str) -> str:
    (finding,) = thea.json(*CHECK, *paths).json["findings"]
    return str(finding["fingerprint"])


# ------------------------------------------------------------------ a run


def test_nothing_is_kept_unless_the_user_wants_it(thea: CommandLine, code: Path, memory_file: Path) -> None:
    assert thea(*CHECK, "--fix", "a.mjs").code == 0
    assert not memory_file.exists()


@pytest.mark.parametrize("way", ["flag", "variable", "named file"])
def test_the_user_turns_it_on(
    thea: CommandLine, code: Path, memory_file: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    arguments = [*CHECK, "--fix", "a.mjs"]
    if way == "flag":
        arguments.append("--memory")
    elif way == "variable":
        monkeypatch.setenv("THEA_MEMORY", "1")
    else:
        (code / "mine.toml").write_text("memory = true\n")
        arguments += ["--config", "mine.toml"]
    assert thea(*arguments).code == 0
    (kept,) = read_records(str(memory_file))
    assert (kept.rule, kept.file, kept.line, kept.context) == ("no-var", "a.mjs", 1, CODE)


@pytest.mark.parametrize("name", ["thea-hook.toml", "sub/thea-hook.toml"])
def test_the_files_of_a_project_cannot(thea: CommandLine, code: Path, memory_file: Path, name: str) -> None:
    (code / "sub").mkdir()
    (code / "sub" / "b.mjs").write_text(CODE)
    (code / name).write_text("memory = true\n")
    done = thea(*CHECK, "--fix", "a.mjs", "sub/b.mjs")
    assert done.code == 2
    assert "`memory` has no place in the files of a project" in done.err
    assert not memory_file.exists()


def test_a_value_that_is_neither_yes_nor_no_is_refused(
    thea: CommandLine, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEA_MEMORY", "perhaps")
    done = thea(*CHECK, "a.mjs")
    assert done.code == 2
    assert "`memory` must be" in done.err


def test_the_flag_turns_off_what_the_variable_turned_on(
    thea: CommandLine, code: Path, memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEA_MEMORY", "1")
    thea(*CHECK, "--fix", "--no-memory", "a.mjs")
    assert not memory_file.exists()


@pytest.mark.parametrize("arguments", [(), ("--diff",)])
def test_what_is_only_shown_is_not_kept(
    thea: CommandLine, code: Path, memory_file: Path, arguments: tuple[str, ...]
) -> None:
    assert thea(*CHECK, "--memory", *arguments, "a.mjs").code == 1
    assert read_records(str(memory_file)) == []


def test_fixes_are_kept_also_where_the_findings_come_from_the_cache(
    thea: CommandLine, code: Path, memory_file: Path
) -> None:
    thea(*CHECK, "a.mjs")
    thea(*CHECK, "--fix", "--memory", "a.mjs")
    assert len(read_records(str(memory_file))) == 1


def test_what_a_fix_led_to_is_kept_too(thea: CommandLine, code: Path, memory_file: Path) -> None:
    assert thea("--select", "no-var,prefer-const", "--fix", "--memory", "a.mjs").code == 0
    assert (code / "a.mjs").read_text() == CODE.replace("var", "const")
    kept = {one.rule: one for one in read_records(str(memory_file))}
    assert kept["no-var"].correct_diff.endswith("-var a = 1;\n+let a = 1;\n f(a);\n")
    assert kept["prefer-const"].correct_diff.endswith("-let a = 1;\n+const a = 1;\n f(a);\n")


@pytest.mark.skipif(sys.platform == "win32", reason="the double is a script with a #! line")
@pytest.mark.parametrize("arguments", [("--fix",), ("--fix", "--diff"), ()])
def test_fixes_that_another_linter_agreed_to_are_kept_where_they_are_written(
    thea: CommandLine,
    project: Path,
    tmp_path: Path,
    memory_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    install(project, tmp_path / "programs")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    (project / "a.mjs").write_text("var a = foo;\nf(a == b);\n")
    thea("--with", "eslint", *CHECK, "--unsafe-fixes", "--memory", *arguments, "a.mjs")
    kept = {one.rule: one for one in read_records(str(memory_file))}
    if arguments != ("--fix",):
        assert kept == {}
        return
    assert set(kept) == {"no-var", "eslint/no-foo", "eslint/eqeqeq"}
    assert {one.origin for one in kept.values()} == {Origin.APPLIED}
    assert kept["eslint/no-foo"].context == "let a = foo;\nf(a == b);\n"
    assert (kept["eslint/no-foo"].source, kept["eslint/no-foo"].line) == ("with:eslint", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="the double is a script with a #! line")
def test_a_finding_of_another_linter_is_voted_on_as_the_report_says(
    thea: CommandLine, project: Path, tmp_path: Path, memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(project, tmp_path / "programs")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    (project / "a.mjs").write_text("f(a == b);\n")
    shown = thea("--with", "eslint", "--select", "no-var", "--memory", "a.mjs").out
    (line,) = [line for line in shown.splitlines() if "= vote: thea-hook feedback up|down " in line]
    words = line.partition("up|down ")[2].split()
    assert words[1:] == ["--with", "eslint"]
    assert thea("feedback", "up", words[0]).code == 2
    assert thea("feedback", "up", *words).code == 0
    (kept,) = read_records(str(memory_file))
    assert (kept.rule, kept.vote, kept.origin) == ("eslint/eqeqeq", "up", "voted")


def test_what_goes_to_standard_output_is_in_no_file_and_not_kept(
    thea: CommandLine, project: Path, memory_file: Path
) -> None:
    done = thea(*CHECK, "--fix", "--memory", "--stdin-filename", "a.mjs", stdin=CODE.encode())
    assert done.out == CODE.replace("var", "let")
    assert read_records(str(memory_file)) == []


def test_a_file_that_could_not_be_written_leaves_nothing(
    thea: CommandLine, code: Path, memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thea_hook import pipeline
    from thea_hook.errors import FileAccessError

    def refuse(path: str, after: bytes, before: bytes) -> None:
        raise FileAccessError("no")

    monkeypatch.setattr(pipeline, "write_atomic", refuse)
    assert thea(*CHECK, "--fix", "--memory", "a.mjs").code == 2
    assert read_records(str(memory_file)) == []


@pytest.mark.parametrize("trouble", ["damaged", "no folder"])
def test_trouble_with_the_memory_is_a_sentence_and_changes_nothing_else(
    thea: CommandLine, code: Path, memory_file: Path, trouble: str
) -> None:
    (code / "b.mjs").write_text(CODE)
    good = thea(*CHECK, "--fix", "--output-format", "concise", "a.mjs")
    if trouble == "damaged":
        memory_file.parent.mkdir(parents=True)
        memory_file.write_bytes(b"no database" * 1_000)
    else:
        memory_file.parent.parent.mkdir(parents=True)
        memory_file.parent.write_text("no folder")
    done = thea(*CHECK, "--fix", "--memory", "--output-format", "concise", "b.mjs")
    assert done.code == good.code == 0
    assert done.out == good.out.replace("a.mjs", "b.mjs")
    assert (code / "b.mjs").read_text() == (code / "a.mjs").read_text()
    (sentence,) = done.err.splitlines()
    assert sentence.startswith("thea-hook: nothing is remembered of this run: ")


def test_the_report_says_how_to_vote_where_there_is_a_memory(thea: CommandLine, code: Path, memory_file: Path) -> None:
    name = fingerprint(thea, "a.mjs")
    assert f"= vote: thea-hook feedback up|down {name[:16]}\n" in thea(*CHECK, "--memory", "a.mjs").out
    assert "vote" not in thea(*CHECK, "a.mjs").out


# ------------------------------------------------------------------ votes


def test_a_vote_keeps_the_suggestion_as_it_is_now(thea: CommandLine, code: Path, memory_file: Path) -> None:
    name = fingerprint(thea, "a.mjs")
    assert thea("feedback", "down", name).out.startswith(f"down: {name[:16]} down a.mjs:1 no-var (rules, ")
    (kept,) = read_records(str(memory_file))
    assert (kept.vote, kept.origin, kept.fingerprint) == ("down", "voted", name)


def test_a_vote_after_the_fix_goes_to_what_was_remembered(thea: CommandLine, code: Path, memory_file: Path) -> None:
    name = fingerprint(thea, "a.mjs")
    thea(*CHECK, "--fix", "--memory", "a.mjs")
    assert thea("feedback", "up", name[:8]).code == 0
    (kept,) = read_records(str(memory_file))
    assert (kept.vote, kept.origin, kept.fingerprint) == ("up", "applied", name)


def test_the_fingerprint_of_a_report_for_gitlab_is_known_too(
    thea: CommandLine, repository: Repository, memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository.folder / "packages" / "web"
    folder.mkdir(parents=True)
    (folder / "a.mjs").write_text(CODE)
    monkeypatch.chdir(folder)
    (issue,) = thea(*CHECK, "--output-format", "gitlab", "a.mjs").json
    assert issue["fingerprint"] != fingerprint(thea, "a.mjs")
    assert thea("feedback", "up", issue["fingerprint"]).code == 0
    (kept,) = read_records(str(memory_file))
    assert (kept.vote, kept.fingerprint) == ("up", issue["fingerprint"])
    (folder / "a.mjs").write_text("let a = 1;\nf(a);\n")
    assert thea("feedback", "down", issue["fingerprint"]).code == 0
    (kept,) = read_records(str(memory_file))
    assert kept.vote == "down"


@pytest.mark.parametrize("where", ["memory", "memory and files"])
def test_a_beginning_that_several_fingerprints_have_is_refused(
    thea: CommandLine, code: Path, memory_file: Path, where: str
) -> None:
    name = fingerprint(thea, "a.mjs")
    others = [name[:8] + "0" * 56, name[:8] + "1" * 56]
    assert remember([record(n, fingerprint=other) for n, other in enumerate(others)][: 2 - (where != "memory")]) == ""
    done = thea("feedback", "up", name[:8])
    assert done.code == 2
    assert "several findings have fingerprints that begin so: give more digits" in done.err
    assert {one.vote for one in read_records(str(memory_file))} == {""}
    assert thea("feedback", "up", name[:16]).code == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("abc", "at least 8 hexadecimal digits"),
        ("../../etc", "at least 8 hexadecimal digits"),
        ("0" * 16, "no finding with a fix has this fingerprint"),
    ],
)
def test_a_fingerprint_of_nothing_is_refused(
    thea: CommandLine, code: Path, memory_file: Path, name: str, complaint: str
) -> None:
    done = thea("feedback", "up", name)
    assert done.code == 2
    assert complaint in done.err


def test_a_finding_without_a_fix_has_nothing_to_vote_on(thea: CommandLine, project: Path, memory_file: Path) -> None:
    (project / "a.mjs").write_text("debugger;\nfor (;;) { await f(); }\n")
    (finding,) = thea.json("--select", "no-await-in-loop", "a.mjs").json["findings"]
    assert finding["fix"] is None
    (project / "thea-hook.toml").write_text('select = ["no-await-in-loop"]\n')
    done = thea("feedback", "up", finding["fingerprint"])
    assert done.code == 2
    assert "has no fix to vote on" in done.err
    assert not memory_file.exists()


def test_a_fix_of_a_secret_is_not_kept_and_the_user_is_told(
    thea: CommandLine, project: Path, memory_file: Path
) -> None:
    secret = "ghp_abcdefghij1234567890KLMNOPQRST"
    (project / "a.mjs").write_text(f"f(x['{secret}']);\n")
    (project / "thea-hook.toml").write_text('select = ["dot-notation"]\n')
    (finding,) = thea.json("a.mjs").json["findings"]
    done = thea("feedback", "up", finding["fingerprint"])
    assert "it has to do with a secret" in done.err
    assert not memory_file.exists()


def test_a_rule_that_only_a_flag_selects_can_be_voted_on(thea: CommandLine, project: Path, memory_file: Path) -> None:
    (project / "a.mjs").write_text("f({ a: a });\n")
    assert "object-shorthand" not in thea.json("a.mjs").rules
    (finding,) = thea.json("--select", "object-shorthand", "a.mjs").json["findings"]
    assert thea("feedback", "up", finding["fingerprint"]).code == 0
    (kept,) = read_records(str(memory_file))
    assert (kept.rule, kept.vote) == ("object-shorthand", "up")


def test_what_the_teacher_proposed_is_what_is_voted_on(
    thea: CommandLine, code: Path, memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = fingerprint(thea, "a.mjs")
    taught = record(1, origin=Origin.TEACHER, fingerprint=name)._replace(source="teacher:qwen3")
    assert remember([taught]) == ""
    monkeypatch.setenv("THEA_TEACHER", "ollama")
    monkeypatch.setenv("THEA_TEACHER_URL", "http://127.0.0.1:1")
    done = thea("feedback", "down", name)
    assert (done.code, done.err) == (0, "")
    (kept,) = read_records(str(memory_file))
    assert (kept.source, kept.vote) == ("teacher:qwen3", "down")


def test_a_vote_on_another_fix_of_the_same_finding_makes_a_pair(
    thea: CommandLine, code: Path, memory_file: Path
) -> None:
    name = fingerprint(thea, "a.mjs")
    thea("feedback", "up", name)
    (good,) = read_records(str(memory_file))
    assert remember([good._replace(correct_diff=good.correct_diff.replace("+let", "+const"), vote=Vote.DOWN)]) == ""
    (pair,) = thea("feedback", "export", "--pairs").json
    assert (pair["chosen"], pair["rejected"]) == (good.correct_diff, good.correct_diff.replace("+let", "+const"))


# ------------------------------------------------------------------ what is kept


def test_what_is_kept_can_be_listed_exported_and_deleted(thea: CommandLine, code: Path, memory_file: Path) -> None:
    thea(*CHECK, "--fix", "--memory", "a.mjs")
    assert " applied a.mjs:1 no-var (rules, " in thea("feedback", "list").out
    (exported,) = thea("feedback", "export").json
    assert list(exported)[:6] == ["error", "file", "line", "context", "correct_diff", "timestamp"]
    assert exported["correct_diff"].endswith("@@ -1,2 +1,2 @@\n-var a = 1;\n+let a = 1;\n f(a);\n")
    assert thea("feedback", "export", "out.json").err == "out.json: 1 records\n"
    assert json.loads((code / "out.json").read_text()) == [exported]
    assert os.name != "posix" or stat.S_IMODE((code / "out.json").stat().st_mode) == 0o600
    assert thea("feedback", "clear").out == f"{memory_file}: deleted\n"
    assert os.listdir(memory_file.parent) == []
    assert thea("feedback", "list").out == ""
    assert thea("feedback", "clear").out == f"{memory_file}: there is no memory\n"


def test_preferences_are_exported_for_training(thea: CommandLine, code: Path, memory_file: Path) -> None:
    assert remember([record(1, vote=Vote.UP), record(1, after="const", vote=Vote.DOWN)]) == ""
    (pair,) = thea("feedback", "export", "--pairs").json
    assert sorted(pair) == ["chosen", "prompt", "rejected"]
    assert "+let v1" in pair["chosen"]
    assert "+const v1" in pair["rejected"]


def test_a_damaged_memory_is_said_to_be_so(thea: CommandLine, project: Path, memory_file: Path) -> None:
    memory_file.parent.mkdir(parents=True)
    memory_file.write_bytes(b"no database" * 1_000)
    for verb in ("list", "export"):
        done = thea("feedback", verb)
        assert done.code == 2
        assert "is damaged; `thea-hook feedback clear` deletes it" in done.err
    assert thea("feedback", "clear").code == 0
    assert thea("feedback", "list").code == 0
