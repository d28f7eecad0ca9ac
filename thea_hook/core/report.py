"""The result of a run, as values: what each file gave, and the exit code that follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.finding import Finding, Severity
from thea_hook.core.patch import Patch
from thea_hook.core.source import SourceFile

if TYPE_CHECKING:
    from thea_hook.core.routing import Routing


class FileError(NamedTuple):
    """A file that could not be checked or written: ``stage`` is what was being tried (read, check, fix, write)."""

    path: str
    stage: str
    message: str


class Pass(NamedTuple):
    """Fixes that were made together: in which text, what was found there, and which of that they removed."""

    source: SourceFile
    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...]


class FileResult(NamedTuple):
    """What one file gave.

    ``findings`` are what is left: after a fix, only what the fix did not remove, with spans in ``source.text``, the
    text they were found in. ``patch`` is what was, or under ``--diff`` would be, changed; ``fixed`` the findings it
    removed; ``refused`` the fixes that were tried and taken back, each with the reason. ``baselined`` and
    ``suppressed`` count findings that were hidden.
    """

    path: str
    source: SourceFile | None = None
    findings: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    patch: Patch | None = None
    refused: tuple[tuple[Finding, str], ...] = ()
    error: FileError | None = None
    cached: bool = False
    skipped: str = ""
    """Why the rules did not look at it, where that turned out only when it was parsed."""
    suppressed: int = 0
    baselined: int = 0
    routing: tuple[Routing, ...] = ()
    """Which models were asked, once for each text that did not parse. A result from the cache has none."""
    passes: tuple[Pass, ...] = ()
    """How ``fixed`` came about: the fixes of a later pass are edits of the text that the one before it left."""

    @property
    def lacked_time(self) -> bool:
        """Whether it was not mended because the time of the models was over."""
        return any(not routing.in_time and not routing.answer for routing in self.routing)


class Report(NamedTuple):
    """A whole run. ``skipped`` counts files that were not looked at, by reason; ``wrote`` is False under ``--diff``."""

    results: tuple[FileResult, ...] = ()
    skipped: Mapping[str, int] = {}
    wrote: bool = True
    changed_lines: Mapping[str, tuple[tuple[int, int], ...]] | None = None
    """Path -> line ranges (from 1, inclusive) of the diff being checked, where one is; reports put those first."""

    @property
    def errors(self) -> tuple[FileError, ...]:
        return tuple(result.error for result in self.results if result.error is not None)

    @property
    def findings(self) -> int:
        return sum(len(result.findings) for result in self.results)

    @property
    def fixed(self) -> int:
        return sum(len(result.fixed) for result in self.results)


def exit_code(
    report: Report,
    *,
    exit_zero: bool = False,
    exit_non_zero_on_fix: bool = False,
    fix_only: bool = False,
    fail_level: Severity = Severity.INFO,
) -> int:
    """0 clean or all fixed, 1 something is left (or a diff was printed), 2 a file could not be checked.

    What is less severe than ``fail_level`` is shown and does not count.
    """
    if report.errors:
        return 2
    order = list(Severity)
    severe = order[: order.index(fail_level) + 1]
    found = not fix_only and any(finding.severity in severe for file in report.results for finding in file.findings)
    changed = any(result.patch is not None for result in report.results)
    if (found or (changed and (exit_non_zero_on_fix or not report.wrote))) and not exit_zero:
        return 1
    return 0
