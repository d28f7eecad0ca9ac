"""``thea-lab generate-diffs``: break files, mend them with the hook's own repair, and write the diffs.

For every file and cycle the output folder gets a unified diff from the broken text to the mended one, so that a person
can read what the repair does to code like theirs. The files themselves are not touched.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from thea_hook.core.diff import unified_diff
from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.files import discover, read_source
from thea_hook.lab.chaos.engine import broken
from thea_hook.lab.corpus.store import Document
from thea_hook.lab.evaluation.cases import Case
from thea_hook.lab.evaluation.scores import Figures, Score, evaluate, figures
from thea_hook.lab.evaluation.systems import Product
from thea_hook.lab.paths import data_folder
from thea_hook.languages.oracle import Answer, judge

MAX_SIZE = 1 << 18


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the diffs and print a summary; 0 when it is done."""
    options = _parser().parse_args(arguments)
    folder: Path = options.output or data_folder() / "diffs"
    documents = list(_documents(options.paths))
    if not documents:
        raise UsageError("no JavaScript or TypeScript file that parses is among the paths")
    chance = random.Random(options.seed)
    scores: list[Score] = []
    for cycle in range(1, options.cycles + 1):
        done = evaluate(Product(options.models), list(_broken(documents, options.mistakes, chance)))
        _write_diffs(folder / f"cycle-{cycle}", done)
        scores += done
    summary = figures(scores)
    (folder / "summary.json").write_text(json.dumps(summary.as_json(), indent=2) + "\n", "utf-8")
    print(_text(summary, len(documents), folder))
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab generate-diffs", description=summary, epilog=rest)
    parser.add_argument("paths", nargs="+", metavar="PATHS", help="files and folders")
    parser.add_argument("--cycles", type=int, default=1, metavar="N", help="how often every file is broken anew")
    parser.add_argument("--mistakes", type=int, default=1, metavar="N", help="in each broken text (default: 1)")
    parser.add_argument("--models", metavar="NAMES", help="the models that the repair uses: none, tagger, ...")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="default: diffs, in the data folder")
    return parser


def _documents(paths: Sequence[str]) -> Iterator[Document]:
    """The files below the paths that parse."""
    found = discover(paths, excluded=lambda path: False, force_exclude=False, respect_gitignore=True)
    if found.errors:
        raise UsageError(f"{found.errors[0].path}: {found.errors[0].message}")
    read = [read_source(path, explicit=explicit, max_size=MAX_SIZE) for path, explicit in found.candidates]
    files = [file for file in read if isinstance(file, SourceFile)]
    for file, verdict in zip(files, judge(files), strict=True):
        if verdict.answer is Answer.PARSES:
            yield Document(".", file.path, file.language, file.text)


def _broken(documents: Iterable[Document], mistakes: int, chance: random.Random) -> Iterator[Case]:
    for document, corruption, _ in broken(list(documents), chance, judge, per_document=1, edits=mistakes):
        yield Case(
            document.repository, document.path, document.language, corruption.text, document.text, corruption.kinds
        )


def _write_diffs(folder: Path, scores: Sequence[Score]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, score in enumerate(scores, 1):
        case = score.case
        how = "exact" if score.exact else "restored" if score.restored else "broken"
        name = f"{number:04}-{Path(case.path).name}.{how}.diff"
        (folder / name).write_bytes(unified_diff(case.path, case.before, score.outcome.best))


def _text(summary: Figures, files: int, folder: Path) -> str:
    def part(hits: int) -> str:
        return f"{hits} ({100 * hits / max(1, summary.cases):.1f} %)"

    return (
        f"{summary.cases} broken texts of {files} files: found {part(summary.found.hits)}, "
        f"parse restored {part(summary.restored.hits)}, exactly mended {part(summary.exact.hits)}; "
        f"applied by `--fix` {part(summary.applied.hits)}, exactly {summary.applied_exact.hits} of them; "
        f"median {summary.median_ms:.0f} ms\n{folder}"
    )
