"""Reads a whole regular expression pattern: its terms, groups and references.

Groups are kept on an explicit stack, so that no pattern can exhaust Python's.
"""

from __future__ import annotations

from typing import NoReturn
from unicodedata import category

from thea_hook.languages.regexp import (
    INFINITY,
    Alternative,
    Assertion,
    Backreference,
    CapturingGroup,
    CharacterSet,
    Disjunction,
    Flags,
    Group,
    Lookaround,
    Node,
    Pattern,
    Quantifier,
    RegExpTooDeep,
    Term,
    ancestors,
)
from thea_hook.languages.regexp_classes import ClassReader
from thea_hook.languages.regexp_reader import DIGITS, SYNTAX_CHARACTERS

MAX_GROUP_NESTING = 500
"""Deeper patterns are refused: what follows names and references through the tree is quadratic in the depth."""

# Annex B leaves `]`, `{` and `}` to mean themselves.
LEGACY_SYNTAX_CHARACTERS = SYNTAX_CHARACTERS - frozenset("]{}")
MODIFIERS = frozenset("ims")


# ID_Start and ID_Continue by general category, with what Unicode adds by name. A character that is not assigned yet in
# the Unicode version of this Python may be a letter in a later one: it is let through.
_START_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Cn"})
_PART_CATEGORIES = _START_CATEGORIES | {"Mn", "Mc", "Nd", "Pc"}
_OTHER_START = frozenset("$_\u1885\u1886\u2118\u212e\u309b\u309c")
_OTHER_PART = frozenset("$\u00b7\u0387\u19da\u200c\u200d\u30fb\uff65") | frozenset(map(chr, range(0x1369, 0x1372)))
_NEITHER = "\u2e2f"


def is_identifier_start(code_point: int) -> bool:
    """Whether a name can begin with the character (ECMA-262, 12.7: IdentifierStartChar)."""
    character = chr(code_point)
    return character in _OTHER_START or (category(character) in _START_CATEGORIES and character != _NEITHER)


def is_identifier_part(code_point: int) -> bool:
    """Whether a name can go on with the character (ECMA-262, 12.7: IdentifierPartChar)."""
    character = chr(code_point)
    return (
        character in _OTHER_START
        or character in _OTHER_PART
        or (category(character) in _PART_CATEGORIES and character != _NEITHER)
    )


