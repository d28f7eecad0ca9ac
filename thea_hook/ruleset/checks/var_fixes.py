"""Edits that replace ``var``: with ``let`` where nothing can tell them apart, or where only a caller could."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from thea_hook.core.finding import Applicability, Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import MEMBERS
from thea_hook.languages.functions import callee_of
from thea_hook.languages.layout import newline
from thea_hook.languages.nodes import (
    CASES,
    FUNCTIONS,
    STATEMENT_LISTS,
    ancestors,
    child_token,
    contains,
    descend,
    field,
    insert,
    named,
    outermost,
    property_name,
    replace,
    span,
    statement_span,
    text,
)
from thea_hook.ruleset.checks.statement_edits import margin_of
from thea_hook.ruleset.checks.var_hoisting import hoisted, is_in_loop, is_used_in_closure, separated

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Reference, Variable
    from thea_hook.ruleset.context import Context


def let_edits(node: Node, keyword: Node, context: Context) -> tuple[tuple[Edit, ...], Applicability | None]:
    """The edits that do without ``var``, and how safe they are if not as safe as the rule's."""
    let = (replace(keyword, "let"),)
    if can_be_let(node, context):
        # who gets a function before the declaration may call it at once, or later
        is_unsafe = any(_is_used_by_hoisted_function(v, _is_argument) for v in context.scopes.declared(node))
        return let, Applicability.UNSAFE if is_unsafe else None
    variables = context.scopes.declared(node)
    if any(variable.scope.kind == "global" or variable.name == "let" for variable in variables):
        return (), None
    each = (can_be_let(node, context, only=variable) for variable in variables)
    if can_be_let(node, context, are_closures_late=True) or all(each):
        return let, Applicability.UNSAFE
    parent = node.parent
    if parent is not None and parent.type in CASES and can_be_let(node, context, is_in_braces=True):
        braces = _braces_around(parent, variables, context)
        if braces:
            return (*let, *braces), Applicability.UNSAFE
    edits = separated(variables, context) or hoisted(
        node, context, lambda variable, declaration: can_be_let(declaration, context, only=variable)
    )
    return edits, Applicability.UNSAFE


def _braces_around(case: Node, variables: Sequence[Variable], context: Context) -> tuple[Edit, ...]:
    """The braces that make a block of a ``case``, if nobody uses the variables behind it."""
    body = [child for child in case.children_by_field_name("body") if child.type != "comment"]
    where = Span(body[0].start_byte, statement_span(body[-1]).end)
    if any(not where.start <= r.start < where.end for variable in variables for r in variable.references):
        return ()
    colon, margin = child_token(case, ":"), margin_of(case, context)
    if colon is None or margin is None or margin_of(body[0], context) is None:
        return (insert(where.start, "{ "), insert(where.end, " }"))
    line_end = context.text.find(b"\n", where.end)
    end = line_end if context.has_comment(Span(where.end, line_end)) else where.end
    return (insert(colon.end_byte, " {"), insert(end, f"{newline(context.text)}{margin}}}"))


def declarators_of(declaration: Node) -> list[Node]:
    return [child for child in named(declaration) if child.type == "variable_declarator"]


def can_be_let(
    node: Node,
    context: Context,
    *,
    are_closures_late: bool = False,
    is_in_braces: bool = False,
    only: Variable | None = None,
) -> bool:
    """Whether nothing can tell ``let`` from ``var`` here: ESLint's list of what could.

    ``are_closures_late``: functions that use a variable are taken to be called when it has its value.
    ``is_in_braces``: the ``case`` that it stands in is taken to be a block. ``only``: this variable is all that it
    declares, and may lose the value that it had in the round of a loop before, where it gets another one.
    """
    is_loop_head = node.type == "for_in_statement"
    variables = context.scopes.declared(node)
    declarators = [] if is_loop_head else declarators_of(node)
    if only is not None:
        variables = [only]
        declarators = [one for one in declarators if only in context.scopes.declared(one)]
    region = _block_around(node)
    if any(
        variable.scope.kind == "global"
        or len(variable.definitions) > 1
        or variable.name == "let"
        or _is_used_outside(variable, region)
        or _is_used_before(variable, are_closures_late=are_closures_late)
        or _is_used_by_hoisted_function(variable, _is_called)
        or context.scopes.lookup(variable.name, node) is not variable
        for variable in variables
    ):
        return False
    if any(_refers_to_itself(declarator, context, are_closures_late=are_closures_late) for declarator in declarators):
        return False
    parent = node.parent
    if parent is None or (parent.type in CASES and not is_in_braces):
        return False
    if is_in_loop(node):
        if any(is_used_in_closure(variable) for variable in variables):
            return False
        valueless = [] if is_loop_head else [one for one in declarators if field(one, "value") is None]
        if valueless and (only is None or not _is_assigned_next(node, only.name)):
            return False
    return is_loop_head or _stands_in_list(node, parent)


def _stands_in_list(node: Node, parent: Node) -> bool:
    if parent.type == "for_statement":
        return field(parent, "initializer") == node
    if parent.type in ("export_statement", "ambient_declaration"):
        return parent.type == "ambient_declaration" and parent.parent is not None
    return parent.type in STATEMENT_LISTS


def _block_around(node: Node) -> Span:
    kinds = {"program", "statement_block", "switch_statement", "for_statement", "for_in_statement"}
    if node.type in kinds:
        return span(node)
    return next((span(ancestor) for ancestor in ancestors(node) if ancestor.type in kinds), span(node))


def _is_used_outside(variable: Variable, region: Span) -> bool:
    return any(not region.start <= reference.start < region.end for reference in variable.references)


