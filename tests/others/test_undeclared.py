"""What is offered for a name that nothing declares, and that nothing is without evidence."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from git_repository import Repository

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span, language_of
from thea_hook.languages.grammars import Module
from thea_hook.others.base import Rewrite
from thea_hook.others.findings import Answer, Reported
from thea_hook.others.repair import candidates
from thea_hook.others.undeclared.project import Limits, Project
from thea_hook.others.undeclared.remedies import Projects, ways_out
from thea_hook.others.undeclared.uses import Way
from thea_hook.others.verify import ask, edits_of, mend
from thea_hook.settings import Settings


class NoUndef:
    """ESLint's rule of that name, for which every other global is known."""

    name = "eslint"

    def __init__(self) -> None:
        self.asked = 0

    def lint(self, files: Sequence[SourceFile]) -> list[Answer | None]:
        self.asked += len(files)
        return [undeclared(file) for file in files]

    def rewrites(self, file: SourceFile) -> Sequence[Rewrite]:
        return ()


KNOWN = {"require", "module", "exports", "window", "console", "document", "f", "g"}


def undeclared(file: SourceFile) -> Answer:
    scopes = Module(file).scopes
    known = KNOWN | {entry.name for entry in scopes.global_comments}
    return tuple(
        Reported(
            "eslint",
            "no-undef",
            f"'{one.name}' is not defined.",
            file.path,
            Span(one.identifier.start_byte, one.identifier.end_byte),
        )
        for one in scopes.unresolved
        if one.name not in known
    )


def write(path: str, text: str) -> SourceFile:
    if os.path.dirname(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode())
    language = language_of(path)
    return SourceFile(path, text.encode(), language or "javascript")


def ways(file: SourceFile) -> list[tuple[Way, ...]]:
    found = ways_out(file, undeclared(file), Projects())
    return [found.get(one, ()) for one in undeclared(file)]


def first(file: SourceFile) -> str:
    """The text with the first way out of its first finding, or nothing."""
    found = ways(file)[0]
    return apply_edits(file.text, found[0].edits).decode() if found else ""


def mended(file: SourceFile) -> tuple[str, int]:
    """The text after one pass over all findings, and how many texts the linter saw for it."""
    linter, projects = NoUndef(), Projects()
    answer = undeclared(file)
    offered = candidates(file, answer, Settings(os.getcwd()), projects=projects)
    found = ask(linter, {file.path: mend(file, answer, offered)})[file.path]
    made = [one for one in found if one is not None]
    return apply_edits(file.text, edits_of(made)).decode(), linter.asked


pytestmark = pytest.mark.usefixtures("project")


# ------------------------------------------------------------------ imports


def test_an_import_of_another_file_is_written_as_this_file_has_its_own() -> None:
    write("lib/a.js", 'import { join } from "path-tools";\njoin();\n')
    file = write("b.js", "import x from './x'\nimport y from './y'\n\nexport default join(x, y)\n")
    assert first(file) == (
        "import x from './x'\nimport y from './y'\nimport { join } from 'path-tools'\n\nexport default join(x, y)\n"
    )
    assert ways(file)[0][0].title == "Import `join` from 'path-tools', as lib/a.js does"


@pytest.mark.parametrize(
    ("other", "here", "line"),
    [
        ("src/a.js", "src/deep/b.js", "import { one } from '../util/one.js';"),
        ("src/deep/a.js", "src/deep/b.js", "import { one } from './util/one.js';"),
        ("src/a.js", "b.js", "import { one } from './src/util/one.js';"),
        ("a/c.js", "src/b.js", "import { one } from '../a/util/one.js';"),
        ("util/a.js", "util/b.js", "import { one } from './util/one.js';"),
    ],
)
def test_a_relative_source_is_seen_from_this_file(other: str, here: str, line: str) -> None:
    write(other, "import { one } from './util/one.js';\none();\n")
    file = write(here, "import a from 'a';\na(one);\n")
    assert first(file) == f"import a from 'a';\n{line}\na(one);\n"


