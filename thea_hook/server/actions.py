"""What an editor offers to do about findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lsprotocol import types

from thea_hook.core.finding import Applicability, Edit, Finding, Fix
from thea_hook.core.source import Span
from thea_hook.ruleset.rule import SYNTAX_ERROR
from thea_hook.server.diagnostics import range_of
from thea_hook.server.text import Text

FIX_ALL = "source.fixAll.thea-hook"
FIX_ALL_TITLE = "Fix all that thea-hook can fix safely"


def is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether the editor asked for actions of this kind, or of one above it: ``source`` has ``source.fixAll`` in it."""
    return not only or any(not asked or kind == asked or kind.startswith(f"{asked}.") for asked in only)


def touched(findings: Iterable[Finding], where: Span) -> list[Finding]:
    """The findings that the selection or the cursor touches."""
    return [finding for finding in findings if finding.span.start <= where.end and where.start <= finding.span.end]


def has_safe_fix(findings: Iterable[Finding]) -> bool:
    """Whether there is something to fix without asking."""
    return any(finding.fix is not None and finding.fix.applicability is Applicability.SAFE for finding in findings)


def one_a_line(findings: Iterable[Finding], text: Text) -> list[Finding]:
    """The first finding of each rule on each line: one comment silences all of them."""
    places = text.places(finding.span.start for finding in findings)
    first: dict[tuple[str, int], Finding] = {}
    for finding in findings:
        first.setdefault((finding.rule_id, places[finding.span.start].line), finding)
    return list(first.values())


def quick_fix(finding: Finding, diagnostic: types.Diagnostic, edit: types.WorkspaceEdit) -> types.CodeAction:
    """The fix of a finding: preferred where it is safe, else with what speaks against taking it unseen."""
    assert finding.fix is not None
    return types.CodeAction(
        title=_title(finding, finding.fix),
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        is_preferred=finding.fix.applicability is Applicability.SAFE or None,
        edit=edit,
    )


def _title(finding: Finding, fix: Fix) -> str:
    marks = [finding.rule_id]
    if fix.applicability is Applicability.UNSAFE and finding.source == "rules":
        marks.append("unsafe")
    elif fix.applicability is Applicability.DISPLAY:
        marks.append("one of several ways")
    sure = min(fix.confidence, finding.confidence) if finding.rule_id == SYNTAX_ERROR else fix.confidence
    if sure < 1:
        marks.append(f"{int(100 * sure)} % sure")
    return f"{fix.title} ({', '.join(marks)})"


def silencing(finding: Finding, diagnostic: types.Diagnostic, edit: types.WorkspaceEdit) -> types.CodeAction:
    """The comment that silences the rule of a finding on its line."""
    return types.CodeAction(
        title=f"Silence {finding.rule_id} on this line",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=edit,
    )


def fix_all(data: dict[str, Any], edit: types.WorkspaceEdit | None) -> types.CodeAction:
    """All safe fixes at once. Without the edit the editor asks for it when somebody chooses the action."""
    return types.CodeAction(title=FIX_ALL_TITLE, kind=FIX_ALL, edit=edit, data=data)


def text_edits(text: Text, edits: Iterable[Edit]) -> list[types.TextEdit]:
    """Edits of bytes as the editor makes them; those that change nothing left out."""
    real = [edit for edit in edits if text.content[edit.span.start : edit.span.end] != edit.text]
    places = text.places(offset for edit in real for offset in edit.span)
    return [types.TextEdit(range_of(edit.span, places), edit.text.decode("utf-8", "replace")) for edit in real]


def edits_to(before: bytes, after: bytes) -> Iterator[Edit]:
    """The edits that make one text of the other, by lines: cursors and folds stay where nothing changes."""
    from thea_hook.core.diff import changes, split_lines

    old, new = split_lines(before), split_lines(after)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    for change in changes(old, new):
        text = b"".join(new[change.new_start : change.new_end])
        yield Edit(Span(starts[change.old_start], starts[change.old_end]), text)
