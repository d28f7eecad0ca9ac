"""What a check can ask about the file it looks at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from thea_hook.core.source import Span
from thea_hook.languages.grammars import Module

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.controlflow import ControlFlow
    from thea_hook.languages.scope import ScopeManager


class FileGlobals:
    """The names that exist in a file without being declared there."""

    def __init__(self, module: Module, configured: Mapping[str, bool], assumed: Collection[str]) -> None:
        self._module = module
        self._configured = configured
        self.assumed = assumed
        """Names that may exist, as nobody said where the code runs."""

    @cached_property
    def known(self) -> Mapping[str, bool]:
        """Name -> whether it may be assigned: also what ``global`` comments declare."""
        comments = (entry for entry in self._module.scopes.global_comments if entry.kind == "global")
        return {**self.provided, **{entry.name: entry.writable for entry in comments}}

    @cached_property
    def provided(self) -> Mapping[str, bool]:
        """The names of the environment: configured, of CommonJS in a .cjs file, and of ``env`` comments."""
        known = dict(self._configured)
        if self._module.kind == "commonjs":
            from thea_hook.languages.environments import globals_for

            known.update(globals_for(("commonjs",)))
        for comment in self._module.scopes.global_comments:
            if comment.kind == "env":
                from thea_hook.languages.environments import globals_for

                known.update(globals_for((comment.name,)))
        return known


class Context:
    """One rule looking at one file: the module and what is derived from it, and the rule's options."""

    __slots__ = ("_file_globals", "module", "options")

    def __init__(self, module: Module, options: Mapping[str, Any], file_globals: FileGlobals) -> None:
        self.module = module
        self.options = options
        self._file_globals = file_globals

    @property
    def globals(self) -> Mapping[str, bool]:
        """Global name -> whether it may be assigned."""
        return self._file_globals.known

    @property
    def environment_globals(self) -> Mapping[str, bool]:
        """The same without what ``global`` comments declare."""
        return self._file_globals.provided

    def is_known_name(self, name: str) -> bool:
        """Whether a name that the file does not declare can exist where the code runs."""
        return name in self._file_globals.known or name in self._file_globals.assumed

    @property
    def text(self) -> bytes:
        return self.module.text

    @property
    def is_typescript(self) -> bool:
        return self.module.language != "javascript"

    @property
    def scopes(self) -> ScopeManager:
        return self.module.scopes

    def flow(self, node: Node) -> ControlFlow:
        return self.module.flow(node)

    def slice(self, start: int, end: int) -> str:
        """The text between two byte offsets."""
        return self.text[start:end].decode("utf-8", "surrogateescape")

    def comments_in(self, span: Span) -> list[Node]:
        """The comments that begin inside a span."""
        from bisect import bisect_left

        comments = self.module.comments
        first = bisect_left(comments, span.start, key=lambda comment: comment.start_byte)
        last = bisect_left(comments, span.end, key=lambda comment: comment.start_byte)
        return comments[first:last]

    def has_comment(self, span: Span) -> bool:
        return bool(self.comments_in(span))

    def keeps_comments(self, span: Span, new: str) -> bool:
        """Whether a text has all the comments of the span that it would replace."""
        written = [self.slice(comment.start_byte, comment.end_byte) for comment in self.comments_in(span)]
        return all(new.count(one) >= written.count(one) for one in written)
