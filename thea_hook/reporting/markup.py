"""XML that every parser accepts, whatever the text holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

# XML 1.0 cannot hold these even as references; they are written as people would (\x1b).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A raw line break or tab in an attribute is read back as a space.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_SPECIAL = re.compile('[&<>"\n\r\t]')


def element(name: str, attributes: Mapping[str, str | int], content: str = "", *, indent: str = "") -> str:
    """One element on lines of its own; ``content`` is markup already."""
    pairs = "".join(f' {key}="{escape(str(value))}"' for key, value in attributes.items())
    if not content:
        return f"{indent}<{name}{pairs}/>\n"
    if content.endswith("\n"):
        return f"{indent}<{name}{pairs}>\n{content}{indent}</{name}>\n"
    return f"{indent}<{name}{pairs}>{content}</{name}>\n"


def escape(text: str) -> str:
    """The text for an attribute or between tags."""
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], _FORBIDDEN.sub(_escape_forbidden, text))


def _escape_forbidden(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
