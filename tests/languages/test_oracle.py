"""The second parser: what it calls broken, where, and what happens when it is not there."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from thea_hook.core.source import SourceFile, Span, language_of
from thea_hook.languages import oracle
from thea_hook.languages.oracle import Answer, judge, tree_sitter_verdict

EXTENSIONS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")

# What the language has and the published tree-sitter grammars do not.
GRAMMAR_GAPS = (
    "interface Box<in out T> { value: T }",
    "interface Source<out T> { get(): T }",
    "export type * from 'a';",
    "export type * as names from 'a';",
    "export { a } from 'a' with { type: 'json' };",
    "let a: import('b').C<string>;",
    "for (using a of b) f(a);",
    "class A { static accessor a = 1 }",
    "abstract class A { abstract accessor a: string }",
    "class A { static [key: string]: string }",
    "class A { @(decorators[0]) a = 1 }",
    "let using = 1; using = 2;",
    "import defer * as a from 'a';",
)


def source(text: str | bytes, path: str = "case.js") -> SourceFile:
    language = language_of(path)
    assert language is not None
    return SourceFile(path, text.encode() if isinstance(text, str) else text, language)


@pytest.fixture
def without_oxlint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "_binary", lambda: None)


@pytest.fixture
def without_full_parser(without_oxlint: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "_typescript", lambda: None)


def test_the_package_is_installed_and_answers() -> None:
    assert oracle.available()
    assert oracle.version()


@pytest.mark.parametrize("ending", EXTENSIONS)
def test_every_kind_of_file_is_judged(ending: str) -> None:
    good, bad = judge([source("const a = f(1);\n", f"a{ending}"), source("const a = = f(1);\n", f"a{ending}")])
    assert (good.answer, bad.answer) == (Answer.PARSES, Answer.BROKEN)
    assert good.is_certain
    assert bad.is_certain


def test_places_count_the_bytes_of_the_text() -> None:
    text = b"\xef\xbb\xbf#!/usr/bin/env node\r\nconst \xc3\xa9 = 1;\r\nlet b = = 2;\r\n"
    [problem] = judge([source(text)])[0].problems
    assert problem.span == Span(text.index(b"= 2"), text.index(b"= 2") + 1)


def test_an_error_at_the_end_lies_at_the_end() -> None:
    [problem] = judge([source("function f() {")])[0].problems
    assert problem.span == Span(14, 14)
    assert problem.related == (Span(13, 14),)
    assert "}" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "let a; let a;",
        "with (a) { b; } var c = 010; delete c;",
        "export const a = 1; with (a) {}",
        "break; a: { continue b; }",
        "class A { constructor() {} constructor() {} #a; #a; }",
    ],
)
def test_a_text_that_parses_is_not_broken_by_what_it_means(text: str) -> None:
    assert judge([source(text)])[0].answer is Answer.PARSES


def test_files_are_judged_apart_whatever_they_are_called() -> None:
    files = [source("a = = b", "node_modules/a.min.js"), source("f(", "dist/a.js"), source("f()", "dist/a.js")]
    assert [verdict.answer for verdict in judge(files)] == [Answer.BROKEN, Answer.BROKEN, Answer.PARSES]


def test_declaration_files_stay_declaration_files() -> None:
    assert judge([source("export const a: number;\n", "a.d.ts")])[0].answer is Answer.PARSES


@pytest.mark.parametrize("text", GRAMMAR_GAPS)
def test_a_gap_of_the_grammar_is_no_error(text: str) -> None:
    assert judge([source(text, "case.ts")])[0].answer is Answer.PARSES


def test_flow_is_another_language() -> None:
    text = "/**\n * @flow strict\n */\nfunction f(a: ?number): string { return ''; }\n"
    assert judge([source(text)])[0].answer is Answer.UNKNOWN


@pytest.mark.usefixtures("without_full_parser")
@pytest.mark.parametrize("text", GRAMMAR_GAPS)
def test_tree_sitter_alone_does_not_call_its_own_gaps_errors(text: str) -> None:
    assert judge([source(text, "case.ts")])[0].answer is not Answer.BROKEN


@pytest.mark.usefixtures("without_full_parser")
def test_tree_sitter_alone_is_not_certain() -> None:
    verdict = judge([source("if (a = = b) f();")])[0]
    assert verdict.answer is Answer.BROKEN
    assert not verdict.is_certain
    assert not oracle.available()


def test_an_error_away_from_a_gap_is_one() -> None:
    text = "export type * from 'a';\n" + "f();\n" * 100 + "if (a = = b) f();\n"
    assert tree_sitter_verdict(source(text, "case.ts")).answer is Answer.BROKEN


@pytest.mark.usefixtures("without_oxlint")
def test_typescript_is_asked_where_the_project_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 0, b'[[[3, 1, "Expression expected."]], []]')

    monkeypatch.setattr(oracle, "_typescript", lambda: ("node", "typescript"))
    monkeypatch.setattr(subprocess, "run", run)
    bad, good = judge([source("é\U0001d465= = b"), source("a = b")])
    assert bad.parser == "typescript"
    assert bad.problems[0].span == Span(6, 7), "UTF-16 units became bytes"
    assert good.answer is Answer.PARSES


@pytest.mark.parametrize(
    "outcome",
    [
        subprocess.TimeoutExpired("oxlint", 10),
        OSError("no such file"),
        subprocess.CompletedProcess([], -11, b""),
        subprocess.CompletedProcess([], 0, b'{"diagnostics": []}'),
        subprocess.CompletedProcess([], 0, b'{"diagnostics": [{}]}'),
    ],
    ids=["time-out", "not runnable", "crash", "files not read", "another format"],
)
def test_a_parser_that_fails_is_passed_over(
    without_full_parser: None, monkeypatch: pytest.MonkeyPatch, outcome: object
) -> None:
    def run(*_: Any, **__: Any) -> object:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(oracle, "_binary", lambda: "oxlint")
    monkeypatch.setattr(subprocess, "run", run)
    assert [verdict.parser for verdict in judge([source("a = = b"), source("a")])] == ["tree-sitter", "tree-sitter"]


def test_no_text_needs_no_parser() -> None:
    assert judge([]) == []
