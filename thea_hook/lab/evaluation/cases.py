"""The broken texts that systems are compared on, each with the text that it should become.

Synthetic cases are made once, from files of repositories that no model has seen, and kept: every system gets the same.
Real cases are versions in a history that do not parse; their reference is the next version of the file, or only that
part of it which makes it parse.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from thea_hook.core.source import Language, SourceFile
from thea_hook.errors import UsageError
from thea_hook.lab.chaos.engine import broken
from thea_hook.lab.corpus.breakages import Breakage, read_breakages
from thea_hook.lab.corpus.store import Document, Split, read
from thea_hook.lab.evaluation.distance import lexeme_distance
from thea_hook.lab.paths import data_folder
from thea_hook.languages.oracle import Answer, judge

SPLITS: tuple[Split, ...] = ("valid", "test")
MIN_LINES, MAX_LINES = 30, 600
MULTIPLE = (2, 3, 4, 5)
"""How many mistakes the texts of ``synthetic-n`` have, in equal shares."""
UNBROKEN = 2_000
"""How many files that parse are asked whether anything changes them."""

SIZES: dict[str, range] = {
    "reference within 1 lexeme": range(2),
    "reference of 2 to 5 lexemes": range(2, 6),
    "reference of 6 to 15 lexemes": range(6, 16),
}
"""Classes of real cases, by the distance to the reference; the rest is LARGER."""
LARGER = "larger reference"


class Case(NamedTuple):
    """A broken text and what it should become; ``kinds`` are its mistakes, or the size class of its reference.

    Where ``before`` and ``after`` are equal nothing is wrong with the text, and nothing may change it.
    """

    repository: str
    path: str
    language: Language
    before: bytes
    after: bytes
    kinds: tuple[str, ...] = ()

    @property
    def file(self) -> SourceFile:
        return SourceFile(self.path, self.before, self.language)


def load(
    name: str, split: Split, *, single: int = 600, multiple: int = 400, seed: int = 1, remake: bool = False
) -> list[Case]:
    """The cases of one of the SETS, made and written first where they do not exist yet.

    They are made again only if asked for: a corpus or chaos engine that changes later changes no figure by itself.
    """
    if name not in SETS:
        raise UsageError(f"no set of cases is called {name}; there are: {', '.join(SETS)}")
    path = data_folder() / "evaluation" / split / f"{name}.jsonl"
    if remake or not path.is_file():
        counts = {"synthetic-1": single, "synthetic-n": multiple}
        cases = SETS[name](split, counts.get(name, UNBROKEN), random.Random(f"{name}-{split}-{seed}"))
        _write(path, cases)
    return list(_read(path))


def sample(cases: Sequence[Case], count: int, *, seed: int = 1) -> list[Case]:
    """So many of the cases, in their order; always the same ones."""
    if len(cases) <= count:
        return list(cases)
    chosen = sorted(random.Random(seed).sample(range(len(cases)), count))
    return [cases[index] for index in chosen]


# ------------------------------------------------------------------ the sets


def _synthetic_single(split: Split, count: int, chance: random.Random) -> list[Case]:
    return _synthetic(split, count, chance, lambda number: 1)


def _synthetic_multiple(split: Split, count: int, chance: random.Random) -> list[Case]:
    return _synthetic(split, count, chance, lambda number: MULTIPLE[number % len(MULTIPLE)])


def _synthetic(split: Split, count: int, chance: random.Random, edits: Callable[[int], int]) -> list[Case]:
    """Whole files, broken: every repository as often as any other, whatever its size."""
    documents = _by_repository(split, chance)
    cases: list[Case] = []
    while len(cases) < count:
        found = 0
        for document in documents:
            wanted = edits(len(cases))
            for _, corruption, _ in broken([document], chance, judge, per_document=1, edits=wanted):
                cases.append(_case(document, corruption.text, corruption.kinds))
                found += 1
            if len(cases) == count:
                return cases
        if not found:
            raise UsageError(f"the {split} split of the corpus has no file that can be broken")
    return cases


def _by_repository(split: Split, chance: random.Random) -> list[Document]:
    """The files of a fitting length, mixed so that the repositories take turns."""
    groups: dict[str, list[Document]] = {}
    for document in read(split):
        if MIN_LINES <= document.text.count(b"\n") <= MAX_LINES:
            groups.setdefault(document.repository, []).append(document)
    keyed = []
    for name in sorted(groups):
        group = groups[name]
        chance.shuffle(group)
        keyed += [(turn, chance.random(), document) for turn, document in enumerate(group)]
    return [document for _, _, document in sorted(keyed, key=lambda item: item[:2])]


def _case(document: Document, text: bytes, kinds: tuple[str, ...]) -> Case:
    return Case(document.repository, document.path, document.language, text, document.text, kinds)


def _real(split: Split, count: int, chance: random.Random) -> list[Case]:
    """Every version that does not parse, with the next version for a reference."""
    return _of_histories(split, lambda pair: pair.after)


def _real_repairs(split: Split, count: int, chance: random.Random) -> list[Case]:
    """The same with only that part of the next version for a reference which makes the text parse."""
    return _of_histories(split, lambda pair: pair.mended or pair.after)


def _of_histories(split: Split, reference: Callable[[Breakage], bytes]) -> list[Case]:
    """The cases whose kinds are the size of the reference repair and the kind of mistake."""
    cases = [
        Case(pair.repository, pair.path, pair.language, pair.before, reference(pair), (pair.kind,))
        for pair in read_breakages(split)
    ]
    befores = judge([case.file for case in cases])
    afters = judge([case._replace(before=case.after).file for case in cases])
    return [
        case._replace(kinds=tuple(filter(None, (size_class(case.before, case.after, case.language), *case.kinds))))
        for case, before, after in zip(cases, befores, afters, strict=True)
        if before.answer is Answer.BROKEN and after.answer is Answer.PARSES
    ]


def size_class(before: bytes, after: bytes, language: Language) -> str:
    """Which of the SIZES a reference repair has."""
    most = max(sizes.stop for sizes in SIZES.values()) - 1
    distance = lexeme_distance(before, after, language, limit=most)
    return next((name for name, sizes in SIZES.items() if distance in sizes), LARGER)


def _unbroken(split: Split, count: int, chance: random.Random) -> list[Case]:
    """Files that parse, and the later versions of the real cases: whatever changes one of them is wrong."""
    documents = _by_repository(split, chance)[:count]
    cases = [_case(document, document.text, ("file of the corpus",)) for document in documents]
    cases += [case._replace(before=case.after, kinds=("repaired version",)) for case in _real(split, count, chance)]
    return cases


SETS: dict[str, Callable[[Split, int, random.Random], list[Case]]] = {
    "synthetic-1": _synthetic_single,
    "synthetic-n": _synthetic_multiple,
    "real": _real,
    "real-repairs": _real_repairs,
    "unbroken": _unbroken,
}
"""Name -> how its cases are made."""


# ------------------------------------------------------------------ kept in files


def _write(path: Path, cases: Iterable[Case]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("w", encoding="utf-8") as file:
        for case in cases:
            row = case._asdict() | {"before": case.before.decode(), "after": case.after.decode()}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    os.replace(draft, path)


def _read(path: Path) -> Iterator[Case]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            row = json.loads(line)
            texts = {name: row[name].encode() for name in ("before", "after")}
            yield Case(**row | texts | {"kinds": tuple(row["kinds"])})
