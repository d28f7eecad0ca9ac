"""Reads and checks the rule files, and compiles them to what a run loads.

Whatever can be wrong with a rule is found here, and named with its file and key.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thea_hook.core.finding import Applicability, Severity
from thea_hook.errors import RuleError, did_you_mean
from thea_hook.ruleset.query import PREDICATES, node_kinds, resolve_check, resolve_repair
from thea_hook.ruleset.rule import ALL_LANGUAGES, CATEGORIES, SYNTAX_ERROR, UNUSED_SUPPRESSION
from thea_hook.ruleset.template import holes

if TYPE_CHECKING:
    from thea_hook.core.source import Language

# py-tree-sitter accepts any predicate and lets an unknown one match everything.
_BUILT_IN = frozenset(
    {"eq?", "not-eq?", "any-eq?", "any-not-eq?", "match?", "not-match?", "any-match?", "any-not-match?"}
    | {"any-of?", "not-any-of?"}
)
_PREDICATE = re.compile(r"\(#([^\s)]+)")

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


def compile_catalogue(sources: str, catalogue: str, cases: str) -> None:
    """Read and check every ``<category>/<id>.yaml`` below ``sources``, and write the two files. Raises RuleError."""
    from hashlib import blake2b

    rules, case_table, digest = [], {}, blake2b(digest_size=8)
    for path in sorted(path for category in CATEGORIES for path in Path(sources, category).glob("*.yaml")):
        digest.update(path.read_bytes())
        raw = read_rule(path)
        case_table[raw["id"]] = {key: raw.pop(key) for key in _CASE_KEYS}
        rules.append(raw)
    rules.sort(key=lambda raw: raw["id"])
    _write(Path(cases), case_table)
    _write(Path(catalogue), {"version": digest.hexdigest(), "rules": rules})


def _write(path: Path, value: object) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), "utf-8")
    partial.replace(path)


# ------------------------------------------------------------------ one file


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
    if raw["id"] in (SYNTAX_ERROR, UNUSED_SUPPRESSION):
        return
    if sum(key in raw for key in ("query", "check", "repair")) != 1:
        raise RuleError(f"{path}: a rule has either a `query`, a `check` or a `repair`")
    languages = raw.get("languages", list(ALL_LANGUAGES))
    if "query" in raw:
        raw["patterns"], captures = check_query(path, raw["query"], languages)
        if "target" not in captures:
            raise RuleError(f"{path}: `query` captures no `@target`")
        if "fix" in raw and "applicability" not in raw:
            raise RuleError(f"{path}: a rule with a `fix` needs its `applicability`")
        for key in ("message", "fix"):
            for hole in holes(raw.get(key, "")):
                if hole not in captures:
                    raise RuleError(f"{path}: `{key}`: no capture of the query is called `@{hole}`")
    elif "repair" in raw:
        resolve_repair(raw["repair"], str(path))
    else:
        check_nodes(path, raw.get("nodes", []), languages)
        resolve_check(raw["check"], str(path))
        raw["needs"] = check_needs(path, raw.get("needs", {}), raw["nodes"])


def check_query(path: Path, source: str, languages: Sequence[Language]) -> tuple[int, set[str]]:
    """How many patterns a query has and what it captures. Raises RuleError where a grammar rejects it."""
    from tree_sitter import Query, QueryError

    from thea_hook.languages.grammars import grammar

    for predicate in _PREDICATE.findall(source):
        if predicate not in _BUILT_IN and predicate not in PREDICATES:
            known = [*_BUILT_IN, *PREDICATES]
            raise RuleError(f"{path}: `query`: unknown predicate `#{predicate}`.{did_you_mean(predicate, known)}")
    for language in languages:
        try:
            query = Query(grammar(language), source)
        except QueryError as exc:
            raise RuleError(f"{path}: `query`: the {language} grammar rejects it: {exc}") from exc
    return query.pattern_count, {query.capture_name(index) for index in range(query.capture_count)}


def check_nodes(path: Path, nodes: Sequence[str], languages: Sequence[Language]) -> None:
    """Raises RuleError where a kind exists in none of the rule's languages, or none is named."""
    from thea_hook.languages.grammars import grammar

    if not nodes:
        raise RuleError(f"{path}: `nodes`: a rule with a `check` names the node kinds it looks at")
    for kind in nodes:
        if not any(node_kinds([kind], language) for language in languages):
            ids = range(grammar(languages[0]).node_kind_count)
            known = {grammar(languages[0]).node_kind_for_id(number) or "" for number in ids}
            raise RuleError(f"{path}: `nodes`: no grammar has `{kind}`.{did_you_mean(kind, known)}")


def check_needs(path: Path, needs: Any, nodes: Sequence[str]) -> dict[str, list[str]]:
    """Kind -> the texts of which a file has to have one; a list is for every kind. Raises RuleError."""
    by_kind = needs if isinstance(needs, dict) else dict.fromkeys(nodes, needs)
    for kind, texts in by_kind.items():
        if kind not in nodes:
            raise RuleError(f"{path}: `needs`: `{kind}` is none of `nodes`.{did_you_mean(str(kind), nodes)}")
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t and t.isascii() for t in texts):
            raise RuleError(f"{path}: `needs`: what `{kind}` needs is a list of texts of ASCII characters")
    return by_kind
