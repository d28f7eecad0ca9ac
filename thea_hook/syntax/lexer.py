"""Lexical tokens of any text, broken or not.

The lexer needs no grammar and never fails: it goes once from left to right, and whatever a parser makes of the text,
the tokens and the white space between them are the whole text. What it must guess (whether ``/`` divides, whether an
apostrophe opens a string) it guesses from the tokens before, and a string that does not end on its line is only its
quote: in text that is broken, or is JSX, an apostrophe says little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from thea_hook.syntax.suspicion import TYPOGRAPHIC


class Kind(Enum):
    """What a token is. TEMPLATE is one run of template text, with the backtick or brace at either end of it."""

    WORD = "word"
    NUMBER = "number"
    PUNCTUATION = "punctuation"
    STRING = "string"
    TEMPLATE = "template"
    REGEX = "regex"
    COMMENT = "comment"
    OTHER = "other"


class Token(NamedTuple):
    kind: Kind
    start: int
    end: int
    text: bytes


# The operators and punctuators of ECMAScript and TypeScript, longest first.
PUNCTUATORS: tuple[bytes, ...] = tuple(
    b">>>= ... === !== **= <<= >>= >>> &&= ||= ??= => == != <= >= && || ?? ?. ++ -- += -= *= /= %= &= |= ^= << >> ** "
    b"{ } ( ) [ ] ; , < > + - * / % & | ^ ! ~ ? : = . @ #".split()
)

_WHITE_SPACE = (
    rb"(?:[\t\n\v\f\r ]|\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf)+"
)

_TOKEN = re.compile(
    rb"(?P<space>" + _WHITE_SPACE + rb")"
    rb"|(?P<comment>//[^\n\r]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|\A(?:\xef\xbb\xbf)?\#![^\n\r]*)"
    rb"|(?P<number>\.?[0-9](?:[eE][+-]|[0-9A-Za-z_.])*)"
    rb"|(?P<other>" + TYPOGRAPHIC + rb"|[\x00-\x08\x0e-\x1f\x7f\"'])"
    rb"|(?P<word>(?:[A-Za-z0-9_$]|(?!" + TYPOGRAPHIC + rb")(?!" + _WHITE_SPACE + rb")[\x80-\xff][\x80-\xbf]*"
    rb"|\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]+\}))+)"
    rb"|(?P<punctuation>" + b"|".join(map(re.escape, PUNCTUATORS)) + rb")"
)
_STRING = re.compile(rb"\"(?:[^\"\\\n\r]|\\(?:\r\n|[\s\S]))*\"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*'")
_REGEX = re.compile(rb"/(?![*/])(?:[^\\/\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+/[A-Za-z]*")
_TEMPLATE = re.compile(rb"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|\\?\Z)")

# Words after which an expression begins, so that a slash opens a regular expression.
_BEFORE_EXPRESSION = frozenset(
    b"await case delete do else extends in instanceof new of return throw typeof void yield".split()
)
# Words whose parentheses are not an expression: a slash behind them opens a regular expression, too.
_BEFORE_CONDITION = frozenset(b"for if while with".split())
_KINDS = {kind.value: kind for kind in Kind}
_TICK, _SLASH, _QUOTES = ord("`"), ord("/"), frozenset(b"\"'")


def lex(text: bytes) -> list[Token]:
    """Every token of the text in order, comments included; what lies between two tokens is white space."""
    lexer = _Lexer(text)
    position = 0
    while position < len(text):
        position = lexer.step(position)
    return lexer.tokens


class _Lexer:
    def __init__(self, text: bytes) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self._brackets: list[bytes] = []
        """The open brackets: ``(`` and ``{``, ``${`` of a template, ``if(`` where a statement follows the closing."""
        self._before: Token | None = None
        """The last token that is no comment."""
        self._closed = b""
        """The bracket that the last token closed."""
        self._hopeless = {Kind.STRING: 0, Kind.REGEX: 0}
        """Up to where another attempt is not worth it: each may look at a whole line, and a line may be the file."""

    def step(self, position: int) -> int:
        """Take the token at this place, and say where it ends."""
        char = self.text[position]
        if char == _TICK:
            return self._template(position)
        end = None
        if char in _QUOTES:
            end = self._try(_STRING, Kind.STRING, position)
        elif char == _SLASH and self._expects_expression(position):
            end = self._try(_REGEX, Kind.REGEX, position)
        if end is not None:
            return end
        match = _TOKEN.match(self.text, position)
        if match is None:  # a stray backslash, or a byte of a damaged character
            return self._add(Kind.OTHER, position, position + 1)
        name = match.lastgroup or "other"
        if name == "space":
            return match.end()
        if name == "punctuation":
            return self._punctuation(position, match.end())
        return self._add(_KINDS[name], position, match.end())

    def _try(self, pattern: re.Pattern[bytes], kind: Kind, position: int) -> int | None:
        """Take a string or regular expression, if it ends."""
        if position < self._hopeless[kind]:
            return None
        match = pattern.match(self.text, position)
        if match is not None:
            return self._add(kind, position, match.end())
        line_end = self.text.find(b"\n", position)
        self._hopeless[kind] = line_end if line_end >= 0 else len(self.text)
        return None

    def _add(self, kind: Kind, start: int, end: int) -> int:
        token = Token(kind, start, end, self.text[start:end])
        self.tokens.append(token)
        if kind is not Kind.COMMENT:
            self._before = token
            self._closed = b""
        return end

    def _template(self, position: int) -> int:
        """Template text from a backtick or the brace that ends a substitution, up to the next such place."""
        match = _TEMPLATE.match(self.text, position + 1)
        end = match.end() if match else len(self.text)
        if self.text.endswith(b"${", position, end):
            self._brackets.append(b"${")
        return self._add(Kind.TEMPLATE, position, end)

    def _punctuation(self, position: int, end: int) -> int:
        mark = self.text[position:end]
        closed = b""
        if mark in (b"(", b"{"):
            before = self._before
            is_condition = mark == b"(" and before is not None and before.text in _BEFORE_CONDITION
            self._brackets.append(b"if(" if is_condition else mark)
        elif mark in (b")", b"}") and self._brackets:
            closed = self._brackets[-1]
            if mark == b"}" and closed == b"${":
                self._brackets.pop()
                return self._template(position)
            if (mark == b"}") == (closed == b"{"):
                self._brackets.pop()
        self._add(Kind.PUNCTUATION, position, end)
        self._closed = closed
        return end

    def _expects_expression(self, position: int) -> bool:
        """Whether a slash here would open a regular expression rather than divide or close a JSX element."""
        before = self._before
        if before is None:
            return True
        if before.kind is Kind.WORD:
            return before.text in _BEFORE_EXPRESSION
        if before.kind is not Kind.PUNCTUATION:
            return before.kind is Kind.TEMPLATE and before.text.endswith(b"${")
        if before.text == b")":
            return self._closed == b"if("
        if before.text == b"}":
            return b"\n" in self.text[before.end : position]
        return before.text not in (b"]", b"<", b"++", b"--")


def token_at(tokens: Sequence[Token], offset: int) -> int:
    """The index of the first token that ends behind this offset."""
    from bisect import bisect_right

    return bisect_right(tokens, offset, key=lambda token: token.end)
