"""``thea-hook rules`` and ``thea-hook explain``: the catalogue for a reader."""

from __future__ import annotations

import json
from collections.abc import Iterator

from thea_hook.errors import UsageError, did_you_mean
from thea_hook.ruleset.loader import load
from thea_hook.ruleset.rule import CATEGORIES, Rule

EXAMPLES = 2


def fix_grade(rule: Rule) -> str:
    """``safe``, ``unsafe``, ``display`` or ``none``."""
    return "none" if rule.applicability is None else str(rule.applicability)


def rules_as_json() -> str:
    """An array of objects with ``id``, ``category``, ``fix``, ``confidence``, ``sources``, ``recommended``, more."""
    rows = [
        {
            "id": rule.id,
            "category": rule.category,
            "summary": rule.summary,
            "fix": fix_grade(rule),
            "confidence": rule.confidence,
            "severity": str(rule.severity),
            "sources": list(rule.sources),
            "recommended": rule.recommended,
            "languages": list(rule.languages),
            "options": {name: option.default for name, option in rule.options.items()},
        }
        for rule in load().values()
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False)


def rules_as_text() -> str:
    """A table by category; ``*`` marks the recommended ones."""
    lines = []
    for category in CATEGORIES:
        rules = [rule for rule in load().values() if rule.category == category]
        if rules:
            lines.append(f"{category} ({len(rules)})")
            width = max(len(rule.id) for rule in rules)
            lines += [
                f"  {'*' if rule.recommended else ' '} {rule.id:{width}}  {fix_grade(rule):7}  {rule.summary}"
                for rule in rules
            ]
    recommended = sum(rule.recommended for rule in load().values())
    lines.append(f"{len(load())} rules, {recommended} recommended (*). The third column is how far a fix goes.")
    return "\n".join(lines)


def explain(rule_id: str) -> str:
    """What a rule finds, why, an example, and how safe its fix is. Raises UsageError for an unknown id."""
    rule = load().get(rule_id)
    if rule is None:
        raise UsageError(f"there is no rule `{rule_id}`.{did_you_mean(rule_id, load())} See `thea-hook rules`.")
    return "\n".join(_paragraphs(rule))


def _paragraphs(rule: Rule) -> Iterator[str]:
    from thea_hook.ruleset.cases import rule_cases

    yield f"{rule.id} ({rule.category}, {rule.severity}{', recommended' if rule.recommended else ''})"
    yield ""
    yield rule.summary.strip()
    yield ""
    yield rule.why.strip()
    listed = list(rule_cases(rule))
    wrong = [case for case in listed if not case.is_valid][:EXAMPLES]
    right = [case for case in listed if case.is_valid][:EXAMPLES]
    for title, cases in (("Reported:", wrong), ("Left alone:", right)):
        yield ""
        yield title
        for number, case in enumerate(cases):
            if number and title == "Reported:":
                yield ""
            yield _indented(case.code)
            if case.fixed is not None:
                yield f"  becomes\n{_indented(case.fixed)}" if case.fixed.strip() else "  is removed"
    yield ""
    yield f"Fix: {fix_grade(rule)}. {rule.safety.strip()}".rstrip()
    if rule.options:
        yield ""
        yield "Options:"
        for name, option in rule.options.items():
            choices = f" One of {', '.join(map(repr, option.choices))}." if option.choices else ""
            yield f"  {name} = {json.dumps(option.default)}: {option.summary}{choices}"
    if rule.languages != ("javascript", "typescript", "tsx"):
        yield ""
        yield f"Languages: {', '.join(rule.languages)}"
    if rule.sources:
        yield ""
        yield f"After: {', '.join(rule.sources)}"


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.strip("\n").split("\n"))
