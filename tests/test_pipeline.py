"""A run as a whole: order, isolation, cache, processes, writing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from git_repository import Repository

from thea_hook import checking, pipeline
from thea_hook.checking import Checked, Checker, decode, encode, lines_to_region
from thea_hook.config import Configuration
from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.report import Report
from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import ConfigError
from thea_hook.pipeline import Request, run

SELECT = {"select": ["no-var", "prefer-const", "no-dupe-keys"]}
VAR = "var a = 1;\nf(a);\n"
CONST = "const a = 1;\nf(a);\n"
BAD = "f({ a: 1, a: 2 });\n"


@dataclass
class FakeEngine:
    """An engine that does what a function says."""

    answer: Callable[[SourceFile], list[Finding]]
    name: str = "fake"
    version: str = "1"

    def check(self, file: SourceFile) -> Iterator[Finding]:
        yield from self.answer(file)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[SourceFile], list[Finding]]], None]:
    """Puts an engine into every checker that is built, beside the real ones."""

    def install(answer: Callable[[SourceFile], list[Finding]]) -> None:
        build = Checker.__init__

        def with_engine(self: Checker, settings: Any) -> None:
            build(self, settings)
            self._engines = (*self._engines, FakeEngine(answer))

        monkeypatch.setattr(Checker, "__init__", with_engine)
        monkeypatch.setattr(checking, "_CHECKERS", {})

    return install


def go(*paths: str, flags: dict[str, object] | None = None, **request: Any) -> Report:
    request = {"use_cache": False, **request}
    configuration = Configuration.load(
        os.getcwd(), flags=flags or SELECT, known_rules=lambda: ("no-var", "prefer-const", "no-dupe-keys"), environ={}
    )
    return run(Request(paths=paths, **request), configuration)


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.mjs").write_text(text)


def summary(report: Report) -> list[tuple[str, tuple[str, ...], str]]:
    """Path, rules and error of each result."""
    return [
        (result.path, tuple(finding.rule_id for finding in result.findings), getattr(result.error, "message", ""))
        for result in report.results
    ]


# ------------------------------------------------------------------ one file's trouble stays its own


def test_a_check_that_raises_is_an_error_of_that_file_only(
    project: Path, engine: Callable[[Callable[[SourceFile], list[Finding]]], None]
) -> None:
    def raising(file: SourceFile) -> list[Finding]:
        if file.path == "b.mjs":
            raise RecursionError("too deep")
        return []

    engine(raising)
    write(a=BAD, b=BAD, c=VAR)
    assert summary(go()) == [
        ("a.mjs", ("no-dupe-keys",), ""),
        ("b.mjs", (), "internal error, please report it: RecursionError: too deep"),
        ("c.mjs", ("no-var",), ""),
    ]


def test_a_rule_whose_fix_breaks_the_file_is_named_and_the_file_stays(
    thea: CommandLine, project: Path, engine: Callable[[Callable[[SourceFile], list[Finding]]], None]
) -> None:
    def breaking(file: SourceFile) -> list[Finding]:
        edit = Edit(Span(0, 1), b"((")
        return [Finding("no-peace", "style", Span(0, 1), "m", fix=Fix("t", (edit,), Applicability.SAFE))]

    engine(breaking)
    write(a="f();\n")
    done = thea("--fix", "--no-cache", "--select", "no-var")
    assert Path("a.mjs").read_text() == "f();\n"
    assert done.code == 1
    assert done.err == "thea-hook: a.mjs: a fix of no-peace was not made: the result would not parse\n"


def test_a_file_that_changed_meanwhile_is_not_overwritten(
    project: Path, engine: Callable[[Callable[[SourceFile], list[Finding]]], None]
) -> None:
    def meddling(file: SourceFile) -> list[Finding]:
        Path("a.mjs").write_text("edited();\n")
        return []

    engine(meddling)
    write(a=VAR)
    report = go(fix=Applicability.SAFE)
    assert Path("a.mjs").read_text() == "edited();\n"
    assert [error.message for error in report.errors] == [
        "cannot write a.mjs: it changed while it was being checked; run again"
    ]
    assert report.findings == 1
    assert report.fixed == 0


def test_a_wrong_configuration_is_no_trouble_of_a_file(project: Path) -> None:
    Path("thea-hook.toml").write_text("[rules.prefer-const]\nxyzzy = 1\n")
    write(a=BAD)
    with pytest.raises(ConfigError, match="has no option `xyzzy`"):
        go()


# ------------------------------------------------------------------ order and chunks do not matter


@pytest.mark.parametrize("order", list(permutations(["a.mjs", "b.mjs", "c.mjs"])))
def test_the_order_of_paths_does_not_matter(project: Path, order: tuple[str, ...]) -> None:
    write(a=VAR, b=BAD, c="let c = 1;\nf(c);\n")
    assert summary(go(*order)) == summary(go("a.mjs", "b.mjs", "c.mjs"))


def test_chunks_give_what_the_whole_gives(project: Path) -> None:
    write(a=VAR, b=BAD + VAR, c=VAR)
    assert summary(go("a.mjs", "c.mjs", fix=Applicability.SAFE)) + summary(go("b.mjs", fix=Applicability.SAFE)) == [
        ("a.mjs", (), ""),
        ("c.mjs", (), ""),
        ("b.mjs", ("no-dupe-keys",), ""),
    ]
    assert Path("b.mjs").read_text() == BAD + CONST


def test_fixing_twice_changes_nothing(project: Path) -> None:
    write(a=VAR, b=VAR + BAD)
    assert go(fix=Applicability.SAFE).fixed == 4
    texts = [Path(name).read_bytes() for name in ("a.mjs", "b.mjs")]
    assert go(fix=Applicability.SAFE).fixed == 0
    assert [Path(name).read_bytes() for name in ("a.mjs", "b.mjs")] == texts


def test_several_processes_give_what_one_gives(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thea_hook.workers.WORTH_A_PROCESS", 1)
    for number in range(6):
        write(**{f"f{number}": VAR if number % 2 else BAD})
    alone = go(workers=1)
    assert summary(go(workers=3)) == summary(alone)
    assert alone.findings == 6
    assert go(workers=3, fix=Applicability.SAFE).fixed == 6
    assert Path("f1.mjs").read_text() == CONST


def test_line_ends_byte_order_mark_and_mode_survive_a_fix(project: Path) -> None:
    file = project / "a.mjs"
    file.write_bytes(b"\xef\xbb\xbf#!/usr/bin/env node\r\nvar a = 1;\r\nf(a)")
    file.chmod(0o755)
    go(fix=Applicability.SAFE)
    assert file.read_bytes() == b"\xef\xbb\xbf#!/usr/bin/env node\r\nconst a = 1;\r\nf(a)"
    assert file.stat().st_mode & 0o777 == 0o755


# ------------------------------------------------------------------ which lines, which folder


def test_lines_end_where_git_ends_them() -> None:
    file = SourceFile("a.js", "a;\u2028b;\rc;\nd;\n".encode(), "javascript")
    assert lines_to_region(file, [(1, 1), (2, 2), (3, 9)]) == [Span(0, 10), Span(11, 13), Span(14, 14)]
    assert lines_to_region(SourceFile("a.js", b"", "javascript"), [(1, 2**31 - 1)]) == [Span(0, 0)]


def test_each_file_has_the_settings_of_its_folder(project: Path) -> None:
    Path("sub").mkdir()
    Path("sub/thea-hook.toml").write_text('ignore = ["no-var"]\n')
    write(a=VAR, **{"sub/b": VAR})
    Path("thea-hook.toml").write_text('select = ["no-var"]\n')
    Path("sub/thea-hook.toml").write_text('select = ["prefer-const"]\n')
    report = go(flags={"confidence": 0.5})
    assert summary(report) == [("a.mjs", ("no-var",), ""), ("sub/b.mjs", (), "")]


def test_the_report_knows_the_lines_of_the_diff(repository: Repository) -> None:
    repository.commit("a.mjs", "f();\n")
    repository.write("a.mjs", "f();\n" + BAD)
    report = go(since="HEAD")
    assert report.changed_lines == {"a.mjs": ((2, 2),)}
    assert report.findings == 1


# ------------------------------------------------------------------ cache


def test_what_has_not_changed_is_not_checked_again(thea: CommandLine, project: Path) -> None:
    write(a=BAD, b="f();\n")
    arguments = ("--select", "no-dupe-keys")
    first, second = thea.json(*arguments).json, thea.json(*arguments).json
    assert [file["cached"] for file in first["files"]] == [False, False]
    assert [file["cached"] for file in second["files"]] == [True, True]
    assert first["findings"] == second["findings"]
    assert thea.json(*arguments, "--no-cache").json["stats"]["cached"] == 0


def test_a_change_of_text_settings_or_name_is_checked_anew(thea: CommandLine, project: Path) -> None:
    write(a=BAD)
    arguments = ("--select", "no-dupe-keys")
    thea(*arguments)
    assert thea.json("--select", "no-dupe-keys,no-var").json["stats"]["cached"] == 0
    write(a=BAD + BAD)
    assert len(thea.json(*arguments).rules) == 2
    Path("a.mjs").rename("a.js")
    assert thea.json(*arguments).json["stats"]["cached"] == 0


def test_a_cached_finding_is_fixed_all_the_same(thea: CommandLine, project: Path) -> None:
    write(a=VAR)
    thea("--select", "no-var,prefer-const")
    assert thea("--select", "no-var,prefer-const", "--fix").code == 0
    assert Path("a.mjs").read_text() == CONST


def test_a_damaged_cache_is_no_cache(thea: CommandLine, project: Path, tmp_path: Path) -> None:
    write(a=BAD)
    thea("--select", "no-dupe-keys")
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:-3] + b"xxx")
    assert thea.json("--select", "no-dupe-keys").rules == ["no-dupe-keys"]


def test_a_result_survives_the_cache() -> None:
    fix = Fix("a “title”", (Edit(Span(0, 1), b"\xff\r\n"),), Applicability.UNSAFE)
    findings = (
        Finding("r", "style", Span(3, 4), "é", Severity.INFO, 0.25, "ml:tagger", fix, (Span(1, 2),)),
        Finding("s", "style", Span(5, 5), "m"),
    )
    assert decode(encode(Checked(findings, 3))) == Checked(findings, 3)
    assert decode(encode(Checked((), 0))) == Checked((), 0)
    assert decode(encode(Checked((), 2))) == Checked((), 2)


@pytest.mark.parametrize(
    "payload", [b" ", b"{}", b"[1]", b"[0,[[1]]]", b'[0,[["r","c",[0,1],"m","loud",1,"s",null,[]]]]']
)
def test_a_damaged_result_counts_as_missing(payload: bytes) -> None:
    assert decode(payload) is None


# ------------------------------------------------------------------ standard input


def test_standard_input_is_never_written(project: Path) -> None:
    write(a="other();\n")
    report = go("a.mjs", stdin=VAR.encode(), fix=Applicability.SAFE)
    assert Path("a.mjs").read_text() == "other();\n"
    assert report.results[0].patch is not None
    assert report.results[0].patch.after == CONST.encode()


def test_the_story_stays_on_one_page() -> None:
    assert len(Path(pipeline.__file__).read_text().splitlines()) < 350
