"""What is kept otherwise than pygls keeps it: the text of documents, and what becomes of a message nobody can read."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method


class Protocol(LanguageServerProtocol):
    """The protocol with documents in the hands of the server.

    The workspace of pygls splits lines where Python does, at form feeds and U+2028 too, and takes a position behind the
    end of a line for one before its last character. Every position after such a place would be wrong, so the three
    notifications about text go to our handlers alone.
    """

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Any:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Any:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Any:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    def structure_message(self, data: dict[str, Any]) -> Any:
        """The message as a value. One that cannot be read is answered where it asked something: nobody waits for ever.

        Raises JsonRpcException.
        """
        try:
            return super().structure_message(data)
        except JsonRpcException as exc:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=exc.to_response_error())
            raise


class Server(LanguageServer):
    """The server with our protocol. What a broken message or a bug leads to goes to the log: a person who types can do
    nothing about it, so it does not pop up."""

    def report_server_error(self, error: Exception, source: Any) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"{type(error).__name__}: {error}"))
