"""Which rules a run uses."""

from __future__ import annotations

from typing import Any

import pytest

from thea_hook.core.finding import Severity
from thea_hook.errors import ConfigError
from thea_hook.ruleset.engine import ActiveRule
from thea_hook.ruleset.rule import Option, Rule
from thea_hook.ruleset.selection import active_rules, known_selectors


def rule(rule_id: str, category: str, *, recommended: bool | tuple[str, ...] = False) -> Rule:
    languages = ("javascript", "typescript", "tsx") if recommended is True else recommended or ()
    return Rule(
        rule_id,
        category,
        "summary",
        "why",
        "message",
        recommended_for=languages,  # type: ignore[arg-type]
        options={"mode": Option("always", "which", ("always", "never")), "max": Option(3, "how many")},
    )


CATALOGUE = {
    made.id: made
    for made in (
        rule("curly", "style"),
        rule("no-undef", "correctness", recommended=("javascript",)),
        rule("no-var", "style", recommended=True),
        rule("no-with", "suspicious", recommended=True),
    )
}


def chosen(select: str = "recommended", ignore: str = "", **more: Any) -> list[ActiveRule]:
    return active_rules(CATALOGUE, select=select.split(), ignore=ignore.split(), **more)


def ids(select: str = "recommended", ignore: str = "", **more: Any) -> list[str]:
    return [active.rule.id for active in chosen(select, ignore, **more)]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ("recommended", "", ["no-undef", "no-var", "no-with"]),
        ("all", "", ["curly", "no-undef", "no-var", "no-with"]),
        ("style", "", ["curly", "no-var"]),
        ("recommended", "style", ["no-undef", "no-with"]),
        ("style", "no-var", ["curly"]),
        ("recommended no-var", "style", ["no-undef", "no-var", "no-with"]),
        ("style", "recommended", ["curly", "no-var"]),
        ("all", "recommended", ["curly"]),
        ("no-var", "no-var", []),
        ("style", "style", []),
        ("", "", []),
    ],
)
def test_the_narrower_selector_wins_and_between_equals_ignore(select: str, ignore: str, expected: list[str]) -> None:
    assert ids(select, ignore) == expected


def test_a_severity_alone_selects_nothing() -> None:
    """``--select no-var`` means this rule alone, whatever severities the configuration file gives to others."""
    assert ids("no-var", severities={"curly": Severity.ERROR}) == ["no-var"]


@pytest.mark.parametrize("exempt", ["all", "recommended", "style", "no-var"])
def test_an_exempt_rule_does_not_run_however_narrowly_it_is_selected(exempt: str) -> None:
    assert ids("no-var", exempt=[exempt]) == []
    assert ids("no-var", exempt=["no-with", "correctness"]) == ["no-var"]


def test_a_severity_is_that_of_the_run() -> None:
    assert [active.severity for active in chosen("curly", severities={"curly": Severity.INFO})] == [Severity.INFO]


def test_a_rule_recommended_for_one_language_runs_on_the_others_when_named() -> None:
    assert [active.languages for active in chosen("recommended", "style suspicious")] == [("javascript",)]
    assert [active.languages for active in chosen("no-undef")] == [("javascript", "typescript", "tsx")]


@pytest.mark.parametrize(
    ("fixable", "unfixable", "expected"),
    [
        ("all", "", [True, True]),
        ("all", "no-var", [True, False]),
        ("style", "no-var", [True, False]),
        ("", "", [False] * 2),
    ],
)
def test_fixable_and_unfixable_follow_the_same_order(fixable: str, unfixable: str, expected: list[bool]) -> None:
    active = chosen("style", fixable=fixable.split(), unfixable=unfixable.split())
    assert [rule.fixable for rule in active] == expected


def test_options_are_laid_over_the_defaults() -> None:
    assert [dict(rule.options) for rule in chosen("curly", options={"curly": {"mode": "never"}})] == [
        {"mode": "never", "max": 3}
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mod": "never"}, r"rule `curly` has no option `mod`\. Did you mean `mode`\?"),
        ({"xyzzy": 1}, r"rule `curly` has no option `xyzzy`\. It has `mode`, `max`\."),
        ({"mode": "sometimes"}, r"rule `curly`: `mode` is one of 'always', 'never'"),
        ({"max": "3"}, r"rule `curly`: `max` is a int, not a str"),
        ({"max": True}, r"rule `curly`: `max` is a int, not a bool"),
    ],
)
def test_wrong_options_are_refused_even_of_a_rule_that_does_not_run(options: dict[str, Any], message: str) -> None:
    for select in ("curly", "no-var"):
        with pytest.raises(ConfigError, match=message):
            chosen(select, options={"curly": options})


def test_every_id_category_and_set_is_a_selector() -> None:
    known = known_selectors()
    assert {"all", "recommended", "style", "syntax", "no-var", "syntax-error"} <= set(known)
    assert len(known) == len(set(known))
