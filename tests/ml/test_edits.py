"""What a tag does to a text, and which tags a repair is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Span
from thea_hook.languages.difference import repairs_between
from thea_hook.languages.lexemes import lex
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.steps import set_of, steps_of
from thea_hook.ml.vocabulary import TAGS, Action, Tag

# A broken text, what a person would make of it, and the tag that says so.
REPAIRS = [
    ("f(a b);\n", "f(a, b);\n", "insert ,"),
    ("f(a, b;\n", "f(a, b);\n", "insert )"),
    ("if (a)) b();\n", "if (a) b();\n", "delete"),
    ("a = = b;\n", "a == b;\n", "merge"),
    ("functoin f() {}\n", "function f() {}\n", "replace function"),
    ("cons x = 1;\n", "const x = 1;\n", "replace const"),
    ("const f = (a) = b;\n", "const f = (a) => b;\n", "replace =>"),
    ("const x  5;\n", "const x = 5;\n", "insert ="),
    ("const x 5;\n", "const x = 5;\n", "insert ="),
    ("const x = };\n", "const x = {};\n", "insert {"),
    ("import  a, b } from 'c';\n", "import { a, b } from 'c';\n", "insert {"),
    ("import { a, b from 'c';\n", "import { a, b } from 'c';\n", "insert }"),
    ("if (a) {\n  b();\n\nc();\n", "if (a) {\n  b();\n}\n\nc();\n", "insert }"),
    ("if (a) {\n  if (b) {\n    c();\n  \n}\n", "if (a) {\n  if (b) {\n    c();\n  }\n}\n", "insert }"),
    ("if (a) {\r\n  b();\r\n", "if (a) {\r\n  b();\r\n}\r\n", "insert }"),
    ("if (a) {\n  b();\n else {\n}\n", "if (a) {\n  b();\n} else {\n}\n", "insert }"),
    ("f(() => {\n  g();\n);\n", "f(() => {\n  g();\n});\n", "insert }"),
    ("f(() => {\n  g();\n};\n", "f(() => {\n  g();\n});\n", "insert )"),
    ("for; i < 3; i++) {}\n", "for (; i < 3; i++) {}\n", "insert ("),
    ("if a) b();\n", "if (a) b();\n", "insert ("),
    ("const t =\n  a\n    ? b\n     c;\n", "const t =\n  a\n    ? b\n    : c;\n", "insert :"),
    ("import a from b';\n", "import a from 'b';\n", "insert '"),
    ("import a from 'b;\n", "import a from 'b';\n", "close '"),
    ("f(['foo, 'bar']);\n", "f(['foo', 'bar']);\n", "other"),
    ("f('cus'tom event');\n", "f('custom event');\n", "other"),
    ("f(4sss);\n", "f(4);\n", "other"),
    ("a.7max;\n", "a.max;\n", "other"),
    ("f( () => 1);\n", "f(async () => 1);\n", "insert async"),
    ("f(req auth);\n", "f(req.auth);\n", "insert ."),
    (
        "if (a) {\n  f(b, {\n    c,\n  }\n}\ng();\nh();\n",
        "if (a) {\n  f(b, {\n    c,\n  });\n}\ng();\nh();\n",
        "insert )",
    ),
    ("const s = 'I don't know';\n", "const s = 'I don\\'t know';\n", "escape"),
    ("fooa);\nfoo(a);\n", "foo(a);\nfoo(a);\n", "split ("),
    ("returna;\na();\n", "return a;\na();\n", "split"),
    ("a() b();\n", "a()\nb();\n", "break-line"),
    ("wip\nconst a = 1;\n", "const a = 1;\n", "delete"),
    ("git add x\nconst a = 1;\n", "const a = 1;\n", "delete-line"),
    ("const a = 1; fix me later please\nb();\n", "const a = 1;\nb();\n", "delete-rest"),
    ("this is the first thing\nb();\n", "// this is the first thing\nb();\n", "comment-line"),
    ("const e = <div><b>a</div>;\n", "const e = <div><b>a</b></div>;\n", "close-tag"),
    ("const e = <div>a</dvi>;\n", "const e = <div>a</div>;\n", "rename-tag"),
    ("const o = { a = 1 };\n", "const o = { a: 1 };\n", "replace :"),
    ("const a: 1;\n", "const a = 1;\n", "replace ="),
    ("const s = 'a \nb';\n", "const s = 'a b';\n", "merge"),
    ("const s = `a${b;\n`;\nf({ a });\n", "const s = `a${b};\n`;\nf({ a });\n", "insert }"),
    ("const s = `a${& b}`;\n", "const s = `a${b}`;\n", "delete"),
    ("const s = a ? f(b)) : c;\n", "const s = a ? f(b) : c;\n", "delete"),
    ("const e = <a b=c {d} />;\n", "const e = <a b={d} />;\n", "delete"),
    ("const e = <a b='c'd</a>;\n", "const e = <a b='c'>d</a>;\n", "insert >"),
    ("const e = <a><b c='d'></a>;\n", "const e = <a><b c='d' /></a>;\n", "insert /"),
    ("function f(\n  a: b,\n: c {\n}\n", "function f(\n  a: b,\n): c {\n}\n", "insert )"),
    ("const x = a ? 'b' => 'c';\n", "const x = a ? 'b' : 'c';\n", "replace :"),
    ("let f: (a: B): C;\n", "let f: (a: B) => C;\n", "replace =>"),
    ("/* A b. \nf();\n", "/* A b. */\nf();\n", "insert */"),
    ("/**\n * Says.\n\nf();\n", "/**\n * Says.\n */\nf();\n", "insert */"),
    # A bracket that closes lines has one of its own, whatever stands above it, also where the last line has no end.
    ("function f() {\n  if (a) {\n    b();\n  }", "function f() {\n  if (a) {\n    b();\n  }\n}", "insert }"),
    ("if (a) {\r\n  if (b) {\r\n    c();\r\n  }", "if (a) {\r\n  if (b) {\r\n    c();\r\n  }\r\n}", "insert }"),
    ("if (a) {\n  f(() => {\n    b();\n  });\n", "if (a) {\n  f(() => {\n    b();\n  });\n}\n", "insert }"),
    ("if (a) {\n  b(); \n", "if (a) {\n  b();\n} \n", "insert }"),
    # In a row of equal brackets, those that are there stay under the lines of those that they close.
    ("if (a) {\n  if (b) {\n    c();\n}\n", "if (a) {\n  if (b) {\n    c();\n  }\n}\n", "insert }"),
    ("f({\n  a: {\n});\n", "f({\n  a: {}\n});\n", "insert }"),
    ("if (a) {\n  b = { c, d: e\n}\n", "if (a) {\n  b = { c, d: e }\n}\n", "insert }"),
    ("if (a) {\n  b();\n  }\n} else {\n}\n", "if (a) {\n  b();\n} else {\n}\n", "delete"),
    ("  a = {\n    b: c\n  }\n};\n", "  a = {\n    b: c\n  };\n", "delete"),
    ("const a: B< <C> = d;\n", "const a: B<C> = d;\n", "delete"),
    # An element of a list begins as the one above it.
    ("a = [\n  {\n    b: 1,\n  },\n    b: 2,\n", "a = [\n  {\n    b: 1,\n  },\n  {\n    b: 2,\n", "insert {"),
    ("a = [\n  {\n    b: 1,\n  },\n\n    b: 2,\n", "a = [\n  {\n    b: 1,\n  },\n  {\n    b: 2,\n", "insert {"),
    ("a = [{\n  b: 1,\n},\n  b: 2,\n", "a = [{\n  b: 1,\n}, {\n  b: 2,\n", "insert {"),
    ("a = <b c={d}\n  ...e}\n/>;\n", "a = <b c={d}\n  {...e}\n/>;\n", "insert {"),
    ("a = <b>\n  <c />\n  d.map(e)}\n</b>;\n", "a = <b>\n  <c />\n  {d.map(e)}\n</b>;\n", "insert {"),
    # Blanks are those of the text itself, or else those of most people.
    ("a = (() => {});\n", "a = (async () => {});\n", "insert async"),
    ("b(async() => {});\na(() => {});\n", "b(async() => {});\na(async() => {});\n", "insert async"),
    ("f((a){});\n", "f((a) => {});\n", "insert =>"),
    ("g((b)=>{});\nf((a){});\n", "g((b)=>{});\nf((a)=>{});\n", "insert =>"),
    ("a = <b c={d} e{f} />;\n", "a = <b c={d} e={f} />;\n", "insert ="),
    ("f( { a } );\ng( b, [ c, { d } ];\n", "f( { a } );\ng( b, [ c, { d } ] );\n", "insert )"),
    ("g( () => {\n} );\nf( () => {\n}\n", "g( () => {\n} );\nf( () => {\n} );\n", "insert )"),
    ("f( () => {\n}\n", "f( () => {\n})\n", "insert )"),
    ("function f() {\n  return\n    a\n  );\n}\n", "function f() {\n  return (\n    a\n  );\n}\n", "insert ("),
    ("const t = a ? f(b)\n  c;\n", "const t = a ? f(b) :\n  c;\n", "insert :"),
    (
        "a = [\n  b\n  , c\n  , d\n];\ne = [\n  f\n  g\n];\n",
        "a = [\n  b\n  , c\n  , d\n];\ne = [\n  f\n  , g\n];\n",
        "insert ,",
    ),
    ("a = [\n  b\n  c\n, d\n, e\n];\n", "a = [\n  b\n, c\n, d\n, e\n];\n", "insert ,"),
    ("a =>  b */ c;\n", "a => /* b */ c;\n", "insert /*"),
    ("const a = /* b `c`;\n", "const a = /* b */ `c`;\n", "insert */"),
    ("a = [\n  {\n    b: 1,\n];\n", "a = [\n  {\n    b: 1,\n  }\n];\n", "insert }"),
    ("a . .b();\n", "a.b();\n", "delete"),
    ("f({ a: : b });\n", "f({ a: b });\n", "delete"),
    ("import\nimport a from 'b';\n", "import a from 'b';\n", "delete"),
    ("a = [\n  b,\n  , c\n];\n", "a = [\n  b,\n  c\n];\n", "delete"),
    ("var a = 1,\n    b = 2,\n    c();\n", "var a = 1,\n    b = 2;\nc();\n", "replace ;"),
    ("let a = f(\n  b,\n  c);\n", "let a = f(\n  b;\n  c);\n", "replace ;"),
    ("  let alet b;\na;\n", "  let a\n  let b;\na;\n", "split"),
    ("type A = {\n  b: stringc: d;\n};\nstring;\n", "type A = {\n  b: string\n  c: d;\n};\nstring;\n", "split"),
    # No blanks stay at the end of a line, no empty lines at the end of a file, and not twice as many elsewhere.
    ("if (a) {\n  b();\n} else \n", "if (a) {\n  b();\n}\n", "delete"),
    ("f(() => {\n});\n\n});\n", "f(() => {\n});\n", "delete-line"),
    ("f();\n\n});", "f();", "delete-line"),
    ("f();\n\n});\n\n\ng();\n", "f();\n\n\ng();\n", "delete-line"),
    ("f();\n\n\n});\n\ng();\n", "f();\n\n\ng();\n", "delete-line"),
    ("f(a\n).b();\n", "f(a.b();\n", "delete"),
    ("const s = `a${b c}`;\n", "const s = `a${b}`;\n", "delete"),
    # The equals sign of an attribute stands between its name and its value.
    ('<a color, ="b" c={d}>e</a>;\n', '<a color="b" c={d}>e</a>;\n', "delete"),
    ("<a color, ={b}>c</a>;\n", "<a color={b}>c</a>;\n", "delete"),
    ('<a b= *"c" d="e">f</a>;\n', '<a b="c" d="e">f</a>;\n', "delete"),
    ("a = * 'b';\n", "a = 'b';\n", "delete"),
    # No blank comes behind the brace of a substitution; a line that begins deeper with a comma is not of this list.
    ("const s = `${host/oauth/github`;\n", "const s = `${host}/oauth/github`;\n", "insert }"),
    ("f({\n  a: 1\n  b: g(c\n    ,d),\n});\n", "f({\n  a: 1,\n  b: g(c\n    ,d),\n});\n", "insert ,"),
    # Line ends are those of the text.
    ("a() b();\r\n", "a()\r\nb();\r\n", "break-line"),
    ("  let alet b;\r\na;\r\n", "  let a\r\n  let b;\r\na;\r\n", "split"),
    ("f(a, // B.\n(;\n", "f(a, // B.\n;\n", "delete"),
    # What stays does not become one with a keyword.
    ("const a = await.b();\n", "const a = await b();\n", "delete"),
    ("retur:n a;\n", "return a;\n", "delete"),
    ("f(() -> a);\n", "f(() => a);\n", "replace ="),
]


def tag_named(name: str) -> Tag:
    return next(tag for tag in TAGS if str(tag) == name)


@pytest.mark.parametrize(("broken", "mended", "name"), REPAIRS)
def test_a_tag_mends_the_text_as_a_person_would(broken: str, mended: str, name: str) -> None:
    lexemes = lex(broken.encode(), "tsx")
    tag = tag_named(name)
    results = []
    for place in range(len(lexemes) + 1):
        edit = edit_of(lexemes, Step(place, tag))
        results.append(apply_edits(broken.encode(), [edit]) if edit else b"")
    assert mended.encode() in results


@pytest.mark.parametrize(("broken", "mended", "name"), REPAIRS)
def test_the_repair_of_a_text_is_that_tag(broken: str, mended: str, name: str) -> None:
    lexemes = lex(broken.encode(), "tsx")
    repairs = repairs_between(broken.encode(), mended.encode(), "tsx")
    if name == "close-tag":  # as whole tags; a difference of lexemes may begin in the middle of one
        repairs = [Edit(Span(18, 18), b"</b>")]
    elif not repairs:
        repairs = [Edit(Span(3, 4), b"\n")]
    assert name in {str(step.tag) for step in steps_of(lexemes, repairs)}


def test_a_bracket_more_in_a_row_can_be_any_of_them() -> None:
    lexemes = lex(b"f((a)));", "javascript")
    steps = steps_of(lexemes, [Edit(Span(6, 7), b"")])
    assert {step.place for step in steps} == {4, 5, 6}
    assert all(
        apply_edits(lexemes.text, [edit_of(lexemes, step) or Edit(Span(0, 0), b"?")]) == b"f((a));" for step in steps
    )


def test_of_equal_steps_the_last_one_is_in_the_set() -> None:
    lexemes = lex(b"f((a)));", "javascript")
    assert set_of(lexemes, [Edit(Span(6, 7), b"")]) == [Step(6, Tag(Action.DELETE))]


def test_a_set_has_two_places_for_two_equal_edits() -> None:
    lexemes = lex(b"f((a))))", "javascript")
    steps = set_of(lexemes, [Edit(Span(7, 8), b""), Edit(Span(6, 7), b"")])
    assert {step.place for step in steps} == {6, 7}
    text = lexemes.text
    for step in sorted(steps, reverse=True):
        edit = edit_of(lex(text, "javascript"), step)
        assert edit is not None
        text = apply_edits(text, [edit])
    assert text == b"f((a))"


def test_in_a_set_several_tags_at_one_place_are_alternatives() -> None:
    lexemes = lex(b"if (a b", "javascript")
    steps = set_of(lexemes, [Edit(Span(5, 5), b") {")])
    assert [step.place for step in steps] == [3, 3]


@pytest.mark.parametrize(
    ("broken", "mended", "name"),
    [
        (
            "a = {\n  b: 1\n  // C.\n  // D.\n  e: 2,\n};\n",
            "a = {\n  b: 1,\n  // C.\n  // D.\n  e: 2,\n};\n",
            "insert ,",
        ),
        ("f(a // B.\n;\n", "f(a) // B.\n;\n", "insert )"),
        ("f(a // B. \n;\n", "f(a) // B. \n;\n", "insert )"),
        ("a // B.", "a; // B.", "insert ;"),
    ],
)
def test_what_would_be_commented_out_goes_before_the_comment(broken: str, mended: str, name: str) -> None:
    lexemes = lex(broken.encode(), "tsx")
    behind = max(place for place, text in enumerate(lexemes.texts) if text.startswith(b"//")) + 1
    edit = edit_of(lexemes, Step(behind, tag_named(name)))
    assert edit is not None
    assert apply_edits(lexemes.text, [edit]).decode() == mended


@pytest.mark.parametrize(
    ("broken", "place", "mended", "name"),
    [
        ("a", 1, "a as", "insert as"),
        ("a'b'", 1, "a as 'b'", "insert as"),
        ("a%b", 1, "a in b", "replace in"),
        ("+a", 0, "+ +a", "insert +"),
        ("a /b/", 1, "a / /b/", "insert /"),
        ("a: B<C<D>", 7, "a: B<C<D>>", "insert >"),
    ],
)
def test_what_is_written_is_a_lexeme_of_its_own(broken: str, place: int, mended: str, name: str) -> None:
    edit = edit_of(lex(broken.encode(), "typescript"), Step(place, tag_named(name)))
    assert edit is not None
    assert apply_edits(broken.encode(), [edit]).decode() == mended


@pytest.mark.parametrize("text", ["a();\n  b();", "a();\r\nb();"])
def test_a_line_break_that_is_there_is_no_edit(text: str) -> None:
    lexemes = lex(text.replace("  ", "").encode(), "tsx")
    assert edit_of(lexemes, Step(lexemes.texts.index(b"b"), Tag(Action.BREAK_LINE))) is None


def test_a_word_of_data_is_not_split() -> None:
    lexemes = lex(b"let " + b"ab" * 200 + b"; a;", "tsx")
    assert edit_of(lexemes, Step(1, Tag(Action.SPLIT, b"("))) is None


def test_a_word_that_no_tag_can_write_is_another_edit_at_its_place() -> None:
    lexemes = lex(b"const = 5;", "javascript")
    assert steps_of(lexemes, [Edit(Span(6, 6), b"answer ")]) == [Step(1, Tag(Action.OTHER))]


def test_every_vocabulary_entry_is_there_once() -> None:
    assert len(set(TAGS)) == len(TAGS)


TEXTS = st.lists(
    st.sampled_from(
        [b"a", b"if", b" ", b"\n", b"  ", b"(", b")", b"{", b"}", b"<", b"/", b">", b"'", b"`", b",", b"1"]
    ),
    max_size=25,
).map(b"".join)


WORDS = st.lists(
    st.sampled_from(
        [b"a", b"if", b" ", b"\n", b"\r\n  ", b"(", b")", b"{", b"}", b";", b"// a\n", b"=", b"+", b",", b"1"]
    ),
    max_size=25,
).map(b"".join)
WRITTEN = [tag for tag in TAGS if tag.action is Action.INSERT and tag.text.isalpha()]


@given(WORDS, st.integers(0, 30), st.sampled_from(WRITTEN))
def test_a_word_is_inserted_between_two_lexemes_and_changes_neither(text: bytes, place: int, tag: Tag) -> None:
    lexemes = lex(text, "typescript")
    place = min(place, len(lexemes))
    edit = edit_of(lexemes, Step(place, tag))
    assert edit is not None
    texts = lex(apply_edits(text, [edit]), "typescript").texts
    while place and lexemes.texts[place - 1].startswith(b"//") and texts[place] != tag.text:
        place -= 1
    assert texts == [*lexemes.texts[:place], tag.text, *lexemes.texts[place:]]


@given(TEXTS, st.integers(0, 30), st.sampled_from(TAGS))
def test_every_tag_at_every_place_is_an_edit_or_nothing(text: bytes, place: int, tag: Tag) -> None:
    lexemes = lex(text, "tsx")
    edit = edit_of(lexemes, Step(min(place, len(lexemes)), tag))
    if edit is not None:
        assert apply_edits(text, [edit]) != text


WITH_LINES = [tag for tag in TAGS if tag.action < Action.INSERT or tag.action in (Action.SPLIT, Action.BREAK_LINE)]
WITH_LINES += [Tag(Action.INSERT, text) for text in (b"}", b")", b"{", b"*/", b",")] + [Tag(Action.REPLACE, b";")]


@given(TEXTS, st.integers(0, 30), st.sampled_from(WITH_LINES))
@example(b"b", 2, Tag(Action.BREAK_LINE))
def test_line_ends_stay_those_of_the_text(text: bytes, place: int, tag: Tag) -> None:
    lexemes = lex(b"a;\r\n" + text.replace(b"\n", b"\r\n"), "tsx")
    edit = edit_of(lexemes, Step(place % (len(lexemes) + 1), tag))
    mended = apply_edits(lexemes.text, [edit] if edit else [])
    assert mended.count(b"\r") == mended.count(b"\n") == mended.count(b"\r\n")
