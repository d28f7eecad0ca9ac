"""The built corpus on disk: one JSON object a line, one file a split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from thea_hook.core.source import Language, SourceFile
from thea_hook.lab.paths import data_folder

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


class Document(NamedTuple):
    """One file of the corpus, and where it comes from."""

    repository: str
    path: str
    language: Language
    text: bytes

    @property
    def source(self) -> SourceFile:
        """The document as the rest of the program takes a file."""
        return SourceFile(self.path, self.text, self.language)


def folder() -> Path:
    """Where the corpus lies unless a caller says otherwise."""
    return data_folder() / "corpus"


def read(split: Split, corpus: Path | None = None) -> Iterator[Document]:
    """The documents of a split, one after the other: a corpus need not fit into memory."""
    with ((corpus or folder()) / f"{split}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Document(row["repository"], row["path"], row["language"], row["text"].encode())


def write(split: Split, documents: Iterable[Document], corpus: Path | None = None) -> None:
    """Replace a split; a build that is cut off leaves the one before in place."""
    target = (corpus or folder()) / f"{split}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with part.open("w", encoding="utf-8") as lines:
        for document in documents:
            row = document._asdict() | {"text": document.text.decode()}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    part.replace(target)
