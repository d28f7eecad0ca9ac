"""Code that is never run, loops that run once, and cases that run into the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node, QueryCursor

from thea_hook.core.source import Span
from thea_hook.languages.controlflow import path_of
from thea_hook.languages.functions import (
    NESTED_PATHS,
    body_block,
    is_constructor,
    statements,
    super_class,
)
from thea_hook.languages.grammars import query
from thea_hook.languages.nodes import (
    COMMENTS,
    LOOPS,
    ancestors,
    child_token,
    descend,
    field,
    last_token,
    named,
    span,
    text,
    token_before,
    unwrap,
)
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ no-unreachable

_DEAD_ENDS = """
(return_statement) @end (throw_statement) @end (break_statement) @end (continue_statement) @end
(while_statement) @end (do_statement) @end (for_statement) @end
"""
_LISTS = frozenset({"program", "statement_block", "switch_case", "switch_default"})
_FIELD_KINDS = frozenset({"field_definition", "public_field_definition"})


def no_unreachable(program: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unreachable."""
    seen = set()
    for end in QueryCursor(query(context.module.language, _DEAD_ENDS)).captures(program).get("end", []):
        if not _leaves_code_behind(end):
            continue
        path = path_of(end)
        if path.id not in seen:
            seen.add(path.id)
            yield from map(Problem, _unreachable_spans(context.flow(path).unreachable))
    for method in QueryCursor(query(context.module.language, "(method_definition) @m")).captures(program).get("m", []):
        if is_constructor(method):
            yield from map(Problem, _fields_never_set(method))


def _leaves_code_behind(end: Node) -> bool:
    """Whether something can be unreachable because execution does not get past this statement.

    A quick test before the control flow is computed; it errs on the side of yes. Where an ``if`` or ``switch`` is never
    left, its last branch is not either, so that is the one to look at.
    """
    if end.type in LOOPS and not _may_be_endless(end):
        return False
    node = end
    for parent in ancestors(node):
        kind = parent.type
        if kind in NESTED_PATHS:
            return False
        if kind in _LISTS and _has_statement_after(node):
            return True
        if kind == "if_statement" and field(parent, "consequence") == node:
            return False
        if kind in ("switch_case", "switch_default") and _has_statement_after(parent):
            return False
        if kind in LOOPS and kind != "do_statement":
            return False
        if kind == "try_statement" and field(parent, "body") == node and field(parent, "handler") is not None:
            return True
        node = parent
    return False


def _has_statement_after(node: Node) -> bool:
    sibling = node.next_named_sibling
    while sibling is not None and sibling.type in COMMENTS:
        sibling = sibling.next_named_sibling
    return sibling is not None


def _may_be_endless(loop: Node) -> bool:
    test = field(loop, "condition")
    if test is None or test.type in ("empty_statement", ";"):
        return True
    return unwrap(test).type in ("true", "number", "string", "regex")


def _unreachable_spans(unreachable: tuple[Node, ...]) -> Iterator[Span]:
    """One span for statements that follow each other, unless something inside them is reached (a function's body)."""
    current: Span | None = None
    latest = None
    for statement in filter(_is_reported, unreachable):
        where = span(statement)
        if current is not None and latest is not None and _runs_between(latest, where.start):
            yield current
            current = None
        if current is None:
            current, latest = where, statement
        elif where.end <= current.end:
            latest = statement
        elif _is_consecutive(current, statement):
            current, latest = Span(current.start, where.end), statement
        else:
            yield current
            current, latest = where, statement
    if current is not None:
        yield current


def _is_reported(statement: Node) -> bool:
    """Hoisted declarations without a value do nothing where they stand."""
    if statement.type == "variable_declaration":
        return any(field(declarator, "value") is not None for declarator in named(statement))
    if statement.type == "expression_statement":
        return child_token(statement, "internal_module") is None
    return True


def _runs_between(statement: Node, end: int) -> bool:
    """Whether a function inside the statement, before this place, has statements of its own, which can be run."""
    return any(
        node.type in NESTED_PATHS and body_block(node) is not None and node.start_byte < end
        for node in descend(statement)
    )


def _is_consecutive(range_: Span, node: Node) -> bool:
    before = token_before(node)
    return before is not None and range_.start <= before.start_byte and before.end_byte <= range_.end


