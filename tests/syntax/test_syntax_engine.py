"""What does not parse, and what is offered to mend it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from thea_hook.core.finding import Applicability, Finding
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, language_of
from thea_hook.fixer import fix_until_stable
from thea_hook.languages import oracle
from thea_hook.languages.oracle import Answer, Verdict, judge
from thea_hook.ruleset.engine import ActiveRule
from thea_hook.ruleset.loader import load
from thea_hook.syntax.engine import SyntaxEngine
from thea_hook.syntax.search import search

EXTENSIONS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")


def source(text: str, path: str = "case.js") -> SourceFile:
    language = language_of(path)
    assert language is not None
    return SourceFile(path, text.encode("utf-8", "surrogatepass"), language)


def engine(*rule_ids: str, **changes: bool) -> SyntaxEngine:
    """The engine with these rules, or with all."""
    rules = [rule for rule in load().values() if not rule_ids or rule.id in rule_ids]
    return SyntaxEngine([ActiveRule.of(rule, **changes) for rule in rules])


def check(text: str, path: str = "case.js") -> list[Finding]:
    return sorted(engine().check(source(text, path)), key=lambda finding: finding.sort_key)


def repairs(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.rule_id != "syntax-error"]


def fix(text: str, path: str = "case.js", least: Applicability = Applicability.SAFE) -> str:
    all_rules = engine()
    fixed = fix_until_stable(source(text, path), lambda file, _: list(all_rules.check(file)), least=least)
    return fixed.file.text.decode("utf-8", "surrogatepass")


@pytest.fixture
def without_full_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "_binary", lambda: None)
    monkeypatch.setattr(oracle, "_typescript", lambda: None)


# ------------------------------------------------------------------ the syntax error


@pytest.mark.parametrize("ending", EXTENSIONS)
def test_a_broken_file_has_one_syntax_error(ending: str) -> None:
    [finding] = check("f();\nif (a { b(); }\n", f"a{ending}")
    assert finding.rule_id == "syntax-error"
    assert finding.category == "syntax"
    assert finding.confidence == 1.0
    assert source("f();\nif (a { b(); }\n").position(finding.span.start).line == 2


def test_the_message_and_the_related_places_are_those_of_the_parser() -> None:
    [finding] = check("function f() {\n  g();\n")
    assert "`}`" in finding.message
    assert [place.start for place in finding.related] == [13]


@pytest.mark.parametrize("ending", EXTENSIONS)
def test_a_file_that_parses_is_not_spoken_of(ending: str) -> None:
    assert check("const a = 'x = = y', b = `“${a}”`; // esle ；\nf([,,], a);\n", f"a{ending}") == []


@pytest.mark.parametrize(
    "text",
    [
        "interface Box<in out T> { value: T }",
        "export type * from 'a';",
        "export { a } from 'a' with { type: 'json' };",
        "let a: import('b').C<string>;",
        "for (using a of b) f(a);",
        "abstract class A { abstract accessor a: string }",
        "class A { static [key: string]: string }",
        "class A { @(decorators[0]) a = 1 }",
        "import defer * as a from 'a';",
    ],
)
def test_a_gap_of_the_grammar_is_neither_an_error_nor_repaired(text: str) -> None:
    assert check(f"{text}\nlet cosnt = 1, b = - -c;\n", "case.ts") == []


def test_type_annotations_in_javascript_are_less_certain_and_not_repaired() -> None:
    [finding] = check("function f(a: number): void { g(a); }\n")
    assert finding.rule_id == "syntax-error"
    assert finding.confidence < 0.6


@pytest.mark.usefixtures("without_full_parser")
def test_without_a_second_parser_nothing_is_certain_and_nothing_is_safe() -> None:
    findings = check("if (a = = b) f();\n")
    assert {finding.rule_id for finding in findings} == {"syntax-error", "no-spaced-operators"}
    assert all(finding.confidence <= 0.6 for finding in findings)
    assert [finding.fix.applicability for finding in findings if finding.fix] == [Applicability.UNSAFE]
    assert fix("if (a = = b) f();\n") == "if (a = = b) f();\n"


# ------------------------------------------------------------------ repairs


@pytest.mark.parametrize("ending", EXTENSIONS)
def test_every_kind_of_file_is_repaired(ending: str) -> None:
    assert fix("const f = (a) = > { fucntion_(a); };\n", f"a{ending}") == "const f = (a) => { fucntion_(a); };\n"


def test_a_repair_keeps_the_syntax_error_beside_it() -> None:
    assert [finding.rule_id for finding in check("if (a = = b) f();\n")] == ["no-spaced-operators", "syntax-error"]


def test_several_mistakes_are_repaired_together() -> None:
    text = "improt {a} form “b”;\nif (a = = 1 & & b) f（a）;\nesle g();\n"
    assert fix(text) == 'import {a} from "b";\nif (a == 1 && b) f(a);\nelse g();\n'


def test_line_ends_and_the_byte_order_mark_stay() -> None:
    assert fix("\ufeffif (a = = b)\r\n  f(“é”);\r\n") == '\ufeffif (a == b)\r\n  f("é");\r\n'


@pytest.mark.parametrize(
    "untouched",
    [
        "const s = 'a = = b “c” ；';",
        'const s = "esle (a,, b)";',
        "const t = `= = ${f(`“x” = >`)} esle`;",
        "const r = /[“”] = =/u;",
        "/* retrun = = “x” */ f();",
        "f(); // a = = b ； esle",
    ],
)
def test_strings_templates_patterns_and_comments_stay(untouched: str) -> None:
    assert fix(f"{untouched} if (a = = b) f();\n{untouched}\n") == (
        f"{untouched} if (a == b) f();\n{untouched}\n"
        if "//" not in untouched
        else f"{untouched} if (a = = b) f();\n{untouched}\n"
    )


def test_jsx_text_stays() -> None:
    text = "const view = <p title=“a” onClick={() = > f()}>it's “b”, c = = d, esle；</p>;\n"
    fixed = 'const view = <p title="a" onClick={() => f()}>it\'s “b”, c = = d, esle；</p>;\n'
    assert fix(text, "case.tsx") == fixed
    assert fix(text, "case.jsx") == fixed


def test_code_in_a_template_is_repaired() -> None:
    assert fix("const t = `= = ${a ? ? b} esle`;\n") == "const t = `= = ${a ?? b} esle`;\n"


def test_names_that_look_like_misspelt_keywords_stay() -> None:
    text = "const form = 1, cosnt = 2;\ncosnt(form);\nif (a = = form) cosnt(form);\n"
    assert fix(text, least=Applicability.UNSAFE) == text.replace("= =", "==")


def test_a_misspelling_that_may_be_a_name_is_not_safe() -> None:
    [slip] = repairs(check("functon f() {}\n"))
    assert slip.fix is not None
    assert slip.fix.applicability is Applicability.UNSAFE


def test_what_stays_broken_is_repaired_in_part_and_not_safe() -> None:
    findings = check("if (a = = b) f();\nif (c { d(); }\n")
    [partial] = repairs(findings)
    assert partial.fix is not None
    assert partial.fix.applicability is Applicability.UNSAFE
    assert partial.confidence < 1
    assert fix("if (a = = b) f();\nif (c { d(); }\n") == "if (a = = b) f();\nif (c { d(); }\n"


def test_a_guess_does_not_make_a_mechanical_repair_beside_it_safe() -> None:
    findings = repairs(check("f(a,, b);\nif (a = = b) f();\n"))
    assert {finding.rule_id for finding in findings} == {"no-doubled-punctuation", "no-spaced-operators"}
    assert {finding.fix.applicability for finding in findings if finding.fix} == {Applicability.UNSAFE}


def test_two_ways_out_are_shown_and_neither_is_taken() -> None:
    file = source("a = = = b;\n")
    rules = [ActiveRule.of(load()["no-spaced-operators"])]

    def lenient(files: Sequence[SourceFile]) -> list[Verdict]:
        return [Verdict(Answer.PARSES, (), "oxlint")] * len(files)

    repaired = search(file, judge([file])[0], rules, lenient)
    assert repaired.steps == ()
    assert {step.text for step in repaired.alternatives} == {b"a == = b;\n", b"a === b;\n", b"a = == b;\n"}


def test_what_no_rule_knows_is_left_alone() -> None:
    for text in ("f(a b);\n", "if (a {\n", "const = 1;\n", "a = ;\n", "class {\n", "x = 'abc\n"):
        assert repairs(check(text)) == [], text


def test_a_rule_that_is_off_repairs_nothing() -> None:
    found = list(engine("no-smart-quotes").check(source("if (a = = b) f();\n")))
    assert [finding.rule_id for finding in found] == ["syntax-error"]


def test_a_rule_may_report_without_fixing() -> None:
    findings = [f for f in engine(fixable=False).check(source("if (a = = b) f();\n")) if f.rule_id != "syntax-error"]
    assert [(finding.rule_id, finding.fix) for finding in findings] == [("no-spaced-operators", None)]


def test_edits_lie_in_the_original_text() -> None:
    text = "if (a = = b & & c ! = = d | | e) f(. . .g);\n"
    findings = repairs(check(text))
    edits = [edit for finding in findings if finding.fix for edit in finding.fix.edits]
    assert apply_edits(text.encode(), edits) == b"if (a == b && c !== d || e) f(...g);\n"
    assert [text[slice(*finding.span)] for finding in findings] == ["= =", "& &", "! = =", "| |", ". . ."]


# ------------------------------------------------------------------ merge conflicts


def test_every_conflict_is_reported_wherever_the_parsers_stop() -> None:
    conflict = "<<<<<<< HEAD\nf(1);\n=======\nf(2);\n>>>>>>> topic\n"
    text = "function a() {\n" + conflict + "}\n" + "g();\n" * 50 + conflict
    assert len(repairs(check(text))) == 2
    assert fix(text, least=Applicability.UNSAFE) == text


def test_a_conflict_in_a_template_of_a_file_that_parses_is_text() -> None:
    assert check("const merge = `\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n`;\n") == []


def test_a_conflict_points_at_all_its_markers() -> None:
    text = "<<<<<<< HEAD\nf(1);\n=======\nf(2);\n>>>>>>> topic\n"
    [finding] = repairs(check(text))
    assert [text[slice(*place)] for place in (finding.span, *finding.related)] == ["<" * 7, "=" * 7, ">" * 7]


# ------------------------------------------------------------------ hostile text


@pytest.mark.parametrize(
    "text",
    [
        "= = " * 20_000,
        "“" * 20_000,
        "f(a,, b);\n" * 2_000,
        "((" * 10_000,
        "esle " * 20_000,
        "`${" * 5_000,
        "<<<<<<< a\n" * 5_000,
        "\x00" * 10_000,
        "if (a = = b) f();\n" * 500,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_is_answered_in_time(text: str) -> None:
    assert any(finding.rule_id == "syntax-error" for finding in check(text))
