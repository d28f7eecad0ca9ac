"""What entering and leaving a syntax node does to the state of its code path."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from thea_hook.languages.codepath import ChoiceKind, LoopKind, PathState
from thea_hook.languages.nodes import CASES, FUNCTIONS

LOOPS: dict[str, LoopKind] = {
    "while_statement": "while",
    "do_statement": "do",
    "for_statement": "for",
    "for_in_statement": "for-in",
}

_FIELDS = frozenset({"field_definition", "public_field_definition"})
_SHORT_CUTS: dict[str, ChoiceKind] = {"&&": "&&", "||": "||", "??": "??", "&&=": "&&", "||=": "||", "??=": "??"}
_DEFAULTS = frozenset({"assignment_pattern", "object_assignment_pattern", "required_parameter", "optional_parameter"})
_CHAINABLE = frozenset({"call_expression", "member_expression", "non_null_expression", "subscript_expression"})
_BREAKABLE = frozenset({*LOOPS, "switch_statement"})

# Children of these, in these fields (None: in any), are names and not references.
_NAMES: dict[str, str | None] = {
    "array_pattern": None,
    "rest_pattern": None,
    "import_specifier": None,
    "import_clause": None,
    "namespace_import": None,
    "catch_clause": "parameter",
    "class_declaration": "name",
    "class": "name",
    "abstract_class_declaration": "name",
    "variable_declarator": "name",
    "pair": "key",
    "pair_pattern": "key",
    "field_definition": "property",
    "public_field_definition": "name",
    "method_definition": "name",
    "jsx_opening_element": "name",
    "jsx_closing_element": "name",
    "jsx_self_closing_element": "name",
}
_THROWING = frozenset({"call_expression", "member_expression", "subscript_expression", "new_expression"})


class Frame:
    """A node that has been entered and not left. ``parent`` and ``role`` look past transparent wrappers."""

    __slots__ = ("chain", "children", "kind", "node", "operator", "optional", "parent", "role", "transparent")

    def __init__(self, node: Node, kind: str, parent: Frame | None, role: str | None, transparent: bool) -> None:
        self.node = node
        self.kind = kind
        self.parent = parent
        self.role = role
        self.transparent = transparent
        self.children = 0  # cases of a switch, statements of a case, default values of a pattern
        self.operator: ChoiceKind | None = None  # of a logical expression
        self.optional = False
        self.chain = False  # the outermost node of an optional chain


def is_own_path(frame: Frame) -> bool:
    """Whether the code below is not run here but when something is called or created."""
    if frame.kind in FUNCTIONS:
        return frame.kind != "method_definition"
    if frame.kind == "class_static_block":
        return True
    return frame.role == "value" and frame.parent is not None and frame.parent.kind in _FIELDS


def is_field_value(node: Node, parent: Node) -> bool:
    """Whether the node is the initialiser of a class field."""
    return parent.type in _FIELDS and parent.child_by_field_name("value") == node


def has_arguments(arguments: Node | None) -> bool:
    return arguments is not None and any(child.is_named and child.type != "comment" for child in arguments.children)


def is_name(frame: Frame) -> bool:
    parent = frame.parent
    if parent is None:
        return False
    if parent.kind in _NAMES:
        field = _NAMES[parent.kind]
        return field is None or field == frame.role
    if parent.kind == "for_in_statement" and frame.role == "left":
        return parent.node.child_by_field_name("kind") is not None
    return parent.kind in FUNCTIONS and frame.role == "name"


def repeated_loop(frame: Frame) -> Node | None:
    """The loop of whose iterations the frame's node is the first thing."""
    parent = frame.parent
    if parent is None or parent.kind not in LOOPS:
        return None
    first = {"while_statement": "condition", "do_statement": "body", "for_in_statement": "left"}.get(parent.kind)
    if first is None:
        first = "body"
        for role in ("increment", "condition"):
            part = parent.node.child_by_field_name(role)
            if part is not None and part.is_named and part.type != "empty_statement":
                first = role
                break
    return parent.node if frame.role == first else None


