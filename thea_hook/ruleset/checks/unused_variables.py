"""Variables that nothing reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import QueryCursor

from thea_hook.core.finding import Applicability
from thea_hook.languages.grammars import query
from thea_hook.languages.nodes import (
    FUNCTIONS,
    ancestors,
    child_token,
    contains,
    field,
    named,
    span,
    unwrap,
)
from thea_hook.languages.scope import INIT, READ, WRITE, Variable
from thea_hook.languages.scope_builder import targets
from thea_hook.ruleset.checks.unused_fixes import removal
from thea_hook.ruleset.checks.unused_imports import import_removal
from thea_hook.ruleset.checks.variable_uses import (
    VARIABLES,
    assigned_value,
    is_in_returning_loop,
    is_loop_target,
    is_read_for_itself,
    is_type_only,
    only_returns,
)
from thea_hook.ruleset.rule import Problem

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.languages.scope import Definition, Scope
    from thea_hook.ruleset.context import Context

_IMPORTS = frozenset({"import", "import-type"})
# These declare a name for use inside themselves: nobody has to use it.
_UNASKED = frozenset({"function-name-expression", "class-name", "enum-member"})
# A use inside the declaration itself is none: recursion, a type in terms of itself.
_SELF_CONTAINED = VARIABLES | {"function", "type", "interface", "namespace", "enum"}
_AMBIENT = VARIABLES | {"function", "class", "type", "interface", "namespace", "enum"}
_SIGNATURES = frozenset(
    {
        "function_signature",
        "method_signature",
        "abstract_method_signature",
        "function_type",
        "constructor_type",
        "call_signature",
        "construct_signature",
    }
)
_PROPERTY_MODIFIERS = frozenset({"accessibility_modifier", "readonly", "override_modifier"})
_JSX = "[(jsx_element) (jsx_self_closing_element)] @jsx"
_JSX_PRAGMA = re.compile(rb"@jsx(?:Frag)?\s+([\w$]+)")
# What can stand before a name in `typeof x`, `(): x is T` and `asserts x`.
_BEFORE_TYPE_PLACE = (b"typeof", b":", b"asserts", b"/")


def no_unused_vars(_: Node, context: Context) -> Iterator[Problem]:
    """Source: ESLint no-unused-vars; typescript-eslint's in TypeScript."""
    judge = _Judge(context)
    reports_used = context.options["reportUsedIgnorePattern"]
    unused = []
    for variable in (*context.scopes.variables, *_global_comment_variables(context)):
        is_used = judge.is_plainly_used(variable)
        if is_used and not reports_used:
            continue
        if variable.definitions and (variable.definitions[0].kind in _UNASKED or judge.is_left_alone(variable)):
            continue
        is_used = is_used or judge.is_used(variable)
        ignored = judge.ignoring(variable) if variable.definitions else None
        if ignored is not None:
            # in JavaScript an export is no use that the pattern would contradict
            if reports_used and is_used and (context.is_typescript or not judge.is_exported(variable)):
                yield _used_though_ignored(variable, ignored, context)
        elif not is_used and not judge.is_excused(variable):
            unused.append(variable)
    reported: set[Variable] = set()
    for variable in unused:
        if variable.implicit:
            yield _unused_global_comment(variable, context)
        elif not judge.is_import_of_type(variable):
            reported.add(variable)
            yield _unused(variable, judge, context, reported)


# ------------------------------------------------------------------ problems


