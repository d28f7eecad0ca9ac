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
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.finding import Edit, Finding
from thea_hook.core.source import BOM, SourceFile, Span
from thea_hook.errors import did_you_mean
from thea_hook.ruleset.rule import SYNTAX_ERROR, Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.ruleset.engine import ActiveRule

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


class Suppression(NamedTuple):
    """Lines on which a comment silences rules: ``rules``, or all but ``others`` where it names none."""

    first_line: int
    last_line: int
    rules: frozenset[str]
    comment: Node
    is_ours: bool
    others: frozenset[str] = frozenset()

    def covers(self, rule_id: str, line: int) -> bool:
        named = rule_id in self.rules if self.rules else rule_id not in self.others
        return named and self.first_line <= line <= self.last_line


def apply_suppressions(
    file: SourceFile,
    findings: Sequence[Finding],
    *,
    active: Collection[str],
    known: Collection[str],
    unused: ActiveRule | None,
    eslint_directives: bool = True,
) -> tuple[list[Finding], int]:
    """The findings that stay, with one for each of our comments that silences nothing; and how many were hidden.

    ``active`` are the rules of this run: a comment for another rule is not called unused. ``known`` are all rules: a
    comment for a rule outside of them is a misspelling. ``unused`` is the rule that reports these, where it runs.
    """
    if b"thea-ignore" not in file.text and not (eslint_directives and b"eslint-" in file.text):
        return list(findings), 0
    from thea_hook.languages.grammars import module_of
    from thea_hook.ruleset.engine import finding_of

    module = module_of(file)
    suppressions = list(suppressions_of(file, module.comments, eslint_directives))
    used: set[int] = set()
    kept = []
    for finding in findings:
        line = file.position(finding.span.start).line
        # a syntax error cannot be waved through: nothing after it is known to be what it seems
        hits = [] if finding.rule_id == SYNTAX_ERROR else [s for s in suppressions if s.covers(finding.rule_id, line)]
        if hits:
            used.update(hit.comment.start_byte for hit in hits)
        else:
            kept.append(finding)
    hidden = len(findings) - len(kept)
    # rules are silent about what does not parse, so there a comment only seems to be unused
    if unused is not None and not module.root.has_error:
        ours = {s.comment.start_byte: s for s in suppressions if s.is_ours and s.comment.start_byte not in used}
        for suppression in ours.values():
            kept += [finding_of(unused, problem) for problem in _unused(file, suppression, active, known)]
    return kept, hidden


class _Region(NamedTuple):
    """An open region: from this line on, these rules, or all but ``others``, are silent."""

    first_line: int
    rules: frozenset[str]
    comment: Node
    is_ours: bool
    others: frozenset[str] = frozenset()

    def until(self, line: int, rules: frozenset[str]) -> Suppression:
        return Suppression(self.first_line, line, rules, self.comment, self.is_ours, self.others)


def suppressions_of(
    file: SourceFile, comments: Sequence[Node], eslint_directives: bool = True
) -> Iterator[Suppression]:
    """What each comment silences, in the order of where that ends."""
    opened: list[_Region] = []
    for comment in comments:
        body = _body(comment)
        if match := _THEA.match(body):
            yield from _ours(file, comment, match, opened)
        elif eslint_directives and (match := _ESLINT.match(body)):
            yield from _eslints(file, comment, match, opened)
    for region in opened:
        yield region.until(_LAST_LINE, region.rules)


def _ours(file: SourceFile, comment: Node, match: re.Match[str], opened: list[_Region]) -> Iterator[Suppression]:
    first, last = file.position(comment.start_byte).line, file.position(comment.end_byte).line
    rules = _names(match["rules"])
    form = match["form"]
    if form == "-file":
        yield Suppression(1, _LAST_LINE, rules, comment, True)
    elif form == "-start":
        opened.append(_Region(first, rules, comment, True))
    elif form == "-end":
        closed = list(_close(opened, rules, last, is_ours=True))
        # one that ends nothing covers no line, and so is unused
        yield from closed or [Suppression(1, 0, rules, comment, True)]
    elif form == "-next-line" or _stands_alone(file, comment):
        yield Suppression(last + 1, last + 1, rules, comment, True)
    else:
        yield Suppression(first, first, rules, comment, True)


