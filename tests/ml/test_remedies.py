"""The repairs that a parser names in its message."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, available, judge
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.remedies import remedies
from thea_hook.ml.repair import Seed, find_repairs
from thea_hook.ml.tagger import Broken, Suggestion
from thea_hook.ml.vocabulary import Action, Tag

pytestmark = pytest.mark.skipif(not available(), reason="needs the second parser")

ASYNC, LET = Tag(Action.INSERT, b"async"), Tag(Action.REPLACE, b"let")


def seeds(text: bytes, language: Language = "javascript") -> list[Seed]:
    file = SourceFile({"javascript": "a.js", "typescript": "a.ts", "tsx": "a.tsx"}[language], text, language)
    return list(remedies(file, judge([file])[0]))


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        (b"function f() { await a(); }\n", b"async function f() { await a(); }\n"),
        (b"export default function () { await a(); }\n", b"export default async function () { await a(); }\n"),
        (b"const f = () => { await a(); };\n", b"const f = async () => { await a(); };\n"),
        (b"const f = x => await x;\n", b"const f = async x => await x;\n"),
        (b"go(function() { await a(); });\n", b"go(async function() { await a(); });\n"),
        (b"go(function* () { await a(); });\n", b"go(async function* () { await a(); });\n"),
        (b"class A {\n  m() {\n    await a();\n  }\n}\n", b"class A {\n  async m() {\n    await a();\n  }\n}\n"),
        (b"class A { static m() { await a(); } }\n", b"class A { static async m() { await a(); } }\n"),
        (b"class A { *m() { await a(); } }\n", b"class A { async *m() { await a(); } }\n"),
        (b"const a = { m() { await b(); } };\n", b"const a = { async m() { await b(); } };\n"),
        (b"function f() { for await (const a of b) {} }\n", b"async function f() { for await (const a of b) {} }\n"),
        (b"go(a,  () => { await a(); });\n", b"go(a, async () => { await a(); });\n"),
        (b"a();\n function f() { await a(); }\n", b"a();\nasync function f() { await a(); }\n"),
        (
            b"function f() {\n  const [a] = await b();\n  if (a) {\n    for (const c of a) await c();\n  }\n}\n",
            b"async function f() {\n  const [a] = await b();\n  if (a) {\n    for (const c of a) await c();\n  }\n}\n",
        ),
        (
            b"async function f() { a.map((b) => { await b(); }); }\nfunction g() { await f(); }\n",
            b"async function f() { a.map(async (b) => { await b(); }); }\nasync function g() { await f(); }\n",
        ),
    ],
)
def test_async_is_written_before_the_innermost_function_of_each_await(broken: bytes, mended: bytes) -> None:
    assert seeds(broken)[0].text == mended


def test_modifiers_of_a_method_stay_before_async() -> None:
    broken = b"class A {\n  private override m(a: B): void {\n    await a.b();\n  }\n}\n"
    assert b"private override async m(" in seeds(broken, "typescript")[0].text


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        (b"const a;\nconst b = 1;\n", b"let a;\nconst b = 1;\n"),
        (b"const a\nexport const b;\n", b"let a\nexport let b;\n"),
        (b"const a = 1, b;\n", b"let a = 1, b;\n"),
    ],
)
def test_every_const_without_a_value_becomes_let(broken: bytes, mended: bytes) -> None:
    assert seeds(broken)[0].text == mended


def test_a_type_is_no_value() -> None:
    assert seeds(b"const a: Map<B, C>;\n", "typescript")[0].text == b"let a: Map<B, C>;\n"


def test_the_steps_lead_from_the_broken_text_to_the_mended_one() -> None:
    broken = b"const a;\nfunction f() { await a; }\nconst g = () => await a;\n"
    seed = seeds(broken)[0]
    assert [step.tag for step in seed.steps] == [LET, ASYNC, ASYNC]
    text = broken
    for step in seed.steps:
        edit = edit_of(lex(text), step)
        assert edit is not None
        text = apply_edits(text, [edit])
    assert lex(text).texts == lex(seed.text).texts
    assert judge([SourceFile("a.js", seed.text, "javascript")])[0].answer is Answer.PARSES


def test_the_text_as_it_is_has_the_rest_of_the_probability() -> None:
    mended, original = seeds(b"const a;\n")
    assert mended.steps == (Step(0, LET),)
    assert (original.text, original.steps) == (b"const a;\n", ())
    assert math.exp(mended.score) + math.exp(original.score) == pytest.approx(1)


@pytest.mark.parametrize(
    "text",
    [
        b"f(a;\n",
        b"class A { constructor() { await a(); } }\n",
        b"class A { get b() { return await c(); } }\n",
        b"const {};\n",
        b"const a;\nf(a;\n",
    ],
)
def test_nothing_is_proposed_where_an_error_names_no_remedy_or_it_cannot_be_applied(text: bytes) -> None:
    assert seeds(text) == []


def test_a_value_behind_a_colon_is_no_type() -> None:
    assert seeds(b"const a: 1;\n", "typescript") == []


@pytest.mark.parametrize(("sure", "first"), [(0.3, b"let a;\nuse(a);\n"), (0.9, b"use(a);\n")])
def test_the_remedy_comes_first_unless_the_tagger_is_sure(sure: float, first: bytes) -> None:
    file = SourceFile("a.js", b"const a;\nuse(a);\n", "javascript")
    verdict = judge([file])[0]

    class Deleter:
        def suggest(self, texts: Sequence[Broken], count: int) -> list[list[Suggestion]]:
            return [[Suggestion(Step(0, Tag(Action.DELETE_LINE)), sure)] for _ in texts]

    found = find_repairs(file, verdict, Deleter(), judge, seeds=list(remedies(file, verdict)))
    assert {repair.text for repair in found} == {b"let a;\nuse(a);\n", b"use(a);\n"}
    assert found[0].text == first