def _unused(variable: Variable, judge: _Judge, context: Context, reported: set[Variable]) -> Problem:
    is_assigned = any(reference.is_write for reference in variable.references)
    group = judge.group_of(variable.definitions[0])
    data = {
        "name": variable.name,
        "action": "assigned a value" if is_assigned else "declared",
        "allowed": "" if group.pattern is None else f" Unused {group.title} may match `{group.pattern.pattern}`.",
    }
    message = "type" if judge.has_type_only_use(variable) else ""
    where = span(_last_write(variable) or variable.definitions[0].name)
    if not context.is_typescript:
        # `{a, ...rest}` without `a` leaves it in the rest
        changes_rest = any(_is_taken_from_rest(definition.name) for definition in variable.definitions)
        # what a script declares, other scripts may use
        is_shared = variable.scope.kind == "global" and variable.definitions[0].kind in ("class", "function")
        grade = Applicability.DISPLAY if changes_rest or is_shared else None
        return Problem(where, data=data, edits=removal(variable, context), applicability=grade)
    edits = import_removal(variable, context, reported)
    is_wanted = bool(edits) and bool(context.options["enableAutofixRemoval"].get("imports"))
    grade = Applicability.SAFE if is_wanted else None
    if not message and variable.definitions[0].kind not in _IMPORTS:
        edits = removal(variable, context)
        grade = Applicability.DISPLAY if any(_is_taken_from_rest(one.name) for one in variable.definitions) else None
    return Problem(where, message=message, data=data, edits=edits, applicability=grade)


def _used_though_ignored(variable: Variable, ignored: _Group, context: Context) -> Problem:
    where = (_last_write(variable) if context.is_typescript else None) or variable.definitions[0].name
    pattern = "" if ignored.pattern is None else ignored.pattern.pattern
    data = {"name": variable.name, "description": ignored.title, "pattern": pattern}
    return Problem(span(where), message="ignored", data=data)


def _last_write(variable: Variable) -> Node | None:
    """The last identifier that is written in the function of the variable."""
    home = variable.scope.variable_scope
    writes = [r.identifier for r in variable.references if r.is_write and r.scope.variable_scope is home]
    return writes[-1] if writes else None


# ------------------------------------------------------------------ globals of comments


def _global_comment_variables(context: Context) -> Iterator[Variable]:
    """A variable for each name that only a ``/* global a */`` comment declares."""
    if context.options["vars"] == "local" and not context.is_typescript:
        return
    scope = context.scopes.global_scope
    entries = {entry.name: entry for entry in context.scopes.global_comments if entry.kind == "global"}
    for name, entry in entries.items():
        if entry.access != "off" and name not in scope.variables:
            variable = Variable(name, scope)
            for reference in context.scopes.unresolved:
                if reference.name == name:
                    variable.references.append(reference)
            yield variable


def _unused_global_comment(variable: Variable, context: Context) -> Problem:
    entry = next(entry for entry in context.scopes.global_comments if entry.name == variable.name)
    return Problem(entry.name_span, data={"name": variable.name, "action": "declared", "allowed": ""})


# ------------------------------------------------------------------ the decision


def _group(title: str, pattern: str) -> _Group:
    return _Group(title, re.compile(pattern) if pattern else None)


class _Group(NamedTuple):
    """Variables of one sort, and the pattern that unused ones may match."""

    title: str
    pattern: re.Pattern[str] | None

    def ignores(self, variable: Variable) -> bool:
        return self.pattern is not None and self.pattern.search(variable.name) is not None