def test_what_files_far_away_import_may_be_something_else() -> None:
    write("a/b/c/d.js", "import { one, two } from './util/one.js';\nimport three from 'three';\n")
    write("a/b/c/e.js", "import three from 'four';\n")
    file = write("x/y/z.js", "import a from 'a';\na(one, two, three);\n")
    assert ways(file) == [(), (), ()]
    Path("a/b/c/e.js").unlink()
    assert [way.title for way in ways(file)[2]] == ["Import `three` from 'three', as a/b/c/d.js does"]


def test_most_of_the_near_files_decide() -> None:
    for number in range(3):
        write(f"a{number}.js", "import t from 'good';\n")
    write("b.js", "import t from 'bad';\n")
    assert "from 'good'" in first(write("c.js", "import a from 'a';\na(t);\n"))


def test_what_the_files_around_use_as_a_global_is_not_imported() -> None:
    write("tools/a.mjs", "import sinon from 'sinon';\nsinon();\n")
    write("test/a.mjs", "import x from 'x';\nx(sinon);\n")
    write("test/b.mjs", "import x from 'x';\nx(sinon);\n")
    assert ways(write("test/c.mjs", "import x from 'x';\nx(sinon);\n")) == [()]


def test_what_the_settings_call_a_global_is_not_imported_because_one_file_does() -> None:
    write("tools/a.mjs", "import { App } from './app.mjs';\nApp();\n")
    write(".eslintrc", "{globals: {App: false}}")
    found = ways(write("b.mjs", "import x from 'x';\nx(App);\n"))[0]
    assert [way.title for way in found] == ["Declare `App`, which .eslintrc names as a global"]


def test_a_file_does_not_import_from_itself() -> None:
    write("a.js", "import { one } from './one';\none();\n")
    assert first(write("one.js", "import a from 'a';\na(one);\n")) == ""
    write("b.js", "import { two } from './two';\ntwo();\n")
    assert first(write("two/index.js", "import a from 'a';\na(two);\n")) == ""


def test_what_another_package_has_is_not_imported_by_its_path() -> None:
    write("packages/one/a.js", "import { sharpen } from './tools';\nexport { sharpen };\n")
    write("packages/one/package.json", "{}")
    write("packages/two/package.json", "{}")
    text = "import b from './b';\nb(sharpen);\n"
    assert first(write("packages/two/src/b.js", text)) == ""
    assert "from '../tools'" in first(write("packages/one/src/b.js", text))


def test_a_name_joins_the_import_of_its_source() -> None:
    write("a.js", "import { one } from 'm';\n")
    file = write("b.js", "import { two } from 'm';\ntwo(one);\n")
    assert first(file) == "import { two, one } from 'm';\ntwo(one);\n"
    file = write("c.js", "import {\n  two,\n} from 'm';\ntwo(one);\n")
    assert first(file) == "import {\n  two,\n  one,\n} from 'm';\ntwo(one);\n"


def test_several_names_are_imported_in_one_pass() -> None:
    write("a.js", "import { one, two } from 'm';\nimport run from 'run';\nimport { quit } from 'p';\n")
    file = write("b.js", "import { o } from 'p';\n\nrun(one, two, o, quit, one);\n")
    text, asked = mended(file)
    assert text == (
        "import { o, quit } from 'p';\nimport run from 'run';\nimport { one, two } from 'm';\n\n"
        "run(one, two, o, quit, one);\n"
    )
    assert asked <= 2


def test_commonjs_gets_what_commonjs_has() -> None:
    write("a.js", "const { one } = require('./one');\nmodule.exports = one;\n")
    write("es.js", "import two from './two';\nexport default two;\n")
    file = write("b.js", 'var x = require("x"), y;\n\nx(one, two);\n')
    assert first(file) == 'var x = require("x"), y;\nvar { one } = require("./one");\n\nx(one, two);\n'
    assert ways(file)[1] == ()  # what a default export is to CommonJS, nobody knows


