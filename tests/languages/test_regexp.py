from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.languages.regexp import (
    INFINITY,
    Alternative,
    Assertion,
    Backreference,
    CapturingGroup,
    Character,
    CharacterClass,
    CharacterSet,
    ClassOperation,
    ClassRange,
    ClassStrings,
    Flags,
    Group,
    Lookaround,
    Node,
    Quantifier,
    RegExpSyntaxError,
    RegExpTooDeep,
    ancestors,
    children,
    parse_pattern,
    same_structure,
    walk,
)
from thea_hook.languages.strings import utf16


def parts(pattern: str, flags: str = "") -> list[Node]:
    """The terms of a pattern with one alternative."""
    (alternative,) = parse_pattern(utf16(pattern), Flags.of(flags)).alternatives
    return list(alternative.elements)


def part(pattern: str, flags: str = "") -> Node:
    (only,) = parts(pattern, flags)
    return only


def error(pattern: str, flags: str = "") -> str:
    with pytest.raises(RegExpSyntaxError) as caught:
        parse_pattern(utf16(pattern), Flags.of(flags))
    return caught.value.message


def characters(pattern: str, flags: str = "") -> str:
    return "".join(chr(node.value) for node in parts(pattern, flags) if isinstance(node, Character))


def test_alternatives_and_groups_nest_with_their_offsets() -> None:
    pattern = parse_pattern("a|(b(?:c)|)d")
    first, second = pattern.alternatives
    assert (first.start, first.end, second.start, second.end) == (0, 1, 2, 12)
    group = second.elements[0]
    assert isinstance(group, CapturingGroup)
    assert (group.start, group.end) == (2, 11)
    assert [(alternative.start, alternative.end) for alternative in group.alternatives] == [(3, 9), (10, 10)]
    assert isinstance(group.alternatives[0].elements[1], Group)
    assert pattern.groups == [group]


def test_a_quantifier_holds_its_term_and_its_bounds() -> None:
    bounds = {
        "a*": (0, INFINITY),
        "a+": (1, INFINITY),
        "a?": (0, 1),
        "a{2}": (2, 2),
        "a{2,}": (2, INFINITY),
        "a{2,3}": (2, 3),
    }
    for text, (minimum, maximum) in bounds.items():
        node = part(text)
        assert isinstance(node, Quantifier)
        assert (node.minimum, node.maximum, node.greedy, node.operator_start) == (minimum, maximum, True, 1)
        lazy = part(text + "?")
        assert isinstance(lazy, Quantifier)
        assert not lazy.greedy
        assert lazy.end == len(text) + 1


def test_braces_that_are_no_quantifier_are_characters_without_a_unicode_flag() -> None:
    assert characters("a{,2}]{x}") == "a{,2}]{x}"
    assert error("a{,2}", "u") == "Incomplete quantifier"
    assert error("{", "u") == "Lone quantifier brackets"
    assert error("{2}") == "Nothing to repeat"


def test_assertions_and_lookarounds() -> None:
    kinds = [(node.kind, node.negate) for node in parts(r"^$\b\B") if isinstance(node, Assertion)]
    assert kinds == [("start", False), ("end", False), ("word", False), ("word", True)]
    looks = [(node.kind, node.negate) for node in parts("(?=a)(?!a)(?<=a)(?<!a)") if isinstance(node, Lookaround)]
    assert looks == [("lookahead", False), ("lookahead", True), ("lookbehind", False), ("lookbehind", True)]


def test_only_a_lookahead_without_a_unicode_flag_can_be_repeated() -> None:
    assert isinstance(part("(?=a)*"), Quantifier)
    assert error("(?=a)*", "u") == "Nothing to repeat"
    assert error("(?<=a)*") == "Nothing to repeat"
    assert error("^*") == "Nothing to repeat"


def test_modifiers_are_read_and_checked() -> None:
    node = part("(?i-ms:a)")
    assert isinstance(node, Group)
    assert (node.add, node.remove) == ("i", "ms")
    assert error("(?ii:a)") == "Duplicated flag 'i'"
    assert error("(?i-i:a)") == "Duplicated flag 'i'"
    assert error("(?-:a)") == "Invalid empty flags"
    assert error("(?u:a)") == "Invalid group"