def _is_used_before(variable: Variable, *, are_closures_late: bool) -> bool:
    declaration = variable.definitions[0].node.start_byte
    return any(
        not reference.is_init
        and reference.start < declaration
        and not (are_closures_late and _is_in_kept_function(reference, declaration))
        for reference in variable.references
    )


_KEEPING = frozenset({"assignment_expression", "pair", "class_body", "object"})
_LATE = frozenset({"addEventListener", "catch", "finally", "nextTick", "on", "once", "setImmediate", "setInterval"}) | {
    "setTimeout",
    "subscribe",
    "then",
}


def _is_called_later(arguments: Node) -> bool:
    """Whether a call is one of those that keep the functions they get for later."""
    call = arguments.parent if arguments.type == "arguments" else None
    callee = None if call is None else callee_of(call)
    if callee is None:
        return False
    return (property_name(callee) if callee.type in MEMBERS else text(callee)) in _LATE


def _is_in_kept_function(reference: Reference, end: int) -> bool:
    """Whether a use stands in a function that is declared or stored, and not called before ``end``."""
    home = None if reference.resolved is None else reference.resolved.scope.variable_scope
    outermost_ = None
    for scope in reference.scope.ancestors():
        if scope is home:
            break
        if scope.kind == "function":
            outermost_ = scope
    if outermost_ is None or outermost_.parent is None:
        return False
    function = outermost_.node
    owner = outermost(function).parent
    name = field(function, "name") if function.type.endswith("_declaration") else None
    if name is None and owner is not None and owner.type == "variable_declarator":
        name = field(owner, "name")
    if name is None:
        return owner is not None and (owner.type in _KEEPING or _is_called_later(owner))
    stored = outermost_.parent.variables.get(text(name)) or outermost_.parent.lookup(text(name), name.start_byte)
    return stored is not None and not any(use.start < end and _is_called(use.identifier) for use in stored.references)


def _is_used_by_hoisted_function(variable: Variable, is_risk: Callable[[Node], bool]) -> bool:
    """Whether a function that uses the variable is itself used this way above the declaration.

    There ``let`` is not yet ready.
    """
    declaration = variable.definitions[0].node.start_byte
    for reference in variable.references:
        if reference.is_init or reference.start < declaration:
            continue
        scope = reference.scope.variable_scope
        while scope is not variable.scope and scope.parent is not None:
            if scope.node.type in ("function_declaration", "generator_function_declaration"):
                name = field(scope.node, "name")
                function = None if name is None else scope.parent.variables.get(text(name))
                uses = () if function is None else function.references
                if any(use.start < declaration and is_risk(use.identifier) for use in uses):
                    return True
            scope = scope.parent.variable_scope
    return False


def _is_called(identifier: Node) -> bool:
    outer = outermost(identifier)
    parent = outer.parent
    return parent is not None and parent.type == "call_expression" and field(parent, "function") == outer


def _is_argument(identifier: Node) -> bool:
    parent = outermost(identifier).parent
    return parent is not None and parent.type == "arguments"


def _refers_to_itself(declarator: Node, context: Context, *, are_closures_late: bool) -> bool:
    """Whether the initialiser reads the variable it initialises: ``undefined`` with var, an error with let."""
    value = field(declarator, "value")
    if value is None:
        return False
    is_function = value.type in FUNCTIONS
    for variable in context.scopes.declared(declarator):
        name = variable.definitions[0].name
        parent = name.parent
        default = None
        if parent is not None and parent.type in ("assignment_pattern", "object_assignment_pattern"):
            default = field(parent, "right")
        for reference in variable.references:
            start, end = reference.start, reference.identifier.end_byte
            if reference.is_init or (are_closures_late and _is_in_callback(reference, value)):
                continue
            if start < name.start_byte:
                if not are_closures_late or start >= declarator.start_byte:
                    return True
                continue
            if default is not None and default.start_byte <= start and end <= default.end_byte:
                return True
            if not is_function and value.start_byte <= start and end <= value.end_byte:
                return True
    return False


def _is_in_callback(reference: Reference, value: Node) -> bool:
    """Whether a use in an initial value stands in a function there, and not in one that is called at once."""
    for scope in reference.scope.ancestors():
        if scope.kind == "function" and contains(value, scope.node):
            outer = outermost(scope.node)
            call = outer.parent
            if call is None or call.type != "call_expression" or field(call, "function") != outer:
                return True
    return False


def _is_assigned_next(declaration: Node, name: str) -> bool:
    """Whether whatever follows a declaration gives the variable a value before anything reads it."""
    following = declaration.next_named_sibling
    while following is not None:
        if any(node.type == "identifier" and text(node) == name for node in descend(following)):
            return _assigns(following, name)
        following = following.next_named_sibling
    return False


def _assigns(statement: Node, name: str) -> bool:
    kind = statement.type
    if kind == "statement_block":
        for inner in named(statement):
            if any(node.type == "identifier" and text(node) == name for node in descend(inner)):
                return _assigns(inner, name)
        return False
    if kind == "if_statement":
        test, then, other = (field(statement, part) for part in ("condition", "consequence", "alternative"))
        if test is None or then is None or other is None or name in map(text, descend(test)):
            return False
        return _assigns(then, name) and _assigns(named(other)[0], name)
    assignment = named(statement)[0] if kind == "expression_statement" else statement
    left, right = field(assignment, "left"), field(assignment, "right")
    if assignment.type != "assignment_expression" or left is None or right is None:
        return False
    return text(left) == name and not any(text(node) == name for node in descend(right) if node.type == "identifier")
