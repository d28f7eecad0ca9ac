"""The comment that silences a finding, put where it works."""

from __future__ import annotations

import re
from collections.abc import Iterator

from thea_hook.core.finding import Edit, Finding
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import BOM, SourceFile, Span
from thea_hook.languages.grammars import Module, module_of
from thea_hook.ruleset.rule import SYNTAX_ERROR, UNUSED_SUPPRESSION
from thea_hook.ruleset.suppress import Suppression, end_of_rules, suppressions_of

_INDENT = re.compile(rb"[ \t]*")


def silencing_edit(file: SourceFile, finding: Finding) -> Edit | None:
    """The edit that makes a comment silence the finding's rule on its line, or None where no comment can.

    Whether a comment can stand in a place (it cannot inside of a template, and in JSX it needs braces) is not guessed:
    each way is tried on the text, and counts if the text then parses as well as before and the rule is silent.
    """
    if finding.rule_id in (SYNTAX_ERROR, UNUSED_SUPPRESSION):
        return None
    line = file.position(finding.span.start).line
    for edit in _ways(file, finding.rule_id, line):
        if _works(file, edit, finding):
            return edit
    return None


def _ways(file: SourceFile, rule: str, line: int) -> Iterator[Edit]:
    """The edits to try, the one that a person would rather see first."""
    for suppression in _ours(module_of(file)):
        if suppression.first_line == suppression.last_line == line and suppression.rules:
            yield _insert(end_of_rules(suppression.comment), f", {rule}")
    start = file.line_starts[line - 1]
    text = file.line(line)
    if line == 1 and text.startswith(BOM):
        start, text = start + len(BOM), text.removeprefix(BOM)
    indent = _INDENT.match(text)
    before = indent[0].decode() if indent else ""
    line_end = _line_end(file)
    behind = _insert(start + len(text), f" // thea-ignore {rule}")
    if line > 1 and b"-next-line" in file.line(line - 1):  # a comment between would take this one's effect
        yield behind
    yield _insert(start, f"{before}// thea-ignore-next-line {rule}{line_end}")
    yield _insert(start, f"{before}{{/* thea-ignore-next-line {rule} */}}{line_end}")
    yield behind


def _insert(offset: int, text: str) -> Edit:
    return Edit(Span(offset, offset), text.encode())


def _line_end(file: SourceFile) -> str:
    """The line end of the first line: a file has the same one throughout."""
    if len(file.line_starts) == 1:
        return "\n"
    first = file.text[: file.line_starts[1]]
    return "\r\n" if first.endswith(b"\r\n") else "\r" if first.endswith(b"\r") else "\n"


def _works(file: SourceFile, edit: Edit, finding: Finding) -> bool:
    changed = SourceFile(file.path, apply_edits(file.text, [edit]), file.language)
    module = Module(changed)
    if len(module.errors) > len(module_of(file).errors):
        return False
    moved = finding.span.start + (len(edit.text) if edit.span.start <= finding.span.start else 0)
    line = changed.position(moved).line
    return any(suppression.covers(finding.rule_id, line) for suppression in _ours(module))


def _ours(module: Module) -> Iterator[Suppression]:
    return (found for found in suppressions_of(module.file, module.comments) if found.is_ours)