class PatternParser(ClassReader):
    """Parses one pattern; use an instance once."""

    def __init__(self, pattern: str, flags: Flags) -> None:
        super().__init__(pattern, flags)
        self.pattern = Pattern(0, len(pattern))
        self.references: list[Backreference] = []
        self.around_names: dict[str, set[Node]] = {}
        self.group_count = 0

    def parse(self) -> Pattern:
        """The tree, or RegExpSyntaxError. A group name anywhere makes ``\\k`` a reference everywhere: a second pass."""
        self._parse_once()
        if not self.named_groups and any(group.name is not None for group in self.pattern.groups):
            self.named_groups = True
            self._parse_once()
        return self.pattern

    def _parse_once(self) -> None:
        self.index = 0
        self.references = []
        self.around_names = {}
        self.group_count = self._count_groups()
        self.pattern = Pattern(0, len(self.text))
        self._parse_terms()
        for reference in self.references:
            self._resolve(reference)

    # Groups ----------------------------------------------------------------------------------------------------------

    def _count_groups(self) -> int:
        """How many capturing groups there are: it decides whether ``\\2`` is a reference before they are all seen."""
        count = 0
        in_class = escaped = False
        for index, unit in enumerate(self.text):
            if escaped:
                escaped = False
            elif unit == "\\":
                escaped = True
            elif unit in "[]":
                in_class = unit == "["
            elif unit == "(" and not in_class:
                ahead = self.text[index + 1 : index + 4]
                count += not ahead.startswith("?") or (ahead.startswith("?<") and ahead[2:] not in ("=", "!"))
        return count

    def _parse_terms(self) -> None:
        open_groups: list[Disjunction] = [self.pattern]
        alternative = self._open_alternative(self.pattern)
        while self.index < len(self.text):
            group: Disjunction | None
            if self._eat("|"):
                alternative.end = self.index - 1
                alternative = self._open_alternative(open_groups[-1])
            elif self._peek() == ")":
                alternative.end = self.index
                group = self._close_group(open_groups)
                assert isinstance(group.parent, Alternative)
                alternative = group.parent
                if isinstance(group, Lookaround) and (self.unicode_mode or group.kind == "lookbehind"):
                    continue
                self._parse_quantifier(alternative)
            elif (group := self._open_group(alternative)) is not None:
                open_groups.append(group)
                if len(open_groups) > MAX_GROUP_NESTING:
                    raise RegExpTooDeep("Regular expression too large", self.index)
                alternative = self._open_alternative(group)
            elif self._parse_assertion(alternative):
                continue
            elif self._parse_atom(alternative):
                self._parse_quantifier(alternative)
            else:
                self._fail_at_term(len(open_groups) > 1)
        alternative.end = self.index
        if len(open_groups) > 1:
            self._fail("Unterminated group")

    def _fail_at_term(self, in_group: bool) -> NoReturn:
        if self._peek() in ("*", "+", "?") or self._eat_braces(strict=False) is not None:
            self._fail("Nothing to repeat")
        if self._peek() == "{":
            self._fail("Lone quantifier brackets")
        if in_group:
            self._fail("Unterminated group")
        self._fail("\\ at end of pattern" if self._peek() == "\\" else "Lone quantifier brackets")

    def _open_alternative(self, group: Disjunction) -> Alternative:
        alternative = Alternative(self.index, self.index, parent=group)
        group.alternatives.append(alternative)
        return alternative

    def _open_group(self, alternative: Alternative) -> Disjunction | None:
        start = self.index
        if not self._eat("("):
            return None
        group: Group | CapturingGroup | Lookaround
        if not self._eat("?"):
            group = CapturingGroup(start, start)
        elif self._eat("="):
            group = Lookaround(start, start, kind="lookahead")
        elif self._eat("!"):
            group = Lookaround(start, start, kind="lookahead", negate=True)
        elif self._eat("<="):
            group = Lookaround(start, start, kind="lookbehind")
        elif self._eat("<!"):
            group = Lookaround(start, start, kind="lookbehind", negate=True)
        elif self._peek() == "<":
            group = CapturingGroup(start, start, name=self._group_name())
        else:
            group = self._modifier_group(start)
        group.parent = alternative
        alternative.elements.append(group)
        if isinstance(group, CapturingGroup):
            self._check_name_is_free(group)
            self.pattern.groups.append(group)
        return group

    def _modifier_group(self, start: int) -> Group:
        add = self._eat_while(MODIFIERS)
        self._check_modifiers(add)
        remove = ""
        if self._eat("-"):
            remove = self._eat_while(MODIFIERS)
            if not add and not remove and self._peek() == ":":
                self._fail("Invalid empty flags")
            self._check_modifiers(remove)
            self._check_modifiers(add + remove)
        if not self._eat(":"):
            self.index = start + 1
            self._fail("Invalid group")
        return Group(start, start, add=add, remove=remove)

    def _check_modifiers(self, modifiers: str) -> None:
        for index, flag in enumerate(modifiers):
            if flag in modifiers[:index]:
                self._fail(f"Duplicated flag '{flag}'")

    def _close_group(self, open_groups: list[Disjunction]) -> Disjunction:
        if len(open_groups) == 1:
            self._fail("Unmatched ')'")
        self.index += 1
        group = open_groups.pop()
        group.end = self.index
        return group

    def _check_name_is_free(self, group: CapturingGroup) -> None:
        """Two groups may share a name only where no match can take part in both: in alternatives of one disjunction."""
        if group.name is None:
            return
        # everything around the earlier groups of that name: where their paths first meet decides
        around = self.around_names.setdefault(group.name, set())
        path = list(ancestors(group))
        if isinstance(next((node for node in path if node in around), None), Alternative):
            self._fail("Duplicate capture group name")
        around.update(path)

    def _group_name(self) -> str:
        self.index += len("<")
        name = ""
        while (code_point := self._identifier_character(first=not name)) is not None:
            name += chr(code_point)
        if not name or not self._eat(">"):
            self._fail("Invalid capture group name")
        return name

    def _identifier_character(self, *, first: bool) -> int | None:
        start = self.index
        if start == len(self.text):
            return None
        code_point: int | None = self._eat_code_point(join=True)
        if code_point == 0x5C and self._peek() == "u":
            code_point = self._unicode_escape(unicode_mode=True)
        allowed = is_identifier_start if first else is_identifier_part
        if code_point is not None and allowed(code_point):
            return code_point
        self.index = start
        return None

    def _resolve(self, reference: Backreference) -> None:
        if isinstance(reference.reference, int):
            groups = [self.pattern.groups[reference.reference - 1]]
        else:
            groups = [group for group in self.pattern.groups if group.name == reference.reference]
            if not groups:
                self._fail("Invalid named capture referenced")
        reference.resolved = groups
        for group in groups:
            group.references.append(reference)

    # Terms -----------------------------------------------------------------------------------------------------------

    def _add(self, alternative: Alternative, term: Term) -> bool:
        term.parent = alternative
        alternative.elements.append(term)
        return True

    def _parse_assertion(self, alternative: Alternative) -> bool:
        start = self.index
        if self._eat("^"):
            return self._add(alternative, Assertion(start, self.index, "start"))
        if self._eat("$"):
            return self._add(alternative, Assertion(start, self.index, "end"))
        if self._eat("\\b"):
            return self._add(alternative, Assertion(start, self.index, "word"))
        if self._eat("\\B"):
            return self._add(alternative, Assertion(start, self.index, "word", negate=True))
        return False

    def _parse_quantifier(self, alternative: Alternative) -> None:
        start = self.index
        bounds: tuple[float, float] | None
        if self._eat("*"):
            bounds = (0, INFINITY)
        elif self._eat("+"):
            bounds = (1, INFINITY)
        elif self._eat("?"):
            bounds = (0, 1)
        else:
            bounds = self._eat_braces(strict=True)
        if bounds is None:
            return
        greedy = not self._eat("?")
        element = alternative.elements.pop()
        quantifier = Quantifier(element.start, self.index, bounds[0], bounds[1], greedy, element, start)
        element.parent = quantifier
        self._add(alternative, quantifier)

    def _eat_braces(self, *, strict: bool) -> tuple[float, float] | None:
        """The bounds of ``{2}``, ``{2,}`` or ``{2,3}``; None, and nothing read, where there is no such thing."""
        start = self.index
        if not self._eat("{"):
            return None
        digits = self._eat_while(DIGITS)
        if digits:
            minimum = maximum = _bound(digits)
            if self._eat(","):
                more = self._eat_while(DIGITS)
                maximum = _bound(more) if more else INFINITY
            if self._eat("}"):
                if strict and maximum < minimum:
                    self._fail("numbers out of order in {} quantifier")
                return (minimum, maximum)
        if strict and self.unicode_mode:
            self._fail("Incomplete quantifier")
        self.index = start
        return None

    def _parse_atom(self, alternative: Alternative) -> bool:
        start = self.index
        unit = self._peek()
        if unit == ".":
            self.index += 1
            return self._add(alternative, CharacterSet(start, self.index, "any"))
        if unit == "[":
            return self._add(alternative, self._character_class(0))
        if unit == "\\":
            atom = self._atom_escape()
            return atom is not None and self._add(alternative, atom)
        if unit in (SYNTAX_CHARACTERS if self.unicode_mode else LEGACY_SYNTAX_CHARACTERS):
            return False
        if unit == "{" and self._eat_braces(strict=False) is not None:
            self._fail("Nothing to repeat")
        return self._add(alternative, self._plain_character())

    def _atom_escape(self) -> Term | None:
        start = self.index
        self.index += 1
        atom: Term | None = (
            self._numbered_reference(start) or self._class_escape(start) or self._character_escape(start)
        )
        if atom is None and self.named_groups and self._eat("k"):
            if self._peek() != "<":
                self._fail("Invalid named reference")
            atom = Backreference(start, self.index, self._group_name())
            atom.end = self.index
            self.references.append(atom)
        if atom is not None:
            return atom
        return self._lone_backslash(start)

    def _numbered_reference(self, start: int) -> Backreference | None:
        if self._peek() == "0":
            return None
        digits = self._eat_while(DIGITS)
        if not digits:
            return None
        if _bound(digits) <= self.group_count:
            reference = Backreference(start, self.index, int(digits))
            self.references.append(reference)
            return reference
        if self.unicode_mode:
            self._fail("Invalid escape")
        self.index = start + 1
        return None


def _bound(digits: str) -> float:
    """A repeat count. So long a number that Python refuses to convert it is as good as infinite."""
    return int(digits) if len(digits) < 16 else float(digits)
