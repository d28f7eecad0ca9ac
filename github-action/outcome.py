"""What the report of a run means for the job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from inputs import LEVELS, Inputs
from workflow import command


class Outcome(NamedTuple):
    """The numbers of a run; ``exit_code`` is thea-hook's, ``verdict`` that of the step."""

    findings: int
    fixable: int
    fixed: int
    errors: int
    exit_code: int
    verdict: int


def outcome_of(report: Mapping[str, Any], exit_code: int, given: Inputs) -> Outcome:
    """The numbers from the JSON report."""
    stats = report["stats"]
    grades = ("safe", "unsafe") if given.unsafe_fixes else ("safe",)
    return Outcome(
        findings=len(report["findings"]),
        fixable=sum(stats["fixable"][grade] for grade in grades),
        fixed=stats["fixed"],
        errors=stats["errors"],
        exit_code=exit_code,
        verdict=verdict(exit_code, [finding["severity"] for finding in report["findings"]], given.fail_level),
    )


def verdict(exit_code: int, severities: Sequence[str], level: str) -> int:
    """The exit code of the step: findings below the level do not fail it, what could not be checked always does.

    An exit code of 1 without findings is one that the user asked for, as with ``--exit-non-zero-on-fix``.
    """
    if exit_code != 1:
        return exit_code
    if level == "none":
        return 0
    least = LEVELS.index(level)
    return 1 if not severities or any(LEVELS.index(severity) >= least for severity in severities) else 0


def limited(annotations: Sequence[str], most: int, total: int) -> list[str]:
    """The first of the annotations, most useful first, and one notice that says how many more there are.

    ``annotations`` come from thea-hook's ``github`` format, which ends with such a notice of its own where GitHub
    would drop some; it names no file.
    """
    shown = [line for line in annotations if not line.startswith("::notice title=")]
    if not most or len(shown) <= most:
        return list(annotations)
    message = f"{total - most:,} more not shown here: the log and the job summary have them."
    return [*shown[:most], command("notice", message)]
