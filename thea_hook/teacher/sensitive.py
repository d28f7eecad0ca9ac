"""Where a text holds what looks like a secret.

To hide too much costs nothing but a little context, so in doubt a string is a secret. The text may be broken: a string
need not end, a separator may be missing, and quotes may be those of a word processor.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from thea_hook.core.source import Span
from thea_hook.ml.vocabulary import KEYWORDS

SHORTEST = 3
"""A value of fewer bytes is no secret, and would hide half of a text."""
DISTINCT = 8
"""A value of so many bytes is the same secret wherever it stands; a shorter one may be an ordinary word elsewhere."""
MOST_SECRETS = 500
"""A file with more of them is no program."""

_NAMES = (
    rb"(?:pass(?:word|wd|wort|phrase|code)?|pwd|\bpw\b|\bpin\b|\botp\b|kennwort|contrase|\bsenha|secret|tokens?|"
    rb"[a-z0-9][-_.]?keys?(?![a-z])|auth(?:orization)?|credentials?|bearer|cookies?|session[-_.]?id|client[-_.]?id|"
    rb"connection[-_.]?string|dsn|salt|mnemonic|seed[-_ ]?phrase|signature|hmac|"
    rb"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c)"  # the Russian for password
)

_SHAPES: tuple[re.Pattern[bytes], ...] = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rb"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE)[A-Z0-9 ]{0,40}-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)",
        rb"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?",  # JSON web tokens
        rb"\b(?:AKIA|ASIA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{12,}",  # Amazon
        rb"\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{16,}",
        rb"\bgl(?:pat|dt|rt|cbt|ptt|oas)-[A-Za-z0-9_.-]{16,}",
        rb"\bxox[a-z]-[A-Za-z0-9-]{8,}",  # Slack
        rb"\bhooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]+",
        rb"\bdiscord(?:app)?\.com/api/webhooks/[A-Za-z0-9/_-]+",
        rb"\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}",  # Stripe
        rb"\bwhsec_[A-Za-z0-9+/=]{8,}",
        rb"\bsk-[A-Za-z0-9_-]{16,}",
        rb"\bAIza[A-Za-z0-9_-]{20,}",  # Google
        rb"\bya29\.[A-Za-z0-9_-]{16,}",
        rb"\bGOCSPX-[A-Za-z0-9_-]{16,}",
        rb"\bnpm_[A-Za-z0-9]{16,}",
        rb"\bpypi-[A-Za-z0-9_-]{16,}",
        rb"\bhf_[A-Za-z0-9]{16,}",
        rb"\bSG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",  # SendGrid
        rb"\bkey-[0-9a-f]{32}\b",  # Mailgun
        rb"\b(?:AC|SK)[0-9a-f]{32}\b",  # Twilio
        rb"\b\d{8,10}:[A-Za-z0-9_-]{35}\b",  # Telegram
        rb"\bdop_v1_[0-9a-f]{32,}",
        rb"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{16,}",
        rb"\bEAA[A-Za-z0-9]{24,}",
    )
)

_PLACES: tuple[re.Pattern[bytes], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rb"://(?P<secret>[^\s\"'`<>]{3,250})@",  # who logs in by a URL, and with what
        rb"[?&#][\w.-]{0,40}(?:" + _NAMES + rb"|sig|key|code)[\w.-]{0,40}=(?P<secret>[^\s&#\"'`<>]+)",
        rb"\b(?:bearer|basic|token)\s+(?P<secret>[A-Za-z0-9+/=_.~-]{12,})",
        rb"\bauthorization:\s*\w+\s+(?P<secret>[^\s\"'`]+)",
        rb"\bAccountKey=(?P<secret>[^;\"'`\s]+)",
        # what a name that says so is compared with, the other way round
        rb"(?P<quote>[\"'`])(?P<secret>(?:\\.|(?!(?P=quote))[^\\\r\n]){1,200})(?P=quote)\s{0,8}[!=]==?\s{0,8}[\w$.]{0,80}"
        + _NAMES,
        # a line of a .env file: DB_PASSWORD=..., also in a comment or a template
        rb"(?m:^)[^\S\r\n]{0,80}(?://|\*|\#|export)?[^\S\r\n]{0,8}[\w.-]{0,40}"
        + _NAMES
        + rb"[\w.-]{0,40}=(?P<secret>[^\s\"'`;,(){}]+)",
        # and one of YAML
        rb"(?m:^)[^\S\r\n]{0,80}[\w.-]{0,40}" + _NAMES + rb"[\w.-]{0,40}:[^\S\r\n]{1,8}"
        rb"(?P<secret>[^\s\"'`;,(){}<>\[\]]+)[^\S\r\n]{0,8}(?m:$)",
        # both anywhere in a comment
        rb"(?://|/\*|(?m:^)[^\S\r\n]{0,80}[*#])[^\r\n]{0,120}?"
        + _NAMES
        + rb"[\w.-]{0,40}[^\S\r\n]{0,4}[:=][^\S\r\n]{0,4}"
        rb"(?P<secret>[^\s\"'`;,(){}<>]+)",
    )
)

_NAMED = re.compile(_NAMES + rb"[\w$.-]{0,40}", re.IGNORECASE)
"""A name that says what its value is."""

_SEPARATED = re.compile(
    rb"\s{0,8}[\])]?\s{0,8}(?:[!?]?:|[=!]=?=?>?|[,(]|\|\||\?\?|(?=[\"'`]|\xe2\x80[\x98\x9c]))\s{0,80}"
)
"""What may stand between the two; nothing, where that is what the parser complains of."""

_WITHIN = re.compile(rb"\s?[:=]\s?(?P<secret>[^\s;&\"'`]+)")
"""The value of a name in a string that goes on: ``"host=db;password=..."``."""

_VALUE = re.compile(
    rb"(?P<quote>[\"'])(?P<plain>(?:\\.|(?!(?P=quote))[^\\\r\n])*)(?P=quote)?"
    rb"|`(?P<template>(?:\\.|[^\\`])*)`?"
    rb"|\xe2\x80(?:\x9c|\x98)(?P<curly>(?:(?!\xe2\x80[\x99\x9d])[^\r\n])*)(?:\xe2\x80[\x99\x9d])?"
    rb"|\[\s*(?P<bytes>(?:0x[0-9a-f]{1,2}|\d{1,3})(?:\s*,\s*(?:0x[0-9a-f]{1,2}|\d{1,3})){7,})"
    rb"|(?<![\w$.])(?P<number>\d{6,})(?![\w$.])"
    rb"|(?P<unopened>[^\s\"'`;,(){}\[\]<>=:]{3,})(?=[\"'])",
    re.IGNORECASE | re.DOTALL,
)
_FURTHEST = 400
"""How far behind a name its values are looked for."""
_QUOTES = re.compile(rb"(?:\\.)|([\"'`])")
_GOES_ON = frozenset(b"+?:=|&,([{>")
"""What a line ends with whose statement does not."""

_TOKEN = re.compile(rb"[A-Za-z0-9+/_=-]{20,}")
_STRING = rb"(?:\"(?:\\.|[^\"\\\r\n])*\"|'(?:\\.|[^'\\\r\n])*'|`(?:\\.|[^`\\])*`)"
_QUOTED = re.compile(rb"([\"'`])((?:\\.|(?!\1)[^\\\r\n])*)")
_PIECES = re.compile(_STRING + rb"(?:\s{0,80}\+\s{0,80}" + _STRING + rb")+")
_PIECE = re.compile(_STRING)
_HEX = re.compile(rb"[0-9a-fA-F-]+")
_WORD = re.compile(rb"[A-Za-z_$]+")
_HARMLESS = frozenset({*KEYWORDS, b"none", b"password", b"secret", b"token", b"javascript", b"typescript"})


class Secret(NamedTuple):
    """One stretch of a text that is not shown to anybody."""

    span: Span
    text: bytes


def find_secrets(text: bytes) -> list[Secret]:
    """What looks like a secret, in order, without overlaps; also where one stands again and looks like none."""
    named = [(span, is_certain) for span, is_certain in _by_name(text) if _is_worth_hiding(text, span)]
    found = [span for span in (*_by_shape(text), *_by_place(text)) if _is_worth_hiding(text, span)]
    found += [span for span, is_certain in named if is_certain]
    values = {text[slice(*span)] for span in found}
    likely = [span for span, is_certain in named if not is_certain]
    # a word that may have nothing to do with the name is hidden in its place, but the text may use it elsewhere
    values.update(value for value in (text[slice(*span)] for span in likely) if not _WORD.fullmatch(value))
    again = (
        Span(*match.span())
        for value in (values if len(values) <= MOST_SECRETS else ())
        if len(value) >= DISTINCT
        for match in re.finditer(re.escape(value), text)
    )
    return [Secret(span, text[slice(*span)]) for span in _merged((*found, *likely, *again))]


def _is_worth_hiding(text: bytes, span: Span) -> bool:
    value = text[slice(*span)]
    return len(value) >= SHORTEST and value.lower() not in _HARMLESS


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


# ------------------------------------------------------------------ by what it looks like


def _by_shape(text: bytes) -> Iterator[Span]:
    yield from _shapes_and_tokens(text)
    for match in _QUOTED.finditer(text):
        if _is_random_password(match[2]):
            yield Span(*match.span(2))
    for chain in _PIECES.finditer(text):  # "ghp_" + "..."
        pieces = [Span(match.start() + 1, match.end() - 1) for match in _PIECE.finditer(text, *chain.span())]
        if any(True for _ in _shapes_and_tokens(b"".join(text[slice(*piece)] for piece in pieces))):
            yield from pieces


def _shapes_and_tokens(text: bytes) -> Iterator[Span]:
    for shape in _SHAPES:
        yield from (Span(*match.span()) for match in shape.finditer(text))
    for match in _TOKEN.finditer(text):
        if is_random(match[0]):
            yield Span(*match.span())


def is_random(token: bytes) -> bool:
    """Whether a long word is too disorderly for a name: hexadecimal digits, base64 and the like."""
    body = token.strip(b"=-_/+")
    if _HEX.fullmatch(body) and any(chr(byte).isdigit() for byte in body):
        return len(body) >= 24 and entropy(body) >= 2.8
    has_digit, has_upper, has_lower = (re.search(kind, body) for kind in (rb"\d", rb"[A-Z]", rb"[a-z]"))
    if b"/" in body and not has_digit:  # a path
        return False
    if has_digit and has_upper and has_lower:
        return entropy(body) >= 3.6
    if has_digit and (has_upper or has_lower):
        return len(body) >= 24 and entropy(body) >= 3.8
    return len(body) >= 32 and bool(has_upper and has_lower) and entropy(body) >= 4.4


def _is_random_password(text: bytes) -> bool:
    """Whether a string without a blank mixes letters, digits and signs as only passwords do."""
    if not 10 <= len(text) <= 128 or re.search(rb"\s", text):
        return False
    kinds = [rb"[a-z]", rb"[A-Z]", rb"\d", rb"[!@#$%^&*?~]"]
    changes = len(re.findall(rb"[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z]", text))
    return all(re.search(kind, text) for kind in kinds) and changes >= 3 and entropy(text) >= 3.2


def entropy(text: bytes) -> float:
    """Shannon entropy in bits a byte."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


