"""Code that is never run, loops that run once, and cases that run into the next."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from thea_hook.core.source import Span
from thea_hook.languages.controlflow import path_of
from thea_hook.languages.deadcode import paths_with_dead_code
from thea_hook.languages.functions import (
    NESTED_PATHS,
    body_block,
    is_constructor,
    statements,
    super_class,
)
from thea_hook.languages.nodes import (
    CASES,
    child_token,
    descend,
    field,
    last_token,
    named,
    span,
    text,
    token_before,
)
from thea_hook.ruleset.checks.dead_code import without_unreachable
from thea_hook.ruleset.checks.switch_fixes import ends_with_jump, with_break
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem

# ------------------------------------------------------------------ no-unreachable

_FIELD_KINDS = frozenset({"field_definition", "public_field_definition"})


def no_unreachable(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unreachable."""
    for path in paths_with_dead_code(context.module):
        for where in _unreachable_spans(context.flow(path).unreachable):
            yield Problem(where, edits=without_unreachable(where, context))
    for method in context.module.nodes("method_definition") if b"constructor" in context.text else ():
        if is_constructor(method):
            yield from map(Problem, _fields_never_set(method))


def _unreachable_spans(unreachable: tuple[Node, ...]) -> Iterator[Span]:
    """One span for statements that follow each other, unless something between is reached: a function's body."""
    reached = _reached_inside(unreachable)
    current: Span | None = None
    position = 0
    for statement in filter(_is_reported, unreachable):
        where = span(statement)
        if current is not None and bisect_left(reached, where.start) > bisect_left(reached, position):
            yield current
            current = None
        if current is None:
            current = where
        elif where.end > current.end:
            if _is_consecutive(current, statement):
                current = Span(current.start, where.end)
            else:
                yield current
                current = where
        position = where.start
    if current is not None:
        yield current


def _reached_inside(unreachable: tuple[Node, ...]) -> list[int]:
    """Where the bodies of functions in unreachable code begin: they may be run by whoever has the function."""
    starts = []
    end = 0
    for statement in unreachable:
        if statement.start_byte >= end:
            end = statement.end_byte
            starts += [node.start_byte for node in descend(statement) if node.type in NESTED_PATHS and _can_run(node)]
    return starts


def _can_run(path: Node) -> bool:
    block = body_block(path)
    return block is not None and (path.type != "class_static_block" or bool(named(block)))


def _is_reported(statement: Node) -> bool:
    """Hoisted declarations without a value do nothing where they stand."""
    if statement.type == "variable_declaration":
        return any(field(declarator, "value") is not None for declarator in named(statement))
    if statement.type == "expression_statement":
        return child_token(statement, "internal_module") is None
    return True


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

_JUMPS = frozenset({"break_statement", "continue_statement", "return_statement", "throw_statement"})
_FALLS_THROUGH = re.compile(r"falls?\s?through", re.IGNORECASE)
_DIRECTIVE = re.compile(r"(eslint(?:-env|-enable|-disable(?:(?:-next)?-line)?)?|exported|globals?)(?:\s|$)")


def no_fallthrough(switch: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-fallthrough."""
    body = field(switch, "body")
    cases = [case for case in named(body) if case.type in CASES] if body is not None else []
    if len(cases) < 2:
        return
    for case, following in pairwise(cases):
        comment = _fallthrough_comment(case, following, context)
        if comment is None:
            if (statements(case) or _stands_apart(case, following, context)) and _is_open(case, switch, context):
                yield Problem(
                    Span(following.start_byte, last_token(following).end_byte),
                    {"next": "case" if following.type == "switch_case" else "default"},
                    edits=with_break(case, context) if _is_the_only_one(case, cases) else (),
                )
        elif context.options["reportUnusedFallthroughComment"] and not _is_open(case, switch, context):
            yield Problem(span(comment), message="comment")


def _is_the_only_one(case: Node, cases: list[Node]) -> bool:
    """Whether all other cases that do something end with a jump, so that this one surely was to have one as well."""
    others = [other for other in cases[:-1] if other != case and statements(other)]
    return bool(others) and all(map(ends_with_jump, others))


def _is_open(case: Node, switch: Node, context: Context) -> bool:
    """Whether the end of the case can be reached. Most cases plainly end with a jump: no graph is needed for those."""
    body = statements(case)
    while body and body[-1].type == "statement_block":
        body = named(body[-1])
    if body and body[-1].type in _JUMPS:
        return False
    return case.id in context.flow(path_of(switch)).open_cases


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
