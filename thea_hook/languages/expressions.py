"""Questions about expressions that a fix asks before it rewrites one: precedence, parentheses, neighbouring tokens.

The answers are those of ESLint's ``ast-utils``, on tree-sitter nodes. Unless said otherwise a function takes an
expression without the parentheses around it (``nodes.unwrap``).
"""

from __future__ import annotations

import re

from tree_sitter import Node

from thea_hook.languages.nodes import (
    FUNCTIONS,
    ancestors,
    child_token,
    field,
    is_parenthesized,
    operator,
    outermost,
    property_name,
    string_value,
    text,
    token_before,
    unwrap,
)

IDENTIFIERS = frozenset({"identifier", "undefined"})
MEMBERS = frozenset({"member_expression", "subscript_expression"})
LOGICAL_OPERATORS = frozenset({"&&", "||", "??"})
LOGICAL_ASSIGNMENTS = frozenset({"&&=", "||=", "??="})
ASSIGNMENTS = frozenset({"assignment_expression", "augmented_assignment_expression"})
FUNCTION_EXPRESSIONS = frozenset({"function_expression", "generator_function"})
STATEMENTS_WITH_TEST = frozenset({"if_statement", "while_statement", "do_statement", "for_statement"})

# ------------------------------------------------------------------ precedence

ASSIGNMENT = 1
CONDITIONAL = 3
OR = 4
UNARY = 16
CALL = 18
PRIMARY = 20
UNKNOWN = -1
"""Of a node that is no JavaScript expression, such as ``x as T``: take it to bind loosest, and parenthesise."""

OPERATOR_PRECEDENCE = {
    "||": OR,
    "??": OR,
    "&&": 5,
    "|": 6,
    "^": 7,
    "&": 8,
    **dict.fromkeys(("==", "!=", "===", "!=="), 9),
    **dict.fromkeys(("<", "<=", ">", ">=", "in", "instanceof"), 10),
    **dict.fromkeys(("<<", ">>", ">>>"), 11),
    **dict.fromkeys(("+", "-"), 12),
    **dict.fromkeys(("*", "/", "%"), 13),
    "**": 15,
}

_PRECEDENCE = {
    "sequence_expression": 0,
    "assignment_expression": ASSIGNMENT,
    "augmented_assignment_expression": ASSIGNMENT,
    "arrow_function": ASSIGNMENT,
    "yield_expression": ASSIGNMENT,
    "ternary_expression": CONDITIONAL,
    "unary_expression": UNARY,
    "await_expression": UNARY,
    "update_expression": 17,
    "call_expression": CALL,
    "new_expression": 19,
    "as_expression": UNKNOWN,
    "satisfies_expression": UNKNOWN,
    "non_null_expression": UNKNOWN,
    "type_assertion": UNKNOWN,
    "instantiation_expression": UNKNOWN,
}


def precedence(node: Node) -> int:
    """How tightly an expression binds: 0 for a sequence to 20 for a name or a literal."""
    kind = node.type
    if kind == "binary_expression":
        return OPERATOR_PRECEDENCE.get(operator(node), UNKNOWN)
    if kind == "call_expression" and is_tagged_template(node):
        return PRIMARY
    if kind in MEMBERS:
        return CALL if has_optional_chain(node) else PRIMARY
    return _PRECEDENCE.get(kind, PRIMARY)


def is_logical(node: Node) -> bool:
    """Whether the expression is an ``&&``, ``||`` or ``??``."""
    return node.type == "binary_expression" and operator(node) in LOGICAL_OPERATORS


def is_binary(node: Node) -> bool:
    """Whether the expression has a binary operator that always evaluates both sides."""
    return node.type == "binary_expression" and operator(node) not in LOGICAL_OPERATORS


def is_unary(node: Node, sign: str) -> bool:
    """Whether the expression is the unary operator ``sign`` and its argument."""
    return node.type == "unary_expression" and operator(node) == sign


def mixes_nullish_with_logical(one: Node, other: Node) -> bool:
    """Whether one is a ``??`` and the other a ``||`` or ``&&``, which the language wants parenthesised."""
    if not (is_logical(one) and is_logical(other)):
        return False
    return (operator(one) == "??") != (operator(other) == "??")


def is_tagged_template(node: Node) -> bool:
    """Whether a ``call_expression`` is a template with a tag."""
    arguments = field(node, "arguments")
    return arguments is not None and arguments.type == "template_string"


# ------------------------------------------------------------------ chains


def is_optional(node: Node) -> bool:
    """Whether a member or call has its own ``?.``."""
    return child_token(node, "optional_chain") is not None or child_token(node, "?.") is not None


def reads_property(node: Node, name: bytes) -> bool:
    """Whether the expression is ``object.name`` or ``object["name"]``; asked of every call, so it looks no further."""
    if node.type == "member_expression":
        key = node.child_by_field_name("property")
        return key is not None and key.text == name
    return node.type == "subscript_expression" and property_name(node) == name.decode()


