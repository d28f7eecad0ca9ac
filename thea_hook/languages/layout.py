"""How a file is laid out, so that a fix that writes or takes away lines fits in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import needs_semicolon_before
from thea_hook.languages.nodes import (
    STATEMENT_LISTS,
    descend,
    insert,
    remove,
    replace,
    statement_span,
    text,
    token_after,
    token_before,
    whole_lines,
)

_CONTINUES = re.compile(r"[(\[/+`-]")
_LITERALS = frozenset({"template_string", "string", "regex"})


def newline(source: bytes) -> str:
    return "\r\n" if b"\r\n" in source else "\n"


def margin(source: bytes, offset: int) -> str:
    """The white space that the line of an offset begins with."""
    start = source.rfind(b"\n", 0, offset) + 1
    line = source[start : source.find(b"\n", start) if source.find(b"\n", start) >= 0 else len(source)]
    return line[: len(line) - len(line.lstrip(b" \t"))].decode()


def begins_line(source: bytes, offset: int) -> bool:
    """Whether nothing but white space stands before an offset in its line."""
    return not source[source.rfind(b"\n", 0, offset) + 1 : offset].strip()


def indentation(source: bytes) -> str:
    """One step of indentation: a tab, or as many spaces as lines are most often deeper than the ``{`` above them."""
    widths: Counter[int] = Counter()
    for above, below in pairwise(source.splitlines()):
        if above.rstrip().endswith(b"{") and below.strip():
            if below.startswith(b"\t"):
                return "\t"
            widths[_width(below) - _width(above)] += 1
    likely = [width for width, _ in widths.most_common() if width > 1]
    if not likely and b"\n\t" in source:
        return "\t"
    return " " * (likely[0] if likely else 2)


def _width(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))


def shifted(node: Node, where: Span, deeper: str, source: bytes) -> Iterator[Edit]:
    """Indent the lines that begin inside a stretch of code below ``node``, but for those inside a literal."""
    for start in _line_starts(node, where, source):
        if source[start : start + 1] not in (b"\n", b"\r"):
            yield insert(start, deeper)


def unshifted(node: Node, where: Span, deeper: str, source: bytes) -> Iterator[Edit]:
    """The opposite: take ``deeper`` from the beginning of each line that has it."""
    for start in _line_starts(node, where, source):
        if source.startswith(deeper.encode(), start):
            yield remove(Span(start, start + len(deeper)))


def _line_starts(node: Node, where: Span, source: bytes) -> Iterator[int]:
    literals = (part for part in descend(node, _LITERALS) if part.type in _LITERALS)
    fixed = [literal.byte_range for literal in literals if b"\n" in (literal.text or b"")]
    start = source.find(b"\n", where.start, where.end) + 1
    while start:
        if not any(first < start <= last for first, last in fixed):
            yield start
        start = source.find(b"\n", start, where.end) + 1


def ends_with_semicolons(source: bytes) -> bool:
    """Whether more lines of the file end in a semicolon than in a closing parenthesis or a name."""
    return source.count(b";\n") + source.count(b";\r\n") >= len(_BARE_END.findall(source))


_BARE_END = re.compile(rb"[\w)'\"`]\r?\n\s*(?:const|let|var|return|await|import|export|this|if)\b")


def is_removable(statement: Node) -> bool:
    """Whether a statement stands in a list of statements, and those beside it stay apart without it."""
    parent = statement.parent
    if parent is None or parent.type not in STATEMENT_LISTS:
        return False
    following, before = token_after(statement), token_before(statement)
    if following is None or before is None or not _CONTINUES.match(text(following)):
        return True
    return before.type in (";", "{", "}", ":") and not (before.type == "}" and needs_semicolon_before(statement))


def without(where: Span, source: bytes) -> Edit:
    """Remove code with the lines that it fills; of two empty lines that would meet then, one."""
    lines = whole_lines(source, where)
    if lines == where:
        return remove(_with_blanks(where, source))
    before, after = source[: lines.start], source[lines.end :]
    if before.endswith((b"\n\n", b"\n\r\n", b"{\n", b"{\r\n")) and after.startswith((b"\n", b"\r\n")):
        lines = Span(lines.start, lines.end + after.index(b"\n") + 1)
    elif before.endswith((b"\n\n", b"\n\r\n")) and (not after or after.lstrip(b" \t").startswith(b"}")):
        lines = Span(len(before.rstrip()) + len(newline(source)), lines.end)
    return remove(lines)


def _with_blanks(where: Span, source: bytes) -> Span:
    """A part of a line with the blanks on one side of it, if there are some on both or it ends the line."""
    rest = source[where.end :]
    after = len(rest) - len(rest.lstrip(b" "))
    before = len(source[: where.start]) - len(source[: where.start].rstrip(b" \t"))
    if rest[after:].startswith((b"\n", b"\r\n")) and not begins_line(source, where.start):
        return Span(where.start - before, where.end + after)
    return Span(where.start, where.end + after) if before or begins_line(source, where.start) else where


def statements_for(statement: Node, written: Sequence[str], source: bytes) -> tuple[Edit, ...]:
    """Statements, without the semicolons behind them, in place of one: in braces where only one may stand."""
    where, before = statement_span(statement), token_before(statement)
    end = ";" if source[where.end - 1 : where.end] == b";" else ""
    if not end and _CONTINUES.match(written[0]):
        return ()
    lead = margin(source, statement.start_byte)
    is_alone = begins_line(source, statement.start_byte)
    between = f"{end}{newline(source)}{lead}" if is_alone else "; "
    code = f"{between.join(written)}{end}"
    if len(written) == 1 or (statement.parent is not None and statement.parent.type in STATEMENT_LISTS):
        return (replace(where, code),)
    if before is None or source[before.end_byte : statement.start_byte].strip():
        return ()
    gap = Span(before.end_byte, where.end)
    if not is_alone:
        return (replace(gap, f" {{ {code} }}"),)
    closing = f"{newline(source)}{margin(source, before.start_byte)}}}"
    return (replace(gap, f" {{{newline(source)}{lead}{code}{closing}"),)
