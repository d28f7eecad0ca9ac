"""How often a word stands in the other files of a file's repository: whether a name that a repair writes is one there.

The tracked JavaScript and TypeScript files are read when the first word is asked for, once a process, in order of path,
up to a limit of files, bytes and seconds. Later changes of them are not seen by a process that goes on. What depends on
such a count depends on other files, so it is kept out of the cache, whose key is one file.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from thea_hook import git
from thea_hook.core.source import SourceFile
from thea_hook.errors import FileAccessError, GitError
from thea_hook.files import read_source
from thea_hook.languages.words import occurrences


class Limits(NamedTuple):
    """How much of a repository is read."""

    files: int = 5_000
    bytes: int = 16 << 20
    seconds: float = 2.0


LIMITS = Limits()


class RepositoryTexts(NamedTuple):
    """Texts of a repository by absolute path; ``is_whole`` unless a limit left some out."""

    texts: Mapping[str, bytes]
    is_whole: bool

    def count_of(self, word: bytes, but: str) -> int | None:
        """How often the word stands in them, without those of one path: at least so often, where some are left out.
        None where there is no such text, or the word may well stand in one that was left out."""
        others = [text for path, text in self.texts.items() if path != but]
        found = sum(occurrences(word, text) for text in others)
        return found if found or (others and self.is_whole) else None


def names_elsewhere(file: SourceFile) -> Callable[[bytes], int | None] | None:
    """Counts words in the other files of the repository that holds this one; None where no repository does."""
    path = os.path.abspath(file.path)
    root = git.find_root(os.path.dirname(path))
    return None if root is None else lambda word: texts_of(root).count_of(word, path)


@lru_cache(maxsize=2)  # a server may have more than one repository open
def texts_of(root: str, limits: Limits = LIMITS) -> RepositoryTexts:
    """What is read of the tracked sources of a repository: as for a check, without links, bundles and generated files.
    Nothing where git cannot list them."""
    ends = time.monotonic() + limits.seconds
    texts: dict[str, bytes] = {}
    left = limits.bytes
    try:
        names = git.tracked_files(root)
    except GitError:
        return RepositoryTexts({}, is_whole=False)
    for name in names[: limits.files]:
        path = os.path.join(root, *name.split("/"))
        text = _text_of(path)
        left -= len(text)
        if left < 0 or time.monotonic() > ends:
            return RepositoryTexts(texts, is_whole=False)
        texts[path] = text
    return RepositoryTexts(texts, is_whole=len(names) <= limits.files)


def _text_of(path: str) -> bytes:
    """The text of a file that is fit to be checked; empty for any other."""
    try:
        source = read_source(path)
    except FileAccessError:
        return b""
    return source.text if isinstance(source, SourceFile) else b""
