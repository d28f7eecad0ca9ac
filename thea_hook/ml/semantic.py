"""Semantic validation: which repairs silence the parser without mending the program.

A text can always be made to parse by taking away what does not: by deleting it, by making it a comment or a string, by
leaving before it is reached. Those are refused, and so are the ways to silence a checker. What people do delete when
they mend a file is allowed: remains of a merge, a line that is there twice, stray words and brackets, the beginning of
a line that was never finished.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from itertools import zip_longest

from thea_hook.core.finding import Edit
from thea_hook.core.source import Language
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.change import Change, Cut
from thea_hook.ml.hiding import SUPPRESSION, comments_out, turns_into_text
from thea_hook.ml.stray import is_stray
from thea_hook.ml.unreachable import exits_early, never_runs


class Refusal(Enum):
    """Why a repair is not offered; the value is the reason as a sentence says it."""

    EDITS_CLASH = "two of its edits overlap, or one lies outside the text"
    OUTSIDE_REGION = "it changes the text far from the error"
    NOTHING_TO_MEND = "the text parses as it is"
    STILL_BROKEN = "the text does not parse with it either"
    NEEDLESS_EDIT = "the text parses without one of its edits"
    UNKNOWN_NAME = "it uses a name that the file does not know"
    NO_CHANGE = "it changes nothing but white space and comments"
    SUPPRESSION = "it tells a checker to look away"
    ANY_TYPE = "it gives up a type for `any`"
    COMMENTED_OUT = "it makes code a comment"
    TURNED_INTO_TEXT = "it makes code a part of a string, a template or a regular expression"
    NEVER_RUN = "it puts code under a condition that never holds"
    EARLY_EXIT = "it leaves before code that is to run"
    EMPTIED_BLOCK = "it empties a block"
    REST_REMOVED = "it removes the rest of the file"
    DELETED_CODE = "it deletes code"
    HALVED_ARROW = "it makes an arrow a minus or a comparison"
    # of texts that parse (others.silences)
    NON_NULL = "it says that a value is there, without looking"
    DROPPED_VALUE = "it throws a value away with `void`"
    DECIDED = "it writes a constant in the place of a condition"
    SWALLOWED_ERROR = "it catches an error and drops it"
    SKIPPED_TEST = "it switches a test off"
    RENAMED = "it gives what nobody uses another name"
    PRETENDED_USE = "it uses what nobody needs"
    LOST_EFFECT = "it deletes a call that may do something"


def validate(before: bytes, edits: Sequence[Edit], language: Language) -> Refusal | None:
    """Why these edits are no repair of the text, or None where they may be one. Whether it parses is not asked here."""
    try:
        return objection(Change(before, edits, language))
    except ValueError:
        return Refusal.EDITS_CLASH


def objection(change: Change) -> Refusal | None:
    """The same of a change whose edits are known to fit."""
    return next((refusal for refusal, is_so in _CHECKS if is_so(change)), None) or _deletion(change)


# ------------------------------------------------------------------ what the whole change comes to


def _changes_nothing(change: Change) -> bool:
    """Whether the code is the same, lexeme by lexeme; a line break counts where it ends a statement."""
    pairs = zip_longest(_code_with_breaks(change.before, change.old), _code_with_breaks(change.after, change.new))
    return all(old == new for old, new in pairs)


def _code_with_breaks(text: bytes, lexemes: Sequence[Token]) -> Iterator[tuple[bytes, bool]]:
    end = 0
    for lexeme in lexemes:
        if lexeme.kind is not Kind.COMMENT:
            yield lexeme.text, b"\n" in text[end : lexeme.start]
            end = lexeme.end


def _suppresses(change: Change) -> bool:
    return any(SUPPRESSION.search(edit.text) for edit in change.edits) and (
        len(SUPPRESSION.findall(change.after)) > len(SUPPRESSION.findall(change.before))
    )


_CAST = re.compile(rb"\bas\s+any\b")
_BEFORE_TYPE = frozenset(b": as < , | & satisfies =".split())


def _gives_up_type(change: Change) -> bool:
    if any(_CAST.search(edit.text) for edit in change.edits):
        return True
    added = [
        index
        for index in change.new_indices
        if index and change.new[index].text == b"any" and change.new[index - 1].text in _BEFORE_TYPE
    ]
    removed = sum(lexeme.text == b"any" for cut in change.cuts for lexeme in cut.old)
    return len(added) > removed


# ------------------------------------------------------------------ code that goes


def _deletion(change: Change) -> Refusal | None:
    for cut in change.cuts:
        if cut.lost and len(cut.lost) > cut.gained and not is_stray(change, cut):
            return _name(change, cut)
    return None


def _name(change: Change, cut: Cut) -> Refusal:
    rest = change.before[cut.span.end :]
    if not rest.strip() and b"\n" in change.before[slice(*cut.span)].strip():
        return Refusal.REST_REMOVED
    if not rest.strip(b"})]; \t\r\n") and _leaves_block(cut.old):
        return Refusal.REST_REMOVED
    before = [lexeme.text for lexeme in change.new if lexeme.end <= cut.written.start][-1:]
    behind = next((lexeme.text for lexeme in change.new if lexeme.start >= cut.written.end), b"")
    is_block = before == [b"{"] and behind == b"}"
    return Refusal.EMPTIED_BLOCK if is_block else Refusal.DELETED_CODE


def _leaves_block(lexemes: Sequence[Token]) -> bool:
    """Whether it closes a brace that is open before it."""
    depth = 0
    for lexeme in lexemes:
        depth += (lexeme.text == b"{") - (lexeme.text == b"}")
        if depth < 0:
            return True
    return False


def _halves_arrow(change: Change) -> bool:
    """Whether one half of `->`, which is no operator here, goes: `a->b` is meant to be neither `a - b` nor `a > b`."""
    gone = [cut.old[0] for cut in change.cuts if len(cut.old) == 1 and not cut.gained]
    text = change.before
    return any(
        text[one.start - 1 : one.end] == b"->" or (one.text == b"-" and text[one.start : one.end + 1] == b"->")
        for one in gone
    )


_CHECKS: tuple[tuple[Refusal, Callable[[Change], bool]], ...] = (
    (Refusal.SUPPRESSION, _suppresses),
    (Refusal.COMMENTED_OUT, comments_out),
    (Refusal.NO_CHANGE, _changes_nothing),
    (Refusal.TURNED_INTO_TEXT, turns_into_text),
    (Refusal.ANY_TYPE, _gives_up_type),
    (Refusal.NEVER_RUN, never_runs),
    (Refusal.EARLY_EXIT, exits_early),
    (Refusal.HALVED_ARROW, _halves_arrow),
)