class _Judge:
    """Decides about the variables of one file, with its language and the rule's options."""

    def __init__(self, context: Context) -> None:
        options = context.options
        self._context = context
        self._text = context.text
        self._is_typescript = context.is_typescript
        self._options = options
        self._elements = _group("elements of array patterns", options["destructuredArrayIgnorePattern"])
        self._caught = _group("caught errors", options["caughtErrorsIgnorePattern"])
        self._parameters = _group("parameters", options["argsIgnorePattern"])
        self._others = _group("variables", options["varsIgnorePattern"])
        self._exported = {entry.name for entry in context.scopes.global_comments if entry.kind == "exported"}
        self._ambient: dict[Scope, bool] = {}
        self._last_used: dict[int, int] = {}
        """Function -> where its last used parameter stands; -1 without one."""

    # -------------------------------------------------------- used

    def is_plainly_used(self, variable: Variable) -> bool:
        """Whether a read outside its own declaration comes before any assignment: true for nearly every variable.

        Decided without a look at the tree.
        """
        definitions = variable.definitions
        if not definitions:
            return variable.scope.kind != "global"
        is_typescript = self._is_typescript
        for reference in variable.references:
            flags = reference.flags
            if flags & WRITE:
                if flags & INIT:
                    continue
                return False
            if flags & READ:
                start = reference.start
                if is_typescript and self._may_be_type_place(start):
                    continue
                for definition in definitions:
                    if definition.kind in _SELF_CONTAINED:
                        node = definition.node
                        if node.start_byte <= start < node.end_byte:
                            break
                        if is_typescript and not reference.is_value:
                            break
                else:
                    return True
        return False

    def _may_be_type_place(self, start: int) -> bool:
        return self._text[max(0, start - 12) : start].rstrip().endswith(_BEFORE_TYPE_PLACE)

    def is_used(self, variable: Variable) -> bool:
        """Whether something reads the variable for more than its own next value."""
        owners = list(_self_contained_nodes(variable, self._is_typescript))
        is_type_import = all(definition.kind == "import-type" for definition in variable.definitions)
        right: Node | None = None
        for reference in variable.references:
            if not self._is_typescript and is_in_returning_loop(reference.identifier):
                return True
            for_itself = reference.is_read and is_read_for_itself(reference, right)
            right = assigned_value(reference, variable, right)
            if not reference.is_read or for_itself:
                continue
            if self._is_typescript and not is_type_import and is_type_only(variable, reference):
                continue
            if not any(owner.start_byte <= reference.start < owner.end_byte for owner in owners):
                return True
        return self._is_marked(variable) or (bool(variable.definitions) and self.is_exported(variable))

    def _is_marked(self, variable: Variable) -> bool:
        """Whether it counts as used although nothing reads it."""
        if variable.scope.kind == "global" and variable.name in self._exported:
            return True
        if variable.name in self._jsx_factories and variable.scope.node.type == "program":
            return True
        if not self._is_typescript:
            return False
        if any(self._needs_no_use(definition, variable.scope) for definition in variable.definitions):
            return True
        return any(is_loop_target(reference.identifier) for reference in variable.references if reference.is_write)

    def _needs_no_use(self, definition: Definition, scope: Scope) -> bool:
        kind, node = definition.kind, definition.node
        if kind == "parameter":
            return node.type in _SIGNATURES or _is_setter(node) or _is_parameter_property(definition)
        if kind == "type-parameter":
            return node.type == "mapped_type_clause" or (node.type == "infer_type" and _is_in_signature(node))
        if node.type == "for_in_statement" and _is_first_name(definition) and only_returns(node):
            return True
        return kind in _AMBIENT and self._declares_ambiently(scope)

    def is_exported(self, variable: Variable) -> bool:
        definitions = variable.definitions if self._is_typescript else variable.definitions[:1]
        is_merged = self._is_typescript and variable.is_type and variable.is_value
        return any(
            _is_exported(definition)
            for definition in definitions
            if not (is_merged and definition.kind in ("type", "interface"))
        )

    @cached_property
    def _jsx_factories(self) -> frozenset[str]:
        """The names that JSX syntax is compiled to: React, or what ``@jsx`` and ``@jsxFrag`` comments say."""
        module = self._context.module
        if module.language == "typescript":
            return frozenset()
        if not QueryCursor(query(module.language, _JSX)).captures(module.root):
            return frozenset()
        named_in_comments = _JSX_PRAGMA.findall(self._text) if b"@jsx" in self._text else ()
        return frozenset({"React", *(name.decode("utf-8", "replace") for name in named_in_comments)})

    # -------------------------------------------------------- ambient declarations

    def _declares_ambiently(self, scope: Scope) -> bool:
        """Whether everything declared directly in the scope is visible outside: in .d.ts files and ambient modules."""
        known = self._ambient.get(scope)
        if known is None:
            known = self._ambient[scope] = self._is_ambient(scope) and not _exports_apart(scope)
        return known

    def _is_ambient(self, scope: Scope) -> bool:
        is_definition_file = self._context.module.file.path.endswith((".d.ts", ".d.cts", ".d.mts"))
        if scope.kind in ("module", "global"):
            return is_definition_file
        if scope.kind != "namespace":
            return False
        return is_definition_file or any(outer.type == "ambient_declaration" for outer in ancestors(scope.node))

    # -------------------------------------------------------- ignored and excused

    def group_of(self, definition: Definition) -> _Group:
        """The sort of variable that a definition makes, as a message calls it."""
        if self._elements.pattern is not None and _is_element(definition.name):
            return self._elements
        return {"catch": self._caught, "parameter": self._parameters}.get(definition.kind, self._others)

    def ignoring(self, variable: Variable) -> _Group | None:
        """The group whose pattern says that the variable is not to be used."""
        if self._elements.ignores(variable) and _is_in_array_pattern(variable):
            return self._elements
        kind = variable.definitions[0].kind
        group = {"catch": self._caught, "parameter": self._parameters}.get(kind, self._others)
        return group if group.ignores(variable) else None

    def is_left_alone(self, variable: Variable) -> bool:
        """Whether the rule does not look at such variables at all."""
        options, definition = self._options, variable.definitions[0]
        kind = definition.kind
        if options["vars"] == "local" and variable.scope.kind == "global":
            return True
        if kind == "class":
            return bool(options["ignoreClassWithStaticInitBlock"]) and _has_static_block(definition.node)
        if kind == "catch":
            return bool(options["caughtErrors"] == "none")
        return kind == "parameter" and (options["args"] == "none" or _is_setter(definition.node))

    def is_excused(self, variable: Variable) -> bool:
        """Whether the options allow a variable that nothing uses."""
        if not variable.definitions:
            return False
        options, definition = self._options, variable.definitions[0]
        if definition.kind == "parameter" and options["args"] == "after-used" and _is_plain_parameter(definition):
            return self._is_before_used_parameter(variable)
        if definition.kind == "using" and options["ignoreUsingDeclarations"]:
            return True
        return bool(options["ignoreRestSiblings"]) and (
            any(_has_rest_sibling(definition.name) for definition in variable.definitions)
            or any(_has_rest_sibling(reference.identifier) for reference in variable.references)
        )

    def _is_before_used_parameter(self, variable: Variable) -> bool:
        definition = variable.definitions[0]
        function = definition.node.id
        last = self._last_used.get(function)
        if last is None:
            last = self._last_used[function] = max(
                (
                    other.definitions[0].name.start_byte
                    for other in variable.scope.variables.values()
                    if any(d.kind == "parameter" and d.node.id == function for d in other.definitions)
                    and self._has_use(other)
                ),
                default=-1,
            )
        return definition.name.start_byte < last

    def _has_use(self, parameter: Variable) -> bool:
        if not self._is_typescript:
            return bool(parameter.references)
        return self._is_marked(parameter) or any(not is_type_only(parameter, r) for r in parameter.references)

    # -------------------------------------------------------- types

    def has_type_only_use(self, variable: Variable) -> bool:
        """Whether its type is used although its value is not."""
        return self._is_typescript and any(is_type_only(variable, reference) for reference in variable.references)

    def is_import_of_type(self, variable: Variable) -> bool:
        """Whether an import is used for its type."""
        return any(d.kind in _IMPORTS for d in variable.definitions) and self.has_type_only_use(variable)


