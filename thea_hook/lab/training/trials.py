"""What the fixer finds for broken texts of repositories that no model has seen: what its confidence is fitted to.

A trial takes about a second, so each is kept in a file as soon as it is made, one file for each set of weights. A run
that was cut off goes on where it was, and a fit can be repeated in seconds.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from thea_hook.core.source import SourceFile, Span
from thea_hook.lab.corpus.breakages import read_breakages
from thea_hook.lab.corpus.store import Split
from thea_hook.lab.evaluation.cases import SETS
from thea_hook.lab.paths import data_folder
from thea_hook.lab.training.fixer import Fixer
from thea_hook.languages.oracle import Answer, SyntaxProblem, Verdict, judge
from thea_hook.ml.calibration import common_ends
from thea_hook.ml.edits import Step
from thea_hook.ml.manifest import sha256
from thea_hook.ml.repair import Repair
from thea_hook.ml.vocabulary import Action, Tag

REAL = "real"


class Question(NamedTuple):
    """A broken text of a set, and what would be right for it.

    A real one has two right answers: the next version, and only that part of it which makes the text parse.
    """

    set: str
    repository: str
    file: SourceFile
    right: tuple[bytes, ...]

    @property
    def key(self) -> str:
        return sha256(self.file.path.encode() + b"\0" + self.file.text)[:16]


class Trial(NamedTuple):
    """A question, the parser's verdict on its text, and the verified repairs, the likeliest first."""

    question: Question
    verdict: Verdict
    repairs: tuple[Repair, ...]

    @property
    def is_real(self) -> bool:
        return self.question.set == REAL

    @property
    def is_exact(self) -> bool:
        return bool(self.repairs) and self.repairs[0].text in self.question.right


# ------------------------------------------------------------------ questions


def questions(counts: Mapping[str, int], split: Split = "valid", seed: int = 1) -> list[Question]:
    """So many of each set, always the same ones; the sets take turns, so that any beginning has something of each."""
    groups = [
        _real(split, count) if name == REAL else _synthetic(name, split, count, seed) for name, count in counts.items()
    ]
    keyed = [(number / len(group), question) for group in groups for number, question in enumerate(group)]
    return [question for _, question in sorted(keyed, key=lambda item: item[0])]


def _synthetic(name: str, split: Split, count: int, seed: int) -> list[Question]:
    """Made once and kept: a chaos engine that changes later changes no figure by itself."""
    path = data_folder() / "calibration" / f"{name}-{split}-{seed}.jsonl"
    rows = path.read_text("utf-8").splitlines() if path.exists() else []
    if len(rows) < count:
        cases = SETS[name](split, count, random.Random(f"trials-{name}-{split}-{seed}"))
        made = [Question(name, case.repository, case.file, (case.after,)) for case in cases]
        rows = [json.dumps(question_as_json(question)) for question in made]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{row}\n" for row in rows), "utf-8")
    return [question_from_json(json.loads(row)) for row in rows[:count]]


def _real(split: Split, count: int) -> list[Question]:
    pairs = list(read_breakages(split))
    random.Random(split).shuffle(pairs)
    verdicts = judge([pair.source for pair in pairs])
    return [
        Question(REAL, pair.repository, pair.source, tuple(filter(None, (pair.mended, pair.after))))
        for pair, verdict in zip(pairs, verdicts, strict=True)
        if verdict.answer is Answer.BROKEN
    ][:count]


# ------------------------------------------------------------------ trials


Attempts = Callable[[Sequence[Question]], Generator[Trial, None, None]]
"""Tries questions, and gives the trials in the order in which they are done."""


