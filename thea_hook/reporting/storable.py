"""Text that the readers of JSON on the other side can store."""

from __future__ import annotations

import re

# Go's protojson and Ruby refuse a report for one lone surrogate, and no PostgreSQL column takes U+0000.
_REFUSED = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with lone surrogates, which no UTF-8 has, and U+0000 written as escapes."""
    return _REFUSED.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
