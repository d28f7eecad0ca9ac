"""Characters that text processors, web pages and input methods put where ASCII belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.lexemes import Kind
from thea_hook.ruleset.rule import Problem
from thea_hook.syntax.broken import Broken
from thea_hook.syntax.repairs.keywords import KEYWORDS

_QUOTES = {
    **dict.fromkeys("“”„‟″＂", b'"'),
    **dict.fromkeys("‘’‚‛′´＇", b"'"),
}
_STRAIGHT = {'"': b'"', "'": b"'"}
_QUOTE = re.compile("[" + "".join((*_QUOTES, *_STRAIGHT)) + "]")

_LOOK_ALIKES = {
    **{chr(ord(mark) + 0xFEE0): mark.encode() for mark in "!#$%&()*+,-./:;<=>?@[]^`{|}~"},
    "…": b"...",
    "−": b"-",
    "–": b"-",
    "≤": b"<=",
    "≥": b">=",
    "⇒": b"=>",
    "\u037e": b";",  # the Greek question mark looks like a semicolon
}

_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufffc]+")


def smart_quotes(broken: Broken) -> Iterator[Problem]:
    """A string between typographic quotes, or between one of them and a straight one."""
    for index in broken.near(3, 1):
        token = broken.tokens[index]
        quote = token.text.decode("utf-8", "replace")
        if token.kind is Kind.OTHER and _QUOTE.fullmatch(quote):
            line_end = broken.line_of(token.start).end
            rest = broken.text[token.end : line_end].decode("utf-8", "surrogateescape")
            closing = _closing_quote(rest, quote)
            if closing is not None and (quote in _QUOTES or rest[closing] in _QUOTES):
                yield _quoted(token.start, quote, rest[:closing], rest[closing])


def _closing_quote(rest: str, opening: str) -> int | None:
    """Where the string ends: at a typographic quote if there is one, since a straight one may be quoted itself."""
    known = _QUOTES | _STRAIGHT
    ends = [
        match.start()
        for match in _QUOTE.finditer(rest)
        if known[match[0]] == known[opening] and not _is_apostrophe(rest, match.start())
    ]
    typographic = [end for end in ends if rest[end] in _QUOTES]
    return next(iter(typographic or ends), None)


def _is_apostrophe(rest: str, place: int) -> bool:
    within_word = rest[place - 1 : place].isalpha() and rest[place + 1 : place + 2].isalpha()
    return within_word and (_QUOTES | _STRAIGHT)[rest[place]] == b"'"


def _quoted(start: int, opening: str, content: str, closing: str) -> Problem:
    first = (_QUOTES | _STRAIGHT)[opening]
    other = b"'" if first == b'"' else b'"'
    straight = other if first.decode() in content and other.decode() not in content else first
    content_start = start + len(opening.encode())
    content_end = content_start + len(content.encode("utf-8", "surrogateescape"))
    end = content_end + len(closing.encode())
    edits = (Edit(Span(start, content_start), straight), Edit(Span(content_end, end), straight))
    data = {"quote": opening if opening in _QUOTES else closing, "straight": straight.decode()}
    return Problem(Span(start, end), data=data, edits=edits, title="Use straight quotes")


def look_alikes(broken: Broken) -> Iterator[Problem]:
    """Full-width and typographic punctuation for which ASCII has a character."""
    for index in broken.near(1, 1):
        token = broken.tokens[index]
        written = token.text.decode("utf-8", "replace")
        ascii_mark = _LOOK_ALIKES.get(written)
        if token.kind is Kind.OTHER and ascii_mark is not None:
            where = Span(token.start, token.end)
            data = {"written": written, "ascii": ascii_mark.decode()}
            yield Problem(where, data=data, edits=(Edit(where, ascii_mark),), title=f"Write `{ascii_mark.decode()}`")


def invisible(broken: Broken) -> Iterator[Problem]:
    """Characters that show nothing and mean nothing; between two words one may have stood for a blank."""
    done = 0
    for index in broken.near(1, 1):
        token = broken.tokens[index]
        if token.kind is not Kind.OTHER or token.start < done:
            continue
        line_end = broken.line_of(token.start).end
        match = _INVISIBLE.match(broken.text[token.start : line_end].decode("utf-8", "surrogateescape"))
        if match is None:
            continue
        where = Span(token.start, token.start + len(match[0].encode("utf-8", "surrogateescape")))
        done = where.end
        data = {"code": f"U+{ord(match[0][0]):04X}"}
        words = _words_around(broken, index, where)
        if words is None or words[0] not in KEYWORDS:
            yield Problem(where, data=data, edits=(Edit(where, b""),), title="Remove it")
        if words is not None:
            yield Problem(where, data=data, edits=(Edit(where, b" "),), title="Put a space in its place")


def _words_around(broken: Broken, index: int, where: Span) -> tuple[str, str] | None:
    """The two words that the characters stand between without any blank."""
    following = broken.index_of(where.end)
    if index == 0 or following == len(broken.tokens):
        return None
    before, after = broken.tokens[index - 1], broken.tokens[following]
    if before.end < where.start or after.start > where.end or {before.kind, after.kind} - _WORDS:
        return None
    return before.text.decode("utf-8", "replace"), after.text.decode("utf-8", "replace")


_WORDS = {Kind.WORD, Kind.NUMBER}
