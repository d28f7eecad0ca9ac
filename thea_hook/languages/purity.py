"""Which expressions can go, or be asked twice, without anybody noticing."""

from __future__ import annotations

import re

from tree_sitter import Node

from thea_hook.languages.expressions import MEMBERS, is_tagged_template
from thea_hook.languages.functions import arguments_of, callee_of
from thea_hook.languages.nodes import FUNCTIONS, descend, field, operator, property_name, text, unwrap

_EFFECTS = frozenset({
    "assignment_expression", "augmented_assignment_expression", "update_expression", "await_expression",
    "yield_expression",
})  # fmt: skip

# Built-in functions and methods that only answer.
_OBJECTS = frozenset({"Array", "Boolean", "JSON", "Math", "Number", "Object", "String", "Symbol", "path", "util"})
_FUNCTIONS = frozenset(
    {
        "Boolean",
        "Number",
        "String",
        "decodeURIComponent",
        "encodeURIComponent",
        "isFinite",
        "isNaN",
        "parseFloat",
        "parseInt",
    }
)
_CHANGING = frozenset({"assign", "defineProperties", "defineProperty", "freeze", "seal", "setPrototypeOf"})
_CLASSES = frozenset({"Array", "Date", "Error", "Map", "Object", "RegExp", "Set", "URL"})
_METHODS = frozenset(
    "at charAt charCodeAt codePointAt concat endsWith entries getTime has hasOwnProperty includes indexOf "
    "isPrototypeOf join keys lastIndexOf localeCompare padEnd padStart repeat slice startsWith substr substring "
    "toFixed toISOString toLocaleString toLowerCase toString toUpperCase trim trimEnd trimStart values valueOf".split()
)  # fmt: skip
_ANSWERING = re.compile(
    r"(?:get|is|has|format|to|inspect|stringify|describe|pretty|print(?=able)|relative|resolve(?=Path))(?:[A-Z]\w*)?"
)
_COLORS = re.compile(r"(?:chalk|colors?|picocolors|pc|kleur|ansi\w*|styles?|util|path)\b")


def is_pure(expression: Node) -> bool:
    """Whether evaluating the expression changes nothing, as far as it can be read: getters count as properties."""
    return not _has_any_effect(expression, is_guess=False)


def is_likely_pure(expression: Node) -> bool:
    """The same where functions do what their names say: ``getName()`` and ``chalk.red()`` change nothing."""
    return not _has_any_effect(expression, is_guess=True)


def _has_any_effect(expression: Node, *, is_guess: bool) -> bool:
    if expression.type in FUNCTIONS:
        return False
    return any(_has_effect(node, is_guess=is_guess) for node in descend(expression, FUNCTIONS))


def _has_effect(node: Node, *, is_guess: bool) -> bool:
    kind = node.type
    if kind in _EFFECTS or (kind == "unary_expression" and operator(node) == "delete"):
        return True
    if kind == "new_expression":
        callee = callee_of(node)
        return callee is None or text(callee) not in _CLASSES
    if kind != "call_expression":
        return False
    if is_tagged_template(node):
        return not (is_guess and _COLORS.match(text(node)))
    callee = callee_of(node)
    return (
        callee is None
        or _runs_functions(node)
        or not (_only_answers(callee) or (is_guess and _sounds_harmless(callee)))
    )


def _runs_functions(call: Node) -> bool:
    """Whether a callback is passed that is more than an expression without effect."""
    callbacks = [unwrap(one) for one in arguments_of(call) if unwrap(one).type in FUNCTIONS]
    bodies = [field(one, "body") for one in callbacks]
    return any(body is None or body.type == "statement_block" or not is_pure(body) for body in bodies)


def _only_answers(callee: Node) -> bool:
    if callee.type == "identifier":
        return text(callee) in _FUNCTIONS
    if callee.type not in MEMBERS:
        return False
    owner, name = field(callee, "object"), property_name(callee) or ""
    if owner is not None and unwrap(owner).type == "identifier" and text(unwrap(owner)) in _OBJECTS:
        return name not in _CHANGING
    return name in _METHODS


def _sounds_harmless(callee: Node) -> bool:
    if callee.type == "identifier":
        return _ANSWERING.fullmatch(text(callee)) is not None
    name = property_name(callee) if callee.type in MEMBERS else None
    if name is None:
        return False
    return (
        _ANSWERING.fullmatch(name) is not None
        or name in ("map", "filter", "find", "reduce", "flatMap", "every", "some", "now", "sort")
        or _COLORS.match(text(callee)) is not None
    )


def is_settled(target: Node) -> bool:
    """Whether the expression is a variable or a property that is found without calling anything: it can be repeated."""
    target = unwrap(target)
    while target.type in MEMBERS:
        index, owner = field(target, "index"), field(target, "object")
        if owner is None or (index is not None and unwrap(index).type not in ("identifier", "string", "number")):
            return False
        target = unwrap(owner)
    return target.type in ("identifier", "this", "super")


def changes(node: Node, name: bytes) -> bool:
    """Whether anything below the node assigns a variable of this name."""
    for one in descend(node):
        if one.type in ("assignment_expression", "augmented_assignment_expression"):
            target = field(one, "left")
        elif one.type == "update_expression":
            target = field(one, "argument")
        else:
            continue
        targets = descend(target) if target is not None and target.type not in MEMBERS else ()
        if any(part.type in _NAMES and part.text == name for part in targets):
            return True
    return False


_NAMES = frozenset({"identifier", "shorthand_property_identifier_pattern"})
