"""Functions that read ``arguments`` where a rest parameter would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from thea_hook.core.source import Span
from thea_hook.languages.expressions import MEMBERS, is_unary
from thea_hook.languages.functions import callee_of, is_getter, is_setter
from thea_hook.languages.nodes import (
    FUNCTIONS,
    LOOPS,
    ancestors,
    child_token,
    contains,
    descend,
    field,
    insert,
    named,
    operator,
    outermost,
    parent_expression,
    property_name,
    replace,
    span,
    text,
    unwrap,
)
from thea_hook.ruleset.checks.statement_edits import has_comment_by, without_declarator
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.languages.scope import Scope, Variable
    from thea_hook.ruleset.context import Context

_NAMES = ("args", "values", "parameters")
_NAMES_BEHIND_OTHERS = ("args", "rest", "others")


def prefer_rest_params(node: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint prefer-rest-params. All uses in a function are mended together."""
    if b"arguments" not in context.text:
        return
    for scope in context.scopes.scopes:
        # a CommonJS file is a function as well, but has no parameters of its own
        is_function = scope.kind == "function" and scope.node.type != "program"
        variable = scope.variables.get("arguments") if is_function else None
        if variable is None or not variable.implicit:
            continue
        uses = [reference.identifier for reference in variable.references]
        found = [use for use in uses if _is_better_rest(use)]
        edits = _with_rest(scope, variable, context) if found else ()
        for identifier in found:
            yield Problem(span(identifier), edits=edits)


def _is_better_rest(identifier: Node) -> bool:
    parent = parent_expression(identifier)
    return parent is None or parent.type != "member_expression"


class _Rest(NamedTuple):
    """A rest parameter to be: what it is called, and after how many parameters it comes."""

    name: str
    after: int


def _with_rest(scope: Scope, variable: Variable, context: Context) -> tuple[Edit, ...]:
    """The edits that give a function a rest parameter and let it do what ``arguments`` did."""
    function = scope.node
    container, body = field(function, "parameters"), field(function, "body")
    if container is None or body is None or not _may_have_rest(function, container, body, context):
        return ()
    parameters = named(container)
    uses = [reference.identifier for reference in variable.references]
    if any(reference.is_write for reference in variable.references) or any(contains(container, use) for use in uses):
        return ()
    kept = _kept_list(uses, parameters, body, context)
    if kept is not None:
        declarator, name = kept
        return (_add_rest(container, parameters, name), *without_declarator(declarator, context))
    free = _free_name(function, _NAMES_BEHIND_OTHERS if parameters else _NAMES)
    edits = None if free is None else _all_replaced(uses, _Rest(free, len(parameters)), scope, context)
    if free is None or edits is None:
        return _taken_apart(scope, parameters, uses, context)
    is_needed = any(free.encode() in edit.text for edit in edits)
    return (*([_add_rest(container, parameters, free)] if is_needed else ()), *edits)


def _may_have_rest(function: Node, container: Node, body: Node, context: Context) -> bool:
    """Whether the function can take a rest parameter, and nothing speaks of its arguments in another way."""
    if context.is_typescript or is_getter(function) or is_setter(function):
        return False  # in TypeScript the parameter would need a type that nobody knows
    if context.has_comment(span(container)):
        return False
    first = next(iter(named(body)), None)
    if first is not None and first.type == "expression_statement" and named(first)[0].type == "string":
        return False  # a function with a directive of its own has only simple parameters
    if [child.type for child in container.children][-2:-1] == [","]:
        return False
    names = [text(parameter) for parameter in named(container)]
    return len(set(names)) == len(names) and not any(name.startswith("...") for name in names)


def _free_name(function: Node, names: Iterable[str]) -> str | None:
    """A name that stands nowhere in the function."""
    taken = {node.text for node in descend(function) if not node.child_count}
    return next((name for name in names if name.encode() not in taken), None)


def _add_rest(container: Node, parameters: list[Node], name: str) -> Edit:
    if parameters:
        return insert(parameters[-1].end_byte, f", ...{name}")
    return insert(container.start_byte + 1, f"...{name}")


# ------------------------------------------------------------------ a list made of them


def _kept_list(uses: list[Node], parameters: list[Node], body: Node, context: Context) -> tuple[Node, str] | None:
    """The variable of the function's body that does nothing but hold what the rest parameter would.

    ``const list = Array.prototype.slice.call(arguments, 1);`` after one parameter, and no other use of ``arguments``
    but for their number.
    """
    lists = [use for use in uses if not _is_length(use)]
    copy = _copy_of(lists[0]) if len(lists) == 1 else None
    if copy is None or copy[1] != len(parameters):
        return None
    declarator = outermost(copy[0]).parent
    declaration = None if declarator is None else declarator.parent
    if declarator is None or declaration is None or declarator.type != "variable_declarator":
        return None
    name = field(declarator, "name")
    if declaration.parent != body or name is None or name.type != "identifier":
        return None
    variable = context.scopes.variable_at(name)
    if variable is None or len(variable.definitions) != 1 or field(declarator, "type") is not None:
        return None
    if any(reference.start < name.start_byte for reference in variable.references):
        return None
    return None if has_comment_by(declaration, context) else (declarator, text(name))


