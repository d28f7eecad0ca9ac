"""What a check can ask about the file it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from thea_hook.core.source import Span
from thea_hook.languages.grammars import Module

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.controlflow import ControlFlow
    from thea_hook.languages.scope import ScopeManager


class Context:
    """One rule looking at one file: the module and what is derived from it, and the rule's options."""

    __slots__ = ("globals", "module", "options")

    def __init__(self, module: Module, options: Mapping[str, Any], globals: Mapping[str, bool]) -> None:
        self.module = module
        self.options = options
        self.globals = globals
        """Global name -> whether it may be assigned, from the configured environments and globals."""

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