def test_escapes_stand_for_characters() -> None:
    assert characters(r"\n\t\x41\u0042\cA\0\/\.") == "\n\tAB\x01\0/."
    assert characters(r"\101\8\c\x4\u12") == "A8\\cx4u12"
    assert isinstance(part(r"\u{41}"), Quantifier)
    assert characters(r"\u{1F600}\ud83d\ude00", "u") == "😀😀"


def test_a_surrogate_pair_is_two_characters_without_a_unicode_flag() -> None:
    assert len(parts("😀")) == 2
    assert [(node.start, node.end) for node in parts("😀a", "u")] == [(0, 2), (2, 3)]


def test_a_unicode_flag_forbids_escapes_that_mean_nothing() -> None:
    for pattern in (r"\-", r"\a", r"\x4", r"\8", r"\1", r"\c", r"[\-\a]"):
        assert error(pattern, "u") == "Invalid escape"
    assert error(r"\u12", "u") == "Invalid unicode escape"
    assert error(r"\u{110000}", "u") == "Invalid unicode escape"


def test_a_number_is_a_reference_only_where_there_are_so_many_groups() -> None:
    reference = parts(r"(a)\1")[1]
    assert isinstance(reference, Backreference)
    assert reference.resolved[0].references == [reference]
    assert characters(r"(a)\2") == "\2"
    assert isinstance(parts(r"\1(a)")[0], Backreference)
    assert characters(r"[(]\1") == "\1"


def test_a_name_makes_k_a_reference() -> None:
    assert characters(r"\k<a>") == "k<a>"
    reference = parts(r"\k<é>(?<é>x)")[0]
    assert isinstance(reference, Backreference)
    assert reference.reference == "é"
    assert error(r"(?<a>x)\k<b>") == "Invalid named capture referenced"
    assert error(r"(?<a>x)\k") == "Invalid named reference"
    assert error("(?<1a>x)") == "Invalid capture group name"
    assert error("(?<a") == "Invalid capture group name"


def test_a_name_can_be_used_twice_only_in_different_alternatives() -> None:
    pattern = parse_pattern(r"(?:(?<y>a)|(?<y>b))\k<y>")
    assert len(pattern.groups[0].references[0].resolved) == 2
    assert error("(?<y>a)(?<y>b)") == "Duplicate capture group name"
    assert error("(?<y>a(?<y>b))") == "Duplicate capture group name"
    assert error("(?<y>a)|(?:(?<y>b)|c)(?<y>d)") == "Duplicate capture group name"


def test_a_class_holds_characters_ranges_and_sets() -> None:
    node = part(r"[^a-z\d.-]")
    assert isinstance(node, CharacterClass)
    assert node.negate
    kinds = [type(element) for element in node.elements]
    assert kinds == [ClassRange, CharacterSet, Character, Character]
    assert error("[z-a]") == "Range out of order in character class"
    assert error(r"[a-\d]", "u") == "Invalid character class"
    assert error("[a") == "Unterminated character class"


def test_a_hyphen_beside_a_set_is_a_character() -> None:
    node = part(r"[a-\d]")
    assert isinstance(node, CharacterClass)
    assert [type(element) for element in node.elements] == [Character, Character, CharacterSet]


def test_class_sets_nest_subtract_and_intersect() -> None:
    node = part(r"[[a-z]--[aeiou]--\d]", "v")
    assert isinstance(node, CharacterClass)
    (operation,) = node.elements
    assert isinstance(operation, ClassOperation)
    assert operation.operator == "--"
    assert isinstance(operation.left, ClassOperation)
    strings = part(r"[\q{ab|c|}x]", "v")
    assert isinstance(strings, CharacterClass)
    assert isinstance(strings.elements[0], ClassStrings)
    assert [len(alternative.elements) for alternative in strings.elements[0].alternatives] == [2, 1, 0]
    assert error("[a&&b--c]", "v") == "Invalid character in character class"
    assert error("[a(]", "v") == "Invalid character in character class"
    assert error("[!!]", "v") == "Invalid set operation in character class"
    assert error(r"[^\q{ab}]", "v") == "Negated character class may contain strings"
    assert error(r"[\q{ab]", "v") == "Unterminated class string disjunction"
    assert isinstance(part(r"[^\q{ab}&&a]", "v"), CharacterClass)