def _fields_never_set(constructor: Node) -> Iterator[Span]:
    """The fields of a derived class whose constructor never calls ``super()``: it cannot return normally."""
    class_body = constructor.parent
    class_node = class_body.parent if class_body is not None else None
    if class_body is None or class_node is None or super_class(class_node) is None or _calls_super(constructor):
        return
    current: Span | None = None
    for member in named(class_body):
        if member.type not in _FIELD_KINDS or child_token(member, "static") is not None:
            continue
        where = Span(member.start_byte, _end_of_field(member))
        if current is not None and _is_consecutive(current, member):
            current = Span(current.start, where.end)
        else:
            if current is not None:
                yield current
            current = where
    if current is not None:
        yield current


def _end_of_field(member: Node) -> int:
    after = member.next_sibling
    return after.end_byte if after is not None and after.type == ";" else member.end_byte


def _calls_super(constructor: Node) -> bool:
    stack = [constructor]
    while stack:
        node = stack.pop()
        if node.type == "super" and node.parent is not None and node.parent.type == "call_expression":
            return True
        if node is constructor or not (node.type == "method_definition" and is_constructor(node)):
            stack.extend(node.named_children)
    return False


# ------------------------------------------------------------------ no-unreachable-loop

_ESTREE_LOOPS = {
    "while_statement": "WhileStatement",
    "do_statement": "DoWhileStatement",
    "for_statement": "ForStatement",
}


def no_unreachable_loop(loop: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unreachable-loop."""
    kind = _ESTREE_LOOPS.get(loop.type)
    if kind is None:
        token = field(loop, "operator")
        kind = "ForOfStatement" if token is not None and token.type == "of" else "ForInStatement"
    if kind not in context.options["ignore"] and loop in context.flow(path_of(loop)).single_pass_loops:
        yield Problem(span(loop))


# ------------------------------------------------------------------ no-fallthrough

_FALLS_THROUGH = re.compile(r"falls?\s?through", re.IGNORECASE)
_DIRECTIVE = re.compile(r"(eslint(?:-env|-enable|-disable(?:(?:-next)?-line)?)?|exported|globals?)(?:\s|$)")


def no_fallthrough(switch: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-fallthrough."""
    body = field(switch, "body")
    cases = [case for case in named(body) if case.type in ("switch_case", "switch_default")] if body is not None else []
    if len(cases) < 2:
        return
    open_cases = context.flow(path_of(switch)).open_cases
    for case, following in pairwise(cases):
        comment = _fallthrough_comment(case, following, context)
        is_open = case.id in open_cases
        if comment is None:
            if is_open and (statements(case) or _stands_apart(case, following, context)):
                yield Problem(
                    Span(following.start_byte, last_token(following).end_byte),
                    {"next": "case" if following.type == "switch_case" else "default"},
                )
        elif not is_open and context.options["reportUnusedFallthroughComment"]:
            yield Problem(span(comment), message="comment")


def _stands_apart(case: Node, following: Node, context: Context) -> bool:
    """Whether an empty case is set off from the next by an empty line, so that it does not read as one of a group."""
    if context.options["allowEmptyCase"]:
        return False
    return following.start_point.row > last_token(case).end_point.row + 1


def _fallthrough_comment(case: Node, following: Node, context: Context) -> Node | None:
    body = statements(case)
    if len(body) == 1 and body[0].type == "statement_block":
        comment = _last_comment_before(last_token(body[0]), context)
        if comment is not None and _allows_fallthrough(comment, context):
            return comment
    comment = _last_comment_before(following, context)
    return comment if comment is not None and _allows_fallthrough(comment, context) else None


def _last_comment_before(node: Node, context: Context) -> Node | None:
    before = token_before(node)
    comments = context.comments_in(Span(before.end_byte if before is not None else 0, node.start_byte))
    return comments[-1] if comments else None


def _allows_fallthrough(comment: Node, context: Context) -> bool:
    source = text(comment)
    value = source[2:-2] if source.startswith("/*") else source[2:]
    pattern = context.options["commentPattern"]
    wanted = re.compile(pattern) if pattern else _FALLS_THROUGH
    return wanted.search(value) is not None and _DIRECTIVE.match(value.strip()) is None
