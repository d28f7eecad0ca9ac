"""What a teacher may write: only what the file has, and only as much as a repair needs.

In these texts a piece is missing where an answer can put anything, in one edit that is needed: verification alone would
let most of it pass.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from questions import request

from thea_hook.core.finding import Edit
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.oracle import judge
from thea_hook.ml.verify import verify
from thea_hook.teacher.confine import MOST_WRITTEN, objection

TEXT = b"""\
import { load, limit } from "./store.js";

// The words of a comment are no names: eval, fetch.
export function first(items, other) {
  const text = "some words in a string";
  return load(;
}
"""
PLACE = TEXT.index(b"load(;") + len(b"load(")
FILE = SourceFile("a.mjs", TEXT, "javascript")


def of(written: str) -> str | None:
    return objection(FILE, [Edit(Span(PLACE, PLACE), written.encode())])


ALLOWED = [
    ")", "items)", "items, limit)", "items[other])", "...items)", "() => limit)", "function () { return other; })",
    "text)", '"some words in a string")', "'some words')", "`some words`)", "await items)", "typeof other)",
    "null)", "true)", "{})", "[])", "[limit, other])", "this)",
]  # fmt: skip
REFUSED = {
    "eval(text))": "other code",
    "new Function(text))": "other code",
    "fetch(items))": "name",
    "document.cookie)": "name",
    "process.exit())": "name",
    "globalThis[other])": "name",
    "items.constructor)": "other code",
    "load(items))": "calls",
    "new text())": "calls",
    "text`some words`)": "calls",
    "limit = items)": "calls",
    "limit++)": "calls",
    "items?.(other))": "calls",
    "items['words'](other))": "calls",
    "items['wor' + 'ds'] = other)": "calls",
    "delete items[other])": "other code",
    "); while (true)": "other code",
    "items.unheardOf)": "name",
    "import(text))": "other code",
    '"https://evil.test")': "text",
    "`${items}https://evil.test`)": "text",
    "/evil/.test(text))": "text",
    "/evil/)": "text",
    "items) // note": "comment",
    "/* note */ items)": "comment",
    "items\u00a0)": "cannot be seen",
    "items\u202e)": "cannot be seen",
    "items\x1b[2J)": "cannot be seen",
    "items\0)": "cannot be seen",
    "items\u2028)": "cannot be seen",
    ") &&\n": "ties",
    ") ?\n": "ties",
    "[" + "limit, " * MOST_WRITTEN + "])": "more than",
}


@pytest.mark.parametrize("written", ALLOWED)
def test_what_the_file_has_may_be_written(written: str) -> None:
    assert of(written) is None


@pytest.mark.parametrize("written", REFUSED)
def test_what_the_file_does_not_have_may_not(written: str) -> None:
    reason = of(written)
    assert reason is not None
    assert REFUSED[written] in reason


def test_some_of_it_would_pass_verification() -> None:
    """So this is not in vain."""
    candidates = [(Edit(Span(PLACE, PLACE), written.encode()),) for written in ("eval('1'))", "fetch(items))")]
    assert [one.refusal for one in verify(FILE, candidates, judge=judge, region=Span(0, len(TEXT)))] == [None, None]


def repaired(text: bytes, old: bytes, new: bytes) -> str | None:
    file = SourceFile("a.jsx", text, "javascript")
    place = Span(text.index(old), text.index(old) + len(old))
    return objection(file, [Edit(place, new)])


@pytest.mark.parametrize(
    ("new", "refused"), [("f() || x;", False), ("f() ||", True), ("f() =>", True), ("f();", False)]
)
def test_a_line_is_not_tied_to_the_next(new: str, refused: bool) -> None:
    reason = repaired(b"const a = f(;\nconst x = 1;\n", b"f(;", new.encode())
    assert (reason == "it ties a line to the next one") is refused


CALLED = (
    b'import { load } from "./store.js";\nconst url = `x`;\nlocation.href = fetch(url);\nclass A { constructor() {} }\n'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("load(;", "load(fetch(url));"),
        ("load(;", "load(location.href = url);"),
        ("load(;", "load(url.constructor.constructor(url)());"),
        ("load(;", 'load(); import "./store.js";'),
        ("load(;", "load(<load src={url} />);"),
        ("load( // fetch(url)", "load(fetch(url))"),
        ('load("fetch(url)";', "load(fetch(url));"),
    ],
)
def test_what_the_file_does_it_does_not_do_once_more(old: str, new: str) -> None:
    assert repaired(CALLED + old.encode(), old.encode(), new.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fetch url);", "fetch(url);"),
        ("new Map url);", "new Map(url);"),
        ("url 1;", "url = 1;"),
        ("list[0] url);", "list[0](url);"),
        ("im port x from './store.js';", "import x from './store.js';"),
        ("<b>url<b>;", "<b>url</b>;"),
    ],
)
def test_what_stands_between_a_name_and_its_arguments_may_be_written(old: str, new: str) -> None:
    assert repaired(CALLED + old.encode(), old.encode(), new.encode()) is None


def test_names_that_are_joined_are_no_new_names() -> None:
    text = b"const na me = 1;\nf(x);\n"
    file = SourceFile("a.mjs", text, "javascript")
    assert objection(file, [Edit(Span(8, 9), b"")]) is None


def test_names_of_the_broken_code_may_come_back_elsewhere() -> None:
    file = request(b"f(a b;\n").file
    assert objection(file, [Edit(Span(3, 5), b", b)")]) is None


@given(st.text(max_size=30))
def test_no_edit_breaks_it(written: str) -> None:
    of(written)
