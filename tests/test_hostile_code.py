"""Code that nobody writes: every rule runs on it, and the run ends in findings or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thea_hook import check_paths
from thea_hook.checking import Checker
from thea_hook.core.finding import Applicability
from thea_hook.core.source import LANGUAGES, Language, SourceFile
from thea_hook.errors import ParseTimeout
from thea_hook.fixer import Fixed, fix_until_stable, syntax_errors
from thea_hook.languages import grammars
from thea_hook.languages.grammars import Module
from thea_hook.settings import Settings

CHECKER = Checker(Settings(root=".", select=("all",), confidence=0.0))

DEEP = 10_000
NESTED = {
    "parentheses": ("x = ", "(", "1", ")"),
    "brackets": ("x = ", "[", "", "]"),
    "braces": ("", "{", "", "}"),
    "objects": ("x = ", "{a:", "1", "}"),
    "functions": ("", "function f(){", "", "}"),
    "arrows": ("x = ", "()=>{", "", "}"),
    "classes": ("", "class A{m(){", "", "}}"),
    "conditions": ("", "if(a){", "", "}"),
    "else-if": ("if(a){}", "else if(b){}", "", ""),
    "ternaries": ("x = ", "a?b:", "c", ""),
    "calls": ("x = ", "f(", "", ")"),
    "sums": ("x = ", "a+", "b", ""),
    "negations": ("x = ", "!", "a", ""),
    "members": ("x = a", ".b", "", ""),
    "templates": ("x = ", "`${", "1", "}`"),
    "elements": ("x = ", "<a>", "", "</a>"),
    "tries": ("", "try{", "", "}catch{}"),
    "patterns": ("let ", "[", "a", "] = b"),
    "open parentheses": ("x = ", "(", "", ""),
    "open braces": ("", "{", "", ""),
    "open templates": ("", "`${", "", ""),
}


def fix(file: SourceFile) -> Fixed:
    return fix_until_stable(file, lambda text, _: CHECKER.check(text).findings, least=Applicability.UNSAFE)


@pytest.mark.parametrize("name", NESTED)
def test_ten_thousand_levels_end_without_an_exception(name: str) -> None:
    head, opening, middle, closing = NESTED[name]
    text = f"{head}{opening * DEEP}{middle}{closing * DEEP};\n".encode()
    file = SourceFile("deep.js", text, "javascript")
    fixed = fix(file)
    assert syntax_errors(fixed.file) <= syntax_errors(file)


@pytest.mark.parametrize("text", [b"x=" + b"!" * DEEP + b"a", b"class A{m(){" * DEEP + b"}}" * DEEP])
def test_a_tree_that_is_too_deep_is_left_alone(text: bytes) -> None:
    assert Module(SourceFile("deep.js", text, "javascript")).is_too_deep


# Nothing but words in a row, on which the error recovery of the TSX grammar goes on for two minutes.
ENDLESS = (
    b"`  Object.assign arguments case arguments ` : type super static = { set /a in string ` eval instanceof "
    b"Math.pow : void <T> !!  finally 0 return do @dec [ interface label: from from for ... throw ) , get ..."
)


def test_a_parse_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammars, "PARSE_SECONDS", 0.05)
    with pytest.raises(ParseTimeout):
        grammars.parse(ENDLESS, "tsx")
    assert not grammars.parse(b"f(1);", "tsx").root_node.has_error


def test_a_file_that_cannot_be_parsed_in_time_is_skipped_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(grammars, "PARSE_SECONDS", 0.05)
    monkeypatch.chdir(tmp_path)
    Path("endless.tsx").write_bytes(ENDLESS)
    Path("fine.tsx").write_bytes(b"debugger;\n")
    report = check_paths(["."], select=["no-debugger"])
    assert report.skipped == {"too broken to parse": 1}
    assert [finding.rule_id for result in report.results for finding in result.findings] == ["no-debugger"]


def test_two_right_fixes_are_not_made_together_where_that_is_wrong() -> None:
    file = SourceFile("case.ts", b"let a: number | undefined = undefined;\nuse(a);\n", "typescript")
    assert fix(file).file.text == b"const a: number | undefined = undefined;\nuse(a);\n"


def test_long_code_is_not_deep_code() -> None:
    text = b"".join(
        b"function f%d(a) { if (a) { return [a, { b: a }]; } return f%d(a); }\n" % (i, i) for i in range(3000)
    )
    assert not Module(SourceFile("long.js", text, "javascript")).is_too_deep


@pytest.mark.parametrize(
    "text",
    [
        b"x = '" + b"a" * 1_000_000 + b"';",
        b"f(" + b"a," * 100_000 + b"b);",
        b"a();" * 50_000,
        b";" * 100_000,
        b"\n" * 500_000,
        b"/*" + b"*" * 500_000,
        b"x = /" + b"(" * 5_000 + b"/;",
        b"x = 1" + b"0" * 100_000 + b";",
        b"// thea-ignore " + b"a," * 100_000,
        b"\xef\xbb\xbf",
        b"",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_long_and_empty_texts_end_without_an_exception(text: bytes) -> None:
    file = SourceFile("long.js", text, "javascript")
    again = fix(fix(file).file)
    assert again.applied == ()


ODD = ["\u2028", "\u00a0", "\u201c", "\U0001f600", "\r\n", "\n", "//", "/*", "'use strict'"]
WORDS = (
    "var let const x y == === = + - ** ! !! ( ) [ ] { } ; , . ?. ?? ? : => ... 'a' `c` `${x}` /a b/g if else for while "
    "do switch case default break return throw try catch finally function async await class extends super this new "
    "typeof delete in of null undefined true NaN 0 010 1n import export from as type interface enum <T> <div> </div> "
    "#p static get yield debugger arguments -0"
)
FRAGMENTS = st.sampled_from([*WORDS.split(), *ODD])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(FRAGMENTS, max_size=30), st.sampled_from(sorted(LANGUAGES.items())))
def test_fixes_never_break_a_text_and_a_second_fix_changes_nothing(
    words: list[str], kind: tuple[str, Language]
) -> None:
    ending, language = kind
    file = SourceFile(f"case{ending}", " ".join(words).encode(), language)
    fixed = fix(file)
    assert syntax_errors(fixed.file) <= syntax_errors(file)
    assert fix(fixed.file).file.text == fixed.file.text
