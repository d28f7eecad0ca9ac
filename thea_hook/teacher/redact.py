"""A text without its secrets.

What looks like a key, a token, a password or a private key never leaves the process: a placeholder goes in its place,
and comes back as what it stands for when the answer is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from thea_hook.core.source import Span
from thea_hook.teacher.sensitive import DISTINCT, MOST_SECRETS, find_secrets

__all__ = ["DISTINCT", "Redaction", "find_secrets"]


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
