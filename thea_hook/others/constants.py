"""What `let` for `var` leads to where only some names of a declaration are constant: no linter splits it by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.difference import edits_between

if TYPE_CHECKING:
    from thea_hook.settings import Settings


def with_constants(file: SourceFile, declaration: Span, edits: Sequence[Edit], settings: Settings) -> tuple[Edit, ...]:
    """The edits, and what our own `prefer-const` then does to the declaration; nothing where it does nothing."""
    from thea_hook.checking import checker_for

    if b"," not in file.text[slice(*declaration)] or any(not _holds(declaration, edit.span) for edit in edits):
        return ()
    changed = file._replace(text=apply_edits(file.text, edits))
    end = declaration.end + len(changed.text) - len(file.text)
    only = settings._replace(
        select=("prefer-const",), extend_select=(), ignore=(), extend_ignore=(), fixable=("all",), unfixable=()
    )
    for finding in checker_for(only).check(changed).findings:
        fix = finding.fix
        if fix is not None and all(_holds(Span(declaration.start, end), edit.span) for edit in fix.edits):
            return tuple(edits_between(file.text, apply_edits(changed.text, fix.edits), file.language))
    return ()


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