def chain_object(node: Node) -> Node | None:
    """What a member, call or non-null expression is made on; None for other nodes."""
    kind = node.type
    if kind in MEMBERS:
        return field(node, "object")
    if kind == "call_expression":
        return field(node, "function")
    if kind == "non_null_expression":
        return next(iter(node.named_children), None)
    return None


def has_optional_chain(node: Node) -> bool:
    """Whether the expression can stop early at a ``?.``, which parentheses would end."""
    current: Node | None = node
    while current is not None:
        if current.type != "non_null_expression" and chain_object(current) is not None and is_optional(current):
            return True
        current = chain_object(current)
    return False


# ------------------------------------------------------------------ sameness


def is_same_reference(left: Node, right: Node, *, static_keys: bool = True) -> bool:
    """Whether two expressions name the same variable or property: ``a.b`` and ``(a)?.b``.

    ``static_keys``: ``a.b`` and ``a["b"]`` count as the same.
    """
    pending = [(left, right)]
    while pending:
        one, other = (unwrap(node) for node in pending.pop())
        if one.type in MEMBERS and other.type in MEMBERS:
            one_object, other_object = field(one, "object"), field(other, "object")
            if one_object is None or other_object is None:
                return False
            pending.append((one_object, other_object))
            keys = _key(one), _key(other)
            if keys[0] is None or keys[1] is None:
                return False
            is_private = any(key.type == "private_property_identifier" for key in keys if key is not None)
            name = property_name(one) if static_keys and not is_private else None
            if name is not None:
                if name != property_name(other):
                    return False
                continue
            if one.type != other.type:
                return False
            pending.append((keys[0], keys[1]))
        elif not _is_same_leaf(one, other):
            return False
    return True


def _key(member: Node) -> Node | None:
    return field(member, "property") or field(member, "index")


_NAMES = frozenset({*IDENTIFIERS, "property_identifier", "private_property_identifier", "this", "super"})


def _is_same_leaf(one: Node, other: Node) -> bool:
    kind = one.type
    if kind != other.type:
        return False
    if kind in _NAMES or kind in ("regex", "null", "true", "false"):
        return one.text == other.text
    if kind == "string":
        return string_value(one) == string_value(other)
    if kind == "number":
        from thea_hook.languages.strings import number_to_string

        return number_to_string(text(one)) == number_to_string(text(other))
    return False


# ------------------------------------------------------------------ parentheses


def parenthesized_text(node: Node) -> str:
    """The source text of a node with all parentheses around it."""
    return text(outermost(node))


def is_group(node: Node) -> bool:
    """Whether a ``parenthesized_expression`` is optional, not the parentheses of an ``if``, ``while``, ``switch``."""
    parent = node.parent
    if node.type != "parenthesized_expression" or parent is None:
        return False
    return parent.type not in _SYNTAX_PARENTHESES or _is_body(node, parent)


_SYNTAX_PARENTHESES = frozenset(
    {"if_statement", "while_statement", "do_statement", "switch_statement", "with_statement"}
)


def _is_body(node: Node, parent: Node) -> bool:
    body = field(parent, "body") or field(parent, "consequence")
    return body is not None and body.id == node.id


def has_group(node: Node) -> bool:
    """Whether the expression stands in parentheses of its own, not only in those of an ``if`` or a call."""
    parent = node.parent
    return parent is not None and is_group(parent)


def ends_in_type_operator(node: Node) -> bool:
    """Whether what the grammar takes as of the whole is of the last operand: ``a + b!``, ``a == b as C``."""
    parent = node.parent
    if parent is None or node.type != "binary_expression":
        return False
    is_equality = operator(node) in ("==", "!=", "===", "!==")
    return parent.type == "non_null_expression" or (
        is_equality and parent.type in ("as_expression", "satisfies_expression")
    )


def is_statement_start(node: Node) -> bool:
    """Whether an expression statement begins with this expression."""
    start = node.start_byte
    for ancestor in ancestors(node):
        if ancestor.start_byte != start:
            return False
        if ancestor.type == "expression_statement":
            return True
    return False


# ------------------------------------------------------------------ tokens

_WORD = re.compile(r"[\w$#\\\u200c\u200d]")
_NUMBER = re.compile(r"\.?\d")
_FIRST = re.compile(r"\+\+?|--?|[\w$#]{1,3}|\.\d|/.{1,2}|.", re.DOTALL)
_QUOTES = ("'", '"', "`", "${")


def can_be_adjacent(left: str, right: str) -> bool:
    """Whether two tokens keep their meaning when nothing stands between them."""
    left_kind, right_kind = _token_kind(left), _token_kind(right)
    if left_kind == "punctuator" or right_kind == "punctuator":
        if left_kind == right_kind:
            return not any(left in signs and right in signs for signs in (("+", "++"), ("-", "--")))
        return not (left == "/" and right_kind in ("comment", "regex"))
    if "quoted" in (left_kind, right_kind):
        return True
    if left_kind != "number" and right_kind == "number" and right.startswith("."):
        return True
    return right_kind == "comment" or left.startswith("/*") or right.startswith("#")


