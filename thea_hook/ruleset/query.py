"""The tree-sitter side of a rule: the predicates of its query, the node kinds it looks at, its check function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from thea_hook.errors import RuleError

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.source import Language
    from thea_hook.ruleset.context import Context
    from thea_hook.ruleset.rule import Problem
    from thea_hook.syntax.broken import Broken

Check = Callable[["Node", "Context"], "Iterator[Problem]"]
Repair = Callable[["Broken"], "Iterator[Problem]"]
Predicate = Callable[["Context", list["Node"], list[str]], bool]


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
def resolve_check(name: str, source: str = "") -> Check:
    """The function ``module.function`` below ``thea_hook.ruleset.checks``. Raises RuleError."""
    check: Check = _resolve("check", f"thea_hook.ruleset.checks.{name}", source)
    return check


@cache
def resolve_repair(name: str, source: str = "") -> Repair:
    """The function ``module.function`` below ``thea_hook.syntax.repairs``. Raises RuleError."""
    repair: Repair = _resolve("repair", f"thea_hook.syntax.repairs.{name}", source)
    return repair


def _resolve(key: str, name: str, source: str) -> Any:
    from importlib import import_module

    module_name, _, function_name = name.rpartition(".")
    try:
        return getattr(import_module(module_name), function_name)
    except (ImportError, AttributeError) as exc:
        raise RuleError(f"{source}: `{key}`: {exc}") from exc


def node_kinds(nodes: Iterable[str], language: Language) -> list[str]:
    """Those of the kinds that this grammar has."""
    from thea_hook.languages.grammars import grammar

    known = grammar(language)
    return [kind for kind in nodes if known.id_for_node_kind(kind, True) is not None]
