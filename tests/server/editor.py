"""An editor: pygls' own client over standard input and output, driven step by step."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

T = TypeVar("T")

DEADLINE = 120.0
"""Seconds for anything to happen: far more than it takes, so that a busy machine fails no test."""

CAPABLE = types.ClientCapabilities(
    general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf16]),
    text_document=types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
            related_information=True,
            tag_support=types.ClientDiagnosticsTagOptions([types.DiagnosticTag.Unnecessary]),
            code_description_support=True,
            data_support=True,
        ),
        code_action=types.CodeActionClientCapabilities(
            resolve_support=types.ClientCodeActionResolveOptions(properties=["edit"])
        ),
    ),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    ),
)


def capable_of(encoding: str) -> types.ClientCapabilities:
    """An editor that can count in this encoding only."""
    general = types.GeneralClientCapabilities(position_encodings=[encoding])
    return types.ClientCapabilities(general=general, text_document=CAPABLE.text_document, workspace=CAPABLE.workspace)


class Editor:
    """Starts a server for a folder. What the server sends on its own is kept in the lists until somebody looks."""

    def __init__(self, folder: Path, capabilities: types.ClientCapabilities = CAPABLE) -> None:
        self.folder = self.initialized_in = folder
        self.published: dict[str, list[types.PublishDiagnosticsParams]] = {}
        self.messages: list[str] = []
        self.logged: list[str] = []
        self.watched: list[str] = []
        self.refreshes = 0
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        self._client = LanguageClient("test", "1")
        self._listen()
        self.initialized = self._run(self._start(capabilities))

    # ------------------------------------------------------------------ life

    async def _start(self, capabilities: types.ClientCapabilities) -> types.InitializeResult:
        settings = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "THEA_"))}
        environment = {**settings, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = (sys.executable, "-m", "thea_hook", "server", "--stdio")
        await self._client.start_io(*command, env=environment, cwd=self.folder)
        folder = types.WorkspaceFolder(self.folder.as_uri(), self.folder.name)
        answer = await self._client.initialize_async(
            types.InitializeParams(capabilities=capabilities, workspace_folders=[folder])
        )
        self._client.initialized(types.InitializedParams())
        return answer

    def _listen(self) -> None:
        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.published.setdefault(params.uri, []).append(params)

        def register(params: types.RegistrationParams) -> None:
            for registration in params.registrations:
                self.watched += [watcher["globPattern"] for watcher in registration.register_options["watchers"]]

        def refresh(_: None) -> None:
            self.refreshes += 1

        def news(listener: Callable[[Any], None]) -> Callable[[Any], None]:
            def heard(params: Any) -> None:
                listener(params)
                self._news.set()

            return heard

        for method, listener in (
            (types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, publish),
            (types.WINDOW_SHOW_MESSAGE, lambda params: self.messages.append(params.message)),
            (types.WINDOW_LOG_MESSAGE, lambda params: self.logged.append(params.message)),
            (types.CLIENT_REGISTER_CAPABILITY, register),
            (types.WORKSPACE_DIAGNOSTIC_REFRESH, refresh),
        ):
            self._client.feature(method)(news(listener))

    def quit(self) -> int:
        """Take leave as the protocol says, and return the exit code of the server."""
        self._run(self._client.shutdown_async(None))
        return self.leave()

    def leave(self) -> int:
        """Tell the server to exit, and return its exit code."""

        async def leave() -> int:
            self._client.exit(None)
            assert self._client._server is not None
            code = await self._client._server.wait()
            await self._client.stop()
            return code

        code = self._run(leave())
        self._loop.close()
        return code

    def _run(self, work: Awaitable[T]) -> T:
        return self._loop.run_until_complete(asyncio.wait_for(work, DEADLINE))

    def wait(self, condition: Callable[[], bool]) -> None:
        """Listen to the server until the condition holds."""

        async def listen() -> None:
            while not condition():
                self._news.clear()
                await self._news.wait()

        self._run(listen())

    @property
    def pid(self) -> int:
        assert self._client._server is not None
        return self._client._server.pid

    def move_to(self, folder: Path) -> None:
        """Forget what was said, and go on with the files of another folder."""
        self.folder = folder
        self.published.clear()
        self.messages.clear()
        self.logged.clear()

    # ------------------------------------------------------------------ documents

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.folder / name).as_uri()

    def open(self, name: str, text: str, *, version: int = 1, language: str = "typescript") -> None:
        item = types.TextDocumentItem(self.uri(name), language, version, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, version: int, *changes: tuple[tuple[int, int], tuple[int, int], str]) -> None:
        """Replace ranges, each in the text that the one before left."""
        events = [
            types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)
            for start, end, text in changes
        ]
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=version)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(document, events))

    def replace(self, name: str, version: int, text: str) -> None:
        """Send the whole text anew."""
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=version)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    def close(self, name: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(name))
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def save(self, name: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(name))
        self._client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def file_changed(self, name: str, kind: types.FileChangeType = types.FileChangeType.Changed) -> None:
        change = types.FileEvent(self.uri(name), kind)
        self._client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))

    # ------------------------------------------------------------------ what was found

    def diagnostics(self, name: str, version: int | None = 1) -> list[types.Diagnostic]:
        """The first diagnostics of a version of the document that come, or have come."""
        uri = self.uri(name)

        def of_version() -> list[types.PublishDiagnosticsParams]:
            return [sent for sent in self.published.get(uri, ()) if sent.version == version]

        self.wait(lambda: bool(of_version()))
        return list(of_version()[0].diagnostics)

    def latest(self, name: str, condition: Callable[[list[types.Diagnostic]], bool]) -> list[types.Diagnostic]:
        """The newest diagnostics of a document as soon as the condition holds for them."""
        uri = self.uri(name)
        self.wait(lambda: uri in self.published and condition(list(self.published[uri][-1].diagnostics)))
        return list(self.published[uri][-1].diagnostics)

    def pull(self, name: str, previous: str | None = None) -> Any:
        document = types.TextDocumentIdentifier(self.uri(name))
        params = types.DocumentDiagnosticParams(document, previous_result_id=previous)
        return self._run(self._client.text_document_diagnostic_async(params))

    def actions(
        self, name: str, start: tuple[int, int], end: tuple[int, int] | None = None, only: list[str] | None = None
    ) -> list[types.CodeAction]:
        where = types.Range(types.Position(*start), types.Position(*(end or start)))
        context = types.CodeActionContext([], only=only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(self.uri(name)), where, context)
        found = self._run(self._client.text_document_code_action_async(params))
        return [action for action in found or () if isinstance(action, types.CodeAction)]

    def resolve(self, action: types.CodeAction) -> types.CodeAction:
        return self._run(self._client.code_action_resolve_async(action))

    def request(self, method: str, params: Any) -> Any:
        """Any request; raises what the server answers with."""
        return self._run(self._client.protocol.send_request_async(method, params))

    def notify(self, method: str, params: Any) -> None:
        self._client.protocol.notify(method, params)

    def send(self, raw: bytes) -> None:
        """Bytes as they are, where the next message would begin."""
        assert self._client._server is not None
        assert self._client._server.stdin is not None
        self._client._server.stdin.write(raw)


def rules(diagnostics: list[types.Diagnostic]) -> list[Any]:
    return [diagnostic.code for diagnostic in diagnostics]


def place(diagnostic: types.Diagnostic) -> tuple[int, int, int, int]:
    """Line and character of start and end."""
    start, end = diagnostic.range.start, diagnostic.range.end
    return start.line, start.character, end.line, end.character


def edits_of(action: types.CodeAction) -> list[types.TextEdit]:
    """The edits of an action that has some in one document."""
    assert action.edit is not None
    if action.edit.document_changes:
        (change,) = action.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        return [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
    ((_, edits),) = (action.edit.changes or {}).items()
    return list(edits)


def applied(text: str, edits: list[types.TextEdit], encoding: str = "utf-16-le", width: int = 2) -> str:
    """The text after the edits, as an editor that counts in units of this encoding makes them: the last one first."""
    lines = [line.encode(encoding) for line in text.split("\n")]
    for edit in reversed(edits):
        start, end = edit.range.start, edit.range.end
        before = lines[start.line][: width * start.character]
        after = lines[end.line][width * end.character :]
        inserted = (before + edit.new_text.encode(encoding) + after).decode(encoding)
        lines[start.line : end.line + 1] = [line.encode(encoding) for line in inserted.split("\n")]
    return "\n".join(line.decode(encoding) for line in lines)
