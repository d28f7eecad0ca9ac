"""Counts of what a corpus holds and of what was left out of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from thea_hook.core.source import Language
from thea_hook.lab.corpus.store import SPLITS, Document, Split
from thea_hook.languages.lexemes import Lexemes, lex

# `</name>` and `<name />`
_JSX = frozenset([(b"<", b"/"), (b"/", b">")])


@dataclass
class Counts:
    """Totals over some files."""

    files: int = 0
    bytes: int = 0
    lexemes: int = 0
    jsx_files: int = 0

    def add(self, lexemes: Lexemes) -> None:
        self.files += 1
        self.bytes += len(lexemes.text)
        self.lexemes += len(lexemes)
        self.jsx_files += has_jsx(lexemes)


@dataclass
class Statistics:
    """Counts by split and language and by repository, and why files were dropped."""

    languages: dict[Split, dict[Language, Counts]] = field(default_factory=lambda: {split: {} for split in SPLITS})
    repositories: dict[str, Counts] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)

    def add(self, split: Split, document: Document) -> None:
        """Count a document that is kept."""
        lexemes = lex(document.text, document.language)
        self.languages[split].setdefault(document.language, Counts()).add(lexemes)
        self.repositories.setdefault(document.repository, Counts()).add(lexemes)

    def drop(self, reason: str) -> None:
        """Count a file that is left out."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def total(self, split: Split) -> Counts:
        """The counts of a split over its languages."""
        each = self.languages[split].values()
        return Counts(
            sum(counts.files for counts in each),
            sum(counts.bytes for counts in each),
            sum(counts.lexemes for counts in each),
            sum(counts.jsx_files for counts in each),
        )

    def save(self, path: Path) -> None:
        """Write the counts as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", "utf-8")

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterable[str]:
        yield f"{'':32}{'files':>8}{'MB':>8}{'lexemes':>12}{'with JSX':>10}"
        for split in SPLITS:
            yield _row(split, self.total(split))
            for language, counts in sorted(self.languages[split].items()):
                yield _row(f"  {language}", counts)
        yield ""
        for repository, counts in sorted(self.repositories.items(), key=lambda item: -item[1].lexemes):
            yield _row(repository[:32], counts)
        yield ""
        yield from (
            f"{reason:32}{count:>8}" for reason, count in sorted(self.dropped.items(), key=lambda item: -item[1])
        )


def has_jsx(lexemes: Lexemes) -> bool:
    """Whether the text, which parses, holds a JSX element: nothing else has a slash beside an angle bracket."""
    pairs = pairwise(zip(lexemes.texts, lexemes.starts, lexemes.ends, strict=True))
    return any(end == start and (left, right) in _JSX for (left, _, end), (right, start, _) in pairs)


def _row(name: str, counts: Counts) -> str:
    share = counts.jsx_files / counts.files if counts.files else 0.0
    return f"{name:32}{counts.files:>8,}{counts.bytes / 1e6:>8.1f}{counts.lexemes:>12,}{share:>10.1%}"
