"""Whether a line reads as prose or as code, from its lexemes alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from thea_hook.languages.lexemes import Kind, Token
from thea_hook.ml.vocabulary import KEYWORDS

_KEYWORDS = frozenset(KEYWORDS)
# The keywords that code has between two names; any other word behind a name begins a sentence rather than a statement.
_BETWEEN_NAMES = frozenset(b"as extends from implements in instanceof is keyof of satisfies asserts".split())
# The first words of lines that are hardly ever the first words of a sentence that lost its comment marker.
STATEMENT_WORDS = frozenset(
    b"async await break case class const continue debugger delete do else enum export for function if import interface "
    b"let return switch throw try type typeof var while yield".split()
)
_CODE_MARKS = frozenset(b"{ } => = == === != !== && || ?? ; += -= *= /= ++ -- ?. ... ) ] ( [ * + % & | ^ < >".split())
_BULLETS = frozenset(b"* / # -".split())
_SENTENCE_ENDS = frozenset(b". : ! ?".split())
# A word of a language people speak, as far as its letters tell: no camel case, digit or underscore.
_PLAIN = re.compile(rb"[A-Z]?[a-z\x80-\xff]+|[A-Z]+")
_QUOTED_OR_WORD = (Kind.WORD, Kind.STRING, Kind.TEMPLATE)
_STRONG_PROSE = 3

_STATEMENT = re.compile(
    rb"^(?P<indentation>[ \t]*)(?:"
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
    if lexemes and lexemes[0].text in _BULLETS:
        lexemes = lexemes[1:]
    pairs = _word_pairs(lexemes)
    if not pairs or (pairs == 1 and (_is_entry(lexemes) or lexemes[0].text in STATEMENT_WORDS)):
        return False
    marks = sum(map(_is_code_mark, lexemes))
    if marks and pairs < _STRONG_PROSE and lexemes[0].text in STATEMENT_WORDS:
        return False
    return not marks or marks < pairs or (pairs >= _STRONG_PROSE and marks <= pairs + 2)


def _is_entry(lexemes: Sequence[Token]) -> bool:
    """Whether it reads as an entry of an object or a list: ``a: b c``, ``a 1``, ``a b,``."""
    if lexemes[-1].text == b",":
        return True
    is_key = lexemes[1].text == b":" or (len(lexemes) == 2 and lexemes[1].kind is not Kind.WORD)
    return is_key and lexemes[0].text[:1].islower()  # `Note: ...` and `Part 1` begin a sentence


def is_bare(lexemes: Sequence[Token]) -> bool:
    """Whether a line is only words, and not the first of a statement: a stray one, or the end of a paragraph."""
    words = lexemes[:-1] if lexemes[-1].text in _SENTENCE_ENDS else lexemes
    return bool(words) and words[0].text not in STATEMENT_WORDS and all(lexeme.kind is Kind.WORD for lexeme in words)


def statement_lines(text: bytes, indentation: int) -> int:
    """How many lines of a text, the first left out, can hardly be anything but statements no deeper than that."""
    lines = text[text.find(b"\n") + 1 :] if b"\n" in text else b""
    return sum(len(match["indentation"]) <= indentation for match in _STATEMENT.finditer(lines))


def _is_code_mark(lexeme: Token) -> bool:
    return lexeme.kind is Kind.PUNCTUATION and lexeme.text in _CODE_MARKS


def _word_pairs(lexemes: Sequence[Token]) -> int:
    """How many neighbours are words, or a word and a quotation, that no code would leave without a mark between."""
    hyphens = sum(map(_is_hyphened, lexemes, lexemes[1:], lexemes[2:]))
    return hyphens + sum(map(_is_word_pair, lexemes, lexemes[1:]))


def _is_hyphened(left: Token, hyphen: Token, right: Token) -> bool:
    """Whether it is ``well-kept``, or a flag: ``ls -la``. Code has blanks on both sides of a minus, or on none."""
    return hyphen.text == b"-" and hyphen.end == right.start and left.kind is right.kind is Kind.WORD


def _is_word_pair(left: Token, right: Token) -> bool:
    if left.end == right.start or left.kind not in _QUOTED_OR_WORD or right.kind not in (*_QUOTED_OR_WORD, Kind.NUMBER):
        return False
    if not any(word.kind is Kind.WORD and _PLAIN.fullmatch(word.text) for word in (left, right)):
        return False
    return left.text not in _KEYWORDS and right.text not in _BETWEEN_NAMES