def _eslints(file: SourceFile, comment: Node, match: re.Match[str], opened: list[_Region]) -> Iterator[Suppression]:
    first, last = file.position(comment.start_byte).line, file.position(comment.end_byte).line
    rules = frozenset(name.rpartition("/")[2] for name in _names(match["rules"]))
    form = match["form"]
    if form == "disable-line":
        yield Suppression(first, first, rules, comment, False)
    elif form == "disable-next-line":
        yield Suppression(last + 1, last + 1, rules, comment, False)
    elif (comment.text or b"").startswith(b"//"):
        return  # for ESLint, a region begins and ends with a block comment
    elif form == "disable":
        opened.append(_Region(first, rules, comment, False))
    else:
        yield from _close(opened, rules, first, is_ours=False)


def _close(opened: list[_Region], rules: frozenset[str], line: int, *, is_ours: bool) -> Iterator[Suppression]:
    """End the open regions that an end comment speaks of: all of them, or those rules only."""
    still_open = []
    for region in opened:
        closed = region.rules & rules if rules and region.rules else rules or region.rules
        if region.is_ours != is_ours or (rules and not closed):
            still_open.append(region)
            continue
        yield region.until(line, closed)
        if rules and not region.rules:
            still_open.append(region._replace(others=region.others | rules))
        elif region.rules - closed:
            still_open.append(region._replace(rules=region.rules - closed))
    opened[:] = still_open


def end_of_rules(comment: Node) -> int:
    """Where the list of rules in one of our comments ends."""
    body = _body(comment)
    match = _THEA.match(body)
    listed = body[: match.end("rules")].rstrip() if match else ""
    return comment.start_byte + 2 + len(listed.encode())


def _body(comment: Node) -> str:
    raw = (comment.text or b"").decode("utf-8", "replace")
    return raw[2:-2] if raw.startswith("/*") else raw[2:]


def _names(listed: str) -> frozenset[str]:
    return frozenset(name for name in re.split(r"[\s,]+", listed) if name)


def _stands_alone(file: SourceFile, comment: Node) -> bool:
    """Whether nothing else is on the comment's lines."""
    place = _place(comment)
    lines = _lines(file, place)
    return not _code(file.text[lines.start : place.start]) and not _code(file.text[place.end : lines.end])


def _place(comment: Node) -> Span:
    """The comment, in JSX with the braces that make it one."""
    parent = comment.parent
    if parent is not None and parent.type == "jsx_expression" and parent.named_child_count == 1:
        return Span(parent.start_byte, parent.end_byte)
    return Span(comment.start_byte, comment.end_byte)


def _lines(file: SourceFile, place: Span) -> Span:
    """The whole lines that a place lies on, line end included."""
    starts = file.line_starts
    after = file.position(place.end).line
    first = starts[file.position(place.start).line - 1]
    return Span(first, starts[after] if after < len(starts) else len(file.text))


def _code(text: bytes) -> bytes:
    return text.removeprefix(BOM).strip()


def _unused(
    file: SourceFile, suppression: Suppression, active: Collection[str], known: Collection[str]
) -> Iterator[Problem]:
    where = Span(suppression.comment.start_byte, suppression.comment.end_byte)
    unknown = sorted(name for name in suppression.rules if name not in known)
    if unknown:
        yield Problem(where, {"name": unknown[0], "hint": did_you_mean(unknown[0], known)}, "unknown")
    elif suppression.rules <= frozenset(active):
        yield Problem(where, edits=(_removal(file, suppression.comment),))


def _removal(file: SourceFile, comment: Node) -> Edit:
    """The comment with the lines it stands alone on, or with the space before it."""
    text = file.text
    start, end = _place(comment)
    lines = _lines(file, Span(start, end))
    before, after = text[lines.start : start], text[end : lines.end]
    if not _code(before) and not _code(after):
        return Edit(Span(lines.start + (len(BOM) if before.startswith(BOM) else 0), lines.end), b"")
    if not _code(after):
        return Edit(Span(lines.start + len(before.rstrip()), end), b"")
    if start < comment.start_byte:
        return Edit(Span(start, end), b"")
    # between two tokens something must stay; a line end, where the comment brings one, can end a statement
    if b"\n" in text[start:end]:
        return Edit(Span(start, end), b"\n")
    if after[:1].isspace():
        return Edit(Span(lines.start + len(before.rstrip()), end), b"")
    return Edit(Span(start, end), b"" if before[-1:].isspace() else b" ")
