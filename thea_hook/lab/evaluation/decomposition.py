"""``thea-lab evaluate decomposition``: what it brings to take a text with several mistakes apart.

On the trials of the calibration, of repositories that no model has seen: how often the right text is among the tagger's
candidates, and among those that the decomposer adds. Then on whole files with many mistakes all over, for which one
search after the other edit is too short: how often there is a text that parses, and how much of it is right.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from thea_hook.lab.chaos.engine import corrupt
from thea_hook.lab.corpus.store import Document, Split, read
from thea_hook.lab.evaluation.cases import SPLITS, Case
from thea_hook.lab.evaluation.intervals import Share, share
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.fixer import Fixer, from_weights
from thea_hook.lab.training.hearings import chosen_trials
from thea_hook.lab.training.trials import REAL, Trial
from thea_hook.languages.difference import repairs_between
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import judge
from thea_hook.ml.decomposer import Decomposer
from thea_hook.ml.evidence import TAGGER
from thea_hook.ml.manifest import read_manifest
from thea_hook.ml.second_opinion import candidates_of, verified_only
from thea_hook.ml.tasks import Candidate, Request, Solver, TaskType

LINES = range(150, 901)
"""How long the files with many mistakes are."""


# ------------------------------------------------------------------ a few mistakes


class Taken(NamedTuple):
    """A trial's verified candidates, the tagger's and then the new ones, each with whether it is right."""

    set: str
    repository: str
    given: tuple[bool, ...]
    new: tuple[bool, ...]
    is_first_right: bool
    """Of all of them, by the tagger's figure."""
    seconds: float


def taken_apart(trials: Sequence[Trial], decomposer: Solver) -> Iterator[Taken]:
    """What becomes of each trial."""
    for question, verdict, repairs in trials:
        given = tuple(candidates_of(repairs))
        began = time.monotonic()
        found = decomposer.solve(Request(TaskType.CODE_REPAIR, question.file, verdict, given))
        seconds = time.monotonic() - began
        kept = verified_only(question.file, found)
        right = tuple(one.text in question.right for one in kept)
        first = max(range(len(kept)), key=lambda index: _figure(kept[index]), default=None)
        yield Taken(
            question.set,
            question.repository,
            right[: len(given)],
            right[len(given) :],
            first is not None and right[first],
            seconds,
        )


def _figure(candidate: Candidate) -> float:
    return candidate.evidence.get(TAGGER, float("-inf"))


class Figures(NamedTuple):
    """Shares of texts of a set: right first, and among the candidates, without and with the decomposer."""

    set: str
    first: Share
    first_with: Share
    among: Share
    among_with: Share
    candidates: float
    """That it adds to a text on average, verified."""
    seconds: float


def figures(taken: Sequence[Taken]) -> list[Figures]:
    """Those of each set."""
    rows = []
    for name in dict.fromkeys(one.set for one in taken):
        some = [one for one in taken if one.set == name]
        rows.append(
            Figures(
                name,
                share((one.repository, one.given[:1] == (True,)) for one in some),
                share((one.repository, one.is_first_right) for one in some),
                share((one.repository, any(one.given)) for one in some),
                share((one.repository, any((*one.given, *one.new))) for one in some),
                sum(len(one.new) for one in some) / len(some),
                sum(one.seconds for one in some) / len(some),
            )
        )
    return rows