def test_a_module_of_node_has_the_prefix_that_the_file_uses() -> None:
    assert first(write("a.js", "const fs = require('fs');\nfs.f(path.join());\n")) == (
        "const fs = require('fs');\nconst path = require('path');\nfs.f(path.join());\n"
    )
    assert first(write("b.mjs", "import fs from 'node:fs';\nfs.f(path.join());\n")) == (
        "import fs from 'node:fs';\nimport path from 'node:path';\nfs.f(path.join());\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "f(path.join());\n",  # a script
        "const a = require('a');\na(url);\n",  # any word
        "const a = require('a');\na(path.length);\n",
        "const a = require('a');\na(path.join());\npath = 1;\n",
        "import a from './a';\na(path.join());\n",  # not for Node, as far as one can see
    ],
)
def test_a_word_is_no_module_of_node_without_evidence(text: str) -> None:
    assert not any("Node" in way.title for some in ways(write("a.js", text)) for way in some)


def test_what_one_file_exports_is_imported_from_there() -> None:
    write("lib/tools.js", "export function sharpen() {}\nexport default class Knife {}\n")
    file = write("src/a.js", "import b from './b';\nb(sharpen, Knife);\n")
    assert first(file) == "import b from './b';\nimport { sharpen } from '../lib/tools';\nb(sharpen, Knife);\n"
    assert apply_edits(file.text, ways(file)[1][0].edits).decode().splitlines()[1] == (
        "import Knife from '../lib/tools';"
    )
    write("lib/other.js", "export const sharpen = 1;\n")
    assert ways(file)[0] == ()


def test_a_script_imports_nothing() -> None:
    write("a.js", "import { one } from 'm';\nexport { one };\n")
    write("b.js", "const { one } = require('m');\n")
    assert first(write("c.js", "f(one);\n")) == ""


# ------------------------------------------------------------------ what scripts provide


@pytest.mark.parametrize(
    ("path", "text", "evidence"),
    [
        ("base.js", "var goog = {};\n", "which base.js declares for all scripts"),
        ("base.js", "function goog() {}\n", "which base.js declares for all scripts"),
        ("base.js", "(function () { window.goog = {}; })();\n", "which base.js provides"),
        ("base.js", "(function (root) { root['goog'] = 1; })(this);\n", "which base.js provides"),
        ("base.mjs", "globalThis.goog = 1;\nexport {};\n", "which base.mjs provides"),
        ("base.ts", "(window as any).goog = 1;\nexport {};\n", "which base.ts provides"),
        ("other.js", "/* global goog */\ngoog();\n", "which other.js declares as a global too"),
        ("page.html", '<script src="lib/goog-1.2.min.js"></script>\n', "for which page.html loads lib/goog-1.2.min.js"),
        ("package.json", '{"eslintConfig": {"globals": {"goog": true}}}', "which package.json names as a global"),
        (".eslintrc.yml", "globals:\n  goog: readonly\n", "which .eslintrc.yml names as a global"),
        (".jshintrc", '{"predef": ["goog"]}', "which .jshintrc names as a global"),
        ("bower.json", '{"dependencies": {"goog": "1.0"}}', "for which bower.json loads goog"),
        ("karma.conf.js", "x({ files: ['vendor/goog.js'] });\n", "for which karma.conf.js loads vendor/goog.js"),
    ],
)
def test_a_name_that_the_project_provides_is_declared(path: str, text: str, evidence: str) -> None:
    write(path, text)
    file = write("a.js", "goog.f();\n")
    assert first(file) == "/* global goog */\ngoog.f();\n"
    assert ways(file)[0][0].title == f"Declare `goog`, {evidence}"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("base.js", "export var goog = {};\n"),  # another module's
        ("base.js", "const a = require('a');\nvar goog = a;\n"),
        ("base.js", "function f() { var goog; }\n"),
        ("base.js", "// window.goog = 1;\nf('window.goog = 1');\n"),
        ("base.js", "function A() { var self = this; self.goog = 1; }\n"),
        ("base.js", "a.goog = 1;\n"),
        ("base.js", "goog.f();\n"),
        ("base.js", "f(window.goog == 1, window.goog);\n"),
        ("page.html", "<p>goog</p>\n"),
        ("package.json", '{"dependencies": {"goog": "1.0"}}'),
        ("node_modules/base.js", "var goog = {};\n"),
    ],
)
def test_without_evidence_nothing_is_declared(path: str, text: str) -> None:
    write(path, text)
    assert ways(write("a.js", "goog.f();\n")) == [()]


