"""Which models were asked about the files of a run, as lines for people: ``--show-routing``."""

from __future__ import annotations

from collections.abc import Iterator

from thea_hook.core.report import Report
from thea_hook.core.routing import Attempt


def routing_lines(report: Report) -> Iterator[str]:
    """For every text that models were to mend: why these models, how each of them fared, and what came of it."""
    for result in report.results:
        for routing in result.routing:
            yield f"{result.path}: {routing.reason}"
            yield from map(_attempt_line, routing.attempts)
            yield "  " + (f"the repair of {routing.answer}" if routing.answer else "no repair")
        if result.cached and any(finding.category == "syntax" for finding in result.findings):
            yield f"{result.path}: its result is from the cache, and no model was asked; --no-cache asks again"


def _attempt_line(attempt: Attempt) -> str:
    took = f" in {attempt.seconds * 1000:,.0f} ms" if attempt.seconds else ""
    return f"  {attempt.architecture} {attempt.outcome.value}{took}: {attempt.reason}"