def table(rows: Sequence[Figures]) -> str:
    """Markdown."""
    lines = [
        "| set | texts | right first | with it | right among the candidates | with it | new candidates | s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.set} | {row.first.total} | {row.first} | {row.first_with} | {row.among} | {row.among_with} "
        f"| {row.candidates:.1f} | {row.seconds:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


# ------------------------------------------------------------------ many


def scattered(documents: Sequence[Document], count: int, mistakes: int, chance: random.Random) -> list[Case]:
    """Files with so many mistakes anywhere, one of each repository."""
    cases: dict[str, Case] = {}
    for document in documents:
        if document.repository in cases or document.text.count(b"\n") not in LINES:
            continue
        text, kinds = document.text, list[str]()
        for _ in range(mistakes):
            corruption = corrupt(lex(text, document.language), chance)
            if corruption is None:
                break
            text, kinds = corruption.text, [*kinds, *corruption.kinds]
        if len(kinds) == mistakes:
            case = Case(document.repository, document.path, document.language, text, document.text, tuple(kinds))
            cases[document.repository] = case
        if len(cases) == count:
            break
    return list(cases.values())


class Mended(NamedTuple):
    """How many of the places that had to change still differ in the first candidate; None where there is no
    candidate."""

    before: int
    tagger: int | None
    decomposer: int | None
    seconds: float


def mended(cases: Sequence[Case], fixer: Fixer, decomposer: Solver) -> Iterator[Mended]:
    """What the tagger's search and, without its help, the decomposer make of texts."""
    for case in cases:
        verdict = judge([case.file])[0]
        given = candidates_of(fixer.repairs(case.file, verdict))
        began = time.monotonic()
        found = decomposer.solve(Request(TaskType.LONG_CONTEXT, case.file, verdict))
        seconds = time.monotonic() - began
        kept = verified_only(case.file, found)
        yield Mended(_left(case, case.before), _left_in(case, given), _left_in(case, kept), seconds)


def _left_in(case: Case, candidates: Sequence[Candidate]) -> int | None:
    return _left(case, candidates[0].text) if candidates else None


def _left(case: Case, text: bytes) -> int:
    return len(repairs_between(text, case.after, case.language))


def table_of_many(rows: Sequence[Mended], mistakes: int) -> str:
    """Markdown."""
    lines = [
        f"| {len(rows)} files with {mistakes} mistakes each | a text that parses | differences left, of "
        f"{median(row.before for row in rows):.0f} (median) | none left |",
        "|---|---:|---:|---:|",
    ]
    for name, left in (
        ("tagger", [row.tagger for row in rows]),
        ("decomposer", [row.decomposer for row in rows]),
    ):
        found = [each for each in left if each is not None]
        typical = f"{median(found):.0f}" if found else "-"
        lines.append(f"| {name} | {len(found)} | {typical} | {sum(not each for each in found)} |")
    return "\n".join(lines)


# ------------------------------------------------------------------ command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the texts of trials and texts with many mistakes apart, and print what that brings."""
    options = _parser().parse_args(arguments)
    fixer = from_weights(options.weights or read_manifest(None).folder)
    decomposer = Decomposer(fixer.tagger)
    counts = {"synthetic-1": options.single, "synthetic-n": options.multiple, REAL: options.real}
    trials = chosen_trials(data_folder() / "calibration" / f"{fixer.key}.jsonl", counts)
    print(table(figures(list(taken_apart(trials, decomposer)))), flush=True)
    if options.files:
        cases = scattered(_mixed(options.split), options.files, options.mistakes, random.Random(options.split))
        print("\n" + table_of_many(list(mended(cases, fixer, decomposer)), options.mistakes))
    return 0


def _mixed(split: Split) -> list[Document]:
    documents = sorted(read(split), key=lambda document: (document.repository, document.path))
    random.Random(split).shuffle(documents)
    return documents


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="thea-lab evaluate decomposition", description=summary, epilog=rest)
    parser.add_argument("--weights", type=Path, metavar="FOLDER", help="exported weights (default: the shipped ones)")
    parser.add_argument("--single", type=int, default=0, help="texts with one mistake")
    parser.add_argument("--multiple", type=int, default=400, help="texts with two to five")
    parser.add_argument("--real", type=int, default=200, help="texts from histories")
    parser.add_argument("--files", type=int, default=16, help="files with many mistakes all over")
    parser.add_argument("--mistakes", type=int, default=10, help="how many those have")
    parser.add_argument("--split", choices=SPLITS, default="valid", help="where those are from")
    return parser
