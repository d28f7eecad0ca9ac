"""What linters have in common that read files alone: each text is asked about in a shadow of the project."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from thea_hook.core.source import SourceFile
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import STUMBLE, Answer, Reported, stumble
from thea_hook.others.programs import LinterError, find_program, run
from thea_hook.others.shadow import Shadow, shadow_of

Report = Mapping[str, Any]

_FEW = 8
"""So many files are asked about one by one where the program fails, before it is said to fail whatever the text."""


class OverShadow(ABC):
    """A linter of the project, under its configuration, whose report is JSON.

    ``title`` is its name in sentences; ``fixes`` are the flags that make it rewrite a text, each with what that is
    called, and whether the linter calls it a fix.
    """

    name: str
    title: ClassVar[str]
    fixes: ClassVar[Sequence[tuple[str, tuple[str, ...], bool]]]

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self._program = find_program(self.name, cwd)

    @abstractmethod
    def arguments(self, paths: Sequence[str], flags: Sequence[str]) -> list[str]:
        """The command line behind the program's name."""

    @abstractmethod
    def count_read(self, report: Report) -> int:
        """How many files it looked at: its configuration may exclude some."""

    @staticmethod
    @abstractmethod
    def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
        """The diagnostics in the files that ``find`` knows."""

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        answers: dict[int, Answer | None] = {}
        for group in _with_paths_of_their_own(files):
            answers.update(zip(group, self._lint([files[index] for index in group]), strict=True))
        return [answers[index] for index in range(len(files))]

    def _lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        """Its word about files that one shadow can hold; halves of them where it ignored some, or stumbled."""
        with shadow_of(files, self._cwd) as shadow:
            report = self._run(shadow)
            if not isinstance(report, str) and self.count_read(report) >= len(files):
                found = self._found(report, shadow, files)
                return [tuple(one for one in found if one.path == file.path) for file in files]
        if len(files) == 1:
            return [stumble(self.name, files[0].path, report) if isinstance(report, str) else None]
        if isinstance(report, str) and len(files) > _FEW:
            first, last = self._lint(files[:1]), self._lint(files[-1:])
            if _has_stumbled(first) and _has_stumbled(last):
                return first * len(files)  # it is not the text of one of them
        middle = len(files) // 2
        return self._lint(files[:middle]) + self._lint(files[middle:])

    def _found(self, report: Report, shadow: Shadow, files: Sequence[SourceFile]) -> list[Reported]:
        known = dict(zip(shadow.paths, files, strict=True))
        try:
            return list(
                self.read_report(report, lambda name: known.get(os.path.normpath(os.path.join(shadow.cwd, name))))
            )
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as exc:
            reason = f"{type(exc).__name__}: {exc}"
            raise LinterError(f"--with: what {self.title} finds cannot be understood: {reason}") from exc

    def rewrites(self, file: SourceFile) -> list[Rewrite]:
        made = []
        for title, flags, is_fix in self.fixes:
            with shadow_of([file], self._cwd) as shadow:
                self._run(shadow, *flags)
                made.append(Rewrite(title, shadow.text(), is_fix))
        return made

    def _run(self, shadow: Shadow, *flags: str) -> Report | str:
        """Its report, or what it said instead of one."""
        done = run([self._program, *self.arguments(shadow.paths, flags)], cwd=shadow.cwd)
        start = done.stdout.find(b"{")  # a warning may stand in front of it
        try:
            report = json.loads(done.stdout[max(0, start) :])
        except ValueError:
            report = None
        if isinstance(report, dict) and isinstance(report.get("diagnostics"), list):
            return report
        return f"{self.title} failed: {shadow.named(done.complaint)}"


def _has_stumbled(answers: Sequence[Answer | None]) -> bool:
    return any(answer and answer[0].rule == STUMBLE for answer in answers)


def _with_paths_of_their_own(files: Sequence[SourceFile]) -> list[list[int]]:
    """The indices of the files in groups in which no path comes twice."""
    groups: list[list[int]] = []
    seen: Counter[str] = Counter()
    for index, file in enumerate(files):
        turn = seen[file.path]
        seen[file.path] += 1
        if turn == len(groups):
            groups.append([])
        groups[turn].append(index)
    return groups
