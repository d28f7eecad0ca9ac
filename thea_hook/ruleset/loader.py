"""The catalogue: every rule, read from ``rules/<category>/<id>.yaml``.

Parsing 130 YAML files takes longer than checking a commit, so the catalogue is compiled to two JSON files: what a run
needs, and the cases that only ``explain`` and the tests read. A wheel carries the compiled form. In a checkout it is
compiled again as soon as a rule file is newer, so adding a rule is adding one file.

Whatever can be wrong with a rule is found here, when it is compiled, and named with its file and key.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from thea_hook.core.finding import Applicability, Severity
from thea_hook.errors import RuleError, did_you_mean
from thea_hook.ruleset.rule import ALL_LANGUAGES, CATEGORIES, SYNTAX_ERROR, UNUSED_SUPPRESSION, Option, Rule
from thea_hook.ruleset.template import holes

CATALOGUE = Path(__file__).with_name("catalogue.json")
CASES = Path(__file__).with_name("cases.json")
SOURCES = Path(__file__).parents[2] / "rules"

_OPTION_KEYS = {"default", "summary", "choices"}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "summary": str,
    "why": str,
    "message": str,
    "messages": dict,
    "safety": str,
    "languages": list,
    "severity": str,
    "confidence": (int, float),
    "recommended": (bool, list),
    "sources": list,
    "query": str,
    "fix": str,
    "fix_title": str,
    "applicability": str,
    "nodes": list,
    "check": str,
    "repair": str,
    "needs": (list, dict),
    "whole_file": bool,
    "options": dict,
}
_CASE_KEYS = ("valid", "invalid")
_REQUIRED = ("id", "summary", "why", "valid", "invalid")


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
        compile_catalogue()
    raw = json.loads(CATALOGUE.read_bytes())
    return Catalogue({entry["id"]: _rule_from_json(entry) for entry in raw["rules"]}, raw["version"])


@cache
def cases() -> Mapping[str, Mapping[str, list[Any]]]:
    """Rule id -> ``{"valid": [...], "invalid": [...]}`` as written in its file."""
    load()
    loaded: Mapping[str, Mapping[str, list[Any]]] = json.loads(CASES.read_bytes())
    return loaded


def _rule_files() -> list[Path]:
    return sorted(path for category in CATEGORIES for path in (SOURCES / category).glob("*.yaml"))


def _is_stale() -> bool:
    """Whether this is a checkout whose rule files are newer than the compiled catalogue (costs under 1 ms)."""
    if not SOURCES.is_dir():
        return False
    try:
        compiled = CATALOGUE.stat().st_mtime_ns
    except FileNotFoundError:
        return True
    newest = 0
    for category in CATEGORIES:
        folder = SOURCES / category
        if folder.is_dir():
            # the folder's own time moves when a rule is removed
            newest = max(newest, folder.stat().st_mtime_ns)
            newest = max([newest, *(entry.stat().st_mtime_ns for entry in os.scandir(folder))])
    return newest > compiled


def compile_catalogue(catalogue: Path = CATALOGUE, cases_file: Path = CASES) -> None:
    """Read and check every rule file, and write the compiled catalogue. Raises RuleError."""
    from hashlib import blake2b

    rules, case_table, digest = [], {}, blake2b(digest_size=8)
    for path in _rule_files():
        source = path.read_bytes()
        digest.update(source)
        raw = read_rule(path)
        case_table[raw["id"]] = {key: raw.pop(key) for key in _CASE_KEYS}
        rules.append(raw)
    rules.sort(key=lambda raw: raw["id"])
    _write(cases_file, case_table)
    _write(catalogue, {"version": digest.hexdigest(), "rules": rules})


def _write(path: Path, value: object) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), "utf-8")
    partial.replace(path)


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


# ------------------------------------------------------------------ reading and checking one file


def read_rule(path: Path) -> dict[str, Any]:
    """One rule file as plain values, checked. Raises RuleError with the file and the key."""
    try:
        import yaml
    except ImportError as exc:
        raise RuleError(f"{path}: reading rule files takes PyYAML: pip install 'thea-hook[dev]'") from exc
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as exc:
        raise RuleError(f"{path}: not valid YAML: {exc}") from exc
    if not isinstance(raw, dict):
        raise RuleError(f"{path}: a rule is a mapping of keys to values")
    _check_keys(path, raw)
    recommended = raw.get("recommended", False)
    languages = raw.get("languages", list(ALL_LANGUAGES))
    raw["recommended_for"] = recommended if isinstance(recommended, list) else languages if recommended else []
    raw.pop("recommended", None)
    raw["category"] = path.parent.name
    raw.setdefault("message", raw["summary"])
    _check_code(path, raw)
    return raw


def _check_keys(path: Path, raw: dict[str, Any]) -> None:
    known = (*_TYPES, *_CASE_KEYS)
    for key, value in raw.items():
        if key not in known:
            raise RuleError(f"{path}: unknown key `{key}`.{did_you_mean(str(key), known)}")
        if key in _TYPES and not isinstance(value, _TYPES[key]):
            raise RuleError(f"{path}: `{key}` has the wrong type ({type(value).__name__})")
    for key in _REQUIRED:
        if not raw.get(key):
            raise RuleError(f"{path}: `{key}` is missing or empty")
    if raw["id"] != path.stem:
        raise RuleError(f"{path}: `id` is `{raw['id']}`, but the file is called `{path.stem}`")
    for key in ("languages", "recommended"):
        value = raw.get(key)
        for language in value if isinstance(value, list) else ():
            if language not in ALL_LANGUAGES:
                raise RuleError(f"{path}: `{key}`: `{language}` is none of {', '.join(ALL_LANGUAGES)}")
    if raw.get("severity", "error") not in {str(severity) for severity in Severity}:
        raise RuleError(f"{path}: `severity` is error, warning or info")
    if raw.get("applicability", "safe") not in {str(grade) for grade in Applicability}:
        raise RuleError(f"{path}: `applicability` is safe, unsafe or display")
    if "applicability" in raw and not raw.get("safety"):
        raise RuleError(f"{path}: a rule with a fix says in `safety` why it has this grade")
    for name, option in raw.get("options", {}).items():
        if not isinstance(option, dict) or not {"default", "summary"} <= set(option) <= _OPTION_KEYS:
            raise RuleError(f"{path}: `options`: `{name}` needs a `default` and a `summary`, and may have `choices`")
    for key in _CASE_KEYS:
        if not isinstance(raw[key], list):
            raise RuleError(f"{path}: `{key}` is a list of cases")


def _check_code(path: Path, raw: dict[str, Any]) -> None:
    from thea_hook.ruleset import query

    if raw["id"] in (SYNTAX_ERROR, UNUSED_SUPPRESSION):
        return
    if sum(key in raw for key in ("query", "check", "repair")) != 1:
        raise RuleError(f"{path}: a rule has either a `query`, a `check` or a `repair`")
    languages = raw.get("languages", list(ALL_LANGUAGES))
    if "query" in raw:
        raw["patterns"], captures = query.check_query(path, raw["query"], languages)
        if "target" not in captures:
            raise RuleError(f"{path}: `query` captures no `@target`")
        if "fix" in raw and "applicability" not in raw:
            raise RuleError(f"{path}: a rule with a `fix` needs its `applicability`")
        for key in ("message", "fix"):
            for hole in holes(raw.get(key, "")):
                if hole not in captures:
                    raise RuleError(f"{path}: `{key}`: no capture of the query is called `@{hole}`")
    elif "repair" in raw:
        query.resolve_repair(raw["repair"], path)
    else:
        query.check_nodes(path, raw.get("nodes", []), languages)
        query.resolve_check(raw["check"], path)
        raw["needs"] = query.check_needs(path, raw.get("needs", {}), raw["nodes"])
