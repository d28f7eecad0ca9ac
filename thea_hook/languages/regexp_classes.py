"""Reads the character classes of a regular expression pattern, with the set notation of the ``v`` flag."""

from __future__ import annotations

from typing import Literal, NoReturn

from thea_hook.languages.regexp import (
    Character,
    CharacterClass,
    CharacterSet,
    ClassElement,
    ClassOperation,
    ClassRange,
    ClassStrings,
    RegExpTooDeep,
    StringAlternative,
)
from thea_hook.languages.regexp_reader import PatternReader

MAX_CLASS_NESTING = 50
CLASS_SET_SYNTAX_CHARACTERS = frozenset("()[]{}/-\\|")
CLASS_SET_RESERVED_PUNCTUATORS = frozenset("&-!#%,:;<=>@`~")
CLASS_SET_DOUBLE_PUNCTUATORS = frozenset("&!#$%*+,.:;<=>?@^`~")
BACKSPACE = 0x08


class ClassReader(PatternReader):
    """Reads a class from its ``[``."""

    def _character_class(self, depth: int) -> CharacterClass:
        if depth > MAX_CLASS_NESTING:
            raise RegExpTooDeep("Regular expression too large", self.index)
        start = self.index
        self.index += 1
        negate = self._eat("^")
        node = CharacterClass(start, start, negate, self.unicode_sets)
        if not self.unicode_sets:
            node.elements = self._class_ranges()
        elif self._peek() != "]":
            node.elements = self._class_set(depth)
        if not self._eat("]"):
            unterminated = depth > 0 or self.index == len(self.text)
            self._fail("Unterminated character class" if unterminated else "Invalid character in character class")
        if negate and any(may_contain_strings(element) for element in node.elements):
            self._fail("Negated character class may contain strings")
        node.end = self.index
        for element in node.elements:
            element.parent = node
        return node

    def _class_ranges(self) -> list[ClassElement]:
        elements: list[ClassElement] = []
        while (first := self._class_atom()) is not None:
            elements.append(first)
            hyphen = self.index
            if not self._eat("-"):
                continue
            elements.append(Character(hyphen, self.index, ord("-")))
            last = self._class_atom()
            if last is None:
                break
            if isinstance(first, Character) and isinstance(last, Character):
                elements[-2:] = [self._range(first, last)]
            elif self.unicode_mode:
                self._fail("Invalid character class")
            else:
                elements.append(last)
        return elements

    def _range(self, first: Character, last: Character) -> ClassRange:
        if first.value > last.value:
            self._fail("Range out of order in character class")
        node = ClassRange(first.start, last.end, first, last)
        first.parent = last.parent = node
        return node

    def _class_atom(self) -> Character | CharacterSet | None:
        start = self.index
        unit = self._peek()
        if unit in ("", "]"):
            return None
        if unit != "\\":
            return self._plain_character()
        self.index += 1
        if self._eat("b"):
            return Character(start, self.index, BACKSPACE)
        if self.unicode_mode and self._eat("-"):
            return Character(start, self.index, ord("-"))
        after_control = self._peek(1)
        if not self.unicode_mode and self._peek() == "c" and after_control and after_control in "0123456789_":
            self.index += 2
            return Character(start, self.index, ord(after_control) % 32)
        atom = self._class_escape(start) or self._character_escape(start)
        if atom is not None:
            return atom
        return self._lone_backslash(start)

    # The v flag: classes nest, and sets are subtracted and intersected ----------------------------------------------

    def _class_set(self, depth: int) -> list[ClassElement]:
        start = self.index
        first = self._class_set_operand(depth)
        if first is None:
            self._fail_at_class_set()
        for operator in ("&&", "--"):
            if self.text.startswith(operator, self.index):
                return [self._class_operations(start, first, operator, depth)]
        elements: list[ClassElement] = []
        operand: ClassElement | None = first
        while operand is not None:
            elements.append(self._range_from(operand) if isinstance(operand, Character) else operand)
            operand = self._class_set_operand(depth)
        return elements

    def _fail_at_class_set(self) -> NoReturn:
        unit = self._peek()
        if unit == "\\":
            self.index += 1
            self._fail("Invalid escape")
        if unit in CLASS_SET_DOUBLE_PUNCTUATORS and unit == self._peek(1):
            self._fail("Invalid set operation in character class")
        self._fail("Invalid character in character class")

    def _class_operations(
        self, start: int, left: ClassElement, operator: Literal["&&", "--"], depth: int
    ) -> ClassOperation:
        node: ClassElement = left
        while self._eat(operator):
            right = None if operator == "&&" and self._peek() == "&" else self._class_set_operand(depth)
            if right is None:
                self._fail("Invalid character in character class")
            operation = ClassOperation(start, self.index, operator, node, right)
            node.parent = right.parent = operation
            node = operation
        assert isinstance(node, ClassOperation)
        return node

    def _range_from(self, first: Character) -> Character | ClassRange:
        hyphen = self.index
        if self._eat("-"):
            last = self._class_set_character()
            if last is not None:
                return self._range(first, last)
            self.index = hyphen
        return first

    def _class_set_operand(self, depth: int) -> ClassElement | None:
        start = self.index
        if self._peek() == "[":
            return self._character_class(depth + 1)
        if self._eat("\\q{"):
            return self._class_strings(start)
        if self._eat("\\"):
            escape = self._class_escape(start)
            if escape is not None:
                return escape
            self.index = start
        return self._class_set_character()

    def _class_strings(self, start: int) -> ClassStrings:
        node = ClassStrings(start, start)
        while True:
            alternative = StringAlternative(self.index, self.index, parent=node)
            while (character := self._class_set_character()) is not None:
                character.parent = alternative
                alternative.elements.append(character)
            alternative.end = self.index
            node.alternatives.append(alternative)
            if not self._eat("|"):
                break
        if not self._eat("}"):
            self._fail("Unterminated class string disjunction")
        node.end = self.index
        return node

    def _class_set_character(self) -> Character | None:
        start = self.index
        unit = self._peek()
        if not unit:
            return None
        doubled = unit in CLASS_SET_DOUBLE_PUNCTUATORS and unit == self._peek(1)
        if not doubled and unit not in CLASS_SET_SYNTAX_CHARACTERS:
            return self._plain_character()
        if not self._eat("\\"):
            return None
        character = self._character_escape(start)
        if character is not None:
            return character
        unit = self._peek()
        if unit in CLASS_SET_RESERVED_PUNCTUATORS or unit == "b":
            self.index += 1
            return Character(start, self.index, BACKSPACE if unit == "b" else ord(unit))
        self.index = start
        return None


def may_contain_strings(node: ClassElement) -> bool:
    """Whether a class element can match more or less than one character (ECMA-262, MayContainStrings)."""
    if isinstance(node, CharacterClass):
        return not node.negate and any(may_contain_strings(element) for element in node.elements)
    if isinstance(node, CharacterSet):
        return node.strings
    if isinstance(node, ClassStrings):
        return any(len(alternative.elements) != 1 for alternative in node.alternatives)
    if isinstance(node, ClassOperation):
        operands: list[ClassElement] = []
        while isinstance(node, ClassOperation):  # a chain can be long, and nests to the left
            if node.operator == "&&":
                operands.append(node.right)
            node = node.left
        return all(may_contain_strings(operand) for operand in (*operands, node))
    return False
