"""The port of the runner, by cases taken from its rules: what the other tests believe must be right."""

from __future__ import annotations

import pytest
import runner_files
from runner_commands import COMMANDS, Log, check_range, make_relative, parse
from runner_expressions import ExpressionError, condition, evaluate, interpolate


@pytest.mark.parametrize(
    "line, name, properties, data",
    [
        ("::error file=a.js,line=3::m", "error", {"file": "a.js", "line": "3"}, "m"),
        ("  ::warning::m", "warning", {}, "m"),
        ("::notice title=a%3Ab%2Cc::1%25 %0A%0D", "notice", {"title": "a:b,c"}, "1% \n\r"),
        ("::error file=%250A::%250A", "error", {"file": "%0A"}, "%0A"),
        ("::error a=b=c,,d,=e::m", "error", {"a": "b=c"}, "m"),
        ("text ##[add-mask]x", "add-mask", {}, "x"),
        ("##[error file=a%3Bb;line=1]x%5D", "error", {"file": "a;b", "line": "1"}, "x]"),
        ("::error::a ::add-mask::b", "error", {}, "a ::add-mask::b"),
    ],
)
def test_commands_are_read(line: str, name: str, properties: dict[str, str], data: str) -> None:
    assert parse(line, COMMANDS) == (name, properties, data)


@pytest.mark.parametrize("line", ["x ::error::m", "::unknown::m", "::error", "##[unknown]x", "# #[error]", ""])
def test_other_lines_are_not_commands(line: str) -> None:
    assert parse(line, COMMANDS) is None


@pytest.mark.parametrize(
    "given, kept",
    [
        ("line=1 endLine=1 col=2 endColumn=3", "line=1 endLine=1 col=2 endColumn=3"),
        ("line=1 endLine=2 col=2 endColumn=3", "line=1 endLine=2"),
        ("line=2 endLine=1", ""),
        ("line=1 col=5 endColumn=3", "line=1"),
        ("col=2", ""),
        ("endLine=4", "line=4 endLine=4"),
        ("line=1 endColumn=4", "line=1 col=4 endColumn=4"),
    ],
)
def test_lines_and_columns_are_dropped_as_the_runner_does(given: str, kept: str) -> None:
    def pairs(text: str) -> dict[str, str]:
        return dict(pair.split("=") for pair in text.split())

    assert check_range(pairs(given)) == pairs(kept)


def test_ten_of_a_kind_are_shown_and_long_messages_cut() -> None:
    log = Log("/work")
    log.read("::error::e\n" * 12 + f"::warning::{'w' * 5000}\n")
    assert [note.kind for note in log.annotations] == ["error"] * 10 + ["warning"]
    assert len(log.annotations[-1].message) == 4096


def test_stopped_commands_are_text_until_the_token() -> None:
    log = Log("/work")
    log.read("::stop-commands::tok\n::error::a\n##[add-mask]b\n::other::\n::tok::\n::error::c\n")
    assert [note.message for note in log.annotations] == ["c"]
    assert log.commands == []
    assert "##[add-mask]b" in log.lines


@pytest.mark.parametrize("token", ["", "error", "pause-logging"])
def test_a_token_that_is_a_command_is_refused(token: str) -> None:
    with pytest.raises(AssertionError, match="refuses"):
        Log("/work").read(f"::stop-commands::{token}\n")


@pytest.mark.parametrize(
    "path, folder, windows, relative",
    [
        ("/repo/a/b.js", "/repo/a", False, "b.js"),
        ("src/b.js", "/repo/a", False, "src/b.js"),
        ("/repo/ab.js", "/repo/a", False, "/repo/ab.js"),
        ("D:\\a\\repo\\src\\b.js", "D:\\a\\repo", True, "src/b.js"),
        ("D:/a/repo/src/b.js", "D:\\a\\repo", True, "src/b.js"),
    ],
)
def test_paths_below_the_workspace_become_relative(path: str, folder: str, windows: bool, relative: str) -> None:
    assert make_relative(path, folder, windows) == relative


def test_settings_of_files_are_read() -> None:
    text = "a=1\n\nb<<END\nx=2\n\ny\nEND\nc==<<\n"
    assert list(runner_files.pairs(text)) == [("a", "1"), ("b", "x=2\n\ny"), ("c", "=<<")]


@pytest.mark.parametrize("text", ["nothing\n", "a<<END\n1\n", "<<END\nEND\n"])
def test_settings_that_the_runner_refuses_are_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        list(runner_files.pairs(text))


def test_a_summary_that_is_too_long_is_refused() -> None:
    with pytest.raises(AssertionError, match="drops"):
        runner_files.summary("x" * (1024 * 1024 + 1))


CONTEXTS = {"inputs": {"a": "True", "b-c": ""}, "steps": {"s": {"outputs": {"x": "1"}}}, "status": "failure"}


@pytest.mark.parametrize(
    "expression, value",
    [
        ("inputs.a == 'true'", True),
        ("inputs.b-c", ""),
        ("steps.none.outputs.x != ''", False),
        ("!cancelled() && steps.s.outputs.x == 1", True),
        ("(inputs.b-c || 'it''s') == 'it''s'", True),
        ("always() && false || true", True),
    ],
)
def test_expressions_have_values(expression: str, value: object) -> None:
    assert evaluate(expression, CONTEXTS) == value


def test_conditions_without_a_status_function_need_success() -> None:
    assert not condition("inputs.a == 'true'", CONTEXTS)
    assert condition("${{ !cancelled() && inputs.a == 'true' }}", CONTEXTS)
    assert interpolate("<${{ inputs.a }}|${{ inputs.none }}>", CONTEXTS) == "<True|>"


@pytest.mark.parametrize("expression", ["secrets.x", "hashFiles('x')", "inputs.a ==", "a b", "'open"])
def test_expressions_beyond_the_subset_are_refused(expression: str) -> None:
    with pytest.raises((ExpressionError, IndexError)):
        evaluate(expression, CONTEXTS)
