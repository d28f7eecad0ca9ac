"""What linters have in common that read files alone: each text is asked about in a shadow of the project."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from thea_hook.core.source import SourceFile
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import Answer, Reported
from thea_hook.others.programs import LinterError, find_program, run
from thea_hook.others.shadow import Shadow, shadow_of

Report = Mapping[str, Any]


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
    def arguments(self, path: str, flags: Sequence[str]) -> list[str]:
        """The command line behind the program's name."""

    @abstractmethod
    def has_read(self, report: Report) -> bool:
        """Whether it looked at the file, which its configuration may exclude."""

    @staticmethod
    @abstractmethod
    def read_report(report: Report, find: Callable[[str], SourceFile | None]) -> Iterator[Reported]:
        """The diagnostics in the files that ``find`` knows."""

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        return [self._lint(file) for file in files]

    def _lint(self, file: SourceFile) -> Answer | None:
        with shadow_of(file, self._cwd) as shadow:
            report = self._run(shadow)
        return tuple(self.read_report(report, lambda _: file)) if self.has_read(report) else None

    def rewrites(self, file: SourceFile) -> list[Rewrite]:
        made = []
        for title, flags, is_fix in self.fixes:
            with shadow_of(file, self._cwd) as shadow:
                self._run(shadow, *flags)
                made.append(Rewrite(title, shadow.text(), is_fix))
        return made

    def _run(self, shadow: Shadow, *flags: str) -> Report:
        done = run([self._program, *self.arguments(shadow.path, flags)], cwd=shadow.cwd)
        try:
            report: Report = json.loads(done.stdout)
        except ValueError as exc:
            raise LinterError(f"--with: {self.title} failed: {done.complaint}") from exc
        return report
