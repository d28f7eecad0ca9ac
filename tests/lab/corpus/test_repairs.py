from __future__ import annotations

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.lab.corpus.repairs import Repair, difference, kind_of, repairs, shared_share
from thea_hook.languages.oracle import judge


def repair_of(before: str, after: str) -> Repair:
    file = SourceFile("cart.js", before.encode(), "javascript")
    return repairs([(file, difference(file.text, after.encode(), "javascript"))], judge)[0]


def mended(repair: Repair) -> str:
    return repair.difference.with_hunks(repair.hunks).decode()


def test_all_hunks_together_are_the_later_version_but_for_white_space() -> None:
    before, after = "f(a b,\n  c);\nlet x = 1", "// sum\nf(a, b,\n  await d);\nlet x"
    found = difference(before.encode(), after.encode(), "javascript")
    assert found.with_hunks(found.hunks).split() == after.encode().split()
    assert found.with_hunks([]) == before.encode()


def test_the_repair_is_what_the_text_cannot_parse_without() -> None:
    repair = repair_of(
        "function total(prices) {\n  return sum(prices\n}\nlet tax = 3;\n",
        "function sum(prices) {\n  return add(prices);\n}\nlet tax = 4;\n",
    )
    assert mended(repair) == "function total(prices) {\n  return sum(prices);\n}\nlet tax = 3;\n"
    assert not repair.is_pure


def test_words_that_are_put_in_keep_their_distance() -> None:
    repair = repair_of("const f = (a) {\n  await a;\n}\n", "const f = async (a) => {\n  await a;\n}\n")
    assert mended(repair) == "const f = async (a) => {\n  await a;\n}\n"
    assert repair.is_pure
    assert repair.size == 2


def test_texts_that_share_nothing_are_told_from_repairs() -> None:
    assert shared_share(b"a(b, c)", b"a(b, c);", "javascript") > 0.8
    assert shared_share(b"a(b, c)", b"import x from 'y'", "javascript") < 0.2
    assert shared_share(b"", b"", "javascript") == 1.0


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("<<<<<<< HEAD\nf(1);\n=======\nf(2);\n>>>>>>> theirs\n", "f(2);\n", "conflict markers"),
        ("f(g(1);\n", "f(g(1));\n", "missing bracket"),
        ("if (a) { f();\nif (b) { g();\n", "if (a) { f(); }\nif (b) { g(); }\n", "missing bracket"),
        ("f(1));\n", "f(1);\n", "extra bracket"),
        ("f(1];\n", "f(1);\n", "wrong bracket"),
        ("f(1 2);\n", "f(1, 2);\n", "missing comma"),
        ("f(,1, 2);\n", "f(1, 2);\n", "extra comma"),
        ("f(1; 2);\n", "f(1, 2);\n", "wrong separator"),
        ("f({ a = 1 = });\n", "f({ a: 1 });\n", "several kinds"),
        ("x = a b;\n", "x = a + b;\n", "missing operator"),
        ("x = = b;\n", "x = b;\n", "stray operator"),
        ("f({ a: 1; });\n", "f({ a: 1 });\n", "extra semicolon"),
        ("fucntion f() {}\n", "function f() {}\n", "misspelt keyword"),
        ("f();\nqq ww\n", "f();\n", "stray text"),
        ("this sums up all the prices\nf();\n", "// this sums up all the prices\nf();\n", "prose not commented"),
        ("this sums up all the prices\nf();\n", "f();\n", "prose not commented"),
        ("x = 'a;\n", "x = 'a';\n", "unterminated string, template or comment"),
        ("x = <div>{a};\n", "x = <div>{a}</div>;\n", "JSX tag"),
        ("x = {a, b: };\n", "x = {a, b: f(1)};\n", "incomplete code"),
        ("let x = ;\nf(, y 3);\n", "let x = {\n  y: [3].map(g),\n};\nf();\n", "rest edited around"),
    ],
)
def test_mistakes_are_named_by_what_repaired_them(before: str, after: str, kind: str) -> None:
    assert kind_of(repair_of(before, after)) == kind
