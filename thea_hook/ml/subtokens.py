"""Words cut into the pieces of a small vocabulary, so that names never seen before still say something.

A word is cut where its writer joined it (``fooBarHTML2`` is foo, Bar, HTML, 2), and each part into the longest pieces
that the vocabulary has, from left to right: WordPiece, whose pieces inside a part begin with ``##``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

PADDING = 0
UNKNOWN = 1
FIRST_PIECE = 2
PIECES_PER_WORD = 4
CONTINUATION = "##"

# A longer part is no name; the reference implementation has such a limit, too.
LONGEST_PART = 100
# Words that are remembered: a file uses a few hundred names, a training run millions of words.
_MEMORY = 1 << 18

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+|.", re.DOTALL)


def parts(word: str) -> list[str]:
    """The parts a name is joined from: camelCase, snake_case and digits; ``$`` and ``_`` stand alone."""
    return _PART.findall(word)


class SubTokens:
    """A vocabulary of pieces. Ids: 0 is padding, 1 an unknown part, 2 and up the pieces in their order."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        self._ids = {piece: index for index, piece in enumerate(self.pieces, FIRST_PIECE)}
        self._longest = max(map(len, self.pieces), default=0)
        self._known: dict[bytes, tuple[int, ...]] = {}

    @classmethod
    def load(cls, path: Path) -> SubTokens:
        """The vocabulary in a file: a JSON list of pieces."""
        return cls(json.loads(path.read_text("utf-8")))

    def __len__(self) -> int:
        """How many ids there are."""
        return len(self.pieces) + FIRST_PIECE

    def __call__(self, word: bytes) -> tuple[int, ...]:
        """The ids of a word, four at most: its first three and its last, where a name's nouns are."""
        ids = self._known.get(word)
        if ids is None:
            if len(self._known) >= _MEMORY:
                self._known.clear()
            every = self.encode(word.decode("utf-8", "replace"))
            ids = every if len(every) <= PIECES_PER_WORD else (*every[: PIECES_PER_WORD - 1], every[-1])
            self._known[word] = ids
        return ids

    def encode(self, word: str) -> tuple[int, ...]:
        """The ids of all pieces of a word."""
        return tuple(piece for part in parts(word) for piece in self._pieces_of(part))

    def text_of(self, piece: int) -> bytes | None:
        """What a piece stands for; None for padding, an unknown part, and ids that there are not."""
        if not FIRST_PIECE <= piece < len(self):
            return None
        return self.pieces[piece - FIRST_PIECE].removeprefix(CONTINUATION).encode()

    def _pieces_of(self, part: str) -> Iterator[int]:
        """The longest pieces from left to right, or one unknown where they do not cover the part."""
        found: list[int] = []
        start = 0
        while start < len(part) <= LONGEST_PART:
            prefix = CONTINUATION if start else ""
            for end in range(min(len(part), start + self._longest), start, -1):
                piece = self._ids.get(prefix + part[start:end])
                if piece is not None:
                    found.append(piece)
                    start = end
                    break
            else:
                return iter((UNKNOWN,))
        return iter(found or (UNKNOWN,))