def _is_length(use: Node) -> bool:
    member = parent_expression(use)
    return member is not None and member.type == "member_expression" and property_name(member) == "length"


def _copy_of(use: Node) -> tuple[Node, int] | None:
    """The expression that makes an array of ``arguments``, and how many of them it leaves out."""
    outer = outermost(use)
    parent = outer.parent
    if parent is None:
        return None
    if parent.type == "spread_element":
        array = parent.parent
        return (array, 0) if array is not None and array.type == "array" and len(named(array)) == 1 else None
    call = parent.parent
    if parent.type != "arguments" or call is None or call.type != "call_expression":
        return None
    callee, values = callee_of(call), named(parent)
    if callee is None or callee.type not in MEMBERS or values[0] != outer:
        return None
    owner = field(callee, "object")
    if property_name(callee) == "from" and len(values) == 1 and owner is not None and owner.text == b"Array":
        return call, 0
    if property_name(callee) != "call" or owner is None or len(values) > 2:
        return None
    sliced = unwrap(owner)
    is_slice = property_name(sliced) == "slice" if sliced.type in MEMBERS else sliced.text == b"slice"
    start = 0 if len(values) == 1 else _number(values[1])
    return (call, start) if is_slice and start is not None else None


def _number(node: Node) -> int | None:
    node = unwrap(node)
    return int(text(node)) if node.type == "number" and text(node).isdecimal() else None


# ------------------------------------------------------------------ use by use


def _all_replaced(uses: list[Node], rest: _Rest, scope: Scope, context: Context) -> Iterable[Edit] | None:
    """The edits that let every use mean the rest parameter; None where one cannot be said with it."""
    replaced = [_replacement(use, rest, scope, context, len(uses) == 1) for use in uses]
    if any(edits is None for edits in replaced):
        return None
    return dict.fromkeys(edit for edits in replaced for edit in edits or ())


def _replacement(use: Node, rest: _Rest, scope: Scope, context: Context, is_only_use: bool) -> tuple[Edit, ...] | None:
    """The edits that let one use of ``arguments`` mean the rest parameter; None where it cannot be said with it."""
    parent = parent_expression(use)
    if parent is None or use.type != "identifier" or parent.type == "return_statement":
        return None  # who returns it wants that object
    if _is_length(use):
        return () if rest.after else (replace(use, rest.name),)
    if parent.type == "member_expression":
        return None  # `arguments.callee`
    copy = _copy_of(use)
    if copy is not None and copy[1] >= rest.after:
        expression, left_out = copy[0], copy[1] - rest.after
        if context.has_comment(span(expression)):
            return None
        whole = rest.name if is_only_use and _runs_once(use, scope.node) else f"[...{rest.name}]"
        return (replace(expression, f"{rest.name}.slice({left_out})" if left_out else whole),)
    if not rest.after:
        return (replace(use, rest.name),)
    if parent.type != "subscript_expression" or field(parent, "object") != outermost(use) or _is_target(parent):
        return None
    index = field(parent, "index")
    position = None if index is None else _number(index)
    if context.has_comment(span(parent)):
        return None
    if position is None:
        return None if index is None else _counted(unwrap(index), use, rest, context)
    if position < rest.after:
        name = _plain_parameter(scope, position)
        return None if name is None else (replace(parent, name),)
    return (replace(parent, f"{rest.name}[{position - rest.after}]"),)


def _runs_once(node: Node, function: Node) -> bool:
    """Whether neither a loop nor a function inside this one may come here again, and want a new list each time."""
    inside = (one for one in ancestors(node) if contains(function, one) and one != function)
    return not any(one.type in LOOPS or one.type in FUNCTIONS for one in inside)


def _is_target(node: Node) -> bool:
    """Whether an expression is written to."""
    outer = outermost(node)
    parent = outer.parent
    if parent is None or parent.type == "update_expression" or is_unary(parent, "delete"):
        return True
    return parent.type in _TARGETS and field(parent, "left") == outer


_TARGETS = frozenset({"assignment_expression", "augmented_assignment_expression", "for_in_statement"})


