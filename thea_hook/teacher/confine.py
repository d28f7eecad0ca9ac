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
_CALLING = frozenset(
    {b"(", b"?.", b"=", b"+=", b"-=", b"*=", b"/=", b"%=", b"**=", b"<<=", b">>=", b">>>=", b"&=", b"|=", b"^=", b"&&=",
     b"||=", b"??=", b"++", b"--"}
)  # fmt: skip
"""What stands behind a name that is called or assigned to."""
_TYING = frozenset(
    {b"&&", b"||", b"??", b"?", b"=>", b"=", b"+", b"-", b"*", b"/", b"%", b"==", b"===", b"!=", b"!==", b"!"}
)  # fmt: skip
"""Operators. One more at the end or the beginning of a line would make one statement of it and its neighbour."""
_SUMMONING = frozenset(
    {b"eval", b"Function", b"constructor", b"__proto__", b"debugger", b"delete", b"for", b"import",
     b"importScripts", b"require", b"while"}
)  # fmt: skip
"""What brings in other code, takes something away, or never ends: not even what the file has of these may be written
once more."""


def objection(file: SourceFile, edits: Sequence[Edit]) -> str | None:
    """Why these edits of a broken text are not taken from a teacher, as the rest of a sentence; None where they are."""
    if any(_hides_something(edit.text, file.text) for edit in edits):
        return "it writes characters that cannot be seen"
    change = Change(file.text, edits, file.language)
    if sum(cut.gained for cut in change.cuts) > sum(len(cut.old) for cut in change.cuts) + MOST_WRITTEN:
        return "it writes more than a repair needs"
    # what the repair takes away it may write again, and what the text has in pieces: `im port` becomes `import`
    gone = b"".join(lexeme.text for cut in change.cuts for lexeme in cut.old if lexeme.kind not in _TEXT)
    joined = {one.text + other.text for one, other in zip(change.old, change.old[1:], strict=False)}
    words = _words(change.old)
    more = {word for word, count in _words(change.new).items() if count > words[word]} - joined
    if any(word in _SUMMONING and word not in gone for word in more):
        return "it brings in other code"
    known = {token.text for token in change.old}
    for token in (change.new[index] for index in change.new_indices):
        if token.text in known:
            continue
        if token.kind is Kind.WORD and token.text not in KEYWORDS and token.text not in gone:
            return "it brings in a name that the file does not use"
        if token.kind is Kind.COMMENT and not _is_of(token, file.text):
            return "it adds a comment"
        if token.kind in _TEXT and not _is_of(token, file.text):
            return "it brings in text that the file does not have"
    if any(_ties_lines(change, index) for index in change.new_indices):
        return "it ties a line to the next one"
    used = _uses(change.old)
    if any(count > used[word] and word in more and word not in gone for word, count in _uses(change.new).items()):
        return "it calls or assigns something once more"
    return None


def _ties_lines(change: Change, index: int) -> bool:
    """Whether a lexeme that was written is an operator between two lines."""
    token, text = change.new[index], change.after
    if token.text not in _TYING:
        return False
    before = change.new[index - 1].end if index else 0
    after = change.new[index + 1].start if index + 1 < len(change.new) else len(text)
    return b"\n" in text[before : token.start] or b"\n" in text[token.end : after]


def _words(tokens: Sequence[Token]) -> Counter[bytes]:
    return Counter(token.text for token in tokens if _is_name(token))


def _is_name(token: Token) -> bool:
    """Whether it is a word, or the end of an expression that stands for one: ``object["name"]``."""
    return token.kind is Kind.WORD or token.text == b"]"


def _uses(tokens: Sequence[Token]) -> Counter[bytes]:
    """How often each name is called, made an instance or an element of, used as a tag, or assigned to: what code does,
    as opposed to what it names. A repair puts the parenthesis that is missing between a name and its arguments, but
    it has no call to add."""
    found: Counter[bytes] = Counter()
    code = [token for token in tokens if token.kind is not Kind.COMMENT]
    for before, token, after in zip([None, *code], code, [*code[1:], None], strict=False):
        if not _is_name(token) or token.text in KEYWORDS:
            continue
        is_made = before is not None and before.text in (b"new", b"<", b"++", b"--")
        is_called = after is not None and (after.text in _CALLING or after.text.startswith(b"`"))
        found[token.text] += is_made or is_called
    return found


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
