"""Real syntax errors on disk: one JSON object a line, one file a split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.source import Language, SourceFile
from thea_hook.lab.corpus.store import Split
from thea_hook.lab.paths import data_folder


class Breakage(NamedTuple):
    """A version that does not parse and the next one, which does; ``commit`` made the second of the first.

    ``mended`` is the first with only that of the second in it which it takes to parse; ``kind`` is the kind of mistake.
    """

    repository: str
    path: str
    language: Language
    before: bytes
    after: bytes
    commit: str
    mended: bytes = b""
    kind: str = ""

    @property
    def source(self) -> SourceFile:
        """The broken version as the rest of the program takes a file."""
        return SourceFile(self.path, self.before, self.language)


_TEXTS = ("before", "after", "mended")


def folder() -> Path:
    """Where the pairs lie unless a caller says otherwise."""
    return data_folder() / "broken"


def read_breakages(split: Split, pairs: Path | None = None) -> Iterator[Breakage]:
    """The pairs of a split."""
    return read((pairs or folder()) / f"{split}.jsonl")


def read(path: Path) -> Iterator[Breakage]:
    """The pairs in a file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Breakage(**row | {name: row[name].encode() for name in _TEXTS})


def write(path: Path, pairs: Iterable[Breakage]) -> None:
    """Replace a file; a run that is cut off leaves the one before in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as lines:
        for pair in pairs:
            row = pair._asdict() | {name: getattr(pair, name).decode() for name in _TEXTS}
            lines.write(json.dumps(row) + "\n")
    part.replace(path)
