"""Lexical tokens of text that may be broken, and the layout around them."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.core.source import Language
from thea_hook.languages.lexemes import Kind, Lexemes, lex, token_at

LANGUAGES: tuple[Language, ...] = ("javascript", "typescript", "tsx")
SAMPLE = b"""#!/usr/bin/env node
/** A sample of everything. */
import { a as b } from 'c';

@decorated('x')
class Box<T extends object = {}> extends Base<T> {
\t#size = 0x1F_n + .5e-3;
\tget ratio() { return this.#size / 2 / this.total; } // not a regex
\tmatches = (text: string) => /[/\\]]+`/gu.test(text);
}
const view = (rows: Row[]) => (
  <Table<Row> title="It's
    long" {...rest} data-size={rows.length > 3 ? 'l' : `m${rows.length}`}>
    It's here; {rows.map((row) => <Cell key={row.id}>{row.name} &amp; more</Cell>)}
    <>
      {/* nothing */}
    </>
  </Table>
);
const query = `a ${b + `c ${{ d: 1 }.d} e`} f`;
"""


def kinds(text: str, language: Language = "tsx") -> list[tuple[str, str]]:
    lexemes = lex(text.encode(), language)
    return [
        (Kind(kind).name.lower(), value.decode("utf-8", "replace"))
        for kind, value in zip(lexemes.kinds, lexemes.texts, strict=True)
    ]


def of_kind(text: str, kind: Kind, language: Language = "tsx") -> list[str]:
    return [value for name, value in kinds(text, language) if name == kind.name.lower()]


def values(text: str, language: Language = "tsx") -> list[str]:
    return [value for _, value in kinds(text, language)]


# ------------------------------------------------------------------ nothing is lost


def assert_lossless(text: bytes, language: Language) -> None:
    lexemes = lex(text, language)
    position = 0
    rebuilt = b""
    for start, end, value in zip(lexemes.starts, lexemes.ends, lexemes.texts, strict=True):
        assert position <= start < end <= len(text)
        rebuilt += text[position:start] + value
        assert_blank(text[position:start])
        position = end
    assert_blank(text[position:])
    assert rebuilt + text[position:] == text


def assert_blank(gap: bytes) -> None:
    shown = gap.decode("utf-8", "replace").replace("\ufeff", "")
    assert not shown.strip(), f"{shown!r} is no white space"


@pytest.mark.parametrize("language", LANGUAGES)
@given(
    st.one_of(
        st.binary(),
        st.text(alphabet="`${}'\"/*\\()[]<>=+;&a1 \n\r\u200b“ é").map(str.encode),
        st.lists(
            st.sampled_from(
                ["<a>", "</a>", "<b ", "{", "}", "`", "${", "/*", "*/", "<<<<<<< x\n", "=======\n", "it's "]
            )
        ).map(lambda pieces: "".join(pieces).encode()),
    )
)
def test_lexemes_and_white_space_are_the_whole_text(language: Language, text: bytes) -> None:
    assert_lossless(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@given(st.randoms(use_true_random=False))
def test_nothing_of_mutated_code_is_lost(language: Language, chance: random.Random) -> None:
    text = SAMPLE
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice([b"", b"`", b"'", b"<", b"}", b"\n", b"/", b"\xff"]) + text[at + 1 :]
    assert_lossless(text, language)


@pytest.mark.parametrize(
    "piece",
    [
        *["`${", "/*", "'", '"\\', "/[", "\\", "/a", "(", "<!--", "\u200b", "“", "`\n", "/*\n/*", " ", ")/", "{`"],
        *["<a>{", "<a ", "<T>(", "<a></", "<a>=>", "&a;<a>;", "<a>x\n=======\n", "<a b='"],
    ],
)
def test_any_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    lex(piece.encode() * 50_000)
    assert time.process_time() - started < 10  # a quadratic one would take minutes


# ------------------------------------------------------------------ lexemes of ordinary code


def test_operators_are_as_long_as_they_can_be() -> None:
    assert of_kind("a >>>= b ?? c?.d = => ...e", Kind.PUNCTUATION) == [">>>=", "??", "?.", "=", "=>", "..."]


def test_strings_and_comments_hide_what_is_in_them() -> None:
    assert of_kind("'a = = b' + \"c\\\"d\" // = =\n/* ' */ x = = 1", Kind.PUNCTUATION) == ["+", "=", "="]


def test_templates_hide_their_text_but_not_their_code() -> None:
    assert kinds("`a = = ${b + `c ${{d: 1}} e`} f` + g") == [
        ("template", "`a = = ${"),
        ("word", "b"),
        ("punctuation", "+"),
        ("template", "`c ${"),
        ("punctuation", "{"),
        ("word", "d"),
        ("punctuation", ":"),
        ("number", "1"),
        ("punctuation", "}"),
        ("template", "} e`"),
        ("template", "} f`"),
        ("punctuation", "+"),
        ("word", "g"),
    ]


@pytest.mark.parametrize(
    "text", ["a / b / c", "f(a) / b / c", "a[0] / b / c", "a++ / b / c", "1 / b / c", "</p> + </p>"]
)
def test_a_slash_behind_a_value_divides(text: str) -> None:
    assert of_kind(text, Kind.REGEX) == []


@pytest.mark.parametrize(
    "text",
    ["/b/g", "a = /b/g", "return /b/g", "f(/b/g)", "if (a(b)) /b/g.test(c)", "}\n/b/g.test(c)", "`${/b/g}`", "=> /b/g"],
)
def test_a_slash_where_a_value_is_due_opens_a_regular_expression(text: str) -> None:
    assert of_kind(text, Kind.REGEX) == ["/b/g"]


def test_a_class_in_a_regular_expression_may_hold_a_slash() -> None:
    assert of_kind(r"a = /[/\]]\/ = =/u;", Kind.REGEX) == [r"/[/\]]\/ = =/u"]


def test_a_comment_does_not_change_what_a_slash_is() -> None:
    assert of_kind("a = /* b */ /c/", Kind.REGEX) == ["/c/"]
    assert of_kind("a /* b */ /c/ d", Kind.REGEX) == []


def test_a_private_name_is_one_word_and_a_decorator_two_lexemes() -> None:
    assert values("@dec class { #x = this.#y }") == "@ dec class { #x = this . #y }".split()


def test_a_shebang_is_a_comment_at_the_start_only() -> None:
    assert kinds("#!/bin/node\n#!a")[:2] == [("comment", "#!/bin/node"), ("punctuation", "#")]


@pytest.mark.parametrize("number", ["0xFF_FFn", "1e+3", ".5e-3", "1_000.5", "0b01"])
def test_a_number_is_one_lexeme(number: str) -> None:
    assert kinds(number) == [("number", number)]


@pytest.mark.parametrize("char", "“’；（，\u00ad\u2060\u200e…≤")
def test_typographic_characters_are_in_no_word(char: str) -> None:
    assert kinds(f"a{char}b") == [("word", "a"), ("other", char), ("word", "b")]


@pytest.mark.parametrize(
    "word",
    [
        "café",
        "变量",
        "ªb",
        "µ",
        "a\u200db",
        "a\u0301",
        "ｆ１",
        r"\u0061b",
        r"\u{61}b",
        "𝒳",
    ],
)
def test_letters_of_any_script_make_a_word(word: str) -> None:
    assert kinds(word) == [("word", word)]


# ------------------------------------------------------------------ JSX


def test_text_between_tags_is_a_lexeme_without_its_white_space() -> None:
    assert of_kind("x = <a>it's {b} or\n /there/ <i/></a>", Kind.JSX_TEXT) == ["it's", "or\n /there/"]


@pytest.mark.parametrize("language", ["javascript", "tsx"])
def test_fragments_and_nested_elements_have_text(language: Language) -> None:
    text = "return <><b c={<i>d</i>}>{e && <u>f</u>} g</b></>;"
    assert of_kind(text, Kind.JSX_TEXT, language) == ["d", "f", "g"]


def test_code_goes_on_behind_an_element() -> None:
    assert values("f(<a>b</a>, c / d / e)") == "f ( < a > b < / a > , c / d / e )".split()


def test_type_arguments_of_an_element_do_not_end_its_tag() -> None:
    assert of_kind("x = <List<Row> a='b'>c</List>", Kind.JSX_TEXT) == ["c"]


def test_an_attribute_may_span_lines() -> None:
    assert of_kind("x = <a b='c\n d' />", Kind.STRING) == ["'c\n d'"]


@pytest.mark.parametrize(
    "text",
    [
        "f = <T,>(x: T) => a > b",
        "f = <T extends U>(x: T) => a > b",
        "type F = <T>(x: T) => A<B>",
        "if (a < b && c > d) e < f",
        "new Map<A, B>(c)",
        "for (i = 0; i < n; i++) a > b",
        "x = useState<A>(b) < c",
    ],
)
def test_comparisons_and_type_parameters_are_no_elements(text: str) -> None:
    assert of_kind(text + "; it <i", Kind.JSX_TEXT) == []


def test_typescript_without_jsx_has_no_elements() -> None:
    assert of_kind("x = <any>y; z = <b>c</b>", Kind.JSX_TEXT, "typescript") == []


@pytest.mark.parametrize(
    "broken",
    [
        "return (\n  <p>\n    <b>a\n  </p>\n);\n}\n",
        "return (\n  <p>\n    <b>a</b>\n);\n}\n",
        "return <p>a\n}\n",
        "return <p {a>b</p>;\n}\n",
        "return <p a={b>c</p>;\n}\n",
    ],
)
def test_code_behind_an_unclosed_element_is_code(broken: str) -> None:
    behind = "const x = a < b;\nfunction f() { return /c/; }\n"
    assert values(broken + behind)[-len(values(behind)) :] == values(behind)


# ------------------------------------------------------------------ what does not end


def test_a_quote_without_a_partner_on_its_line_is_only_a_quote() -> None:
    assert kinds("x = it's;\na 'b'")[2:] == [
        ("word", "it"),
        ("other", "'"),
        ("word", "s"),
        ("punctuation", ";"),
        ("word", "a"),
        ("string", "'b'"),
    ]


def test_a_backtick_without_a_partner_is_only_a_backtick() -> None:
    assert kinds("a = `b;\nc") == [
        ("word", "a"),
        ("punctuation", "="),
        ("template", "`"),
        ("word", "b"),
        ("punctuation", ";"),
        ("word", "c"),
    ]


@pytest.mark.parametrize(
    "broken", ["a = `b;\n", "a = b`;\n", "a = `b ${c};\n", "a = `b ${c`;\n", "a = `${b} ${c};\nd();\n"]
)
def test_a_missing_backtick_does_not_turn_the_next_template_inside_out(broken: str) -> None:
    assert kinds(broken + "x = `y ${z}`;\nlast")[-7:] == [
        ("word", "x"),
        ("punctuation", "="),
        ("template", "`y ${"),
        ("word", "z"),
        ("template", "}`"),
        ("punctuation", ";"),
        ("word", "last"),
    ]


def test_a_comment_that_does_not_end_is_only_its_opening() -> None:
    assert kinds("/* a\nb = 1") == [
        ("other", "/*"),
        ("word", "a"),
        ("word", "b"),
        ("punctuation", "="),
        ("number", "1"),
    ]


def test_a_comment_ends_before_the_next_begins() -> None:
    assert kinds("/* a\nb\n  /* c */ d") == [
        ("other", "/*"),
        ("word", "a"),
        ("word", "b"),
        ("comment", "/* c */"),
        ("word", "d"),
    ]


def test_conflict_markers_are_lexemes_also_between_tags() -> None:
    conflict = "<<<<<<< HEAD\n{0}\n=======\n{1}\n>>>>>>> topic\n"
    marks = ["<<<<<<<", "=======", ">>>>>>>"]
    for text in (conflict.format("a = 1;", "a = 2;"), f"x = <p>\n{conflict.format('old', 'new')}</p>"):
        assert [mark for mark in of_kind(text, Kind.PUNCTUATION) if len(mark) == 7] == marks
    assert of_kind("a <<<<<<< b", Kind.PUNCTUATION) == ["<<", "<<", "<<", "<"]


# ------------------------------------------------------------------ layout


def layout(text: bytes) -> Lexemes:
    return lex(text)


def test_layout_counts_lines_columns_and_indentation_from_nought() -> None:
    lexemes = layout(b"a;\n\n  \tb = {\n}")
    assert lexemes.texts == [b"a", b";", b"b", b"=", b"{", b"}"]
    assert lexemes.lines == [0, 0, 2, 2, 2, 3]
    assert lexemes.columns == [0, 1, 3, 5, 7, 0]
    assert lexemes.indents == [0, 0, 6, 6, 6, 0]
    assert lexemes.newlines_before == [0, 0, 2, 0, 0, 1]


def test_a_bracket_is_as_deep_as_its_partner() -> None:
    lexemes = layout(b"f({a: `b ${c} d`}) ] g")
    assert list(zip(lexemes.texts, lexemes.depths, strict=True)) == [
        (b"f", 0),
        (b"(", 0),
        (b"{", 1),
        (b"a", 2),
        (b":", 2),
        (b"`b ${", 2),
        (b"c", 3),
        (b"} d`", 2),
        (b"}", 1),
        (b")", 0),
        (b"]", 0),
        (b"g", 0),
    ]


@given(st.text(alphabet="ab`${}()\n\r\t /*'").map(str.encode))
def test_lines_and_columns_lead_back_to_each_lexeme(text: bytes) -> None:
    lexemes = lex(text)
    lines = text.split(b"\n")
    for index, value in enumerate(lexemes.texts):
        line = lexemes.lines[index]
        assert sum(len(before) + 1 for before in lines[:line]) + lexemes.columns[index] == lexemes.starts[index]
        blanks = re.match(rb"[ \t]*", lines[line])
        assert blanks is not None
        assert lexemes.indents[index] == len(blanks[0].expandtabs(1)) + 3 * blanks[0].count(b"\t")
        assert value == text[lexemes.starts[index] : lexemes.ends[index]]
    assert len(lexemes) == len(lexemes.newlines_before) == len(lexemes.depths)


def test_tokens_are_found_by_the_place_they_end_behind() -> None:
    tokens = lex(b"ab cd").tokens
    assert [token_at(tokens, offset) for offset in range(6)] == [0, 0, 1, 1, 1, 2]
