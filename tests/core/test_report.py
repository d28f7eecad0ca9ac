from __future__ import annotations

import pytest

from thea_hook.core.finding import Finding, Severity
from thea_hook.core.patch import Patch
from thea_hook.core.report import FileError, FileResult, Report, exit_code
from thea_hook.core.source import Span


def report_of(*severities: Severity) -> Report:
    findings = tuple(Finding("no-var", "style", Span(0, 1), "m", severity) for severity in severities)
    return Report((FileResult("a.js", findings=findings),))


@pytest.mark.parametrize(
    "severities,codes",
    [
        ([], (0, 0, 0)),
        ([Severity.INFO], (0, 0, 1)),
        ([Severity.WARNING], (0, 1, 1)),
        ([Severity.ERROR], (1, 1, 1)),
        ([Severity.INFO, Severity.ERROR], (1, 1, 1)),
    ],
)
def test_findings_below_the_level_do_not_count(severities: list[Severity], codes: tuple[int, int, int]) -> None:
    report = report_of(*severities)
    assert tuple(exit_code(report, fail_level=level) for level in Severity) == codes
    assert exit_code(report) == codes[-1]


def test_a_file_that_failed_counts_at_every_level() -> None:
    report = Report((FileResult("a.js", error=FileError("a.js", "read", "permission denied")),))
    assert exit_code(report, fail_level=Severity.ERROR, exit_zero=True) == 2


def test_the_level_is_about_findings_and_not_about_diffs() -> None:
    patched = FileResult("a.js", patch=Patch("a.js", b"var a", b"let a"))
    assert exit_code(Report((patched,), wrote=False), fail_level=Severity.ERROR) == 1
    assert exit_code(Report((patched,)), fail_level=Severity.ERROR) == 0
    assert exit_code(Report((patched,)), fail_level=Severity.ERROR, exit_non_zero_on_fix=True) == 1
