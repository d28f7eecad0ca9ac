"""What the function that ``new Promise`` is given may be and return."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import ASSIGNMENTS, is_tagged_template, is_unary
from thea_hook.languages.functions import argument, arguments_of, body_block, callee_of, own_nodes
from thea_hook.languages.layout import statements_for
from thea_hook.languages.nodes import FUNCTIONS, child_token, field, remove, span, text, token_after, unwrap
from thea_hook.languages.tails import is_last
from thea_hook.ruleset.checks.array_callbacks import in_braces, with_void
from thea_hook.ruleset.context import Context
from thea_hook.ruleset.rule import Problem


def no_promise_executor_return(call: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-promise-executor-return."""
    executor = promise_executor(call, context)
    if executor is None:
        return
    allow_void = context.options["allowVoid"]
    if executor.type == "arrow_function" and body_block(executor) is None:
        body = field(executor, "body")
        if body is not None and not (allow_void and is_unary(unwrap(body), "void")):
            edits = with_void(unwrap(body), executor, context) if allow_void else in_braces(executor)
            yield Problem(span(unwrap(body)), edits=edits)
    for node in own_nodes(executor, "return_statement"):
        value = argument(node)
        if value is not None and not (allow_void and is_unary(value, "void")):
            if allow_void:
                yield Problem(span(node), edits=with_void(value, node, context))
            else:
                edits = _called_before(node, value, executor, context)
                yield Problem(span(node), edits=edits, title="Return nothing", applicability=Applicability.UNSAFE)


# What does something besides having a value, which was meant to be done.
_DOING = ASSIGNMENTS | {"await_expression", "call_expression", "update_expression"}


def _called_before(statement: Node, value: Node, executor: Node, context: Context) -> tuple[Edit, ...]:
    """``resolve(a); return;`` for ``return resolve(a);``, without the ``return`` where the executor ends there."""
    if value.type not in _DOING or is_tagged_template(value) or context.has_comment(span(statement)):
        return ()
    last = () if is_last(statement, executor) else ("return",)
    return statements_for(statement, (text(value), *last), context.text)


def promise_executor(call: Node, context: Context) -> Node | None:
    """The function that ``new Promise`` is given."""
    callee = callee_of(call)
    if callee is None or callee.type != "identifier" or callee.text != b"Promise":
        return None
    arguments = arguments_of(call)
    executor = unwrap(arguments[0]) if arguments else None
    if executor is None or executor.type not in FUNCTIONS or not context.scopes.is_global(callee):
        return None
    return executor


def no_async_promise_executor(call: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-async-promise-executor."""
    executor = promise_executor(call, context)
    token = child_token(executor, "async") if executor is not None else None
    if executor is not None and token is not None:
        after = token_after(token)
        waits = b"await" in (executor.text or b"")
        where = span(token) if after is None else Span(token.start_byte, after.start_byte)
        may_go = after is not None and not waits and not context.has_comment(where)
        yield Problem(span(token), edits=(remove(where),) if may_go else ())
