"""Build the corpus of a manifest: read, filter, drop what is said twice, cap, count, write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

from thea_hook.core.source import language_of
from thea_hook.globs import Globs
from thea_hook.lab.corpus import filters, sources, store
from thea_hook.lab.corpus.duplicates import Duplicates
from thea_hook.lab.corpus.manifest import DEFAULT, Manifest, Source, load
from thea_hook.lab.corpus.sources import Entry
from thea_hook.lab.corpus.statistics import Statistics
from thea_hook.lab.corpus.store import Document, Split

BYTES_PER_SOURCE = 4_000_000
"""No source counts for more text than this, so that none decides what code looks like."""
BYTES_OF_DECLARATIONS = 120_000
"""No source counts for more declaration files (.d.ts) than this: they hold types and no code."""

# A file that two splits have stays where it is judged, so the splits that judge go first.
_ORDER: tuple[Split, ...] = ("test", "valid", "train")


def build(manifest: Manifest, mirror: Path | None, out: Path) -> Statistics:
    """Write every split of the manifest to a folder, and say what is in them.

    ``mirror`` is a folder with bare clones (``owner+name/repo`` or ``owner/name.git``); what is not there is fetched.
    """
    builder = _Builder(manifest, mirror, out / "downloads")
    for split in _ORDER:
        store.write(split, builder.documents(split), out)
    builder.statistics.save(out / "statistics.json")
    return builder.statistics


class _Builder:
    """What one source must know of those before it: which texts were kept, and the counts."""

    def __init__(self, manifest: Manifest, mirror: Path | None, downloads: Path) -> None:
        self.statistics = Statistics()
        self._manifest = manifest
        self._mirror = mirror
        self._downloads = downloads
        self._duplicates = Duplicates()

    def documents(self, split: Split) -> Iterator[Document]:
        """The files of a split that stay, source after source; each is counted as it goes out."""
        for source in self._manifest.sources:
            if source.split == split:
                print(f"{source.name} {source.pin}", file=sys.stderr)
                for document in self._kept(source):
                    self.statistics.add(split, document)
                    yield document

    def _kept(self, source: Source) -> Iterator[Document]:
        # Where the cap cuts, it leaves a sample of the whole source rather than its first folders.
        read = sorted(self._readable(source), key=lambda document: _scattered(document.path))
        parses = filters.parsing(document.source for document in read)
        budget = _Budget()
        for document, is_whole in zip(read, parses, strict=True):
            if not is_whole:
                self.statistics.drop("does not parse")
            elif not budget.has_room(document):
                self.statistics.drop("over the cap")
            elif not self._duplicates.admit(document.text):
                self.statistics.drop("duplicate")
            else:
                budget.spend(document)
                yield document

    def _readable(self, source: Source) -> Iterator[Document]:
        """The files whose name, size and text pass."""
        excluded = Globs((*filters.NOT_SOURCE, *self._manifest.exclude, *source.exclude))

        def is_wanted(entry: Entry) -> bool:
            if language_of(entry.path) is None:
                return False
            passes = filters.is_sized_like_source(entry.size) and not excluded.matches(entry.path)
            if not passes:
                self.statistics.drop("path or size")
            return passes

        for path, text in sources.files(source, is_wanted, self._mirror, self._downloads):
            why, language = filters.rejects_text(text), language_of(path)
            if why is not None:
                self.statistics.drop(why)
            elif language is not None:
                yield Document(source.name, path, language, text)


def _scattered(path: str) -> bytes:
    return blake2b(path.encode(), digest_size=8).digest()


class _Budget:
    """How much more text of a source fits."""

    def __init__(self) -> None:
        self._left = BYTES_PER_SOURCE
        self._left_for_declarations = BYTES_OF_DECLARATIONS

    def has_room(self, document: Document) -> bool:
        size = len(document.text)
        return size <= self._left and (size <= self._left_for_declarations or not is_declaration(document.path))

    def spend(self, document: Document) -> None:
        self._left -= len(document.text)
        if is_declaration(document.path):
            self._left_for_declarations -= len(document.text)


def is_declaration(path: str) -> bool:
    """Whether a file declares types and holds no code."""
    return path.endswith((".d.ts", ".d.mts", ".d.cts"))


def main(argv: Sequence[str] | None = None) -> int:
    """``thea-lab corpus build``: build the corpus and print what it holds."""
    parser = argparse.ArgumentParser(prog="thea-lab corpus build", description="Build the corpus of a manifest.")
    parser.add_argument("--manifest", type=Path, default=DEFAULT, help="the sources (default: the shipped ones)")
    parser.add_argument("--mirror", type=Path, help="folder with bare clones: owner+name/repo or owner/name.git")
    parser.add_argument("--out", type=Path, default=store.folder(), help="folder to write to (default: %(default)s)")
    options = parser.parse_args(argv)
    print(build(load(options.manifest), options.mirror, options.out))
    return 0