def _plain_parameter(scope: Scope, position: int) -> str | None:
    """The name of a parameter that always is the argument at this position."""
    container = field(scope.node, "parameters")
    parameter = None if container is None else named(container)[position]
    if parameter is None or parameter.type != "identifier":
        return None
    variable = scope.variables.get(text(parameter))
    if variable is None or len(variable.definitions) != 1 or any(r.is_write for r in variable.references):
        return None
    return text(parameter)


def _counted(name: Node, use: Node, rest: _Rest, context: Context) -> tuple[Edit, ...] | None:
    """``arguments[i]`` in a loop over those behind the parameters, which then counts from as much less.

    ``for (let i = 1; i < arguments.length; i++)``: nothing else may use the counter, and it stops at their number.
    """
    loop = next((a for a in _around(use) if a.type == "for_statement" and _counter(a) == name.text), None)
    variable = context.scopes.variable_at(name) if name.type == "identifier" else None
    if loop is None or variable is None:
        return None
    start, condition = _first_value(loop), field(loop, "condition")
    first = None if start is None else _number(start)
    if start is None or first is None or first < rest.after or condition is None:
        return None
    edits = [replace(start, str(first - rest.after)), replace(use, rest.name)]
    for reference in variable.references:
        node = reference.identifier
        if not contains(loop, node):
            return None
        if reference.is_init or _is_step(node, loop) or _is_index_of_arguments(node):
            continue
        length = _length_above(node, condition)
        if length is None:
            return None
        edits.append(replace(length, rest.name))
    return tuple(edits)


def _around(node: Node) -> Iterator[Node]:
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS:
            return
        yield ancestor


def _counter(loop: Node) -> bytes | None:
    declaration = field(loop, "initializer")
    if declaration is None or not declaration.type.endswith("_declaration"):
        return None
    name = field(named(declaration)[0], "name")
    return None if name is None else name.text


def _first_value(loop: Node) -> Node | None:
    declaration = field(loop, "initializer")
    return None if declaration is None else field(named(declaration)[0], "value")


def _is_step(node: Node, loop: Node) -> bool:
    """Whether it is the counter in ``i++`` at the head of the loop."""
    step = parent_expression(node)
    return step is not None and step == field(loop, "increment") and step.type == "update_expression"


def _is_index_of_arguments(node: Node) -> bool:
    access = parent_expression(node)
    target = None if access is None or access.type != "subscript_expression" else field(access, "object")
    return target is not None and target.text == b"arguments" and access is not None and not _is_target(access)


def _length_above(node: Node, condition: Node) -> Node | None:
    """``arguments`` in a condition ``i < arguments.length``, of which the node is the left side."""
    left, right = field(condition, "left"), field(condition, "right")
    if condition.type != "binary_expression" or operator(condition) != "<" or left != node or right is None:
        return None
    target = field(right, "object") if right.type == "member_expression" else None
    is_length = target is not None and target.text == b"arguments" and property_name(right) == "length"
    return target if is_length else None


# ------------------------------------------------------------------ parameters taken from the list


def _taken_apart(scope: Scope, parameters: list[Node], uses: list[Node], context: Context) -> tuple[Edit, ...]:
    """``function f(...args) { const [a, b] = args;``, where the function needs its arguments as a whole."""
    container, body = field(scope.node, "parameters"), field(scope.node, "body")
    name = _free_name(scope.node, _NAMES)
    if container is None or body is None or name is None or not parameters:
        return ()
    variables = [context.scopes.variable_at(parameter) for parameter in parameters if parameter.type == "identifier"]
    known = [variable for variable in variables if variable is not None and len(variable.definitions) == 1]
    # what is written to a parameter, `arguments` has as well in sloppy code
    if len(known) < len(parameters) or any(r.is_write for variable in known for r in variable.references):
        return ()
    if not all(variable.references for variable in known):
        return ()  # nobody reads it: it is there for the `length` of the function
    edits = _all_replaced(uses, _Rest(name, 0), scope, context)
    if edits is None:
        return ()
    names = ", ".join(variable.name for variable in known)
    taken = _first_statement(body, f"const [{names}] = {name};", context)
    return (replace(Span(container.start_byte + 1, container.end_byte - 1), f"...{name}"), taken, *edits)


def _first_statement(body: Node, statement: str, context: Context) -> Edit:
    """Inserts a statement where a block begins, on a line of its own where the block has lines."""
    opening = child_token(body, "{")
    after = body.start_byte + 1 if opening is None else opening.end_byte
    first = next((child for child in body.named_children), None)
    if first is None or first.start_point.row == body.start_point.row:
        return insert(after, f" {statement}")
    line = context.text.rfind(b"\n", 0, first.start_byte) + 1
    margin = context.slice(line, first.start_byte)
    newline = "\r\n" if context.text[line - 2 : line - 1] == b"\r" else "\n"
    return insert(first.start_byte, f"{statement}{newline}{margin}")