# What the state is told before a child of these kinds is entered


def _before_right_operand(state: PathState, parent: Frame, child: Frame) -> None:
    if parent.operator is not None and child.role == "right":
        state.start_right_operand()


def _before_branch(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role == "consequence":
        state.start_consequent()
    elif child.role == "alternative":
        state.start_alternate()


def _before_property(state: PathState, parent: Frame, child: Frame) -> None:
    if parent.optional and child.role in ("property", "index"):
        state.start_optional_rest()


def _before_case_statement(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role == "body":
        parent.children += 1
        if parent.children == 1:
            state.start_case_body(empty=False, default=parent.kind == "switch_default")


def _before_handler(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role == "handler":
        state.start_catch()
    elif child.role == "finalizer":
        state.start_finally()


def _before_while_part(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role == "condition":
        state.start_while_test(_constant(child.node))
    elif child.role == "body":
        state.start_while_body()


def _before_do_part(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role == "body":
        state.start_do_body()
    elif child.role == "condition":
        state.start_do_test(_constant(child.node))


def _before_for_part(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role == "condition":
        state.start_for_test(_constant(child.node))
    elif child.role == "increment":
        state.start_for_update()
    elif child.role == "body":
        state.start_for_body()


def _before_for_in_part(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role == "left":
        state.start_for_in_left()
    elif child.role == "right":
        state.start_for_in_right()
    elif child.role == "body":
        state.start_for_in_body()


def _before_default(state: PathState, parent: Frame, child: Frame) -> None:
    if child.role in ("right", "value") and not parent.children:
        parent.children = 1
        state.start_default_value()


BEFORE_CHILD: dict[str, Callable[[PathState, Frame, Frame], None]] = {
    "binary_expression": _before_right_operand,
    "augmented_assignment_expression": _before_right_operand,
    "if_statement": _before_branch,
    "ternary_expression": _before_branch,
    "member_expression": _before_property,
    "subscript_expression": _before_property,
    "switch_case": _before_case_statement,
    "switch_default": _before_case_statement,
    "try_statement": _before_handler,
    "while_statement": _before_while_part,
    "do_statement": _before_do_part,
    "for_statement": _before_for_part,
    "for_in_statement": _before_for_in_part,
    **dict.fromkeys(_DEFAULTS, _before_default),
}


def _constant(test: Node) -> bool | None:
    """The truth of a literal; only those make a loop endless."""
    kind = test.type
    if kind in ("true", "regex"):
        return True
    if kind in ("false", "null"):
        return False
    if kind == "string":
        return test.end_byte - test.start_byte > 2
    if kind == "number":
        text = (test.text or b"").lower().replace(b"_", b"").rstrip(b"n")
        if text[:2] in (b"0x", b"0o", b"0b"):
            return text[2:].strip(b"0") != b""
        return text.partition(b"e")[0].strip(b"0.") != b""
    return None


# What the state is told when a node of these kinds is entered or left


def _is_choice(frame: Frame) -> bool:
    """Whether the frame's value decides which way its parent takes."""
    parent = frame.parent
    if parent is None:
        return False
    if parent.kind in ("ternary_expression", "if_statement", "while_statement", "do_statement", "for_statement"):
        return frame.role == "condition"
    return parent.operator is not None


def _enter_logical(state: PathState, frame: Frame, above: Frame | None) -> None:
    operator = frame.node.child_by_field_name("operator")
    frame.operator = _SHORT_CUTS.get(operator.type) if operator is not None else None
    if frame.operator is not None:
        state.push_choice(frame.operator, _is_choice(frame))


def _enter_test(state: PathState, frame: Frame, above: Frame | None) -> None:
    state.push_choice("test", False)


def _label_of(frame: Frame) -> bytes | None:
    parent = frame.parent
    if parent is None or parent.kind != "labeled_statement":
        return None
    return _label(parent.node)


def _label(node: Node) -> bytes | None:
    label = node.child_by_field_name("label")
    return label.text if label is not None else None


def _enter_switch(state: PathState, frame: Frame, above: Frame | None) -> None:
    body = frame.node.child_by_field_name("body")
    has_case = body is not None and any(child.type == "switch_case" for child in body.named_children)
    state.push_switch(has_case, _label_of(frame))


def _enter_case(state: PathState, frame: Frame, above: Frame | None) -> None:
    if frame.parent is not None:
        frame.parent.children += 1
        if frame.parent.children > 1:
            state.fork_path()


def _enter_try(state: PathState, frame: Frame, above: Frame | None) -> None:
    state.push_try(frame.node.child_by_field_name("finalizer") is not None)


def _enter_loop(state: PathState, frame: Frame, above: Frame | None) -> None:
    state.push_loop(LOOPS[frame.kind], _label_of(frame))


def _enter_labeled(state: PathState, frame: Frame, above: Frame | None) -> None:
    body = frame.node.child_by_field_name("body")
    if body is None or body.type not in _BREAKABLE:
        state.push_break(False, _label(frame.node))


def _enter_chainable(state: PathState, frame: Frame, above: Frame | None) -> None:
    continued = above is not None and above.kind in _CHAINABLE and frame.role in ("object", "function", None)
    if not continued and _has_optional_link(frame.node):
        frame.chain = True
        state.push_chain()
    if frame.node.child_by_field_name("optional_chain") is not None:
        frame.optional = True
        state.open_optional()


def _has_optional_link(node: Node) -> bool:
    link: Node | None = node
    while link is not None and link.type in _CHAINABLE:
        if link.child_by_field_name("optional_chain") is not None:
            return True
        if link.type == "non_null_expression":
            link = link.named_children[0] if link.named_children else None
        else:
            link = link.child_by_field_name("function" if link.type == "call_expression" else "object")
    return False


ENTER: dict[str, Callable[[PathState, Frame, Frame | None], None]] = {
    **dict.fromkeys(_CHAINABLE, _enter_chainable),
    **dict.fromkeys(LOOPS, _enter_loop),
    **dict.fromkeys(CASES, _enter_case),
    "binary_expression": _enter_logical,
    "augmented_assignment_expression": _enter_logical,
    "if_statement": _enter_test,
    "ternary_expression": _enter_test,
    "switch_statement": _enter_switch,
    "try_statement": _enter_try,
    "labeled_statement": _enter_labeled,
}


def _leave_logical(state: PathState, frame: Frame) -> None:
    if frame.operator is not None:
        state.pop_choice()


def _leave_case(state: PathState, frame: Frame) -> None:
    if frame.children == 0:
        state.start_case_body(empty=True, default=frame.kind == "switch_default")


def _leave_labeled(state: PathState, frame: Frame) -> None:
    body = frame.node.child_by_field_name("body")
    if body is None or body.type not in _BREAKABLE:
        state.pop_break()


def _leave_default(state: PathState, frame: Frame) -> None:
    if frame.children:
        state.pop_fork()


LEAVE: dict[str, Callable[[PathState, Frame], object]] = {
    **dict.fromkeys(_THROWING, lambda state, frame: state.first_throw()),
    **dict.fromkeys(LOOPS, lambda state, frame: state.pop_loop()),
    **dict.fromkeys(CASES, _leave_case),
    **dict.fromkeys(("if_statement", "ternary_expression"), lambda state, frame: state.pop_choice()),
    **dict.fromkeys(("binary_expression", "augmented_assignment_expression"), _leave_logical),
    **dict.fromkeys(_DEFAULTS, _leave_default),
    "yield_expression": lambda state, frame: state.make_yield(),
    "switch_statement": lambda state, frame: state.pop_switch(),
    "try_statement": lambda state, frame: state.pop_try(),
    "labeled_statement": _leave_labeled,
}

JUMPS: dict[str, Callable[[PathState, Node], None]] = {
    "break_statement": lambda state, node: state.make_break(_label(node)),
    "continue_statement": lambda state, node: state.make_continue(_label(node)),
    "return_statement": lambda state, node: state.make_return(),
    "throw_statement": lambda state, node: state.make_throw(),
}