def try_all(asked: Sequence[Question], attempts: Attempts, path: Path, *, seconds: float) -> list[Trial]:
    """The trials of these questions: those in the file, and new ones until the time is over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    drop_unfinished_line(path)
    known = {trial.question.key: trial for trial in read(path)}
    missing = [question for question in asked if question.key not in known]
    began = time.monotonic()
    with path.open("a", encoding="utf-8") as lines, closing(attempts(missing)) as trials:
        for number, trial in enumerate(trials, 1):
            known[trial.question.key] = trial
            lines.write(json.dumps(_as_json(trial)) + "\n")
            lines.flush()
            if number % 50 == 0:
                print(f"{number} of {len(missing)} new trials, {time.monotonic() - began:.0f} s", flush=True)
            if time.monotonic() - began > seconds:
                break
    # what is right may be another thing now: a file of trials outlives the questions
    return [known[question.key]._replace(question=question) for question in asked if question.key in known]


def one_by_one(fixer: Fixer) -> Attempts:
    """Attempts in this process."""
    return lambda asked: (_attempt(fixer, question) for question in asked)


def in_processes(make_fixer: Callable[[], Fixer], workers: int) -> Attempts:
    """Attempts in so many processes, each of which makes a fixer of its own."""

    def attempts(asked: Sequence[Question]) -> Generator[Trial, None, None]:
        pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (make_fixer,))
        try:
            yield from pool.map(_attempt_here, asked)
        finally:
            pool.shutdown(cancel_futures=True)

    return attempts


_fixers: list[Fixer] = []
"""The fixer of a process that only makes attempts."""


def _begin(make_fixer: Callable[[], Fixer]) -> None:
    _fixers.append(make_fixer())


def _attempt_here(question: Question) -> Trial:
    return _attempt(_fixers[0], question)


def _attempt(fixer: Fixer, question: Question) -> Trial:
    verdict = judge([question.file])[0]
    return Trial(question, verdict, tuple(fixer.repairs(question.file, verdict)))


def read(path: Path) -> Iterator[Trial]:
    """The trials in a file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield _from_json(json.loads(line))


def drop_unfinished_line(path: Path) -> None:
    """What a run that was killed while it wrote has left."""
    with path.open("r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)


def _as_json(trial: Trial) -> dict[str, Any]:
    question, verdict, repairs = trial
    return {
        **question_as_json(question),
        "parser": verdict.parser,
        "problems": [(*problem.span, problem.message, problem.related) for problem in verdict.problems],
        "repairs": [
            {
                "score": repair.score,
                "change": change_of(question.file.text, repair.text),
                "steps": steps_as_json(repair.steps),
            }
            for repair in repairs
        ],
    }


def _from_json(row: dict[str, Any]) -> Trial:
    question = question_from_json(row)
    problems = tuple(
        SyntaxProblem(Span(start, end), message, tuple(Span(*span) for span in related))
        for start, end, message, related in row["problems"]
    )
    repairs = tuple(
        Repair(
            changed(question.file.text, repair["change"]),
            steps_from_json(repair["steps"]),
            repair["score"],
        )
        for repair in row["repairs"]
    )
    return Trial(question, Verdict(Answer.BROKEN, problems, row["parser"]), repairs)


def steps_as_json(steps: Iterable[Step]) -> list[tuple[int, int, str]]:
    """Steps as JSON has them."""
    return [(place, tag.action, tag.text.decode()) for place, tag in steps]


def steps_from_json(rows: Iterable[tuple[int, int, str]]) -> tuple[Step, ...]:
    """The steps that ``steps_as_json`` wrote."""
    return tuple(Step(place, Tag(Action(action), written.encode())) for place, action, written in rows)


def question_as_json(question: Question) -> dict[str, Any]:
    """A question as JSON has it."""
    text = question.file.text
    return {
        "set": question.set,
        "repository": question.repository,
        "path": question.file.path,
        "language": question.file.language,
        "text": text.decode(),
        "right": [change_of(text, answer) for answer in question.right],
    }


def question_from_json(row: dict[str, Any]) -> Question:
    """The question that ``question_as_json`` wrote."""
    text = row["text"].encode()
    file = SourceFile(row["path"], text, row["language"])
    return Question(row["set"], row["repository"], file, tuple(changed(text, change) for change in row["right"]))


def change_of(before: bytes, after: bytes) -> tuple[int, int, str]:
    """The part of a text that another one has instead, with its place; most repairs are far shorter than the text."""
    start, tail = common_ends(before, after)
    return start, len(before) - tail, after[start : len(after) - tail].decode("latin-1")


def changed(before: bytes, change: tuple[int, int, str]) -> bytes:
    start, end, written = change
    return before[:start] + written.encode("latin-1") + before[end:]
