"""A rule's own cases, and how one is run: used by the tests, ``explain`` and whoever writes a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from thea_hook.core.engine import Engine
from thea_hook.core.finding import Finding
from thea_hook.core.patch import apply_edits, select_edits
from thea_hook.core.source import Language, SourceFile
from thea_hook.ruleset import loader
from thea_hook.ruleset.engine import ActiveRule, RuleEngine
from thea_hook.ruleset.rule import UNUSED_SUPPRESSION, Rule

FILE_NAMES: Mapping[Language, str] = {"javascript": "case.mjs", "typescript": "case.ts", "tsx": "case.tsx"}
MAX_PASSES = 10


@dataclass(frozen=True)
class Case:
    """Code a rule must leave alone, or report ``errors`` times (and turn into ``fixed`` by fixes of this ``grade``)."""

    rule: Rule
    code: str
    language: Language
    is_valid: bool
    fixed: str | None = None
    grade: str = ""
    errors: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    env: tuple[str, ...] = ()
    file: str = ""

    def __str__(self) -> str:
        return f"{self.rule.id}-{self.language}-{self.code[:40]!r}"

    def source(self, code: str) -> SourceFile:
        return SourceFile(self.file or FILE_NAMES[self.language], code.encode("utf-8", "surrogatepass"), self.language)

    def findings(self, code: str) -> list[Finding]:
        """What the rule alone says about a piece of code."""
        from thea_hook.languages.environments import globals_for
        from thea_hook.syntax.engine import SyntaxEngine

        active = ActiveRule.of(self.rule, options=self.options)
        engine: Engine = RuleEngine([active], globals=globals_for(("builtin", *self.env)))
        if self.rule.category == "syntax":
            engine = SyntaxEngine([active])
        if self.rule.id == UNUSED_SUPPRESSION:
            return self._unused_suppressions(active, code)
        found = [finding for finding in engine.check(self.source(code)) if finding.rule_id == self.rule.id]
        return sorted(found, key=lambda finding: finding.sort_key)

    def _unused_suppressions(self, active: ActiveRule, code: str) -> list[Finding]:
        """What is left beside the findings of every rule, which the comments may silence."""
        from thea_hook.ruleset.suppress import apply_suppressions

        file, catalogue = self.source(code), loader.load()
        engine = RuleEngine([active, *(ActiveRule.of(rule) for rule in catalogue.values())])
        kept, _ = apply_suppressions(file, list(engine.check(file)), active=catalogue, known=catalogue, unused=active)
        return [finding for finding in kept if finding.rule_id == self.rule.id]

    def fix(self) -> str:
        """The code after every fix of the rule, pass after pass."""
        text = self.code.encode("utf-8", "surrogatepass")
        for _ in range(MAX_PASSES):
            chosen, _skipped = select_edits(self.findings(text.decode("utf-8", "surrogatepass")))
            if not chosen:
                break
            text = apply_edits(text, [edit for finding in chosen if finding.fix for edit in finding.fix.edits])
        return text.decode("utf-8", "surrogatepass")


def rule_cases(rule: Rule) -> Iterator[Case]:
    """The cases of a rule's file.

    A case is a string, or a mapping with ``code`` and, as needed, ``language`` (one of the rule's; default: the
    first), ``file`` (a name, where the ending matters), ``options``, ``env``, and for an invalid one ``fixed``,
    ``grade`` (of its fixes: safe, unsafe, display) and ``errors`` (how many, default 1).
    """
    table = loader.cases()[rule.id]
    for kind in ("valid", "invalid"):
        for raw in table[kind]:
            entry = {"code": raw} if isinstance(raw, str) else dict(raw)
            entry["env"] = tuple(entry.get("env", ()))
            entry.setdefault("language", rule.languages[0])
            yield Case(rule=rule, is_valid=kind == "valid", **entry)


def all_cases(rules: Iterable[Rule] | None = None) -> Iterator[Case]:
    for rule in loader.load().values() if rules is None else rules:
        yield from rule_cases(rule)
