"""Says what does not parse, and how it could be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from thea_hook.core.finding import Finding
from thea_hook.core.source import SourceFile
from thea_hook.languages.grammars import module_of
from thea_hook.ruleset.engine import ActiveRule
from thea_hook.syntax.suspicion import is_suspicious
from thea_hook.version import second_parser_version

if TYPE_CHECKING:
    from thea_hook.syntax.mender import Mender


class SyntaxEngine:
    """The engine of the ``syntax`` category: silent about whatever parses."""

    name = "syntax"

    def __init__(self, rules: Iterable[ActiveRule], mender: Mender | None = None) -> None:
        self._rules = tuple(rule for rule in rules if rule.rule.repair is not None)
        self._mender = mender
        self.version = second_parser_version() + (mender.version if mender else "")

    def check(self, file: SourceFile) -> Iterator[Finding]:
        """One ``syntax-error`` where the file is broken, and a finding for each known kind of mistake in it."""
        module = module_of(file)
        suspicious = is_suspicious(module)
        if not suspicious and b"<<<<<<<" not in file.text:
            return
        from thea_hook.syntax.diagnosis import conflicts_in_comments, diagnose

        rules = [rule for rule in self._rules if file.language in rule.languages]
        findings = diagnose(file, rules, self._mender) if suspicious else None
        yield from conflicts_in_comments(module, rules) if findings is None else findings
