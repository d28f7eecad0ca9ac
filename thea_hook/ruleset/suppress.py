"""Comments that silence a rule, and the ones that silence nothing.

    code();   // thea-ignore no-var, eqeqeq: reason      this line
    // thea-ignore no-var: reason                        the next line (the comment stands alone on its line)
    // thea-ignore-next-line no-var: reason              the same, said outright
    /* thea-ignore-start no-var: reason */  ...  /* thea-ignore-end no-var */
    // thea-ignore-file no-var: reason                   the whole file; without a rule: every rule
    {/* thea-ignore no-var: reason */}                   the same forms inside JSX

ESLint's ``eslint-disable``, ``-line``, ``-next-line`` and ``eslint-enable`` are honoured for rules of the same name,
whatever plugin prefix they carry, unless ``--no-eslint-directives`` is given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import did_you_mean

if TYPE_CHECKING:
    from tree_sitter import Node

UNUSED = "unused-suppression"
CATEGORY = "suspicious"

_THEA = re.compile(
    r"\s*\*?\s*thea-ignore(?P<form>-next-line|-file|-start|-end)?(?=[\s:]|$)"
    r"(?P<rules>[^:]*)(?::(?P<reason>.*))?\s*$",
    re.DOTALL,
)
_ESLINT = re.compile(
    r"\s*eslint-(?P<form>disable-next-line|disable-line|disable|enable)(?=\s|$)(?P<rules>.*?)(?:\s-{2,}\s.*)?$",
    re.DOTALL,
)
_LAST_LINE = 2**31


@dataclass(frozen=True, slots=True)
class Suppression:
    """Lines on which a comment silences rules; no rules means all of them."""

    first_line: int
    last_line: int
    rules: frozenset[str]
    comment: Span
    is_ours: bool

    def covers(self, rule_id: str, line: int) -> bool:
        return self.first_line <= line <= self.last_line and (not self.rules or rule_id in self.rules)


def apply_suppressions(
    file: SourceFile,
    findings: Sequence[Finding],
    *,
    active: Collection[str],
    known: Collection[str],
    eslint_directives: bool = True,
) -> tuple[list[Finding], int]:
    """The findings that stay, with one for each of our comments that silences nothing; and how many were hidden.

    ``active`` are the rules of this run: a comment for another rule is not called unused. ``known`` are all rules: a
    comment for a rule outside of them is a misspelling.
    """
    if b"thea-ignore" not in file.text and not (eslint_directives and b"eslint-" in file.text):
        return list(findings), 0
    from thea_hook.languages.grammars import module_of

    suppressions = list(_suppressions(file, module_of(file).comments, eslint_directives))
    used: set[int] = set()
    kept = []
    for finding in findings:
        line = file.position(finding.span.start).line
        # a syntax error cannot be waved through: nothing after it is known to be what it seems
        hits = [] if finding.rule_id == "syntax-error" else [s for s in suppressions if s.covers(finding.rule_id, line)]
        if hits:
            used.update(id(suppression) for suppression in hits)
        else:
            kept.append(finding)
    hidden = len(findings) - len(kept)
    for suppression in suppressions:
        if suppression.is_ours and id(suppression) not in used:
            kept += _unused(file, suppression, active, known)
    return kept, hidden


def _suppressions(file: SourceFile, comments: Sequence[Node], eslint_directives: bool) -> Iterator[Suppression]:
    opened: list[tuple[int, frozenset[str], Span, bool]] = []
    for comment in comments:
        body = _body(comment)
        first = file.position(comment.start_byte).line
        last = file.position(comment.end_byte).line
        where = Span(comment.start_byte, comment.end_byte)
        if match := _THEA.match(body):
            rules = _names(match["rules"])
            form = match["form"]
            if form == "-file":
                yield Suppression(1, _LAST_LINE, rules, where, True)
            elif form == "-start":
                opened.append((first, rules, where, True))
            elif form == "-end":
                yield from _close(opened, rules, last, is_ours=True)
            elif form == "-next-line" or _stands_alone(file, comment):
                yield Suppression(last + 1, last + 1, rules, where, True)
            else:
                yield Suppression(first, first, rules, where, True)
        elif eslint_directives and (match := _ESLINT.match(body)):
            rules = frozenset(name.rpartition("/")[2] for name in _names(match["rules"]))
            form = match["form"]
            if form == "disable":
                opened.append((first, rules, where, False))
            elif form == "enable":
                yield from _close(opened, rules, first, is_ours=False)
            elif form == "disable-line":
                yield Suppression(first, first, rules, where, False)
            else:
                yield Suppression(last + 1, last + 1, rules, where, False)
    for first, rules, where, is_ours in opened:
        yield Suppression(first, _LAST_LINE, rules, where, is_ours)


def _close(
    opened: list[tuple[int, frozenset[str], Span, bool]], rules: frozenset[str], line: int, *, is_ours: bool
) -> Iterator[Suppression]:
    """End the open regions that an end comment speaks of: all of them, or those rules only."""
    still_open = []
    for first, names, where, ours in opened:
        closed = names if not rules else names & rules
        if ours != is_ours or (rules and names and not closed) or (rules and not names):
            still_open.append((first, names, where, ours))
            continue
        yield Suppression(first, line, closed, where, ours)
        if names - closed:
            still_open.append((first, names - closed, where, ours))
    opened[:] = still_open


def _body(comment: Node) -> str:
    raw = (comment.text or b"").decode("utf-8", "replace")
    return raw[2:-2] if raw.startswith("/*") else raw[2:]


def _names(listed: str) -> frozenset[str]:
    return frozenset(name for name in re.split(r"[\s,]+", listed) if name)


def _stands_alone(file: SourceFile, comment: Node) -> bool:
    """Whether nothing else is on the comment's lines; braces around it make it a JSX comment."""
    first = file.line_starts[file.position(comment.start_byte).line - 1]
    number = file.position(comment.end_byte).line
    end = file.line_starts[number] if number < len(file.line_starts) else len(file.text)
    before, after = file.text[first : comment.start_byte].strip(), file.text[comment.end_byte : end].strip()
    return (before, after) in ((b"", b""), (b"{", b"}"))


def _unused(
    file: SourceFile, suppression: Suppression, active: Collection[str], known: Collection[str]
) -> Iterator[Finding]:
    unknown = sorted(name for name in suppression.rules if name not in known)
    if unknown:
        message = f"`{unknown[0]}` is no rule of thea-hook.{did_you_mean(unknown[0], known)}"
    elif suppression.rules and not suppression.rules <= frozenset(active):
        return
    else:
        message = "This comment silences nothing."
    fix = None if unknown else Fix("Remove the comment", (_removal(file, suppression.comment),), Applicability.SAFE)
    yield Finding(UNUSED, CATEGORY, suppression.comment, message, Severity.WARNING, fix=fix)


def _removal(file: SourceFile, comment: Span) -> Edit:
    """The comment with the line it stands alone on, or with the space before it."""
    text = file.text
    start, end = comment
    if text[start - 1 : start] == b"{" and text[end : end + 1] == b"}":
        start, end = start - 1, end + 1
    line_start = file.line_starts[file.position(start).line - 1]
    number = file.position(end).line
    line_end = file.line_starts[number] if number < len(file.line_starts) else len(text)
    if not text[line_start:start].strip() and not text[end:line_end].strip():
        return Edit(Span(line_start, line_end), b"")
    while start > line_start and text[start - 1 : start] in (b" ", b"\t"):
        start -= 1
    return Edit(Span(start, end), b"")
