"""What a change takes away that is not its to take, in texts that parse before and after."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.languages.functions import callee_of
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.languages.nodes import FUNCTIONS, descend, text
from thea_hook.languages.purity import is_likely_pure
from thea_hook.ml.change import OPAQUE, Cut
from thea_hook.others.case import Case, root_of

_AWAITS = frozenset({"await-thenable", "no-return-await", "return-await", "no-useless-promise-resolve-reject"})

_ASSIGNMENTS = frozenset({"assignment_expression", "augmented_assignment_expression", "update_expression"})
_CALLS = frozenset({"call_expression", "new_expression", "await_expression", "yield_expression"})


def loses_effect(case: Case) -> bool:
    """Whether a call, an import or an assignment within an expression goes, that may do something."""
    change = case.change
    root = root_of(change.before, change.language)
    return any(_has_effect(node, case) for cut in change.cuts for node in _gone(root, cut))


def _gone(root: Node, cut: Cut) -> Iterator[Node]:
    """The nodes of the old text of which a cut leaves nothing, functions not entered."""
    if not cut.lost or cut.gained:
        return
    start, end = cut.lost[0].start, cut.lost[-1].end
    stack = [root.descendant_for_byte_range(start, end) or root]
    while stack:
        node = stack.pop()
        if node.end_byte <= start or end <= node.start_byte:
            continue
        if start <= node.start_byte and node.end_byte <= end:
            yield node
        elif node.type not in FUNCTIONS:
            stack.extend(node.children)


def _has_effect(node: Node, case: Case) -> bool:
    for one in descend(node, FUNCTIONS):
        if one.type == "import_statement" and not any(child.type == "import_clause" for child in one.children):
            return True
        if one.type in _ASSIGNMENTS and one.parent is not None and one.parent.type != "expression_statement":
            return True
        if one.type not in _CALLS:
            continue
        callee = callee_of(one) if one.type == "call_expression" else None
        is_import = callee is not None and text(callee) in ("require", "import")
        is_own = case.rule == "no-console" and callee is not None and text(callee).startswith("console.")
        if not is_import and not is_own and not is_likely_pure(one):
            return True
    return False


# Words that say how something is done, not what; and those that keep tests from being run.
_MAY_GO = frozenset(
    b"async else new static readonly public private protected abstract override declare type only skip".split()
)


def deletes(case: Case) -> bool:
    """Whether names go and nothing comes in their place. A broken text may lose a stray word; this one has none."""
    change = case.change
    went, _ = case.words
    if went[b"export"] or (went[b"await"] and case.rule not in _AWAITS):
        return True
    return any(
        not cut.gained and any(_is_name(one) and one.text != b"await" for one in cut.lost) for cut in change.cuts
    )


def _is_name(lexeme: Token) -> bool:
    return lexeme.text not in _MAY_GO and (lexeme.kind is Kind.WORD or lexeme.kind in OPAQUE)


def takes_arguments(case: Case) -> bool:
    """Whether a call that stays is given less than before."""
    root = root_of(case.change.before, case.change.language)
    return any(
        node.parent is not None and node.parent.type == "arguments" and node.is_named and text(node) != "undefined"
        for cut in case.change.cuts
        for node in _gone(root, cut)
    )


def is_elsewhere(case: Case) -> bool:
    """Whether names go from lines that the finding does not say anything about."""
    return any(not cut.gained and any(map(_is_name, cut.lost)) and not _touches(case, cut) for cut in case.change.cuts)


def _touches(case: Case, cut: Cut) -> bool:
    start = case.change.before.rfind(b"\n", 0, case.where.start) + 1
    end = case.change.before.find(b"\n", case.where.end)
    return cut.span.start <= (end if end >= 0 else len(case.change.before)) and cut.span.end >= start
