"""The last step of a run that has a teacher: what is left broken is shown to it.

Every file has its result by then, the one of a run without a teacher, and keeps it unless the teacher has a repair.
This process asks, one question at a time, whichever processes did the rest: so the teacher knows how often it was asked
in the run, and takes no time from the models.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thea_hook.core.routing import Attempt, Outcome, Routing
from thea_hook.core.source import SourceFile
from thea_hook.pipeline import cache_key, fix_file, has_work, recall, result_of
from thea_hook.ruleset.rule import SYNTAX_ERROR

if TYPE_CHECKING:
    from thea_hook.cache import Cache
    from thea_hook.checking import Checked
    from thea_hook.core.report import FileResult
    from thea_hook.pipeline import Task
    from thea_hook.teacher.advice import Adviser
    from thea_hook.workers import Answer


def taught(
    answers: Iterator[tuple[Task, Answer]], adviser: Adviser, cache: Cache | None = None
) -> Iterator[tuple[Task, Answer]]:
    """The answers, those about files that do not parse last, with the repairs of the teacher."""
    broken: list[tuple[Task, FileResult, Checked]] = []
    for task, (result, checked) in answers:
        if checked is not None and any(one.rule_id == SYNTAX_ERROR for one in (*checked.findings, *result.findings)):
            broken.append((task, result, checked))
        else:
            yield task, (result, checked)
    for task, result, checked in broken:
        yield task, _Lesson(task, adviser, cache).better(result, checked)


class _Lesson:
    """One file, and the teacher."""

    def __init__(self, task: Task, adviser: Adviser, cache: Cache | None) -> None:
        self._task = task
        self._adviser = adviser
        self._cache = cache
        self._routing: list[Routing] = []
        """What came of asking, text by text."""

    def better(self, result: FileResult, checked: Checked) -> Answer:
        """The result with the teacher's repair; where it has none, as it was, and who was asked."""
        shown = result_of(self._task, checked).findings  # not those on lines that nobody asked about
        is_wanted = self._adviser.is_wanted(self._task.file, shown) or (
            result.source is not None and self._adviser.is_wanted(result.source, result.findings)
        )
        if not is_wanted:
            return result, checked
        try:
            known = self._known(checked)
            now = result_of(self._task, known, cached=result.cached and not self._routing)
            if has_work(known, self._task):
                now = fix_file(self._task, known, self._advised)
        except Exception as exc:  # the result without the teacher is right, whatever happens here
            known, now = checked, result
            self._note(f"internal error, please report it: {type(exc).__name__}: {exc}")
        if not any(finding.source == self._adviser.source for finding in (*now.findings, *now.fixed)):
            known, now = checked, result
        return now._replace(routing=(*result.routing, *self._routing)), known

    def _known(self, checked: Checked) -> Checked:
        """What was found in the file, with what the teacher has to say about it, today or in an earlier run."""
        key = cache_key(self._task, self._adviser.version)
        known = recall(self._cache, key)
        if known is None:
            known = self._advised(self._task.file, checked)
            if self._cache is not None and checked.is_final and known.is_final:
                from thea_hook.checking import encode

                self._cache.put(key, encode(known))
        return known

    def _advised(self, file: SourceFile, found: Checked) -> Checked:
        if not self._adviser.is_wanted(file, found.findings):
            return found
        advice = self._adviser.advise(file, found.findings, self._task.settings.confidence)
        self._routing.append(advice.routing)
        return found._replace(findings=advice.findings, routing=(advice.routing,))

    def _note(self, reason: str) -> None:
        self._routing.append(Routing("the teacher is asked", (Attempt("teacher", Outcome.FAILED, reason),)))