def test_a_test_runner_provides_its_names_to_tests() -> None:
    write("package.json", '{"devDependencies": {"x": "1", "mocha": "^10"}}')
    file = write("test/unit/a.js", "const x = require('x');\ndescribe(x);\nother(x);\n")
    assert first(file) == "/* global describe */\nconst x = require('x');\ndescribe(x);\nother(x);\n"
    assert ways(file)[0][0].title == "Declare `describe`, which mocha provides, says package.json"
    assert ways(file)[1] == ()
    assert ways(write("src/a.js", "describe(f);\n")) == [()]
    Path("package.json").write_text('{"scripts": {"mocha": "mocha"}}')
    assert ways(write("test/unit/a.js", "describe(f);\n")) == [()]


def test_a_script_does_not_provide_what_it_uses_itself() -> None:
    write("page.html", "<script src='lib/goog.js'></script>\n")
    assert ways(write("addon/goog.js", "goog.f();\n")) == [()]
    file = write("a.js", "goog.f();\n")
    assert [way.title for way in ways(file)[0]] == ["Declare `goog`, for which page.html loads lib/goog.js"]
    write("lib/goog.js", "goog.f();\n")
    assert ways(file) == [()]


def test_a_name_that_every_script_has_for_itself_is_not_declared() -> None:
    for number in range(4):
        write(f"{number}.js", "var data = 1;\n")
    assert ways(write("a.js", "f(data);\n")) == [()]


def test_a_name_that_is_assigned_to_is_not_declared() -> None:
    write("base.js", "var goog = {};\n")
    assert ways(write("a.js", "f(goog);\ngoog = 1;\n")) == [(), ()]


def test_one_comment_declares_all_names_at_once() -> None:
    write("base.js", "window.One = 1;\nwindow.Two = 2;\n")
    file = write("a.js", "Two.f(One, One, Three, Two);\n")
    text, asked = mended(file)
    assert text == "/* global One, Two */\nTwo.f(One, One, Three, Two);\n"
    assert asked <= 2


def test_a_name_joins_the_comment_of_the_file() -> None:
    write("base.js", "window.One = window.Two = 1;\n")
    assert mended(write("a.js", "/* globals a, b:true */\nf(One);\n"))[0] == "/* globals a, b:true, One */\nf(One);\n"
    assert mended(write("a.js", "/*global a -- b*/\nf(One);\n"))[0] == "/*global a, One -- b*/\nf(One);\n"


@pytest.mark.parametrize(
    "header",
    ["#!/usr/bin/env node\n", "/*! Copyright */\n", "// Licence: MIT\n// more\n", "/** Of it all. */\n\n", "\ufeff"],
)
def test_the_comment_stands_below_the_header(header: str) -> None:
    write("base.js", "window.One = 1;\n")
    file = write("a.js", f"{header}'use strict';\nf(One);\n")
    assert first(file) == f"{header}/* global One */\n'use strict';\nf(One);\n"


def test_the_comment_does_not_part_a_function_from_its_own() -> None:
    write("base.js", "window.One = 1;\n")
    file = write("a.js", "/** Does it. */\nfunction a() { return One; }\n")
    assert first(file) == "/* global One */\n/** Does it. */\nfunction a() { return One; }\n"


def test_an_import_goes_before_a_comment() -> None:
    write("a.js", "import One from 'one';\nwindow.One = One;\n")
    file = write("b.js", "import x from 'x';\nx(One);\n")
    assert [way.title for way in ways(file)[0]] == [
        "Import `One` from 'one', as a.js does",
        "Declare `One`, which a.js provides",
    ]


