"""What the teacher gets to see of a broken text: a few lines around the errors, and what is declared for them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from thea_hook.core.diff import split_lines
from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import ParseTimeout
from thea_hook.languages.lexemes import Kind, lex
from thea_hook.languages.oracle import SyntaxProblem, Verdict, tree_sitter_problems

LEAST_LINES, MOST_LINES = 12, 120
MOST_DECLARATIONS, LONGEST_DECLARATION = 40, 160
MOST_PROBLEMS = 5


class Excerpt(NamedTuple):
    """Whole lines of a file, with the errors in or near them and the declarations that they use.

    ``first_line`` counts from 1; ``declarations`` are stretches of the file outside of ``span``.
    """

    span: Span
    first_line: int
    problems: tuple[SyntaxProblem, ...]
    declarations: tuple[Span, ...]


def problems_of(file: SourceFile, verdict: Verdict) -> tuple[SyntaxProblem, ...]:
    """What both parsers say about a broken text; the last is what stopped the one that the verdict is of."""
    try:
        return (*tree_sitter_problems(file), *verdict.problems)
    except ParseTimeout:
        return verdict.problems


def excerpt_of(file: SourceFile, problems: Sequence[SyntaxProblem], most_bytes: int) -> Excerpt | None:
    """The smallest part of a text that shows what is wrong; None where no part of this size does."""
    if not problems:
        return None
    lines = _Lines(file.text)
    first = lines.at(min(problem.span.start for problem in problems))
    last = lines.at(max(problem.span.start for problem in problems))
    if not lines.fits(first, last, most_bytes):  # far apart: what stopped the parser, and what comes before it
        first = last = lines.at(problems[-1].span.start)
    if not lines.fits(first, last, most_bytes):  # one line of a minified file
        return None
    first, last = _grown(lines, first, last, most_bytes)
    span = Span(lines.starts[first], lines.end(last))
    near = tuple(problem for problem in problems if span.start <= problem.span.start <= span.end)
    return Excerpt(span, first + 1, near[:MOST_PROBLEMS], tuple(_declarations(file, span)))


class _Lines:
    """The lines of a text; only a line feed ends one."""

    def __init__(self, text: bytes) -> None:
        self._texts = split_lines(text) or [b""]
        self.starts = [0]
        for line in self._texts[:-1]:
            self.starts.append(self.starts[-1] + len(line))

    def __len__(self) -> int:
        return len(self._texts)

    def at(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1

    def end(self, number: int) -> int:
        return self.starts[number] + len(self._texts[number])

    def fits(self, first: int, last: int, most_bytes: int) -> bool:
        return last - first < MOST_LINES and self.end(last) - self.starts[first] <= most_bytes

    def indentation(self, number: int) -> int | None:
        """How far a line is indented; None for a blank one."""
        line = self._texts[number]
        body = line.lstrip()
        return len(line.expandtabs(4)) - len(body.expandtabs(4)) if body else None


def _grown(lines: _Lines, first: int, last: int, most_bytes: int) -> tuple[int, int]:
    """The lines of the smallest block of some length around these, by indentation: brackets cannot be trusted in a
    broken text."""
    while last - first + 1 < LEAST_LINES:
        levels = [level for level in map(lines.indentation, range(first, last + 1)) if level is not None]
        level = min(levels, default=0)
        above, below = _outward(lines, first - 1, -1, level), _outward(lines, last + 1, 1, level)
        if level == 0 or (above, below) == (first, last) or not lines.fits(above, below, most_bytes):
            return _padded(lines, first, last, most_bytes)
        first, last = above, below
    return first, last


def _outward(lines: _Lines, number: int, step: int, level: int) -> int:
    """The nearest line in this direction that is indented less than the level; the last where there is none."""
    while 0 <= number < len(lines):
        indentation = lines.indentation(number)
        if indentation is not None and indentation < level:
            return number
        number += step
    return max(0, min(number, len(lines) - 1))


def _padded(lines: _Lines, first: int, last: int, most_bytes: int) -> tuple[int, int]:
    """A few lines more on both sides, as far as they fit."""
    for _ in range((LEAST_LINES - (last - first)) // 2):
        if first > 0 and lines.fits(first - 1, last, most_bytes):
            first -= 1
        if last + 1 < len(lines) and lines.fits(first, last + 1, most_bytes):
            last += 1
    return first, last


def _declarations(file: SourceFile, span: Span) -> Iterator[Span]:
    """The first lines of what declares the names in a part of a text, where that is outside of it."""
    from thea_hook.languages.grammars import Module

    words = _words(file, span)
    try:
        variables = [variable for variable in Module(file).scopes.variables if variable.name in words]
    except (ParseTimeout, RecursionError):
        return
    found: dict[Span, None] = {}
    for variable in variables:
        if not variable.scope.start <= span.start <= variable.scope.end:
            continue
        for definition in variable.definitions[:1]:
            node = definition.parent or definition.node
            found.setdefault(_first_line(file.text, node.start_byte, node.end_byte))
    outside = (place for place in found if place.end <= span.start or span.end <= place.start)
    yield from sorted(outside)[:MOST_DECLARATIONS]


def _words(file: SourceFile, span: Span) -> set[str]:
    tokens = lex(file.text[slice(*span)], file.language).tokens
    return {token.text.decode("utf-8", "replace") for token in tokens if token.kind is Kind.WORD}


def _first_line(text: bytes, start: int, end: int) -> Span:
    line_end = text.find(b"\n", start, end)
    return Span(start, min(end if line_end < 0 else line_end, start + LONGEST_DECLARATION))


def numbered(lines: Iterable[str], first: int) -> str:
    """Lines as the teacher reads them, each with its number."""
    return "\n".join(f"{number:>5}| {line}" for number, line in enumerate(lines, first))
