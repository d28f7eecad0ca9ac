"""The figures of an evaluation as Markdown tables, and as values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from thea_hook.lab.evaluation.baseline import search_summary
from thea_hook.lab.evaluation.calibration import Bin, Calibration, calibration
from thea_hook.lab.evaluation.scores import Figures, Score, by_kind, by_source, figures

UNBROKEN = "unbroken"
FEW = 10
"""Kinds with fewer cases than this share a row."""


class Result(NamedTuple):
    """What one system did with one set of cases."""

    system: str
    set: str
    all: Figures
    kinds: dict[str, Figures]
    sources: dict[str, Figures]
    calibration: Calibration
    search: dict[str, float]
    """How good the ranking of a search is; empty where the system does not list its candidates."""

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Result:
        """What ``as_json`` gave."""
        return cls(
            values["system"],
            values["set"],
            Figures.from_json(values["all"]),
            {name: Figures.from_json(group) for name, group in values["kinds"].items()},
            {name: Figures.from_json(group) for name, group in values["sources"].items()},
            Calibration(tuple(Bin(**row) for row in values["calibration"]["bins"]), values["calibration"]["error"]),
            values["search"],
        )

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        return {
            "system": self.system,
            "set": self.set,
            "all": self.all.as_json(),
            "kinds": {kind: values.as_json() for kind, values in self.kinds.items()},
            "sources": {source: values.as_json() for source, values in self.sources.items()},
            "calibration": {
                "error": self.calibration.error,
                "bins": [row._asdict() for row in self.calibration.bins],
            },
            "search": self.search,
        }


def result_of(system: str, name: str, scores: Sequence[Score]) -> Result:
    """All figures of a system's scores on a set."""
    claims = [(score.outcome.confidence, score.exact) for score in scores if score.outcome.confidence is not None]
    is_search = any(score.accepted for score in scores)
    return Result(
        system,
        name,
        figures(scores),
        {kind: figures(group) for kind, group in _without_rare(by_kind(scores)).items()},
        {source: figures(group) for source, group in by_source(scores).items()},
        calibration(claims),
        search_summary([score.accepted for score in scores], [score.place for score in scores]) if is_search else {},
    )


def _without_rare(kinds: dict[str, list[Score]]) -> dict[str, list[Score]]:
    common = {kind: group for kind, group in kinds.items() if len(group) >= FEW}
    rare = [group for kind, group in kinds.items() if kind not in common]
    if len(rare) < 2:
        return kinds
    # a case with two rare kinds counts once
    scores = {id(score): score for group in rare for score in group}
    return common | {f"{len(rare)} rarer kinds": list(scores.values())}


def markdown(results: Sequence[Result], beside: Sequence[Result] = ()) -> str:
    """All tables, system by system; of those ``beside`` only what compares them with the others."""
    lines = [*_comparison([*results, *beside]), *_searches(beside)]
    for system in dict.fromkeys(result.system for result in results):
        own = [result for result in results if result.system == system]
        lines += [f"## {system}", ""]
        lines += _overview([result for result in own if result.set != UNBROKEN])
        for result in own:
            if result.set == UNBROKEN:
                lines += _untouched(result)
            else:
                lines += _groups(f"{result.set}: kind", result.kinds)
                lines += _groups(f"{result.set}: proposed by", result.sources)
        lines += _searches(own)
        lines += _reliability(own)
    return "\n".join(lines)


def _comparison(results: Sequence[Result]) -> Iterator[str]:
    """All systems in one table, where there are several."""
    systems = list(dict.fromkeys(result.system for result in results))
    sets = [name for name in dict.fromkeys(result.set for result in results) if name != UNBROKEN]
    if len(systems) < 2 or not sets:
        return
    by_name = {(result.system, result.set): result.all for result in results}
    yield f"| parse restored / exact | {' | '.join(sets)} |"
    yield f"|---|{'---:|' * len(sets)}"
    for system in systems:
        rows = [by_name.get((system, name)) for name in sets]
        yield f"| {system} | {' | '.join(map(_compared, rows))} |"
    yield ""


def _compared(row: Figures | None) -> str:
    return f"{_percent(row.restored.value)} / {_percent(row.exact.value)} of {row.cases}" if row else "-"


def _overview(results: Sequence[Result]) -> Iterator[str]:
    if not results:
        return
    titles = "found | parse restored | exact | exact but for white space | ms, median | ms, 95 %"
    yield f"| set | cases | repositories | {titles} |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for result in results:
        row = result.all
        yield (
            f"| {result.set} | {row.cases} | {row.repositories} | {row.found} | {row.restored} | {row.exact} "
            f"| {row.exact_but_spaces} | {row.median_ms:.0f} | {row.slowest_ms:.0f} |"
        )
    yield ""
    yield "| set | applied unasked | of that exact |"
    yield "|---|---:|---:|"
    for result in results:
        yield f"| {result.set} | {result.all.applied.hits} | {result.all.applied_exact} |"
    yield ""


def _untouched(result: Result) -> Iterator[str]:
    applied, changed, found = (share.hits for share in (result.all.applied, result.all.changed, result.all.found))
    yield f"Of {result.all.cases} files that parse, {found} were called broken, {applied} changed by `--fix`, "
    yield f"{changed} changed by the unsafe fixes."
    yield ""


def _groups(title: str, groups: dict[str, Figures]) -> Iterator[str]:
    if len(groups) < 2:
        return
    yield f"| {title} | cases | parse restored | exact | applied | of that exact |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, row in groups.items():
        yield (
            f"| {name} | {row.cases} | {100 * row.restored.value:.0f} % | {row.exact} | {row.applied.hits} "
            f"| {_percent(row.applied_exact.value) if row.applied.hits else '-'} |"
        )
    yield ""


def _searches(results: Sequence[Result]) -> Iterator[str]:
    listed = [result for result in results if result.search]
    if not listed:
        return
    names = list(listed[0].search)
    yield f"| set | {' | '.join(names)} |"
    yield f"|---|{'---:|' * len(names)}"
    for result in listed:
        cells = [
            f"{value:.0f}" if name.startswith("median") else _percent(value) for name, value in result.search.items()
        ]
        yield f"| {result.set} | {' | '.join(cells)} |"
    yield ""


def _reliability(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.set == UNBROKEN or not result.calibration.bins:
            continue
        yield f"Confidence of the repairs of {result.set}, expected calibration error {result.calibration.error:.3f}:"
        yield ""
        yield "| confidence | repairs | claimed | exact |"
        yield "|---|---:|---:|---:|"
        for row in result.calibration.bins:
            claimed, right = _percent(row.claimed), _percent(row.right)
            yield f"| {row.low:.1f} to {row.high:.1f} | {row.repairs} | {claimed} | {right} |"
        yield ""


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
