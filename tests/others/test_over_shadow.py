"""Linters that read files alone, by a program of a few lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from thea_hook.core.source import SourceFile, Span
from thea_hook.others.findings import STUMBLE, Reported
from thea_hook.others.over_shadow import OverShadow, Report

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program is a script with a #! line")

PROGRAM = """#!{python}
import json, sys
read, found = 0, []
with open({log!r}, "a") as log:
    log.write(f"{{len(sys.argv) - 1}}\\n")
for path in sys.argv[1:]:
    text = open(path).read()
    if "CRASH" in text:
        sys.exit("crashed over " + path)
    if "IGNORED" not in text:
        read += 1
        found += [path] * text.count("foo")
print("a warning in front")
print(json.dumps({{"read": read, "diagnostics": found}}))
"""

Ask = Callable[..., "tuple[list[object], list[int]]"]


class Double(OverShadow):
    """Finds `foo`, leaves a text with IGNORED in it alone, and crashes over one with CRASH."""

    name = "double"
    title = "Double"
    fixes = ()

    def arguments(self, paths: Sequence[str], flags: Sequence[str]) -> list[str]:
        return [*flags, *paths]

    def count_read(self, report: Report) -> int:
        return int(report["read"])

    @staticmethod
    def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
        for path in report["diagnostics"]:
            file = find(path)
            if file is not None:
                yield Reported("double", "no-foo", "foo", file.path, Span(0, 0))


@pytest.fixture
def ask(project: Path) -> Ask:
    """Texts -> what the double says about each, as a count of findings, and how many files each run was about."""
    (project / "node_modules" / ".bin").mkdir(parents=True)
    program, log = project / "node_modules" / ".bin" / "double", project.parent / "runs.log"
    program.write_text(PROGRAM.format(python=sys.executable, log=str(log)))
    program.chmod(0o755)

    def answers(*texts: str, paths: Sequence[str] = ()) -> tuple[list[object], list[int]]:
        names = paths or [f"{number}.js" for number in range(len(texts))]
        files = [SourceFile(name, text.encode(), "javascript") for name, text in zip(names, texts, strict=True)]
        found = Double(str(project)).lint(files)
        said: list[object] = []
        for answer in found:
            is_stumble = bool(answer) and answer[0].rule == STUMBLE
            said.append(answer[0].message if answer and is_stumble else None if answer is None else len(answer))
        return said, [int(line) for line in log.read_text().split()]

    return answers


def test_files_are_asked_about_in_one_run(ask: Ask) -> None:
    assert ask("foo", "bar", "foo foo") == ([1, 0, 2], [3])


def test_a_path_that_comes_twice_is_asked_about_in_two(ask: Ask) -> None:
    assert ask("foo", "bar", "foo foo", paths=["a.js", "b.js", "a.js"]) == ([1, 0, 2], [2, 1])


def test_a_file_that_is_ignored_is_found_by_halving(ask: Ask) -> None:
    assert ask("foo", "bar", "IGNORED", "foo") == ([1, 0, None, 1], [4, 2, 2, 1, 1])


def test_a_text_that_it_crashes_over_is_told_from_the_others(ask: Ask, project: Path) -> None:
    said, _ = ask("foo", "bar", "CRASH", "foo")
    assert said == [1, 0, f"Double failed: crashed over {project}/2.js", 1]


def test_a_program_that_fails_whatever_the_text_is_not_asked_about_each(
    ask: Ask,
) -> None:
    said, runs = ask(*["CRASH"] * 9)
    assert len(set(map(str, said))) == 1
    assert runs == [9, 1, 1]
