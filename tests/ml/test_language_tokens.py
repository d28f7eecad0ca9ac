from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.languages.lexemes import lex
from thea_hook.ml.language_tokens import MARK, PIECES, USED, VOCABULARY, Place, decode, encode, unit_of
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import CLOSED

WORDS = "foo Bar bar in of new name value item read line x y _ $ 1 2 3 10".split()
SUBTOKENS = SubTokens([*WORDS, "##s", "##ing"])
START = Place(b"", 0, 2)


def ids_of(text: bytes, **settings: int) -> list[int]:
    return encode(lex(text), SUBTOKENS, **settings).ids


def closed(*texts: bytes) -> list[int]:
    return [PIECES + CLOSED.index(text) for text in texts]


def piece(*words: str) -> list[int]:
    return [item for word in words for item in SUBTOKENS.encode(word)]


def test_ids_are_what_trained_models_know() -> None:
    assert (PIECES, USED, VOCABULARY) == (8192, MARK.SPAN_END + 1, 8384)
    assert PIECES + len(CLOSED) == MARK.END
    assert len(set(MARK)) == len(MARK)


def test_layout_that_is_usual_costs_nothing() -> None:
    assert ids_of(b"const x = foo(1, 2);") == [
        *closed(b"const"), *piece("x"), *closed(b"="), *piece("foo"), *closed(b"("), *piece("1"), *closed(b","),
        *piece("2"), *closed(b")", b";"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text,mark",
    [(b"x= y", MARK.TIGHT), (b"foo (x)", MARK.BLANK), (b"x  = y", MARK.WIDE), (b"x y", MARK.BLANK)],
)
def test_layout_that_is_not_is_a_mark(text: bytes, mark: int) -> None:
    assert set(ids_of(text)) & set(MARK) == {mark}


def test_a_new_line_says_how_far_it_moves() -> None:
    marks = [item for item in ids_of(b"if (x) {\n  foo {\n      x\n\n  }\n}\n   y\n") if item >= MARK.TIGHT]
    assert marks == [MARK.IN_1, MARK.IN_2, MARK.BLANK_LINE, MARK.OUT_2, MARK.OUT_1, MARK.ASKEW]


def test_steps_are_those_of_the_text_unless_others_are_given() -> None:
    text = b"x {\n    y {\n        x\n    }\n}\n"
    assert unit_of(lex(text)) == 4
    assert MARK.IN_1 in ids_of(text)
    assert MARK.IN_2 in ids_of(text, unit=2)


def test_a_text_may_begin_inside_of_another() -> None:
    assert ids_of(b"\n  x", unit=2, indent=4)[0] == MARK.OUT_1


def test_what_says_nothing_of_the_code_is_left_out() -> None:
    assert ids_of(b"/* foo */ // bar") == [MARK.COMMENT, MARK.LINE_COMMENT]
    template = [MARK.TEMPLATE_HEAD, MARK.TIGHT, *piece("y"), MARK.TIGHT, MARK.TEMPLATE_TAIL]
    assert ids_of(b"x = `foo ${y} bar`") == [*piece("x"), *closed(b"="), *template]
    assert ids_of(b"x = 12345") == [*piece("x"), *closed(b"="), MARK.NUMBER]
    string = ids_of(b"'" + b"foo1" * 15 + b"'")
    assert len(string) == 8
    assert (string[0], string[-1]) == (*closed(b"'"), MARK.STRING_END)


def test_each_lexeme_begins_with_the_gap_before_it() -> None:
    ids, starts = encode(lex(b"x= y"), SUBTOKENS)
    assert [ids[start:end] for start, end in pairwise(starts)] == [
        piece("x"), [MARK.TIGHT, *closed(b"=")], piece("y")
    ]  # fmt: skip


# ------------------------------------------------------------------ back to text

CODE = b"""import { foo, Bar } from "foo";

export function readLine(item, ...items) {
  if (!item && x >= 3) {
    return new Bar(x++, -y, item?.name);
  }

  for (const name of items) foo(name).bar((x) => x[1]);
  return <div foo='bar'>{name}</div>;
}
class Foo extends Bar {
  static name_in = 'foo';
}
"""


def test_code_comes_back_as_it_was() -> None:
    subtokens = SubTokens([*WORDS, *"import from export function return div static class Foo Line items name".split()])
    assert decode(encode(lex(CODE), subtokens).ids, subtokens, START) == CODE.rstrip()


def test_a_name_is_put_together_again() -> None:
    for name in (b"fooBarValue", b"name_in (x)", b"newValue", b"foos = reading"):
        subtokens = SubTokens([*WORDS, "Value", "##s", "##ing"])
        assert decode(encode(lex(name), subtokens).ids, subtokens, START) == name


def test_indentation_is_that_of_the_place() -> None:
    ids = [*closed(b"{"), MARK.IN_1, *piece("x"), MARK.OUT_1, *closed(b"}")]
    assert decode(ids, SUBTOKENS, Place(b")", 4, 4)) == b" {\n        x\n    }"
    assert decode(ids, SUBTOKENS, Place(b")", 4, 4, tabs=True)) == b" {\n\t\tx\n\t}"


def test_a_place_is_found_at_the_end_of_a_text() -> None:
    assert Place.behind(lex(b"if (x) {\n\tfoo(\n")) == Place(b"(", 4, 4, tabs=True)
    assert Place.behind(lex(b"")) == Place(b"", 0, 2)


@pytest.mark.parametrize(
    "ids",
    [
        [MARK.NUMBER], [MARK.TEMPLATE], [MARK.COMMENT], [MARK.OTHER], [MARK.REGEX], [MARK.PREFIX], [MARK.ASKEW],
        [MARK.STRING_END], [0], [1], [PIECES - 1], [USED], [*piece("x"), MARK.SAME],
        closed(b"'") + piece("foo") * 6 + [MARK.STRING_END], [*closed(b"'"), 1, MARK.STRING_END],
        [*closed(b"'", b"'"), MARK.STRING_END],
    ],
    ids=str,
)  # fmt: skip
def test_what_the_ids_do_not_say_is_not_made_up(ids: list[int]) -> None:
    assert decode(ids, SUBTOKENS, START) is None


LEXEMES = st.sampled_from(
    [b"foo", b"Bar", b"x", b"1", b"=", b"(", b")", b"{", b"}", b",", b";", b"new", b"'foo'", b"."]
)
GAPS = st.sampled_from([b" ", b"\n", b"\n  ", b"\n    ", b"\n\n", b""])


@given(st.lists(st.tuples(LEXEMES, GAPS), max_size=30))
def test_what_comes_back_is_read_as_the_same_ids(pieces: list[tuple[bytes, bytes]]) -> None:
    text = b"".join(lexeme + gap for lexeme, gap in pieces).strip()
    ids = encode(lex(text), SUBTOKENS, unit=2).ids
    again = decode(ids, SUBTOKENS, START)
    if again is not None:
        assert encode(lex(again), SUBTOKENS, unit=2).ids == ids