# ------------------------------------------------------------------ slips


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("function a(value) { return vlaue; }\n", "value"),
        ("const items = []; f(itms);\n", "items"),
        ("f(documnt.title);\n", "document"),
        ("f(consle.log); const console2 = 1;\n", "console"),
    ],
)
def test_a_slip_of_the_fingers_becomes_what_was_meant(text: str, right: str) -> None:
    file = write("a.js", text)
    assert [way.title for way in ways(file)[0]] == [f"Write `{right}`"]


@pytest.mark.parametrize(
    "text",
    [
        "const item1 = 1; f(item2);\n",
        "const cat = 1; f(cut);\n",
        "const value = 1, valve = 2; f(valne);\n",  # two of them
        "{ const value = 1; } f(vlaue);\n",  # out of scope
        "const Items = 1; f(items);\n",
        "const value = 1; f({ vlaue });\n",
        "const value = 1; f(vlaue, vlaue);\n",  # as often as the other
    ],
)
def test_other_words_are_no_slips(text: str) -> None:
    assert ways(write("a.js", text))[0] == ()


def test_what_stands_in_another_file_is_no_slip() -> None:
    write("b.js", "g(o.vlaue);\n")
    assert ways(write("a.js", "const value = 1; f(vlaue);\n")) == [()]


# ------------------------------------------------------------------ forgotten declarations


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("function a() { x = f(); return x; }\n", "function a() { const x = f(); return x; }\n"),
        ("function a() { x = f(); x++; }\n", "function a() { let x = f(); x++; }\n"),
        ("x = f();\ng(x);\n", "const x = f();\ng(x);\n"),
        ("for (i = 0; i < 9; i++) g(i);\n", "for (let i = 0; i < 9; i++) g(i);\n"),
        ("for (k in f) g(k);\n", "for (const k in f) g(k);\n"),
        ("for (k of f) { k += 1; g(k); }\n", "for (let k of f) { k += 1; g(k); }\n"),
        ("for (i = 0, n = 9; i < n; i++) g(i);\n", "for (let i = 0, n = 9; i < n; i++) g(i);\n"),
        (
            "var a;\nfor (i = 0; i < a; i++);\nfor (i = 0; i < a; i++);\n",
            "var a;\nfor (var i = 0; i < a; i++);\nfor (var i = 0; i < a; i++);\n",
        ),
    ],
)
def test_an_assignment_becomes_a_declaration(text: str, after: str) -> None:
    assert mended(write("a.js", text))[0] == after


@pytest.mark.parametrize(
    "text",
    [
        "function a() { x = f(); }\n",  # for somebody else
        "function a() { x = f(); } function b() { return x; }\n",
        "g(x); x = f(); g(x);\n",
        "if (f) { x = 1; } g(x);\n",
        "if (f) x = 1; g(x);\n",
        "x += 1; g(x);\n",
        "for (i = 0; i < 9; i++) g(i); g(i);\n",
        "for (i = 0, n = 9; i < 9; i++) g(i); g(n);\n",
        "a = b = f(); g(b);\n",
    ],
)
def test_an_assignment_stays_one_where_it_is_seen_elsewhere(text: str) -> None:
    assert mended(write("a.js", text))[0] == text


def test_a_name_that_another_file_means_is_left_to_it() -> None:
    write("b.js", "function x(x) { return x; }\n")
    file = write("a.js", "function a() { x = f(); g(x); }\n")
    assert mended(file)[0] == "function a() { const x = f(); g(x); }\n"
    write("b.js", "if (g(x)) { f(); }\n")
    assert mended(file)[0] == file.text.decode()


def test_what_the_top_of_a_file_assigns_to_may_be_for_any_other() -> None:
    file = write("a.js", "Shop = {};\nShop.f = f;\n")
    assert mended(file)[0] == "const Shop = {};\nShop.f = f;\n"
    write("b.js", "function b(Shop) { return Shop; }\n")
    assert mended(file)[0] == file.text.decode()
    assert ways(write("a.js", "__boot__ = f();\ng(__boot__);\n")) == [(), ()]


