"""The open documents, as the editor has them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from thea_hook.core.finding import Finding
from thea_hook.core.source import SourceFile, Span
from thea_hook.files import Skip
from thea_hook.server.text import Text

if TYPE_CHECKING:
    import asyncio

    from lsprotocol import types

# What a document that was never saved is called, so that its name says the language.
_ENDINGS = {"javascript": ".js", "javascriptreact": ".jsx", "typescript": ".ts", "typescriptreact": ".tsx"}


@dataclass(frozen=True, eq=False)
class Checked:
    """What was found in one version of a document.

    ``file`` is the text as it was checked, or why it was not. ``number`` is another one for every answer.
    """

    text: Text
    version: int
    file: SourceFile | Skip
    findings: tuple[Finding, ...]
    number: int = field(default_factory=count().__next__)


class Document:
    """One open document: its text now, the newest answer about it, and what is under way to know more."""

    def __init__(self, uri: str, path: str, version: int, text: Text) -> None:
        self.uri = uri
        self.path = path
        self.version = version
        self.text = text
        self.checked: Checked | None = None
        self.check: asyncio.Task[None] | None = None
        self.mending: asyncio.Task[None] | None = None

    def change(self, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> None:
        """Make the changes one after the other, each in the text that the one before left."""
        for change in changes:
            where = getattr(change, "range", None)
            if where is None:
                self.text = Text.of(change.text, self.text.encoding)
            else:
                start = self.text.offset(where.start.line, where.start.character)
                end = self.text.offset(where.end.line, where.end.character)
                self.text = self.text.replaced(Span(min(start, end), max(start, end)), change.text)
        self.version = version


def path_of(uri: str, language: str, folder: str) -> str | None:
    """The absolute path of a document: where it has none yet, one in ``folder`` with the ending of its language.

    None for what is not the user's to edit: the old side of a comparison, a cell of a notebook, the output of a tool.
    """
    from pygls.uris import to_fs_path, uri_scheme

    scheme = uri_scheme(uri)
    if scheme == "file":
        path: str | None = to_fs_path(uri)
        return os.path.abspath(path) if path and "\0" not in path else None
    if scheme == "untitled" and language in _ENDINGS:
        return os.path.join(folder, f"untitled{_ENDINGS[language]}")
    return None
