"""What verification refuses, and what it lets through."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.errors import ParseTimeout
from thea_hook.languages import oracle
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, SyntaxProblem, Verdict
from thea_hook.ml import verify as verification
from thea_hook.ml.verify import Refusal, is_known_gap, unknown_names, validate, verify

LANGUAGES: tuple[Language, ...] = ("javascript", "typescript", "tsx")
ENDINGS = {"javascript": "js", "typescript": "ts", "tsx": "tsx"}


def edits(before: str, *replacements: tuple[str, str]) -> tuple[Edit, ...]:
    """Edits that replace the only place of each text; ``a|b`` names an insertion between a and b."""
    found = []
    for old, new in replacements:
        left, _, right = old.partition("|") if old.count("|") == 1 and not new.startswith(old) else (old, "", "")
        assert before.count(left + right) == 1, f"{left + right!r} is not unique"
        start = before.index(left + right)
        if left == old:
            found.append((start, start + len(old), new))
        else:
            found.append((start + len(left), start + len(left), new))
    return tuple(
        Edit(Span(len(before[:start].encode()), len(before[:end].encode())), new.encode()) for start, end, new in found
    )


def refusal(before: str, *replacements: tuple[str, str], language: Language = "typescript") -> Refusal | None:
    return validate(before.encode(), edits(before, *replacements), language)


FUNCTION = """\
import { load } from './load';

