"""What speaks against an answer of the teacher that would not speak against a repair of the search.

The search can only write what its vocabulary has; a large model can write anything, and may have been told to by the
code that it was shown. A repair of a syntax error says nothing new: it moves, closes and separates what is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from unicodedata import category

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.change import Change
from thea_hook.ml.vocabulary import KEYWORDS

MOST_WRITTEN = 24
"""Code lexemes that a repair may write beyond what it takes away: several times what repairs of people need."""

_TEXT = frozenset({Kind.STRING, Kind.TEMPLATE, Kind.REGEX, Kind.JSX_TEXT, Kind.COMMENT})
_QUOTES = b"\"'`/"
_SUMMONING = frozenset({b"eval", b"Function", b"debugger", b"import("})
"""What brings in other code, or stops it: not even what the file has of these may be written once more."""


def objection(file: SourceFile, edits: Sequence[Edit]) -> str | None:
    """Why these edits of a broken text are not taken from a teacher, as the rest of a sentence; None where they are."""
    if any(_hides_something(edit.text, file.text) for edit in edits):
        return "it writes characters that cannot be seen"
    change = Change(file.text, edits, file.language)
    if sum(cut.gained for cut in change.cuts) > sum(len(cut.old) for cut in change.cuts) + MOST_WRITTEN:
        return "it writes more than a repair needs"
    if any(count > _summons(change.old)[word] for word, count in _summons(change.new).items()):
        return "it brings in other code"
    known = {token.text for token in change.old}
    gone = b"".join(lexeme.text for cut in change.cuts for lexeme in cut.old)
    for token in (change.new[index] for index in change.new_indices):
        if token.text in known:
            continue
        if token.kind is Kind.WORD and token.text not in KEYWORDS and token.text not in gone:
            return "it brings in a name that the file does not use"
        if token.kind is Kind.COMMENT and not _is_of(token, file.text):
            return "it adds a comment"
        if token.kind in _TEXT and not _is_of(token, file.text):
            return "it brings in text that the file does not have"
    return None


def _summons(tokens: Sequence[Token]) -> Counter[bytes]:
    followed = zip(tokens, [*(token.text for token in tokens[1:]), b""], strict=True)
    words = (b"import(" if (token.text, after) == (b"import", b"(") else token.text for token, after in followed)
    return Counter(word for word in words if word in _SUMMONING)


def _hides_something(written: bytes, text: bytes) -> bool:
    """Whether it holds a control, a format character or an uncommon blank that the text does not have."""
    return any(
        category(character)[0] in "CZ"
        and character not in " \t\r\n"
        and character.encode("utf-8", "replace") not in text
        for character in written.decode("utf-8", "replace")
    )


def _is_of(token: Token, text: bytes) -> bool:
    """Whether the content of a string, comment or the like, its delimiters aside, stands in a text."""
    content = token.text.strip()
    content = content.strip(_QUOTES).strip() if token.kind is not Kind.COMMENT else content.strip(b"/*").strip()
    return all(piece.strip() in text for piece in content.splitlines())
