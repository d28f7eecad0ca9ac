"""One editor's session: its documents are checked whenever they change, and it is told what was found."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types

from thea_hook.core.finding import Applicability, Finding
from thea_hook.core.source import SourceFile
from thea_hook.errors import TheaError
from thea_hook.files import Skip
from thea_hook.ruleset.rule import SYNTAX_ERROR
from thea_hook.server import jobs
from thea_hook.server.configurations import Configurations
from thea_hook.server.diagnostics import Abilities, diagnostics_of
from thea_hook.server.documents import Checked, Document, path_of
from thea_hook.server.text import Text
from thea_hook.server.worker import Worker, WorkerError

if TYPE_CHECKING:
    from thea_hook.core.report import FileResult
    from thea_hook.server.protocol import Server
    from thea_hook.settings import Settings

T = TypeVar("T")

TYPING_SECONDS = 0.02
"""How long a document is left alone after a change: a burst of changes is one."""
PAUSE_SECONDS = 0.3
"""How long a broken document must stay as it is before the models look at it: while one types, most are broken."""


class Session:
    """The documents of an editor and what is known about them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._documents: dict[str, Document] = {}
        self._rules = Worker("rules")
        self._models = Worker("models")
        self._configurations = Configurations(self._folders)
        self._said: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.abilities = Abilities()
        self.pulls = False
        """Whether the editor asks for diagnostics itself; then none are sent unasked."""
        self.can_refresh = False
        """Whether it asks again when it is told to."""

    def start(self, client: types.ClientCapabilities) -> None:
        """Take up what the editor can do, and get the first process ready while the editor opens its files."""
        self.abilities = Abilities.of(client)
        text, workspace = client.text_document, client.workspace
        self.pulls = text is not None and text.diagnostic is not None
        pulled = workspace.diagnostics if workspace is not None else None
        self.can_refresh = pulled is not None and bool(pulled.refresh_support)
        folder = self._folder()
        try:
            settings = self._configurations.of(os.path.join(folder, "start")).project()
        except TheaError:
            return  # said when a document asks for it
        for ending in (".ts", ".tsx", ".js"):  # each grammar by itself: a document that comes meanwhile goes first
            self._rules.submit(jobs.warm_up, _without_models(settings), ending)

    def close(self) -> None:
        """End the processes."""
        self._rules.close()
        self._models.close()

    # -------------------------------------------------------------- documents

    def open(self, item: types.TextDocumentItem) -> None:
        path = path_of(item.uri, item.language_id, self._folder())
        if path is None:
            return
        if item.uri in self._documents:
            self._drop(item.uri)
        encoding = types.PositionEncodingKind(self._server.workspace.position_encoding)
        text = Text.of(item.text, encoding.value)
        document = self._documents[item.uri] = Document(item.uri, path, item.version, text)
        self._check(document)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.document(params.text_document.uri)
        if document is not None:
            document.change(params.text_document.version, params.content_changes)
            self._check(document)

    def close_document(self, uri: str) -> None:
        if self._drop(uri) and not self.pulls:
            self._send(uri, None, [])

    def document(self, uri: str) -> Document | None:
        """The open document, None for one that is not ours to check."""
        return self._documents.get(uri)

    def reload(self) -> None:
        """Read the configuration anew and check everything by it."""
        self._configurations.forget()
        self._said.clear()
        for document in self._documents.values():
            self._check(document)
        self._ask_to_pull()

    def _drop(self, uri: str) -> bool:
        document = self._documents.pop(uri, None)
        if document is None:
            return False
        _cancel(document)
        return True

    def _folders(self) -> list[str]:
        from pygls.uris import to_fs_path

        folders = [to_fs_path(folder.uri) for folder in self._server.workspace.folders.values()]
        root = self._server.workspace.root_path
        return [folder for folder in (*folders, None if folders else root) if folder]

    def _folder(self) -> str:
        return next(iter(self._folders()), os.getcwd())

    # -------------------------------------------------------------- checks

    def _check(self, document: Document) -> None:
        """Begin to check the document as it is now; whatever was under way is out of date."""
        _cancel(document)
        document.check = self._spawn(document, self._checked(document))

    async def _checked(self, document: Document) -> None:
        await asyncio.sleep(TYPING_SECONDS)
        text, version = document.text, document.version
        file, settings = self._configurations.source(document.path, text.content)
        if isinstance(file, Skip):
            self._found(document, Checked(text, version, file, ()))
            return
        result = await _answer(self._rules.submit(jobs.check, jobs.task_of(file, _without_models(settings))))
        self._found(document, Checked(text, version, file, result.findings))
        self._log_error(result)
        if settings.models != ("none",) and is_broken(result.findings):
            document.mending = self._spawn(document, self._mended(document, text, version, file, settings))

    async def _mended(self, document: Document, text: Text, version: int, file: SourceFile, settings: Settings) -> None:
        """The second answer about a text that does not parse: with what the models make of it."""
        await asyncio.sleep(PAUSE_SECONDS)
        result = await _answer(self._models.submit(jobs.check, jobs.task_of(file, settings)))
        self._found(document, Checked(text, version, file, result.findings))
        self._log_error(result)
        self._ask_to_pull()

    def _found(self, document: Document, checked: Checked) -> None:
        document.checked = checked
        if not self.pulls:
            self._send(document.uri, checked.version, diagnostics_of(checked, document.uri, self.abilities))

    async def answer(self, document: Document, *, final: bool) -> Checked | None:
        """What is known about the text as it is when that is known; None where it could not be checked.

        ``final``: also what the models say, where they are asked.
        """
        while True:
            under_way = [document.check, document.mending if final else None]
            waiting = [task for task in under_way if task is not None and not task.done()]
            if not waiting:
                checked = document.checked
                return checked if checked is not None and checked.version == document.version else None
            await asyncio.wait(waiting)

    async def fixed(self, document: Document, checked: Checked) -> bytes:
        """The text after all safe fixes, by the fixer of ``--fix``."""
        if not isinstance(checked.file, SourceFile):
            return checked.text.content
        _, settings = self._configurations.source(document.path, checked.text.content)
        task = jobs.task_of(checked.file, settings, fix=Applicability.SAFE)
        # rules alone need not wait for a process that has the models in work
        worker = self._models if is_broken(checked.findings) else self._rules
        result = await _answer(worker.submit(jobs.check, task))
        return checked.text.content if result.patch is None else result.patch.after

    async def silencing(self, checked: Checked, findings: list[Finding]) -> Any:
        """For each finding the edit that silences its rule on its line, or None."""
        return await _answer(self._rules.submit(jobs.silence, checked.file, findings))

    def _spawn(self, document: Document, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._guarded(document, work))
        self._tasks.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, document: Document, work: Coroutine[Any, Any, None]) -> None:
        """One document's trouble is told, and is not the end of the server."""
        try:
            await work
            return
        except WorkerError as exc:
            self._log(types.MessageType.Warning, f"{document.path}: {exc}")
        except TheaError as exc:
            self._say_once(str(exc))
        except Exception as exc:
            self._log(types.MessageType.Error, f"internal error, please report it: {type(exc).__name__}: {exc}")
        if (document.checked is None or document.checked.version != document.version) and not self.pulls:
            self._send(document.uri, document.version, [])  # nothing is known about it, so nothing stays

    # -------------------------------------------------------------- what the editor is told

    def _send(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def _ask_to_pull(self) -> None:
        if self.pulls and self.can_refresh:
            self._server.workspace_diagnostic_refresh(None)

    def _say_once(self, text: str) -> None:
        """Show a message that concerns every file alike, until the configuration changes."""
        if text not in self._said:
            self._said.add(text)
            message = types.ShowMessageParams(types.MessageType.Error, f"thea-hook: {text}")
            self._server.window_show_message(message)

    def _log_error(self, result: FileResult) -> None:
        if result.error is not None:
            self._log(types.MessageType.Error, f"{result.path}: {result.error.message}")

    def _log(self, kind: types.MessageType, text: str) -> None:
        self._server.window_log_message(types.LogMessageParams(kind, text))


def is_broken(findings: tuple[Finding, ...]) -> bool:
    """Whether some of it does not parse: only then do models have something to say."""
    return any(finding.rule_id == SYNTAX_ERROR for finding in findings)


def _without_models(settings: Settings) -> Settings:
    return settings._replace(models=("none",))


def _cancel(document: Document) -> None:
    for task in (document.check, document.mending):
        if task is not None:
            task.cancel()
    document.check = document.mending = None


async def _answer(future: Future[T]) -> T:
    """The answer of a worker. When the task that waits for it is cancelled, so is the job."""
    return await asyncio.wrap_future(future)
