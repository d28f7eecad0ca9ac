"""What the server finds and offers, asked by a real client over standard input and output."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("pygls", reason="the server needs pygls")

from editor import Editor, applied, capable_of, edits_of, place, rules
from lsprotocol import types

Start = Callable[..., Editor]

# pygls asks asyncio what inspect should be asked from Python 3.14 on
pytestmark = pytest.mark.filterwarnings("ignore:.*iscoroutinefunction:DeprecationWarning")

FIX_ALL = "source.fixAll.thea-hook"


def titles(actions: list[types.CodeAction]) -> list[str]:
    return [action.title for action in actions]


def titled(actions: list[types.CodeAction], beginning: str) -> types.CodeAction:
    return next(action for action in actions if action.title.startswith(beginning))


# ------------------------------------------------------------------ diagnostics


def test_a_diagnostic_says_what_where_why_and_how_sure(editor: Editor) -> None:
    editor.open("a.ts", "const unused = 1;\nlet value = 2;\nf(value);\n")
    unused, constant = editor.diagnostics("a.ts")
    assert (unused.code, place(unused)) == ("no-unused-vars", (0, 6, 0, 12))
    assert unused.tags == (types.DiagnosticTag.Unnecessary,)
    assert (constant.code, place(constant), constant.tags) == ("prefer-const", (1, 4, 1, 9), None)
    assert (constant.source, constant.severity) == ("thea-hook", types.DiagnosticSeverity.Warning)
    assert constant.code_description is not None
    assert constant.code_description.href.endswith("/rules/style/prefer-const.yaml")
    assert constant.data == {"confidence": 1.0, "source": "rules", "fix": "safe"}


def test_typing_is_followed_where_units_and_bytes_and_characters_differ(editor: Editor) -> None:
    editor.open("a.ts", 'g("👍é", 1);\r\n\r\n')
    assert editor.diagnostics("a.ts") == []
    # behind the emoji, which counts two; then in the line that the first change made
    editor.change("a.ts", 2, ((0, 6), (0, 6), "👩‍👩"), ((1, 0), (1, 0), 'f("👍"); var x = 1; f(x);'))
    (found,) = editor.diagnostics("a.ts", 2)
    assert (found.code, place(found)) == ("no-var", (1, 9, 1, 19))


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 11), ("utf-16", 9), ("utf-32", 8)])
def test_positions_are_in_the_encoding_that_was_agreed_on(start: Start, encoding: str, column: int) -> None:
    editor = start(capabilities=capable_of(encoding))
    assert editor.initialized.capabilities.position_encoding == encoding
    editor.open("a.ts", 'f("👍"); var x = 1; f(x);')
    (found,) = editor.diagnostics("a.ts")
    assert place(found) == (0, column, 0, column + 10)
    editor.change("a.ts", 2, ((0, column), (0, column + 3), "let"))
    assert rules(editor.diagnostics("a.ts", 2)) == ["prefer-const"]


def test_lines_end_where_the_protocol_says_and_a_byte_order_mark_counts(editor: Editor) -> None:
    editor.open("a.ts", "\ufefff('\u2028\x0c\u0085');\rvar x = 1;\r\nf(x);\n")
    (found,) = editor.diagnostics("a.ts")
    assert place(found) == (1, 0, 1, 10)
    editor.replace("a.ts", 2, "\ufeffvar x = 1; f(x);")
    (found,) = editor.diagnostics("a.ts", 2)
    assert place(found) == (0, 1, 0, 11)


def test_of_two_quick_changes_the_last_has_the_last_word(editor: Editor) -> None:
    editor.open("a.ts", "f();\n")
    editor.diagnostics("a.ts")
    editor.change("a.ts", 2, ((0, 0), (0, 0), "var x = 1; f(x);"))
    editor.change("a.ts", 3, ((0, 0), (0, 3), "const"))
    assert editor.diagnostics("a.ts", 3) == []
    editor.replace("a.ts", 4, "")
    editor.diagnostics("a.ts", 4)
    versions = [sent.version for sent in editor.published[editor.uri("a.ts")]]
    assert versions == sorted(versions)
    assert versions.count(3) == 1


def test_an_unsaved_document_is_checked_from_memory(editor: Editor) -> None:
    (editor.folder / "a.ts").write_text("var y = 1; f(y);\n")
    editor.open("a.ts", "f();\n")
    assert editor.diagnostics("a.ts") == []


def test_a_document_that_was_never_saved_is_checked_by_its_language(editor: Editor) -> None:
    editor.open("untitled:Untitled-1", "let x: number = 1; f(x);\n", language="typescript")
    assert rules(editor.diagnostics("untitled:Untitled-1")) == ["prefer-const"]


def test_what_is_closed_has_no_diagnostics(editor: Editor) -> None:
    editor.open("a.ts", "var x = 1; f(x);\n")
    editor.diagnostics("a.ts")
    editor.close("a.ts")
    assert editor.diagnostics("a.ts", None) == []


def test_a_big_file_is_followed(editor: Editor) -> None:
    lines = [f"export const value{number} = f({number});" for number in range(2_000)]
    editor.open("a.ts", "\n".join(lines))
    assert editor.diagnostics("a.ts") == []
    editor.change("a.ts", 2, ((1_500, 7), (1_500, 12), "var"))
    (found,) = editor.diagnostics("a.ts", 2)
    assert place(found) == (1_500, 7, 1_500, 31)


def test_an_editor_that_pulls_gets_nothing_unasked(start: Start) -> None:
    text = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    editor = start(capabilities=types.ClientCapabilities(text_document=text))
    editor.open("a.ts", "var x = 1; f(x);\n")
    report = editor.pull("a.ts")
    assert (report.kind, rules(report.items)) == ("full", ["no-var"])
    assert editor.pull("a.ts", report.result_id).kind == "unchanged"
    editor.change("a.ts", 2, ((0, 0), (0, 3), "const"))
    report = editor.pull("a.ts", report.result_id)
    assert (report.kind, list(report.items)) == ("full", [])
    assert editor.published == {}


# ------------------------------------------------------------------ fixes


def test_a_safe_fix_is_preferred_and_meant_for_one_version(editor: Editor) -> None:
    text = 'f("👍"); var x = 1; f(x);\n'
    editor.open("a.ts", text, version=7)
    action = titled(editor.actions("a.ts", (0, 10)), "Use `let`")
    assert (action.kind, action.is_preferred) == ("quickfix", True)
    assert action.edit is not None
    assert action.edit.document_changes is not None
    assert action.edit.document_changes[0].text_document == types.OptionalVersionedTextDocumentIdentifier(
        editor.uri("a.ts"), 7
    )
    assert applied(text, edits_of(action)) == 'f("👍"); let x = 1; f(x);\n'
    assert rules(action.diagnostics or []) == ["no-var"]


def test_an_unsafe_fix_says_so_and_is_not_preferred(editor: Editor) -> None:
    editor.open("a.ts", "if (x === NaN) f();\n")
    (fix, _) = editor.actions("a.ts", (0, 6))
    assert (fix.title.endswith("(use-isnan, unsafe)"), fix.is_preferred) == (True, None)


def test_only_what_the_cursor_touches_and_the_editor_asked_for_is_offered(editor: Editor) -> None:
    editor.open("a.ts", "var x = 1; f(x);\nvar y = 1; f(y);\n")
    assert len([title for title in titles(editor.actions("a.ts", (0, 1))) if "no-var)" in title]) == 1
    assert editor.actions("a.ts", (0, 1), only=["refactor"]) == []
    kinds = {action.kind for action in editor.actions("a.ts", (0, 1), only=["source"])}
    assert kinds == {FIX_ALL}
    assert {action.kind for action in editor.actions("a.ts", (0, 1), only=["quickfix"])} == {"quickfix"}


def test_fix_all_makes_the_safe_fixes_until_nothing_changes(editor: Editor) -> None:
    text = "var x = 1;;\nf(x);\nvar unused = 1;\n"
    editor.open("a.ts", text)
    (action,) = editor.actions("a.ts", (2, 0), only=["source.fixAll"])
    assert action.edit is None
    assert applied(text, edits_of(editor.resolve(action))) == "const x = 1;\nf(x);\nconst unused = 1;\n"


def test_fix_all_has_its_edit_at_once_for_an_editor_that_cannot_ask_again(start: Start) -> None:
    editor = start(capabilities=types.ClientCapabilities())
    editor.open("a.ts", "var x = 1;\nf(x);\n")
    (action,) = editor.actions("a.ts", (0, 0), only=[FIX_ALL])
    assert applied("var x = 1;\nf(x);\n", edits_of(action)) == "const x = 1;\nf(x);\n"


def test_fix_all_is_refused_for_a_text_that_has_changed(editor: Editor) -> None:
    editor.open("a.ts", "var x = 1; f(x);\n")
    (action,) = editor.actions("a.ts", (0, 0), only=[FIX_ALL])
    editor.change("a.ts", 2, ((0, 0), (0, 0), "\n"))
    with pytest.raises(Exception, match="has changed"):
        editor.resolve(action)


@pytest.mark.parametrize(
    ("text", "at", "silenced"),
    [
        ("{\n  var x = 1; f(x);\n}\n", (1, 3), "{\n  // thea-ignore-next-line no-var\n  var x = 1; f(x);\n}\n"),
        ("f();\r\ndebugger;\r\n", (1, 0), "f();\r\n// thea-ignore-next-line no-debugger\r\ndebugger;\r\n"),
        (
            "// thea-ignore prefer-const: later\nlet x = 1; f(x); debugger;\n", (1, 18),
            "// thea-ignore prefer-const, no-debugger: later\nlet x = 1; f(x); debugger;\n",
        ),
        (
            "// eslint-disable-next-line no-var\nvar x = 1; f(x); debugger;\n", (1, 18),
            "// eslint-disable-next-line no-var\nvar x = 1; f(x); debugger; // thea-ignore no-debugger\n",
        ),
        (
            "f(<ul>\n  {!!!g()}\n</ul>);\n", (1, 4),
            "f(<ul>\n  {/* thea-ignore-next-line no-extra-boolean-cast */}\n  {!!!g()}\n</ul>);\n",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_silenced_where_a_comment_can_stand(
    editor: Editor, text: str, at: tuple[int, int], silenced: str
) -> None:
    editor.open("a.tsx", text, language="typescriptreact")
    action = titled(editor.actions("a.tsx", at), "Silence")
    assert applied(text, edits_of(action)) == silenced
    before = rules(editor.diagnostics("a.tsx"))
    editor.replace("a.tsx", 2, silenced)
    gone = set(before) - set(rules(editor.diagnostics("a.tsx", 2)))
    assert gone == {str(action.title.split()[1])}


def test_nothing_is_offered_where_no_comment_can_silence(editor: Editor) -> None:
    editor.open("a.ts", "f(`\n${!!!g()}\n`);\nh(;\n")
    assert not [title for title in titles(editor.actions("a.ts", (0, 0), (4, 0))) if title.startswith("Silence")]


def test_a_syntax_error_comes_with_a_repair(editor: Editor) -> None:
    text = "if (a = = b) {\n  f();\n}\n"
    editor.open("a.ts", text)
    assert "syntax-error" in rules(editor.diagnostics("a.ts"))
    action = titled(editor.actions("a.ts", (0, 6), (0, 10)), "Write `==`")
    assert applied(text, edits_of(action)) == "if (a == b) {\n  f();\n}\n"


def test_the_models_say_what_they_know_when_nobody_types(editor: Editor) -> None:
    text = "const [query, setQuery] = useState('';\nf(query, setQuery);\n"
    editor.open("a.ts", text)
    editor.latest("a.ts", lambda found: any(d.data["source"] == "ml:tagger" for d in found))
    action = titled(editor.actions("a.ts", (0, 0), (1, 0)), "Insert `)`")
    assert "% sure)" in action.title or action.is_preferred
    assert applied(text, edits_of(action)) == text.replace("'';", "'');")


# ------------------------------------------------------------------ configuration


def test_the_configuration_of_a_file_is_honoured_and_read_again(editor: Editor) -> None:
    (editor.folder / "thea-hook.toml").write_text('ignore = ["no-var"]\n')
    editor.open("a.ts", "var x = 1; f(x);\n")
    assert editor.diagnostics("a.ts") == []
    (editor.folder / "thea-hook.toml").write_text('[rules.no-var]\nseverity = "warning"\n')
    assert "**/*.toml" in editor.watched
    editor.file_changed("thea-hook.toml")
    (found,) = editor.latest("a.ts", lambda found: found != [])
    assert (found.code, found.severity) == ("no-var", types.DiagnosticSeverity.Warning)
    (editor.folder / "thea-hook.toml").write_text('ignore = ["no-var"]\n')
    editor.save("thea-hook.toml")
    assert editor.latest("a.ts", lambda found: found == []) == []


def test_a_mistake_in_the_configuration_is_said_once_with_its_place(editor: Editor) -> None:
    (editor.folder / "thea-hook.toml").write_text('ignore = [\n  "no-vra",\n]\n')
    editor.open("a.ts", "var x = 1; f(x);\n")
    editor.open("b.ts", "var x = 1; f(x);\n")
    assert [editor.diagnostics(name) for name in ("a.ts", "b.ts")] == [[], []]
    (message,) = editor.messages
    assert f"{editor.folder / 'thea-hook.toml'}:2: " in message
    assert "Did you mean `no-var`?" in message


def test_excluded_generated_and_foreign_files_have_no_diagnostics(editor: Editor) -> None:
    (editor.folder / "thea-hook.toml").write_text('extend-exclude = ["old/"]\n')
    for name in ("old/a.ts", "node_modules/a.ts", "notes.md"):
        editor.open(name, "var x = 1; f(x);\n")
    editor.open("made.ts", "// @generated\nvar x = 1; f(x);\n")
    editor.open("a.ts", "var x = 1; f(x);\n")
    assert rules(editor.diagnostics("a.ts")) == ["no-var"]
    for name in ("old/a.ts", "node_modules/a.ts", "notes.md", "made.ts"):
        assert editor.diagnostics(name) == []
        assert editor.actions(name, (0, 0)) == []


def test_folders_come_and_go(start: Start) -> None:
    editor = start()
    inner = editor.folder / "inner"
    inner.mkdir()
    (inner / ".git").mkdir()
    folder = types.WorkspaceFolder(inner.as_uri(), "inner")
    editor.open("inner/a.ts", "var x = 1; f(x);\n")
    assert rules(editor.diagnostics("inner/a.ts")) == ["no-var"]
    for added, removed in (([folder], []), ([], [folder])):
        seen = len(editor.published[editor.uri("inner/a.ts")])
        event = types.WorkspaceFoldersChangeEvent(added=added, removed=removed)
        editor.notify(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, types.DidChangeWorkspaceFoldersParams(event))
        editor.wait(lambda seen=seen: len(editor.published[editor.uri("inner/a.ts")]) > seen)
        assert rules(list(editor.published[editor.uri("inner/a.ts")][-1].diagnostics)) == ["no-var"]


def test_a_capable_editor_is_told_to_ask_again_after_a_change_of_the_configuration(start: Start) -> None:
    text = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    workspace = types.WorkspaceClientCapabilities(
        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    )
    editor = start(capabilities=types.ClientCapabilities(text_document=text, workspace=workspace))
    editor.open("a.ts", "var x = 1; f(x);\n")
    assert rules(editor.pull("a.ts").items) == ["no-var"]
    (editor.folder / "thea-hook.toml").write_text('ignore = ["no-var"]\n')
    editor.save("thea-hook.toml")
    editor.wait(lambda: editor.refreshes == 1)
    assert list(editor.pull("a.ts").items) == []
