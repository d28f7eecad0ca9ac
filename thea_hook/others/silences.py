"""Changes that please a linter without mending the program, in texts that parse before and after.

``ml.semantic`` refuses what makes a broken text parse by taking away what is broken. A text that parses is silenced in
other ways: an unused name gets an underscore, an error is caught and dropped, a condition becomes ``true``, a test is
skipped. Nothing of that is a repair of a text that does not parse, so nothing of it is looked for there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import zip_longest

from tree_sitter import Node

from thea_hook.core.source import Language, Span
from thea_hook.languages.functions import arguments_of, callee_of
from thea_hook.languages.grammars import parse
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.languages.nodes import FUNCTIONS, descend, field, named, operator, property_name, text, unwrap
from thea_hook.languages.purity import is_likely_pure
from thea_hook.ml.change import OPAQUE, Change, Cut
from thea_hook.ml.semantic import Refusal
from thea_hook.others.names import UNUSED


class Case:
    """A change, where the finding is that it is for, and what the rule of the finding is called here."""

    def __init__(self, change: Change, where: Span, rule: str) -> None:
        self.change = change
        self.where = where
        self.rule = rule

    @cached_property
    def words(self) -> tuple[Counter[bytes], Counter[bytes]]:
        """Which words, and how many of each, there are less and more than before."""
        old, new = (
            Counter(one.text for one in lexemes if one.kind is Kind.WORD)
            for lexemes in (self.change.old, self.change.new)
        )
        return old - new, new - old


_AWAITS = frozenset({"await-thenable", "no-return-await", "return-await", "no-useless-promise-resolve-reject"})


def silence_of_any(case: Case) -> Refusal | None:
    """Why a change is no repair, whoever proposes it: the linter itself, too."""
    return next((refusal for refusal, is_so in _OF_ANY if is_so(case)), None)


def silence_of_suggestion(case: Case) -> Refusal | None:
    """Why a change is no repair that a linter does not call a fix."""
    return next((refusal for refusal, is_so in _OF_SUGGESTION if is_so(case)), None)


# ------------------------------------------------------------------ comments

_DIRECTIVE = re.compile(
    rb"\b(?:prettier|rome|deno-lint|deno-fmt)-ignore|/\*\s*(?:eslint(?:-env)?|exported|js[hl]int)\b"
    rb"|//\s*js[hl]int\b|\bnode:coverage\b|\bNOSONAR\b|\bnosemgrep\b|\blgtm\b|\bnolint\b|\bnoinspection\b"
)
"""Comments that switch checkers off and that no broken text was ever silenced with."""


def _speaks_to_a_checker(case: Case) -> bool:
    change = case.change
    return _writes(change, _DIRECTIVE) and (
        len(_DIRECTIVE.findall(change.after)) > len(_DIRECTIVE.findall(change.before))
    )


def only_comments(change: Change) -> bool:
    """Whether the code is the same, white space in front of it apart."""
    pairs = zip_longest(_code(change.old, change.before), _code(change.new, change.after))
    return all(old == new for old, new in pairs)


def _code(lexemes: Sequence[Token], source: bytes) -> Iterator[tuple[bytes, bool]]:
    """The lexemes that are no comments, each with whether a line break before it may end something; that before `}`
    ends nothing that the brace does not end."""
    end: int | None = None
    for one in lexemes:
        if one.kind is not Kind.COMMENT:
            yield one.text, end is not None and one.text != b"}" and b"\n" in source[end : one.start]
            end = one.end


# ------------------------------------------------------------------ types

_DOUBT = re.compile(rb"\bas\s+(?:never\b|unknown\s+as\b)")
_WIDE = frozenset(b"any unknown object Object Function never".split())


def _casts_through_unknown(case: Case) -> bool:
    change = case.change
    return b"as" in _written(change) and len(_DOUBT.findall(change.after)) > len(_DOUBT.findall(change.before))


def _widens_type(case: Case) -> bool:
    """Whether a name of a type became one that says nothing."""
    for cut in case.change.cuts:
        new = _code_written(case.change, cut)
        is_wide = [one.text for one in new] in ([b"{", b"}"], *([one] for one in _WIDE))
        if is_wide and any(one.kind is Kind.WORD and one.text not in _WIDE for one in cut.lost):
            return True
    return False


def _asserts_presence(case: Case) -> bool:
    """Whether it says that a value is there, without looking: `a!` and `name!: string`."""
    return b"!" in _written(case.change) and _is_more(case.change, _presences)


def _presences(root: Node) -> int:
    kinds = [node.type for node in descend(root)]
    definite = sum(
        child.type == "!" and node.type in ("public_field_definition", "variable_declarator")
        for node in descend(root)
        for child in node.children
    )
    return kinds.count("non_null_expression") + definite


# ------------------------------------------------------------------ what is not run, or decided beforehand


def _drops_value(case: Case) -> bool:
    """Whether it writes `void` in front of what was a promise, or a value, to be looked at."""
    return b"void" in _written(case.change) and _is_more(
        case.change, lambda root: sum(_is_unary(node, "void") for node in descend(root))
    )


def _drops_negation(case: Case) -> bool:
    cuts = case.change.cuts
    if [one.text for cut in cuts for one in cut.lost] != [b"!"] or any(cut.gained for cut in cuts):
        return False
    before, after = _counts(case.change, lambda root: sum(_is_unary(node, "!") for node in descend(root)))
    return after < before


def _is_unary(node: Node, sign: str) -> bool:
    return node.type == "unary_expression" and operator(node) == sign


def _decides_condition(case: Case) -> bool:
    """Whether a condition, or an operand of one, became a constant."""
    change = case.change
    written = [change.new[index] for index in change.new_indices if change.new[index].text in _CONSTANTS]
    if not written:
        return False
    root = root_of(change.after, change.language)
    return any(_is_condition(root.descendant_for_byte_range(one.start, one.end)) for one in written)


_CONSTANTS = frozenset(b"true false 0 1 null undefined".split())
_BRANCHES = frozenset("if_statement while_statement do_statement for_statement ternary_expression".split())


def _is_condition(node: Node | None) -> bool:
    is_operand = False
    while node is not None and node.parent is not None:
        outer = node.parent
        if outer.type in _BRANCHES:
            return field(outer, "condition") == node
        if outer.type == "binary_expression" and operator(outer) in ("&&", "||"):
            is_operand = node.type in ("true", "false")
        elif outer.type != "parenthesized_expression" and not _is_unary(outer, "!"):
            return is_operand
        if is_operand:
            return True
        node = outer
    return False


def _swallows_errors(case: Case) -> bool:
    """Whether an error that somebody would have heard of is caught and dropped."""
    may_be = any(mark in _written(case.change) for mark in (b"catch", b"=>", b"function"))
    return may_be and _is_more(case.change, lambda root: sum(map(_is_deaf, descend(root))))


def _is_deaf(node: Node) -> bool:
    if node.type == "catch_clause":
        body = field(node, "body")
        return body is not None and all(map(_does_nothing, named(body)))
    if node.type != "call_expression":
        return False
    callee, arguments = callee_of(node), arguments_of(node)
    name = property_name(callee) if callee is not None and callee.type == "member_expression" else None
    handler = {"catch": arguments[:1], "then": arguments[1:2]}.get(name or "", [])
    return any(map(_is_empty_function, handler))


def _is_empty_function(node: Node) -> bool:
    body = field(unwrap(node), "body") if unwrap(node).type in FUNCTIONS else None
    if body is None:
        return False
    if body.type == "statement_block":
        return all(map(_does_nothing, named(body)))
    return body.type in _NOTHING or _is_unary(body, "void")


_NOTHING = frozenset("undefined null true false number string object array".split())


def _does_nothing(statement: Node) -> bool:
    if statement.type in ("return_statement", "continue_statement"):
        return all(child.type in _NOTHING for child in named(statement))
    return statement.type in ("empty_statement", "comment")


def _is_never_called(case: Case) -> bool:
    """Whether code was put into a function that nobody calls."""
    change = case.change
    if not any(mark in _written(change) for mark in (b"=>", b"function")):
        return False
    return _is_more(change, lambda root: sum(_is_idle_function(node) for node in descend(root)))


def _is_idle_function(node: Node) -> bool:
    if node.type == "expression_statement":
        return any(unwrap(child).type in FUNCTIONS for child in named(node))
    if node.type != "function_declaration" or (node.parent is not None and node.parent.type == "export_statement"):
        return False
    name, root = field(node, "name"), node
    while root.parent is not None:
        root = root.parent
    return name is not None and len(re.findall(rb"\b" + re.escape(name.text or b"") + rb"\b", root.text or b"")) == 1


_TEST = re.compile(
    rb"\b(?:it|test|describe|suite|context|specify)\s*(?:\.\s*\w+\s*)*\.\s*(?:skip|todo|only|fails|failing)\b"
    rb"|\b(?:x(?:it|test|describe|context|specify)|f(?:it|describe|context))\s*\("
)


def _skips_test(case: Case) -> bool:
    change = case.change
    return len(_TEST.findall(change.after)) > len(_TEST.findall(change.before))


# ------------------------------------------------------------------ what nobody uses


def _renames(case: Case) -> bool:
    """Whether a name that nobody uses gets another one, or any name an underscore."""
    went, came = case.words
    if any(name.startswith(b"_") and went[name.lstrip(b"_")] for name in came):
        return True
    is_swap = sum(came.values()) == 1 == sum(went.values()) and len(case.change.old) == len(case.change.new)
    return case.rule in UNUSED and is_swap


def _pretends_use(case: Case) -> bool:
    """Whether nothing goes, and what nobody needs is used or exported for the look of it."""
    return case.rule in UNUSED and not any(cut.lost for cut in case.change.cuts)


def loses_effect(case: Case) -> bool:
    """Whether a call, an assignment or an import goes that may do something."""
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
        if one.type not in ("call_expression", "new_expression", "await_expression", "yield_expression"):
            continue
        callee = callee_of(one) if one.type == "call_expression" else None
        is_import = callee is not None and text(callee) in ("require", "import")
        is_own = case.rule == "no-console" and callee is not None and text(callee).startswith("console.")
        if not is_import and not is_own and not is_likely_pure(one):
            return True
    return False


# ------------------------------------------------------------------ what a suggestion takes away

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


# ------------------------------------------------------------------ both texts


def _written(change: Change) -> bytes:
    return b"\n".join(edit.text for edit in change.edits)


def _writes(change: Change, pattern: re.Pattern[bytes]) -> bool:
    return any(pattern.search(change.new[index].text) for index in change.new_indices)


def _code_written(change: Change, cut: Cut) -> list[Token]:
    """The lexemes that stand in the place of a cut and were not there."""
    start, end = cut.written
    return [
        change.new[index]
        for index in change.new_indices
        if change.new[index].start < end and start < change.new[index].end
    ]


def _counts(change: Change, count: Callable[[Node], int]) -> tuple[int, int]:
    return count(root_of(change.before, change.language)), count(root_of(change.after, change.language))


def _is_more(change: Change, count: Callable[[Node], int]) -> bool:
    before, after = _counts(change, count)
    return after > before


@lru_cache(maxsize=4)
def root_of(source: bytes, language: Language) -> Node:
    """The tree of a text. The last few are remembered: every candidate is compared with the same text."""
    return parse(source, language).root_node


_OF_ANY: tuple[tuple[Refusal, Callable[[Case], bool]], ...] = (
    (Refusal.SUPPRESSION, _speaks_to_a_checker),
    (Refusal.ANY_TYPE, _casts_through_unknown),
    (Refusal.SWALLOWED_ERROR, _swallows_errors),
    (Refusal.SKIPPED_TEST, _skips_test),
    (Refusal.NEVER_RUN, _is_never_called),
    (Refusal.RENAMED, _renames),
)
_OF_SUGGESTION: tuple[tuple[Refusal, Callable[[Case], bool]], ...] = (
    (Refusal.ANY_TYPE, _widens_type),
    (Refusal.NON_NULL, _asserts_presence),
    (Refusal.DROPPED_VALUE, _drops_value),
    (Refusal.DECIDED, _decides_condition),
    (Refusal.PRETENDED_USE, _pretends_use),
    (Refusal.DELETED_CODE, _drops_negation),
)
