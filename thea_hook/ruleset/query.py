"""The tree-sitter side of a rule: its query or node kinds checked, its own predicates, its check function found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thea_hook.errors import RuleError, did_you_mean

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.source import Language
    from thea_hook.ruleset.context import Context
    from thea_hook.ruleset.rule import Problem
    from thea_hook.syntax.broken import Broken

Check = Callable[["Node", "Context"], "Iterator[Problem]"]
Repair = Callable[["Broken"], "Iterator[Problem]"]
Predicate = Callable[["Context", list["Node"], list[str]], bool]

# py-tree-sitter accepts any predicate and lets an unknown one match everything.
_BUILT_IN = frozenset(
    f"{negation}{quantifier}{name}?"
    for name in ("eq", "match", "any-of")
    for negation in ("", "not-")
    for quantifier in ("", "any-")
)
_PREDICATE = re.compile(r"\(#([^\s)]+)")


def _is_global(context: Context, nodes: list[Node], _: list[str]) -> bool:
    return all(context.scopes.is_global(node) for node in nodes)


def _same(_: Context, nodes: list[Node], __: list[str]) -> bool:
    from thea_hook.languages.nodes import same_tokens

    return len(nodes) == 2 and same_tokens(*nodes)


def _parent(_: Context, nodes: list[Node], kinds: list[str]) -> bool:
    from thea_hook.languages.nodes import parent_expression

    parents = [parent_expression(node) for node in nodes]
    return all(parent is not None and parent.type in kinds for parent in parents)


PREDICATES: Mapping[str, Predicate] = {
    "global?": _is_global,  # the identifier is not declared in this file
    "same?": _same,  # two captures read the same but for white space and comments
    "parent?": _parent,  # the parent, past parentheses, is of one of these kinds
    "not-parent?": lambda context, nodes, kinds: not _parent(context, nodes, kinds),
}


@cache
def resolve_check(name: str, path: Path | None = None) -> Check:
    """The function ``module.function`` below ``thea_hook.ruleset.checks``. Raises RuleError."""
    check: Check = _resolve("check", f"thea_hook.ruleset.checks.{name}", path)
    return check


@cache
def resolve_repair(name: str, path: Path | None = None) -> Repair:
    """The function ``module.function`` below ``thea_hook.syntax.repairs``. Raises RuleError."""
    repair: Repair = _resolve("repair", f"thea_hook.syntax.repairs.{name}", path)
    return repair


def _resolve(key: str, name: str, path: Path | None) -> Any:
    from importlib import import_module

    module_name, _, function_name = name.rpartition(".")
    try:
        return getattr(import_module(module_name), function_name)
    except (ImportError, AttributeError) as exc:
        raise RuleError(f"{path}: `{key}`: {exc}") from exc


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


def node_kinds(nodes: Iterable[str], language: Language) -> list[str]:
    """Those of the kinds that this grammar has."""
    from thea_hook.languages.grammars import grammar

    known = grammar(language)
    return [kind for kind in nodes if known.id_for_node_kind(kind, True) is not None]


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
