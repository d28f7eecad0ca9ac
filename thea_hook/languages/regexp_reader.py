"""Reads the smallest parts of a regular expression pattern: characters, escapes, properties (ECMA-262, 22.2.1).

Without ``u`` or ``v`` the grammar is that of Annex B.1.2, the one browsers use, where almost every stray character
means itself.
"""

from __future__ import annotations

from typing import NoReturn

from thea_hook.languages.regexp import Character, CharacterSet, Flags, RegExpSyntaxError

SYNTAX_CHARACTERS = frozenset("^$\\.*+?()[]{}|")
CONTROL_ESCAPES = {"f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}
CLASS_ESCAPES = {"d": "digit", "s": "space", "w": "word"}
DIGITS = frozenset("0123456789")
OCTAL_DIGITS = frozenset("01234567")
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
PROPERTY_NAME_CHARACTERS = LETTERS | {"_"}
PROPERTY_VALUE_CHARACTERS = PROPERTY_NAME_CHARACTERS | DIGITS
MAX_CODE_POINT = 0x10FFFF


def is_lead_surrogate(unit: str) -> bool:
    return "\ud800" <= unit <= "\udbff"


def is_trail_surrogate(unit: str) -> bool:
    return "\udc00" <= unit <= "\udfff"


def join_surrogates(lead: int, trail: int) -> int:
    """The code point that two surrogate code units stand for."""
    return (lead - 0xD800) * 0x400 + (trail - 0xDC00) + 0x10000


class PatternReader:
    """A place in a pattern, and what can be read from there. A method that finds nothing reads nothing."""

    def __init__(self, pattern: str, flags: Flags) -> None:
        self.text = pattern
        self.index = 0
        self.unicode_mode = flags.unicode_mode
        self.unicode_sets = flags.unicode_sets
        self.named_groups = flags.unicode_mode

    def _fail(self, message: str) -> NoReturn:
        raise RegExpSyntaxError(message, self.index)

    def _peek(self, offset: int = 0) -> str:
        position = self.index + offset
        return self.text[position] if position < len(self.text) else ""

    def _eat(self, expected: str) -> bool:
        if self.text.startswith(expected, self.index):
            self.index += len(expected)
            return True
        return False

    def _eat_while(self, allowed: frozenset[str]) -> str:
        start = self.index
        while self._peek() in allowed and self.index < len(self.text):
            self.index += 1
        return self.text[start : self.index]

    def _eat_code_point(self, *, join: bool) -> int:
        """The next character; a surrogate pair counts as one where ``join`` is set."""
        unit = self.text[self.index]
        self.index += 1
        if join and is_lead_surrogate(unit) and is_trail_surrogate(self._peek()):
            self.index += 1
            return join_surrogates(ord(unit), ord(self.text[self.index - 1]))
        return ord(unit)

    def _plain_character(self) -> Character:
        start = self.index
        value = self._eat_code_point(join=self.unicode_mode)
        return Character(start, self.index, value)

    def _class_escape(self, start: int) -> CharacterSet | None:
        r"""``\d``, ``\S``, ``\p{..}`` and their like, the backslash already read."""
        letter = self._peek()
        kind = CLASS_ESCAPES.get(letter.lower())
        if kind is not None:
            self.index += 1
            return CharacterSet(start, self.index, kind, negate=letter.isupper())  # type: ignore[arg-type]
        if self.unicode_mode and letter in ("p", "P"):
            self.index += 1
            return self._property(start, negate=letter == "P")
        return None

    def _property(self, start: int, *, negate: bool) -> CharacterSet:
        from thea_hook.languages import regexp_properties as known

        if not self._eat("{"):
            self._fail("Invalid property name")
        body = self.index
        name = self._eat_while(PROPERTY_NAME_CHARACTERS)
        if name and self._eat("="):
            value = self._eat_while(PROPERTY_VALUE_CHARACTERS)
            strings = False
            valid = known.is_property_with_value(name, value)
        else:
            self.index = body
            name, value = self._eat_while(PROPERTY_VALUE_CHARACTERS), ""
            strings = self.unicode_sets and name in known.PROPERTIES_OF_STRINGS
            valid = name in known.GENERAL_CATEGORIES or name in known.BINARY_PROPERTIES or strings
        if not valid or not self._eat("}") or (negate and strings):
            self._fail("Invalid property name")
        return CharacterSet(start, self.index, "property", negate, name, value, strings)

    def _character_escape(self, start: int) -> Character | None:
        """The character that an escape stands for, the backslash already read."""
        value = self._escaped_value()
        return None if value is None else Character(start, self.index, value)

    def _lone_backslash(self, start: int) -> Character | None:
        """The backslash itself, where no escape follows it: allowed only before ``c`` and outside Unicode mode."""
        if self.unicode_mode:
            self._fail("Invalid escape")
        if self._peek() == "c":
            return Character(start, self.index, 0x5C)
        self.index = start
        return None

    def _escaped_value(self) -> int | None:
        unit = self._peek()
        if unit in CONTROL_ESCAPES:
            self.index += 1
            return CONTROL_ESCAPES[unit]
        if unit == "c":
            if self._peek(1) not in LETTERS:
                return None
            self.index += 2
            return ord(self.text[self.index - 1]) % 32
        if unit == "0" and self._peek(1) not in DIGITS:
            self.index += 1
            return 0
        if unit == "x" and (value := self._hex_escape()) is not None:
            return value
        if unit == "u" and (value := self._unicode_escape(unicode_mode=self.unicode_mode)) is not None:
            return value
        if not self.unicode_mode and unit in OCTAL_DIGITS:
            return self._octal_value()
        return self._identity_escape()

    def _identity_escape(self) -> int | None:
        unit = self._peek()
        if self.unicode_mode:
            allowed = unit in SYNTAX_CHARACTERS or unit == "/"
        else:
            allowed = unit != "c" and not (unit == "k" and self.named_groups)
        return self._eat_code_point(join=self.unicode_mode) if unit and allowed else None

    def _hex_escape(self) -> int | None:
        value = self._fixed_hex(self.index + 1, 2)
        if value is not None:
            self.index += 3
        elif self.unicode_mode:
            self.index += 1
            self._fail("Invalid escape")
        return value

    def _fixed_hex(self, start: int, length: int) -> int | None:
        digits = self.text[start : start + length]
        return int(digits, 16) if len(digits) == length and HEX_DIGITS.issuperset(digits) else None

    def _unicode_escape(self, *, unicode_mode: bool) -> int | None:
        """The value of ``uXXXX``, or in Unicode mode also of a pair of those or of ``u{X..}``."""
        self.index += 1
        value = self._fixed_hex(self.index, 4)
        if value is not None:
            self.index += 4
            if unicode_mode and 0xD800 <= value <= 0xDBFF and self._peek() == "\\" and self._peek(1) == "u":
                trail = self._fixed_hex(self.index + 2, 4)
                if trail is not None and 0xDC00 <= trail <= 0xDFFF:
                    self.index += 6
                    return join_surrogates(value, trail)
            return value
        if unicode_mode:
            start = self.index
            digits = self._eat_while(HEX_DIGITS) if self._eat("{") else ""
            if digits and self._eat("}") and int(digits, 16) <= MAX_CODE_POINT:
                return int(digits, 16)
            self.index = start
            self._fail("Invalid unicode escape")
        self.index -= 1
        return None

    def _octal_value(self) -> int:
        digits = self._peek()
        longest = 3 if digits <= "3" else 2
        while len(digits) < longest and self._peek(len(digits)) in OCTAL_DIGITS:
            digits += self._peek(len(digits))
        self.index += len(digits)
        return int(digits, 8)
