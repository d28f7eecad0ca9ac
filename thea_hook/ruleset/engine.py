"""Runs rules over one file.

All rules of a run become one tree-sitter query a language, and one walk over the tree: it collects the nodes of every
kind some check looks at, what scopes and comments are made of (``captures``, grouped in C), and says whether a pattern
of a declarative rule matched at all. Only then a second walk runs these patterns (``matches``, which keeps the captures
of a match together). Python runs only on what these return.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.languages.grammars import KIND, Module, module_of, query, survey_source
from thea_hook.languages.nodes import replace, text
from thea_hook.ruleset.context import Context, FileGlobals
from thea_hook.ruleset.query import PREDICATES, Check, node_kinds, resolve_check
from thea_hook.ruleset.rule import ALL_LANGUAGES, Problem, Rule
from thea_hook.ruleset.template import HOLE, fill, holes

if TYPE_CHECKING:
    from tree_sitter import Node


class ActiveRule(NamedTuple):
    """A rule as this run wants it: with the configured severity and options."""

    rule: Rule
    severity: Severity
    options: Mapping[str, Any] = {}
    fixable: bool = True
    languages: tuple[Language, ...] = ALL_LANGUAGES

    @classmethod
    def of(cls, rule: Rule, **changes: Any) -> ActiveRule:
        """The rule with its defaults, but for ``changes``; ``options`` are laid over the defaults."""
        defaults = {name: option.default for name, option in rule.options.items()}
        options = {**defaults, **changes.pop("options", {})}
        return cls(
            **{"rule": rule, "severity": rule.severity, "languages": rule.languages, "options": options, **changes}
        )


class _Look(NamedTuple):
    """A check that looks at the nodes of a kind, in a file that has one of the texts it needs (any file for none)."""

    rule: ActiveRule
    check: Check
    needs: tuple[str, ...]


class _Program(NamedTuple):
    """The rules of a run for one language, compiled."""

    checks: Mapping[str, Sequence[_Look]]
    """Name of a capture -> what looks at the nodes."""
    needed: frozenset[str]
    """What some check needs."""
    survey: str
    """The query behind all, patterns included; empty where no rule runs."""
    declarative: Sequence[ActiveRule]
    """For each pattern of ``patterns``, the rule it belongs to."""
    patterns: str
    """The query of the declarative rules. Compiling it takes long, so that waits for a file where one matched."""


class RuleEngine:
    """The engine of the rules in the catalogue."""

    name = "rules"

    def __init__(
        self,
        rules: Iterable[ActiveRule],
        *,
        globals: Mapping[str, bool] | None = None,
        assumed_globals: Collection[str] = (),
        version: str = "",
    ) -> None:
        self.rules = tuple(rules)
        self.version = version
        self._globals = globals or {}
        self._assumed_globals = assumed_globals
        self._programs: dict[Language, _Program] = {}

    def check(self, file: SourceFile) -> Iterator[Finding]:
        """Every finding of every rule, in no order; none from a statement that does not parse.

        A tree that is too deep gives none at all.
        """
        module = module_of(file)
        if module.is_too_deep:
            return
        program = self._program(file.language)
        contexts = _Contexts(module, FileGlobals(module, self._globals, self._assumed_globals))
        for rule, problem in self._problems(module, program, contexts):
            if not module.in_broken_statement(problem.span):
                yield finding_of(rule, problem)

    def _program(self, language: Language) -> _Program:
        if language not in self._programs:
            self._programs[language] = _compile(self.rules, language)
        return self._programs[language]

    def _problems(self, module: Module, program: _Program, contexts: _Contexts) -> Iterator[tuple[ActiveRule, Problem]]:
        from tree_sitter import QueryCursor

        is_broken = module.root.has_error
        captured = module.survey(program.survey) if program.survey else {}
        present = _present(program.needed, module.text)
        for name, nodes in captured.items():
            for rule, check, needs in program.checks.get(name, ()):
                if (needs and present.isdisjoint(needs)) or (is_broken and rule.rule.whole_file):
                    continue
                context = contexts.of(rule)
                for node in nodes:
                    for problem in check(node, context):
                        yield rule, problem
        if program.patterns and "target" in captured:
            rules = program.declarative

            def holds(
                predicate: str,
                args: list[tuple[str, Literal["capture", "string"]]],
                pattern_index: int,
                captures: dict[str, list[Node]],
            ) -> bool:
                nodes = [node for value, kind in args if kind == "capture" for node in captures.get(value, ())]
                words = [value for value, kind in args if kind == "string"]
                return PREDICATES[predicate](contexts.of(rules[pattern_index]), nodes, words)

            for pattern, captures in QueryCursor(query(module.language, program.patterns)).matches(module.root, holds):
                rule = rules[pattern]
                yield rule, _match(rule.rule, captures, contexts.of(rule))


class _Contexts:
    """A context for each rule that looks at one file, made when it first does."""

    def __init__(self, module: Module, file_globals: FileGlobals) -> None:
        self._module = module
        self._file_globals = file_globals
        self._made: dict[str, Context] = {}

    def of(self, rule: ActiveRule) -> Context:
        context = self._made.get(rule.rule.id)
        if context is None:
            context = self._made[rule.rule.id] = Context(self._module, rule.options, self._file_globals)
        return context


def _compile(rules: Iterable[ActiveRule], language: Language) -> _Program:
    checks: dict[str, list[_Look]] = {}
    declarative: list[ActiveRule] = []
    sources: list[str] = []
    for active in rules:
        rule = active.rule
        if language not in active.languages:
            continue
        if rule.query is not None:
            declarative += [active] * rule.patterns
            sources.append(rule.query)
        elif rule.check is not None:
            for kind in node_kinds(rule.nodes, language):
                look = _Look(active, resolve_check(rule.check), rule.needs.get(kind, ()))
                checks.setdefault(kind, []).append(look)
    survey = "\n".join((survey_source(language, checks), *sources)) if checks or sources else ""
    return _Program(
        checks={KIND + kind: looks for kind, looks in checks.items()},
        needed=frozenset(word for looks in checks.values() for look in looks for word in look.needs),
        survey=survey,
        declarative=declarative,
        patterns="\n".join(sources),
    )


# Escapes that spell a character by its number, and a line continuation; any other leaves the character as it is.
_SPELLS = re.compile(rb"\\[ux0-7\r\n\xe2]")


def _present(needed: frozenset[str], source: bytes) -> frozenset[str]:
    """Those of the texts that the source has; all of them where escapes could hide one in a name or string."""
    if _SPELLS.search(source):
        return needed
    unescaped = source.replace(b"\\", b"")
    return frozenset(word for word in needed if word.encode() in source or word.encode() in unescaped)


def _match(rule: Rule, captures: Mapping[str, Sequence[Node]], context: Context) -> Problem:
    """The problem a match of a declarative rule stands for.

    The fix is left out where it would lose a comment: one inside the replaced text, but in no capture it keeps.
    """
    target = captures["target"][0]
    where = Span(target.start_byte, target.end_byte)
    values = {name: text(nodes[0]) for name, nodes in captures.items()}
    values = {name: values.get(name, "") for name in {*values, *holes(rule.message), *holes(rule.fix or "")}}
    edits: tuple[Edit, ...] = ()
    if rule.fix is not None:
        kept = [captures[name][0] for name in holes(rule.fix) if name in captures]
        lost = [
            comment
            for comment in context.comments_in(where)
            if not any(node.start_byte <= comment.start_byte < node.end_byte for node in kept)
        ]
        if not lost:
            edits = _edits_around(rule.fix, captures, where) or (replace(where, fill(rule.fix, values)),)
    return Problem(where, data=values, edits=edits)


def _edits_around(fix: str, captures: Mapping[str, Sequence[Node]], target: Span) -> tuple[Edit, ...]:
    """The edits that leave the kept captures where they are, so that fixes of what is nested in them can go along.

    Empty where the captures would not stay in their order.
    """
    edits = []
    position = target.start
    *pieces, last = HOLE.split(fix)
    for literal, name in zip(pieces[::2], pieces[1::2], strict=True):
        node = captures[name][0] if name in captures else None
        if node is None or node.start_byte < position or node.end_byte > target.end:
            return ()
        edits.append(replace(Span(position, node.start_byte), literal))
        position = node.end_byte
    edits.append(replace(Span(position, target.end), last))
    return tuple(edit for edit in edits if edit.text or edit.span.start < edit.span.end)


def finding_of(active: ActiveRule, problem: Problem) -> Finding:
    """The finding that a rule, as this run wants it, makes of a problem."""
    rule = active.rule
    template = rule.messages[problem.message] if problem.message else rule.message
    fix = None
    if problem.edits and active.fixable:
        grade = problem.applicability if problem.applicability is not None else rule.applicability
        title = problem.title or fill(rule.fix_title, problem.data) or f"Fix {rule.id}"
        edits = tuple(sorted(problem.edits, key=lambda edit: edit.span))
        fix = Fix(title, edits, Applicability.DISPLAY if grade is None else grade)
    return Finding(
        rule_id=rule.id,
        category=rule.category,
        span=problem.span,
        message=fill(template, problem.data),
        severity=active.severity,
        confidence=rule.confidence if problem.confidence is None else problem.confidence,
        fix=fix,
        related=problem.related,
    )
