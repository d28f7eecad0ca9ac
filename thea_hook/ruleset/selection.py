"""Which rules a run uses: ``select`` and ``ignore`` resolved against the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from thea_hook.core.finding import Severity
from thea_hook.errors import ConfigError, did_you_mean
from thea_hook.ruleset.rule import CATEGORIES, Rule

if TYPE_CHECKING:
    from thea_hook.ruleset.engine import ActiveRule

# A selector that names fewer rules wins over one that names more.
_ALL, _RECOMMENDED, _CATEGORY, _ID = 1, 2, 3, 4


def known_selectors() -> tuple[str, ...]:
    """Every word that ``select`` and ``ignore`` understand."""
    from thea_hook.ruleset.loader import load

    return ("all", "recommended", *CATEGORIES, *load())


def active_rules(
    catalogue: Mapping[str, Rule],
    *,
    select: Collection[str],
    ignore: Collection[str] = (),
    exempt: Collection[str] = (),
    severities: Mapping[str, Severity] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    fixable: Collection[str] = ("all",),
    unfixable: Collection[str] = (),
) -> list[ActiveRule]:
    """The rules of a run, in the order of the catalogue.

    The narrower selector wins (an id over a category over ``recommended`` over ``all``); between equals, ``ignore``
    does. What is ``exempt`` never runs, however narrowly it is selected. Raises ConfigError where the options of a rule
    are wrong, whether or not the rule runs.
    """
    from thea_hook.ruleset.engine import ActiveRule

    severities, options = severities or {}, options or {}
    checked = {rule_id: check_options(catalogue[rule_id], given) for rule_id, given in options.items()}
    active = []
    for rule in catalogue.values():
        chosen = _rank(rule, select)
        if chosen <= _rank(rule, ignore) or _rank(rule, exempt):
            continue
        # what is recommended for JavaScript only runs on TypeScript when it is asked for by any other word
        languages = rule.recommended_for if chosen == _RECOMMENDED else rule.languages
        active.append(
            ActiveRule.of(
                rule,
                severity=severities.get(rule.id, rule.severity),
                options=checked.get(rule.id, {}),
                fixable=_rank(rule, fixable) > _rank(rule, unfixable),
                languages=languages,
            )
        )
    return active


def _rank(rule: Rule, words: Collection[str]) -> int:
    """How narrowly the words name a rule: 0 not at all."""
    if rule.id in words:
        return _ID
    if rule.category in words:
        return _CATEGORY
    if "recommended" in words and rule.recommended:
        return _RECOMMENDED
    return _ALL if "all" in words else 0


def check_options(rule: Rule, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as given. Raises ConfigError for an unknown name or a value of the wrong type."""
    for name, value in given.items():
        option = rule.options.get(name)
        if option is None:
            known: Sequence[str] = tuple(rule.options)
            listed = f" It has {', '.join(f'`{word}`' for word in known)}." if known else " It has none."
            raise ConfigError(f"rule `{rule.id}` has no option `{name}`.{did_you_mean(name, known) or listed}")
        if option.choices and value not in option.choices:
            raise ConfigError(f"rule `{rule.id}`: `{name}` is one of {', '.join(map(repr, option.choices))}")
        if not option.choices and type(value) is not type(option.default):
            wanted = type(option.default).__name__
            raise ConfigError(f"rule `{rule.id}`: `{name}` is a {wanted}, not a {type(value).__name__}")
    return dict(given)
