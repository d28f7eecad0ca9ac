"""``thea-lab evaluate syntax``: how many broken texts a system mends, and how many of them exactly.

Runs the product, the search that a model has to beat, or other tools over the same cases, and prints their figures as
Markdown. The test split is for final figures; develop on the other one.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from thea_hook.core.diff import unified_diff
from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.baseline import MAX_CANDIDATES, ExhaustiveSearch
from thea_hook.lab.evaluation.cases import SETS, SPLITS, Case, load, sample
from thea_hook.lab.evaluation.peers import PEERS, Peer
from thea_hook.lab.evaluation.report import Result, markdown, result_of
from thea_hook.lab.evaluation.scores import Score, evaluate
from thea_hook.lab.evaluation.systems import Outcome, Product, System
from thea_hook.lab.paths import data_folder

PRODUCT, SEARCH = "product", "search"
SYSTEMS = (PRODUCT, SEARCH, *PEERS)
MARKS = ("<!-- figures of thea-lab evaluate syntax -->", "<!-- end of figures -->")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evaluation that the arguments describe; 0 when it is done."""
    options = _parser().parse_args(arguments)
    details: list[dict[str, object]] = []
    results: list[Result] = []
    cases_of = {name: _cases(name, options) for name in _listed(options.sets, SETS)}
    for system in _systems(options):
        known: dict[SourceFile, Outcome] = {}
        for name, cases in cases_of.items():
            scores = evaluate(system, cases, _progress(system.name, name, len(cases)), known)
            results.append(result_of(system.name, name, scores))
            details += _details(system.name, name, scores)
            _save(options, results, details)  # each time: what a run has found is not lost when it is cut off
    earlier = [result for path in options.beside for result in read_figures(path)]
    text = markdown(results, earlier)
    print(text)
    if options.insert:
        insert(options.insert, text)
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab evaluate syntax", description=summary, epilog=rest)
    parser.add_argument("--split", choices=SPLITS, default="valid")
    parser.add_argument("--sets", default=",".join(SETS), metavar="NAMES", help=f"of {', '.join(SETS)} (default: all)")
    parser.add_argument("--systems", default=PRODUCT, metavar="NAMES", help=f"of {', '.join(SYSTEMS)}")
    parser.add_argument("--models", metavar="NAMES", help="the models that the product uses: none, tagger, ...")
    parser.add_argument("--model-path", metavar="FOLDER", help="models of your own instead of those that are installed")
    parser.add_argument("--sample", type=int, metavar="N", help="at most so many cases of every set")
    parser.add_argument("--single", type=int, default=600, help="cases of synthetic-1 when they are made")
    parser.add_argument("--multiple", type=int, default=400, help="cases of synthetic-n when they are made")
    parser.add_argument("--remake", action="store_true", help="make the cases again, of today's corpus")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--search-limit", type=int, default=MAX_CANDIDATES, help="candidates of the search, for a case")
    parser.add_argument("--insert", type=Path, metavar="FILE", help="put the tables between the marks in this document")
    parser.add_argument(
        "--beside",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="figures of a run to compare with",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures (default: in the data folder)")
    parser.add_argument("--details", type=Path, metavar="FILE", help="a line of JSON for every case, with its diffs")
    return parser


def _listed(names: str, known: Iterable[str]) -> list[str]:
    chosen = [name for name in names.replace(",", " ").split() if name]
    for name in chosen:
        if name not in known:
            raise UsageError(f"no such name: {name}; there are {', '.join(known)}")
    return chosen


def read_figures(path: Path) -> list[Result]:
    """What an earlier run wrote with ``--json``."""
    try:
        return [Result.from_json(values) for values in json.loads(path.read_bytes())["results"]]
    except (ValueError, KeyError, TypeError) as exc:
        raise UsageError(f"{path} holds no figures of an evaluation ({type(exc).__name__}: {exc})") from exc


def insert(path: Path, text: str, marks: tuple[str, str] = MARKS) -> None:
    """Put the tables where a document wants them, a level below its own headings."""
    content = path.read_text("utf-8")
    before, start, rest = content.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not start or not end:
        raise UsageError(f"{path}: it lacks {marks[0]} or, behind it, {marks[1]}")
    tables = re.sub(r"^## ", "### ", text.strip(), flags=re.MULTILINE)
    path.write_text(f"{before}{start}\n{tables}\n{end}{after}", "utf-8")


def _cases(name: str, options: argparse.Namespace) -> list[Case]:
    cases = load(
        name,
        options.split,
        single=options.single,
        multiple=options.multiple,
        seed=options.seed,
        remake=options.remake,
    )
    return sample(cases, options.sample, seed=options.seed) if options.sample else cases


def _systems(options: argparse.Namespace) -> Iterator[System]:
    for name in _listed(options.systems, SYSTEMS):
        if name == PRODUCT:
            yield Product(options.models, options.model_path)
        elif name == SEARCH:
            yield ExhaustiveSearch(options.search_limit)
        else:
            yield Peer(name, PEERS[name])


def _progress(system: str, name: str, count: int) -> Callable[[int], None]:
    def show(done: int) -> None:
        print(f"{system}: {name}, {done} of {count}", file=sys.stderr, flush=True)

    return show


def _details(system: str, name: str, scores: Sequence[Score]) -> Iterator[dict[str, object]]:
    for score in scores:
        case, outcome = score.case, score.outcome
        yield {
            "system": system,
            "set": name,
            "repository": case.repository,
            "path": case.path,
            "kinds": case.kinds,
            "restored": score.restored,
            "exact": score.exact,
            "exact but for white space": score.exact_but_spaces,
            "applied": score.applied,
            "confidence": outcome.confidence,
            "sources": outcome.sources,
            "seconds": round(outcome.seconds, 4),
            "reference": _diff(case, case.after),
            "repair": _diff(case, outcome.best),
        }


def _diff(case: Case, text: bytes) -> str:
    return unified_diff(case.path, case.before, text).decode("utf-8", "replace")


def _save(options: argparse.Namespace, results: Sequence[Result], details: Sequence[dict[str, object]]) -> None:
    names = "-".join(_listed(options.systems, SYSTEMS))
    path: Path = options.json or data_folder() / "evaluation" / f"figures-{options.split}-{names}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = {
        name: value for name, value in vars(options).items() if name not in ("json", "details", "insert", "beside")
    }
    figures = {"settings": settings, "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    if options.details:
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in details]
        options.details.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
