"""What the processes beside the server are asked to do. Everything here runs there, and imports what it needs there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit, Finding
from thea_hook.core.source import SourceFile

if TYPE_CHECKING:
    from thea_hook.core.report import FileResult
    from thea_hook.pipeline import Task
    from thea_hook.settings import Settings


def task_of(file: SourceFile, settings: Settings, *, fix: Applicability | None = None) -> Task:
    """The task of checking a text that an editor holds."""
    from thea_hook.pipeline import Task

    return Task(file, settings, fix=fix, lines=None, baseline=frozenset(), on_disk=file.text)


def check(task: Task) -> FileResult:
    """What a run of the command line would find in the text, or with ``fix`` make of it."""
    from thea_hook.pipeline import process, spending

    with spending(task.settings):
        return process(task)[0]


def silence(file: SourceFile, findings: Sequence[Finding]) -> list[Edit | None]:
    """For each finding the edit that silences its rule on its line, None where no comment can."""
    from thea_hook.ruleset.silence import silencing_edit

    return [silencing_edit(file, finding) for finding in findings]


def warm_up(settings: Settings, ending: str) -> None:
    """Everything loaded and compiled that a first check of such a file would wait for."""
    from thea_hook.files import as_source

    file = as_source(f"start{ending}", b"const a = 1;\nf(a);\n")
    if isinstance(file, SourceFile):
        check(task_of(file, settings))
