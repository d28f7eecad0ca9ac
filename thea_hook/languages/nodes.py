"""Questions about tree-sitter nodes that many rules ask.

Where ESTree has no node for parentheses, tree-sitter has ``parenthesized_expression``: ``unwrap`` goes inward past
them, ``outermost`` outward. Tokens are leaves of the tree that are not comments.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from thea_hook.core.finding import Edit
from thea_hook.core.source import Span
from thea_hook.languages.grammars import CASES, STATEMENT_LISTS, ancestors

__all__ = ["CASES", "STATEMENT_LISTS", "ancestors"]

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)
CLASSES = frozenset({"class", "class_declaration", "abstract_class_declaration"})
LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
COMMENTS = frozenset({"comment", "html_comment"})

# Expressions that change nothing but the type: `x as T`, `x satisfies T`, `x!`, `<T>x`.
TYPE_WRAPPERS = frozenset({"as_expression", "satisfies_expression", "non_null_expression", "type_assertion"})

# Leaves that tree-sitter splits further but that are one token to a reader.
_TOKENS = frozenset({"string", "regex", "template_string"})


def text(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "surrogateescape")


def span(node: Node) -> Span:
    """Where a node lies."""
    return Span(node.start_byte, _end(node))


def between(first: Node, last: Node) -> Span:
    """From the start of one node to the end of another."""
    return Span(first.start_byte, _end(last))


def _end(node: Node) -> int:
    """Where a node ends; a comment after a statement without semicolon is part of it only to tree-sitter."""
    end = node.end_byte
    while end > node.start_byte:
        leaf = node.descendant_for_byte_range(end - 1, end)
        if leaf is None or leaf.type not in COMMENTS or leaf.start_byte <= node.start_byte:
            break
        before = leaf.prev_sibling
        while before is not None and before.end_byte == before.start_byte:
            before = before.prev_sibling
        if before is None or before.start_byte < node.start_byte:
            return last_token(node).end_byte
        end = before.end_byte
    return end


def braces(node: Node) -> Span:
    """From the start of a block to its ``}``: the grammar puts a comment after a block inside the block."""
    closing = next((child for child in reversed(node.children) if child.type == "}"), node)
    return Span(node.start_byte, closing.end_byte)


def closing_token(statement: Node) -> Node:
    """The last token of a statement; for one that ends with a block its ``}``, not the comment after it."""
    last = statement
    while last.child_count and last.type not in _TOKENS:
        children = [c for c in last.children if c.type not in COMMENTS and c.end_byte > c.start_byte]
        if last.type == "statement_block":
            children = [child for child in children if child.type == "}"]
        if not children:
            break
        last = children[-1]
    return last


def statement_span(statement: Node) -> Span:
    """Where a statement lies, without a comment that the grammar takes into its last block."""
    return Span(statement.start_byte, closing_token(statement).end_byte)


def is_empty_block(node: Node) -> bool:
    """Whether nothing stands between the braces of a block, not even a comment."""
    children = node.children
    return len(children) > 1 and children[1].type == "}"


# ------------------------------------------------------------------ edits


def replace(where: Node | Span, new: str) -> Edit:
    return Edit(span(where) if isinstance(where, Node) else where, new.encode("utf-8", "surrogateescape"))


def remove(where: Node | Span) -> Edit:
    return replace(where, "")


def insert(offset: int, new: str) -> Edit:
    return replace(Span(offset, offset), new)


def alone_in(where: Node | Span, *edits: Edit) -> tuple[Edit, ...]:
    """The edits, with which no other fix that touches ``where`` is made in the same pass."""
    start, end = span(where) if isinstance(where, Node) else where
    return (insert(start, ""), *edits, insert(end, ""))


def whole_lines(source: bytes, where: Span) -> Span:
    """A span widened to the lines it fills, so that removing it leaves no empty line; the span itself otherwise."""
    start = source.rfind(b"\n", 0, where.start) + 1
    end = source.find(b"\n", where.end) + 1 or len(source)
    if source[start : where.start].strip() or source[where.end : end].strip():
        return where
    return Span(start, end)


# ------------------------------------------------------------------ family


def field(node: Node, name: str) -> Node | None:
    """The child in a field of the grammar, or None."""
    return node.child_by_field_name(name)


def named(node: Node) -> list[Node]:
    """Named children that are not comments."""
    return [child for child in node.named_children if child.type not in COMMENTS]


def unwrap(node: Node) -> Node:
    """The expression inside any parentheses; a parenthesised sequence is its ``sequence_expression``."""
    while node.type == "parenthesized_expression":
        inner = named(node)
        if not inner:
            return node
        node = inner[0]
    return node


def unwrap_types(node: Node) -> Node:
    """The expression inside parentheses, assertions and non-null marks."""
    while True:
        node = unwrap(node)
        if node.type not in TYPE_WRAPPERS:
            return node
        # `<T>x` keeps its expression last, the others first
        inner = named(node)
        node = inner[-1] if node.type == "type_assertion" else inner[0]


def outermost(node: Node) -> Node:
    """The node with all parentheses around it."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        node, parent = parent, parent.parent
    return node


