"""How often a word stands in the other files of the repository that a broken text comes from."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from thea_hook.lab.corpus import store
from thea_hook.lab.training.trials import Question
from thea_hook.languages.words import occurrences
from thea_hook.ml.names import Elsewhere


class Corpus:
    """The texts of a split by repository, read when the first of them is asked for."""

    def __init__(self, split: store.Split, folder: Path | None = None) -> None:
        self._split = split
        self._folder = folder

    @cached_property
    def _texts(self) -> dict[str, dict[str, bytes]]:
        found: dict[str, dict[str, bytes]] = {}
        for document in store.read(self._split, self._folder):
            found.setdefault(document.repository, {})[document.path] = document.text
        return found

    def elsewhere(self, question: Question) -> Elsewhere:
        """Counts words in the other files of a question's repository, as the product does in those on disk."""

        def count(word: bytes) -> int | None:
            texts = self._texts.get(question.repository, {})
            others = [text for path, text in texts.items() if path != question.file.path]
            return sum(occurrences(word, text) for text in others) if others else None

        return count