def test_unicode_properties_are_known_by_name() -> None:
    node = part(r"\P{Script=Greek}", "u")
    assert isinstance(node, CharacterSet)
    assert (node.kind, node.negate, node.key, node.value) == ("property", True, "Script", "Greek")
    for name in ("Lu", "ASCII", "gc=L", "scx=Latn"):
        assert isinstance(part(rf"\p{{{name}}}", "u"), CharacterSet)
    for pattern in (r"\p{Nope}", r"\p{Script=Nope}", r"\p{L", r"\p", r"\p{RGI_Emoji}"):
        assert error(pattern, "u") == "Invalid property name"
    assert isinstance(part(r"\p{RGI_Emoji}", "v"), CharacterSet)
    assert error(r"\P{RGI_Emoji}", "v") == "Invalid property name"
    assert characters(r"\p{L}") == "p{L}"


def test_what_is_left_open_or_closed_twice_is_named() -> None:
    assert error("(a") == "Unterminated group"
    assert error("a)") == "Unmatched ')'"
    assert error("a\\") == "\\ at end of pattern"
    assert error("a**") == "Nothing to repeat"
    assert error("a{2,1}") == "numbers out of order in {} quantifier"
    assert error("]", "u") == "Lone quantifier brackets"


def test_only_u_and_v_decide_how_a_pattern_is_read() -> None:
    assert Flags.of("dgimsy") == Flags()
    assert [Flags.of(flags).unicode_mode for flags in ("g", "gu", "v")] == [False, True, True]


def test_patterns_are_the_same_where_only_their_spelling_differs() -> None:
    assert same_structure(parse_pattern(r"\#[a\.]"), parse_pattern("#[a.]"))
    for left, right in ((r"x{1\,2}", "x{1,2}"), ("(a)", "(?:a)"), ("[ab]", "[a]b"), ("a*", "a*?"), ("(?i:a)", "(?:a)")):
        assert not same_structure(parse_pattern(left), parse_pattern(right))


@pytest.mark.parametrize(
    "pattern",
    ["(" * 10_000 + ")" * 10_000, "(?:" * 10_000, "(?=" * 10_000 + "a" + ")" * 10_000],
    ids=["groups", "open groups", "lookaheads"],
)
def test_endless_nesting_is_refused_as_too_deep(pattern: str) -> None:
    with pytest.raises(RegExpTooDeep):
        parse_pattern(pattern)


def test_endless_class_nesting_is_refused_as_too_deep() -> None:
    with pytest.raises(RegExpTooDeep):
        parse_pattern("[" * 10_000 + "]" * 10_000, Flags.of("v"))


def test_long_flat_patterns_are_read() -> None:
    assert len(parse_pattern("|".join(["a"] * 20_000)).alternatives) == 20_000
    chain = parse_pattern("[^" + "&&".join(["a"] * 5_000) + "]", Flags.of("v"))
    assert sum(1 for node in walk(chain) if isinstance(node, ClassOperation)) == 4_999
    assert isinstance(part("a{" + "9" * 5_000 + "}"), Quantifier)
    assert characters("\\" + "7" * 5_000)[:1] == "?"


@given(
    st.lists(
        st.sampled_from([*"ab-()[]{}?*+|^$.128,<>=!:&\\", r"\d", r"\p{L}", r"\k<a>", "(?<a>", "(?i:", "&&", "😀"])
    ),
    st.sampled_from(["", "u", "v"]),
)
def test_every_tree_covers_its_pattern_and_links_both_ways(pieces: list[str], flags: str) -> None:
    text = utf16("".join(pieces))
    try:
        pattern = parse_pattern(text, Flags.of(flags))
    except RegExpSyntaxError:
        return
    assert (pattern.start, pattern.end) == (0, len(text))
    for node in walk(pattern):
        for child in children(node):
            assert child.parent is node
            assert node.start <= child.start <= child.end <= node.end
        if isinstance(node, Alternative):
            ends = [node.start, *(element.end for element in node.elements)]
            assert ends[:-1] == [element.start for element in node.elements]
        if not children(node):
            assert node is pattern or list(ancestors(node))[-1] is pattern