# ------------------------------------------------------------------ by where it stands


def _by_place(text: bytes) -> Iterator[Span]:
    for pattern in _PLACES:
        yield from (Span(*match.span("secret")) for match in pattern.finditer(text))


def _by_name(text: bytes) -> Iterator[tuple[Span, bool]]:
    """The values of names that say what they are, and whether they surely are: the string right behind such a name is
    (``apiKey: ".."``, ``"token", ".."``), one further on in the statement may be."""
    quotes, position = _Quotes(text), 0
    for name in _NAMED.finditer(text):
        start, place = name.span()
        quote = quotes.around(start)
        if quote and text[place : place + 1] != quote:  # in a string that goes on
            within = _WITHIN.match(text, place)
            if within is not None:
                yield Span(*within.span("secret")), True
            continue
        separated = _SEPARATED.match(text, place + len(quote))
        if separated is None:
            continue
        place = separated.end()
        first = _VALUE.match(text, place)
        if first is not None and not first["unopened"]:
            yield _content(first), True
        position = max(position, place)
        for value, end in _strings(text, position, furthest=min(len(text), place + _FURTHEST)):
            yield value, False
            position = end


class _Quotes:
    """Which places of a text are in strings, as far as their lines tell. To be asked in the order of the text."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._position = 0
        self._quote = b""

    def around(self, place: int) -> bytes:
        """The quote of the string that a place is in, empty for none."""
        line = self._text.rfind(b"\n", self._position, place) + 1
        if line:
            self._position, self._quote = line, b""
        for mark in filter(None, _QUOTES.findall(self._text, self._position, place)):
            self._quote = mark if not self._quote else b"" if mark == self._quote else self._quote
        self._position = max(self._position, place)
        return self._quote


def _strings(text: bytes, position: int, furthest: int) -> Iterator[tuple[Span, int]]:
    """The values from a place to the end of the statement, or to the furthest place, and where each ends with its
    quotes."""
    depth, last = 0, b"="[0]
    while position < furthest:
        match = _VALUE.match(text, position)
        if match is not None:
            position, last = max(match.end(), position + 1), 0
            yield _content(match), position
            continue
        byte = text[position]
        if byte == b"\n"[0] and last not in _GOES_ON and not _goes_on(text, position):
            return
        depth += (byte in b"([") - (byte in b")]")
        if byte in b";," and depth <= 0:
            return
        last = last if byte in b" \t\r\n" else byte
        position += 1


def _goes_on(text: bytes, line_break: int) -> bool:
    """Whether the next line begins as only the middle of an expression does."""
    return text[_after_blanks(text, line_break) :][:1] in (b"+", b"?", b":", b"|", b"&", b".")


_BLANKS = re.compile(rb"\s{0,80}")


def _after_blanks(text: bytes, position: int) -> int:
    match = _BLANKS.match(text, position)
    return match.end() if match else position


def _content(match: re.Match[bytes]) -> Span:
    """Where the value itself stands, without its quotes."""
    name = next(name for name, value in match.groupdict().items() if name != "quote" and value is not None)
    return Span(*match.span(name))
