"""Edits that say ``this`` where it has another name, and make arrow functions of the functions between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thea_hook.languages.nodes import FUNCTIONS, ancestors, field, replace, text
from thea_hook.ruleset.checks.callbacks import as_arrow_callback
from thea_hook.ruleset.checks.statement_edits import has_comment_by, without_declarator

if TYPE_CHECKING:
    from tree_sitter import Node

    from thea_hook.core.finding import Edit
    from thea_hook.ruleset.context import Context

# What has a `this` of its own.
_OWN_THIS = (FUNCTIONS - {"arrow_function"}) | {
    "class",
    "class_declaration",
    "class_static_block",
    "class_body",
    "program",
}


def without_alias(declarator: Node, context: Context) -> tuple[Edit, ...]:
    """The edits that do without a variable for ``this``; nothing where one function that uses it must stay as it is."""
    name, declaration = field(declarator, "name"), declarator.parent
    variable = None if name is None or name.type != "identifier" else context.scopes.variable_at(name)
    if (
        variable is None
        or declaration is None
        or len(variable.definitions) != 1
        or has_comment_by(declaration, context)
    ):
        return ()
    if declaration.parent is None or declaration.parent.type not in ("program", "statement_block"):
        return ()
    home = next((one for one in ancestors(declarator) if one.type in _OWN_THIS), None)
    functions: dict[int, Node] = {}
    edits = []
    for reference in variable.references:
        if reference.is_init:
            continue
        use = reference.identifier
        if (
            reference.is_write
            or not reference.is_value
            or use.type not in ("identifier", "shorthand_property_identifier")
        ):
            return ()
        for outer in ancestors(use):
            if outer == home:
                break
            if outer.type in _OWN_THIS:
                functions[outer.id] = outer
        edits.append(replace(use, "this" if use.type == "identifier" else f"{text(use)}: this"))
    if not edits:
        return ()
    for function in functions.values():
        arrow = as_arrow_callback(function, context)
        if not arrow:
            return ()
        edits += arrow
    return (*without_declarator(declarator, context), *edits)
