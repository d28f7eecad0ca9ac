"""How far apart two texts are, counted in lexemes."""

from __future__ import annotations

from collections.abc import Sequence

from thea_hook.core.source import Language
from thea_hook.languages.difference import common_length
from thea_hook.languages.lexemes import lex


def same_lexemes(first: bytes, second: bytes, language: Language) -> bool:
    """Whether two texts differ in white space alone."""
    return first == second or list(lex(first, language).texts) == list(lex(second, language).texts)


def lexeme_distance(before: bytes, after: bytes, language: Language, *, limit: int) -> int:
    """The fewest lexemes to insert, delete or replace, or ``limit + 1`` where that is more than the limit."""
    return edit_distance(lex(before, language).texts, lex(after, language).texts, limit=limit)


def edit_distance(old: Sequence[bytes], new: Sequence[bytes], *, limit: int) -> int:
    """Levenshtein's distance up to a limit: only the diagonals that near the middle are looked at."""
    head = common_length(old, new)
    old, new = old[head:], new[head:]
    tail = common_length(old[::-1], new[::-1])
    old, new = old[: len(old) - tail], new[: len(new) - tail]
    if abs(len(old) - len(new)) > limit:
        return limit + 1
    far = limit + 1
    row = [min(column, far) for column in range(len(new) + 1)]
    for number, lexeme in enumerate(old, 1):
        first, last = max(1, number - limit), min(len(new), number + limit)
        below = [far] * (len(new) + 1)
        below[0] = min(number, far)
        for column in range(first, last + 1):
            changed = row[column - 1] + (lexeme != new[column - 1])
            below[column] = min(changed, row[column] + 1, below[column - 1] + 1, far)
        row = below
        if min(row) == far:
            return far
    return row[-1]