def _token_kind(token: str) -> str:
    if token.startswith(_QUOTES):
        return "quoted"
    if _NUMBER.match(token):
        return "number"
    if _WORD.match(token):
        return "word"
    if token.startswith(("//", "/*")):
        return "comment"
    if len(token) > 2 and token.startswith("/"):
        return "regex"
    return "punctuator"


def first_word(source: str) -> str:
    """The beginning of a source text, as much of its first token as tells what may stand before it."""
    match = _FIRST.match(source)
    return match[0] if match else source[:1]


def space_before(node: Node, new: str, root: Node | None = None) -> str:
    """The space that source text put in place of a node needs before it, or nothing.

    With the ``root`` of the tree it takes one look-up; without, a climb that is slow where many nodes begin together.
    """
    start = node.start_byte
    previous = root.descendant_for_byte_range(start - 1, start) if root and start else token_before(node)
    if previous is None or previous.end_byte != start or previous.type == "comment":
        return ""
    return "" if can_be_adjacent(text(previous), first_word(new)) else " "


_SEPARATORS = frozenset({":", ";", "{", "=>", "++", "--"})
_STATEMENTS_WITH_PARENTHESES = frozenset({*STATEMENTS_WITH_TEST, "for_in_statement", "with_statement"})
_STATEMENT_KEYWORDS = frozenset({"break", "continue", "debugger", "do", "else", "return", "yield"})
_FIELDS = frozenset({"field_definition", "public_field_definition"})
_TYPES = frozenset({"type_annotation", "type_alias_declaration", "import_alias", "import_require_clause"})
_STATEMENT_BOUNDS = frozenset({"statement_block", "class_body", "program"})


def needs_semicolon_before(node: Node) -> bool:
    """Whether text that begins with ``(``, ``[``, ``/`` or a backquote, put here, would continue the line above.

    Asked about a node at the start of an expression statement.
    """
    previous = token_before(node)
    if previous is None or previous.type in _SEPARATORS:
        return False
    parent = previous.parent
    if parent is None or _ends_a_type(previous) or _ends_a_field_name(previous, parent):
        return False
    kind = previous.type
    if kind == ")":
        owner = parent.parent if parent.type == "parenthesized_expression" else parent
        if owner is None or (parent.type == "parenthesized_expression" and is_group(parent)):
            return True
        return owner.type not in _STATEMENTS_WITH_PARENTHESES
    if kind == "}":
        owner = parent.parent
        if parent.type == "object":
            return True
        if owner is None:
            return False
        return (parent.type == "statement_block" and owner.type in FUNCTION_EXPRESSIONS) or (
            parent.type == "class_body" and owner.type == "class"
        )
    if kind == "string":
        return parent.type not in ("export_statement", "import_statement")
    if kind in _STATEMENT_KEYWORDS or kind == "statement_identifier":
        return False
    return not (parent.type == "variable_declarator" and field(parent, "value") is None)


def _ends_a_type(token: Node) -> bool:
    for ancestor in ancestors(token):
        if ancestor.type in _TYPES or ancestor.type == "function_signature":
            return True
        if ancestor.type in ("as_expression", "satisfies_expression"):
            # only its last part is a type
            return ancestor.end_byte == token.end_byte
        if ancestor.type in _STATEMENT_BOUNDS:
            break
    return False


def _ends_a_field_name(token: Node, parent: Node) -> bool:
    if parent.type in _FIELDS:
        return field(parent, "value") is None
    owner = parent.parent
    return parent.type == "computed_property_name" and owner is not None and owner.type in _FIELDS


def starts_function_or_class(node: Node) -> bool:
    """Whether an expression begins with ``function``, ``async function`` or ``class``."""
    current: Node | None = node
    while current is not None:
        if current.type in FUNCTION_EXPRESSIONS or current.type == "class":
            return True
        current = current.child(0) if current.child_count else None
    return False


def is_static_template(node: Node) -> bool:
    """Whether the node is a template without substitutions."""
    return node.type == "template_string" and child_token(node, "template_substitution") is None


def is_function(node: Node | None) -> bool:
    return node is not None and node.type in FUNCTIONS


def is_in_parentheses(node: Node) -> bool:
    """Whether a ``(`` and a ``)`` stand right around the expression, whatever they are for."""
    if is_parenthesized(node):
        return True
    previous, following = node.prev_sibling, node.next_sibling
    return previous is not None and following is not None and previous.type == "(" and following.type == ")"


def elements(node: Node) -> list[Node | None]:
    """The elements of an array or array pattern, None for a hole."""
    found: list[Node | None] = []
    current: Node | None = None
    for child in node.children:
        if child.type == ",":
            found.append(current)
            current = None
        elif child.is_named and child.type != "comment":
            current = child
    return [*found, current] if current is not None else found


def constant_string(node: Node) -> str | None:
    """The string that a literal, or a sum of string literals, evaluates to."""
    parts: list[str] = []
    stack = [node]
    while stack:
        current = unwrap(stack.pop())
        left, right = field(current, "left"), field(current, "right")
        if current.type == "binary_expression" and operator(current) == "+" and left and right:
            stack += [right, left]
            continue
        value = string_value(current)
        if value is None:
            return None
        parts.append(value)
    return "".join(parts)
