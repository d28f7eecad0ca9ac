"""How fast a folder is taken apart into lexemes, and whether anything of it is lost.

    python benchmarks/lexemes.py FOLDER [--rounds 3]

Reads every JavaScript and TypeScript file below FOLDER, prints megabytes and lexemes a second of one process (the
fastest round), and checks that lexemes and white space together are the text of each file; the exit status is 1 where
they are not.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from thea_hook.core.source import Language, language_of
from thea_hook.languages.lexemes import Kind, Lexemes, lex

File = tuple[bytes, Language]
_BLANK = "\ufeff"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.folder.rglob("*") if path.is_file())
    files = {path: (path.read_bytes(), language) for path in paths if (language := language_of(path.name))}
    size = sum(len(text) for text, _ in files.values())
    counts: Counter[int] = Counter()
    damaged: list[Path] = []
    for path, file in files.items():
        lexemes = lex(*file)
        counts.update(lexemes.kinds)
        if not _is_lossless(lexemes):
            damaged.append(path)
    print(f"{len(files)} files, {size / 1e6:.1f} MB, {counts.total()} lexemes")
    print(", ".join(f"{Kind(kind).name} {count}" for kind, count in counts.most_common()))
    for title, task in (("lexemes", _lex), ("with layout", _lay_out)):
        seconds = min(_seconds(task, list(files.values())) for _ in range(arguments.rounds))
        print(f"{title:12} {size / 1e6 / seconds:6.1f} MB/s {counts.total() / 1e6 / seconds:6.2f} M lexemes/s")
    print(f"lossless: {len(files) - len(damaged)} of {len(files)}", *damaged, sep="\n    ")
    return 1 if damaged else 0


def _lex(file: File) -> None:
    lex(*file)


def _lay_out(file: File) -> None:
    lexemes = lex(*file)
    _ = (lexemes.texts, lexemes.newlines_before, lexemes.columns, lexemes.indents, lexemes.depths)


def _seconds(task: Callable[[File], None], files: list[File]) -> float:
    started = time.perf_counter()
    for file in files:
        task(file)
    return time.perf_counter() - started


def _is_lossless(lexemes: Lexemes) -> bool:
    gaps = [
        lexemes.text[end:start]
        for end, start in zip([0, *lexemes.ends], [*lexemes.starts, len(lexemes.text)], strict=True)
    ]
    joined = b"".join(part for pair in zip(gaps, [*lexemes.texts, b""], strict=True) for part in pair)
    blank = b"".join(gaps).decode("utf-8", "replace").replace(_BLANK, "")
    return joined == lexemes.text and not blank.strip()


if __name__ == "__main__":
    raise SystemExit(main())