# ------------------------------------------------------------------ definitions


def _self_contained_nodes(variable: Variable, is_typescript: bool) -> Iterator[Node]:
    """The functions, types, namespaces and enums that the variable names."""
    for definition in variable.definitions:
        if definition.kind in VARIABLES:
            value = field(definition.node, "value")
            function = None if value is None else unwrap(value)
            if function is not None and function.type in FUNCTIONS:
                yield function
        elif definition.kind == "function" or (is_typescript and definition.kind in _SELF_CONTAINED):
            yield definition.node


def _is_first_name(definition: Definition) -> bool:
    """Whether it is the first name that the head of a loop declares."""
    left = field(definition.node, "left")
    first = None if left is None else next(targets(left), None)
    return first is not None and first.name == definition.name


def _is_exported(definition: Definition) -> bool:
    node: Node | None = definition.node
    if definition.kind == "parameter" or node is None:
        return False
    if node.type == "variable_declarator":
        node = node.parent
    parent = None if node is None else node.parent
    if parent is not None and parent.type == "ambient_declaration":
        parent = parent.parent
    return parent is not None and parent.type == "export_statement"


def _is_in_signature(infer: Node) -> bool:
    """Whether a type is inferred in the parameters of a function without a body, where a name documents the pattern."""
    return any(outer.type == "formal_parameters" and _has_no_body(outer) for outer in ancestors(infer))


