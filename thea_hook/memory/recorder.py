"""Remembering what a run did, without any say in how the run ends."""

from __future__ import annotations

from collections.abc import Iterable

from thea_hook.core.report import Report
from thea_hook.memory.records import Record, records_of
from thea_hook.memory.store import StoreError, memory_path, open_memory


def remember_run(report: Report, *, is_written: bool) -> str:
    """Keep what a run did, but nothing of files that failed, written or not; why that could not be, or nothing.

    ``is_written`` is False where the fixes went to no file.
    """
    whole = [result for result in report.results if result.error is None]
    return remember(record for result in whole for record in records_of(result, applied=is_written))


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
