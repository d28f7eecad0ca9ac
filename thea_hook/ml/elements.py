"""The JSX elements of a text that need not parse: a guess from its tags alone."""

from __future__ import annotations

from typing import NamedTuple

from thea_hook.languages.lexemes import Kind, Lexemes


class Element(NamedTuple):
    """The name of an element, empty for a fragment, and the lexeme that opens its tag."""

    name: bytes
    opener: int


def open_elements(lexemes: Lexemes, index: int) -> list[Element]:
    """The JSX elements that are open before a lexeme, outermost first: a guess from the tags alone."""
    texts = lexemes.texts
    stack: list[Element] = []
    position = 0
    while position < index:
        if texts[position] == b"<" and position + 1 < index and touches(lexemes, position + 1):
            if texts[position + 1] == b"/":
                name, _ = tag_name(lexemes, position + 2)
                for depth in range(len(stack) - 1, max(-1, len(stack) - 3), -1):
                    if stack[depth].name == name:
                        del stack[depth:]
                        break
            elif texts[position + 1] == b">":
                stack.append(Element(b"", position))
            elif lexemes.kinds[position + 1] == Kind.WORD and _is_jsx_place(lexemes, position):
                name, behind = tag_name(lexemes, position + 1)
                end = _tag_end(lexemes, behind, index)
                if end is not None and texts[end - 1] != b"/":
                    stack.append(Element(name, position))
        position += 1
    return stack


_BEFORE_ELEMENT = frozenset(b"( [ { } > , ; = ? : && || ?? => return default".split())


def _is_jsx_place(lexemes: Lexemes, position: int) -> bool:
    if not position:
        return True
    return lexemes.texts[position - 1] in _BEFORE_ELEMENT or lexemes.kinds[position - 1] == Kind.JSX_TEXT


def touches(lexemes: Lexemes, index: int) -> bool:
    return lexemes.starts[index] == lexemes.ends[index - 1]


def tag_name(lexemes: Lexemes, index: int) -> tuple[bytes, int]:
    """A name like ``a.b-c`` from here, and the index behind it."""
    name = b""
    while index < len(lexemes) and (lexemes.kinds[index] == Kind.WORD or lexemes.texts[index] in (b".", b"-", b":")):
        if name and not touches(lexemes, index):
            break
        name += lexemes.texts[index]
        index += 1
    return name, index


def _tag_end(lexemes: Lexemes, index: int, limit: int) -> int | None:
    """The ``>`` of an opening tag whose attributes begin here."""
    depth = 0
    for position in range(index, min(limit, index + 400)):
        text = lexemes.texts[position]
        if text in (b"{", b"(", b"["):
            depth += 1
        elif text in (b"}", b")", b"]"):
            depth -= 1
        elif text == b">" and depth <= 0:
            return position
        elif depth <= 0 and text in (b";", b"<"):
            return None
    return None
