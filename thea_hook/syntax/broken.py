"""What a repair can ask about a text that does not parse."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property

from thea_hook.core.source import Language, Span
from thea_hook.languages.lexemes import Kind, Token, lex, token_at


class Broken:
    """One broken text, and the offsets at which the parsers stumble over it."""

    def __init__(self, text: bytes, language: Language, places: Sequence[int]) -> None:
        self.text = text
        self.language = language
        self.places = tuple(places)

    @cached_property
    def tokens(self) -> list[Token]:
        """Every token but the comments."""
        return [token for token in lex(self.text, self.language).tokens if token.kind is not Kind.COMMENT]

    def near(self, before: int, after: int) -> Iterator[int]:
        """Indices of the tokens that are at most so many before or behind a place of error, in order."""
        found: set[int] = set()
        for place in self.places:
            index = token_at(self.tokens, place)
            found.update(range(max(0, index - before), min(len(self.tokens), index + after + 1)))
        yield from sorted(found)

    def gap(self, index: int) -> bytes:
        """What lies between a token and the one before it: white space and comments."""
        start = self.tokens[index - 1].end if index else 0
        return self.text[start : self.tokens[index].start]

    def line_of(self, offset: int) -> Span:
        """The line that holds an offset, without its line feed."""
        end = self.text.find(b"\n", offset)
        return Span(self.text.rfind(b"\n", 0, offset) + 1, len(self.text) if end < 0 else end)

    def index_of(self, offset: int) -> int:
        """The index of the first token that begins at or behind an offset."""
        return bisect_left(self.tokens, offset, key=lambda token: token.start)
