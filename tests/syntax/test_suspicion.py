"""Which texts the second parser is asked about."""

from __future__ import annotations

import pytest

from thea_hook.core.source import SourceFile, language_of
from thea_hook.languages.grammars import Module
from thea_hook.syntax.suspicion import is_suspicious


def suspicious(text: str, path: str = "a.js") -> bool:
    language = language_of(path)
    assert language is not None
    return is_suspicious(Module(SourceFile(path, text.encode(), language)))


@pytest.mark.parametrize(
    "text",
    [
        "const a;",
        "const a\nb();",
        "const a, b = 1;",
        "const a { b }",
        "const { a };",
        "const [a, b];",
        "export const a;",
    ],
)
def test_a_constant_without_a_value(text: str) -> None:
    assert suspicious(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("const a = 1, b = 2;", "a.js"),
        ("const a\n  = 1;", "a.js"),
        ("for (const a of b) c();", "a.js"),
        ("for (const a in b) c();", "a.js"),
        ("const { a, b = 1, c: { d } } = e;", "a.js"),
        ("const a /* the first */ = 1;", "a.js"),
        ("// a const, that is\nf('const a;');", "a.js"),
        ("declare const a: string;", "a.ts"),
        ("export const enum A { B }", "a.ts"),
    ],
)
def test_other_constants(text: str, path: str) -> None:
    assert not suspicious(text, path)


@pytest.mark.parametrize(
    "text",
    [
        "function f() { await g(); }",
        "async function f() { a.forEach((b) => { await g(b); }); }",
        "const f = function () { return await g(); };",
        "class A { f() { await g(); } }",
        "function f() { for await (const a of b) c(); }",
    ],
)
def test_await_in_a_function_that_is_not_async(text: str) -> None:
    assert suspicious(text)


@pytest.mark.parametrize(
    "text",
    [
        "async function f() { await g(); }",
        "const f = async (a) => await a;",
        "class A { static async f() { await g(); } }",
        "({ async *f() { await g(); } });",
        "async function f() { g(() => 1); for await (const a of b) c(); }",
        "await f();",
        "function f() { g('await'); } // await",
        "function f() { a.await = 1; }",
    ],
)
def test_await_elsewhere(text: str) -> None:
    assert not suspicious(text)


@pytest.mark.parametrize("path", ["a.jsx", "a.tsx"])
def test_an_element_that_another_name_closes(path: str) -> None:
    assert suspicious("f(<a><b></c></a>);", path)
    assert suspicious("f(<a.b></a.c>);", path)
    assert not suspicious("f(<a><b></b><c /></a>);", path)
    assert not suspicious("f(<></>);", path)
