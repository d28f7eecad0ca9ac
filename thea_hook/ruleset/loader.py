"""The catalogue: every rule, read from ``rules/<category>/<id>.yaml``.

Parsing 130 YAML files takes longer than checking a commit, so the catalogue is compiled to two JSON files: what a run
needs, and the cases that only ``explain`` and the tests read. A wheel carries the compiled form. In a checkout it is
compiled again by ``compiler`` as soon as a rule file is newer, so adding a rule is adding one file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from thea_hook.core.finding import Applicability, Severity
from thea_hook.ruleset.rule import CATEGORIES, Option, Rule

_HERE = os.path.dirname(os.path.abspath(__file__))
CATALOGUE = os.path.join(_HERE, "catalogue.json")
CASES = os.path.join(_HERE, "cases.json")
SOURCES = os.path.join(os.path.dirname(os.path.dirname(_HERE)), "rules")


class Catalogue(Mapping[str, Rule]):
    """All rules by id, in the order of their ids."""

    def __init__(self, rules: Mapping[str, Rule], version: str) -> None:
        self._rules = rules
        self.version = version

    def __getitem__(self, rule_id: str) -> Rule:
        return self._rules[rule_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)


@cache
def load() -> Catalogue:
    """The catalogue, compiled first where a rule file changed. Raises RuleError where a rule file is wrong."""
    if _is_stale():
        from thea_hook.ruleset.compiler import compile_catalogue

        compile_catalogue(SOURCES, CATALOGUE, CASES)
    raw = _read(CATALOGUE)
    return Catalogue({entry["id"]: _rule_from_json(entry) for entry in raw["rules"]}, raw["version"])


@cache
def cases() -> Mapping[str, Mapping[str, list[Any]]]:
    """Rule id -> ``{"valid": [...], "invalid": [...]}`` as written in its file."""
    load()
    loaded: Mapping[str, Mapping[str, list[Any]]] = _read(CASES)
    return loaded


def _read(path: str) -> Any:
    with open(path, "rb") as stream:
        return json.loads(stream.read())


def _is_stale() -> bool:
    """Whether this is a checkout whose rules, or the code that compiles them, are newer than the catalogue (1 ms)."""
    if not os.path.isdir(SOURCES):
        return False
    try:
        compiled = os.stat(CATALOGUE).st_mtime_ns
    except FileNotFoundError:
        return True
    code = [os.stat(os.path.join(_HERE, name)).st_mtime_ns for name in ("compiler.py", "rule.py")]
    return max(*code, *_times()) > compiled


def _times() -> Iterator[int]:
    """When each rule file changed, and each folder: a folder's time moves when a file in it goes."""
    for category in CATEGORIES:
        folder = os.path.join(SOURCES, category)
        if os.path.isdir(folder):
            yield os.stat(folder).st_mtime_ns
            yield from (entry.stat().st_mtime_ns for entry in os.scandir(folder))


def _rule_from_json(raw: dict[str, Any]) -> Rule:
    fields = dict(raw)
    for key in ("languages", "sources", "nodes", "recommended_for"):
        if key in raw:
            fields[key] = tuple(raw[key])
    fields["needs"] = {kind: tuple(words) for kind, words in raw.get("needs", {}).items()}
    fields["severity"] = Severity(raw.get("severity", "error"))
    fields["options"] = {
        name: Option(option["default"], option["summary"], tuple(option.get("choices", ())))
        for name, option in raw.get("options", {}).items()
    }
    if "applicability" in raw:
        fields["applicability"] = Applicability[raw["applicability"].upper()]
    return Rule(**fields)
