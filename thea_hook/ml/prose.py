"""Whether a line reads as prose or as code, from its lexemes alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.vocabulary import KEYWORDS

_KEYWORDS = frozenset(KEYWORDS)
# The keywords that code has between two names; any other word behind a name begins a sentence rather than a statement.
_BETWEEN_NAMES = frozenset(b"as extends from implements in instanceof is keyof of satisfies asserts".split())
# The first words of lines that are hardly ever the first words of a sentence that lost its comment marker.
_STATEMENT_WORDS = frozenset(
    b"async await break case class const continue debugger delete do else enum export for function if import interface "
    b"let return switch throw try type typeof var while yield".split()
)
_CODE_MARKS = frozenset(b"{ } => = == === != !== && || ?? ; += -= *= /= ++ -- ?. ... ) ] ( [ * + % & | ^ < >".split())
_SENTENCE_ENDS = frozenset(b". : ! ?".split())
_STRONG_PROSE = 3

_STATEMENT = re.compile(
    rb"^[ \t]*(?:"
    rb"(?:export|import|const|let|var|function|class|interface|type|enum|return|throw|async|await)\b[^\n]*[;{(,]"
    rb"|(?:if|for|while|switch|\}\s*else\s+if)\s*\([^\n]*\{|(?:\}\s*else|try)\s*\{"
    rb"|[\w$.]+\([^\n]*\);|[\w$.\[\]]+\s*[-+*|&?]{0,2}=[^=>\n][^\n]*;"
    rb"|\}\s*\)?;"
    rb")[ \t]*\r?$",
    re.MULTILINE,
)


def lines_of(lexemes: Iterable[Token], text: bytes) -> list[list[Token]]:
    """The lexemes of each line; ``text`` is what they are from."""
    return [list(group) for _, group in groupby(lexemes, key=lambda lexeme: text.rfind(b"\n", 0, lexeme.start))]


def is_prose(lexemes: Sequence[Token]) -> bool:
    """Whether a line is words that no code would have side by side."""
    pairs = _word_pairs(lexemes)
    if pairs >= _STRONG_PROSE:
        return True
    is_property = pairs == 1 and len(lexemes) > 1 and lexemes[1].text == b":"
    return pairs > 0 and not is_property and not any(_is_code_mark(lexeme) for lexeme in lexemes)


def is_bare(lexemes: Sequence[Token]) -> bool:
    """Whether a line is only words, and not the first of a statement: a stray one, or the end of a paragraph."""
    words = lexemes[:-1] if lexemes[-1].text in _SENTENCE_ENDS else lexemes
    return (
        bool(words)
        and words[0].text not in _STATEMENT_WORDS
        and all(lexeme.kind in (Kind.WORD, Kind.NUMBER) for lexeme in words)
    )


def statement_lines(text: bytes) -> int:
    """How many lines of a text can hardly be anything but statements."""
    return sum(1 for _ in _STATEMENT.finditer(text))


def _is_code_mark(lexeme: Token) -> bool:
    return lexeme.kind is Kind.PUNCTUATION and lexeme.text in _CODE_MARKS


def _word_pairs(lexemes: Sequence[Token]) -> int:
    return sum(
        left.kind is Kind.WORD
        and right.kind in (Kind.WORD, Kind.NUMBER)
        and left.end < right.start
        and left.text not in _KEYWORDS
        and right.text not in _BETWEEN_NAMES
        for left, right in pairwise(lexemes)
    )
