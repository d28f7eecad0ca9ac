"""Edits that remove an unused variable, as ESLint suggests them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.expressions import MEMBERS
from thea_hook.languages.nodes import (
    CLASSES,
    COMMENTS,
    FUNCTIONS,
    LOOPS,
    STATEMENT_LISTS,
    ancestors,
    between,
    child_token,
    descend,
    field,
    last_token,
    named,
    outermost,
    remove,
    replace,
    span,
    token_after,
    token_before,
)
from thea_hook.languages.purity import is_likely_pure
from thea_hook.ruleset.checks.statement_edits import without_statement
from thea_hook.ruleset.checks.unused_imports import (
    remove_default_import,
    remove_namespace,
    remove_specifier,
    with_next_token,
    with_previous_token,
)
from thea_hook.ruleset.checks.useless_assignments import begins_awkwardly, without_variable

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Variable
    from thea_hook.ruleset.context import Context

    _Removal: TypeAlias = Span | "_Outward" | None

_DECLARATIONS = frozenset(
    {"function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration"}
)
_VARIABLES = frozenset({"const", "let", "using", "var"})
_IN_STATEMENTS = _VARIABLES | {"import"}
_FUNCTION_EXPRESSIONS = frozenset({"function_expression", "generator_function", "arrow_function", "method_definition"})


_TYPES = frozenset({"enum_declaration", "interface_declaration", "type_alias_declaration"})
# What is the same in TypeScript as in JavaScript.
_KNOWN = frozenset(
    {"array_pattern", "assignment_pattern", "catch_clause", "object_assignment_pattern", "object_pattern"}
) | {
    "pair_pattern",
    "variable_declarator",
}
_WITH_DEFAULT = frozenset({"assignment_pattern", "object_assignment_pattern"})
# What no expression can go on with.
_STATEMENT_WORDS = frozenset({"class", "const", "export", "for", "function", "if", "import", "let", "return", "var"})


class _Outward(NamedTuple):
    """The step that decides, for a pattern further out, what to remove."""

    step: Callable[[Node], _Removal]
    node: Node


def removal(variable: Variable, context: Context) -> tuple[Edit, ...]:
    """Source: the suggestion of ESLint no-unused-vars; a variable that is only assigned goes with its assignments.

    Nothing where the code around could be read in another way then.
    """
    name = variable.definitions[0].name
    if any(reference.is_write and reference.start != name.start_byte for reference in variable.references):
        return without_variable(variable, context)
    parent = name.parent
    if parent is None:
        return ()
    if parent.type == "variable_declarator" and _replaces_body(parent) and parent.parent is not None:
        return () if _does_something(parent) else (replace(parent.parent, ";"),)
    if parent.type == "arrow_function":
        return (replace(name, "()"),)
    result = _remove_typed(name, parent) if context.is_typescript else _remove_name(name, parent)
    while isinstance(result, _Outward):
        result = result.step(result.node)
    return () if result is None else _remove_tidily(result, variable, context)


def _remove_tidily(where: Span, variable: Variable, context: Context) -> tuple[Edit, ...]:
    """The edits that take a stretch away; of a whole statement its lines, but not what else its value does."""
    definition = variable.definitions[0]
    statement = definition.parent if definition.kind in _IN_STATEMENTS else definition.node
    gone = _outermost_in(where, definition.name)
    if gone.type in CLASSES and (not is_likely_pure(gone) or any(one.type == "decorator" for one in descend(gone))):
        return ()
    if gone.type not in FUNCTIONS and any(map(_has_active_default, descend(gone, FUNCTIONS))):
        return ()
    if definition.kind == "parameter" and _is_before_used(gone, variable):
        return ()
    if statement is None or where != span(statement):
        return () if _does_something(gone) else (remove(where),)
    if statement.parent is None or statement.parent.type not in STATEMENT_LISTS:
        return (remove(where),)
    value = field(definition.node, "value") if definition.kind in _VARIABLES else None
    if value is not None and _does_something(definition.node):
        head = Span(statement.start_byte, value.start_byte)
        return () if begins_awkwardly(value) or context.has_comment(head) else (remove(head),)
    return (without_statement(statement, context),)


def _outermost_in(where: Span, node: Node) -> Node:
    """The largest node around another one that lies in a stretch of code."""
    inside = (one for one in ancestors(node) if where.start <= one.start_byte and one.end_byte <= where.end)
    return max((node, *inside), key=lambda one: one.end_byte - one.start_byte)


def _is_before_used(parameter: Node, variable: Variable) -> bool:
    """Whether a parameter that is used stands behind one, and would get its argument."""
    if parameter.parent is None or parameter.parent.type != "formal_parameters":
        return False
    return any(
        definition.kind == "parameter" and definition.name.start_byte >= parameter.end_byte
        for other in variable.scope.variables.values()
        if any(reference.is_read for reference in other.references)
        for definition in other.definitions
    )


def _has_active_default(pattern: Node) -> bool:
    """Whether what stands in for a missing value is worked out in a way that does something else."""
    default = field(pattern, "right") if pattern.type in _WITH_DEFAULT else None
    return default is not None and not is_likely_pure(default)


def _does_something(declarator: Node) -> bool:
    value = field(declarator, "value") if declarator.type == "variable_declarator" else None
    return value is not None and not is_likely_pure(value) and not _loads_module(value)


def _loads_module(value: Node) -> bool:
    """Whether it is a ``require``, perhaps of one property: nobody asks it for what else it does."""
    while value.type in MEMBERS:
        value = field(value, "object") or value.children[0]
    function = field(value, "function") if value.type == "call_expression" else None
    return function is not None and function.text == b"require"


def _replaces_body(declarator: Node) -> bool:
    """Whether the declaration is the whole body of an if, a loop or a with: a statement must stay."""
    declaration = declarator.parent
    if declaration is None or declaration.parent is None or len(_declarators(declaration)) > 1:
        return False
    outer = declaration.parent
    if outer.type == "for_statement":
        return field(outer, "body") == declaration
    return outer.type in LOOPS or outer.type in ("if_statement", "else_clause", "with_statement")


def _remove_typed(name: Node, parent: Node) -> _Removal:
    """The same in TypeScript, where a parameter has a node of its own, and types have names."""
    if parent.type in ("required_parameter", "optional_parameter"):
        owner = parent.parent
        function = None if owner is None else owner.parent
        outer = None if function is None else outermost(function).parent
        # what is called by its name is called with as many arguments as it declares
        is_callback = outer is not None and outer.type == "arguments"
        if field(parent, "pattern") != name or owner is None or not is_callback:
            return None
        return _only_or_listed(parent, owner)
    if parent.type in _TYPES:
        return None if _is_needed_apart(token_before(parent), token_after(parent)) else span(parent)
    is_known = parent.type in _KNOWN or parent.type in _DECLARATIONS
    return _remove_name(name, parent) if is_known else None


def _remove_name(name: Node, parent: Node) -> _Removal:
    kind, outer = parent.type, parent.parent
    if kind == "variable_declarator":
        return None if _is_in_loop_head(parent) else _remove_declarator(parent)
    if kind == "for_in_statement":
        return None
    if kind == "catch_clause":
        return _remove_catch_parameter(parent)
    if kind in ("object_pattern", "pair_pattern"):
        return _remove_property(name if kind == "object_pattern" else parent)
    if kind == "rest_pattern":
        return _remove_rest_name(parent)
    if kind == "array_pattern":
        return _remove_element(name, parent)
    if kind in ("assignment_pattern", "object_assignment_pattern"):
        return _remove_with_default(parent)
    if kind in _DECLARATIONS:
        return None if _is_needed_apart(token_before(parent), token_after(parent)) else span(parent)
    if kind == "import_clause" and outer is not None:
        return remove_default_import(name, parent, outer)
    if kind == "import_specifier":
        return remove_specifier(parent)
    if kind == "namespace_import" and outer is not None:
        return remove_namespace(parent, outer)
    return _remove_parameter_name(name)


def _remove_catch_parameter(clause: Node) -> Span | None:
    """``catch {`` for ``catch (error) {``."""
    keyword, closing = child_token(clause, "catch"), child_token(clause, ")")
    if keyword is None or closing is None or any(child.type in COMMENTS for child in clause.children):
        return None
    return Span(keyword.end_byte, closing.end_byte)


def _remove_parameter_name(name: Node) -> Span:
    before, after = token_before(name), token_after(name)
    if before is not None and before.type == ",":
        return between(before, name)
    if before is not None and before.type in ("(", "{") and after is not None and after.type == ",":
        return with_next_token(name)
    return span(name)


# ------------------------------------------------------------------ declarators


def _declarators(declaration: Node) -> list[Node]:
    return [child for child in named(declaration) if child.type == "variable_declarator"]


def _is_in_loop_head(declarator: Node) -> bool:
    declaration = declarator.parent
    return (
        declaration is not None
        and declaration.parent is not None
        and declaration.parent.type == "for_statement"
        and len(_declarators(declaration)) == 1
    )


def _remove_declarator(declarator: Node) -> Span | None:
    declaration = declarator.parent
    if declaration is None:
        return None
    declarators = _declarators(declaration)
    if len(declarators) == 1:
        if _is_needed_apart(token_before(declaration), token_after(declaration)):
            return None
        return span(declaration)
    if declarator == declarators[0]:
        return with_next_token(declarator)
    comma = token_before(declarator)
    if comma is None:
        return None
    ends_open = declarator == declarators[-1] and last_token(declaration).type != ";"
    if ends_open and _is_needed_apart(token_before(comma), token_after(declaration)):
        return None
    return between(comma, declarator)


def _is_needed_apart(before: Node | None, after: Node | None) -> bool:
    """Whether the tokens around a declaration could be read together, or as a directive, without it."""
    if after is None:
        return False
    if after.type == "string":
        return True
    if after.type in _STATEMENT_WORDS and before is not None and before.end_point.row < after.start_point.row:
        return False
    return before is not None and before.type not in (";", "{") and not _closes_block(before)


def _closes_block(token: Node) -> bool:
    block = token.parent
    if token.type != "}" or block is None or block.parent is None:
        return False
    if block.type == "statement_block":
        return block.parent.type not in _FUNCTION_EXPRESSIONS
    return block.type == "switch_body" or (block.type == "class_body" and block.parent.type != "class")


# ------------------------------------------------------------------ patterns


def _remove_pattern(pattern: Node) -> _Removal:
    """A pattern that declares nothing else, and what it takes apart."""
    parent = pattern.parent
    if parent is None:
        return None
    if parent.type == "variable_declarator":
        declaration = parent.parent
        in_loop = declaration is None or (declaration.parent is not None and declaration.parent.type in LOOPS)
        return None if in_loop else _remove_declarator(parent)
    if parent.type == "pair_pattern":
        return _Outward(_remove_nested_object, pattern)
    return _remove_parameter(pattern)


def _remove_nested_object(pattern: Node) -> _Removal:
    """A pattern that is the value of a property."""
    prop = pattern.parent
    outer = None if prop is None else prop.parent
    if prop is None or outer is None or outer.parent is None or prop.type != "pair_pattern":
        return None
    if len(named(outer)) > 1:
        return _remove_listed(prop)
    if outer.parent.type == "array_pattern":
        return _Outward(_remove_nested_array, outer)
    return _Outward(_remove_nested_object if outer.parent.type == "pair_pattern" else _remove_pattern, outer)


def _remove_nested_array(element: Node) -> _Removal:
    """An element of an array pattern that declares nothing else."""
    array = element.parent
    if array is None or array.parent is None:
        return None
    if len(named(array)) == 1:
        return _outward_from(array)
    before, after = token_before(element), token_after(element)
    if before is not None and before.type == "," and after is not None and after.type == "]":
        return between(before, element)
    return span(element)


def _outward_from(pattern: Node) -> _Removal:
    """A pattern that declares nothing else goes as a whole, from where it stands."""
    outer = pattern.parent
    if outer is not None and outer.type == "array_pattern":
        return _Outward(_remove_nested_array, pattern)
    if outer is not None and outer.type == "rest_pattern":
        return _Outward(_remove_rest, outer)
    return _Outward(_remove_pattern, pattern)


def _remove_rest(rest: Node) -> _Removal:
    """``...[a]`` and ``...{a}``, whose pattern declares nothing else."""
    parent = rest.parent
    if parent is None:
        return None
    if parent.type == "formal_parameters":
        return span(rest) if len(named(parent)) == 1 else with_previous_token(rest)
    if parent.type != "array_pattern":
        return None
    if len(named(parent)) > 1:
        return with_previous_token(rest)
    is_nested = parent.parent is not None and parent.parent.type == "array_pattern"
    return _Outward(_remove_nested_array if is_nested else _remove_pattern, parent)


def _remove_rest_name(rest: Node) -> _Removal:
    """``...a``."""
    parent = rest.parent
    if parent is None:
        return None
    if parent.type == "object_pattern" and len(named(parent)) == 1:
        return _outward_from(parent)
    return _remove_rest(rest) if parent.type != "object_pattern" else with_previous_token(rest)


def _remove_property(prop: Node) -> _Removal:
    """``a`` and ``a: b`` in an object pattern."""
    pattern = prop.parent
    if pattern is None:
        return None
    return _outward_from(pattern) if len(named(pattern)) == 1 else _remove_listed(prop)


def _remove_element(name: Node, array: Node) -> _Removal:
    if len(named(array)) == 1:
        return _outward_from(array)
    before, after = token_before(name), token_after(name)
    if before is not None and before.type == "," and after is not None and after.type != ",":
        return between(before, name)
    return span(name)


def _remove_with_default(assignment: Node) -> _Removal:
    """``a = 1`` in a pattern or among parameters."""
    parent = assignment.parent
    if parent is None:
        return None
    if parent.type == "array_pattern":
        return _Outward(_remove_nested_array, assignment)
    if parent.type == "formal_parameters":
        return _remove_parameter(assignment)
    prop = parent if parent.type == "pair_pattern" else assignment
    pattern = prop.parent
    if pattern is None:
        return None
    if len(named(pattern)) > 1:
        return _remove_listed(prop)
    is_element = pattern.parent is not None and pattern.parent.type == "array_pattern"
    return _Outward(_remove_nested_array if is_element else _remove_pattern, pattern)


def _remove_parameter(parameter: Node) -> Span | None:
    parent = parameter.parent
    if parent is None:
        return None
    if parent.type != "formal_parameters" or parent.parent is None or parent.parent.type not in FUNCTIONS:
        return None
    return _only_or_listed(parameter, parent)


def _only_or_listed(parameter: Node, parameters: Node) -> Span:
    if len(named(parameters)) > 1:
        return _remove_listed(parameter)
    after = token_after(parameter)
    return between(parameter, after) if after is not None and after.type == "," else span(parameter)


def _remove_listed(part: Node) -> Span:
    """One of several, with its comma: the one before it, or after the first."""
    before, after = token_before(part), token_after(part)
    if before is not None and before.type in ("{", "(") and after is not None and after.type == ",":
        return with_next_token(part)
    return span(part) if before is None else between(before, part)