def parent_expression(node: Node) -> Node | None:
    """The parent, past any parentheses."""
    return outermost(node).parent


def enclosing(node: Node, kinds: frozenset[str]) -> Node | None:
    """The nearest ancestor of one of these kinds."""
    return next((ancestor for ancestor in ancestors(node) if ancestor.type in kinds), None)


def enclosing_function(node: Node) -> Node | None:
    return enclosing(node, FUNCTIONS)


def is_parenthesized(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "parenthesized_expression"


def contains(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def descend(node: Node, skip: frozenset[str] = frozenset()) -> Iterator[Node]:
    """A node and everything below it, in order, without recursion; nodes of a kind in ``skip`` are not entered."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if current is node or current.type not in skip:
            stack.extend(reversed(current.children))


# ------------------------------------------------------------------ tokens


def tokens(node: Node) -> Iterator[Node]:
    """The tokens of a node, in order, without comments."""
    stack = [node]
    while stack:
        current = stack.pop()
        kind = current.type
        if kind in COMMENTS:
            continue
        if current.child_count and kind not in _TOKENS:
            stack.extend(reversed(current.children))
        elif current.end_byte > current.start_byte:
            yield current


def same_tokens(left: Node, right: Node) -> bool:
    """Whether two nodes read the same but for white space and comments."""
    return [token.text for token in tokens(left)] == [token.text for token in tokens(right)]


def first_token(node: Node) -> Node:
    return next(tokens(node), node)


def last_token(node: Node) -> Node:
    """The last token of a node."""
    current = node
    while current.child_count and current.type not in _TOKENS:
        child = next(
            (c for c in reversed(current.children) if c.type not in COMMENTS and c.end_byte > c.start_byte), None
        )
        if child is None:
            break
        current = child
    return current


def token_before(node: Node) -> Node | None:
    """The token before a node, past comments."""
    current: Node | None = node
    while current is not None:
        sibling = current.prev_sibling
        while sibling is not None and (sibling.type in COMMENTS or sibling.end_byte == sibling.start_byte):
            sibling = sibling.prev_sibling
        if sibling is not None:
            return last_token(sibling)
        current = current.parent
    return None


def token_after(node: Node) -> Node | None:
    """The token after a node, past comments."""
    current: Node | None = node
    while current is not None:
        sibling = current.next_sibling
        while sibling is not None and (sibling.type in COMMENTS or sibling.end_byte == sibling.start_byte):
            sibling = sibling.next_sibling
        if sibling is not None:
            return first_token(sibling)
        current = current.parent
    return None


def child_token(node: Node, kind: str) -> Node | None:
    """The first direct child that is this token or node kind: ``child_token(if_statement, "if")``."""
    return next((child for child in node.children if child.type == kind), None)


def operator(node: Node) -> str:
    """The operator of a binary, logical, unary, update or assignment expression; ``=`` for a plain assignment."""
    token = node.child_by_field_name("operator")
    return text(token) if token is not None else "="


# ------------------------------------------------------------------ literals and names

LITERALS = frozenset({"string", "number", "true", "false", "null", "regex"})


def string_value(node: Node) -> str | None:
    """The value of a string literal, or of a template without substitutions; None for anything else.

    Escapes are decoded by ``languages.strings`` only where there are any.
    """
    if node.type == "template_string" and any(child.type == "template_substitution" for child in node.children):
        return None
    if node.type not in ("string", "template_string"):
        return None
    raw = text(node)[1:-1]
    if "\\" not in raw:
        return raw
    from thea_hook.languages.strings import cooked

    return cooked(raw)


def property_name(node: Node) -> str | None:
    """The name a property, member or key is known by before the program runs; None where it is computed.

    Takes a ``member_expression``, ``subscript_expression``, ``pair``, ``method_definition``, field definition,
    ``pair_pattern``, or the key node itself.
    """
    kind = node.type
    if kind == "member_expression":
        key = node.child_by_field_name("property")
    elif kind == "subscript_expression":
        key = node.child_by_field_name("index")
        return None if key is None else _computed_name(key)
    elif kind in ("pair", "pair_pattern"):
        key = node.child_by_field_name("key")
    elif kind in ("method_definition", "method_signature", "abstract_method_signature", "public_field_definition"):
        key = node.child_by_field_name("name")
    elif kind == "field_definition":
        key = node.child_by_field_name("property")
    else:
        key = node
    if key is None:
        return None
    if key.type == "computed_property_name":
        inner = named(key)
        return _computed_name(inner[0]) if inner else None
    if key.type in (
        "property_identifier",
        "private_property_identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
        "identifier",
    ):
        return text(key)
    return _computed_name(key)


def _computed_name(key: Node) -> str | None:
    """The property name an expression in brackets, or a literal key, evaluates to."""
    key = unwrap(key)
    if key.type == "number":
        from thea_hook.languages.strings import number_to_string

        return number_to_string(text(key))
    if key.type in ("null", "true", "false"):
        return key.type
    if key.type == "regex":
        return text(key)
    return string_value(key)
