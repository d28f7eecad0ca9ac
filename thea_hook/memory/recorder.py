"""Remembering what a run did, without any say in how the run ends."""

from __future__ import annotations

from collections.abc import Iterable

from thea_hook.core.report import FileResult, Report
from thea_hook.memory.records import Record, records_of
from thea_hook.memory.store import StoreError, memory_path, open_memory


class Recorder:
    """Collects the suggestions of a run, and writes them at its end: one transaction, whatever the number of files."""

    def __init__(self, *, applies: bool) -> None:
        self._applies = applies
        self._records: dict[str, list[Record]] = {}

    def see(self, before: FileResult, after: FileResult) -> None:
        """Take in one file: what was found, and what is left of it."""
        self._records[after.path] = list(records_of(before, after, applied=self._applies))

    def keep(self, report: Report) -> str:
        """Write what was collected, but of files that failed, written or not; why it could not be, or nothing."""
        failed = {error.path for error in report.errors}
        return remember(record for path, records in self._records.items() if path not in failed for record in records)


def remember(records: Iterable[Record], path: str | None = None) -> str:
    """Keep suggestions that were validated, the teacher's for one; why they could not be kept, or nothing.

    Never raises for the file's sake: whoever has a suggestion has better things to do than to fail over a memory.
    """
    records = list(records)
    if not records:
        return ""
    try:
        with open_memory(path or memory_path()) as memory:
            memory.add(records)
    except StoreError as exc:
        return f"nothing is remembered of this run: {exc}"
    return ""
