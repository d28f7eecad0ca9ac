"""The requests and notifications of the protocol, each with what the session makes of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams

from thea_hook import __version__
from thea_hook.config_file import may_configure
from thea_hook.core.finding import Finding
from thea_hook.core.source import SourceFile, Span
from thea_hook.server import actions
from thea_hook.server.actions import FIX_ALL
from thea_hook.server.configurations import WATCHED
from thea_hook.server.diagnostics import diagnostics_of
from thea_hook.server.documents import Checked, Document
from thea_hook.server.protocol import Protocol, Server
from thea_hook.server.session import Session
from thea_hook.server.text import Text

MOST_SILENCED = 8
"""For so many findings at once the editor is offered to silence them: each has its comment tried on the text."""


def create() -> tuple[Server, Session, Features]:
    """A server that is ready to be started, its session, and its features."""
    server = Server("thea-hook", __version__, protocol_cls=Protocol)
    session = Session(server)
    return server, session, Features(server, session)


class Features:
    """What the server answers to."""

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._session = session
        self._can_resolve = False
        self._has_versions = False
        self.was_shut_down = False
        """Whether the editor took its leave before it left."""
        code_actions = types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL], resolve_provider=True
        )
        diagnostics = types.DiagnosticOptions(
            inter_file_dependencies=False, workspace_diagnostics=False, identifier="thea-hook"
        )
        for name, handler, options in (
            (types.INITIALIZE, self._initialize, None),
            (types.INITIALIZED, self._initialized, None),
            (types.SHUTDOWN, self._shut_down, None),
            (types.TEXT_DOCUMENT_DID_OPEN, self._opened, None),
            (types.TEXT_DOCUMENT_DID_CHANGE, self._changed, None),
            (types.TEXT_DOCUMENT_DID_SAVE, self._saved, types.SaveOptions(include_text=False)),
            (types.TEXT_DOCUMENT_DID_CLOSE, self._closed, None),
            (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._files_changed, None),
            (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._folders_changed, None),
            (types.TEXT_DOCUMENT_DIAGNOSTIC, self._diagnostics, diagnostics),
            (types.TEXT_DOCUMENT_CODE_ACTION, self._code_actions, code_actions),
            (types.CODE_ACTION_RESOLVE, self._resolve, None),
        ):
            server.feature(name, options)(partial(handler))  # pygls writes on what it is given: not on a method

    # -------------------------------------------------------------- life

    def _initialize(self, params: types.InitializeParams) -> None:
        text, workspace = params.capabilities.text_document, params.capabilities.workspace
        actions_of_client = text.code_action if text is not None else None
        resolved = actions_of_client.resolve_support if actions_of_client is not None else None
        self._can_resolve = resolved is not None and "edit" in resolved.properties
        edits = workspace.workspace_edit if workspace is not None else None
        self._has_versions = edits is not None and bool(edits.document_changes)
        self._session.start(params.capabilities)

    def _initialized(self, params: types.InitializedParams) -> None:
        workspace = self._server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is None or not watching.dynamic_registration:
            return  # a configuration file that is saved in the editor is noticed all the same
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in WATCHED])
        registration = types.Registration("configuration", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        self._server.client_register_capability(types.RegistrationParams([registration]))

    def _shut_down(self, params: None) -> None:
        self.was_shut_down = True

    # -------------------------------------------------------------- documents

    def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        self._session.open(params.text_document)

    def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        self._session.change(params)

    def _saved(self, params: types.DidSaveTextDocumentParams) -> None:
        if _may_configure(params.text_document.uri):
            self._session.reload()

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        self._session.close_document(params.text_document.uri)

    def _files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        if any(_may_configure(change.uri) for change in params.changes):
            self._session.reload()

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        self._session.reload()

    # -------------------------------------------------------------- diagnostics

    async def _diagnostics(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        document = self._session.document(params.text_document.uri)
        checked = None
        if document is not None:
            checked = await self._session.answer(document, final=not self._session.can_refresh)
        if document is None or checked is None:
            return types.RelatedFullDocumentDiagnosticReport(items=[])
        name = str(checked.number)
        if params.previous_result_id == name:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=name)
        items = diagnostics_of(checked, document.uri, self._session.abilities)
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=name)

    # -------------------------------------------------------------- actions

    async def _code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        document = self._session.document(params.text_document.uri)
        checked = None if document is None else await self._session.answer(document, final=False)
        if document is None or checked is None or not isinstance(checked.file, SourceFile):
            return []
        offered: list[types.CodeAction] = []
        if actions.is_wanted(types.CodeActionKind.QuickFix.value, params.context.only):
            where = _span(checked.text, params.range)
            offered += await self._quick_fixes(document, checked, actions.touched(checked.findings, where))
        if actions.is_wanted(FIX_ALL, params.context.only) and actions.has_safe_fix(checked.findings):
            data = {"uri": document.uri, "version": checked.version}
            edit = None if self._can_resolve else await self._fix_all(document, checked)
            offered.append(actions.fix_all(data, edit))
        return offered

    async def _quick_fixes(
        self, document: Document, checked: Checked, findings: list[Finding]
    ) -> list[types.CodeAction]:
        shown = diagnostics_of(checked, document.uri, self._session.abilities)
        diagnostics = dict(zip(checked.findings, shown, strict=True))
        offered = [
            actions.quick_fix(finding, diagnostics[finding], self._edit(document.uri, checked, finding.fix.edits))
            for finding in findings
            if finding.fix is not None and finding.fix.edits
        ]
        offered.sort(key=lambda action: not action.is_preferred)
        some = actions.one_a_line(findings, checked.text)[:MOST_SILENCED]
        for finding, edit in zip(some, await self._session.silencing(checked, some), strict=True):
            if edit is not None:
                there = self._edit(document.uri, checked, [edit])
                offered.append(actions.silencing(finding, diagnostics[finding], there))
        return offered

    async def _resolve(self, action: types.CodeAction) -> types.CodeAction:
        """The action with its edit. Fails where the document has changed since it was offered."""
        data: Any = action.data
        uri, version = (data.get("uri"), data.get("version")) if isinstance(data, dict) else (None, None)
        document = self._session.document(uri) if isinstance(uri, str) else None
        if document is None:
            raise JsonRpcInvalidParams("no open document has this action")
        checked = await self._session.answer(document, final=False)
        if checked is None or checked.version != version:
            raise JsonRpcContentModified("the document has changed since this was offered")
        action.edit = await self._fix_all(document, checked)
        return action

    async def _fix_all(self, document: Document, checked: Checked) -> types.WorkspaceEdit:
        after = await self._session.fixed(document, checked)
        return self._edit(document.uri, checked, actions.edits_to(checked.text.content, after))

    def _edit(self, uri: str, checked: Checked, edits: Any) -> types.WorkspaceEdit:
        """The edits of a version of the document: an editor that knows versions refuses them for any other."""
        made = actions.text_edits(checked.text, edits)
        if not self._has_versions:
            return types.WorkspaceEdit(changes={uri: made})
        document = types.OptionalVersionedTextDocumentIdentifier(uri, checked.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, made)])


def _may_configure(uri: str) -> bool:
    return may_configure(uri.rpartition("/")[2])


def _span(text: Text, where: types.Range) -> Span:
    start = text.offset(where.start.line, where.start.character)
    end = text.offset(where.end.line, where.end.character)
    return Span(min(start, end), max(start, end))