def _has_no_body(parameters: Node) -> bool:
    return parameters.parent is not None and parameters.parent.type in _SIGNATURES


def _is_setter(function: Node) -> bool:
    return function.type == "method_definition" and child_token(function, "set") is not None


def _is_parameter_property(definition: Definition) -> bool:
    parameter = definition.parent
    return (
        parameter is not None
        and field(parameter, "pattern") == definition.name
        and any(
            child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in parameter.children
        )
    )


def _is_plain_parameter(definition: Definition) -> bool:
    """Whether the parameter is a mere name, without pattern or default."""
    name, parameter = definition.name, definition.parent
    if parameter is None or parameter == name:
        return parameter is not None
    return field(parameter, "pattern") == name and field(parameter, "value") is None


def _is_element(name: Node) -> bool:
    return name.parent is not None and name.parent.type == "array_pattern"


def _is_in_array_pattern(variable: Variable) -> bool:
    return _is_element(variable.definitions[0].name) or any(_is_element(r.identifier) for r in variable.references)


def _has_static_block(node: Node) -> bool:
    body = field(node, "body")
    return body is not None and child_token(body, "class_static_block") is not None


def _has_rest_sibling(name: Node) -> bool:
    """Whether the name takes a property out of the object whose rest is kept."""
    pattern = name.parent
    if pattern is not None and pattern.type == "pair_pattern":
        pattern = pattern.parent
    if pattern is None or pattern.type != "object_pattern":
        return False
    last = named(pattern)[-1]
    return last.type == "rest_pattern" and not contains(last, name)


def _is_taken_from_rest(name: Node) -> bool:
    """Whether a rest would get one property more without the name, which may have a default or a pattern around it."""
    for around in ancestors(name):
        if around.type == "object_pattern":
            last = named(around)[-1]
            if last.type == "rest_pattern" and not contains(last, name):
                return True
        elif around.type not in _WITHIN_PATTERN:
            return False
    return False


_WITHIN_PATTERN = frozenset({"array_pattern", "assignment_pattern", "object_assignment_pattern", "pair_pattern"})


def _exports_apart(scope: Scope) -> bool:
    """Whether the module lists what it exports, so that its other declarations are its own."""
    body = scope.node if scope.node.type in ("program", "statement_block") else field(scope.node, "body")
    statements: Iterable[Node] = () if body is None else named(body)
    return any(statement.type == "export_statement" and _lists_exports(statement) for statement in statements)


def _lists_exports(statement: Node) -> bool:
    if field(statement, "declaration") is not None or child_token(statement, "namespace") is not None:
        return False
    if child_token(statement, "default") is None:
        return True
    value = field(statement, "value")
    return value is not None and value.type == "identifier"
