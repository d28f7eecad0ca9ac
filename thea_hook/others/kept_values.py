"""What is left of a variable that nobody uses, where the call that gave it its value may do something."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.grammars import module_of
from thea_hook.languages.nodes import field, named
from thea_hook.languages.purity import is_likely_pure

TITLE = "Keep the call, without the variable"

_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})
_BLOCKS = frozenset({"program", "statement_block"})
# What a statement may begin with and still be what it was as a value, whatever the line above ends with.
_BEGINNINGS = frozenset({"call_expression", "new_expression", "await_expression"})
_BRACKETS = (b"(", b"[", b"`", b"{", b"/")


def kept_value(file: SourceFile, where: Span) -> tuple[Edit, ...]:
    """The edit that makes ``const a = load();`` the statement ``load();``, nothing where there is no such variable."""
    name = module_of(file).root.descendant_for_byte_range(where.start, where.start)
    declarator = name.parent if name is not None and name.type == "identifier" else None
    declaration = declarator.parent if declarator is not None else None
    if declarator is None or declaration is None or declaration.type not in _DECLARATIONS:
        return ()
    value = field(declarator, "value")
    if value is None or field(declarator, "name") != name or not _is_alone(declarator, declaration):
        return ()
    if value.type not in _BEGINNINGS or (value.text or b"").startswith(_BRACKETS) or is_likely_pure(value):
        return ()
    return (Edit(Span(declaration.start_byte, value.start_byte), b""),)


def _is_alone(declarator: Node, declaration: Node) -> bool:
    """Whether nothing else is declared with it, in a place where a statement may stand instead."""
    is_statement = declaration.parent is not None and declaration.parent.type in _BLOCKS
    return is_statement and [one for one in named(declaration) if one.type == declarator.type] == [declarator]
