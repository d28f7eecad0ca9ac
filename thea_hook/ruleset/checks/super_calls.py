"""Edits that call ``super()`` first."""

from __future__ import annotations

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.languages.branches import has_comment
from thea_hook.languages.functions import arguments_of, class_of, is_constructor, statements, super_class
from thea_hook.languages.layout import begins_line, ends_with_semicolons, margin, newline, without
from thea_hook.languages.nodes import child_token, descend, field, insert, named, span, text
from thea_hook.ruleset.context import Context


def with_super_first(method: Node, context: Context) -> tuple[Edit, ...]:
    """Call ``super()`` before anything else; none where the parent may want arguments and nothing says which."""
    body = field(method, "body")
    given = _arguments(method, context)
    if body is None or given is None or any(one.type == "super" for one in descend(body)):
        return ()
    call = f"super({given}){';' if ends_with_semicolons(context.text) else ''}"
    inside = statements(body)
    if not inside:
        opening = child_token(body, "{")
        return () if opening is None or has_comment(body) else (insert(opening.end_byte, f" {call} "),)
    first = next((one for one in body.children if one.is_named), inside[0])
    if not begins_line(context.text, first.start_byte):
        return (insert(first.start_byte, f"{call} "),) if call.endswith(";") else ()
    return (insert(first.start_byte, f"{call}{newline(context.text)}{margin(context.text, first.start_byte)}"),)


def _arguments(method: Node, context: Context) -> str | None:
    """What the constructor hands to its parent's: the parameters of the same names. None where that is not known."""
    class_node = class_of(method)
    parent = super_class(class_node) if class_node is not None else None
    own = _names(method)
    if parent is None or own is None:
        return None
    variable = context.scopes.lookup(text(parent), method) if parent.type == "identifier" else None
    known = variable.definitions[0].node if variable is not None and variable.definitions else None
    if known is None or field(known, "body") is None or "class" not in known.type:
        return "" if not own else None
    members = named(field(known, "body") or known)
    theirs = next((one for one in members if one.type == "method_definition" and is_constructor(one)), None)
    if theirs is None:
        return "" if super_class(known) is None or not own else None
    wanted = _names(theirs)
    return ", ".join(wanted) if wanted is not None and set(wanted) <= set(own) else None


def _names(method: Node) -> list[str] | None:
    """The parameters of a constructor; None where one is more than a name."""
    parameters = field(method, "parameters")
    names = []
    for parameter in named(parameters) if parameters is not None else ():
        name = field(parameter, "pattern") or field(parameter, "left") or parameter
        if name.type != "identifier":
            return None
        names.append(text(name))
    return names


def moved_first(method: Node, context: Context) -> tuple[Edit, ...]:
    """Move the only ``super()`` call to the beginning, where it needs nothing that the constructor has worked out."""
    body = field(method, "body")
    inside = statements(body) if body is not None else []
    calls = [one for one in inside if _is_super_call(one)]
    if body is None or len(calls) != 1 or calls[0] == inside[0] or has_comment(calls[0]):
        return ()
    supers = [one for one in descend(body) if one.type == "super"]
    if sum(one.parent is not None and one.parent.type == "call_expression" for one in supers) != 1:
        return ()
    call, source = calls[0], context.text
    above = inside[: inside.index(call)]
    if any(_is_needed(node, above, context) for node in descend(call)):
        return ()
    first = next((one for one in body.children if one.is_named), inside[0])
    written = text(call)
    if not begins_line(source, first.start_byte) or not begins_line(source, call.start_byte):
        if not written.endswith(";"):
            return ()
        return (insert(inside[0].start_byte, f"{written} "), without(span(call), source))
    moved = f"{written}{newline(source)}{margin(source, first.start_byte)}"
    return (insert(first.start_byte, moved), without(span(call), source))


def _is_super_call(statement: Node) -> bool:
    call = named(statement)[0] if statement.type == "expression_statement" else None
    callee = field(call, "function") if call is not None and call.type == "call_expression" else None
    return callee is not None and callee.type == "super" and call is not None and arguments_of(call) is not None


def _is_needed(node: Node, above: list[Node], context: Context) -> bool:
    """Whether an argument of the call is ``this``, or a variable that the statements above it declare or change."""
    if node.type == "this":
        return True
    if node.type not in ("identifier", "shorthand_property_identifier"):
        return False
    variable = context.scopes.lookup(text(node), node)
    if variable is None:
        return False
    places = [one.name for one in variable.definitions]
    places += [one.identifier for one in variable.references if one.is_write]
    return any(one.start_byte <= place.start_byte < one.end_byte for one in above for place in places)