# ------------------------------------------------------------------ the project


def test_a_repository_is_read_as_git_lists_it(repository: Repository) -> None:
    write("sub/base.js", "window.One = 1;\n")
    write(".gitignore", "ignored\n")
    write("ignored/base.js", "window.Two = 1;\n")
    file = write("other/a.js", "f(One, Two);\n")
    assert [[way.title for way in some] for some in ways(file)] == [["Declare `One`, which sub/base.js provides"], []]


def test_links_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "base.js").write_text("window.One = 1;\n")
    try:
        os.symlink(tmp_path / "outside", "linked", target_is_directory=True)
        os.symlink(tmp_path / "outside" / "base.js", "linked.js")
    except OSError:
        pytest.skip("no symbolic links here")
    assert ways(write("a.js", "f(One);\n")) == [()]


@pytest.mark.parametrize(
    "data",
    [
        b"window.One = 1;\0",
        b"window.One = 1;" + b" " * (1 << 20),
        b"window.One = '" + b"x" * 20_000 + b"';",
        b"// @generated\nwindow.One = 1;",
        b"\xff\xfewindow.One = 1;",
    ],
)
def test_what_nobody_wrote_says_nothing(data: bytes) -> None:
    Path("base.js").write_bytes(data)
    assert ways(write("a.js", "f(One);\n")) == [()]


@pytest.mark.parametrize(
    "unit",
    [
        "{ One ",
        "(One ",
        "import One ",
        "function ",
        "<script ",
        "globals: {",
        "frameworks: [",
        "One = ",
        "[",
        "['One.js",
    ],
)
@pytest.mark.parametrize("path", ["base.js", "page.html", "karma.conf.js", "package.json"])
def test_what_never_ends_is_given_up(path: str, unit: str) -> None:
    write(path, "One\n" + f"{unit}\n" * (100_000 // len(unit)))
    file = write("a.js", "One = f;\ng(One);\n")
    ways(file)
    write("b.mjs", "import x from 'x';\nx(One);\n")
    ways(write("c.mjs", "import x from 'x';\nx(One);\n"))


@pytest.mark.parametrize("text", ["window.One = (((\n", "}}}} export import One from\n", "var One = `${\n", "\x00"])
def test_a_broken_file_does_no_harm(text: str) -> None:
    write("base.js", text)
    ways(write("a.js", "f(One);\n"))


def test_no_more_is_read_than_the_limits_allow() -> None:
    for number in range(5):
        write(f"{number}.js", f"window.N{number} = 1;\n")
    limited = Project(os.getcwd(), Limits(files=2))
    assert [limited.providers(f"N{number}", "x.js") for number in range(5)] == [["0.js"], ["1.js"], [], [], []]
    assert Project(os.getcwd(), Limits(bytes=20)).providers("N1", "x.js") == []
    assert Project(os.getcwd(), Limits(parsed=1)).providers("N0", "x.js") == ["0.js"]


def test_the_answer_does_not_depend_on_the_order_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        write(f"d{number % 3}/{number}.js", f"import t from 'm{number % 2}';\nwindow.W = 1;\n")
    file = write("a.js", "import a from 'a';\na(t, W);\n")
    expected = ways(file)
    listed = os.scandir

    class Backwards:
        def __init__(self, path: str) -> None:
            with listed(path) as scan:
                self.entries = list(scan)[::-1]

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Backwards)
    assert ways(file) == expected
    assert [len(some) for some in expected] == [1, 1]


def test_the_project_is_not_read_for_other_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("a.js", "f(x);\n")
    monkeypatch.setattr(Project, "_texts", property(lambda _: pytest.fail("it was read")))
    other = Reported("eslint", "no-empty", "", "a.js", Span(2, 3))
    assert candidates(file, (other,), Settings(os.getcwd()), projects=Projects()) == [()]
