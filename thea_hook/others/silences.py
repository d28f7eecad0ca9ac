"""Changes that please a linter without mending the program, in texts that parse before and after.

``ml.semantic`` refuses what makes a broken text parse by taking away what is broken. A text that parses is silenced in
other ways: an unused name gets an underscore, an error is caught and dropped, a condition becomes ``true``, a test is
skipped. Nothing of that is a repair of a text that does not parse, so nothing of it is looked for there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from tree_sitter import Node

from thea_hook.languages.functions import arguments_of, callee_of
from thea_hook.languages.lexemes import Kind, Token
from thea_hook.languages.nodes import FUNCTIONS, descend, field, named, operator, property_name, unwrap
from thea_hook.ml.change import Change
from thea_hook.ml.semantic import Refusal
from thea_hook.others.case import Case, code_written, counts, is_more, root_of, writes, written
from thea_hook.others.names import UNUSED


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
    return writes(change, _DIRECTIVE) and (
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
    return b"as" in written(change) and len(_DOUBT.findall(change.after)) > len(_DOUBT.findall(change.before))


def _widens_type(case: Case) -> bool:
    """Whether a name of a type became one that says nothing."""
    for cut in case.change.cuts:
        new = code_written(case.change, cut)
        is_wide = [one.text for one in new] in ([b"{", b"}"], *([one] for one in _WIDE))
        if is_wide and any(one.kind is Kind.WORD and one.text not in _WIDE for one in cut.lost):
            return True
    return False


def _asserts_presence(case: Case) -> bool:
    """Whether it says that a value is there, without looking: `a!` and `name!: string`."""
    return b"!" in written(case.change) and is_more(case.change, _presences)


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
    return b"void" in written(case.change) and is_more(
        case.change, lambda root: sum(_is_unary(node, "void") for node in descend(root))
    )


def _drops_negation(case: Case) -> bool:
    cuts = case.change.cuts
    if [one.text for cut in cuts for one in cut.lost] != [b"!"] or any(cut.gained for cut in cuts):
        return False
    before, after = counts(case.change, lambda root: sum(_is_unary(node, "!") for node in descend(root)))
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
    may_be = any(mark in written(case.change) for mark in (b"catch", b"=>", b"function"))
    return may_be and is_more(case.change, lambda root: sum(map(_is_deaf, descend(root))))


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
    if not any(mark in written(change) for mark in (b"=>", b"function")):
        return False
    return is_more(change, lambda root: sum(_is_idle_function(node) for node in descend(root)))


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
