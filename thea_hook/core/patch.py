"""Edits applied to bytes, and the unified diff between two versions of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from thea_hook.core.finding import Edit, Finding


def apply_edits(text: bytes, edits: Iterable[Edit]) -> bytes:
    """The text with all edits made. They must not overlap; insertions at one place keep their order.

    Raises ValueError where two edits overlap or one lies outside the text.
    """
    pieces: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if not position <= edit.span.start <= edit.span.end <= len(text):
            raise ValueError(f"edit {edit.span} overlaps an earlier one or lies outside the text")
        pieces += (text[position : edit.span.start], edit.text)
        position = edit.span.end
    pieces.append(text[position:])
    return b"".join(pieces)


class Patch(NamedTuple):
    """A file before and after its fixes."""

    path: str
    before: bytes
    after: bytes

    def unified_diff(self, context: int = 3) -> bytes:
        """A diff that ``git apply`` accepts; empty where nothing changed."""
        from thea_hook.core.diff import unified_diff

        return unified_diff(self.path, self.before, self.after, context=context)


def select_edits(findings: Sequence[Finding]) -> tuple[list[Finding], list[tuple[Finding, str]]]:
    """Those findings whose fixes can be made in one pass, and the others with the reason.

    The order is that of the text; a fix that touches or overlaps an earlier one waits for the next pass (ESLint's
    rule: two fixes that meet may each be right and together be wrong). Only what one rule deletes may touch, or
    ``x!!!!`` would take a pass for each mark.
    """
    chosen: list[Finding] = []
    skipped: list[tuple[Finding, str]] = []
    last: Finding | None = None
    fixable = [(finding.fix.span, finding) for finding in findings if finding.fix is not None]
    for span, finding in sorted(fixable, key=lambda item: (item[0], item[1].rule_id)):
        if last is not None and last.fix is not None and not _leaves_room(last, finding, last.fix.span.end, span.start):
            skipped.append((finding, "overlaps an earlier fix"))
        else:
            chosen.append(finding)
            last = finding
    return chosen, skipped


def _leaves_room(first: Finding, second: Finding, end: int, start: int) -> bool:
    if start == end:
        return first.rule_id == second.rule_id and _only_deletes(first) and _only_deletes(second)
    return start > end


def _only_deletes(finding: Finding) -> bool:
    return finding.fix is not None and all(not edit.text for edit in finding.fix.edits)
