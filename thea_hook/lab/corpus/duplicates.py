"""Which files say what another file has said already.

Copies are found twice: byte for byte once white space is out of the way, and by their lines, which finds the file that
was copied and edited, or that is one file of a family written from a template.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from hashlib import blake2b

SHARE_OF_LINES = 0.7
# A line this short (`});`, `return null;`) is in every file; it says nothing about copying.
SHORTEST_LINE = 12
# Files that hold a line, at most: one that more hold is boilerplate, and the first ones stand for all.
FILES_PER_LINE = 16

_WHITE_SPACE = re.compile(rb"\s+")


class Duplicates:
    """What was kept so far. The order in which files are offered decides which of two copies stays: the first."""

    def __init__(self, share: float = SHARE_OF_LINES) -> None:
        self._share = share
        self._whole: set[bytes] = set()
        self._files_with: defaultdict[int, list[int]] = defaultdict(list)
        self._kept = 0

    def admit(self, text: bytes) -> bool:
        """Whether the text is new enough to keep; if it is, later texts are compared with it."""
        whole = blake2b(_WHITE_SPACE.sub(b"", text), digest_size=16).digest()
        if whole in self._whole:
            return False
        lines = line_hashes(text)
        if self._overlap(lines) > self._share * len(lines):
            return False
        self._whole.add(whole)
        self._remember(lines)
        return True

    def _overlap(self, lines: frozenset[int]) -> int:
        """How many of the lines are in the one kept file that shares the most of them."""
        shared: Counter[int] = Counter()
        for line in lines:
            shared.update(self._files_with.get(line, ()))
        return max(shared.values(), default=0)

    def _remember(self, lines: frozenset[int]) -> None:
        for line in lines:
            files = self._files_with[line]
            if len(files) < FILES_PER_LINE:
                files.append(self._kept)
        self._kept += 1


def line_hashes(text: bytes) -> frozenset[int]:
    """The lines that say something, as numbers: indentation and line endings do not count."""
    lines = (_WHITE_SPACE.sub(b" ", line).strip() for line in text.splitlines())
    return frozenset(
        int.from_bytes(blake2b(line, digest_size=8).digest(), "big") for line in lines if len(line) >= SHORTEST_LINE
    )
