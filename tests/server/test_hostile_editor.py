"""What no editor should send, and a server that goes on all the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the server needs pygls")

from editor import DEADLINE, Editor, rules
from lsprotocol import types

Start = Callable[..., Editor]

pytestmark = pytest.mark.filterwarnings("ignore:.*iscoroutinefunction:DeprecationWarning")


def message(**content: Any) -> bytes:
    return framed(json.dumps({"jsonrpc": "2.0", **content}).encode())


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def conversation(*messages: bytes) -> tuple[int, list[Any]]:
    """The exit code of a server that is sent these messages and then nothing, and what it says to them."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "thea_hook", "server"]
    done = subprocess.run(
        command, input=b"".join(messages), env=environment, capture_output=True, timeout=DEADLINE, check=False
    )
    assert done.stderr == b""
    return done.returncode, [json.loads(part) for part in re.findall(rb"\r\n\r\n(\{.*?\})(?=Content|$)", done.stdout)]


def lives(editor: Editor, name: str = "alive.ts") -> bool:
    """Whether the server still finds what there is to find."""
    editor.open(name, "var x = 1; f(x);\n")
    return rules(editor.diagnostics(name)) == ["no-var"]


NESTED = b'{"jsonrpc":"2.0","method":"x","params":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "raw",
    [
        framed(b"this is no JSON"),
        framed(b"\xff\xfe{}"),
        framed(b"[]"),
        framed(b"null"),
        framed(b"{}"),
        framed(NESTED),
        framed(b'{"jsonrpc":"1.0","method":"initialized","params":{}}'),
        b"Content-Type: nonsense\r\n" + message(method="unknown/notification", params={"a": 1}),
        b"no header at all\r\n\r\n",
        message(method="textDocument/didOpen", params={"textDocument": 1}),
        message(method="textDocument/didChange", params={}),
        message(
            method="textDocument/didChange",
            params={"textDocument": {"uri": "file:///not/open.ts", "version": 1}, "contentChanges": []},
        ),
        message(method="textDocument/didClose", params={"textDocument": {"uri": "file:///not/open.ts"}}),
        message(method="$/cancelRequest", params={"id": "never asked"}),
        message(id=99, result=None),
        message(id=98, error={"code": 1, "message": "no"}),
    ],
    ids=range(16),
)
def test_a_message_that_makes_no_sense_is_passed_over(editor: Editor, raw: bytes) -> None:
    editor.send(raw)
    assert lives(editor)
    assert editor.messages == []


def test_requests_that_make_no_sense_are_answered_with_errors(project: Path) -> None:
    asked: list[tuple[str, Any, int]] = [
        ("textDocument/codeAction", {"textDocument": {"uri": 7}}, -32602),
        ("textDocument/diagnostic", None, -32602),
        ("no/suchRequest", {}, -32601),
        ("codeAction/resolve", {"title": "x", "data": {"uri": "file:///not/open.ts", "version": 1}}, -32602),
        ("codeAction/resolve", {"title": "x", "data": [1]}, -32602),
        ("workspace/executeCommand", {"command": "rm"}, -32602),
    ]
    code, answers = conversation(
        message(id=0, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}}),
        *(message(id=number, method=method, params=params) for number, (method, params, _) in enumerate(asked, 1)),
        message(id=90, method="shutdown"),
        message(method="exit"),
    )
    errors = {answer["id"]: answer["error"]["code"] for answer in answers if "error" in answer}
    assert errors == {number: code for number, (_, _, code) in enumerate(asked, 1)}
    assert code == 0


@pytest.mark.parametrize(
    "uri",
    [
        "file:///a%00b.ts", "file://host/share/a.ts", "git:/a.ts?ref=HEAD", "output:x.ts", "http://[/a.ts", "a.ts",
        "", "untitled:a.ts\n", "file:///" + "x/" * 5_000 + "a.ts", "vscode-notebook-cell:/a.ipynb#1",
    ],
)  # fmt: skip
def test_documents_with_strange_names_do_no_harm(editor: Editor, uri: str) -> None:
    item = types.TextDocumentItem(uri, "typescript", 1, "var x = 1; f(x);\n")
    editor.notify(types.TEXT_DOCUMENT_DID_OPEN, types.DidOpenTextDocumentParams(item))
    assert lives(editor)


@pytest.mark.parametrize(
    "text",
    [
        "\0", "\ud800 var x = 1;", "(" * 20_000, "x" * 2_000_000, "`${" * 3_000, "a\n" * 30_000,
        "<<<<<<< a\n=======\n>>>>>>> b\n" * 200, "\u2028" * 1_000 + "var x = 1;", "/" + "[" * 5_000,
    ],
    ids=range(9),
)  # fmt: skip
def test_texts_that_nobody_writes_are_answered_for(editor: Editor, text: str) -> None:
    editor.open("a.ts", text)
    editor.diagnostics("a.ts")
    editor.actions("a.ts", (0, 0), (2**31 - 1, 2**31 - 1))
    assert lives(editor)


def test_ranges_outside_of_the_text_mean_its_ends(editor: Editor) -> None:
    most = 2**31 - 1
    editor.open("a.ts", "f();\n")
    editor.change("a.ts", 2, ((0, most), (most, most), "\nvar x = 1;"), ((most, 0), (0, 0), ""))
    assert editor.diagnostics("a.ts", 2) == []  # the second range is the whole text, backwards
    editor.change("a.ts", 3, ((most, most), (most, most), "var x = 1; f(x);"))
    assert rules(editor.diagnostics("a.ts", 3)) == ["no-var"]


def test_a_document_that_is_opened_twice_has_the_second_text(editor: Editor) -> None:
    editor.open("a.ts", "var x = 1; f(x);\n")
    editor.open("a.ts", "f();\n", version=2)
    assert editor.diagnostics("a.ts", 2) == []


def test_many_changes_in_a_row_end_with_an_answer_for_the_last(editor: Editor) -> None:
    editor.open("a.ts", "")
    for version, letter in enumerate("var x = 1; f(x);" * 20, 2):
        editor.change("a.ts", version, ((9_999, 0), (9_999, 0), letter))
    assert set(rules(editor.diagnostics("a.ts", 321))) >= {"no-var"}
    assert len(editor.published[editor.uri("a.ts")]) < 321


def test_an_exit_without_leave_is_a_failure(project: Path) -> None:
    assert Editor(project).leave() == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", 1),
        (message(method="exit"), 1),
        (message(id=1, method="shutdown") + message(method="exit"), 0),
        (message(id=1, method="textDocument/diagnostic", params={"textDocument": {"uri": "file:///a.ts"}}), 1),
        (b"Content-Length: 99999\r\n\r\n{", 1),
    ],
)
def test_a_server_that_was_never_initialised_ends_all_the_same(project: Path, sent: bytes, code: int) -> None:
    assert conversation(sent)[0] == code


def test_a_server_whose_editor_is_gone_before_its_first_process_is_there_says_nothing(project: Path) -> None:
    code, answers = conversation(
        message(id=0, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    )
    assert (code, [answer["id"] for answer in answers]) == (1, [0])


def test_a_check_that_kills_its_process_is_not_the_end(start: Start) -> None:
    editor = start()
    assert lives(editor, "before.ts")
    children = Path(f"/proc/{editor.pid}/task/{editor.pid}/children")
    if not children.exists():
        pytest.skip("needs /proc to find the process")
    for child in children.read_text().split():
        os.kill(int(child), 9)
    editor.open("a.ts", "var x = 1; f(x);\n")
    editor.diagnostics("a.ts")
    assert lives(editor, "after.ts")
