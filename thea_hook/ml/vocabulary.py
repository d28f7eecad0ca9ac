"""The closed vocabularies of the tagger: what a lexeme can be to it, and which edits it can propose.

Both are ordered lists, and their order is part of a trained model: an entry may be added at the end only.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from thea_hook.languages.lexemes import PUNCTUATORS, Kind

KEYWORDS: tuple[bytes, ...] = tuple(
    b"abstract accessor any as asserts async await bigint boolean break case catch class const continue debugger "
    b"declare default delete do else enum export extends false finally for from function get global if implements "
    b"import in infer instanceof interface is keyof let module namespace never new null number object of out override "
    b"package private protected public readonly require return satisfies set static string super switch symbol this "
    b"throw true try type typeof undefined unique unknown using var void while with yield".split()
)
"""Reserved and contextual words of ECMAScript and TypeScript: words that can hold a text together."""

QUOTES: tuple[bytes, ...] = (b"'", b'"', b"`")
COMMENT_MARKS: tuple[bytes, ...] = (b"//", b"/*", b"*/")

CLOSED: tuple[bytes, ...] = (*PUNCTUATORS, *KEYWORDS, *QUOTES, *COMMENT_MARKS, b"${")
"""Every lexeme that an edit can write."""

PADDING, END = 0, 2  # 1 means nothing, but models count on the numbers behind it
"""Classes of no lexeme: beyond a text, and at its end."""

_FIRST_KIND = 3
_FIRST_CLOSED = _FIRST_KIND + len(Kind)
_CLASS_OF_CLOSED = {text: _FIRST_CLOSED + index for index, text in enumerate(CLOSED)}
CLASSES = _FIRST_CLOSED + len(CLOSED)


def class_of(kind: int, text: bytes) -> int:
    """What the tagger takes a lexeme for: one of the closed vocabulary, or any of its kind."""
    return _CLASS_OF_CLOSED.get(text, _FIRST_KIND + kind) if len(text) <= 10 else _FIRST_KIND + kind


class Action(IntEnum):
    """What a tag does at its lexeme."""

    OTHER = 0
    """This is the place, but no tag says what to do. Inside of a string or a number there is one thing to try."""
    DELETE = 1
    DELETE_LINE = 2
    DELETE_REST = 3
    """From the lexeme to the end of its line."""
    MERGE = 4
    """Close the gap between the lexeme and the one before it."""
    COMMENT_LINE = 5
    CLOSE_TAG = 6
    """Insert the closing tag of the innermost JSX element that is open here."""
    RENAME_TAG = 7
    """Give the closing tag the name of the element that it closes."""
    INSERT = 8
    """Write a lexeme before this one."""
    CLOSE = 9
    """Write a quote before this lexeme that ends a string: it belongs to the lexeme before."""
    REPLACE = 10
    SPLIT = 11
    """Write a lexeme, or a blank, inside of this one: `f(a` that lost its bracket is the name `fa`."""
    BREAK_LINE = 12
    """Begin a new line before this lexeme."""
    ESCAPE = 13
    """Put a backslash before the quote that ends this string, so that it goes on."""
    RESOLVE = 14
    """Keep a side of every merge conflict. No network proposes it, so it is no tag of the list."""


class Tag(NamedTuple):
    """One kind of edit; ``text`` is the lexeme it writes."""

    action: Action
    text: bytes = b""

    def __str__(self) -> str:
        return f"{self.action.name.lower().replace('_', '-')} {self.text.decode()}".rstrip()


TAGS: tuple[Tag, ...] = (
    *(Tag(action) for action in Action if action < Action.INSERT),
    *(Tag(Action.INSERT, text) for text in CLOSED),
    *(Tag(Action.CLOSE, text) for text in QUOTES),
    *(Tag(Action.REPLACE, text) for text in CLOSED),
    *(Tag(Action.SPLIT, text) for text in (b" ", *PUNCTUATORS, *QUOTES)),
    Tag(Action.BREAK_LINE),
    Tag(Action.ESCAPE),
)
TAG_INDEX: dict[Tag, int] = {tag: index for index, tag in enumerate(TAGS)}
