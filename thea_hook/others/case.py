"""A change that is to mend a finding: both of its texts, and both of their trees."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property, lru_cache

from tree_sitter import Node

from thea_hook.core.source import Language, Span
from thea_hook.languages.grammars import parse
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.change import Change, Cut


class Case:
    """A change, where the finding is that it is for, and what the rule of the finding is called here."""

    def __init__(self, change: Change, where: Span, rule: str) -> None:
        self.change = change
        self.where = where
        self.rule = rule

    @cached_property
    def words(self) -> tuple[Counter[bytes], Counter[bytes]]:
        """Which words, and how many of each, there are less and more than before."""
        old, new = (
            Counter(one.text for one in lexemes if one.kind is Kind.WORD)
            for lexemes in (self.change.old, self.change.new)
        )
        return old - new, new - old


def written(change: Change) -> bytes:
    """All that the edits of a change write."""
    return b"\n".join(edit.text for edit in change.edits)


def writes(change: Change, pattern: re.Pattern[bytes]) -> bool:
    """Whether a lexeme that a change touches reads like this."""
    return any(pattern.search(change.new[index].text) for index in change.new_indices)


def code_written(change: Change, cut: Cut) -> list[Token]:
    """The lexemes that stand in the place of a cut and were not there."""
    start, end = cut.written
    return [
        change.new[index]
        for index in change.new_indices
        if change.new[index].start < end and start < change.new[index].end
    ]


def counts(change: Change, count: Callable[[Node], int]) -> tuple[int, int]:
    """How many of something the old tree has, and the new one."""
    return count(root_of(change.before, change.language)), count(root_of(change.after, change.language))


def is_more(change: Change, count: Callable[[Node], int]) -> bool:
    """Whether the new tree has more of something."""
    before, after = counts(change, count)
    return after > before


@lru_cache(maxsize=4)
def root_of(source: bytes, language: Language) -> Node:
    """The tree of a text. The last few are remembered: every candidate is compared with the same text."""
    return parse(source, language).root_node
