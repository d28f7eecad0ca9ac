"""Code that a repair keeps from running: behind a condition that never holds, or behind a ``return``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from thea_hook.languages.lexemes import Kind, Token
from thea_hook.languages.spelling import is_one_slip
from thea_hook.ml.change import Change

if TYPE_CHECKING:
    from tree_sitter import Node

_FALSE = frozenset(b"false 0 null undefined".split())
_TRUE = frozenset(b"true 1".split())
_CONSTANTS = _FALSE | _TRUE
_CONDITIONS = ([b"if", b"("], [b"while", b"("])
# What a constant is not compared with, added to or called on.
_BEFORE_EXPRESSION = frozenset(b"( [ { } , ; = => : ? && || ?? return".split())


def never_runs(change: Change) -> bool:
    """Whether a condition was written that is never true: ``if (false)``, ``false && f()``, ``true || f()``."""
    texts = [lexeme.text for lexeme in change.new]
    return any(_guards(texts, index) for index in change.new_indices if texts[index] in _CONSTANTS)


def _guards(texts: Sequence[bytes], index: int) -> bool:
    """Whether the constant at this index decides whether what follows it ever runs."""
    value = texts[index] in _TRUE
    while index and texts[index - 1] == b"!":
        index, value = index - 1, not value
    before = texts[max(0, index - 2) : index]
    behind = next((text for text in texts[index:] if text not in _CONSTANTS and text != b"!"), b"")
    if before in _CONDITIONS and behind in (b")", b"&&"):
        return not value
    if before and before[-1] not in _BEFORE_EXPRESSION:
        return False
    return behind == b"||" if value else behind in (b"&&", b"?")


_EXITS = {
    b"return": "return_statement",
    b"throw": "throw_statement",
    b"break": "break_statement",
    b"continue": "continue_statement",
}


_NOT_RUN = frozenset("comment function_declaration switch_case switch_default else_clause".split())


def exits_early(change: Change) -> bool:
    """Whether a ``return`` or the like was written before code of the same block that was there already."""
    removed = Counter(lexeme.text for cut in change.cuts for lexeme in cut.old)
    if removed.keys().isdisjoint(_EXITS) and any(_EXIT.search(edit.text) for edit in change.edits):
        return True
    written = [change.new[index] for index in change.new_indices if change.new[index].text in _EXITS]
    written = [lexeme for lexeme in written if not removed[lexeme.text] and not _was_word(change, lexeme)]
    written += _cut_off(change)
    if not written:
        return False
    from thea_hook.languages.grammars import parse

    root = parse(change.after, change.language).root_node
    return any(
        _is_before_old_code(change, root.descendant_for_byte_range(lexeme.start, lexeme.end)) for lexeme in written
    )


# A statement that leaves and is whole. No text needs one to parse.
_EXIT = re.compile(rb"(?:^|[;{}])\s*(?:return|throw|break|continue)\b[^;\n{}]*;", re.MULTILINE)


def _was_word(change: Change, lexeme: Token) -> bool:
    """Whether the word stands where a word stood: ``retrun`` was meant to be ``return``."""
    for cut in change.cuts:
        if cut.written.start <= lexeme.end and lexeme.start <= cut.written.end:
            is_part = lexeme.start < cut.written.start or cut.written.end < lexeme.end
            words = [old.text for old in cut.old if old.kind is Kind.WORD]
            return is_part or any(_is_slip(word, lexeme.text) for word in words)
    return False


def _is_slip(written: bytes, meant: bytes) -> bool:
    return is_one_slip(written.decode("utf-8", "replace"), meant.decode("utf-8", "replace"))


def _cut_off(change: Change) -> Iterator[Token]:
    """Each ``return`` that a line break was written behind: it no longer returns what follows."""
    for (start, end), (_, text) in zip(change.written, change.edits, strict=True):
        if b"\n" in text:
            for lexeme in change.new:
                if lexeme.text in _EXITS and lexeme.end <= start and not change.after[lexeme.end : end].strip():
                    yield lexeme


def _is_before_old_code(change: Change, word: Node | None) -> bool:
    node = word.parent if word is not None else None
    if node is None or node.type not in _EXITS.values():
        return False
    while node.parent is not None and change.is_written(node.parent.start_byte, node.parent.end_byte):
        node = node.parent
    following = node.next_named_sibling
    while following is not None:
        if following.type not in _NOT_RUN and not change.is_written(following.start_byte, following.end_byte):
            return True
        following = following.next_named_sibling
    return False
