"""Names and keywords in any text, also in its comments and strings, without looking at the grammar."""

from __future__ import annotations

import re

# Beyond ASCII, any byte: nearly all such characters outside of strings are letters.
_INSIDE = rb"[\w$\x80-\xff]"
WORD = re.compile(rb"(?<!%b)[A-Za-z_$\x80-\xff]%b*" % (_INSIDE, _INSIDE))
WORD_BYTES = bytes(byte for byte in range(256) if re.match(_INSIDE, bytes([byte])))
"""What a word is made of, behind its first byte."""


def occurrences(word: bytes, text: bytes) -> int:
    """How often the word stands in the text as a whole one."""
    if word not in text:  # a hundred times as fast as the expression, and true of most files
        return 0
    return len(re.findall(rb"(?<!%b)%b(?!%b)" % (_INSIDE, re.escape(word), _INSIDE), text))
