"""The syntax tree of an ECMAScript regular expression.

``parse_pattern`` reads a pattern under its flags and either returns a tree or raises ``RegExpSyntaxError`` with the
message a JavaScript engine gives. Offsets in the tree count UTF-16 code units of the pattern, as ECMAScript does:
``thea_hook.languages.strings`` says which source bytes each unit came from. Node names follow ECMA-262, 22.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Literal

INFINITY = float("inf")


class RegExpSyntaxError(ValueError):
    """The pattern or its flags are not valid; ``index`` is the code unit at which the parser gave up."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


class RegExpTooDeep(RegExpSyntaxError):
    """The pattern nests too deeply to be analysed: it may well be valid, so a check must not call it wrong."""


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags that decide how a pattern is read; the others, right or wrong, do not matter for it."""

    unicode: bool = False
    unicode_sets: bool = False

    @classmethod
    def of(cls, flags: str) -> Flags:
        """From the text of all flags, ``gimu``."""
        return cls("u" in flags, "v" in flags)

    @property
    def unicode_mode(self) -> bool:
        """Whether a character is a code point (``u`` or ``v``), and not a code unit."""
        return self.unicode or self.unicode_sets


# Nodes point at their parent, so they are filled in while parsing and compare by identity. Nobody changes them later.
@dataclass(eq=False, slots=True)
class Node:
    """A part of a pattern: ``start`` and ``end`` are code units, half-open."""

    start: int
    end: int
    parent: Node | None = field(default=None, repr=False, kw_only=True)


@dataclass(eq=False, slots=True)
class Character(Node):
    """One character, written plainly or as an escape."""

    value: int


@dataclass(eq=False, slots=True)
class CharacterSet(Node):
    r"""``.``, ``\d``, ``\s``, ``\w``, ``\p{..}`` or the negation of one; ``key`` and ``value`` belong to a property."""

    kind: Literal["any", "digit", "space", "word", "property"]
    negate: bool = False
    key: str = ""
    value: str = ""
    strings: bool = False


@dataclass(eq=False, slots=True)
class ClassRange(Node):
    """``a-z`` in a class."""

    first: Character
    last: Character


@dataclass(eq=False, slots=True)
class StringAlternative(Node):
    r"""One string of ``\q{abc|d}``."""

    elements: list[Character] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class ClassStrings(Node):
    r"""``\q{abc|d}`` in a class under the ``v`` flag."""

    alternatives: list[StringAlternative] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class ClassOperation(Node):
    """``A&&B`` or ``A--B`` in a class under the ``v`` flag; a chain nests to the left."""

    operator: Literal["&&", "--"]
    left: ClassElement
    right: ClassElement


@dataclass(eq=False, slots=True)
class CharacterClass(Node):
    """``[..]``. With ``unicode_sets`` its elements can be classes, strings, and one set operation that stands alone."""

    negate: bool = False
    unicode_sets: bool = False
    elements: list[ClassElement] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Assertion(Node):
    r"""``^``, ``$``, ``\b`` or ``\B``."""

    kind: Literal["start", "end", "word"]
    negate: bool = False


@dataclass(eq=False, slots=True)
class Backreference(Node):
    r"""``\1`` or ``\k<name>``; ``resolved`` are the groups it can mean, several where a name is used twice."""

    reference: int | str
    resolved: list[CapturingGroup] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Alternative(Node):
    """A sequence of terms, between ``|`` and ``|``."""

    elements: list[Term] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Disjunction(Node):
    """What holds alternatives: the whole pattern, a group, a lookaround."""

    alternatives: list[Alternative] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Pattern(Disjunction):
    """The whole pattern, with every capturing group in the order of its number."""

    groups: list[CapturingGroup] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Group(Disjunction):
    """``(?:..)``, or ``(?i-m:..)`` with the modifiers it adds and removes."""

    add: str = ""
    remove: str = ""


@dataclass(eq=False, slots=True)
class CapturingGroup(Disjunction):
    """``(..)`` or ``(?<name>..)``."""

    name: str | None = None
    references: list[Backreference] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Lookaround(Disjunction):
    """``(?=..)``, ``(?!..)``, ``(?<=..)`` or ``(?<!..)``."""

    kind: Literal["lookahead", "lookbehind"] = "lookahead"
    negate: bool = False


@dataclass(eq=False, slots=True)
class Quantifier(Node):
    """A repeated term. ``operator_start`` is where ``*``, ``+``, ``?`` or ``{`` stands; ``maximum`` can be infinite."""

    minimum: float
    maximum: float
    greedy: bool
    element: Term
    operator_start: int


ClassElement = Character | CharacterSet | ClassRange | ClassStrings | ClassOperation | CharacterClass
Term = (
    Character
    | CharacterSet
    | CharacterClass
    | Assertion
    | Backreference
    | Group
    | CapturingGroup
    | Lookaround
    | Quantifier
)


def children(node: Node) -> list[Node]:
    """The parts of a node in the order of the text."""
    if isinstance(node, Disjunction):
        return list(node.alternatives)
    if isinstance(node, (Alternative, CharacterClass, StringAlternative)):
        return list(node.elements)
    if isinstance(node, Quantifier):
        return [node.element]
    if isinstance(node, ClassRange):
        return [node.first, node.last]
    if isinstance(node, ClassStrings):
        return list(node.alternatives)
    if isinstance(node, ClassOperation):
        return [node.left, node.right]
    return []


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it, a parent before its children, in the order of the text."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, from the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def same_structure(left: Node, right: Node) -> bool:
    """Whether two trees differ at most in where their parts stand, so that they match the same."""
    return [_content(node) for node in walk(left)] == [_content(node) for node in walk(right)]


_PLACES = frozenset({"start", "end", "operator_start"})


def _content(node: Node) -> tuple[object, ...]:
    """The kind of a node, what it says itself, and how many parts it has."""
    own = (getattr(node, each.name) for each in fields(node) if each.name not in _PLACES)
    return (type(node), len(children(node)), *(value for value in own if isinstance(value, (str, int, float))))


@lru_cache(maxsize=1024)
def parse_pattern(pattern: str, flags: Flags = Flags()) -> Pattern:
    """The tree of a pattern given as UTF-16 code units; raises RegExpSyntaxError. Several rules ask for one pattern."""
    from thea_hook.languages.regexp_parser import PatternParser

    return PatternParser(pattern, flags).parse()