export function total(items) {
  const prices = items.map((item) => item.price;
  log(prices);
  return prices.reduce((a, b) => a + b, 0);
}

export function last(items) {
  return items[items.length - 1];
}
"""
BROKEN_LINE = "  const prices = items.map((item) => item.price;\n"
BODY = FUNCTION[FUNCTION.index(BROKEN_LINE) : FUNCTION.index("}\n\nexport")]


# ------------------------------------------------------------------ degenerate fixes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "replacement, reason",
    [
        pytest.param((BROKEN_LINE, ""), Refusal.DELETED_CODE, id="the broken line goes"),
        pytest.param((BODY, ""), Refusal.EMPTIED_BLOCK, id="the block is emptied"),
        pytest.param((BODY, "  return 0;\n"), Refusal.DELETED_CODE, id="the block is replaced by a constant"),
        pytest.param((BODY, "\n"), Refusal.EMPTIED_BLOCK, id="the block becomes an empty line"),
        pytest.param(
            (FUNCTION[FUNCTION.index(BROKEN_LINE) :], "}\n"), Refusal.REST_REMOVED, id="the rest of the file goes"
        ),
        pytest.param(
            (FUNCTION[FUNCTION.index("export function total") :], ""),
            Refusal.REST_REMOVED,
            id="all but the imports goes",
        ),
        pytest.param(("  |const prices", "// "), Refusal.COMMENTED_OUT, id="the broken line becomes a comment"),
        pytest.param(
            (BROKEN_LINE, "  // const prices = items.map((item) => item.price;\n"),
            Refusal.COMMENTED_OUT,
            id="the broken line is written again as a comment",
        ),
        pytest.param(
            (BODY, "  /* " + BODY + " */\n"), Refusal.COMMENTED_OUT, id="the body is written again as a comment"
        ),
        pytest.param(
            (BODY, "  `" + BODY + "`;\n"), Refusal.TURNED_INTO_TEXT, id="the body is written again as a template"
        ),
        pytest.param(
            ("items.map((item) => item.price;", "'items.map((item) => item.price';"),
            Refusal.TURNED_INTO_TEXT,
            id="an expression is written again as a string",
        ),
        pytest.param(
            ("  const prices = items|", "; // "), Refusal.COMMENTED_OUT, id="the rest of the line becomes a comment"
        ),
    ],
)
def test_a_repair_that_takes_code_away_is_refused(
    replacement: tuple[str, str], reason: Refusal, language: Language
) -> None:
    assert refusal(FUNCTION, replacement, language=language) is reason


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "opening, closing, reason",
    [
        ("/* ", " */", Refusal.COMMENTED_OUT),
        ("`", "`;", Refusal.TURNED_INTO_TEXT),
        ("if (false) {", "}", Refusal.NEVER_RUN),
        ("if (0) {", "}", Refusal.NEVER_RUN),
        ("if (!1) {", "}", Refusal.NEVER_RUN),
        ("while (false) {", "}", Refusal.NEVER_RUN),
        ("if (false && debug) {", "}", Refusal.NEVER_RUN),
    ],
)
def test_code_put_between_two_marks_is_refused(opening: str, closing: str, reason: Refusal, language: Language) -> None:
    assert refusal(FUNCTION, ("  |const prices", opening), ("log(prices);|", closing), language=language) is reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_string_around_code_is_refused(language: Language) -> None:
    before = "const area = width * * height;\n"
    assert refusal(before, ("= |w", "'"), ("height|", "'"), language=language) is Refusal.TURNED_INTO_TEXT


def test_a_regular_expression_around_code_is_refused() -> None:
    before = "const area = width * * height;\n"
    assert refusal(before, ("= |w", "/"), ("height|", "/")) is Refusal.TURNED_INTO_TEXT


def test_a_comment_that_begins_here_and_ends_with_the_next_one_is_refused() -> None:
    before = "start();\nfoo(a b);\nstop();\n/* done */\n"
    assert refusal(before, ("|foo", "/* ")) is Refusal.COMMENTED_OUT


def test_a_comment_whose_end_goes_is_refused() -> None:
    before = "/* one */\nfoo(a b);\n/* two */\n"
    assert refusal(before, ("one */", "one")) is Refusal.COMMENTED_OUT


def test_half_of_an_arrow_is_refused() -> None:
    before = "const f = (a) -> a.b->c;\n"
    assert refusal(before, ("b->c", "b-c")) is Refusal.HALVED_ARROW
    assert refusal(before, ("b->c", "b>c")) is Refusal.HALVED_ARROW
    assert refusal(before, ("b->c", "b.c"), (") ->", ") =>")) is None
    assert refusal("const f = a - > b;\n", ("- >", "-")) is None


def test_an_open_template_that_ends_behind_the_code_is_refused() -> None:
    before = "const text = `hello;\nconst a = load(b);\nfoo(a);\nexport default a;\n"
    assert refusal(before, ("default a;\n|", "`;\n")) is Refusal.TURNED_INTO_TEXT
    assert refusal(before, ("hello|;", "`")) is None


def test_an_open_comment_that_ends_behind_the_code_is_refused() -> None:
    before = "/* hello\nconst a = load(b);\nfoo(a);\nexport default a;\n"
    assert refusal(before, ("default a;\n|", "*/\n")) is Refusal.COMMENTED_OUT
    assert refusal(before, ("hello|", " */")) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "comment",
    [
        "// @ts-ignore",
        "// @ts-nocheck",
        "// @ts-expect-error broken",
        "/* eslint-disable */",
        "// eslint-disable-next-line no-undef",
        "// biome-ignore lint: later",
        "/* istanbul ignore next */",
    ],
)
def test_a_comment_that_silences_a_checker_is_refused(comment: str, language: Language) -> None:
    before = "foo(a b);\n"
    assert refusal(before, ("|foo", comment + "\n"), ("a| b", ","), language=language) is Refusal.SUPPRESSION


@pytest.mark.parametrize(
    "before, replacement",
    [
        ("const a = b as ;\n", ("as| ;", " any")),
        ("function f(a: , b: string) {}\n", ("a:| ,", " any")),
        ("const a: Map<string, > = b;\n", ("string, |>", "any")),
        ("const a = (b c) as B;\n", ("(b c) as B", "(b as any)")),
        ("let a: = 1;\n", ("a:| =", " any")),
    ],
)
@pytest.mark.parametrize("language", ["typescript", "tsx"])
def test_a_type_given_up_is_refused(before: str, replacement: tuple[str, str], language: Language) -> None:
    assert refusal(before, replacement, language=language) is Refusal.ANY_TYPE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "statement", ["return;", "return null;", "throw new Error();", "if (items) return;", "if (items) { return; }"]
)
def test_an_exit_before_code_that_is_to_run_is_refused(statement: str, language: Language) -> None:
    before = FUNCTION
    assert (
        refusal(before, ("  |const prices", statement + " "), ("price|;", ")"), language=language) is Refusal.EARLY_EXIT
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exit_that_is_read_as_a_member_of_a_class_is_refused(language: Language) -> None:
    before = "class A {\n  a = 1;\n  m(a b) {}\n}\n"
    assert refusal(before, ("|  m(a b)", "  return;\n"), ("(a| b)", ","), language=language) is Refusal.EARLY_EXIT


def test_a_line_break_behind_return_is_refused() -> None:
    assert refusal("function f() {\n  return a b;\n}\n", ("return |a b", "\n"), ("a |b", "+ ")) is Refusal.EARLY_EXIT


@pytest.mark.parametrize("before, replacement", [
    ("f(a b);\n", ("a |b", " ")),
    ("f(a b);\n", ("a |b", "/* , */")),
    ("f(a b); // c\n", (" // c", "")),
    ("f(a b);\n", ("|f", "")),
])  # fmt: skip
def test_white_space_and_comments_mend_nothing(before: str, replacement: tuple[str, str]) -> None:
    assert refusal(before, replacement) is Refusal.NO_CHANGE


@pytest.mark.parametrize("before, replacement", [
    ("f(a) && g(b c);\n", ("|f(a)", "false && ")),
    ("const a = b c;\n", ("b c", "true || c")),
    ("const a = f(b) c;\n", ("f(b) c", "false ? f(b) : c")),
])  # fmt: skip
def test_an_operator_that_keeps_code_from_running_is_refused(before: str, replacement: tuple[str, str]) -> None:
    assert refusal(before, replacement) is Refusal.NEVER_RUN


@pytest.mark.parametrize(
    "before, gone",
    [
        ("foo(a b);\nbar(c);\n", "foo(a b);\n"),
        ("a = 1;\nfoo(a b)\nbar(c)\n", "foo(a b)\n"),
        ("class A {\n  m() {\n    f(a b);\n  }\n  n() {\n    g();\n  }\n}\n", "  m() {\n    f(a b);\n  }\n"),
        ("import a from './a';\nimport { b c } from './b';\nf(a, b);\n", "import { b c } from './b';\n"),
        ("const a = {\n  b: 1,\n  c: d e,\n  f: 2,\n};\n", "  c: d e,\n"),
        (
            "switch (a) {\n  case 1:\n    f(b c);\n    break;\n  default:\n    g();\n}\n",
            "  case 1:\n    f(b c);\n    break;\n",
        ),
        ("if (a) {\n  f();\n} else {\n  g(b c);\n}\nh();\n", " else {\n  g(b c);\n}"),
        ("f(); g(a b); h();\n", "g(a b); "),
        ("switch (a) {\n  case 1:\n  case 2:\n    f(b c);\n}\n", "  case 1:\n"),
        ("const a = [\n  b,\n  c,\n  d e,\n];\n", "  b,\n"),
        ("import a from 'a;\nimport b from 'b';\n", "import a from 'a;\n"),
        ("export const a = load('./b'\n\nf(a);\n", "('./b'"),
        ("if (a) {\n  f();\n} else {\n  g(b c);\n}\nh();\n", "} else {\n"),
        ("f();\nlet a = 1;\nlet a b = 2;\nlet c = 3;\n", "let a = 1;\nlet a b = 2;\n"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_deleted_statements_are_refused(before: str, gone: str, language: Language) -> None:
    assert refusal(before, (gone, ""), language=language) is Refusal.DELETED_CODE


def test_deletions_lexeme_by_lexeme_count_together() -> None:
    before = b"foo(a b);\nbar(c);\n"
    gone = tuple(Edit(Span(start, end), b"") for start, end in [(0, 3), (3, 4), (4, 5), (6, 7), (7, 8), (8, 9)])
    assert validate(before, gone, "typescript") is Refusal.DELETED_CODE


def test_edits_that_overlap_are_refused() -> None:
    clash = (Edit(Span(0, 3), b"a"), Edit(Span(2, 4), b"b"))
    assert validate(b"f(a b)", clash, "typescript") is Refusal.EDITS_CLASH


# ------------------------------------------------------------------ real repairs

CONFLICT = """\
const a = 1;
<<<<<<< HEAD
const b = load(a);
const c = 3;
=======
const b = save(a);
const c = 4;
>>>>>>> topic
f(b, c);
"""

REPAIRS: dict[str, tuple[str, Sequence[tuple[str, str]]]] = {
    "a missing parenthesis": (FUNCTION, [("price|;", ")")]),
    "a missing comma": ("f(a b);\n", [("a| b", ",")]),
    "a missing brace": ("function f() {\n  g();\n\nh();\n", [("g();\n|", "}\n")]),
    "an extra brace": ("function f() {\n  g();\n}\n}\nh();\n", [("}\n}\n", "}\n")]),
    "an extra closing line": ("f(() => {\n  g();\n});\n});\nh();\n", [("});\n});\n", "});\n")]),
    "an extra semicolon": ("const a = {\n  b: 1;\n};\n", [("1;", "1,")]),
    "an extra operator": ("a = b + + * c;\n", [("+ + *", "+")]),
    "a split operator": ("if (a = == b) f();\n", [("= ==", "===")]),
    "a split arrow": ("f((a) = > b);\n", [("= >", "=>")]),
    "a misspelt keyword": ("function f() {\n  retrun a;\n  b();\n}\n", [("retrun", "return")]),
    "a misspelt keyword, letter by letter": ("function f() {\n  retrn a;\n  b();\n}\n", [("retr|n", "u")]),
    "a wrong bracket": ("f(a];\n", [("]", ")")]),
    "a lost closing quote": ("f('a b);\ng('c');\n", [("b|)", "'")]),
    "a lost opening quote": ("f(a b', 'c');\n", [("(|a b", "'")]),
    "a lost opening quote before a list": ("import a from ./a';\n", [("|./a", "'")]),
    "a quote of the wrong kind": ("f(\"a b');\n", [("b'", 'b"')]),
    "words without quotes": ("alert(Hello dear world);\n", [("(|H", "'"), ("world|", "'")]),
    "an apostrophe in a string": ("f('it's late');\n", [("t|'s", "\\")]),
    "a lost backtick at the end": ("const a = `b ${c} d;\nconst e = f(g);\n", [("d|;", "`")]),
    "a lost backtick at the beginning": ("const a = select name from t where b = ${c}`;\n", [("= |select", "`")]),
    "a lost backtick before lines": (
        "const q = gql\n  query {\n    user(id: $id) {\n      name\n    }\n  }\n`;\nf(q);\n", [("gql|\n", "`")]
    ),
    "a substitution without its end": ("const a = `b ${c d`;\nf(`e ${g}`);\nh();\n", [("{c|", "}")]),
    "an open comment": ("/* one\nf();\ng();\n", [("one|", " */")]),
    "an open regular expression": ("const a = /b c;\nf(d);\n", [("b c|", "/")]),
    "a lost start of a doc comment": (
        " * Loads all of it.\n * @param a the name\n */\nfunction f(a) {}\n", [("| * Loads", "/**\n")]
    ),
    "prose without its marker": ("this returns the last item\nf(a);\n", [("|this", "// ")]),
    "code that was commented out, beside an empty comment": (
        "//\n a = b c;\n// d = e;\nf(a);\n",
        [("| a = b", "//")],
    ),
    "prose in several lines": (
        "Loads the file and\nthen parses it.\nDone\nf(a);\n", [("|Loads", "/* "), ("Done|", " */")]
    ),
    "half a comment marker": ("/ the last item\nf(a);\n", [("|/ the", "/")]),
    "half a marker before code": ("f();\n/ g(a b);\n", [("|/ g", "/")]),
    "a commented line without its marker": ("// f(\n a b,\n// );\ng();\n", [("|a b", "// ")]),
    "prose that goes": ("f(a);\nthis returns the last item\ng(b);\n", [("this returns the last item\n", "")]),
    "stray words": ("f(a);\nfoo bar\ng(b);\n", [("foo bar\n", "")]),
    "a stray word": ("f(a) asdf;\n", [(" asdf", "")]),
    "a stray character": ("f(a);\n\\\ng(b);\n", [("\\\n", "")]),
    "a doubled line": ("f(a, {\nf(a, {\n  b: 1,\n});\n", [("f(a, {\nf(a, {\n", "f(a, {\n")]),
    "a doubled line, the first": ("if (a) {\nif (a) {\n  f();\n}\n", [("if (a) {\nif", "if")]),
    "a doubled call": ("const a = b(c)b(c);\n", [("b(c)b(c)", "b(c)")]),
    "a doubled method": (
        "class A {\n  m() {\n    f();\n  m() {\n    f();\n  }\n}\n", [("  m() {\n    f();\n  m()", "  m()")]
    ),
    "an older version of a line": ("const a = load(b,\nconst a = load(b, c);\nf(a);\n", [("const a = load(b,\n", "")]),
    "a line never finished": ("f(a);\nconst b =\nimport c from 'c';\n", [("const b =\n", "")]),
    "a call never finished": ("f(a);\nconsole.\nconst b = 1;\n", [("console.\n", "")]),
    "the end of the file never finished": ("f(a);\nconst b = load(", [("const b = load(", "")]),
    "one side of a conflict": (
        CONFLICT, [("<<<<<<< HEAD\n", ""), ("=======\nconst b = save(a);\nconst c = 4;\n>>>>>>> topic\n", "")]
    ),
    "the other side of a conflict": (
        CONFLICT, [("<<<<<<< HEAD\nconst b = load(a);\nconst c = 3;\n=======\n", ""), (">>>>>>> topic\n", "")]
    ),
    "some of both sides": (
        CONFLICT,
        [("<<<<<<< HEAD\n", ""), ("const c = 3;\n=======\nconst b = save(a);\n", ""), (">>>>>>> topic\n", "")],
    ),
    "the last marker of a conflict": ("f(a);\n>>>>>>> topic of mine\ng(b);\n", [(">>>>>>> topic of mine\n", "")]),
    "two statements on a line": ("f(a) g(b)\n", [("f(a)| g", ";")]),
    "a lost line break": ("f(a) g(b)\n", [("f(a)| g", "\n")]),
    "a moved bracket": ("f(a, (b) => {\n  g();\n)};\n", [(")};", "});")]),
    "a bracket moved further": ("f(g(a, b);\nh(c));\n", [("b|)", ")"), ("c))", "c)")]),
    "one lexeme more or less": ("for (const a of b c) f();\n", [(" c", "")]),
    "a string for typographic quotes": ("f(“./a b”);\n", [("“./a b”", '"./a b"')]),
    "a path without quotes": ("import a from ./a/b;\n", [("from |./a", "'"), ("a/b|", "'")]),
    "a type where there are none": ("for (const a of b: Array) f();\n", [(": Array", "")]),
    "a name for a chain": ("f(this.a_, b c);\n", [("this.a_", "a"), ("b| c", ",")]),
    "a marker with the brace before it": ("f();\n}\n>>>>>>> topic\n", [("}\n>>>>>>> topic\n", "")]),
    "a command for a shell": ("f();\ngit commit -m 'fix'\ng();\n", [("git commit -m 'fix'\n", "")]),
    "the fence of a code block": ("```ts\nf();\n", [("```ts\n", "")]),
    "a comparison with a constant": ("const a = b === undefined ? c d : e;\n", [("c| d", ",")]),
    "a comparison that was lost": ("const a = b === ? c : d;\n", [("===| ?", " undefined")]),
    "an extra `any`": ("let a: any any = 1;\n", [("any any", "any")]),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("before, replacements", REPAIRS.values(), ids=REPAIRS)
def test_a_repair_is_let_through(before: str, replacements: Sequence[tuple[str, str]], language: Language) -> None:
    assert refusal(before, *replacements, language=language) is None


JSX = """\
export function View({ items }) {
  return (
    <ul className="list">
      {items.map((item) => <li key={item}>{item}</li>)}
    </ul>
  );
}
"""


@pytest.mark.parametrize("language", ["javascript", "tsx"])
@pytest.mark.parametrize(
    "whole, broken, fixed",
    [
        ("</ul>", "", "</ul>"),
        ("</li>", "</ul>", "</li>"),
        ("</ul>", "</ul></ul>", "</ul>"),
        ('"list"', '"list', '"list"'),
        ('"list">', '"list"', '"list">'),
        ("{item}<", "{item<", "{item}<"),
        ("key={item}", "key=item}", "key={item}"),
        ("<ul ", "<div>\n    <ul ", "<ul "),
    ],
)
def test_jsx_is_mended(whole: str, broken: str, fixed: str, language: Language) -> None:
    start = JSX.index(whole)
    before = JSX[:start] + broken + JSX[start + len(whole) :]
    edit = Edit(Span(start, start + len(broken)), fixed.encode())
    assert validate(before.encode(), (edit,), language) is None


def test_jsx_must_not_lose_its_content() -> None:
    before = JSX.replace("</li>)}", "</li>)")
    gone = "      {items.map((item) => <li key={item}>{item}</li>)\n"
    assert refusal(before, (gone, ""), language="tsx") is Refusal.DELETED_CODE


PIECES = (
    "f(a, [b, { c: 1 }]);\n",
    "const x = `t ${a[0]} u ${`v ${w(z)}`} {`;\n",
    "if (a) { g('(', /[)]/); } else { h(); }\n",
    "class A { m() { return [1, 2]; } }\n",
    "type T = { a: Array<[string, (b: number) => void]> };\n",
    "// a comment ( with {\n",
    "const s = 'a }' + \"b ]\" + (c);\n",
)


@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(lambda pieces: ["{};", *pieces]),
    data=st.data(),
)
def test_a_bracket_put_back_is_never_refused(pieces: list[str], data: st.DataObject) -> None:
    whole = "".join(pieces).encode()
    lexemes = lex(whole, "typescript")
    places = [
        (start, end)
        for start, end, text in zip(lexemes.starts, lexemes.ends, lexemes.texts, strict=True)
        if text in (b"(", b")", b"[", b"]", b"{", b"}")
    ]
    start, end = data.draw(st.sampled_from(places))
    before = whole[:start] + whole[end:]
    assert validate(before, (Edit(Span(start, start), whole[start:end]),), "typescript") is None


@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
    bracket=st.sampled_from([b"(", b")", b"[", b"]", b"{", b"}"]),
    data=st.data(),
)
def test_a_bracket_put_anywhere_is_never_refused(pieces: list[str], bracket: bytes, data: st.DataObject) -> None:
    before = "".join(pieces).encode()
    starts = lex(before, "typescript").starts
    place = data.draw(st.sampled_from(starts))
    assert validate(before, (Edit(Span(place, place), bracket),), "typescript") is None


@given(st.text(alphabet="ab(){}[]`'\"/*$ \n;=<>", max_size=40), st.data())
def test_any_edit_of_any_text_gets_an_answer(text: str, data: st.DataObject) -> None:
    before = text.encode()
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    written = data.draw(st.text(alphabet="ab(){}`'\"/*\n;", max_size=6)).encode()
    edit = Edit(Span(start, end), written)
    answer = validate(before, (edit,), data.draw(st.sampled_from(LANGUAGES)))
    if apply_edits(before, [edit]) == before:
        assert answer is Refusal.NO_CHANGE


# ------------------------------------------------------------------ verification

needs_oracle = pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")
BROKEN = SourceFile("a.ts", FUNCTION.encode(), "typescript")
WHOLE = Span(0, len(FUNCTION))


def answers(candidates: Sequence[tuple[Edit, ...]], region: Span = WHOLE) -> list[Refusal | None]:
    return [checked.refusal for checked in verify(BROKEN, candidates, judge=oracle.judge, region=region)]


@needs_oracle
def test_a_candidate_that_parses_is_kept_and_one_that_does_not_is_refused() -> None:
    mended, other = edits(FUNCTION, ("price|;", ")")), edits(FUNCTION, ("price|;", "]"))
    assert answers([other, mended]) == [Refusal.STILL_BROKEN, None]


@needs_oracle
def test_the_candidates_keep_their_order_and_carry_their_text() -> None:
    mended, commented = edits(FUNCTION, ("price|;", ")")), edits(FUNCTION, ("  |const prices", "// "))
    checked = verify(BROKEN, [commented, mended], judge=oracle.judge, region=WHOLE)
    assert [candidate.edits for candidate in checked] == [commented, mended]
    assert [candidate.refusal for candidate in checked] == [Refusal.COMMENTED_OUT, None]
    assert checked[1].text == apply_edits(FUNCTION.encode(), mended)


@needs_oracle
def test_an_edit_that_is_not_needed_is_refused() -> None:
    both = edits(FUNCTION, ("price|;", ")"), ("- 1|]", " + 0"))
    assert answers([both]) == [Refusal.NEEDLESS_EDIT]


@needs_oracle
def test_two_edits_that_are_both_needed_are_kept() -> None:
    broken = FUNCTION.replace("length - 1]", "length - 1")
    both = edits(broken, ("price|;", ")"), ("- 1|;", "]"))
    file = BROKEN._replace(text=broken.encode())
    assert [c.refusal for c in verify(file, [both], judge=oracle.judge, region=WHOLE)] == [None]


@needs_oracle
def test_a_change_outside_the_region_is_refused() -> None:
    assert answers([edits(FUNCTION, ("price|;", ")"))], Span(0, 20)) == [Refusal.OUTSIDE_REGION]


@needs_oracle
def test_a_text_that_parses_is_not_repaired() -> None:
    whole = FUNCTION.replace("price;", "price);")
    file = BROKEN._replace(text=whole.encode())
    checked = verify(file, [edits(whole, ("log(prices);", "log(prices, 1);"))], judge=oracle.judge, region=WHOLE)
    assert [candidate.refusal for candidate in checked] == [Refusal.NOTHING_TO_MEND]


@needs_oracle
def test_a_text_that_only_tree_sitter_cannot_read_is_not_repaired() -> None:
    text = b"export type * from './a';\nf(a);\n"
    checked = verify(
        SourceFile("a.ts", text, "typescript"),
        [(Edit(Span(12, 13), b"{ a }"),)],
        judge=oracle.judge,
        region=Span(0, 40),
    )
    assert [candidate.refusal for candidate in checked] == [Refusal.NOTHING_TO_MEND]


@needs_oracle
def test_edits_that_clash_are_refused() -> None:
    assert answers([(Edit(Span(0, 5), b""), Edit(Span(3, 6), b""))]) == [Refusal.EDITS_CLASH]


@needs_oracle
def test_only_as_many_as_asked_for_are_looked_at_to_the_end() -> None:
    mended, other = edits(FUNCTION, ("price|;", ")")), edits(FUNCTION, ("(item) =>", "item =>"))
    checked = verify(BROKEN, [mended, other, mended], judge=oracle.judge, region=WHOLE, most=1)
    assert [(candidate.edits, candidate.refusal) for candidate in checked] == [
        (mended, None),
        (other, Refusal.STILL_BROKEN),
    ]


def test_the_parser_is_asked_once_for_all_candidates_and_once_for_what_they_need() -> None:
    calls = []

    def judge(files: Sequence[SourceFile]) -> list[Verdict]:
        calls.append(len(files))
        return [Verdict(Answer.BROKEN if file.text == BROKEN.text else Answer.PARSES) for file in files]

    candidates = [edits(FUNCTION, ("price|;", ")")), edits(FUNCTION, ("price|;", ")"), ("- 1|]", " + 0"))]
    verify(BROKEN, candidates, judge=judge, region=WHOLE)
    assert calls == [3, 2]


@needs_oracle
def test_edits_of_white_space_need_no_other_edit() -> None:
    mended = edits(FUNCTION, ("price|;", ")"), ("{\n|  return items", "\n"))
    assert answers([mended]) == [None]


@needs_oracle
def test_what_a_repair_makes_up_is_refused() -> None:
    broken = "const width = 1;\nf(, width);\n"
    file = SourceFile("a.ts", broken.encode(), "typescript")
    candidates = [edits(broken, ("f(|,", "height")), edits(broken, ("f(|,", "width"))]
    checked = verify(file, candidates, judge=oracle.judge, region=Span(0, len(broken)))
    assert [candidate.refusal for candidate in checked] == [Refusal.UNKNOWN_NAME, None]


@needs_oracle
def test_what_tree_sitter_cannot_read_elsewhere_does_not_count() -> None:
    gap = b"export class Box { static accessor size = 1; }\n" + b"\n" * 300
    text = b"const a = f(1;\n"
    file = SourceFile("a.ts", gap + text, "typescript")
    edit = Edit(Span(len(gap) + 13, len(gap) + 13), b")")
    (checked,) = verify(file, [(edit,)], judge=oracle.judge, region=Span(0, len(file.text)))
    assert checked.refusal is None


def test_a_text_that_tree_sitter_does_not_get_through_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(file: SourceFile) -> Verdict:
        raise ParseTimeout(file.path)

    monkeypatch.setattr(verification, "tree_sitter_verdict", endless)

    def judge(files: Sequence[SourceFile]) -> list[Verdict]:
        return [Verdict(Answer.BROKEN if file.text == BROKEN.text else Answer.PARSES) for file in files]

    checked = verify(BROKEN, [edits(FUNCTION, ("price|;", ")"))], judge=judge, region=WHOLE)
    assert [candidate.refusal for candidate in checked] == [Refusal.STILL_BROKEN]


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    "before, replacement, unknown",
    [
        ("const width = 1;\nf(, width);\n", ("f(|,", "height"), [b"height"]),
        ("const width = 1;\nf(, 2);\n", ("f(|,", "width"), []),
        ("f(, 2);\n", ("f(|,", "window"), []),
        ("f(, 2);\n", ("f(|,", "this"), []),
        ("const a = f( 2;\n", ("f(| 2", "(b) => b.length + b +"), [b"length"]),
        ("const a = f( => b + 2);\n", ("f(| =>", "(b)"), []),
        ("cons t a = 1;\n", ("cons t", "const"), []),
        ("user.nam e = 1;\n", ("nam e", "name"), []),
    ],
)
def test_a_name_must_be_known(before: str, replacement: tuple[str, str], unknown: list[bytes]) -> None:
    file = SourceFile("a.ts", before.encode(), "typescript")
    assert unknown_names(file, edits(before, replacement)) == unknown


# ------------------------------------------------------------------ gaps


def broken_at(*places: tuple[int, str]) -> Verdict:
    problems = tuple(SyntaxProblem(Span(start, start + 1), message) for start, message in places)
    return Verdict(Answer.BROKEN if problems else Answer.PARSES, problems, "oxlint")


def test_an_error_that_was_committed_is_a_gap_wherever_its_line_is_now() -> None:
    before, now = b"a;\nnew syntax;\n", b"a;\nb;\n  new syntax;\n"
    verdicts = {before: broken_at((3, "Unexpected token")), now: broken_at((7, "Unexpected token"))}
    file = SourceFile("a.ts", now, "typescript")
    assert is_known_gap(file, before, judge=lambda files: [verdicts[file.text] for file in files])


@pytest.mark.parametrize(
    "head, now",
    [
        (broken_at(), broken_at((3, "Unexpected token"))),
        (broken_at((0, "Unexpected token")), broken_at((3, "Unexpected token"))),
        (broken_at((3, "Unexpected token")), broken_at((3, "Unexpected token"), (4, "Unexpected token"))),
        (broken_at((3, "Unexpected token")), broken_at()),
        (broken_at((3, "Expected a semicolon")), broken_at((3, "Unexpected token"))),
    ],
)
def test_an_error_that_is_new_is_no_gap(head: Verdict, now: Verdict) -> None:
    file = SourceFile("a.ts", b"a;\nnew syntax;\n", "typescript")
    assert not is_known_gap(file, file.text, judge=lambda _: [now, head])
