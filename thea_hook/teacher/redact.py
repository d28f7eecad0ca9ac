"""Secrets in a text, and the text without them.

What looks like a key, a token, a password or a private key never leaves the process: a placeholder goes in its place,
and comes back as what it stands for when the answer is read. To hide too much costs nothing but a little context, so
in doubt a string is a secret.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from thea_hook.core.source import Span

_KEY_WORDS = (
    rb"(?:pass(?:word|wd|phrase|code)?|pwd|secret|tokens?|api[-_.]?keys?|access[-_.]?keys?|private[-_.]?keys?|"
    rb"signing[-_.]?keys?|encryption[-_.]?keys?|auth(?:orization)?|credentials?|bearer|cookies?|session[-_.]?id|"
    rb"client[-_.]?id|connection[-_.]?string|dsn|salt)"
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

_INSIDE: tuple[re.Pattern[bytes], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rb"://[^\s/:@\"'`<>]{0,80}:(?P<secret>[^\s/@\"'`<>]{1,200})@",  # the password in a URL
        rb"\b(?:bearer|basic|token)\s+(?P<secret>[A-Za-z0-9+/=_.~-]{12,})",
        rb"\bAccountKey=(?P<secret>[^;\"'`\s]+)",
        # what is assigned to a name that says so, as a string: apiKey: "..", PASSWORD = '..', "token", ".."
        _KEY_WORDS + rb"[\w$.-]{0,40}[\"'`]?\s{0,8}\]?\s{0,8}(?::|=>?|,|\(|\|\||\?\?)\s{0,80}"
        rb"(?P<quote>[\"'`])(?P<secret>(?:\\.|(?!(?P=quote))[^\\\r\n])+)",
        # and as a line of a .env file: DB_PASSWORD=..., also in a comment or a template
        rb"(?m:^)[^\S\r\n]{0,80}(?://|\*|\#|export)?[^\S\r\n]{0,8}[\w.-]{0,40}"
        + _KEY_WORDS
        + rb"[\w.-]{0,40}=(?P<secret>[^\s\"'`;,(){}]{3,})",
    )
)

_TOKEN = re.compile(rb"[A-Za-z0-9+/_=-]{20,}")
_QUOTED = re.compile(rb"([\"'`])((?:\\.|(?!\1)[^\\\r\n])*)")
_HEX = re.compile(rb"[0-9a-fA-F-]+")
_HARMLESS = frozenset({b"true", b"false", b"null", b"undefined", b"none", b"password", b"secret", b"token"})

SHORTEST = 3
"""A value of fewer bytes is no secret, and would hide half of a text."""
DISTINCT = 8
"""A value of so many bytes is the same secret wherever it stands; a shorter one may be an ordinary word elsewhere."""
MOST_SECRETS = 500
"""A file with more of them is no program."""


class Secret(NamedTuple):
    """One stretch of a text that is not shown to anybody."""

    span: Span
    text: bytes


def find_secrets(text: bytes) -> list[Secret]:
    """What looks like a secret, in order, without overlaps; also where one stands again and looks like none."""
    spans = _merged(_spans(text))
    values = {text[slice(*span)] for span in spans}
    again = (
        match.span() for value in values if len(value) >= DISTINCT for match in re.finditer(re.escape(value), text)
    )
    return [Secret(span, text[slice(*span)]) for span in _merged((*spans, *(Span(*span) for span in again)))]


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _spans(text: bytes) -> Iterator[Span]:
    for shape in _SHAPES:
        yield from (Span(*match.span()) for match in shape.finditer(text))
    for pattern in _INSIDE:
        for match in pattern.finditer(text):
            if len(match["secret"]) >= SHORTEST and match["secret"].lower() not in _HARMLESS:
                yield Span(*match.span("secret"))
    for match in _TOKEN.finditer(text):
        if is_random(match[0]):
            yield Span(*match.span())
    for match in _QUOTED.finditer(text):
        if _is_random_password(match[2]):
            yield Span(*match.span(2))


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


class Redaction:
    """The secrets of one file, and the placeholders that stand for them."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._secrets = find_secrets(text)
        self._prefix = next(name for name in _prefixes() if name.encode() not in text)
        values = dict.fromkeys(secret.text for secret in self._secrets)
        self._names = {value: f"{self._prefix}{number}".encode() for number, value in enumerate(values, 1)}
        self._values = {name: value for value, name in self._names.items()}

    @property
    def prefix(self) -> str:
        """What every placeholder begins with; nothing in the file does."""
        return self._prefix

    def hide(self, span: Span) -> bytes:
        """A part of the file, with a placeholder for each secret and for each part of one in it."""
        pieces, position = [], span.start
        for secret in self._secrets:
            start, end = max(secret.span.start, span.start), min(secret.span.end, span.end)
            if start < end:
                pieces += [self._text[position:start], self._name(self._text[start:end])]
                position = end
        return b"".join((*pieces, self._text[position : span.end]))

    def hide_in(self, words: str) -> str:
        """Words about the file, such as a parser's message, without its secrets and any others."""
        raw = words.encode("utf-8", "replace")
        for value in sorted(self._names, key=len, reverse=True):
            raw = raw.replace(value, self._names[value])
        for secret in reversed(find_secrets(raw)):
            raw = raw[: secret.span.start] + b"..." + raw[secret.span.end :]
        return raw.decode("utf-8", "replace")

    @property
    def is_too_much(self) -> bool:
        """Whether there are so many secrets that the file is a list of them."""
        return len(self._secrets) > MOST_SECRETS

    def count(self, span: Span) -> int:
        """How many secrets, or parts of them, lie in this part of the file."""
        return sum(secret.span.start < span.end and span.start < secret.span.end for secret in self._secrets)

    def placeholders(self, text: bytes) -> list[bytes]:
        """Those in a text, in order, also ones that were made up."""
        return re.findall(re.escape(self._prefix.encode()) + rb"\d+", text)

    def restore(self, text: bytes) -> bytes:
        """A text that was hidden with its secrets back. Raises KeyError for a placeholder that was made up."""
        return re.sub(re.escape(self._prefix.encode()) + rb"\d+", lambda match: self._values[match[0]], text)

    def leaks(self, sent: bytes) -> bool:
        """Whether a secret of the file stands in what is about to be sent."""
        return any(len(value) >= DISTINCT and value in sent for value in self._names)

    def _name(self, value: bytes) -> bytes:
        """The placeholder of a value; a part of a secret gets one when it is first met."""
        if value not in self._names:
            name = f"{self._prefix}{len(self._names) + 1}".encode()
            self._names[value], self._values[name] = name, value
        return self._names[value]


def _prefixes() -> Iterable[str]:
    yield "HIDDEN_"
    yield from (f"HIDDEN{number}_" for number in range(1, 1 << 20))
