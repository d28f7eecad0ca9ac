"""From what a system made of the cases to figures."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.lab.evaluation.cases import Case
from thea_hook.lab.evaluation.distance import same_lexemes
from thea_hook.lab.evaluation.intervals import Share, share
from thea_hook.lab.evaluation.systems import Outcome, System
from thea_hook.languages.oracle import Answer, judge

BATCH = 50


class Score(NamedTuple):
    """How one case went.

    Of a search: ``accepted`` candidates parse, and the exact text is the one at ``place`` among them (-1: it is not).
    """

    case: Case
    outcome: Outcome
    restored: bool
    exact: bool
    exact_but_spaces: bool
    applied: bool
    applied_exact: bool
    accepted: int
    place: int


class Figures(NamedTuple):
    """The figures of one group of cases."""

    cases: int
    repositories: int
    found: Share
    restored: Share
    exact: Share
    exact_but_spaces: Share
    applied: Share
    applied_exact: Share
    """Of what was applied."""
    changed: Share
    """Of all: the text is another one after the first suggestions."""
    median_ms: float
    slowest_ms: float
    """The 95th percentile."""

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Figures:
        """What ``as_json`` gave."""
        fields = dict(values)
        for name, value in values.items():
            if isinstance(value, dict):
                fields[name] = Share(*(value[field] for field in Share._fields))
        return cls(**fields)

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        return {
            name: value._asdict() | {"value": value.value} if isinstance(value, Share) else value
            for name, value in self._asdict().items()
        }


def evaluate(
    system: System,
    cases: Sequence[Case],
    progress: Callable[[int], None] = lambda done: None,
    known: dict[SourceFile, Outcome] | None = None,
) -> list[Score]:
    """A score for every case. ``progress`` hears how many are done.

    ``known`` are outcomes of the system that need not be found again, because two sets have the same texts with other
    references; the new ones are added to it.
    """
    known = {} if known is None else known
    scores: list[Score] = []
    triples = zip(cases, _outcomes(system, cases, known), _references(system, cases), strict=True)
    while batch := list(islice(triples, BATCH)):
        scores += _scored(batch)
        progress(len(scores))
    return scores


def _outcomes(system: System, cases: Sequence[Case], known: dict[SourceFile, Outcome]) -> Iterator[Outcome]:
    fresh = dict.fromkeys(case.file for case in cases if case.file not in known)
    found = zip(fresh, system.repair(list(fresh)) if fresh else (), strict=True)
    for case in cases:
        while case.file not in known:
            file, outcome = next(found)
            known[file] = outcome
        yield known[case.file]


def _references(system: System, cases: Sequence[Case]) -> list[bytes]:
    if not system.rewrites:
        return [case.after for case in cases]
    return [outcome.best for outcome in system.repair([case._replace(before=case.after).file for case in cases])]


def _scored(batch: Sequence[tuple[Case, Outcome, bytes]]) -> Iterator[Score]:
    verdicts = judge([case._replace(before=outcome.best).file for case, outcome, _ in batch])
    for (case, outcome, reference), verdict in zip(batch, verdicts, strict=True):
        yield Score(
            case,
            outcome._replace(accepted=()),  # a search may have hundreds of texts
            restored=verdict.answer is Answer.PARSES,
            exact=outcome.best == reference,
            exact_but_spaces=same_lexemes(outcome.best, reference, case.language),
            applied=outcome.sure != case.before,
            applied_exact=outcome.sure == reference,
            accepted=len(outcome.accepted),
            place=outcome.accepted.index(case.after) if case.after in outcome.accepted else -1,
        )


def figures(scores: Sequence[Score]) -> Figures:
    """The figures of these cases, intervals included."""

    def of(hit: Callable[[Score], bool], among: Iterable[Score] = scores) -> Share:
        return share((score.case.repository, hit(score)) for score in among)

    asked = [score for score in scores if score.outcome.found is not None]
    times = sorted(1000 * score.outcome.seconds for score in scores) or [0.0]
    return Figures(
        cases=len(scores),
        repositories=len({score.case.repository for score in scores}),
        found=of(lambda score: bool(score.outcome.found), asked),
        restored=of(lambda score: score.restored),
        exact=of(lambda score: score.exact),
        exact_but_spaces=of(lambda score: score.exact_but_spaces),
        applied=of(lambda score: score.applied),
        applied_exact=of(lambda score: score.applied_exact, [score for score in scores if score.applied]),
        changed=of(lambda score: score.outcome.best != score.case.before),
        median_ms=statistics.median(times),
        slowest_ms=times[min(len(times) - 1, int(0.95 * len(times)))],
    )


def by_source(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """The scores of every proposer of repairs; cases without a repair are left out."""
    groups: dict[str, list[Score]] = {}
    for score in scores:
        if score.outcome.sources:
            groups.setdefault(" and ".join(score.outcome.sources), []).append(score)
    return dict(sorted(groups.items()))


def by_kind(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """The scores of every kind of mistake, the most common first; a case with several kinds counts under each."""
    groups: dict[str, list[Score]] = {}
    for score in scores:
        for kind in dict.fromkeys(score.case.kinds):
            groups.setdefault(kind, []).append(score)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))
